using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>A configuration is read again, and its change tokens are raised where a value has changed.</summary>
[NonParallelizable]
internal sealed class ConfigurationReloadTests
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cotyledon-").FullName;
    private int _raised;

    private string FilePath => Path.Combine(_directory, "settings.json");

    [SetUp]
    public void WriteFile() => File.WriteAllText(FilePath, """{ "Key": "old" }""");

    [TearDown]
    public void Clean()
    {
        Environment.SetEnvironmentVariable("COTYLEDON_TEST_KEY", null);
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void Nothing_is_raised_where_all_values_are_as_they_were()
    {
        var root = Read();
        File.WriteAllText(FilePath, """{  "Key":  "old"  }""");

        ConfigurationReload.ReadAgain(root);

        Assert.That((_raised, root["Key"]), Is.EqualTo((0, "old")));
    }

    [TestCase("""{ "Key": "new" }""", "new")]
    [TestCase("""{ "Key": "old", "Other": "" }""", "old")]
    [TestCase("""{ "Other": "old" }""", null)]
    [TestCase("{ }", null)]
    [TestCase("""{ "Key": null }""", null)]
    public void A_value_that_is_new_other_or_gone_is_raised(string text, string? value)
    {
        var root = Read();
        File.WriteAllText(FilePath, text);

        ConfigurationReload.ReadAgain(root);

        Assert.That((_raised > 0, root["Key"]), Is.EqualTo((true, value)));
    }

    [Test]
    public void A_file_that_came_or_went_is_raised_and_one_that_is_still_missing_is_not()
    {
        File.Delete(FilePath);
        var root = Read();
        ConfigurationReload.ReadAgain(root);
        Assert.That(_raised, Is.Zero);

        File.WriteAllText(FilePath, """{ "Key": "new" }""");
        ConfigurationReload.ReadAgain(root);
        Assert.That((_raised > 0, root["Key"]), Is.EqualTo((true, "new")));

        _raised = 0;
        File.Delete(FilePath);
        ConfigurationReload.ReadAgain(root);
        Assert.That((_raised > 0, root["Key"]), Is.EqualTo((true, (string?)null)));
    }

    [Test]
    public void A_file_that_is_no_JSON_throws_as_it_does_at_the_start_and_leaves_the_old_values()
    {
        var root = Read();
        File.WriteAllText(FilePath, """{ "Key": """);

        Assert.That(() => ConfigurationReload.ReadAgain(root), Throws.TypeOf<InvalidDataException>());
        Assert.That(root["Key"], Is.EqualTo("old"));
    }

    [Test]
    public void A_file_that_has_to_be_there_throws_when_it_is_gone()
    {
        var root = Read(b => b.AddJsonFile(FilePath, optional: false));
        File.Delete(FilePath);

        Assert.That(() => ConfigurationReload.ReadAgain(root), Throws.TypeOf<FileNotFoundException>());
    }

    [Test]
    public void A_value_that_the_program_has_set_by_hand_is_raised()
    {
        var root = Read();
        root["Key"] = "by hand";

        ConfigurationReload.ReadAgain(root);

        Assert.That(_raised, Is.Positive);
    }

    [Test]
    public void The_environment_is_read_too_and_the_channel_that_a_worker_took_out_of_it_is_no_change()
    {
        Environment.SetEnvironmentVariable(Protocol.ChannelVariable, "3");
        var root = Read(b => b.AddEnvironmentVariables());
        Environment.SetEnvironmentVariable(Protocol.ChannelVariable, null);
        ConfigurationReload.ReadAgain(root);
        Assert.That(_raised, Is.Zero);

        Environment.SetEnvironmentVariable("COTYLEDON_TEST_KEY", "new");
        ConfigurationReload.ReadAgain(root);
        Assert.That((_raised > 0, root["COTYLEDON_TEST_KEY"]), Is.EqualTo((true, "new")));
    }

    [Test]
    public void A_provider_that_nobody_knows_is_reloaded_whole_since_it_may_do_anything_while_it_loads()
    {
        var source = new Source();
        var root = Read(b => b.Add(source));

        ConfigurationReload.ReadAgain(root);

        Assert.That((_raised > 0, source.Loads), Is.EqualTo((true, 2)));
    }

    private IConfigurationRoot Read(Action<IConfigurationBuilder>? add = null)
    {
        var builder = new ConfigurationBuilder();
        builder.AddJsonFile(FilePath, optional: true);
        builder.AddInMemoryCollection([new("Of", "memory")]);
        add?.Invoke(builder);
        var root = builder.Build();
        ChangeToken.OnChange(root.GetReloadToken, () => _raised++);
        return root;
    }
}
