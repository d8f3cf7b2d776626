using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Cotyledon.Hosting.Configuration;
using Cotyledon.Hosting.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>Valid and invalid edits of each kind of source: master and workers have exactly the accepted values.</summary>
[NonParallelizable]
internal sealed class SourceMatrixTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly string _directory = Directory.CreateTempSubdirectory("cotyledon-").FullName;
    private readonly TestLogger _logger = new();
    private readonly ConcurrentQueue<ConfigurationUpdate> _updates = new();
    private SourceContext _context = null!;
    private ServiceProvider _services = null!;
    private MasterConfiguration _master = null!;
    private ConfigurationEvaluator _evaluator = null!;
    private ConfigurationSnapshot _inForce = null!;
    private ConfigurationImage _sent = null!;
    private ConfigurationManager _workerRoot = null!;
    private WorkerConfiguration _worker = null!;
    private int _changes;

    private static IEnumerable<TestCaseData> Matrix =>
        from source in SourceCases.All
        from reloadOnChange in (bool[])[true, false]
        select new TestCaseData(source, reloadOnChange);

    [TearDown]
    public void TearDown()
    {
        Environment.SetEnvironmentVariable(SourceCases.Variable, null);
        _services.Dispose();
        _workerRoot.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [TestCaseSource(nameof(Matrix)), Category("Guarantee 6")]
    public async Task Master_and_worker_have_accepted_values_only(SourceCase source, bool reloadOnChange)
    {
        Start(source, reloadOnChange);
        var good = "1";
        await ExpectAsync(good, changes: 0);

        source.Write(_context, "2");
        good = source.IsLive ? "2" : good;
        await ReloadAsync(source, isAccepted: true, good);

        source.Write(_context, "-1");
        await ReloadAsync(source, isAccepted: !source.IsLive, good, source.IsLive ? "App:Number must be positive" : null);

        if (source.Break is { } makeUnreadable)
        {
            makeUnreadable(_context);
            await ReloadAsync(source, isAccepted: false, good, "cannot be loaded");
        }

        source.Write(_context, "3");
        good = source.IsLive ? "3" : good;
        await ReloadAsync(source, isAccepted: true, good);

        if (source.Remove is { } remove)
        {
            remove(_context);
            await ReloadAsync(source, isAccepted: false, good);
            source.Write(_context, "4");
            await ReloadAsync(source, isAccepted: true, good = "4", loadsAll: source.Name == "key per file");
        }

        await ExpectAsync(good, changes: source.IsLive ? source.Remove is null ? 2 : 3 : 0);
    }

    private void Start(SourceCase source, bool reloadOnChange)
    {
        _context = new SourceContext(_directory, reloadOnChange);
        source.Write(_context, "1");
        var root = Build(source);
        _context.Root = root;
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(root);
        services.AddCotyledonWorker<Program.Poller>();
        services.AddSingleton<IOptionsChangeTokenSource<App>>(new ConfigurationChangeTokenSource<App>(root));
        services.AddOptions<App>()
            .Configure(app => app.Number = int.Parse(root["App:Number"] ?? "0", CultureInfo.InvariantCulture))
            .Validate(app => app.Number > 0, "App:Number must be positive")
            .ValidateOnStart();
        _services = services.BuildServiceProvider();
        var settings = _services.GetRequiredService<MasterSettings>();
        _master = settings.Configuration;
        _master.TakeOver();
        settings.Read();
        _evaluator = new ConfigurationEvaluator(settings, TimeProvider.System);
        _inForce = _master.Snapshot();
        _services.GetRequiredService<IOptionsMonitor<App>>().OnChange(_ => _changes++);

        _workerRoot = Build(source);
        _worker = new WorkerConfiguration(_workerRoot, _updates, _logger);
        Send(_master.Image.Whole);
        _sent = _master.Image;
    }

    /// <summary>Builds a configuration manager, as the host builders do.</summary>
    private ConfigurationManager Build(SourceCase source)
    {
        var manager = new ConfigurationManager();
        source.Add(manager, _context);
        return manager;
    }

    /// <param name="source">The edited source.</param>
    /// <param name="isAccepted">Whether the edit must be accepted.</param>
    /// <param name="good">The expected value afterwards.</param>
    /// <param name="error">A part of the expected error.</param>
    /// <param name="loadsAll">Loads all sources, as SIGHUP does. The watcher of a deleted directory does not detect the new one.</param>
    private async Task ReloadAsync(SourceCase source, bool isAccepted, string good, string? error = null, bool loadsAll = false)
    {
        loadsAll |= !_context.ReloadOnChange || source.Name is "memory" or "environment";

        // A provider that loads by itself, such as key per file, may need some time.
        var isDone = false;
        IReadOnlyList<string> errors = [];
        for (var watch = Stopwatch.StartNew(); !isDone && watch.Elapsed < Limit; await Task.Delay(10))
        {
            var evaluated = await _evaluator.EvaluateAsync(loadsAll, _inForce);
            errors = evaluated.Errors;
            if (evaluated.Settings is not null)
            {
                _inForce = evaluated.Snapshot;
                if (_master.Publish(evaluated.Candidate, evaluated.Image!))
                {
                    _master.Accepted!.Raise(e => Assert.Fail(e.ToString()));
                }
            }

            isDone = isAccepted
                ? errors.Count == 0 && _context.Root!["App:Number"] == good
                : errors.Count > 0;
        }

        Assert.That(isDone, $"accepted: {isAccepted}, errors: {string.Join(' ', errors)}, value: {_context.Root!["App:Number"]}");
        Assert.That(errors, error is null ? Is.Not.Null : Has.Some.Contains(error));
        await ExpectAsync(good, changes: null, isSetByProgram: source.Name == "memory");
    }

    private Task ExpectAsync(string good, int? changes, bool isSetByProgram = false)
    {
        if (_master.Image.DifferenceFrom(_sent) is { } difference)
        {
            Send(difference);
            _sent = _master.Image;
        }

        _worker.Take(isApplied: true);
        var monitor = _services.GetRequiredService<IOptionsMonitor<App>>();
        Assert.Multiple(() =>
        {
            if (!isSetByProgram)
            {
                Assert.That(_context.Root!["App:Number"], Is.EqualTo(good), "the program in the master");
            }

            Assert.That($"{monitor.CurrentValue.Number}", Is.EqualTo(good), "options in the master");
            Assert.That(_workerRoot["App:Number"], Is.EqualTo(good), "the worker");
            Assert.That(_changes, changes is { } expected ? Is.EqualTo(expected) : Is.GreaterThanOrEqualTo(0), "changes");
        });
        return Task.CompletedTask;
    }

    private void Send(byte[] frames) => _updates.Enqueue(Frames.ToUpdate(frames));

    internal sealed class App
    {
        public int Number { get; set; }
    }
}
