using System.Globalization;

namespace Cotyledon.Hosting.Serilog.Wire;

/// <summary>Converts objects of the program to text. If an object throws, the text names its type and that of the exception.</summary>
internal static class UserText
{
    public static string Of(object value) => Try(
        value,
        static v => (v is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : v.ToString()) ?? "");

    public static string MessageOf(Exception exception) => Try(exception, static e => e.Message ?? "");

    public static string? StackTraceOf(Exception exception)
    {
        var text = Try(exception, static e => e.StackTrace ?? "");
        return text.Length == 0 ? null : text;
    }

    private static string Try<T>(T value, Func<T, string> read) where T : notnull
    {
        try
        {
            return read(value);
        }
        catch (Exception e)
        {
            return $"{value.GetType()} cannot be written: {e.GetType()}";
        }
    }
}
