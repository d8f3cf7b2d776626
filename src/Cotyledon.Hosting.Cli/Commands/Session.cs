using System.Text.Json;
using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Discovery;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>A connection to the chosen program, for one invocation.</summary>
internal sealed class Session : IAsyncDisposable
{
    private readonly ToolEnvironment _environment;
    private Attempt _program;
    private readonly CancellationToken _cancellation;

    private Session(ToolEnvironment environment, Invocation invocation, Attempt program, CancellationToken cancellation)
    {
        (_environment, Invocation, _program, _cancellation) = (environment, invocation, program, cancellation);
        Progress = new ActionProgress(environment.Terminal, invocation.Json);
        Clock = new Clock(environment.Time);
    }

    public Invocation Invocation { get; }

    public ActionProgress Progress { get; }

    public Clock Clock { get; }

    public Terminal Terminal => _environment.Terminal;

    public Greeting Greeting => _program.Client!.Greeting;

    /// <summary>The name and the pid; also the pid as it is seen from here, if the program is in a container.</summary>
    public string Program => _program.Client!.Name + (_program.ProcessId == Greeting.Pid || _program.ProcessId == 0
        ? $"  pid {Greeting.Pid}"
        : $"  pid {Greeting.Pid} ({_program.ProcessId} on this host)");

    public int ProcessId => _program.ProcessId;

    public static async Task<Session> OpenAsync(ToolEnvironment environment, Invocation invocation, CancellationToken cancellationToken)
    {
        var program = await new ProgramSelector(environment).ConnectAsync(invocation.App, invocation.QuestionTimeout, cancellationToken);
        return new Session(environment, invocation, program, cancellationToken);
    }

    public Task<JsonElement> QuestionAsync(Request request, Action<JsonElement>? part = null) => WithinAsync(
        Invocation.QuestionTimeout, token => _program.Client!.AskAsync(request, part, token), "did not answer within");

    public async Task<(StatusRecord Status, JsonElement Json)> StatusAsync(bool usage, bool queues = false)
    {
        var json = await QuestionAsync(new Request("status") { Usage = usage, Queues = queues ? true : null });
        return (WireJson.Read(json, WireJson.Default.StatusRecord), json);
    }

    /// <summary>
    /// Asks without a limit, for <c>top</c>. Connects once more if the connection has ended: the program closes it after a minute without
    /// requests, for example while <c>top</c> is stopped by Ctrl+Z.
    /// </summary>
    public async Task<StatusRecord> PollStatusAsync(CancellationToken cancellationToken)
    {
        var request = new Request("status") { Usage = true };
        JsonElement json;
        try
        {
            json = await _program.Client!.AskAsync(request, null, cancellationToken);
        }
        catch (ConnectionEndedException)
        {
            if (!await ReconnectAsync(cancellationToken))
            {
                throw;
            }

            json = await _program.Client!.AskAsync(request, null, cancellationToken);
        }

        return WireJson.Read(json, WireJson.Default.StatusRecord);
    }

    /// <summary>Waits for the outcome of an action, without a limit unless the operator sets one.</summary>
    public Task<JsonElement> ActionAsync(Request request, Action<JsonElement> progress) => WithinAsync(
        Invocation.Timeout ?? Timeout.InfiniteTimeSpan,
        async token =>
        {
            try
            {
                return await _program.Client!.AskAsync(request, progress, token);
            }
            catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
            {
                Terminal.WriteError($"Stopped waiting. {_program.Client!.Name} continues with '{request.Do}'.");
                throw;
            }
            finally
            {
                Progress.Clear();
            }
        },
        $"continues with '{request.Do}', which has not completed after");

    /// <summary>Asks the operator, and connects again: the program closes a connection without requests after a minute.</summary>
    public async Task ConfirmAsync(string question)
    {
        if (await Confirmation.RequireAsync(Terminal, Invocation, question, _cancellation) && !await ReconnectAsync(_cancellation))
        {
            throw new ToolException(ExitCodes.Failed, "The program was restarted meanwhile. Nothing was done.");
        }
    }

    /// <summary>Follows a stream until it ends, or the operator ends it.</summary>
    public Task<JsonElement> FollowAsync(Request request, Action<JsonElement> part) =>
        _program.Client!.AskAsync(request, part, _cancellation);

    /// <summary>Waits until the program has closed the connection and its process is gone.</summary>
    public Task WaitForEndAsync() => WithinAsync(
        Invocation.Timeout ?? Timeout.InfiniteTimeSpan,
        async token =>
        {
            await _program.Client!.WaitForEndAsync(token);
            await ProcessWait.UntilGoneAsync(_environment, _program.Peer?.ProcessId ?? 0, token);
            return true;
        },
        "is still stopping after");

    public ValueTask DisposeAsync() => _program.Client!.DisposeAsync();

    /// <summary>Connects again. The program accepts few connections, so the old one is closed first.</summary>
    /// <returns>Whether it is the same process.</returns>
    private async Task<bool> ReconnectAsync(CancellationToken cancellationToken)
    {
        var before = _program;
        await before.Client!.DisposeAsync();
        _program = await new ProgramSelector(_environment).ConnectAsync(before.Socket, Invocation.QuestionTimeout, cancellationToken);
        return _program.Client!.Greeting.Pid == before.Client.Greeting.Pid;
    }

    private async Task<T> WithinAsync<T>(TimeSpan timeout, Func<CancellationToken, Task<T>> wait, string error)
    {
        using var limit = new CancellationTokenSource(timeout, _environment.Time);
        using var token = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _cancellation);
        try
        {
            return await wait(token.Token);
        }
        catch (OperationCanceledException) when (!_cancellation.IsCancellationRequested)
        {
            throw new ToolException(
                ExitCodes.Timeout, $"{_program.Client!.Name} (pid {ProcessId}) {error} {Durations.Exact(timeout.TotalMilliseconds)}.");
        }
    }
}
