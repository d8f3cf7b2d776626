using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;

namespace Cotyledon.Hosting.Tests.Worker;

internal sealed class WorkerConfigurationTests
{
    private const string Watched = "watched.txt";

    private readonly string _directory = Directory.CreateTempSubdirectory("cotyledon-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void The_watcher_of_a_source_is_stopped_and_the_program_can_watch_again([Values] bool isFilePerKey)
    {
        using var files = new PhysicalFileProvider(_directory);
        using var configuration = new ConfigurationManager();
        _ = isFilePerKey
            ? configuration.AddKeyPerFile(source => (source.FileProvider, source.ReloadOnChange) = (files, true))
            : configuration.AddJsonFile(files, "settings.json", optional: true, reloadOnChange: true);
        var before = files.Watch(Watched);
        var logger = new TestLogger();
        _ = new WorkerConfiguration(configuration, new(), logger);
        var after = files.Watch(Watched);
        File.WriteAllText(Path.Combine(_directory, Watched), "");

        Assert.That(() => after.HasChanged, Is.True.After(10_000, 10));
        Assert.That(before.HasChanged, Is.False);
        Assert.That(logger.Lines, Is.Empty);
    }
}
