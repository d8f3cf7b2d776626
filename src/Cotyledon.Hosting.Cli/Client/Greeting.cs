namespace Cotyledon.Hosting.Cli.Client;

/// <summary>The first line that a program sends. All fields are untrusted and can be absent, as in all records of this folder.</summary>
internal sealed record Greeting(int Protocol, string? App, string? Version, string? Library, int Pid, string? Access);
