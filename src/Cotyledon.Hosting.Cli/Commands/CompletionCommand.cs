using System.CommandLine;
using Cotyledon.Hosting.Cli.Output;

namespace Cotyledon.Hosting.Cli.Commands;

/// <summary>Prints a script for a shell. The script asks the tool itself, with the directive <c>[suggest:POSITION]</c>.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # bash: eval "$(cotyledon completion bash)"
        _cotyledon() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(cotyledon "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -F _cotyledon cotyledon
        """;

    private const string Zsh = """
        # zsh: eval "$(cotyledon completion zsh)"
        _cotyledon() {
            local -a words
            words=("${(@f)$(cotyledon "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -- "${words[@]}"
        }
        compdef _cotyledon cotyledon
        """;

    private const string Fish = """
        # fish: cotyledon completion fish | source
        complete -f -c cotyledon -a '(cotyledon "[suggest:"(commandline -C)"]" (commandline -p) 2>/dev/null)'
        """;

    private const string PowerShell = """
        # PowerShell: cotyledon completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName cotyledon -ScriptBlock {
            param($word, $ast, $position)
            cotyledon "[suggest:$position]" "$ast" 2>$null | Where-Object { $_ -like "$word*" } | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
            }
        }
        """;

    public static Command Create(Verb verb)
    {
        var shell = new Argument<string>("shell") { HelpName = "bash|zsh|fish|pwsh", Description = "The shell." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new Command("completion", "Print a script that completes commands in a shell.") { shell };
        command.SetAction(parse =>
        {
            var script = (parse.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, "fish" => Fish, _ => PowerShell }).ReplaceLineEndings("\n");
            verb.Environment.Terminal.WriteLine(verb.Read(parse).Json ? JsonOutput.Strings("lines", script.Split('\n')) : script);
            return ExitCodes.Done;
        });
        return command;
    }
}
