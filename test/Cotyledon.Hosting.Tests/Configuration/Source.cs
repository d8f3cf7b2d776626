using Microsoft.Extensions.Configuration;

namespace Cotyledon.Hosting.Tests.Configuration;

/// <summary>A source of configuration that the test writes: values are there when they are loaded, as those of a file are.</summary>
internal sealed class Source : ConfigurationProvider, IConfigurationSource
{
    private int _loads;

    /// <summary>What the next load reads.</summary>
    public Dictionary<string, string?> Values { get; set; } = [];

    /// <summary>What the next loads throw.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Called in each load, before anything is read.</summary>
    public Action OnLoad { get; set; } = () => { };

    public int Loads => Volatile.Read(ref _loads);

    public override void Load()
    {
        Interlocked.Increment(ref _loads);
        OnLoad();
        if (Failure is { } failure)
        {
            throw failure;
        }

        Data = new Dictionary<string, string?>(Values, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Says that there may be new values, as a watcher does.</summary>
    public void Announce() => OnReload();

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public IConfigurationRoot ToConfiguration() => new ConfigurationBuilder().Add(this).Build();
}
