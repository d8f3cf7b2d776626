using System.CommandLine;
using System.Threading.Channels;
using Cotyledon.Hosting.Cli.Commands;

namespace Cotyledon.Hosting.Cli.Top;

/// <summary>Shows the workers until a key ends it.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public static Command Create(Verb verb)
    {
        var command = new Command("top", "Show the workers and update them every 2 seconds. Use keys to sort, filter and quit.");
        command.SetAction(async (parse, cancellationToken) =>
        {
            var invocation = verb.Read(parse);
            if (invocation.Json || !verb.Environment.Terminal.IsInputTerminal || !verb.Environment.Terminal.IsOutputTerminal)
            {
                throw new ToolException(ExitCodes.Usage, "top needs a terminal. Use 'cotyledon ps', or 'cotyledon ps --json' in scripts.");
            }

            await using var session = await Session.OpenAsync(verb.Environment, invocation, cancellationToken);
            await RunAsync(session, verb.Environment.Time, cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task RunAsync(Session session, TimeProvider time, CancellationToken cancellationToken)
    {
        var inputs = Channel.CreateBounded<TopInput>(100);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var screen = new Screen(session.Terminal.Output, inputs.Writer);
        var asking = AskAsync(session, time, inputs.Writer, stop.Token);
        var view = new TopView(session.Clock, session.Terminal.Style, session.Program);
        var state = new TopState { AnsweredAt = time.GetUtcNow() };
        using var timer = time.CreateTimer(_ => inputs.Writer.TryWrite(new TopInput.TimePassed()), null, Interval, Interval);
        try
        {
            while (!state.HasQuit)
            {
                var (lines, offset) = view.Render(state, time.GetUtcNow(), Screen.Width, Screen.Height);
                screen.Draw(lines);
                state = Next(state with { Offset = offset }, await inputs.Reader.ReadAsync(cancellationToken), time);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await asking;
        }
    }

    private static TopState Next(TopState state, TopInput input, TimeProvider time) => input switch
    {
        TopInput.KeyPressed { Key: var key } => state.After(key, TopView.RowsIn(Screen.Height)),
        TopInput.StatusReceived { Status: var status } => state with { Status = status, AnsweredAt = time.GetUtcNow() },
        TopInput.Failed { Exception: var exception } => throw exception,
        _ => state,
    };

    /// <summary>Waits for each answer without a limit: the screen says for how long there was none.</summary>
    private static async Task AskAsync(Session session, TimeProvider time, ChannelWriter<TopInput> inputs, CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(Interval, time);
            do
            {
                await inputs.WriteAsync(await AnswerAsync(session, cancellationToken), cancellationToken);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // top ends.
        }
    }

    private static async Task<TopInput> AnswerAsync(Session session, CancellationToken cancellationToken)
    {
        try
        {
            return new TopInput.StatusReceived(await session.PollStatusAsync(cancellationToken));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new TopInput.Failed(e);
        }
    }
}
