namespace Telemetry.Meters;

/// <summary>One thing that can be measured on this machine.</summary>
internal interface IMeter
{
    string Name { get; }

    string Unit { get; }

    /// <summary>The value now, or <see langword="null"/> when there is none (yet).</summary>
    double? Read();
}
