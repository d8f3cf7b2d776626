using System.Globalization;
using System.Text;

namespace Cotyledon.Hosting.Cluster.Nats;

/// <summary>
/// Converts keys into subjects and back. A slash becomes a dot, so that a prefix of whole words is a filter. Other characters than letters, digits,
/// <c>-</c> and <c>_</c> become their bytes in UTF-8: <c>=20</c>.
/// </summary>
internal static class NatsSubjects
{
    public const string Stream = "cotyledon-cluster";

    public const string All = Root + ">";

    private const string Root = "cotyledon.cluster.";

    public static string Of(string key) => Root + string.Join('.', key.Split('/').Select(Encode));

    /// <summary>Returns a filter for all keys with a prefix. It can match further ones.</summary>
    public static string FilterOf(string prefix) =>
        prefix.LastIndexOf('/') is >= 0 and var slash ? Of(prefix[..slash]) + ".>" : All;

    public static string KeyOf(string subject) => string.Join('/', subject[Root.Length..].Split('.').Select(Decode));

    private static string Encode(string word)
    {
        var text = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(word))
        {
            text = char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_'
                ? text.Append((char)b)
                : text.Append(CultureInfo.InvariantCulture, $"={b:x2}");
        }

        return text.Length == 0 ? "=" : text.ToString();
    }

    private static string Decode(string word)
    {
        if (word == "=")
        {
            return "";
        }

        var bytes = new List<byte>();
        for (var i = 0; i < word.Length; i++)
        {
            var isCode = word[i] == '=' && i + 2 < word.Length;
            bytes.Add(isCode ? byte.Parse(word.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) : (byte)word[i]);
            i += isCode ? 2 : 0;
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
