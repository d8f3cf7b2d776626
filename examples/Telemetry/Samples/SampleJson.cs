using System.Text.Json.Serialization;

namespace Telemetry.Samples;

/// <summary>The JSON serialization of samples in the queue, without reflection.</summary>
[JsonSerializable(typeof(Sample))]
internal sealed partial class SampleJson : JsonSerializerContext;
