namespace Cotyledon.Hosting.ProcessTests;

/// <summary>The files of the test program's further configuration sources, in its directory.</summary>
internal static class TestSources
{
    public const string ExtraFile = "extra.json";
    public const string PolledFile = "polled.txt";

    /// <summary>Writes the values in the format of the source.</summary>
    public static void Write(string directory, string source, string value, int limit)
    {
        switch (source)
        {
            case "extra":
                Settings.Replace(Path.Combine(directory, ExtraFile), $$"""{ "Extra": "{{value}}", "ExtraLimit": {{limit}} }""");
                break;
            case "json" or "chained":
                Settings.Replace(Path.Combine(directory, source), $$"""{ "Extra": "{{value}}", "ExtraLimit": {{limit}} }""");
                break;
            case "ini":
                Settings.Replace(Path.Combine(directory, source), $"Extra={value}\nExtraLimit={limit}\n");
                break;
            case "xml":
                Settings.Replace(Path.Combine(directory, source), $"<c><Extra>{value}</Extra><ExtraLimit>{limit}</ExtraLimit></c>");
                break;
            case "keys":
                // In an order in which no mixture of valid and invalid values is valid.
                var keys = Directory.CreateDirectory(Path.Combine(directory, source)).FullName;
                var files = new[] { (Name: "Extra", Text: value), (Name: "ExtraLimit", Text: $"{limit}") };
                foreach (var file in limit < 0 ? files.Reverse() : files)
                {
                    File.WriteAllText(Path.Combine(keys, file.Name), file.Text);
                }

                break;
            case "polled":
                Settings.Replace(
                    Path.Combine(directory, PolledFile), $"Polled={value}\nPolledLimit={limit}\nExtraLimit=1\n");
                break;
        }
    }
}
