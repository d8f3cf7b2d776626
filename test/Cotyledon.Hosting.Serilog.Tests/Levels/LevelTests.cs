using Cotyledon.Hosting.Serilog.Levels;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Tests.Levels;

public class LevelTests
{
    private readonly List<string> _requested = [];

    [Test]
    public void A_category_has_the_level_of_its_logger_and_Refresh_detects_changes()
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
    public void Refresh_allocates_no_memory()
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
    public void The_number_of_kept_categories_is_limited()
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
    public void A_worker_requests_a_category_once_and_allows_all_levels_until_the_answer()
    {
        var levels = new WorkerLevels(_requested.Add);
        var cell = levels.Of("A");
        Assert.That(levels.Of("A"), Is.SameAs(cell));
        Assert.That(cell.Allows(LogEventLevel.Verbose));

        SendLevels(levels, ("A", 3), ("B", 1), ("", 4));

        Assert.That((cell.Allows(LogEventLevel.Information), cell.Allows(LogEventLevel.Warning)), Is.EqualTo((false, true)));
        Assert.That((levels.Root.Allows(LogEventLevel.Warning), levels.Root.Allows(LogEventLevel.Error)), Is.EqualTo((false, true)));
        Assert.That(levels.Of("B").Allows(LogEventLevel.Verbose), Is.False);
        Assert.That(_requested, Is.EqualTo(new[] { "A" }), "the level of B has arrived without a request");
    }

    [Test]
    public void A_category_that_is_off_allows_no_level()
    {
        var levels = new WorkerLevels(_requested.Add);
        SendLevels(levels, ("A", 6));

        Assert.That(levels.Of("A").Allows(LogEventLevel.Fatal), Is.False);
    }

    [Test]
    public void Categories_beyond_the_limit_allow_all_levels()
    {
        var levels = new WorkerLevels(_requested.Add);
        for (var i = 0; i < Limits.MaxCategories + 10; i++)
        {
            levels.Of($"Category {i}");
        }

        SendLevels(levels, ("Unknown", 5), ("Category 7", 5));

        Assert.That(_requested, Has.Count.EqualTo(Limits.MaxCategories));
        Assert.That(levels.Of("One more").Allows(LogEventLevel.Verbose));
        Assert.That(levels.Of("Category 7").Allows(LogEventLevel.Error), Is.False);
    }

    private static void SendLevels(WorkerLevels levels, params (string Category, byte Level)[] sent)
    {
        var frame = new FrameWriter().Begin(FrameKind.Levels);
        foreach (var (category, level) in sent)
        {
            frame.VarText(category).Byte(level);
        }

        levels.Take(new FieldReader(frame.End()[FrameSplitter.HeaderSize..]));
    }
}
