using Cotyledon.Hosting.ProcessTests.Chaos.Guarantees;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>Each check of a guarantee finds a breach in a history written for it.</summary>
public class GuaranteeTests
{
    [Test]
    public void Correct_history_breaks_no_guarantee() => Assert.That(Evaluate(ScriptedHistory.Good), Is.Empty);

    [Test]
    public void Correct_end_of_a_killed_master_breaks_no_guarantee() => Assert.That(
        Evaluate(ScriptedHistory.WithKill("6.1 602 terminate heavy 0 2\n6.1 603 terminate heavy 1 2\n6.3 500 saw-gone - -1 5")), Is.Empty);

    [TestCase(1, "0.9 700 violation heavy 0 1 held", TestName = "{m}(lock)")]
    [TestCase(1, "1.55 600 run heavy 0 1", TestName = "{m}(presence)")]
    [TestCase(1, "1.7 500 event heavy 0 3 Assigned 700", TestName = "{m}(assignment)")]
    [TestCase(1, "1.7 500 event heavy 2 1 Assigned 700", TestName = "{m}(id)")]
    [TestCase(2, "2.9 500 saw-unsettled - -1 2 children=", TestName = "{m}(unsettled)")]
    [TestCase(2, "2.9 500 saw-settled - -1 2 question=1 children=601 zombies= givenup= spares=0", TestName = "{m}(child)")]
    [TestCase(2, "2.5 700 run shaky 0 1\n2.9 500 saw-settled - -1 2 question=1 children=601,602,700 zombies= givenup= spares=1", TestName = "{m}(no spare)")]
    [TestCase(2, "2.9 500 saw-settled - -1 2 question=1 children=601,602 zombies= givenup= spares=1", TestName = "{m}(spare)")]
    [TestCase(2, "2.9 500 saw-settled - -1 2 question=1 children=601,602 zombies=600 givenup= spares=0", TestName = "{m}(zombie)")]
    [TestCase(2, "2.9 500 saw-settled - -1 2 question=7 children=601,602 zombies= givenup= spares=0", TestName = "{m}(no report)")]
    [TestCase(3, "7.3 700 born - -1 0 725", TestName = "{m}(start)")]
    [TestCase(3, "6.2 500 hook-terminate - -1 0", TestName = "{m}(twice)")]
    [TestCase(3, "6.6 0 saw-left - -1 5 700", TestName = "{m}(left)")]
    [TestCase(3, "5.9 500 saw-death - -1 5", TestName = "{m}(death)")]
    [TestCase(5, "3.25 500 event heavy 0 2 Stopping 602\n3.28 500 hook-dead heavy 0 2 Replaced code=0 signal= pid=602 next=0", TestName = "{m}(away)")]
    [TestCase(5, "3.1 500 event heavy 0 2 Exited 602 Signaled code= signal=9", TestName = "{m}(missing)")]
    [TestCase(6, "4.5 602 reload heavy 0 2 bad1", TestName = "{m}(taken)")]
    [TestCase(6, "4.5 500 event heavy 0 2 Stopping 602", TestName = "{m}(touched)")]
    [TestCase(6, "5.4 602 reload heavy 0 2 good1", TestName = "{m}(missed)")]
    [TestCase(7, "0.5 0 do-ask - -1 0 9", TestName = "{m}(silence)")]
    [TestCase(7, "0.5 0 do-ask - -1 0 9\n5.9 500 reported - -1 0 9", TestName = "{m}(late)")]
    [TestCase(7, "6.6 500 saw-view - -1 5 top failed: exit code 3", TestName = "{m}(viewer)")]
    [TestCase(7, "6.6 500 saw-view - -1 5 page", TestName = "{m}(viewer saw nothing)")]
    [TestCase(8, "1.2 500 hook-dead heavy 0 1 Signaled code= signal=9 pid=600 next=0", TestName = "{m}(two records)")]
    [TestCase(8, "2.9 500 event heavy 0 0 Started 700", TestName = "{m}(no record)")]
    [TestCase(9, "5.7 500 saw-size - -1 4 workers=2 descriptors=80 threads=20 kib=30000", TestName = "{m}(descriptors)")]
    [TestCase(9, "5.7 500 saw-size - -1 4 workers=2 descriptors=66 threads=40 kib=30000", TestName = "{m}(threads)")]
    [TestCase(9, "5.7 500 saw-size - -1 4 workers=2 descriptors=66 threads=20 kib=90000", TestName = "{m}(memory)")]
    public void Additional_line_breaks_the_guarantee(int guarantee, string more) =>
        Assert.That(Broken($"{ScriptedHistory.Good}\n{more}"), Does.Contain(guarantee));

    [Test]
    public void Viewer_may_fail_while_descriptors_are_limited() => Assert.That(
        Broken($"{ScriptedHistory.Good}\n6.1 500 do-limit - -1 5 on 90\n6.6 500 saw-view - -1 5 page failed: refused"), Does.Not.Contain(7));

    [Test]
    public void Question_may_be_answered_late_if_the_driver_asked_nothing_else_for_seconds() => Assert.That(
        Broken($"{ScriptedHistory.Good}\n0.5 0 do-ask - -1 0 9\n5.4 0 do-ask - -1 0 10\n5.9 500 reported - -1 0 9"), Does.Not.Contain(7));

    [TestCase(2, "0:Ready:2:602 1:Ready:1:601", "0:Ready:2:602 1:Pending:1:", TestName = "{m}(pending)")]
    [TestCase(2, "0 2 0:Ready:2:602 1:Ready:1:601", "0 3 0:Ready:2:602 1:Ready:1:601 2:Ready:1:604", TestName = "{m}(target)")]
    [TestCase(3, "6.5  500 saw-exit     - -1 5 0", "6.5 500 saw-exit - -1 5 4", TestName = "{m}(exit code)")]
    [TestCase(3, "6.5  500 saw-exit     - -1 5 0", "6.5 500 saw-exit - -1 5 134", TestName = "{m}(aborted)")]
    [TestCase(3, "6.5  500 saw-exit", "26.5 500 saw-exit", TestName = "{m}(too long)")]
    public void Changed_line_breaks_the_guarantee(int guarantee, string line, string instead)
    {
        var history = ScriptedHistory.Good.Replace(line, instead);
        Assert.That(history, Is.Not.EqualTo(ScriptedHistory.Good));
        Assert.That(Broken(history), Is.EqualTo((int[])[guarantee]));
    }

    [Test]
    public void Spare_worker_breaks_no_guarantee() => Assert.That(
        Evaluate($"{ScriptedHistory.Good}\n2.5 700 main-worker - -1 0\n2.9 500 saw-settled - -1 2 question=1 children=601,602,700 zombies= givenup= spares=1"),
        Is.Empty);

    [TestCase("6.1 602 terminate heavy 0 2\n6.1 603 terminate heavy 1 2\n13.9 500 saw-gone - -1 5", TestName = "{m}(late)")]
    [TestCase("6.1 602 terminate heavy 0 2\n6.1 603 terminate heavy 1 2\n8.0 500 saw-gone - -1 5 603", TestName = "{m}(left)")]
    [TestCase("6.1 602 terminate heavy 0 2\n6.3 500 saw-gone - -1 5", TestName = "{m}(not gracefully)")]
    public void Orphans_break_the_fourth_guarantee(string end) =>
        Assert.That(Broken(ScriptedHistory.WithKill(end)), Is.EqualTo((int[])[4]));

    [TestCase("Stopped code=0 signal=")]
    [TestCase("Stopped code= signal=9")]
    [TestCase("Replaced code=1 signal=")]
    [TestCase("Replaced code=0 signal=")]
    [TestCase("Terminated code=0 signal=")]
    [TestCase("Exited code=0 signal=")]
    [TestCase("Faulted code=2 signal=")]
    [TestCase("Faulted code=0 signal=")]
    [TestCase("Signaled code= signal=11")]
    [TestCase("Signaled code= signal=")]
    [TestCase("StopTimeout code=1 signal=")]
    [TestCase("ReadyTimeout code= signal=9")]
    [TestCase("FastStop code= signal=9")]
    [TestCase("Whatever code=0 signal=")]
    public void Exit_reason_without_a_cause_breaks_the_eighth_guarantee(string record)
    {
        // Without the signal, no fault had affected worker 0 before.
        var history = ScriptedHistory.Good
            .Replace("1.0  600 do-signal    - -1 1 9", "")
            .Replace("Signaled code= signal=9 pid=600", $"{record} pid=600");
        Assert.That(Broken(history), Is.EqualTo((int[])[8]));
    }

    [TestCase("Faulted code=2 signal=")]
    [TestCase("Exited code=0 signal=")]
    public void Exit_record_that_omits_a_kill_breaks_the_eighth_guarantee(string record) => Assert.That(
        Broken(ScriptedHistory.Good.Replace("Signaled code= signal=9 pid=600", $"{record} pid=600")), Is.EqualTo((int[])[8]));

    /// <summary>When two processes start for one worker id, the second to connect is not needed.</summary>
    [Test]
    public void Blank_successor_can_be_killed_after_a_restart_request()
    {
        Assert.That(Evaluate($"{ScriptedHistory.Good}\n{Killed("3.")}"), Is.Empty);
        Assert.That(Broken($"{ScriptedHistory.Good}\n{Killed("2.")}"), Is.EqualTo((int[])[8]));

        static string Killed(string second) =>
            $"{second}05 500 event heavy 0 0 Started 700\n{second}10 500 event heavy 0 0 Killed 700\n"
            + $"{second}15 500 event heavy 0 0 Exited 700 Replaced code= signal=9\n"
            + $"{second}15 500 hook-dead heavy 0 0 Replaced code= signal=9 pid=700 next=0";
    }

    [Test]
    public void Replacement_without_a_cause_breaks_the_eighth_guarantee()
    {
        const string cause = "3.0    0 do-reload    - -1 3 restart heavy";
        Assert.That(ScriptedHistory.Good, Does.Contain(cause));
        Assert.That(Broken(ScriptedHistory.Good.Replace(cause, "")), Is.EqualTo((int[])[8]));
        Assert.That(Evaluate(ScriptedHistory.Good.Replace(cause, "3.0 0 do-edit - -1 3 good1")), Is.Empty);
        Assert.That(
            Broken(ScriptedHistory.Good.Replace(cause, "2.5 0 do-spoil - -1 3 on\n3.0 0 do-spoil - -1 3 off")), Is.EqualTo((int[])[8]), "a bad file is none");
    }

    [Test]
    public void Failed_start_without_a_cause_breaks_the_eighth_guarantee()
    {
        const string failed = "1.15 500 hook-dead heavy 0 0 StartFailed code= signal= pid= next=1";
        Assert.That(Broken($"{ScriptedHistory.Good}\n{failed}"), Is.EqualTo((int[])[8]));
        Assert.That(Evaluate($"{ScriptedHistory.Good}\n1.0 0 do-break - -1 0 on\n1.2 0 do-break - -1 0 off\n{failed}"), Is.Empty);
    }

    [Test]
    public void Description_of_a_breach_contains_step_and_lines()
    {
        var history = ScriptedHistory.Parse($"{ScriptedHistory.Good}\n4.5 602 reload heavy 0 2 bad1");
        var text = Guarantee.FindBreaches(history)[0].Describe(history);
        Assert.That(text, Does.StartWith("Guarantee 6, step 4: ").And.Contain("reload").And.Contain("bad1"));
    }

    [Test]
    public void Same_seed_produces_the_same_steps() => Assert.That(
        Scenario.Create(7, 50, Terms.Services(isWatched: true)).Select(s => s.ToString()), Is.EqualTo(Scenario.Create(7, 50, Terms.Services(isWatched: true)).Select(s => s.ToString())));

    private static IReadOnlyList<int> Broken(string history) => [.. Evaluate(history).Select(b => b.Guarantee).Distinct()];

    private static IReadOnlyList<Breach> Evaluate(string history) => Guarantee.FindBreaches(ScriptedHistory.Parse(history));
}
