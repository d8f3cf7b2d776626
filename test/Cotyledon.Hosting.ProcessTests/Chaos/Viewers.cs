using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cotyledon.Hosting.ProcessTests.Web;
using Cotyledon.Hosting.Web.Tests;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>
/// What operators leave open beside a program: <c>events --follow</c>, <c>top</c>, and the live page. Each is opened as soon as the
/// program allows it, and must stay open until the master has exited. Clients send requests to the web application of the program meanwhile.
/// </summary>
internal sealed partial class Viewers : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>The socket closes before the process is gone.</summary>
    private static readonly TimeSpan ExitDelay = TimeSpan.FromSeconds(2);

    private static readonly string Tool = Path.Combine(TestProgram.DirectoryOf("Tool"), "cotyledon");

    private readonly MasterRun _run;
    private readonly CancellationTokenSource _limit = new();
    private readonly Task[] _all;

    public Viewers(MasterRun run)
    {
        _run = run;
        _all =
        [
            ViewAsync("events", FollowEventsAsync),
            ViewAsync("top", RunTopAsync),
            ViewAsync("page", ReadPageAsync),
            ViewAsync("load", SendRequestsAsync),
        ];
    }

    /// <summary>The arguments of a program that has a page, at 127.0.0.2, and a web application in workers, at 127.0.0.1.</summary>
    public static string[] Arguments { get; } =
    [
        "--host=pool", "--Page", "true",
        "--Kestrel:Endpoints:Page:Url", "http://127.0.0.2:0",
        "--Kestrel:Endpoints:Web:Url", "http://127.0.0.1:0",
        "--Cotyledon:Web:MasterEndpoints:0", "Page",
        "--Cotyledon:Web:DrainTimeout", "00:00:00.300",
    ];

    /// <summary>Waits until all have noticed the exit of the master.</summary>
    public async Task CloseAsync()
    {
        _limit.CancelAfter(Limit);
        await Task.WhenAll(_all);
    }

    public void Dispose() => _limit.Dispose();

    /// <summary>Notes what the viewer has seen: nothing if the program ended before it was connected.</summary>
    /// <param name="name">The name of the viewer.</param>
    /// <param name="viewAsync">Returns what was seen, and an error.</param>
    private async Task ViewAsync(string name, Func<CancellationToken, Task<(string Seen, string Error)>> viewAsync)
    {
        var (seen, error) = await viewAsync(_limit.Token);
        if (!_limit.IsCancellationRequested && !await MasterRun.WaitAsync(() => !_run.IsMasterAlive, ExitDelay))
        {
            error = $"ended before the master: {error}";
        }
        else if (_limit.IsCancellationRequested)
        {
            error = "did not notice the exit of the master";
        }
        else
        {
            // The viewer saw the end of the master. If it saw nothing before, the master may have ended too early: the guarantee decides.
            _run.Notes.Add("view-end", _run.MasterId, detail: $"{name} {error}");
            error = "";
        }

        _run.Notes.Add("saw-view", _run.MasterId, detail: $"{name} {(error.Length > 0 ? $"failed: {error}" : seen)}".TrimEnd());
    }

    /// <summary>The numbers of the events must have no gap that the program does not announce.</summary>
    private async Task<(string Seen, string Error)> FollowEventsAsync(CancellationToken ct)
    {
        var (output, error) = await RunAsync(Tool, ["events", "--follow", "--after", "0", "--json", "-a", $"{_run.MasterId}"], ct);
        long last = 0;
        var events = 0;
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var part = JsonDocument.Parse(line).RootElement;
            if (part.TryGetProperty("gap", out var gap))
            {
                last = gap.GetProperty("to").GetInt64();
                continue;
            }

            var number = part.GetProperty("event").GetProperty("number").GetInt64();
            if (number != last + 1)
            {
                return ("", $"event {number} follows event {last}");
            }

            (last, events) = (number, events + 1);
        }

        return (events == 0 ? "" : $"{events} events", error);
    }

    private async Task<(string Seen, string Error)> RunTopAsync(CancellationToken ct)
    {
        var (output, error) = await RunAsync("script", ["--quiet", "--return", "--command", $"{Tool} top -a {_run.MasterId}", "/dev/null"], ct);
        return (output.Contains("heavy", StringComparison.Ordinal) ? "workers" : "", error);
    }

    /// <summary>Requests may fail while there are faults, but no answer may be wrong.</summary>
    private async Task<(string Seen, string Error)> SendRequestsAsync(CancellationToken ct)
    {
        Uri? address = null;
        if (!await UntilAsync(() => (address = WebProgram.UrlsIn(_run.Program.Output).FirstOrDefault(u => u.Host == "127.0.0.1")) is not null, ct))
        {
            return ("", "");
        }

        var load = new Load(
            _ => new IPEndPoint(IPAddress.Loopback, address!.Port),
            [ClientKind.Raw, ClientKind.RawWithoutReuse, ClientKind.Post],
            clients: 2,
            maxThinkTime: TimeSpan.FromMilliseconds(100));
        await UntilAsync(() => false, ct);
        await Task.WhenAny(load.DisposeAsync().AsTask(), Task.Delay(Limit / 2, CancellationToken.None)); // A request may hang in a paused worker.
        foreach (var wrong in load.Failures.Where(f => f.Contains("answer to", StringComparison.Ordinal)))
        {
            _run.Notes.Add("saw-view", _run.MasterId, detail: $"load failed: {wrong}");
        }

        return (load.Answers == 0 ? "" : $"{load.Answers} answers", "the master has exited");
    }

    private async Task<(string Seen, string Error)> ReadPageAsync(CancellationToken ct)
    {
        var address = "";
        if (!await UntilAsync(() => (address = Address().Match(_run.Program.Output).Value).Length > 0, ct))
        {
            return ("", "");
        }

        using var client = new HttpClient();
        var messages = 0;
        try
        {
            // The program closes the stream now and then, and a page connects again.
            while (_run.IsMasterAlive)
            {
                using var response = await client.GetAsync(new Uri(address + "/cotyledon/stream"), HttpCompletionOption.ResponseHeadersRead, ct);
                if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    // The program is stopping.
                    await UntilAsync(() => false, ct);
                    break;
                }

                await using var stream = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(ct);
                using var reader = new StreamReader(stream);
                while (await reader.ReadLineAsync(ct) is { } line)
                {
                    messages += line.StartsWith("event: ", StringComparison.Ordinal) ? 1 : 0;
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or UriFormatException)
        {
            return (messages == 0 ? "" : $"{messages} messages", e.Message);
        }

        return (messages == 0 ? "" : $"{messages} messages", "");
    }

    /// <summary>Runs a command when the program has its socket, and returns the output and the end of the errors.</summary>
    private async Task<(string Output, string Error)> RunAsync(string file, string[] arguments, CancellationToken ct)
    {
        if (!await UntilAsync(() => Directory.GetFiles(_run.Program.Directory, "*.sock").Length > 0, ct))
        {
            return ("", "");
        }

        using var process = Process.Start(new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await using var kill = ct.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return (output, $"exit code {process.ExitCode}: {(await errors).ReplaceLineEndings(" ")}");
    }

    /// <summary>Returns whether the condition became true while the master was alive.</summary>
    private async Task<bool> UntilAsync(Func<bool> condition, CancellationToken ct)
    {
        while (_run.IsMasterAlive && !ct.IsCancellationRequested)
        {
            if (condition())
            {
                return true;
            }

            await Task.Delay(20, CancellationToken.None);
        }

        return false;
    }

    [GeneratedRegex(@"http://127\.0\.0\.2:\d+")]
    private static partial Regex Address();
}
