using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Masks secrets in values that are logged: whole values by their keys, and parts of URLs and connection strings.</summary>
internal static partial class SecretMask
{
    private const string Mask = "***";

    private static readonly string[] SecretWords = ["password", "passwd", "pwd", "secret", "token", "key", "connectionstring", "credential"];

    /// <summary>Returns the value with all secrets masked. <paramref name="more"/> has additional parts of keys of secrets.</summary>
    public static string Apply(string key, string value, IReadOnlyCollection<string> more)
    {
        if (IsSecret(key, more))
        {
            return Mask;
        }

        try
        {
            var masked = Authority().Replace(value, MaskUser);
            return (masked.Contains(';', StringComparison.Ordinal) ? Pairs() : Words()).Replace(
                masked, pair => IsSecret(pair.Groups["key"].Value, more) ? $"{pair.Groups["key"]}{pair.Groups["is"]}{Mask}" : pair.Value);
        }
        catch (RegexMatchTimeoutException)
        {
            return Mask;
        }
    }

    /// <summary>Returns whether any part of the key denotes a secret, such as the section of a key <c>ConnectionStrings:Main</c>.</summary>
    public static bool IsSecret(string key, IReadOnlyCollection<string> more)
    {
        var plain = Plain(key);
        return SecretWords.Concat(more.Select(Plain)).Any(word => word.Length > 0 && plain.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    private static string Plain(string key) =>
        key.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);

    /// <summary>Masks the users in an authority with one or several hosts (<c>rabbit://u:p@one,u:p@two/</c>).</summary>
    private static string MaskUser(Match authority) => "://" + string.Join(
        ',', authority.Groups["hosts"].Value.Split(',').Select(host => host.LastIndexOf('@') is >= 0 and var at ? Mask + host[at..] : host));

    /// <summary>
    /// Matches the part of a URL before its path. If a password contains an unescaped slash, the match extends to the last @.
    /// </summary>
    [GeneratedRegex("""://(?<hosts>[^\s"'/?#@:]*:(?!\d+(?:[/?#,\s]|$))[^\s"'@]*@[^\s"'/?#]*|[^\s"'/?#]*)""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Authority();

    /// <summary>Matches the pairs in <c>Server=a;Password="b;c"</c>.</summary>
    [GeneratedRegex("""(?<key>[^;=?&]+)(?<is>\s*=\s*)(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^;&]*)""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Pairs();

    /// <summary>Matches the pairs in <c>host=a password=b</c> and <c>?user=a&amp;password=b</c>.</summary>
    [GeneratedRegex("""(?<key>[^\s;=?&]+)(?<is>\s*=\s*)(?:"(?:[^"]|"")*"|'(?:[^']|'')*'|[^\s&]*)""", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Words();
}
