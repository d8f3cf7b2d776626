using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;
using Moq;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>The program's own configuration object shows what was accepted, and nothing else.</summary>
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
    public void The_fields_of_the_framework_that_this_needs_are_there(Kind kind)
    {
        TakeOver(kind);
        _source.Values = new() { ["Key"] = "2" };
        _source.Announce();

        Assert.That((_root["Key"], _raised, _source.Loads), Is.EqualTo(("1", 0, 1)), "neither the file nor its provider is heard");
    }

    [TestCase(Kind.Root)]
    [TestCase(Kind.Manager)]
    public void A_candidate_is_seen_by_the_code_that_validates_it_and_by_no_other(Kind kind)
    {
        TakeOver(kind);
        _source.Values = new() { ["Key"] = "2", ["Added"] = "1" };
        var candidate = Load();
        using var shown = new ManualResetEventSlim();
        using var looked = new ManualResetEventSlim();
        string? others = null;
        var thread = new Thread(() =>
        {
            shown.Wait();
            others = _root["Key"];
            looked.Set();
        });
        thread.Start();
        Task<string?> late;
        using (new CandidateScope(_accepted, candidate.Values))
        {
            shown.Set();
            looked.Wait();
            Assert.That((_root["Key"], _root["Added"], _root["Section:Key"]), Is.EqualTo(("2", "1", (string?)null)));
            Assert.That(Task.Run(() => _root["Key"]).Result, Is.EqualTo("2"), "it may start tasks");
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
    public void What_is_published_is_seen_at_once_and_the_token_rises_once(Kind kind)
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
    public void A_value_that_the_program_sets_is_seen_at_once_and_announced_with_the_next_publication()
    {
        TakeOver(Kind.Manager);
        _root["Key"] = "set";
        Assert.That((_root["Key"], _raised), Is.EqualTo(("set", 0)));

        _root["Memory"] = "set";
        Publish();
        Assert.That((_root["Key"], _root["Memory"], _raised), Is.EqualTo(("1", "set", 1)), "the file was loaded again, as in any host");
    }

    [Test]
    public void A_value_that_the_program_sets_while_a_candidate_is_validated_is_not_lost()
    {
        TakeOver(Kind.Manager);
        _source.Values = new() { ["Key"] = "2" };
        var candidate = Load();
        _root["Added"] = "set";
        Publish(candidate);

        Assert.That((_root["Key"], _root["Added"]), Is.EqualTo(("2", "set")));
    }

    [Test]
    public void What_the_program_sets_before_the_start_remains()
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
    public void A_change_of_one_file_loads_no_other()
    {
        var other = new Source { Path = "other.test", Values = new() { ["Other"] = "1" } };
        using var manager = new ConfigurationManager();
        ((IConfigurationBuilder)manager).Add(_source).Add(other);
        using var master = TakenOver.From(manager);
        manager["Other"] = "set";
        _source.Values = new() { ["Key"] = "2" };
        _source.Announce();
        master.Publish(master.Load(isForced: false), master.Image);

        Assert.That((manager["Key"], manager["Other"], other.Loads), Is.EqualTo(("2", "set", 1)));
    }

    [Test]
    public void A_section_that_is_chained_is_owned_with_the_configuration_that_it_is_a_part_of()
    {
        _source.Values = new() { ["App:Key"] = "1" };
        var inner = new ConfigurationBuilder().Add(_source).Build();
        _root = new ConfigurationBuilder().AddConfiguration(inner.GetSection("App")).Build();
        using var master = TakenOver.From(_root);
        _source.Values = new() { ["App:Key"] = "2" };
        var candidate = master.Load(isForced: true);
        Assert.That((_root["Key"], inner["App:Key"], master.Warnings().Count()), Is.EqualTo(("1", "1", 0)));

        master.Publish(candidate, master.ImageOf(candidate));
        Assert.That(_root["Key"], Is.EqualTo("2"));
    }

    [Test]
    public void Chained_configurations_of_another_kind_and_sources_that_are_added_later_are_warned_of()
    {
        using var manager = new ConfigurationManager();
        ((IConfigurationBuilder)manager).AddConfiguration(Mock.Of<IConfiguration>(c => c.GetReloadToken() == NullToken()));
        using var master = TakenOver.From(manager);
        Assert.That(master.Warnings().Single(), Does.Contain("chains a Castle.Proxies"));

        manager.AddInMemoryCollection([new("Late", "1")]);
        Assert.That(master.Warnings().Last(), Does.Contain("has changed the sources of its configuration after the host had started"));
    }

    [Test]
    public void A_reload_by_the_program_asks_for_one_and_loads_nothing_itself()
    {
        TakeOver(Kind.Root);
        var asked = 0;
        _accepted.LoadRequested = () => asked++;
        _source.Values = new() { ["Key"] = "2" };
        _root.Reload();

        Assert.That((asked > 0, _root["Key"], _source.Loads), Is.EqualTo((true, "1", 1)));
    }

    [Test]
    public void A_configuration_that_outlives_its_host_answers_for_itself_and_can_be_taken_over_again()
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
    public void A_chained_configuration_that_the_program_holds_shows_accepted_values_as_well()
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
    public void Another_kind_of_configuration_is_left_alone_and_the_warning_names_it()
    {
        var section = _source.ToConfiguration().GetSection("Section");
        Assert.That(AcceptedConfiguration.TakeOver(section, Read), Is.Null);
        Assert.That(AcceptedConfiguration.TakeOver(Mock.Of<IConfigurationRoot>(), Read), Is.Null);
        Assert.That(AcceptedConfiguration.TakeOver(null, Read), Is.Null);
        Assert.That(TakenOver.From(section).Warnings().Single(), Does.Contain("is a Microsoft.Extensions.Configuration.ConfigurationSection, which the master cannot take over"));
    }

    [Test]
    public void Providers_that_do_not_derive_from_the_usual_class_are_copied_by_their_members()
    {
        var values = new ConfigurationBuilder().AddInMemoryCollection([new("A:B:C", "1"), new("A:B", "2"), new("D", null)]).Build();
        _root = new ConfigurationBuilder().Add(new ForeignSource(values)).Build();
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

    private ConfigurationCandidate Load() => ConfigurationCandidate.Load(_accepted, new LoadedFiles(), isForced: true);

    private void Publish() => Publish(Load());

    private void Publish(ConfigurationCandidate candidate)
    {
        if (_accepted.Publish(candidate.Values, keepsSet: true))
        {
            _accepted.Raise(_errors.Add);
        }
    }

    private static ConfigurationReloadToken NullToken() => new();

    private sealed class ForeignSource(IConfiguration values) : IConfigurationSource, IConfigurationProvider
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
