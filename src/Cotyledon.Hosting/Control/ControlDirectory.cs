using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Control;

/// <summary>Chooses and checks the directory of the control socket.</summary>
[UnsupportedOSPlatform("windows")]
internal static class ControlDirectory
{
    private const uint OwnerOnly = 0b111_000_000;
    private const uint GroupReads = 0b000_101_000;
    private const uint GroupBits = 0b000_111_000;
    private const uint OthersWrite = 0b000_010_010;

    /// <summary>Returns the directories in the order in which they are tried.</summary>
    /// <param name="configured">The directory of the settings, which is then the only one.</param>
    /// <param name="userId">The user of this process.</param>
    /// <param name="variable">Returns an environment variable.</param>
    public static IEnumerable<string> Candidates(string? configured, uint userId, Func<string, string?> variable)
    {
        if (configured is not null)
        {
            return [configured];
        }

        // systemd separates several directories by colons.
        string?[] candidates =
        [
            variable("RUNTIME_DIRECTORY")?.Split(':')[0],
            userId == 0 ? "/run/cotyledon" : null,
            variable("XDG_RUNTIME_DIR") is { Length: > 0 } user ? Path.Combine(user, "cotyledon") : null,
            string.Create(CultureInfo.InvariantCulture, $"/tmp/cotyledon-{userId}"),
        ];
        return candidates.OfType<string>().Where(Path.IsPathRooted).Select(Path.TrimEndingDirectorySeparator).Distinct();
    }

    /// <summary>Creates the directory if it does not exist, and checks that no other user can replace files in it.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="group">The group that gets access, or null.</param>
    /// <returns>Why it cannot be used, or null.</returns>
    public static string? Prepare(string directory, uint? group)
    {
        var error = OwnedFile.CreateDirectory(directory, OwnerOnly);
        if (error is not (0 or Libc.ExistsError) && OwnedFile.Read(directory) is null)
        {
            return $"{directory} cannot be created: {Marshal.GetPInvokeErrorMessage(error)}";
        }

        return Problem(directory, OwnedFile.Read(directory)) ?? (group is { } number ? Open(directory, number) : null);
    }

    /// <summary>
    /// Returns why a directory cannot be used, or null. Others may read it, as in a directory that systemd has created: the sockets in it
    /// have their own modes.
    /// </summary>
    private static string? Problem(string directory, FileFacts? facts) => facts switch
    {
        null => $"{directory} does not exist",
        { IsLink: true } => $"{directory} is a symbolic link",
        { IsDirectory: false } => $"{directory} is not a directory",
        { UserId: var owner } when owner != OwnedFile.UserId => $"{directory} belongs to user {owner}, and this program runs as user {OwnedFile.UserId}",
        { Mode: var mode } when (mode & OthersWrite) != 0 => $"other users may write to {directory}",
        _ => null,
    };

    /// <summary>Lets the members of a group enter the directory.</summary>
    private static string? Open(string directory, uint group)
    {
        var facts = OwnedFile.Read(directory)!.Value;
        if ((facts.Mode & GroupBits) != 0 && facts.GroupId != group)
        {
            return $"{directory} is open to group {facts.GroupId} already; set Cotyledon:Control:Path to a directory that only this program uses";
        }

        if (facts.GroupId == group && (facts.Mode & GroupReads) == GroupReads)
        {
            return null;
        }

        // The group first, so that no other group gets access in between.
        var error = OwnedFile.SetGroup(directory, group) is not 0 and var failed
            ? failed
            : OwnedFile.SetMode(directory, (facts.Mode & 0xfff) | GroupReads);
        return error == 0 ? null : $"group {group} cannot get access to {directory}: {Marshal.GetPInvokeErrorMessage(error)}";
    }
}
