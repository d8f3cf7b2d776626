using System.Text.RegularExpressions;

namespace Cotyledon.Hosting.PackageTests;

/// <summary>
/// Executes a Dockerfile without Docker: each stage has a directory, COPY copies, RUN runs. Supports only the instructions and
/// the forms that the template uses.
/// </summary>
internal sealed class Dockerfile(string context, string root)
{
    private readonly Dictionary<string, string> _stages = [];
    private readonly string[] _ignored =
    [
        .. File.ReadLines(Path.Combine(context, ".dockerignore")).Select(line => line.Replace("**/", "", StringComparison.Ordinal)),
    ];

    private string _stage = "";
    private string _workDirectory = "";

    /// <summary>The program that the image starts.</summary>
    public string EntryPoint { get; private set; } = "";

    /// <summary>The working directory of the image.</summary>
    public string WorkDirectory => InStage(_workDirectory);

    public async Task BuildAsync()
    {
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(context, "Dockerfile")))
        {
            if (line.Length > 0 && line[0] != '#')
            {
                await ExecuteAsync(line.Split(' ')[0], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            }
        }
    }

    private async Task ExecuteAsync(string instruction, string arguments)
    {
        switch (instruction)
        {
            case "FROM":
                var from = Regex.Match(arguments, @"^mcr\.microsoft\.com/dotnet/(sdk|runtime):10\.0(?: AS (\w+))?$");
                Assert.That(from.Success, arguments);
                _stage = Directory.CreateDirectory(Path.Combine(root, $"stage{_stages.Count}")).FullName;
                _stages.Add(from.Groups[2].Value, _stage);
                break;
            case "WORKDIR":
                _workDirectory = arguments;
                Directory.CreateDirectory(WorkDirectory);
                break;
            case "COPY":
                Copy(arguments.Split(' '));
                break;
            case "RUN":
                await Workplace.RunAsync(WorkDirectory, arguments);
                break;
            case "ENTRYPOINT":
                EntryPoint = Regex.Match(arguments, @"^\[""([^""]+)""\]$").Groups[1].Value;
                break;
            default:
                Assert.That(instruction, Is.EqualTo("USER"));
                break;
        }
    }

    private void Copy(string[] arguments)
    {
        var other = arguments[0].StartsWith("--from=", StringComparison.Ordinal) ? _stages[arguments[0]["--from=".Length..]] : null;
        var (source, target) = (arguments[^2], Path.Combine(WorkDirectory, arguments[^1]));
        source = other is null ? Path.Combine(context, source) : other + source;
        if (File.Exists(source))
        {
            Directory.CreateDirectory(target);
            File.Copy(source, Path.Combine(target, Path.GetFileName(source)));
            return;
        }

        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(source, file);
            if (other is not null || !path.Split('/').Intersect(_ignored).Any())
            {
                var copy = Path.Combine(target, path);
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy, overwrite: true);
            }
        }
    }

    private string InStage(string path) => _stage + path;
}
