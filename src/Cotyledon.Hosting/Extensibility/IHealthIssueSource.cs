using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>
/// A part of the master that can have a problem without failing. The health of the program is degraded while it reports one. Register
/// implementations as enumerable singletons in the master.
/// </summary>
[Experimental("COTYLEDON001")]
public interface IHealthIssueSource
{
    /// <summary>Gets the present problems. Called from any thread; must not block.</summary>
    IEnumerable<HealthIssue> HealthIssues { get; }
}
