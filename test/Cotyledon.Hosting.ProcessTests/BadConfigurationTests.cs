namespace Cotyledon.Hosting.ProcessTests;

/// <summary>An invalid edit changes nothing that runs, and the next valid edit is applied.</summary>
public class BadConfigurationTests
{
    private const string Rejected = "The new configuration was rejected";

    [TestCase("""{ "Cotyledon": { "Services": { "heavy": { "Workers": -1 } } } }""", "Cotyledon:Services:heavy:Workers is -1 in appsettings.json; it must be from 0 to 10000.")]
    [TestCase("""{ "Cotyledon": { "Services": { "heavy": { "Workers": "abc" } } } }""", "Cotyledon:Services:heavy:Workers is 'abc' in appsettings.json; it must be a whole number.", Category = "Long")]
    [TestCase("""{ "Cotyledon": { "Services": { "heavy": { "Workers": null } } } }""", "Cotyledon:Services:heavy:Workers is null in appsettings.json; it must be a whole number.", Category = "Long")]
    [TestCase("""{ "Cotyledon": { "Services": { "heavy": { "Workers": 2, "ReloadMethod": "Perhaps" } } } }""", "Cotyledon:Services:heavy:ReloadMethod is 'Perhaps' in appsettings.json; it must be one of Auto, Restart, None.")]
    [TestCase("""{ "Value": "one" }""", "The section Cotyledon was removed.")]
    [TestCase("""{ "Cotyledon": { "Services": { } } }""", "The section Cotyledon:Services was removed.", Category = "Long")]
    [TestCase("""{ "Value": "half", "Cotyledon": { "Serv""", "appsettings.json")]
    [TestCase("", "appsettings.json")]
    [Category("Guarantee 6")]
    public async Task Invalid_edit_logs_one_error_and_the_next_valid_edit_is_applied(string bad, string message)
    {
        await using var app = Settings.Start(Settings.Text("one", heavy: 1), "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        var settings = new Settings(app.Directory);

        // By rename: a file that is seen between its truncation and its text is an error of its own.
        settings.Replace(bad);
        await app.UntilAsync(() => app.Output.Contains(Rejected), "the error");
        app.Command("errors");
        Assert.That((await app.WaitForAsync("errors")).Detail, Does.Contain(message));
        Assert.That(app.Output, Does.Contain(message));
        Assert.That(Linux.ChildrenOf(app.ProcessId), Has.Count.EqualTo(1));

        settings.Replace(Settings.Text("one", heavy: 2));
        await app.WaitForReadyAsync("heavy", 1);
        app.Command("errors");
        Assert.That((await app.WaitForAsync(2, "errors"))[1].Detail, Is.Empty);
        await app.StopAsync();
        Assert.That(app.Output.Split(Rejected), Has.Length.EqualTo(2), "one error");
        Assert.That(app.Trace.Count(t => t.Is("reload") || t.Is("hook-reload")), Is.Zero);
    }

    [Test, Category("Guarantee 6")]
    public async Task Deleted_file_changes_nothing_until_it_is_restored()
    {
        await using var app = Settings.Start(Settings.Text("one"), "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        await app.WaitForReadyAsync("heavy", 1);
        var settings = new Settings(app.Directory);
        File.Delete(settings.File);
        await app.UntilAsync(() => app.Output.Contains("The section Cotyledon was removed."), "the error");
        settings.Write(Settings.Text("two"));
        await app.WaitForAsync(2, "reload", "heavy");
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("init")), Is.EqualTo(2));
    }

    [Test]
    public async Task Worker_started_while_the_file_is_invalid_gets_the_valid_configuration()
    {
        await using var app = Settings.Start(Settings.Text("good", heavy: 1), "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        new Settings(app.Directory).Write(Settings.Text("bad", heavy: -1));
        await app.UntilAsync(() => app.Output.Contains(Rejected), "the error");
        Linux.Send(await app.WaitForReadyAsync("heavy", 0), Linux.Kill);
        var worker = await app.WaitForReadyAsync("heavy", 0, incarnation: 2);
        new Settings(app.Directory).Write(Settings.Text("good", heavy: 1));
        await app.UntilAsync(
            () => app.Trace.Last(t => t.What is "init" or "reload" && t.ProcessId == worker).Detail == "good",
            "the valid configuration in the worker");
    }

    [Test, Category("Guarantee 6")]
    public async Task Worker_sent_sighup_does_not_load_an_invalid_file()
    {
        await using var app = Settings.Start(Settings.Text("good", heavy: 1), "--Light", "-1");
        await app.WaitForReadyAsync("heavy", 0);
        new Settings(app.Directory).Write(Settings.Text("bad", heavy: -1));
        await app.UntilAsync(() => app.Output.Contains(Rejected), "the error");
        var worker = await app.WaitForReadyAsync("heavy", 0);
        Linux.Send(worker, Linux.Hangup);
        await app.UntilAsync(() => app.Output.Split(Rejected).Length > 2, "a second error");
        Assert.That(app.Trace.Where(t => t.Is("reload")).Select(t => t.Detail), Has.None.EqualTo("bad"));
    }

    [Test, Category("Guarantee 6")]
    public async Task Reload_of_an_invalid_file_is_rejected_with_the_error_and_changes_no_worker()
    {
        await using var app = Settings.Start(Settings.Text("one"), "--Cotyledon:ReloadOnChange", "false");
        await app.WaitForAllReadyAsync();
        new Settings(app.Directory).Write(Settings.Text("two", heavy: -5));
        app.Command("reload");
        Assert.That((await app.WaitForAsync("result")).Detail, Does.StartWith("Rejected ").And.Contain("Workers is -5"));
        await app.StopAsync();
        Assert.That(app.Trace.Count(t => t.Is("reload") || t.Is("hook-reload")), Is.Zero);
    }

    [Test]
    public async Task Master_notifies_systemd_of_the_begin_and_end_of_each_reload_even_if_rejected()
    {
        using var systemd = new NotifySocket();
        await using var app = TestProgram.Start(
            start =>
            {
                start.Environment["NOTIFY_SOCKET"] = systemd.Address;
                File.WriteAllText(new Settings(start.WorkingDirectory).File, Settings.Text("one"));
            },
            "--Cotyledon:ReloadOnChange", "false");
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("READY=1"));
        foreach (var workers in (int[])[2, -1])
        {
            new Settings(app.Directory).Write(Settings.Text("two", workers));
            app.Signal(Linux.Hangup);
            Assert.That(systemd.ReceiveAnnouncement(), Does.Match("^RELOADING=1\nMONOTONIC_USEC=[0-9]+$"));
            Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("READY=1"));
        }

        app.Signal(Linux.Terminate);
        Assert.That(systemd.ReceiveAnnouncement(), Is.EqualTo("STOPPING=1"));
        await app.WaitForExitAsync();
    }
}
