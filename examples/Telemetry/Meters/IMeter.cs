namespace Telemetry.Meters;

/// <summary>A quantity of this machine that can be measured.</summary>
internal interface IMeter
{
    string Name { get; }

    string Unit { get; }

    /// <summary>The present value, or <see langword="null"/> if there is none (yet).</summary>
    double? Read();
}
