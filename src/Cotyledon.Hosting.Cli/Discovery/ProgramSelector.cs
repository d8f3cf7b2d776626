using Cotyledon.Hosting.Cli.Client;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Discovery;

/// <summary>Chooses the program that the operator means, and connects to it.</summary>
internal sealed class ProgramSelector(ToolEnvironment environment)
{
    private readonly Connector _connector = new(environment);

    /// <param name="selector">A name, a pid or the path of a socket; <see langword="null"/> for the only program that runs.</param>
    /// <param name="timeout">How long a program may take to answer.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<Attempt> ConnectAsync(string? selector, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, environment.Time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        return await ConnectAsync(() => MatchesAsync(selector, deadline.Token), selector, timeout, cancellationToken);
    }

    /// <summary>Connects again to a program that was chosen before.</summary>
    public async Task<Attempt> ConnectAsync(ControlSocket socket, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, environment.Time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        return await ConnectAsync(async () => [await _connector.TryAsync(socket, deadline.Token)], null, timeout, cancellationToken);
    }

    private static async Task<Attempt> ConnectAsync(
        Func<Task<IReadOnlyList<Attempt>>> find, string? selector, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var matches = await find();
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return Choose(matches, selector, timeout);
        }
        catch
        {
            await CloseAsync(matches);
            throw;
        }
    }

    /// <summary>The attempts that may be meant. All others are closed.</summary>
    private async Task<IReadOnlyList<Attempt>> MatchesAsync(string? selector, CancellationToken deadline)
    {
        if (selector is not null && selector.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return [await _connector.TryAsync(new ControlSocket(selector, null), deadline)];
        }

        // Those whose file name matches come first: another program that does not answer must not delay this one.
        var sockets = environment.Sockets.Find().ToLookup(socket => selector is null || new Attempt(socket, AttemptOutcome.Dead).Matches(selector));
        foreach (var likely in (bool[])[true, false])
        {
            var attempts = await Task.WhenAll(sockets[likely].Select(socket => _connector.TryAsync(socket, deadline)));
            var matches = Distinct(attempts).Where(a => a.Outcome != AttemptOutcome.Dead && (selector is null || a.Matches(selector))).ToList();
            await CloseAsync(attempts.Except(matches));
            if (matches.Count > 0)
            {
                return matches;
            }
        }

        return [];
    }

    /// <summary>
    /// A program is found twice if its directory belongs to several mount namespaces, and the files could not be compared before.
    /// </summary>
    private static IEnumerable<Attempt> Distinct(IEnumerable<Attempt> attempts) =>
        attempts.DistinctBy(a => a.Peer is { ProcessId: > 0 } peer ? $"{peer.ProcessId} {Path.GetFileName(a.Socket.Path)}" : a.Socket.Path);

    private static Attempt Choose(IReadOnlyList<Attempt> matches, string? selector, TimeSpan timeout)
    {
        // Only what this user can use is meant, now or later, and what may be a program at all.
        var candidates = matches.Where(a => a.Outcome is AttemptOutcome.Connected or AttemptOutcome.Silent or AttemptOutcome.Busy).ToList();
        candidates = candidates.Count > 0 ? candidates : [.. matches];
        return candidates.Count switch
        {
            0 => throw new ToolException(ExitCodes.NothingRuns, NothingRuns(selector)),
            1 => Check(candidates[0], timeout),
            _ when candidates.TrueForAll(a => a.Outcome == AttemptOutcome.Denied) => Check(candidates[0], timeout),
            _ => throw new ToolException(
                ExitCodes.Usage,
                $"Several programs match. Choose one with --app PID:{Environment.NewLine}" + string.Join(Environment.NewLine, candidates.Select(Describe))),
        };
    }

    private static Attempt Check(Attempt attempt, TimeSpan timeout)
    {
        var name = $"{SafeText.Escape(attempt.App)} (pid {attempt.ProcessId})";
        return attempt.Outcome switch
        {
            AttemptOutcome.Connected when attempt.Client!.Greeting.Protocol == ControlClient.Protocol => attempt,
            AttemptOutcome.Connected => throw new ToolException(ExitCodes.Protocol, OtherProtocol(name, attempt.Client!.Greeting)),
            AttemptOutcome.Silent => throw new ToolException(
                ExitCodes.Timeout, $"{name} did not answer within {Durations.Exact(timeout.TotalMilliseconds)}. It may be stopped or overloaded."),
            AttemptOutcome.Denied => throw new ToolException(
                ExitCodes.NotPermitted,
                $"{name} belongs to another user. Run the tool as the user of the program or as root, or set Cotyledon:Control:Group."),
            AttemptOutcome.Dead => throw new ToolException(ExitCodes.NothingRuns, $"No program listens at {SafeText.Escape(attempt.Socket.Path)}."),
            _ => throw new ToolException(ExitCodes.Failed, $"{name}: {attempt.Error}"),
        };
    }

    private static string NothingRuns(string? selector) => selector is null
        ? "This user can see no running program that uses Cotyledon.Hosting."
        : $"This user can see no running program '{SafeText.Escape(selector)}'.";

    private static string OtherProtocol(string name, Greeting greeting)
    {
        var library = SafeText.OrDash(greeting.Library);
        var relation = greeting.Protocol > ControlClient.Protocol ? "newer" : "older";
        return $"{name} speaks protocol {greeting.Protocol}, which is {relation} than that of this tool ({ControlClient.Protocol}, version "
            + $"{ToolEnvironment.Version}). It needs version {library} of the tool: dotnet tool update --global Cotyledon.Hosting.Cli --version {library}";
    }

    private static string Describe(Attempt attempt)
    {
        var user = attempt.Peer is { } peer ? $"  uid {peer.UserId}" : "";
        var state = attempt.Outcome switch
        {
            AttemptOutcome.Silent => "  does not answer",
            AttemptOutcome.Denied => "  not permitted",
            AttemptOutcome.Busy => "  no free connection",
            AttemptOutcome.Broken => "  no valid greeting",
            _ => "",
        };
        return $"  {SafeText.Escape(attempt.App)}  pid {attempt.ProcessId}{user}  {SafeText.Escape(attempt.Socket.Path)}{state}";
    }

    private static async Task CloseAsync(IEnumerable<Attempt> attempts)
    {
        foreach (var client in attempts.Select(a => a.Client).OfType<ControlClient>())
        {
            await client.DisposeAsync();
        }
    }
}
