using System.Text.Json.Serialization;

namespace Telemetry.Samples;

/// <summary>Serializes samples for the queue.</summary>
[JsonSerializable(typeof(Sample))]
internal sealed partial class SampleJson : JsonSerializerContext;
