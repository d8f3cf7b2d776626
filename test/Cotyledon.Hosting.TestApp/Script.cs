using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.TestApp;

/// <summary>
/// The actions of a service at a point of its life cycle, from the configuration: <c>Script:SERVICE:POINT</c> is a list of actions
/// separated by spaces. An action followed by <c>@N</c> is for the first N incarnations only.
/// </summary>
internal sealed partial class Script(IConfiguration configuration, IHostApplicationLifetime lifetime)
{
    /// <summary>The argument with which this program does nothing and never exits.</summary>
    public const string SleepArgument = "--sleep";

    private static readonly List<byte[]> Eaten = [];

    public async Task PlayAsync(string point, IWorkerContext worker, string otherwise = "", CancellationToken ct = default)
    {
        var text = configuration[$"Script:{worker.ServiceName}:{point}"] ?? otherwise;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var (action, last) = word.Split('@') is [var first, var limit] ? (first, Number(limit)) : (word, int.MaxValue);
            if (worker.Incarnation <= last)
            {
                // Before the action, because some actions end the process.
                Trace.Write("act", worker, action);
                await ActAsync(action, worker, ct).ConfigureAwait(false);
            }
        }
    }

    [SuppressMessage("Design", "CA2201", Justification = "A mistake of a user's service.")]
    private async Task ActAsync(string action, IWorkerContext worker, CancellationToken ct)
    {
        var (verb, value) = action.Split(':') is [var first, var second] ? (first, Number(second)) : (action, 0);
        switch (verb)
        {
            case "throw":
                Console.Error.WriteLine($"{worker.ServiceName} is about to fail");
                throw new ApplicationException("as scripted");
            case "evil":
                throw new EvilException();
            case "leave":
                throw new WorkerExitException(value);
            case "exit":
                Environment.Exit(value);
                break;
            case "failfast":
                Environment.FailFast("as scripted");
                break;
            case "signal":
                // More than once, because the runtime ignores the first SIGSEGV that is not its own fault.
                while (Kill(Environment.ProcessId, value) == 0)
                {
                    await Task.Delay(20, CancellationToken.None).ConfigureAwait(false);
                }

                break;
            case "delay":
                await Task.Delay(value, CancellationToken.None).ConfigureAwait(false);
                break;
            case "gate":
                while (!File.Exists("gate"))
                {
                    await Task.Delay(10, ct).ConfigureAwait(false);
                }

                break;
            case "wait":
                await Task.Delay(Timeout.Infinite, ct).ConfigureAwait(false);
                break;
            case "waithost":
                await Task.Delay(Timeout.Infinite, lifetime.ApplicationStopping).ConfigureAwait(false);
                break;
            case "clock":
                Trace.Write("clock", worker, $"{DateTime.UtcNow:O}");
                break;
            case "flush":
                await global::Serilog.Log.CloseAndFlushAsync().ConfigureAwait(false);
                break;
            case "hang":
                Thread.Sleep(Timeout.Infinite);
                break;
            case "thread":
                new Thread(() => Thread.Sleep(Timeout.Infinite)) { IsBackground = false }.Start();
                break;
            case "blockpool":
                BlockPool();
                break;
            case "print":
                Print(value);
                break;
            case "flood":
                Trace.Write("flooded", worker, $"{FloodUntilGate()}");
                break;
            case "markready":
                worker.MarkReady();
                break;
            case "restart":
                worker.RequestRestart();
                break;
            case "shutdown":
                worker.RequestShutdown(value);
                break;
            case "alive":
                _ = ReportAliveAsync(worker, value);
                break;
            case "eat":
                Eaten.Add(GC.AllocateArray<byte>(value * 1024 * 1024, pinned: true));
                Random.Shared.NextBytes(Eaten[^1]);
                break;
            case "limit":
                Trace.Write("limit", worker, $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes}");
                break;
            case "ask":
                await AskAtTheTerminalAsync(worker).ConfigureAwait(false);
                break;
            case "grandchild":
                StartGrandchild(worker);
                break;
            case "priority":
                using (var self = Process.GetCurrentProcess())
                {
                    Trace.Write("priority", worker, $"{self.PriorityClass}");
                }

                break;
            case "fork":
                Fork();
                break;
            case "self":
                Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["--Heavy", "1", "--Light", "-1"]))!.Dispose();
                break;
            default:
                throw new ArgumentException($"The script has an unknown action '{action}'.");
        }
    }

    private static async Task ReportAliveAsync(IWorkerContext worker, int milliseconds)
    {
        while (true)
        {
            worker.ReportAlive();
            await Task.Delay(milliseconds).ConfigureAwait(false);
        }
    }

    /// <summary>Reads from the terminal, as ssh, sudo and git do for a password.</summary>
    private static async Task AskAtTheTerminalAsync(IWorkerContext worker)
    {
        using var asking = Process.Start("/bin/sh", ["-c", "read password < /dev/tty"]);
        await asking.WaitForExitAsync().ConfigureAwait(false);
        Trace.Write("asked", worker, $"{asking.ExitCode}");
    }

    /// <summary>Starts a process that ignores signals, inherits standard output and error, and never exits.</summary>
    private static void StartGrandchild(IWorkerContext worker)
    {
        using var grandchild = OperatingSystem.IsWindows()
            ? Process.Start(Environment.ProcessPath!, [SleepArgument])
            : Process.Start("/bin/sh", ["-c", "trap '' TERM INT HUP QUIT; while :; do sleep 1000; done"]);
        Trace.Write("grandchild", worker, $"{grandchild.Id}");
    }

    public static void BlockPool()
    {
        ThreadPool.SetMaxThreads(Environment.ProcessorCount, Environment.ProcessorCount);
        for (var i = 0; i < 100; i++)
        {
            ThreadPool.QueueUserWorkItem(_ => Thread.Sleep(Timeout.Infinite));
        }
    }

    /// <summary>Forks a child without a new program, which keeps all descriptors open and never exits.</summary>
    public static unsafe void Fork()
    {
        // The child has only this thread, so it must not call into the runtime: each other call could wait for another thread.
        var library = NativeLibrary.GetMainProgramHandle();
        var fork = (delegate* unmanaged[SuppressGCTransition]<int>)NativeLibrary.GetExport(library, "fork");
        var pause = (delegate* unmanaged[SuppressGCTransition]<int>)NativeLibrary.GetExport(library, "pause");
        if (fork() == 0)
        {
            while (true)
            {
                pause();
            }
        }
    }

    private static void Print(int megabytes)
    {
        var line = new string('x', 1023);
        for (var i = 0; i < megabytes * 1024; i++)
        {
            Console.Out.WriteLine(line);
            Console.Error.WriteLine(line);
        }
    }

    /// <summary>Prints until the file <c>gate</c> exists. Returns the number of megabytes.</summary>
    private static int FloodUntilGate()
    {
        var megabytes = 0;
        for (; !File.Exists("gate"); megabytes++)
        {
            Print(1);
        }

        return megabytes;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private sealed class EvilException : Exception
    {
        public override string Message => throw new NotSupportedException();
    }

    /// <summary>
    /// Raises the event of a console that is closed (2) or of a system that shuts down (6), as Windows does: by a new thread of the process.
    /// </summary>
    public static void RaiseConsoleEvent(int number) => new Thread(() => _ = CallConsoleHandlers(number)) { IsBackground = true }.Start();

    [LibraryImport("kernelbase.dll", EntryPoint = "CtrlRoutine")]
    private static partial uint CallConsoleHandlers(nint number);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
