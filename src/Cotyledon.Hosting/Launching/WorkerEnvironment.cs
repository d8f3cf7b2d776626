using System.Collections;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Observability;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Launching;

/// <summary>
/// Creates the environment of workers: the environment of the master without the variables that are meant for the master only.
/// </summary>
internal static class WorkerEnvironment
{
    /// <summary>
    /// The variables of systemd for the process that it has started (sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3)), and those of
    /// hot reload, which supports one process only.
    /// </summary>
    private static readonly HashSet<string> MasterOnly = new(StringComparer.OrdinalIgnoreCase)
    {
        "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "SYSTEMD_EXEC_PID",
        "DOTNET_WATCH", "DOTNET_WATCH_ITERATION", "DOTNET_MODIFIABLE_ASSEMBLIES", "DOTNET_HOTRELOAD_NAMEDPIPE_NAME",
        "ASPNETCORE_AUTO_RELOAD_WS_ENDPOINT", "ASPNETCORE_AUTO_RELOAD_WS_KEY", "ASPNETCORE_AUTO_RELOAD_VDIR",
        Protocol.ChannelVariable,
    };

    /// <summary>Windows ignores the case of names: <c>Path</c> and <c>PATH</c> are one variable.</summary>
    private static readonly StringComparer Names =
        OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    private const string StartupHooks = "DOTNET_STARTUP_HOOKS";

    /// <summary>The ports at which tools such as <c>dotnet-trace</c> and <c>dotnet-monitor</c> wait for processes.</summary>
    private const string DiagnosticPorts = "DOTNET_DiagnosticPorts";

    /// <summary>Whether the process waits in its start until a tool resumes it.</summary>
    private const string DiagnosticSuspend = "DOTNET_DefaultDiagnosticPortSuspend";

    /// <summary>Server GC, which would give every worker one heap per processor, is switched off unless this variable is set.</summary>
    private const string ServerGarbageCollection = "DOTNET_gcServer";

    /// <summary>
    /// The time for which the runtime keeps the idle thread that recompiles hot methods, as a hexadecimal number of milliseconds. Workers
    /// keep the thread, because .NET 10.0.12 aborts the process if the thread has ended and the system refuses a new one (<c>pids.max</c>).
    /// </summary>
    private const string CompilerThreadTimeout = "DOTNET_TC_BackgroundWorkerTimeoutMs";

    /// <summary>
    /// How long an idle thread of the pool spins before it waits. Threads of workers do not spin, because that takes the processor from other
    /// workers. Without spinning, a reload in place takes half of the processor time.
    /// </summary>
    private const string PoolSpinLimit = "DOTNET_ThreadPool_UnfairSemaphoreSpinLimit";

    /// <summary>Returns the variables that all workers have.</summary>
    public static Dictionary<string, string> For(IHostEnvironment host)
    {
        var result = new Dictionary<string, string>(Names);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (!MasterOnly.Contains(name))
            {
                result[name] = (string?)variable.Value ?? "";
            }
        }

        RemoveHotReloadHooks(result);
        LetDiagnosticPortsResume(result);
        result.TryAdd(ServerGarbageCollection, "0");
        result.TryAdd(CompilerThreadTimeout, "ffffffff");
        result.TryAdd(PoolSpinLimit, "0");

        foreach (var name in HostVariables.Names)
        {
            HostVariables.Keep(result, name, result.GetValueOrDefault(name));
        }

        // The same content root and environment name as the master, even if its code or its arguments have set them.
        result["DOTNET_CONTENTROOT"] = result["ASPNETCORE_CONTENTROOT"] = host.ContentRootPath;
        result["DOTNET_ENVIRONMENT"] = result["ASPNETCORE_ENVIRONMENT"] = host.EnvironmentName;

        // The master watches the files for the workers, because a user has few inotify instances (128).
        result["DOTNET_hostBuilder__reloadConfigOnChange"] = "false";
        return result;
    }

    /// <summary>
    /// Returns the environment of one process: with the changes of its service, where <see langword="null"/> removes a variable, and with
    /// its own instance id for telemetry.
    /// </summary>
    /// <remarks>
    /// The worker cannot set the instance id itself: the OpenTelemetry SDK reads it from the configuration, into which the host builder has
    /// copied the environment before the registrations of this library run.
    /// </remarks>
    public static Dictionary<string, string> ForOne(
        IReadOnlyDictionary<string, string> variables, IReadOnlyDictionary<string, string?> changes)
    {
        var result = new Dictionary<string, string>(variables, Names);
        foreach (var (name, value) in changes)
        {
            result.Remove(name);
            if (value is not null)
            {
                result[name] = value;
            }

            if (HostVariables.Names.Contains(name, Names))
            {
                HostVariables.Keep(result, name, value);
            }
        }

        var attributes = result.GetValueOrDefault(ResourceAttributes.Variable);
        result[ResourceAttributes.Variable] = ResourceAttributes.WithInstance(attributes, Guid.NewGuid());
        return result;
    }

    /// <summary>
    /// A tool resumes only the process that it has started. A worker that waited for it as well would never become ready. It still connects to the
    /// tool.
    /// </summary>
    private static void LetDiagnosticPortsResume(Dictionary<string, string> variables)
    {
        variables.Remove(DiagnosticSuspend);
        if (variables.TryGetValue(DiagnosticPorts, out var ports))
        {
            variables[DiagnosticPorts] = string.Join(';', ports.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(port => string.Join(
                ',', port.Split(',').Where(tag => !tag.Trim().Equals("suspend", StringComparison.OrdinalIgnoreCase)
                    && !tag.Trim().Equals("nosuspend", StringComparison.OrdinalIgnoreCase)).Append("nosuspend"))));
        }
    }

    private static void RemoveHotReloadHooks(Dictionary<string, string> variables)
    {
        if (!variables.TryGetValue(StartupHooks, out var hooks))
        {
            return;
        }

        var kept = hooks.Split(Path.PathSeparator).Where(h => !h.Contains("DotNetDeltaApplier", StringComparison.Ordinal));
        variables[StartupHooks] = string.Join(Path.PathSeparator, kept);
        if (variables[StartupHooks].Length == 0)
        {
            variables.Remove(StartupHooks);
        }
    }
}
