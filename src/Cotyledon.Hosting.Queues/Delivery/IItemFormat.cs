using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Cotyledon.Hosting.Queues.Delivery;

/// <summary>Converts items to bytes and back.</summary>
internal interface IItemFormat<T>
    where T : notnull
{
    /// <exception cref="ArgumentNullException">The item is null.</exception>
    ReadOnlyMemory<byte> Write(T item);

    bool TryRead(ReadOnlyMemory<byte> body, [MaybeNullWhen(false)] out T item, [NotNullWhen(false)] out string? error);
}

/// <summary>Converts items to JSON and back.</summary>
internal sealed class JsonFormat<T>(JsonTypeInfo<T> type) : IItemFormat<T>
    where T : notnull
{
    public ReadOnlyMemory<byte> Write(T item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return JsonSerializer.SerializeToUtf8Bytes(item, type);
    }

    public bool TryRead(ReadOnlyMemory<byte> body, [MaybeNullWhen(false)] out T item, [NotNullWhen(false)] out string? error)
    {
        try
        {
            item = JsonSerializer.Deserialize(body.Span, type);
            error = item is null ? "The item is null." : null;
            return item is not null;
        }
        catch (Exception e)
        {
            // The exception need not come from the serializer: a constructor, a setter or a converter of the program can throw any exception.
            item = default;
            error = e.Message;
            return false;
        }
    }
}

/// <summary>Stores bytes without conversion.</summary>
internal sealed class BytesFormat : IItemFormat<ReadOnlyMemory<byte>>
{
    /// <summary>Copies the bytes: the caller may reuse its memory.</summary>
    public ReadOnlyMemory<byte> Write(ReadOnlyMemory<byte> item) => item.ToArray();

    public bool TryRead(ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> item, [NotNullWhen(false)] out string? error)
    {
        (item, error) = (body, null);
        return true;
    }
}
