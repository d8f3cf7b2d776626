namespace Cotyledon.Hosting.Control;

/// <summary>The program at the other end of a connection.</summary>
/// <param name="Name">Its user and process id, for the log.</param>
/// <param name="MayControl">Whether it may do more than read.</param>
internal sealed record ControlPeer(string Name, bool MayControl)
{
    /// <summary>Returns the rights of a user, or null if the user has none.</summary>
    /// <param name="userId">The user of the other program.</param>
    /// <param name="processId">Its process id; 0 if it is unknown or in another namespace.</param>
    /// <param name="ownUserId">The user of this process.</param>
    /// <param name="settings">The settings of the endpoint.</param>
    /// <remarks>
    /// The modes of directory and socket let only members of the group connect, so the groups of the other program, which may be
    /// supplementary groups, are not checked again.
    /// </remarks>
    public static ControlPeer? Of(uint userId, int processId, uint ownUserId, ControlSettings settings)
    {
        var name = $"uid {userId} pid {processId}";
        return userId == ownUserId || userId == 0 ? new ControlPeer(name, MayControl: true)
            : settings.Group is not null ? new ControlPeer(name, settings.GroupMayControl)
            : null;
    }
}
