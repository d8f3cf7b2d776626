namespace Cotyledon.Hosting.HostProgram;

/// <summary>Detects <c>dotnet watch</c>, which changes the code of the process that it has started only.</summary>
/// <remarks>https://learn.microsoft.com/dotnet/core/tools/dotnet-watch#environment-variables</remarks>
internal static class DotnetWatch
{
    public const string Warning = "The program is run by dotnet watch, which changes the code of the master only, not the code of "
        + "workers. Set Cotyledon:Mode to Auto or InProcess to see changes in services.";

    public static bool IsRunning { get; } = Environment.GetEnvironmentVariable("DOTNET_WATCH") is "1";
}
