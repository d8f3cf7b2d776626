using Cotyledon.Hosting.Serilog.Levels;
using Cotyledon.Hosting.Serilog.Wire;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>What the master knows of one worker's log: who it is, its texts, the levels that it was told. Used by one thread at a time.</summary>
internal sealed class WorkerStream
{
    private const byte NotTold = byte.MaxValue;

    private readonly LevelTable _levels;
    private readonly Action<LogIdentity, long> _onLost;
    private readonly EventReader _reader;
    private readonly FrameSplitter _splitter;
    private readonly List<byte> _told = [];
    private LogIdentity _identity = new(0);

    public WorkerStream(LevelTable levels, TemplateCache templates, Action<LogIdentity, long> onLost)
    {
        _levels = levels;
        _onLost = onLost;
        _reader = new EventReader(templates);
        _splitter = new FrameSplitter(OnFrame);
        foreach (var category in levels.All)
        {
            Tell(category);
        }
    }

    /// <summary>What the worker is to be told.</summary>
    public LevelNotes Notes { get; } = new();

    /// <summary>Writes the events that have come.</summary>
    /// <exception cref="Exception">The worker does not speak this language: whatever its bytes lead to.</exception>
    public void Feed(ReadOnlySpan<byte> bytes) => _splitter.Feed(bytes);

    /// <summary>Tells the worker of the levels that have changed since it was told.</summary>
    public void TellChanges()
    {
        for (var i = 0; i < _told.Count; i++)
        {
            var category = _levels.All[i];
            if (_told[i] != NotTold && _told[i] != category.Level)
            {
                Tell(category);
            }
        }
    }

    private void Tell(Category category)
    {
        while (_told.Count <= category.Index)
        {
            _told.Add(NotTold);
        }

        _told[category.Index] = category.Level;
        Notes.Add(category);
    }

    private void OnFrame(FrameKind kind, FrameFields fields)
    {
        switch (kind)
        {
            case FrameKind.Event:
                Write(_reader.Read(fields));
                break;
            case FrameKind.Define:
                _reader.Define(fields);
                break;
            case FrameKind.Identity:
                _identity = ReadIdentity(fields);
                break;
            case FrameKind.Category:
                Answer(fields.Text());
                break;
            case FrameKind.Lost:
                _onLost(_identity, (long)fields.Number());
                break;
            default:
                throw new InvalidDataException($"A worker sent a frame of kind {(byte)kind}, which is unknown.");
        }
    }

    private static LogIdentity ReadIdentity(FrameFields fields)
    {
        var (service, workerId, incarnation, processId) =
            (fields.Text(), (int)fields.Signed(), (int)fields.Signed(), (int)fields.Signed());
        return service.Length == 0 ? new LogIdentity(processId) : new LogIdentity(service, workerId, incarnation, processId);
    }

    private void Answer(string name)
    {
        var category = _levels.Of(name);
        if (category.Index > 0)
        {
            category.Refresh();
            Tell(category);
        }
    }

    private void Write(LogEvent logEvent)
    {
        _identity.AddTo(logEvent);
        var category = logEvent.Properties.TryGetValue(Constants.SourceContextPropertyName, out var value)
            && value is ScalarValue { Value: string name }
            ? _levels.Of(name)
            : _levels.Root;
        try
        {
            // The root logger would drop what the category lets through.
            category.Logger.Write(logEvent);
        }
        catch (Exception e)
        {
            // Only an audit sink throws, and whom it is meant for is in another process.
            SelfLog.WriteLine("An event that a worker has forwarded could not be written: {0}", e);
        }
    }
}
