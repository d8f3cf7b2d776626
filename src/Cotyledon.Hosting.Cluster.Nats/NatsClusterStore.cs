using Cotyledon.Hosting.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Options;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Cotyledon.Hosting.Cluster.Nats;

/// <summary>
/// Keeps the records as the last messages of the subjects of one stream. A write expects the sequence number of the last message of its subject, which
/// makes it a compare-and-swap. Sequence numbers are those of the whole stream, so they never repeat.
/// </summary>
/// <remarks>
/// The client library is asynchronous only, so a call needs the thread pool. Records are read from the leader of the stream (no direct get), because
/// other replicas may be behind.
/// </remarks>
internal sealed class NatsClusterStore : IClusterStore, IDisposable
{
    private const string AnnouncedHeader = "Cotyledon-Announced";
    private const int PingsPerLease = 10;
    private const int Replicas = 3;
    private const int NotFound = 404;
    private const int WrongSequence = 10071;
    private const int WriteInFlight = 10164;
    private const int NotClustered = 10074;
    private const int TooFewServers = 10005;
    private const int TooFewServersWithSpace = 10023;

    /// <summary>Replicated streams of older servers can confirm two writes that expect the same revision (nats-server #4320).</summary>
    private static readonly Version FirstSafeVersion = new(2, 10);

    private readonly NatsConnection _connection;
    private readonly NatsJSContext _stream;
    private readonly SemaphoreSlim _creating = new(1);
    private volatile int _replicas;

    /// <exception cref="OptionsValidationException">There is no address.</exception>
    /// <exception cref="PlatformNotSupportedException">OpenSSL is missing.</exception>
    public NatsClusterStore(IOptions<CotyledonNatsClusterOptions> options, IOptions<CotyledonOptions> cluster)
    {
        if (options.Value.Url is not { } url)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(CotyledonNatsClusterOptions), [NatsOptionsCheck.MissingUrl]);
        }

        OpenSsl.Require("The client library of NATS");
        Description = $"NATS at {NatsServers.Shown(url)}";
        _connection = new NatsConnection(NatsOpts.Default with
        {
            Url = url,
            Name = "Cotyledon.Hosting cluster",
            MaxReconnectRetry = -1,
            ReconnectWaitMin = TimeSpan.FromMilliseconds(100),
            ReconnectWaitMax = TimeSpan.FromSeconds(1),
            ConnectTimeout = TimeSpan.FromSeconds(1),

            // If a server vanishes without closing the connection, another one must be found before the workers have to stop.
            PingInterval = cluster.Value.Cluster.LeaseDuration / PingsPerLease,
            MaxPingOut = 1,
            IgnoreAuthErrorAbort = true, // The password may be corrected on the server.
        });
        _stream = new NatsJSContext(_connection);
    }

    public string Description { get; }

    public IReadOnlyList<ClusterRecord> Read(IReadOnlyList<string> prefixes, TimeSpan timeout) => Run(
        async end =>
        {
            var records = new List<ClusterRecord>();
            foreach (var prefix in prefixes)
            {
                records.AddRange(await ReadAsync(prefix, end).ConfigureAwait(false));
            }

            return records;
        },
        timeout);

    public long? TryWrite(ClusterWrite write, TimeSpan timeout) => Run(
        async end =>
        {
            var subject = NatsSubjects.Of(write.Key);
            if (write is { ExpectedRevision: 0, Value: null })
            {
                return null; // A record that does not exist cannot be deleted.
            }

            var revision = await PublishAsync(subject, write, (ulong)write.ExpectedRevision, end).ConfigureAwait(false);
            if (revision is null && write.ExpectedRevision == 0)
            {
                // The record may have been deleted: then its last message is empty, unless it has been purged.
                var stream = await _stream.GetStreamAsync(NatsSubjects.Stream, cancellationToken: end).ConfigureAwait(false);
                if (await FindAsync(stream, subject, end).ConfigureAwait(false) is { Value.Length: 0 } deleted)
                {
                    revision = await PublishAsync(subject, write, (ulong)deleted.Revision, end).ConfigureAwait(false);
                }
            }

            if (revision is { } marker && write.Value is null)
            {
                await PurgeAsync(subject, marker, end).ConfigureAwait(false);
            }

            return revision;
        },
        timeout);

    public void Watch(string prefix, Action onChanged, CancellationToken cancellationToken)
    {
        try
        {
            WatchAsync(prefix, onChanged, cancellationToken).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end.
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException or TimeoutException)
        {
            throw new ClusterStoreException(NatsProblem.Describe(e), e);
        }
    }

    public void Dispose() => _connection.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(1));

    /// <summary>
    /// Returns whether a write was refused because of another one. While that one is being replicated, servers since 2.11 do not know the last
    /// sequence number yet, and use another code for this.
    /// </summary>
    internal static bool IsConflict(int errorCode) => errorCode is WrongSequence or WriteInFlight;

    private async Task<IEnumerable<ClusterRecord>> ReadAsync(string prefix, CancellationToken end)
    {
        var request = new StreamInfoRequest { SubjectsFilter = NatsSubjects.FilterOf(prefix) };
        var stream = await _stream.GetStreamAsync(NatsSubjects.Stream, request, end).ConfigureAwait(false);
        var found = stream.Info.State.Subjects?.Keys ?? [];
        var records = await Task.WhenAll(found.Where(s => NatsSubjects.KeyOf(s).StartsWith(prefix, StringComparison.Ordinal))
            .Select(s => FindAsync(stream, s, end))).ConfigureAwait(false);
        return records.OfType<ClusterRecord>().Where(r => r.Value.Length > 0);
    }

    private async Task WatchAsync(string prefix, Action onChanged, CancellationToken cancellationToken)
    {
        var filter = NatsSubjects.FilterOf(prefix);
        await foreach (var message in _connection.SubscribeAsync<NatsMemoryOwner<byte>>(filter, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            using (message.Data)
            {
                if (message.Headers?.ContainsKey(AnnouncedHeader) == true)
                {
                    onChanged();
                }
            }
        }
    }

    /// <returns>The sequence number of the message, or <see langword="null"/> if another one was the last.</returns>
    private async Task<long?> PublishAsync(string subject, ClusterWrite write, ulong expected, CancellationToken end)
    {
        // Not repeated by the library: if only the answer was lost, the repetition would be refused although the record was written.
        var options = new NatsJSPubOpts { ExpectedLastSubjectSequence = expected, RetryAttempts = 1 };
        var headers = write.IsAnnounced ? new NatsHeaders { [AnnouncedHeader] = "1" } : null;
        var answer = await _stream.PublishAsync(subject, write.Value ?? "", NatsUtf8PrimitivesSerializer<string>.Default, options, headers, end)
            .ConfigureAwait(false);
        if (answer.Error is { } error && IsConflict(error.ErrCode))
        {
            return null;
        }

        answer.EnsureSuccess();
        return (long)answer.Seq;
    }

    /// <summary>Removes the messages of a deleted record. If that fails, the empty message stays, which is not read as a record.</summary>
    private async Task PurgeAsync(string subject, long marker, CancellationToken end)
    {
        try
        {
            var request = new StreamPurgeRequest { Filter = subject, Seq = (ulong)marker + 1 };
            await _stream.PurgeStreamAsync(NatsSubjects.Stream, request, end).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException)
        {
            // The record was deleted by the empty message.
        }
    }

    private static async Task<ClusterRecord?> FindAsync(INatsJSStream stream, string subject, CancellationToken end)
    {
        try
        {
            var answer = await stream.GetAsync(new StreamMsgGetRequest { LastBySubj = subject }, end).ConfigureAwait(false);
            return new ClusterRecord
            {
                Key = NatsSubjects.KeyOf(subject),
                Value = System.Text.Encoding.UTF8.GetString(answer.Message.Data.Span),
                Revision = (long)answer.Message.Seq,
            };
        }
        catch (NatsJSApiException e) when (e.Error.Code == NotFound)
        {
            return null; // It has been deleted meanwhile.
        }
    }

    /// <summary>Creates the stream, and refuses one whose writes are not safe.</summary>
    private async Task EnsureStreamAsync(CancellationToken end)
    {
        await _connection.ConnectAsync().AsTask().WaitAsync(end).ConfigureAwait(false);
        var isSafe = Version.TryParse(_connection.ServerInfo?.Version.Split('-')[0], out var version) && version >= FirstSafeVersion;
        if (_replicas == 0)
        {
            await _creating.WaitAsync(end).ConfigureAwait(false);
            try
            {
                _replicas = _replicas > 0 ? _replicas : await FindReplicasAsync(isSafe, end).ConfigureAwait(false);
            }
            finally
            {
                _creating.Release();
            }
        }

        if (_replicas > 1 && !isSafe)
        {
            throw new ClusterStoreException(
                $"the stream {NatsSubjects.Stream} has {_replicas} replicas, but nats-server {version} can confirm two conflicting writes of a replicated "
                + $"stream. Upgrade the servers to {FirstSafeVersion} or later, or set the number of replicas to 1, and start the program again.");
        }
    }

    private async Task<int> FindReplicasAsync(bool isSafe, CancellationToken end)
    {
        try
        {
            return (await _stream.GetStreamAsync(NatsSubjects.Stream, cancellationToken: end).ConfigureAwait(false)).Info.Config.NumReplicas;
        }
        catch (NatsJSApiException e) when (e.Error.Code == NotFound)
        {
            return await CreateAsync(isSafe ? Replicas : 1, end).ConfigureAwait(false);
        }
    }

    private async Task<int> CreateAsync(int replicas, CancellationToken end)
    {
        var config = new StreamConfig(NatsSubjects.Stream, [NatsSubjects.All])
        {
            Storage = StreamConfigStorage.File,
            MaxMsgsPerSubject = 1,
            NumReplicas = replicas,
        };
        try
        {
            return (await _stream.CreateStreamAsync(config, end).ConfigureAwait(false)).Info.Config.NumReplicas;
        }
        catch (NatsJSApiException e) when (replicas > 1 && e.Error.ErrCode is NotClustered or TooFewServers or TooFewServersWithSpace)
        {
            return await CreateAsync(1, end).ConfigureAwait(false);
        }
    }

    private T Run<T>(Func<CancellationToken, Task<T>> call, TimeSpan timeout)
    {
        using var end = new CancellationTokenSource(timeout);
        try
        {
            return RunAsync(call, end.Token).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException or TimeoutException or ObjectDisposedException)
        {
            throw new ClusterStoreException(NatsProblem.Describe(e), e);
        }
    }

    private async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken end)
    {
        await EnsureStreamAsync(end).ConfigureAwait(false);
        return await call(end).ConfigureAwait(false);
    }
}
