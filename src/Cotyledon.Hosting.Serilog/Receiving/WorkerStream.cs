using Cotyledon.Hosting.Serilog.Levels;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Receiving;

/// <summary>
/// The log of one worker in the master: its identity, its texts, and the levels sent to it. Used by one thread at a time.
/// </summary>
internal sealed class WorkerStream
{
    private const byte NotSent = byte.MaxValue;

    /// <summary>The longest name that a service can be registered with.</summary>
    private const int MaxServiceName = 100;

    private readonly LevelTable _levels;
    private readonly ILogLosses _losses;
    private readonly UnreadableFrames _unreadable;
    private readonly EventReader _reader;
    private readonly FrameSplitter _splitter;
    private readonly List<byte> _sentLevels = [];
    private LogIdentity _identity = new(0);

    public WorkerStream(LevelTable levels, TemplateCache templates, ILogLosses losses, TimeProvider clock)
    {
        _levels = levels;
        _losses = losses;
        _unreadable = new UnreadableFrames(clock, (count, error) => losses.OnUnreadable(_identity, count, error));
        _reader = new EventReader(templates);
        _splitter = new FrameSplitter(Limits.MaxFrame, OnFrame);
        foreach (var category in levels.All)
        {
            AddUpdate(category);
        }
    }

    public LevelUpdates Updates { get; } = new();

    /// <summary>Writes the events in <paramref name="bytes"/>. Frames that cannot be read are skipped and counted.</summary>
    /// <returns>False if no more can be read: the length of a frame is out of range, so the start of the next frame is unknown.</returns>
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

    public void Close() => _unreadable.Report();

    /// <summary>Queues the levels that have changed since they were sent to the worker.</summary>
    public void AddChanges()
    {
        for (var i = 0; i < _sentLevels.Count; i++)
        {
            var category = _levels.All[i];
            if (_sentLevels[i] != NotSent && _sentLevels[i] != category.Level)
            {
                AddUpdate(category);
            }
        }
    }

    private void AddUpdate(Category category)
    {
        while (_sentLevels.Count <= category.Index)
        {
            _sentLevels.Add(NotSent);
        }

        _sentLevels[category.Index] = category.Level;
        Updates.Add(category);
    }

    private void OnFrame(byte kind, FieldReader fields)
    {
        try
        {
            Take((FrameKind)kind, fields);
        }
        catch (Exception e)
        {
            // All exceptions, not only those of the decoders: one frame must not end the log of a worker.
            _unreadable.Add(e);
        }
    }

    private void Take(FrameKind kind, FieldReader fields)
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
                Answer(fields.VarText());
                break;
            case FrameKind.Lost:
                _losses.OnDropped(_identity, (long)fields.VarNumber(Limits.MaxDropped));
                break;
            default:
                throw new InvalidDataException($"A worker sent a frame of kind {(byte)kind}, which is unknown.");
        }
    }

    private static LogIdentity ReadIdentity(FieldReader fields)
    {
        var (service, workerId, incarnation, processId) = (fields.VarText(), Number(ref fields), fields.VarSigned(0, long.MaxValue), Number(ref fields));
        if (service.Length > MaxServiceName || service.Any(char.IsControl))
        {
            throw new InvalidDataException("A worker sent a service name that is not valid.");
        }

        return service.Length == 0 ? new LogIdentity(processId) : new LogIdentity(service, workerId, incarnation, processId);
    }

    private static int Number(ref FieldReader fields) => (int)fields.VarSigned(0, int.MaxValue);

    private void Answer(string name)
    {
        var category = _levels.Of(name);
        if (category.Index > 0)
        {
            category.Refresh();
            AddUpdate(category);
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
            // Not the root logger: its level may be higher than that of the category.
            category.Logger.Write(logEvent);
        }
        catch (Exception e)
        {
            // Only audit sinks throw. The code that logged the event cannot get the exception: it runs in another process.
            SafeSelfLog.Write("An event that a worker has forwarded could not be written: {0}", e);
        }
    }
}
