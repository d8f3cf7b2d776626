using System.Text;
using Cotyledon.Hosting.Control;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>Keeps the lines of the answers.</summary>
internal sealed class FakeOutput : IControlOutput
{
    public List<string> Lines { get; } = [];

    /// <summary>The number of lines after which there is no room for more.</summary>
    public int MaxLines { get; init; } = int.MaxValue;

    /// <summary>Called for each answer, as the transport is.</summary>
    public Action Answered { get; set; } = () => { };

    public void Send(byte[] line) => Lines.Add(Encoding.UTF8.GetString(line));

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) =>
        Lines.Count < MaxLines ? ValueTask.CompletedTask : new ValueTask(Task.Delay(Timeout.Infinite, cancellationToken));

    public void OnAnswered() => Answered();
}
