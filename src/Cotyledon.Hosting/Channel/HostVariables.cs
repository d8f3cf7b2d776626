namespace Cotyledon.Hosting.Channel;

/// <summary>
/// The environment variables that the master sets for the host of a worker. When this host starts, the worker restores the values of the master,
/// because programs that it starts inherit them: another program must not read its settings from the content root of this one.
/// </summary>
internal static class HostVariables
{
    /// <summary>The prefix of the variables with the original values.</summary>
    private const string Prefix = "COTYLEDON_ORIGINAL_";

    public static readonly string[] Names =
    [
        "DOTNET_CONTENTROOT", "ASPNETCORE_CONTENTROOT", "DOTNET_ENVIRONMENT", "ASPNETCORE_ENVIRONMENT", "DOTNET_hostBuilder__reloadConfigOnChange",
    ];

    /// <summary>Keeps the original value of a variable in the environment of a worker; <see langword="null"/> if there is none.</summary>
    public static void Keep(Dictionary<string, string> environment, string name, string? original)
    {
        environment.Remove(Prefix + name);
        if (original is not null)
        {
            environment[Prefix + name] = original;
        }
    }

    /// <summary>Restores the original values in this process, which is a worker.</summary>
    public static void Restore()
    {
        foreach (var name in Names)
        {
            Environment.SetEnvironmentVariable(name, Environment.GetEnvironmentVariable(Prefix + name));
            Environment.SetEnvironmentVariable(Prefix + name, null);
        }
    }
}
