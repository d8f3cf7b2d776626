using System.Diagnostics;
using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Guarantee 10: a change of the wall clock moves no deadline and has no other effect.</summary>
[TestFixture(1)]
[TestFixture(-1, Category = "Long")]
public class WallClockTests(int days)
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    // For a machine under load; a deadline that follows the wall clock would be wrong by a day.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(6);

    private readonly TimeSpan _jump = TimeSpan.FromDays(days);
    private readonly WallClock _clock = new();

    [Test, Category("Guarantee 10")]
    public async Task Change_of_the_wall_clock_does_not_change_the_graceful_timeout()
    {
        await using var app = TestProgram.Start(
            _clock.GiveTo, "--Heavy", "3", "--Script:heavy:Terminate", "clock gate clock hang",
            "--Cotyledon:GracefulShutdownTimeout", $"{Deadline}");
        await app.WaitForAllReadyAsync();
        var stopped = await app.WaitForReadyAsync("heavy", 2);
        var asked = Now();
        app.Command("resize heavy 1");
        var told = await app.WaitForAsync("clock", "heavy", 1);
        await app.WaitForAsync("clock", "heavy", 2);

        // One worker exits itself at its deadline; the master must kill the paused one.
        Linux.Send(stopped, Linux.Stop);
        await JumpAsync(app, "resize light 1");
        File.WriteAllText(Path.Combine(app.Directory, "gate"), "");
        for (var id = 1; id <= 2; id++)
        {
            AssertIsBetween((await app.WaitForAsync("hook-dead", "heavy", id)).Time, asked + Deadline, told.Time + Deadline + Slack);
        }

        AssertHasJumped(told, app.Trace.Last(t => t.Is("clock", "heavy", 1)));
        AssertNothingElseHappened(app, exits: 2);

        // A timeout that begins after the jump.
        asked = Now();
        await app.StopAsync(exitCode: 1);
        told = app.Trace.First(t => t.Is("clock", "heavy", 0));
        AssertIsBetween(app.Trace.Single(t => t.Is("hook-dead", "heavy", 0)).Time, asked + Deadline, told.Time + Deadline + Slack);
        Assert.That(app.Trace.Where(t => t.Is("hook-dead", "heavy")).Select(t => t.Detail), Is.All.StartsWith("StopTimeout "));
    }

    [Test, Category("Guarantee 10")]
    public async Task Change_of_the_wall_clock_does_not_change_the_back_off()
    {
        await using var app = TestProgram.Start(
            _clock.GiveTo, "--Script:light:Run", "throw@3",
            "--Cotyledon:Services:light:RestartBackoff", $"{Deadline}", "--Cotyledon:Services:light:MaxRestartBackoff", $"{Deadline}");
        await app.WaitForAsync(2, "hook-dead", "light");
        await JumpAsync(app, "resize heavy 2");

        // The jump is within the first back-off and before the second.
        for (var incarnation = 2; incarnation <= 3; incarnation++)
        {
            var crash = await app.WaitForAsync("run", "light", 0, incarnation);
            var dead = await app.WaitForAsync("hook-dead", "light", 0, incarnation);
            await app.WaitForAsync("start", "light", 0, incarnation + 1);
            var next = app.Trace.First(t =>
                t.Is("event", "light", 0) && t.Detail.StartsWith("Started ", StringComparison.Ordinal) && t.Time > dead.Time);
            var delay = double.Parse(dead.Detail.Split("next=")[1].Split(' ')[0], CultureInfo.InvariantCulture) * OneSecond;
            Assert.That(delay, Is.GreaterThan(Deadline / 2));
            AssertIsBetween(next.Time, crash.Time + delay, dead.Time + delay + Slack);
        }

        await app.WaitForReadyAsync("light", 0, incarnation: 4);
        AssertNothingElseHappened(app, exits: 3);
        await app.StopAsync();
    }

    [Test, Category("Guarantee 10")]
    public async Task Change_of_the_wall_clock_does_not_change_the_liveness_timeout()
    {
        await using var app = TestProgram.Start(
            _clock.GiveTo, "--Cotyledon:Services:heavy:LivenessTimeout", $"{Deadline}", "--Cotyledon:Services:heavy:GracefulShutdownTimeout", $"{Deadline}");
        await app.WaitForAllReadyAsync();
        var paused = Now();
        Linux.Send(await app.WaitForReadyAsync("heavy", 1), Linux.Stop);
        await JumpAsync(app, "resize light 2");

        // The last heartbeat came up to a quarter of the timeout before the pause. A paused worker cannot stop, so the master kills it at the end
        // of its time to stop, which is as long as the liveness timeout.
        var dead = await app.WaitForAsync("hook-dead", "heavy", 1);
        Assert.That(dead.Detail, Does.StartWith("LivenessTimeout "));
        AssertIsBetween(dead.Time, paused + (Deadline * 1.75), paused + (Deadline * 2.25) + Slack);
        await app.WaitForReadyAsync("heavy", 1, incarnation: 2);
        AssertNothingElseHappened(app, exits: 1);
        await app.StopAsync();
    }

    [Test, Category("Guarantee 10")]
    public async Task Change_of_the_wall_clock_does_not_change_the_ready_timeout()
    {
        var (begin, timeout) = (Now(), 2 * Slack);
        await using var app = TestProgram.Start(
            _clock.GiveTo, "--Heavy", "1", "--Script:heavy:Constructor", "hang@1", "--Cotyledon:Services:heavy:ReadyTimeout", $"{timeout}");
        await app.WaitForReadyAsync("light", 0);
        var hangs = await app.WaitForAsync("act", "heavy", 0, 1);
        await JumpAsync(app, "resize light 2");

        var dead = await app.WaitForAsync("hook-dead", "heavy", 0);
        Assert.That(dead.Detail, Does.StartWith("ReadyTimeout "));
        AssertIsBetween(dead.Time, begin + timeout, hangs.Time + timeout + Slack);
        await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        AssertNothingElseHappened(app, exits: 1);
        await app.StopAsync();
    }

    private static TimeSpan Now() => Stopwatch.GetElapsedTime(0);

    private static void AssertIsBetween(TimeSpan time, TimeSpan earliest, TimeSpan latest)
    {
        TestContext.Out.WriteLine(
            $"{(time - earliest).TotalMilliseconds:F0} ms after the earliest, {(latest - time).TotalMilliseconds:F0} ms before the latest time");
        Assert.That(time, Is.GreaterThanOrEqualTo(earliest).And.LessThanOrEqualTo(latest));
    }

    /// <summary>Sets the clock and sends a command, so that the supervisor reads the clock.</summary>
    private async Task JumpAsync(TestProgram app, string command)
    {
        app.Command("clock");
        await app.WaitForAsync(1, "clock", "-");
        _clock.Set(_jump);
        app.Command("clock");
        var clocks = await app.WaitForAsync(2, "clock", "-");
        AssertHasJumped(clocks[0], clocks[1]);
        app.Command(command);
        await app.UntilAsync(() => app.Trace.Any(t => t.Is("done") && t.Detail == command), command);
    }

    /// <summary>Asserts that the wall clock of the process has moved by the jump more than the monotonic clock.</summary>
    private void AssertHasJumped(TraceLine before, TraceLine after)
    {
        var wall = WallTimeOf(after) - WallTimeOf(before);
        Assert.That(wall - (after.Time - before.Time), Is.EqualTo(_jump).Within(OneSecond));
    }

    private static DateTime WallTimeOf(TraceLine line) =>
        DateTime.Parse(line.Detail, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);

    private static void AssertNothingElseHappened(TestProgram app, int exits)
    {
        Assert.That(app.Trace.Count(t => t.Is("hook-dead")), Is.EqualTo(exits), app.Describe);
        Assert.That(app.Trace.Where(t => t.Is("reload") || t.Is("hook-reload")), Is.Empty, app.Describe);
    }
}
