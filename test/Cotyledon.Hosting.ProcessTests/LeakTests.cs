namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Guarantee 9: reloads and resizes leak no resources in the master.</summary>
[Category("Long"), Category("Native")]
public class LeakTests
{
    private const int WarmUp = 50;
    private static readonly int Times = TestProgram.IsNative ? 200 : 60;

    [Test, Category("Guarantee 9")]
    public async Task Reloads_leak_no_resources_in_the_master()
    {
        await using var app = Settings.Start(Settings.Text("one", heavy: 1));
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("light", 0);
        var reloads = 0;
        await ReloadAsync(WarmUp);
        var before = await Footprint.OfMasterAsync(app);
        await ReloadAsync(Times);
        (await Footprint.OfMasterAsync(app)).AssertIsNotMoreThan(before);
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("init", "heavy")), Is.EqualTo(1), "reloaded in place");

        async Task ReloadAsync(int times)
        {
            for (var end = reloads + times; reloads < end;)
            {
                if (++reloads % 2 == 0)
                {
                    app.Signal(Linux.Hangup);
                }
                else
                {
                    app.Command("reload");
                }

                await app.WaitForAsync(reloads, "reloaded", "heavy", 0);
                await app.WaitForReadyAsync("light", 0, incarnation: reloads + 1);
            }
        }
    }

    [Test]
    public async Task Resizes_leak_no_resources_in_the_master()
    {
        await using var app = Settings.Start(Settings.Text("one", heavy: 1), "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        var resizes = 0;
        await ResizeAsync(WarmUp);
        var before = await Footprint.OfMasterAsync(app);
        await ResizeAsync(Times);
        (await Footprint.OfMasterAsync(app)).AssertIsNotMoreThan(before);
        await app.StopAsync();

        async Task ResizeAsync(int times)
        {
            for (var end = resizes + times; resizes < end;)
            {
                app.Command(++resizes % 2 == 0 ? "resize heavy 1" : "resize heavy 3");
                await app.UntilAsync(
                    () => app.Trace.Count(t => t.Is("done") && t.Detail.StartsWith("resize", StringComparison.Ordinal)) == resizes,
                    $"resize {resizes}");
            }
        }
    }
}
