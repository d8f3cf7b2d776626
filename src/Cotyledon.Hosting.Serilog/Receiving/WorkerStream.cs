using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Serilog.Levels;
using Cotyledon.Hosting.Serilog.Wire;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>What the master knows of one worker's log: who it is, its texts, the levels that it was told. Used by one thread at a time.</summary>
internal sealed class WorkerStream
{
    private const byte NotTold = byte.MaxValue;

    /// <summary>The longest name that a service can be registered with.</summary>
    private const int MaxServiceName = 100;

    private readonly LevelTable _levels;
    private readonly ILogLosses _losses;
    private readonly UnreadableFrames _unreadable;
    private readonly EventReader _reader;
    private readonly FrameSplitter _splitter;
    private readonly List<byte> _told = [];
    private LogIdentity _identity = new(0);

    public WorkerStream(LevelTable levels, TemplateCache templates, ILogLosses losses, TimeProvider clock)
    {
        _levels = levels;
        _losses = losses;
        _unreadable = new UnreadableFrames(clock, (count, error) => losses.OnUnreadable(_identity, count, error));
        _reader = new EventReader(templates);
        _splitter = new FrameSplitter(OnFrame);
        foreach (var category in levels.All)
        {
            Tell(category);
        }
    }

    /// <summary>What the worker is to be told.</summary>
    public LevelNotes Notes { get; } = new();

    /// <summary>Writes the events that have come. Frames that cannot be read are skipped and counted.</summary>
    /// <returns>
    /// Whether more can be read. After a frame whose length is out of range the start of the next frame is unknown.
    /// </returns>
    public bool Feed(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _splitter.Feed(bytes);
            return true;
        }
        catch (InvalidDataException e)
        {
            _losses.OnClosed(_identity, e);
            return false;
        }
    }

    /// <summary>The stream has come to its end.</summary>
    public void Close() => _unreadable.Report();

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
        try
        {
            Take(kind, fields);
        }
        catch (Exception e)
        {
            // Not only what the decoders throw: one frame is not worth the log of a worker.
            _unreadable.Add(e);
        }
    }

    private void Take(FrameKind kind, FrameFields fields)
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
                _losses.OnDropped(_identity, (long)fields.Number(Limits.MaxDropped));
                break;
            default:
                throw new InvalidDataException($"A worker sent a frame of kind {(byte)kind}, which is unknown.");
        }
    }

    private static LogIdentity ReadIdentity(FrameFields fields)
    {
        var (service, workerId, incarnation, processId) = (fields.Text(), Number(ref fields), fields.Signed(0, long.MaxValue), Number(ref fields));
        if (service.Length > MaxServiceName || service.Any(char.IsControl))
        {
            throw new InvalidDataException("A worker's log has a service whose name is not valid.");
        }

        return service.Length == 0 ? new LogIdentity(processId) : new LogIdentity(service, workerId, incarnation, processId);
    }

    private static int Number(ref FrameFields fields) => (int)fields.Signed(0, int.MaxValue);

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
            SafeSelfLog.Write("An event that a worker has forwarded could not be written: {0}", e);
        }
    }
}
