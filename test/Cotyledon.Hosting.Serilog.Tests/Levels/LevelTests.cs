using Cotyledon.Hosting.Serilog.Levels;
using Cotyledon.Hosting.Serilog.Wire;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Tests.Levels;

public class LevelTests
{
    private readonly List<string> _asked = [];

    [Test]
    public void A_category_has_the_level_that_its_logger_has_and_a_look_finds_what_has_changed()
    {
        var level = new LoggingLevelSwitch(LogEventLevel.Error);
        using var log = new LoggerConfiguration().MinimumLevel.Debug().MinimumLevel.Override("Quiet", level).CreateLogger();
        var table = new LevelTable(log);
        var (quiet, loud) = (table.Of("Quiet.One"), table.Of("Loud"));
        Assert.That((table.Root.Level, quiet.Level, loud.Level), Is.EqualTo(((byte)1, (byte)4, (byte)1)));
        Assert.That(table.Refresh(), Is.False);

        level.MinimumLevel = (LogEventLevel)6; // Off
        Assert.That(table.Refresh());
        Assert.That(quiet.Level, Is.EqualTo(6));
        Assert.That(table.Of("Quiet.One"), Is.SameAs(quiet));
    }

    [Test]
    public void A_look_costs_no_memory()
    {
        using var log = new LoggerConfiguration().CreateLogger();
        var table = new LevelTable(log);
        for (var i = 0; i < 100; i++)
        {
            table.Of($"Category {i}");
        }

        table.Refresh();
        var before = GC.GetAllocatedBytesForCurrentThread();
        table.Refresh();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void Categories_without_end_are_not_kept()
    {
        using var log = new LoggerConfiguration().CreateLogger();
        var table = new LevelTable(log);
        for (var i = 0; i < Limits.MaxCategories + 10; i++)
        {
            Assert.That(table.Of($"Category {i}").Level, Is.EqualTo(2));
        }

        Assert.That(table.All, Has.Count.EqualTo(Limits.MaxCategories + 1));
    }

    [Test]
    public void A_worker_asks_for_a_category_once_and_lets_everything_through_until_it_is_told()
    {
        var levels = new WorkerLevels(_asked.Add);
        var cell = levels.Of("A");
        Assert.That(levels.Of("A"), Is.SameAs(cell));
        Assert.That(cell.Allows(LogEventLevel.Verbose));

        Tell(levels, ("A", 3), ("B", 1), ("", 4));

        Assert.That((cell.Allows(LogEventLevel.Information), cell.Allows(LogEventLevel.Warning)), Is.EqualTo((false, true)));
        Assert.That((levels.Root.Allows(LogEventLevel.Warning), levels.Root.Allows(LogEventLevel.Error)), Is.EqualTo((false, true)));
        Assert.That(levels.Of("B").Allows(LogEventLevel.Verbose), Is.False);
        Assert.That(_asked, Is.EqualTo(new[] { "A" }), "B was told of before anybody asked");
    }

    [Test]
    public void A_category_that_is_off_lets_nothing_through()
    {
        var levels = new WorkerLevels(_asked.Add);
        Tell(levels, ("A", 6));

        Assert.That(levels.Of("A").Allows(LogEventLevel.Fatal), Is.False);
    }

    [Test]
    public void Categories_beyond_the_limit_are_left_to_the_master()
    {
        var levels = new WorkerLevels(_asked.Add);
        for (var i = 0; i < Limits.MaxCategories + 10; i++)
        {
            levels.Of($"Category {i}");
        }

        Tell(levels, ("Unknown", 5), ("Category 7", 5));

        Assert.That(_asked, Has.Count.EqualTo(Limits.MaxCategories));
        Assert.That(levels.Of("One more").Allows(LogEventLevel.Verbose));
        Assert.That(levels.Of("Category 7").Allows(LogEventLevel.Error), Is.False);
    }

    private static void Tell(WorkerLevels levels, params (string Category, byte Level)[] told)
    {
        var frame = new FrameWriter().Begin(FrameKind.Levels);
        foreach (var (category, level) in told)
        {
            frame.Text(category).Byte(level);
        }

        levels.Take(new FrameFields(frame.End()[Limits.HeaderSize..]));
    }
}
