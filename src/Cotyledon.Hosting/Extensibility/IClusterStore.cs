using System.Diagnostics.CodeAnalysis;

namespace Cotyledon.Hosting.Extensibility;

/// <summary>
/// Keeps the records of a cluster: short texts with keys and revisions. It is all that services with <see cref="WorkerScope.Cluster"/> need of a
/// database. The package of a store registers it as a singleton in the master.
/// </summary>
/// <remarks>
/// <para>
/// The types in this namespace are the contract between the packages of Cotyledon.Hosting, and can change in any version. Stores of other packages
/// are not supported.
/// </para>
/// <para>Safety depends on one promise: of several writes that expect the same revision, at most one succeeds, and what it has written stays.</para>
/// <para>
/// Calls come from threads of the master's own, which may block; up to three at the same time, one of them <see cref="Watch"/>. An implementation
/// should not need the thread pool, so that a program that blocks the pool does not lose its lease.
/// </para>
/// </remarks>
[Experimental("COTYLEDON001")]
public interface IClusterStore
{
    /// <summary>Gets where the records are kept, for the log and the status, without passwords: <c>PostgreSQL at db1:5432, database orders</c>.</summary>
    string Description { get; }

    /// <summary>Reads all records whose key begins with one of the prefixes.</summary>
    /// <param name="prefixes">
    /// The beginnings of the keys: at least one, and none begins with another. A store that cannot read all records as they are at one time reads those
    /// of an earlier prefix before those of a later one.
    /// </param>
    /// <param name="timeout">How long the call may take.</param>
    /// <returns>The records, as they were at some time during the call, in any order, each one once.</returns>
    /// <exception cref="ClusterStoreException">The store did not answer, or refused. The message is shown to the operator.</exception>
    IReadOnlyList<ClusterRecord> Read(IReadOnlyList<string> prefixes, TimeSpan timeout);

    /// <summary>Creates, replaces or deletes a record, if it has the expected revision.</summary>
    /// <param name="write">What to write.</param>
    /// <param name="timeout">How long the call may take.</param>
    /// <returns>
    /// The new revision, which is higher than all earlier ones of this key, also if the record was deleted in between; any number after a deletion;
    /// <see langword="null"/> if the record has another revision, so that nothing was written.
    /// </returns>
    /// <exception cref="ClusterStoreException">
    /// The store did not answer, or refused. Whether the record was written is unknown: it may also be written later.
    /// </exception>
    long? TryWrite(ClusterWrite write, TimeSpan timeout);

    /// <summary>
    /// Does what <see cref="TryWrite"/> does, and also reads records if the store can do both in one step. It is used for a renewal that is due together
    /// with a read; other renewals use <see cref="TryWrite"/>. The default implementation does not read.
    /// </summary>
    /// <param name="write">What to write.</param>
    /// <param name="prefixes">The beginnings of the keys to read, as for <see cref="Read"/>.</param>
    /// <param name="timeout">How long the call may take.</param>
    /// <returns>
    /// The new revision and the records. If only the read fails, return the revision without records: <see cref="Read"/> is called then.
    /// </returns>
    /// <exception cref="ClusterStoreException">
    /// The store did not answer, or refused. Whether the record was written is unknown: it may also be written later.
    /// </exception>
    ClusterWriteResult TryWriteAndRead(ClusterWrite write, IReadOnlyList<string> prefixes, TimeSpan timeout) =>
        new() { Revision = TryWrite(write, timeout) };

    /// <summary>
    /// Waits for writes of other programs with <see cref="ClusterWrite.IsAnnounced"/>, until it is cancelled or the connection is lost. They are only
    /// hints, which make the cluster faster: none has to arrive.
    /// </summary>
    /// <param name="prefix">The beginning of the keys.</param>
    /// <param name="onChanged">Called after a record was written. Must not be called after the return.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClusterStoreException">The connection was lost. The call is repeated later.</exception>
    void Watch(string prefix, Action onChanged, CancellationToken cancellationToken);
}

/// <summary>Contains one record of a cluster.</summary>
[Experimental("COTYLEDON001")]
public sealed record ClusterRecord
{
    /// <summary>Gets the key: words of letters, digits, <c>-</c>, <c>_</c>, <c>.</c> and other characters, separated by <c>/</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the text.</summary>
    public required string Value { get; init; }

    /// <summary>Gets the revision, 1 or more.</summary>
    public required long Revision { get; init; }
}

/// <summary>Contains the write of one record.</summary>
[Experimental("COTYLEDON001")]
public sealed record ClusterWrite
{
    /// <summary>Gets the key, at most 300 characters.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the text, at most one mebibyte; <see langword="null"/> to delete the record.</summary>
    public required string? Value { get; init; }

    /// <summary>Gets the revision that the record must have; 0 if there must be no record.</summary>
    public required long ExpectedRevision { get; init; }

    /// <summary>Gets whether other programs are to be notified of the write (<see cref="IClusterStore.Watch"/>).</summary>
    public bool IsAnnounced { get; init; }
}

/// <summary>Contains the result of a write with a read.</summary>
[Experimental("COTYLEDON001")]
public sealed class ClusterWriteResult
{
    /// <summary>
    /// Gets the new revision of the written record; <see langword="null"/> if the record has another revision, so that nothing was written.
    /// </summary>
    public required long? Revision { get; init; }

    /// <summary>
    /// Gets the records, as they were at some time during the call, before or after the write; <see langword="null"/> if none were read, which is the
    /// default.
    /// </summary>
    public IReadOnlyList<ClusterRecord>? Records { get; init; }
}

/// <summary>The exception for a cluster store that did not answer, or refused.</summary>
[Experimental("COTYLEDON001")]
public sealed class ClusterStoreException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What has happened and what to do, for the operator.</param>
    /// <param name="innerException">The cause.</param>
    public ClusterStoreException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
