using System.Collections;
using Cotyledon.Hosting.Observability;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Launching;

/// <summary>The environment of workers: the master's, less what is meant for the master alone.</summary>
internal static class WorkerEnvironment
{
    /// <summary>
    /// systemd's words to the process that it started (sd_notify(3), sd_watchdog_enabled(3), sd_listen_fds(3)), and hot reload,
    /// which knows one process of the program only.
    /// </summary>
    private static readonly HashSet<string> MasterOnly = new(StringComparer.OrdinalIgnoreCase)
    {
        "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "SYSTEMD_EXEC_PID",
        "DOTNET_WATCH", "DOTNET_WATCH_ITERATION", "DOTNET_MODIFIABLE_ASSEMBLIES", "DOTNET_HOTRELOAD_NAMEDPIPE_NAME",
        "ASPNETCORE_AUTO_RELOAD_WS_ENDPOINT", "ASPNETCORE_AUTO_RELOAD_WS_KEY", "ASPNETCORE_AUTO_RELOAD_VDIR",
        Channel.Protocol.ChannelVariable,
    };

    private const string StartupHooks = "DOTNET_STARTUP_HOOKS";

    /// <summary>Server GC gives every worker a heap for each processor; the programs that want that say so by this.</summary>
    private const string ServerGarbageCollection = "DOTNET_gcServer";

    /// <summary>
    /// How long the runtime keeps the thread that compiles hot methods again, in milliseconds as a hexadecimal number. When it has ended and
    /// the system gives no other one (<c>pids.max</c>), .NET 10.0.12 aborts the process; so workers keep theirs.
    /// </summary>
    private const string CompilerThreadTimeout = "DOTNET_TC_BackgroundWorkerTimeoutMs";

    public static Dictionary<string, string> For(IHostEnvironment host)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (!MasterOnly.Contains(name))
            {
                result[name] = (string?)variable.Value ?? "";
            }
        }

        RemoveHotReloadHooks(result);
        result.TryAdd(ServerGarbageCollection, "0");
        result.TryAdd(CompilerThreadTimeout, "ffffffff");

        // The same files and the same environment name as the master, whatever decided on them.
        result["DOTNET_CONTENTROOT"] = result["ASPNETCORE_CONTENTROOT"] = host.ContentRootPath;
        result["DOTNET_ENVIRONMENT"] = result["ASPNETCORE_ENVIRONMENT"] = host.EnvironmentName;

        // The master has the watch over the files and tells the workers; inotify instances are few (128 for a user).
        result["DOTNET_hostBuilder__reloadConfigOnChange"] = "false";
        return result;
    }

    /// <summary>
    /// The environment of one process: with what its service wants different, where null removes a variable, and with an instance
    /// id of its own for what it exports.
    /// </summary>
    /// <remarks>
    /// From its start, and not set by itself: a builder has read the environment into the configuration, which is where the
    /// OpenTelemetry SDK looks, before the worker hears of its master.
    /// </remarks>
    public static Dictionary<string, string> ForOne(
        IReadOnlyDictionary<string, string> variables, IReadOnlyDictionary<string, string?> changes)
    {
        var result = new Dictionary<string, string>(variables, StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            result.Remove(name);
            if (value is not null)
            {
                result[name] = value;
            }
        }

        var attributes = result.GetValueOrDefault(ResourceAttributes.Variable);
        result[ResourceAttributes.Variable] = ResourceAttributes.WithInstance(attributes, Guid.NewGuid());
        return result;
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
