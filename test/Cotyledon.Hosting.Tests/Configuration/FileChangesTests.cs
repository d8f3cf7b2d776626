using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>Files that only the timer checks: the file provider of these tests reports none, like that of .NET for links.</summary>
internal sealed class FileChangesTests
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch);
    private readonly string _directory = Directory.CreateTempSubdirectory("cotyledon").FullName;
    private readonly List<IDisposable> _disposables = [];
    private int _noticed;
    private int _noticedOthers;

    private string File => Path.Combine(_directory, "settings.json");

    [TearDown]
    public void TearDown()
    {
        _disposables.ForEach(d => d.Dispose());
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void A_written_file_is_detected_at_the_next_check()
    {
        Write("{}");
        Watch(out _);
        Write("""{ "Key": 1 }""");

        _clock.Advance(ConfigurationWatcher.CheckDelay - TimeSpan.FromTicks(1));
        Assert.That(_noticed, Is.Zero);
        _clock.Advance(TimeSpan.FromTicks(1));
        _clock.Advance(Quiet);
        Assert.That(_noticed, Is.EqualTo(1));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.That(_noticed, Is.EqualTo(1));
    }

    [Test]
    public void A_file_that_is_still_being_written_is_not_reported_yet()
    {
        Write("{}");
        Watch(out _);
        Write("""{ "Key": """);
        _clock.Advance(ConfigurationWatcher.CheckDelay);
        Write("""{ "Key": 1 """);
        _clock.Advance(Quiet);
        Assert.That(_noticed, Is.Zero);

        Write("""{ "Key": 1 }""");
        _clock.Advance(Quiet);
        Assert.That(_noticed, Is.Zero);

        _clock.Advance(Quiet);
        Assert.That(_noticed, Is.EqualTo(1));
    }

    [Test]
    public void A_continuously_written_file_is_reported_after_two_seconds()
    {
        Write("{}");
        Watch(out _);
        Write("""{ "Key": 0 }""");
        _clock.Advance(ConfigurationWatcher.CheckDelay);
        for (var i = 0; i < 11; i++)
        {
            Write($$"""{ "Key": {{new string('1', i + 2)}} }""");
            _clock.Advance(Quiet);
        }

        Assert.That(_noticed, Is.EqualTo(1));
    }

    [Test]
    public void Creation_and_deletion_of_a_file_are_detected()
    {
        Watch(out _);
        Write("{}");
        WaitForCheck();
        Assert.That(_noticed, Is.EqualTo(1));

        System.IO.File.Delete(File);
        WaitForCheck();
        Assert.That(_noticed, Is.EqualTo(2));
    }

    [Test, Platform("Unix")]
    public void The_swap_of_a_link_to_a_directory_is_detected()
    {
        SwapDirectory("first", "{}");
        System.IO.File.CreateSymbolicLink(File, Path.Combine("current", "settings.json"));
        Watch(out _);

        SwapDirectory("second", """{ "Key": 1 }""");
        WaitForCheck();

        Assert.That(_noticed, Is.EqualTo(1));
    }

    [Test, Platform("Unix")]
    public void The_swap_of_a_link_is_detected_although_time_and_length_are_equal()
    {
        SwapDirectory("first", """{ "Key": 1 }""");
        System.IO.File.CreateSymbolicLink(File, Path.Combine("current", "settings.json"));
        Watch(out _);

        SwapDirectory("second", """{ "Key": 2 }""");
        WaitForCheck();

        Assert.That(_noticed, Is.EqualTo(1));
    }

    [Test]
    public void A_file_written_between_its_load_and_the_start_of_the_watcher_is_detected()
    {
        Write("{}");
        var configuration = TakenOver.From(Root(_ => { }));
        Write("""{ "Key": 1 }""");
        _disposables.Add(new ConfigurationWatcher(configuration, _clock, OnChanged));

        _clock.Advance(Quiet);

        Assert.That(_noticed, Is.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void An_exception_of_the_file_provider_does_not_stop_the_watcher(bool isWatched)
    {
        Write("{}");
        var provider = new ThrowingFileProvider(new PhysicalFileProvider(_directory)) { ThrowsInWatch = isWatched };
        var root = new ConfigurationBuilder().AddJsonFile(provider, "settings.json", optional: true, reloadOnChange: true).Build();
        var configuration = TakenOver.From(root);
        provider.Throws = true;
        _disposables.Add(new ConfigurationWatcher(configuration, _clock, OnChanged));
        WaitForCheck();
        Assert.That(configuration.Load(loadsAll: false).Errors, Has.Some.Contains("settings.json cannot be loaded: as scripted"));

        provider.Throws = false;
        Write("""{ "Key": 1 }""");
        WaitForCheck();
        Assert.That(_noticed, Is.GreaterThan(0));
        Assert.That(configuration.Load(loadsAll: false).Errors, Is.Empty);
    }

    [Test]
    public void A_file_in_a_chained_configuration_is_detected_too()
    {
        Write("{}");
        var root = new ConfigurationBuilder().AddConfiguration(Root(_ => { })).Build();
        Watch(root);
        Write("""{ "Key": 1 }""");

        WaitForCheck();

        Assert.That(_noticed, Is.EqualTo(1));
    }

    [Test]
    public void A_file_without_ReloadOnChange_is_reported_as_not_followed()
    {
        Write("{}");
        Watch(out _, source => source.ReloadOnChange = false);
        Write("""{ "Key": 1 }""");

        WaitForCheck();

        Assert.That((_noticed, _noticedOthers), Is.EqualTo((0, 1)));
    }

    [Test]
    public void The_signature_of_files_depends_on_size_time_and_existence()
    {
        var files = Root(_ => { }).Providers.OfType<FileConfigurationProvider>().ToList();
        var none = FileSignatures.Of(files);
        Write("{}");
        var first = FileSignatures.Of(files);
        var again = FileSignatures.Of(files);
        Write("{ }");
        var longer = FileSignatures.Of(files);
        System.IO.File.SetLastWriteTimeUtc(File, DateTime.UnixEpoch);
        var older = FileSignatures.Of(files);

        Assert.That(again, Is.EqualTo(first));
        Assert.That(new[] { none, first, longer, older }, Is.Unique);
        Assert.That(FileSignatures.Of([]), Is.Empty);
    }

    private ConfigurationWatcher Watch(out IConfigurationRoot root, Action<JsonConfigurationSource>? configure = null) =>
        Watch(root = Root(configure ?? (_ => { })));

    private ConfigurationWatcher Watch(IConfigurationRoot root)
    {
        var configuration = TakenOver.From(root);
        configuration.Load(loadsAll: true); // Otherwise, files written since the start of this process are reported as changed.
        var watcher = new ConfigurationWatcher(configuration, _clock, OnChanged);
        _disposables.Add(watcher);
        return watcher;
    }

    private void OnChanged(ConfigurationChange change)
    {
        _noticed += change.HasFlag(ConfigurationChange.Followed) ? 1 : 0;
        _noticedOthers += change == ConfigurationChange.Files ? 1 : 0;
    }

    private IConfigurationRoot Root(Action<JsonConfigurationSource> configure)
    {
        var provider = new SilentFileProvider(new PhysicalFileProvider(_directory));
        _disposables.Add(provider);
        return new ConfigurationBuilder().AddJsonFile(source =>
        {
            source.FileProvider = provider;
            source.Path = "settings.json";
            source.Optional = true;
            source.ReloadOnChange = true;
            configure(source);
        }).Build();
    }

    private void WaitForCheck()
    {
        _clock.Advance(ConfigurationWatcher.CheckDelay);
        _clock.Advance(Quiet);
    }

    private void Write(string text) => System.IO.File.WriteAllText(File, text);

    /// <summary>Replaces the link as Kubernetes does for a mounted ConfigMap.</summary>
    private void SwapDirectory(string name, string text)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_directory, name));
        var file = Path.Combine(directory.FullName, "settings.json");
        System.IO.File.WriteAllText(file, text);
        System.IO.File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch); // Nix and OSTree set this time on all files.
        var link = Path.Combine(_directory, "current");
        if (Directory.Exists(link))
        {
            Directory.Delete(link);
        }

        Directory.CreateSymbolicLink(link, name);
    }

    private sealed class ThrowingFileProvider(PhysicalFileProvider inner) : IFileProvider
    {
        public bool Throws { get; set; }

        public bool ThrowsInWatch { get; init; }

        public IDirectoryContents GetDirectoryContents(string subpath) => inner.GetDirectoryContents(subpath);

        public IFileInfo GetFileInfo(string subpath) =>
            Throws ? throw new InvalidOperationException("as scripted") : inner.GetFileInfo(subpath);

        public IChangeToken Watch(string filter) =>
            Throws && ThrowsInWatch ? throw new InvalidOperationException("as scripted") : NullChangeToken.Singleton;
    }

    private sealed class SilentFileProvider(PhysicalFileProvider inner) : IFileProvider, IDisposable
    {
        public IDirectoryContents GetDirectoryContents(string subpath) => inner.GetDirectoryContents(subpath);

        public IFileInfo GetFileInfo(string subpath) => inner.GetFileInfo(subpath);

        public IChangeToken Watch(string filter) => NullChangeToken.Singleton;

        public void Dispose() => inner.Dispose();
    }
}
