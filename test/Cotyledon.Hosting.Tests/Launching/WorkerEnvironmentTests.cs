using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Launching;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Tests.Launching;

/// <summary>Changes environment variables of this process, and restores them.</summary>
[NonParallelizable]
internal sealed class WorkerEnvironmentTests
{
    private readonly Dictionary<string, string?> _before = [];

    [TearDown]
    public void RestoreVariables()
    {
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    [TestCase("NOTIFY_SOCKET")]
    [TestCase("WATCHDOG_PID")]
    [TestCase("WATCHDOG_USEC")]
    [TestCase("LISTEN_FDS")]
    [TestCase("LISTEN_PID")]
    [TestCase("LISTEN_FDNAMES")]
    [TestCase("SYSTEMD_EXEC_PID")]
    [TestCase("DOTNET_WATCH")]
    [TestCase("DOTNET_WATCH_ITERATION")]
    [TestCase("DOTNET_MODIFIABLE_ASSEMBLIES")]
    [TestCase("DOTNET_HOTRELOAD_NAMEDPIPE_NAME")]
    [TestCase("ASPNETCORE_AUTO_RELOAD_WS_ENDPOINT")]
    [TestCase("ASPNETCORE_AUTO_RELOAD_WS_KEY")]
    [TestCase("ASPNETCORE_AUTO_RELOAD_VDIR")]
    [TestCase(Protocol.ChannelVariable)]
    public void Variables_for_the_master_only_are_removed(string name)
    {
        Set(name, "something");

        Assert.That(Read(), Does.Not.ContainKey(name));
    }

    [TestCase("SOME_VARIABLE_OF_THE_PROGRAM", "größer ✓")]
    [TestCase("ANOTHER_ONE_WITH_EQUALS", "a=b=c")]
    public void Other_variables_are_inherited(string name, string value)
    {
        Set(name, value);

        Assert.That(Read()[name], Is.EqualTo(value));
    }

    [TestCase("DOTNET_CONTENTROOT", "/srv/app")]
    [TestCase("ASPNETCORE_CONTENTROOT", "/srv/app")]
    [TestCase("DOTNET_ENVIRONMENT", "Staging")]
    [TestCase("ASPNETCORE_ENVIRONMENT", "Staging")]
    [TestCase("DOTNET_hostBuilder__reloadConfigOnChange", "false")]
    public void Workers_always_have_the_content_root_and_the_environment_name_of_the_master(string name, string expected)
    {
        Set(name, "something else");

        Assert.That(Read()[name], Is.EqualTo(expected));
    }

    [TestCase("DOTNET_CONTENTROOT", "/srv/master")]
    [TestCase("ASPNETCORE_ENVIRONMENT", null)]
    [TestCase("DOTNET_hostBuilder__reloadConfigOnChange", "true")]
    public void Host_of_a_worker_restores_the_variables_of_the_master(string name, string? original)
    {
        Set(name, original);
        var environment = Read();
        foreach (var variable in HostVariables.Names.SelectMany(n => new[] { n, Original(n) }))
        {
            Set(variable, environment.GetValueOrDefault(variable));
        }

        HostVariables.Restore();

        Assert.That(Environment.GetEnvironmentVariable(name), Is.EqualTo(original));
        Assert.That(Environment.GetEnvironmentVariable(Original(name)), Is.Null);
    }

    [Test]
    public void Host_of_a_worker_keeps_the_variables_of_its_service()
    {
        Set("DOTNET_ENVIRONMENT", "Production");
        var environment = WorkerEnvironment.ForOne(Read(), new Dictionary<string, string?> { ["DOTNET_ENVIRONMENT"] = "Batch", ["DOTNET_CONTENTROOT"] = null });

        Assert.That(environment[Original("DOTNET_ENVIRONMENT")], Is.EqualTo("Batch"));
        Assert.That(environment, Does.Not.ContainKey(Original("DOTNET_CONTENTROOT")));
    }

    [TestCase("/tmp/port", "/tmp/port,nosuspend")]
    [TestCase("/tmp/port,suspend", "/tmp/port,nosuspend")]
    [TestCase("/tmp/a,connect,nosuspend;/tmp/b,listen", "/tmp/a,connect,nosuspend;/tmp/b,listen,nosuspend")]
    public void Workers_do_not_wait_for_a_diagnostic_tool(string ports, string expected)
    {
        Set("DOTNET_DiagnosticPorts", ports);
        Set("DOTNET_DefaultDiagnosticPortSuspend", "1");

        Assert.That(Read()["DOTNET_DiagnosticPorts"], Is.EqualTo(expected));
        Assert.That(Read(), Does.Not.ContainKey("DOTNET_DefaultDiagnosticPortSuspend"));
    }

    [TestCase("DOTNET_gcServer", "0")]
    [TestCase("DOTNET_TC_BackgroundWorkerTimeoutMs", "ffffffff")]
    [TestCase("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0")]
    public void Settings_of_the_runtime_are_set_for_workers_unless_the_master_has_them(string name, string expected)
    {
        Set(name, null);
        Assert.That(Read()[name], Is.EqualTo(expected));

        Set(name, "1");
        Assert.That(Read()[name], Is.EqualTo("1"));
    }

    [TestCase("/sdk/Microsoft.Extensions.DotNetDeltaApplier.dll", null)]
    [TestCase("/a.dll:/sdk/Microsoft.Extensions.DotNetDeltaApplier.dll:/b.dll", "/a.dll:/b.dll")]
    [TestCase("/a.dll", "/a.dll")]
    public void Only_the_startup_hook_of_hot_reload_is_removed(string hooks, string? expected)
    {
        Set("DOTNET_STARTUP_HOOKS", hooks.Replace(':', Path.PathSeparator));

        Assert.That(Read().GetValueOrDefault("DOTNET_STARTUP_HOOKS"), Is.EqualTo(expected?.Replace(':', Path.PathSeparator)));
    }

    private static string Original(string name) => "COTYLEDON_ORIGINAL_" + name;

    private static Dictionary<string, string> Read() => WorkerEnvironment.For(new SomeHost());

    private void Set(string name, string? value)
    {
        _before.TryAdd(name, Environment.GetEnvironmentVariable(name));
        Environment.SetEnvironmentVariable(name, value);
    }

    private sealed class SomeHost : IHostEnvironment
    {
        public string ApplicationName { get; set; } = "app";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();

        public string ContentRootPath { get; set; } = "/srv/app";

        public string EnvironmentName { get; set; } = "Staging";
    }
}
