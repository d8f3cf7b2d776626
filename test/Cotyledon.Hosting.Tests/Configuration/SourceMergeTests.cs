using System.Collections.Concurrent;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>The configuration of a worker whose sources differ from those of the master.</summary>
internal sealed class SourceMergeTests
{
    private readonly Source _shared = new() { Values = new() { ["Key"] = "accepted", ["Shared"] = "1" } };
    private readonly ConcurrentQueue<ConfigurationUpdate> _updates = new();
    private MasterConfiguration? _master;
    private ConfigurationImage _sent = null!;
    private IConfigurationRoot _masterRoot = null!;
    private WorkerConfiguration _worker = null!;

    [TearDown]
    public void TearDown() => _master?.Dispose();

    [Test]
    public void A_shared_source_has_the_values_of_the_master_even_if_the_file_has_changed_since()
    {
        StartMaster(b => b.Add(_shared));
        _shared.Values = new() { ["Key"] = "not accepted", ["New"] = "x" };
        var worker = StartWorker(b => b.Add(_shared));

        Assert.That((worker["Key"], worker["Shared"], worker["New"]), Is.EqualTo(("accepted", "1", (string?)null)));
        Assert.That(worker.GetChildren().Select(c => c.Key), Is.EqualTo(new[] { "Key", "Shared" }));
    }

    [Test]
    public void A_source_only_of_the_worker_keeps_its_position_and_its_values()
    {
        StartMaster(b => b.Add(_shared));
        var worker = StartWorker(b => b.AddInMemoryCollection([new("Key", "below"), new("Own", "1")])
            .Add(_shared)
            .Add(new Source { Path = "own.test", Values = new() { ["Shared"] = "above" } }));

        Assert.That((worker["Key"], worker["Own"], worker["Shared"]), Is.EqualTo(("accepted", "1", "above")));
        Publish(() => _shared.Values = new() { ["Key"] = "next" });
        Assert.That((worker["Key"], worker["Own"], worker["Shared"]), Is.EqualTo(("next", "1", "above")));
    }

    [Test]
    public void A_source_only_of_the_master_is_inserted_at_its_position()
    {
        var extra = new Source { Path = "extra.test", Values = new() { ["Key"] = "extra", ["Extra"] = "1" } };
        StartMaster(b => b.Add(_shared).Add(extra).Add(new Source { Path = "last.test", Values = new() { ["Last"] = "1" } }));
        var worker = StartWorker(b => b.Add(_shared).Add(new Source { Path = "last.test", Values = new() { ["Last"] = "0" } }));

        Assert.That((worker["Key"], worker["Extra"], worker["Shared"], worker["Last"]), Is.EqualTo(("extra", "1", "1", "1")));
        Publish(() => extra.Values = []);
        Assert.That((worker["Key"], worker["Extra"]), Is.EqualTo(("accepted", (string?)null)));
    }

    [Test]
    public void Values_given_to_the_process_at_its_start_are_kept_and_other_values_follow_the_master()
    {
        StartMaster(b => b.AddInMemoryCollection([new("Role", "master"), new("Limit", "1"), new("Gone", "1"), new("OfMaster", "1")]));
        var worker = StartWorker(b => b.AddInMemoryCollection([new("Role", "worker"), new("Limit", "1"), new("Gone", "1"), new("OfWorker", "1")]));
        Assert.That((worker["Role"], worker["Limit"], worker["OfMaster"]), Is.EqualTo(("worker", "1", (string?)null)));

        Publish(() =>
        {
            foreach (var key in (string[])["Role", "Limit", "OfMaster", "OfWorker", "New"])
            {
                _masterRoot[key] = "2";
            }
        });

        Assert.That(
            (worker["Role"], worker["Limit"], worker["OfMaster"], worker["OfWorker"], worker["New"]),
            Is.EqualTo(("worker", "2", (string?)null, "1", "2")));
        Publish(() => _masterRoot["Limit"] = "1");
        Assert.That(worker["Limit"], Is.EqualTo("1"), "the value of the start again");
    }

    [Test]
    public void Of_several_sources_of_one_kind_the_one_with_the_same_keys_is_matched()
    {
        StartMaster(b => b.AddJsonStream(Json("""{ "First": 1 }""")).AddJsonStream(Json("""{ "Second": 1 }""")));
        var worker = StartWorker(b => b
            .AddJsonStream(Json("""{ "Own": 0, "Second": "own" }"""))
            .AddJsonStream(Json("""{ "First": 0 }"""))
            .AddJsonStream(Json("""{ "Second": 0, "Own": "last" }""")));

        Assert.That((worker["First"], worker["Own"]), Is.EqualTo(("1", "0")));
    }

    [Test]
    public void Null_is_a_value_and_keys_are_compared_case_insensitively()
    {
        _shared.Values = new() { ["Key"] = null, ["Other"] = "1" };
        StartMaster(b => b.Add(_shared));
        var worker = StartWorker(b => b.AddInMemoryCollection([new("Key", "below")]).Add(_shared));
        Assert.That((worker["KEY"], worker["other"]), Is.EqualTo(((string?)null, "1")));

        Publish(() => _shared.Values = new() { ["KEY"] = "x" });
        Assert.That((worker["Key"], worker["Other"]), Is.EqualTo(("x", (string?)null)));
    }

    [Test]
    public void Values_set_by_code_in_the_worker_are_kept_in_sources_of_the_process()
    {
        StartMaster(b => b.AddInMemoryCollection([new("Key", "1")]).Add(_shared));
        var worker = StartWorker(b => b.AddInMemoryCollection([new("Key", "1")]).Add(_shared));
        worker["OfWorker"] = "set";
        Publish(() => _shared.Values = new() { ["Key"] = "next" });

        Assert.That((worker["OfWorker"], worker["Key"]), Is.EqualTo(("set", "next")));
    }

    [Test]
    public void Chained_configurations_are_merged_too()
    {
        StartMaster(b => b.AddConfiguration(new ConfigurationBuilder().Add(_shared).Build()));
        _shared.Values = new() { ["Key"] = "not accepted" };
        var inner = new ConfigurationBuilder().Add(_shared).Build();
        var worker = StartWorker(b => b.AddConfiguration(inner));

        Assert.That((worker["Key"], inner["Key"]), Is.EqualTo(("accepted", "accepted")));
    }

    [Test]
    public void Providers_of_the_worker_are_disposed_and_those_of_the_master_are_not()
    {
        var (ofMaster, ofWorker) = (new PushProvider(), new PushProvider());
        StartMaster(b => b.Add(ofMaster));
        var worker = StartWorker(b => b.Add(ofWorker));
        ofWorker.Push("Key", "of the worker");

        Assert.That((ofMaster.IsDisposed, ofWorker.IsDisposed, worker["Key"]), Is.EqualTo((false, true, (string?)null)));
    }

    [Test]
    public void A_provider_of_the_worker_is_not_read_after_its_disposal()
    {
        StartMaster(b => b.Add(_shared));
        var own = new DisposableProvider();
        var worker = StartWorker(b => b.Add(_shared).Add(own));
        Publish(() => _shared.Values = new() { ["Key"] = "next" });

        Assert.That((worker["Key"], worker["Own"]), Is.EqualTo(("next", "1")));
    }

    [Test]
    public void A_source_only_of_the_master_overrides_other_sources_case_insensitively()
    {
        StartMaster(b => b.Add(_shared).Add(new Source { Path = "extra.test", Values = new() { ["KEY"] = "extra" } }));
        var worker = StartWorker(b => b.Add(_shared));

        Assert.That((worker["Key"], worker["key"], worker["KEY"]), Is.EqualTo(("extra", "extra", "extra")));
    }

    [Test]
    public void An_update_with_an_unknown_source_is_rejected()
    {
        var merge = new SourceMerge([], []);

        Assert.That(
            () => merge.Take(new ConfigurationUpdate(false, [new(0, "", SourceKind.Loaded, [], [])])), Throws.TypeOf<InvalidDataException>());
    }

    private static MemoryStream Json(string text) => new(System.Text.Encoding.UTF8.GetBytes(text));

    private void StartMaster(Func<IConfigurationBuilder, IConfigurationBuilder> add)
    {
        _masterRoot = add(new ConfigurationBuilder()).Build();
        _master = TakenOver.From(_masterRoot);
        _sent = _master.Image;
    }

    private IConfigurationRoot StartWorker(Func<IConfigurationBuilder, IConfigurationBuilder> add)
    {
        var root = add(new ConfigurationBuilder()).Build();
        _worker = new WorkerConfiguration(root, _updates, new TestLogger());
        _updates.Enqueue(Frames.ToUpdate(_master!.Image.Whole));
        _worker.Take(isApplied: true);
        return root;
    }

    private void Publish(Action edit)
    {
        edit();
        var candidate = _master!.Load(loadsAll: true);
        _master.Publish(candidate, _master.ImageOf(candidate));
        _updates.Enqueue(Frames.ToUpdate(_master.Image.DifferenceFrom(_sent)!));
        _sent = _master.Image;
        _worker.Take(isApplied: true);
    }

    private sealed class DisposableProvider : ConfigurationProvider, IConfigurationSource, IDisposable
    {
        private bool _isDisposed;

        public override void Load() => Data["Own"] = "1";

        public override bool TryGet(string key, out string? value)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return base.TryGet(key, out value);
        }

        public void Dispose() => _isDisposed = true;

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
    }
}
