using System.Diagnostics;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>Faults that last until they are ended. Each is noted as <c>on</c> and, when it has ended, as <c>off</c>.</summary>
internal sealed class LastingFaults(MasterRun run, string executable)
{
    public const string BrokenLogFile = "full";

    private readonly Dictionary<string, Action> _endings = [];

    /// <summary>Notes that the settings file is invalid from now on.</summary>
    public void BeginSpoiling() => Begin("do-spoil", () => { });

    public bool IsSpoilt => _endings.ContainsKey("do-spoil");

    /// <summary>Makes starts fail. The error differs from EAGAIN, but the master handles all failed starts alike.</summary>
    public void BreakExecutable()
    {
        Begin("do-break", () => Linux.MakeExecutable(executable, true));
        Linux.MakeExecutable(executable, false);
    }

    /// <summary>Leaves room for a few descriptors only. The runtime of a worker raises its own limit again.</summary>
    public void LimitDescriptors(int room)
    {
        var master = run.MasterId;
        var (limit, highest) = (Linux.DescriptorsOf(master) + room, Linux.DescriptorLimitOf(master));
        Begin("do-limit", () => SetLimit(highest), $" {limit}");
        SetLimit(limit);
    }

    /// <summary>Leaves room for a few processes and threads only, where this machine can limit them.</summary>
    public void LimitProcesses(int room)
    {
        if (PidsGroup.TryCreate([run.MasterId, .. Linux.ChildrenOf(run.MasterId)]) is { } group)
        {
            Begin("do-limit-processes", group.Dispose, $" {group.Count + room}");
            group.SetLimit(group.Count + room);
        }
    }

    /// <summary>
    /// Makes a log provider throw in master and workers, as on a full disk. Not while the master starts: the host and Kestrel write log entries then, and
    /// do not start if a log provider throws.
    /// </summary>
    public void BreakLog()
    {
        if (!run.Program.Output.Contains("Application started.", StringComparison.Ordinal))
        {
            return;
        }

        var file = Path.Combine(run.Program.Directory, BrokenLogFile);
        Begin("do-break-log", () => File.Delete(file));
        File.WriteAllText(file, "");
    }

    public void Stop(int processId)
    {
        if (processId > 0)
        {
            run.Signal(processId, Linux.Stop);
            _endings.TryAdd($"do-signal {processId}", () => run.Signal(processId, Linux.Continue));
        }
    }

    public void End(string what)
    {
        if (_endings.Remove(what, out var end))
        {
            end();
            if (!what.Contains(' '))
            {
                run.Notes.Add(what, detail: "off");
            }
        }
    }

    /// <summary>Ends one of the faults.</summary>
    public void EndOne(double which)
    {
        var candidates = _endings.Keys.Where(k => k != "do-spoil").Order().ToList();
        if (candidates.Count > 0)
        {
            End(candidates[(int)(which * candidates.Count)]);
        }
    }

    /// <summary>Ends all faults except an invalid file, which a valid edit ends.</summary>
    public void EndAll() => _endings.Keys.Where(k => k != "do-spoil").ToList().ForEach(End);

    private void Begin(string what, Action end, string detail = "")
    {
        run.Notes.Add(what, detail: $"on{detail}");
        _endings[what] = _endings.TryGetValue(what, out var earlier) ? earlier + end : end;
    }

    private void SetLimit(int soft)
    {
        // The process id may have been reused.
        if (run.Program.Processes().Contains(run.MasterId))
        {
            using var prlimit = Process.Start("prlimit", [$"--pid={run.MasterId}", $"--nofile={soft}:"]);
            prlimit.WaitForExit();
        }
    }
}
