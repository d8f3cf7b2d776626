using Cotyledon.Hosting.Serilog.Levels;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>
/// The level changes to be sent to a worker, and the bytes of a frame that were not sent yet. A category that changes again before it is
/// sent is sent once.
/// </summary>
internal sealed class LevelUpdates
{
    /// <summary>The number of characters in category names after which a frame ends.</summary>
    private const int FrameSize = 32 * 1024;

    private readonly Dictionary<string, Category> _categories = [];
    private readonly FrameWriter _writer = new();
    private byte[] _bytes = [];
    private int _sent;

    public bool IsEmpty => _categories.Count == 0 && _sent == _bytes.Length;

    public void Add(Category category) => _categories[category.Name] = category;

    /// <summary>Returns the bytes to send next, or no bytes if everything was sent.</summary>
    public ReadOnlySpan<byte> Next()
    {
        if (_sent == _bytes.Length)
        {
            (_bytes, _sent) = (Write(), 0);
        }

        return _bytes.AsSpan(_sent);
    }

    public void Advance(int count) => _sent += count;

    private byte[] Write()
    {
        if (_categories.Count == 0)
        {
            return [];
        }

        _writer.Begin(FrameKind.Levels);
        var size = 0;
        foreach (var (name, category) in _categories)
        {
            _writer.VarText(name).Byte(category.Level);
            _categories.Remove(name);
            size += name.Length;
            if (size > FrameSize)
            {
                break;
            }
        }

        return _writer.End().ToArray();
    }
}
