using System.Globalization;

namespace Telemetry.Meters.Linux;

/// <summary>The fields of a line, separated by blanks. A missing field is an empty text and not a number.</summary>
internal readonly struct Fields(string line)
{
    private readonly string[] _fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    public string this[int index] => index < _fields.Length ? _fields[index] : "";

    public double? Number(int index) =>
        double.TryParse(this[index], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : null;
}
