namespace Telemetry.Meters;

/// <summary>One quantity that is measured on this machine.</summary>
internal interface IMeter
{
    string Name { get; }

    string Unit { get; }

    /// <summary>Reads the current value; <see langword="null"/> if there is none, or none yet.</summary>
    double? Read();
}
