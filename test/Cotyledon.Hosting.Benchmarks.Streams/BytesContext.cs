using System.Text.Json.Serialization;

namespace Cotyledon.Hosting.Benchmarks;

[JsonSerializable(typeof(ReadOnlyMemory<byte>))]
internal sealed partial class BytesContext : JsonSerializerContext;
