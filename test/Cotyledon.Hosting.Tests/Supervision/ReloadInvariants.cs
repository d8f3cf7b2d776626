using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Supervision;

/// <summary>What holds of reloads and replacements after every message: none is forgotten, and the numbers of each add up.</summary>
internal sealed class ReloadInvariants(SupervisorState state)
{
    private readonly Dictionary<string, int> _concerned = [];
    private int? _open;
    private bool _mayLoseSlots;

    public void Check(SupervisorMessage message, IReadOnlyList<SupervisorCommand> commands)
    {
        _mayLoseSlots |= state.Phase != SupervisorPhase.Running || commands.Any(c => c is SupervisorCommand.RecordResize);
        if (message is SupervisorMessage.ReloadRequested request)
        {
            Begin(request);
        }

        foreach (var answer in commands.OfType<SupervisorCommand.CompleteReload>())
        {
            CheckAnswer(answer);
        }

        Holds(_open == state.Operation?.Request, $"reload {_open} waits, and the state knows of {state.Operation?.Request}");
        CheckPending();
        if (state.Phase == SupervisorPhase.Running)
        {
            CheckSlots();
        }
    }

    private void Begin(SupervisorMessage.ReloadRequested request)
    {
        Holds(_open is null, "the test has two reloads at a time");
        _open = request.Request;
        _mayLoseSlots = state.Phase != SupervisorPhase.Running;
        _concerned.Clear();
        foreach (var slot in Slots.Where(s => s.Operation is not null && s.Operation == state.Operation))
        {
            _concerned[slot.Service.Name] = _concerned.GetValueOrDefault(slot.Service.Name) + 1;
        }
    }

    private void CheckAnswer(SupervisorCommand.CompleteReload answer)
    {
        Holds(_open == answer.Request, $"reload {answer.Request} is answered, and {_open} waits");
        _open = null;
        foreach (var outcome in answer.Services)
        {
            var sum = outcome.Reloaded + outcome.Replaced + outcome.Failures.Count;
            var concerned = _concerned.GetValueOrDefault(outcome.Service);
            Holds(
                sum == concerned || (_mayLoseSlots && sum < concerned),
                $"{concerned} workers of {outcome.Service} were concerned, and {sum} have an outcome");
        }

        Holds(
            _mayLoseSlots || answer.Services.Count == _concerned.Count,
            $"{_concerned.Count} services were concerned, and {answer.Services.Count} are in the answer");
    }

    private void CheckPending()
    {
        if (state.Operation is { } operation)
        {
            var pending = Slots.Count(s => s.Operation == operation);
            Holds(operation.Pending == pending, $"the reload waits for {operation.Pending} slots, and {pending} know of it");
            Holds(pending > 0, "a reload that waits for nobody is not answered");
        }
    }

    /// <summary>Whoever has to change has something that will change it.</summary>
    private void CheckSlots()
    {
        foreach (var slot in Slots)
        {
            if (slot is not { IsInTarget: true, Process: { IsOnItsWayOut: false } process })
            {
                continue;
            }

            Holds(
                !slot.WantsReplacement || slot.Successor is { IsUnwanted: false } || slot.Service.Replacements.Contains(slot),
                $"the replacement of {slot.Service.Name}({slot.WorkerId}) is forgotten");
            Holds(
                slot.Operation is null || !process.Works || process.IsReloading || slot.WantsReplacement,
                $"the reload waits for {slot.Service.Name}({slot.WorkerId}), which has nothing to do for it");
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
