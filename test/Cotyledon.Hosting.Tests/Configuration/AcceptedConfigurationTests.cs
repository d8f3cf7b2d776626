using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;
using Moq;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>The program's own configuration object contains accepted values only.</summary>
internal sealed class AcceptedConfigurationTests
{
    private readonly Source _source = new() { Values = new() { ["Key"] = "1", ["Section:Key"] = "1" } };
    private readonly List<Exception> _errors = [];
    private IConfigurationRoot _root = null!;
    private AcceptedConfiguration _accepted = null!;
    private int _raised;

    public enum Kind
    {
        Root,
        Manager,
    }

    [TestCase(Kind.Root)]
    [TestCase(Kind.Manager)]
    public void After_the_takeover_a_change_of_the_file_does_not_reload_the_configuration(Kind kind)
    {
        TakeOver(kind);
        _source.Values = new() { ["Key"] = "2" };
        _source.Announce();

        Assert.That((_root["Key"], _raised, _source.Loads), Is.EqualTo(("1", 0, 1)), "changes of the file are not applied");
    }

    [TestCase(Kind.Root)]
    [TestCase(Kind.Manager)]
    public void A_candidate_is_visible_only_to_the_code_that_validates_it(Kind kind)
    {
        TakeOver(kind);
        _source.Values = new() { ["Key"] = "2", ["Added"] = "1" };
        var candidate = Load();
        using var shown = new ManualResetEventSlim();
        using var hasRead = new ManualResetEventSlim();
        string? others = null;
        var thread = new Thread(() =>
        {
            shown.Wait();
            others = _root["Key"];
            hasRead.Set();
        });
        thread.Start();
        Task<string?> late;
        using (new CandidateScope(_accepted, candidate.Values))
        {
            shown.Set();
            hasRead.Wait();
            Assert.That((_root["Key"], _root["Added"], _root["Section:Key"]), Is.EqualTo(("2", "1", (string?)null)));
            Assert.That(Task.Run(() => _root["Key"]).Result, Is.EqualTo("2"), "also in tasks that the validation starts");
            late = Task.Run(() =>
            {
                SpinWait.SpinUntil(() => !CandidateScope.IsOpenHere);
                return _root["Key"];
            });
        }

        Assert.That((others, late.Result, _root["Key"], _raised), Is.EqualTo(("1", "1", "1", 0)));
        thread.Join();
    }

    [TestCase(Kind.Root)]
    [TestCase(Kind.Manager)]
    public void Published_values_are_visible_at_once_and_the_reload_token_fires_once(Kind kind)
    {
        TakeOver(kind);
        var section = _root.GetSection("Section");
        _source.Values = new() { ["Key"] = "2", ["Section:Key"] = "2" };
        Publish();
        Publish();

        Assert.That((_root["Key"], section["Key"], _raised), Is.EqualTo(("2", "2", 1)));
    }

    [Test]
    public void A_callback_that_throws_is_reported_and_the_others_are_called()
    {
        TakeOver(Kind.Manager);
        ChangeToken.OnChange(_root.GetReloadToken, () => throw new InvalidOperationException("as scripted"));
        _source.Values = new() { ["Key"] = "2" };
        Publish();
        _source.Values = new() { ["Key"] = "3" };
        Publish();

        Assert.That((_errors.Count, _raised, _root["Key"]), Is.EqualTo((2, 2, "3")));
    }

    [Test]
    public void A_value_set_by_the_program_is_visible_at_once_and_announced_with_the_next_publication()
    {
        TakeOver(Kind.Manager);
        _root["Key"] = "set";
        Assert.That((_root["Key"], _raised), Is.EqualTo(("set", 0)));

        _root["Memory"] = "set";
        Publish();
        Assert.That((_root["Key"], _root["Memory"], _raised), Is.EqualTo(("1", "set", 1)), "the load resets the key of the file");
    }

    [Test]
    public void A_value_set_by_the_program_during_a_validation_is_kept()
    {
        TakeOver(Kind.Manager);
        _source.Values = new() { ["Key"] = "2" };
        var candidate = Load();
        _root["Added"] = "set";
        Publish(candidate);

        Assert.That((_root["Key"], _root["Added"]), Is.EqualTo(("2", "set")));
    }

    [Test]
    public void A_value_set_by_the_program_before_the_start_is_kept()
    {
        var builder = new ConfigurationManager();
        ((IConfigurationBuilder)builder).Add(_source);
        builder["Key"] = "of Program.cs";
        using var master = TakenOver.From(builder);

        Assert.That((builder["Key"], _source.Loads), Is.EqualTo(("of Program.cs", 1)));
        Assert.That(master.Snapshot().Values["Key"], Is.EqualTo("of Program.cs"));
        builder.Dispose();
    }

    [Test]
    public void A_change_of_one_file_does_not_load_other_files()
    {
        var other = new Source { Path = "other.test", Values = new() { ["Other"] = "1" } };
        using var manager = new ConfigurationManager();
        ((IConfigurationBuilder)manager).Add(_source).Add(other);
        using var master = TakenOver.From(manager);
        manager["Other"] = "set";
        _source.Values = new() { ["Key"] = "2" };
        _source.Announce();
        master.Publish(master.Load(loadsAll: false), master.Image);

        Assert.That((manager["Key"], manager["Other"], other.Loads), Is.EqualTo(("2", "set", 1)));
    }

    [Test]
    public void A_chained_section_is_taken_over_with_its_root()
    {
        _source.Values = new() { ["App:Key"] = "1" };
        var inner = new ConfigurationBuilder().Add(_source).Build();
        _root = new ConfigurationBuilder().AddConfiguration(inner.GetSection("App")).Build();
        using var master = TakenOver.From(_root);
        _source.Values = new() { ["App:Key"] = "2" };
        var candidate = master.Load(loadsAll: true);
        Assert.That((_root["Key"], inner["App:Key"], master.Warnings().Count()), Is.EqualTo(("1", "1", 0)));

        master.Publish(candidate, master.ImageOf(candidate));
        Assert.That(_root["Key"], Is.EqualTo("2"));
    }

    [Test]
    public void Unknown_chained_configurations_and_sources_added_later_log_a_warning()
    {
        using var manager = new ConfigurationManager();
        ((IConfigurationBuilder)manager).AddConfiguration(Mock.Of<IConfiguration>(c => c.GetReloadToken() == NullToken()));
        using var master = TakenOver.From(manager);
        Assert.That(master.Warnings().Single(), Does.Contain("chains a Castle.Proxies"));

        manager.AddInMemoryCollection([new("Late", "1")]);
        Assert.That(master.Warnings().Last(), Does.Contain("has changed the sources of its configuration after the host had started"));
    }

    [Test]
    public void Reload_on_the_root_requests_a_reload_and_loads_nothing_itself()
    {
        TakeOver(Kind.Root);
        var requests = 0;
        _accepted.LoadRequested = () => requests++;
        _source.Values = new() { ["Key"] = "2" };
        _root.Reload();

        Assert.That((requests > 0, _root["Key"], _source.Loads), Is.EqualTo((true, "1", 1)));
    }

    [Test]
    public void A_released_configuration_reloads_by_itself_and_can_be_taken_over_again()
    {
        TakeOver(Kind.Root);
        _accepted.Release();
        _source.Values = new() { ["Key"] = "2" };
        _root.Reload();
        Assert.That(_root["Key"], Is.EqualTo("2"));

        _accepted = AcceptedConfiguration.TakeOver(_root, Read)!;
        _source.Values = new() { ["Key"] = "3" };
        var candidate = Load();
        Assert.That(_root["Key"], Is.EqualTo("2"));
        Publish(candidate);
        Assert.That(_root["Key"], Is.EqualTo("3"));
    }

    [Test]
    public void A_chained_configuration_contains_accepted_values_too()
    {
        var inner = new ConfigurationBuilder().Add(_source).Build();
        _root = new ConfigurationBuilder().AddConfiguration(inner).Build();
        _accepted = AcceptedConfiguration.TakeOver(_root, Read)!;
        var raised = new List<string>();
        ChangeToken.OnChange(inner.GetReloadToken, () => raised.Add($"inner {inner["Key"]}"));
        ChangeToken.OnChange(_root.GetReloadToken, () => raised.Add($"outer {_root["Key"]}"));
        _source.Values = new() { ["Key"] = "2" };
        var candidate = Load();
        Assert.That((inner["Key"], _root["Key"]), Is.EqualTo(("1", "1")));

        Publish(candidate);
        Assert.That(raised, Is.EqualTo(new[] { "inner 2", "outer 2" }));
    }

    [Test]
    public void An_unsupported_configuration_is_not_taken_over_and_the_warning_names_its_type()
    {
        var section = _source.ToConfiguration().GetSection("Section");
        Assert.That(AcceptedConfiguration.TakeOver(section, Read), Is.Null);
        Assert.That(AcceptedConfiguration.TakeOver(Mock.Of<IConfigurationRoot>(), Read), Is.Null);
        Assert.That(AcceptedConfiguration.TakeOver(null, Read), Is.Null);
        Assert.That(TakenOver.From(section).Warnings().Single(), Does.Contain("is a Microsoft.Extensions.Configuration.ConfigurationSection, which the master cannot control"));
    }

    [Test]
    public void Providers_not_derived_from_ConfigurationProvider_are_copied_through_their_interface()
    {
        var values = new ConfigurationBuilder().AddInMemoryCollection([new("A:B:C", "1"), new("A:B", "2"), new("D", null)]).Build();
        _root = new ConfigurationBuilder().Add(new InterfaceOnlySource(values)).Build();
        _accepted = AcceptedConfiguration.TakeOver(_root, Read)!;
        values["A:B:C"] = "later";

        Assert.That((_root["A:B:C"], _root["A:B"], _root.GetSection("A").GetChildren().Single().Key), Is.EqualTo(("1", "2", "B")));
    }

    private void TakeOver(Kind kind)
    {
        var builder = kind == Kind.Manager ? (IConfigurationBuilder)new ConfigurationManager() : new ConfigurationBuilder();
        _root = builder.AddInMemoryCollection([]).Add(_source).Build();
        _accepted = AcceptedConfiguration.TakeOver(_root, Read)!;
        ChangeToken.OnChange(_root.GetReloadToken, () => _raised++);
    }

    private static SourceValues Read(IConfigurationProvider provider)
    {
        if (provider is FileConfigurationProvider file)
        {
            ConfigurationInternals.StopWatching(file);
        }

        return SourceReader.Read(provider);
    }

    private ConfigurationCandidate Load() => ConfigurationCandidate.Load(_accepted, new LoadedFiles(), loadsAll: true);

    private void Publish() => Publish(Load());

    private void Publish(ConfigurationCandidate candidate)
    {
        if (_accepted.Publish(candidate.Values, keepsSet: true))
        {
            _accepted.Raise(_errors.Add);
        }
    }

    private static ConfigurationReloadToken NullToken() => new();

    private sealed class InterfaceOnlySource(IConfiguration values) : IConfigurationSource, IConfigurationProvider
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public IEnumerable<string> GetChildKeys(IEnumerable<string> earlierKeys, string? parentPath) =>
            (parentPath is null ? values : values.GetSection(parentPath)).GetChildren().Select(c => c.Key).Concat(earlierKeys);

        public IChangeToken GetReloadToken() => new ConfigurationReloadToken();

        public void Load()
        {
        }

        public void Set(string key, string? value) => throw new NotSupportedException();

        public bool TryGet(string key, out string? value) => (value = values[key]) is not null;
    }
}
