using System.Text.Json.Serialization;

namespace Telemetry.Samples;

/// <summary>How samples are written into the queue.</summary>
[JsonSerializable(typeof(Sample))]
internal sealed partial class SampleJson : JsonSerializerContext;
