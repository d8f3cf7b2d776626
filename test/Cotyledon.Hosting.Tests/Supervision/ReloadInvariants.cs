using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>The invariants of reloads and replacements: each one makes progress, and its counts add up.</summary>
internal sealed class ReloadInvariants(SupervisorState state)
{
    private readonly Dictionary<string, int> _affected = [];
    private int? _open;
    private bool _mayLoseSlots;

    public void Check(SupervisorMessage message, IReadOnlyList<SupervisorCommand> commands)
    {
        _mayLoseSlots |= state.Phase != SupervisorPhase.Running || commands.Any(c => c is SupervisorCommand.RecordScale or SupervisorCommand.RecordGrant);
        if (message is SupervisorMessage.ReloadRequested request)
        {
            Begin(request, commands);
        }

        foreach (var answer in commands.OfType<SupervisorCommand.CompleteReload>())
        {
            CheckAnswer(answer);
        }

        Holds(_open == state.Operation?.Request, $"reload {_open} is open, but the state has {state.Operation?.Request}");
        CheckPending();
        if (state.Phase == SupervisorPhase.Running)
        {
            CheckSlots();
        }
    }

    private void Begin(SupervisorMessage.ReloadRequested request, IReadOnlyList<SupervisorCommand> commands)
    {
        Holds(_open is null, "the test has two reloads at a time");
        _open = request.Request;
        _mayLoseSlots = state.Phase != SupervisorPhase.Running;
        _affected.Clear();
        var pending = Slots.Where(s => s.Operation is not null && s.Operation == state.Operation).Select(s => s.Service.Name);
        var settledAtOnce = commands.OfType<SupervisorCommand.RecordProgress>().Select(p => p.Step?.Service).OfType<string>();
        foreach (var service in pending.Concat(settledAtOnce))
        {
            _affected[service] = _affected.GetValueOrDefault(service) + 1;
        }
    }

    private void CheckAnswer(SupervisorCommand.CompleteReload answer)
    {
        Holds(_open == answer.Request, $"reload {answer.Request} is answered, but {_open} is open");
        _open = null;
        foreach (var outcome in answer.Services)
        {
            var sum = outcome.Reloaded + outcome.Replaced + outcome.Failures.Count;
            var affected = _affected.GetValueOrDefault(outcome.Service);
            Holds(
                sum == affected || (_mayLoseSlots && sum < affected),
                $"{affected} workers of {outcome.Service} were affected, but {sum} have an outcome");
        }

        Holds(
            _mayLoseSlots || answer.Services.Count == _affected.Count,
            $"{_affected.Count} services were affected, but {answer.Services.Count} are in the answer");
    }

    private void CheckPending()
    {
        if (state.Operation is { } operation)
        {
            var pending = Slots.Count(s => s.Operation == operation);
            Holds(operation.Pending == pending, $"the reload waits for {operation.Pending} slots, but {pending} belong to it");
            Holds(pending > 0, "a reload without pending slots is not answered");
        }
    }

    /// <summary>Every slot that must change has a pending step that changes it.</summary>
    private void CheckSlots()
    {
        foreach (var slot in Slots)
        {
            if (slot is not { IsInTarget: true, Process: { IsLeaving: false } process })
            {
                continue;
            }

            Holds(
                !slot.Replacement.IsWanted || slot.Successor is { Departure.IsRequested: false } || slot.Service.Replacements.Contains(slot),
                $"the replacement of {slot.Service.Name}({slot.WorkerId}) is not scheduled");
            Holds(
                slot.Operation is null || !process.Works || process.Reload.IsRunning || slot.Replacement.IsWanted,
                $"the reload waits for {slot.Service.Name}({slot.WorkerId}), which has no pending step");
        }
    }

    private IEnumerable<Slot> Slots => state.Services.SelectMany(s => s.Slots);

    private static void Holds(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new AssertionException(otherwise);
        }
    }
}
