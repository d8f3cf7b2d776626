using System.Runtime.CompilerServices;
using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.Queues.Configuration;

/// <summary>Applies section <c>Cotyledon:Queues:NAME</c> over the options that code has configured, and validates the result.</summary>
internal sealed class QueueOptionsSetup(IServiceProvider services)
    : IPostConfigureOptions<CotyledonQueueOptions>, IValidateOptions<CotyledonQueueOptions>
{
    public const string Section = CotyledonOptions.SectionName + ":Queues";

    /// <summary>The upper limit of <see cref="CotyledonQueueOptions.MaxItemSize"/>.</summary>
    public const int LargestItem = 64 * 1024 * 1024;

    private readonly IConfiguration? _configuration = services.GetService<IConfiguration>();
    private readonly IQueueStoreFactory[] _stores = [.. services.GetServices<IQueueStoreFactory>()];
    private readonly ConditionalWeakTable<CotyledonQueueOptions, IReadOnlyList<string>> _unreadable = [];

    public void PostConfigure(string? name, CotyledonQueueOptions options)
    {
        var reader = new SectionReader(_configuration, $"{Section}:{name}");
        options.Provider = reader.Text(nameof(options.Provider), options.Provider) ?? "";
        options.Path = reader.Text(nameof(options.Path), options.Path);
        options.Url = reader.Text(nameof(options.Url), options.Url);
        options.Capacity = reader.NumberOrNull(nameof(options.Capacity), options.Capacity);
        options.MaxItemSize = reader.Number(nameof(options.MaxItemSize), options.MaxItemSize);
        options.MaxAttempts = reader.NumberOrNull(nameof(options.MaxAttempts), options.MaxAttempts);
        options.MaxDead = reader.Number(nameof(options.MaxDead), options.MaxDead);
        options.LeaseTimeout = reader.LimitOrNull(nameof(options.LeaseTimeout), options.LeaseTimeout);
        options.MaxPrefetch = reader.Number(nameof(options.MaxPrefetch), options.MaxPrefetch);
        _unreadable.AddOrUpdate(options, reader.Errors);
    }

    public ValidateOptionsResult Validate(string? name, CotyledonQueueOptions options)
    {
        var check = new OptionsCheck(_configuration, $"{Section}:{name}");
        check.Limit(nameof(options.Capacity), options.Capacity, 1);
        check.Number(nameof(options.MaxItemSize), options.MaxItemSize, 1, LargestItem);
        check.Limit(nameof(options.MaxAttempts), options.MaxAttempts, 1);
        check.Number(nameof(options.MaxDead), options.MaxDead, 1, int.MaxValue);
        check.Limit(nameof(options.LeaseTimeout), options.LeaseTimeout, OptionLimits.MinCheckedTime, OptionLimits.MaxTime);
        check.Number(nameof(options.MaxPrefetch), options.MaxPrefetch, 1, 1_000_000);
        var store = _stores.FirstOrDefault(s => s.Provider.Equals(options.Provider, StringComparison.OrdinalIgnoreCase));
        if (store is null)
        {
            check.Text(nameof(options.Provider), options.Provider, Providers(options.Provider));
        }

        List<string> unreadable = [.. _unreadable.TryGetValue(options, out var found) ? found : []];
        if (store?.Check(name ?? "", options) is { } problem)
        {
            unreadable.Add($"{Section}:{name}: {problem}");
        }

        return check.ResultWith(unreadable);
    }

    /// <summary>Lists the registered providers. If the missing provider is Nats, the text also says how to register it.</summary>
    private string Providers(string wanted)
    {
        var all = $"one of {string.Join(", ", _stores.Select(s => s.Provider))}";
        return wanted.Equals("Nats", StringComparison.OrdinalIgnoreCase)
            ? $"{all}, because Nats is not registered: add the package Cotyledon.Hosting.Queues.Nats and call "
                + "builder.Services.AddCotyledonNatsQueues()"
            : all;
    }
}
