using System.Text;
using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>Files written while they are loaded: a reader may get valid content that no version of the file ever had.</summary>
internal sealed class LoadedFilesTests
{
    private readonly MemoryFile _file = new("""{ "Key": "old", "Last": "old" }""");
    private readonly Queue<string> _writes = new();
    private MasterConfiguration _master = null!;

    [TearDown]
    public void TearDown() => _master.Dispose();

    [TestCase("""{ "Key": "old", "Last": "new" }""", true, TestName = "A_file_with_a_mixture_of_old_and_new_content_is_loaded_again")]
    [TestCase("""{ "Key": "new", """, true, TestName = "A_partially_written_file_is_loaded_again_when_it_is_complete")]
    [TestCase("", false, TestName = "An_empty_file_is_loaded_again_by_a_forced_reload_when_it_is_complete")]
    public void A_file_written_during_its_load_is_loaded_again(string seen, bool isFollowed)
    {
        TakeOver(isFollowed);
        _file.Write(seen);
        _writes.Enqueue("""{ "Key": "new", "Last": "new" }""");
        var candidate = _master.Load(loadsAll: !isFollowed);

        Assert.That(candidate.Errors, Is.Empty);
        Assert.That(_master.SnapshotOf(candidate).Values, Is.EquivalentTo(Values("new")));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_continuously_written_file_is_an_error_and_its_values_are_kept(bool isFollowed)
    {
        TakeOver(isFollowed);
        for (var i = 0; i < 10; i++)
        {
            _writes.Enqueue($$"""{ "Key": "{{i}}", "Last": "{{i - 1}}" }""");
        }

        var candidate = _master.Load(loadsAll: true);
        Assert.That(candidate.Errors, Is.EqualTo(new[]
        {
            "settings.json cannot be loaded: The file was written during each of 5 attempts to load it.",
        }));
        Assert.That(_master.SnapshotOf(candidate).Values, Is.EquivalentTo(Values("old")));

        _writes.Clear();
        _file.Write("""{ "Key": "new", "Last": "new" }""");
        candidate = _master.Load(loadsAll: false);
        Assert.That(candidate.Errors, Is.Empty);
        Assert.That(_master.SnapshotOf(candidate).Values, Is.EquivalentTo(Values(isFollowed ? "new" : "old")));
    }

    [Test]
    public void An_incomplete_file_that_does_not_change_is_loaded_once()
    {
        TakeOver(isFollowed: true);
        _file.Write("""{ "Key": "new", """);
        var loads = _file.Loads;
        Assert.That(_master.Load(loadsAll: false).Errors, Has.Count.EqualTo(1));
        Assert.That(_file.Loads, Is.EqualTo(loads + 1));
    }

    private static Dictionary<string, string?> Values(string value) => new() { ["Key"] = value, ["Last"] = value };

    private void TakeOver(bool isFollowed)
    {
        var configuration = new ConfigurationBuilder()
            .Add(new JsonConfigurationSource { FileProvider = _file, Path = "settings.json", ReloadOnChange = isFollowed })
            .Build();
        _master = TakenOver.From(configuration);
        _file.OnLoaded = () =>
        {
            if (_writes.TryDequeue(out var text))
            {
                _file.Write(text);
            }
        };
    }

    /// <summary>A file in memory, with a callback after each read that can write it.</summary>
    private sealed class MemoryFile(string text) : IFileProvider, IFileInfo
    {
        private string _text = text;

        public Action OnLoaded { get; set; } = () => { };

        public int Loads { get; private set; }

        public bool Exists => true;

        public long Length => _text.Length;

        public string? PhysicalPath => null;

        public string Name => "settings.json";

        public DateTimeOffset LastModified { get; private set; } = DateTimeOffset.UnixEpoch;

        public bool IsDirectory => false;

        public void Write(string text)
        {
            _text = text;
            LastModified += TimeSpan.FromSeconds(1);
        }

        public Stream CreateReadStream()
        {
            Loads++;
            var stream = new MemoryStream(Encoding.UTF8.GetBytes(_text));
            OnLoaded();
            return stream;
        }

        public IDirectoryContents GetDirectoryContents(string subpath) => NotFoundDirectoryContents.Singleton;

        public IFileInfo GetFileInfo(string subpath) => this;

        public IChangeToken Watch(string filter) => NullChangeToken.Singleton;
    }
}
