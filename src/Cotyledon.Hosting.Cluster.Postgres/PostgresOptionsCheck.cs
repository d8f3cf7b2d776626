using Cotyledon.Hosting.Extensibility;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Cotyledon.Hosting.Cluster.Postgres;

/// <summary>Validates the options at the start and at each reload. A change has no effect until the program is restarted.</summary>
internal sealed class PostgresOptionsCheck(IServiceProvider services, IOptionsFactory<CotyledonPostgresClusterOptions> options) : IConfigurationCheck
{
    /// <summary>With the keys of other stores, whose programs may share the file.</summary>
    private static readonly HashSet<string> Known = new(
        [nameof(CotyledonClusterOptions.Name), nameof(CotyledonClusterOptions.LeaseDuration), nameof(CotyledonPostgresClusterOptions.ConnectionString), "Url"],
        StringComparer.OrdinalIgnoreCase);

    public const string MissingConnectionString = PostgresOptionsSetup.ConnectionStringKey + " is not set. Set it to a connection string such as "
        + "'Host=db1;Database=orders;Username=app'.";

    private string? _start;
    private string? _read;

    public void Check()
    {
        _read = options.Create(Options.DefaultName).ConnectionString;
        _start ??= _read;
        if (ErrorIn(_read) is { } error)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(CotyledonPostgresClusterOptions), [error]);
        }
    }

    public IEnumerable<string> Warnings()
    {
        var section = services.GetService<IConfiguration>()?.GetSection(PostgresOptionsSetup.Section).GetChildren() ?? [];
        foreach (var child in section.Where(c => !Known.Contains(c.Key)))
        {
            yield return $"{child.Path} is not a known setting of the cluster; it has no effect.";
        }

        if (_read != _start)
        {
            yield return $"{PostgresOptionsSetup.ConnectionStringKey} has changed; the old one stays in use until the program is restarted.";
        }
    }

    /// <summary>Returns what is wrong with a connection string, without its values.</summary>
    private static string? ErrorIn(string? connectionString)
    {
        if (connectionString is null)
        {
            return null; // An error only if a service needs it.
        }

        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString).Host is null
                ? $"{PostgresOptionsSetup.ConnectionStringKey} has no Host."
                : null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            return $"{PostgresOptionsSetup.ConnectionStringKey} is not a valid connection string of Npgsql: {e.Message}";
        }
    }
}
