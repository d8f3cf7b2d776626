namespace Cotyledon.Hosting.Benchmarks.Runner.Comparison;

/// <summary>The installed systems, and the names of the missing ones.</summary>
internal sealed record Peers(IReadOnlyList<MeasuredSystem> Installed, IReadOnlyList<string> Missing)
{
    private const string Program = "Cotyledon.Hosting.Benchmarks";
    private const string Streams = "Cotyledon.Hosting.Benchmarks.Streams";

    private static readonly string Directory = Path.Combine(AppContext.BaseDirectory, "Peers");

    /// <summary>The python3 on the PATH may not be the one that has the packages of the distribution.</summary>
    private static readonly string[] Pythons =
        [System.Environment.GetEnvironmentVariable("PYTHON") ?? "python3", "/usr/bin/python3"];

    /// <summary>Finds the installed systems.</summary>
    /// <param name="arguments">The directories of the published programs.</param>
    public static Peers Find(CompareArguments arguments)
    {
        (string Name, MeasuredSystem? System)[] all =
        [
            .. Ours(arguments.Programs, ""),
            .. arguments.Before is { } before ? Before(before) : [],
            (MeasuredSystem.Baseline, Cotyledon()),
            ("gunicorn", Gunicorn()),
            ("supervisord", Supervisord()),
            ("PM2", Pm2()),
        ];
        return new Peers(
            [.. all.Select(a => a.System).OfType<MeasuredSystem>()],
            [.. all.Where(a => a.System is null).Select(a => a.Name)]);
    }

    /// <summary>An earlier commit may have been published in fewer ways.</summary>
    private static List<(string Name, MeasuredSystem? System)> Before(string programs)
    {
        var ways = Ours(programs, ", before").Where(way => way.System is not null).ToList();
        return ways.Count > 0 ? ways : throw new MeasurementException($"{programs} has no published programs.");
    }

    /// <summary>The ways to publish the program. The task Bench in <c>build.cake</c> publishes each into its directory.</summary>
    private static (string Name, MeasuredSystem? System)[] Ours(string programs, string suffix)
    {
        (string Name, string Directory)[] ways =
        [
            ("Native AOT", "native"),
            ("Native AOT, fixed address", "fixed"),
            ("ReadyToRun", "managed"),
            ("composite, trimmed", "composite"),
            ("just-in-time", "jit"),
            ("just-in-time, ASP.NET Core runtime", "aspnet"),
        ];
        return [.. ways.Select(way => (way.Name + suffix, Published($"{way.Name}{suffix}", Path.Combine(programs, way.Directory))))];
    }

    private static MeasuredSystem? Published(string name, string directory) => CommandOf(Program, directory) is { } command
        ? new MeasuredSystem(name, Machine.OurVersion, command) { IsOurs = true, QueueCommand = CommandOf(Streams, directory) }
        : null;

    private static string[]? CommandOf(string program, string directory)
    {
        var path = Path.Combine(directory, program);
        return !File.Exists(path) ? null
            : File.Exists(Path.Combine(directory, "libcoreclr.so")) || !File.Exists($"{path}.dll") ? [path]
            : Shell.TryFind("dotnet") is { } dotnet ? [dotnet, $"{path}.dll"]
            : null;
    }

    private static MeasuredSystem? Cotyledon()
    {
        const string versionScript =
            "import cotyledon, sys, platform; from importlib.metadata import version; "
            + "print(sys.executable, version('cotyledon'), 'on Python', platform.python_version())";
        return RunPython(versionScript)?.Split(' ', 2) is [var python, var version]
            ? new MeasuredSystem(MeasuredSystem.Baseline, version, [python, InPeers("cotyledon_app.py")])
            {
                QueueCommand = [python, InPeers("multiprocessing_queue.py")],
            }
            : null;
    }

    private static MeasuredSystem? Gunicorn() =>
        Shell.TryFind("gunicorn") is { } gunicorn && Shell.TryRun(gunicorn, "--version") is { } version
            ? new MeasuredSystem(
                "gunicorn", Shell.VersionIn(version), [gunicorn, "--config", InPeers("gunicorn_conf.py"), "gunicorn_app:app"])
            {
                Reload = ReloadKind.NewWorkers,
                Environment = new Dictionary<string, string> { ["PYTHONPATH"] = Directory },
            }
            : null;

    private static MeasuredSystem? Supervisord() =>
        Shell.TryFind("supervisord") is { } supervisord
            && Shell.TryRun(supervisord, "--version") is { } version
            && Python() is { } python
            ? new MeasuredSystem("supervisord", version, [supervisord, "--configuration", InPeers("supervisord.conf")])
            {
                Reload = ReloadKind.NewWorkers,
                Environment = new Dictionary<string, string> { ["BENCH_PYTHON"] = python },
            }
            : null;

    private static MeasuredSystem? Pm2() =>
        (System.Environment.GetEnvironmentVariable("PM2") ?? Shell.TryFind("pm2-runtime")) is { } pm2
            && Shell.TryRun(pm2, "--version") is { } version
            && Python() is { } python
            ? new MeasuredSystem(
                "PM2",
                $"{Shell.VersionIn(version)} on Node.js {Shell.VersionIn(Shell.TryRun("node", "--version") ?? "")}",
                [pm2, "start", InPeers("pm2.config.js")])
            {
                Reload = ReloadKind.None,
                Environment = new Dictionary<string, string> { ["BENCH_PYTHON"] = python },
            }
            : null;

    private static string? Python() => RunPython("import sys; print(sys.executable)");

    private static string? RunPython(string code) => Pythons
        .Select(python => Shell.TryRun(python, "-c", code))
        .OfType<string>()
        .FirstOrDefault();

    private static string InPeers(string file) => Path.Combine(Directory, file);
}
