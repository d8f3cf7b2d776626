using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Launching;
using Cotyledon.Hosting.Tests.Configuration;

namespace Cotyledon.Hosting.Tests.Launching;

/// <summary>Frames for a worker whose channel is temporarily full.</summary>
internal sealed class WorkerOutboxTests
{
    private static readonly Frame.Assign Assign = new("Poller", 0, 1, 1, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, false);

    private readonly Source _source = new() { Values = new() { ["Key"] = new string('x', 10_000) } };
    private readonly WorkerOutbox _outbox = new();
    private readonly List<byte> _received = [];
    private int _room;

    [Test]
    public void Superseded_frames_are_sent_once_and_the_others_in_order()
    {
        var configuration = TakenOver.From(_source.ToConfiguration());
        _outbox.Add(configuration.Image);
        _outbox.Add(Assign);
        Assert.That(Flush(), "a full channel is not broken");
        Assert.That(_outbox.HasUnsent);
        for (var i = 0; i < 400; i++)
        {
            _outbox.Add(Update(i));
            _outbox.Add(Frame.Reload.Instance);
        }

        Drain();

        Assert.That(Kinds(), Is.EqualTo(new[] { "ConfigurationPart", "ConfigurationPart", "Assign", "Update", "Reload" }));
        Assert.That(Received().OfType<Frame.Update>().Single().WorkerCount, Is.EqualTo(399));
        Assert.That(_outbox.HasUnsent, Is.False);
    }

    [Test]
    public void Of_several_configurations_only_the_newest_is_sent()
    {
        var configuration = TakenOver.From(_source.ToConfiguration());
        _outbox.Add(configuration.Image);
        Drain();
        _received.Clear();
        foreach (var value in (string[])["2", "3"])
        {
            _source.Values = new() { ["Key"] = value };
            var candidate = configuration.Load(loadsAll: true);
            configuration.Publish(candidate, configuration.ImageOf(candidate));
            _outbox.Add(configuration.Image);
            _outbox.Add(Frame.Reload.Instance);
        }

        Drain();

        Assert.That(Kinds(), Is.EqualTo(new[] { "ConfigurationPart", "Reload" }));
        var update = ConfigurationCodec.Decode(((Frame.ConfigurationPart)Received()[0]).Bytes.ToArray());
        Assert.That(update.Sources.Single().Set.Single().Value.Text, Is.EqualTo("3"), "a complete one: the worker is two behind");
    }

    [Test]
    public void A_stop_is_sent_after_the_assignment_and_cancels_the_other_frames()
    {
        _outbox.Add(Assign);
        _outbox.Add(Update(1));
        _outbox.Add(Frame.Reload.Instance);
        _outbox.Add(Frame.Stop.Instance);
        Drain();

        Assert.That(Kinds(), Is.EqualTo(new[] { "Assign", "Stop" }));
    }

    [Test]
    public void Partial_writes_of_any_size_send_complete_frames()
    {
        _outbox.Add(TakenOver.From(_source.ToConfiguration()).Image);
        _outbox.Add(Assign);
        _outbox.Add(Update(5));
        var random = new Random(2);
        while (_outbox.HasUnsent)
        {
            _room = random.Next(1, 300);
            Flush();
        }

        Assert.That(Kinds(), Is.EqualTo(new[] { "ConfigurationPart", "ConfigurationPart", "Assign", "Update" }));
    }

    [Test]
    public void A_broken_channel_is_reported()
    {
        _outbox.Add(Frame.Stop.Instance);

        Assert.That(_outbox.Flush(_ => -1), Is.False);
    }

    private static Frame.Update Update(int workers) => new(workers, TimeSpan.Zero, TimeSpan.Zero);

    private void Drain()
    {
        _room = int.MaxValue;
        Assert.That(Flush());
    }

    private bool Flush() => _outbox.Flush(bytes =>
    {
        var count = Math.Min(bytes.Length, _room);
        _room -= count;
        _received.AddRange(bytes[..count].Span);
        return count;
    });

    private string[] Kinds() => [.. Received().Select(f => f.GetType().Name)];

    private List<Frame> Received() => Frames.Read([.. _received]);
}
