using System.Collections.Concurrent;
using Cotyledon.Hosting.Master;
using Cotyledon.Hosting.Supervision;

namespace Cotyledon.Hosting.Tests.Master;

/// <summary>Records the announcements of the supervisor.</summary>
internal sealed class FakeHost : ISupervisedHost
{
    public ConcurrentQueue<string> Calls { get; } = new();

    public ConcurrentQueue<Notice> Notices { get; } = new();

    public (int ExitCode, bool Fast)? Finished { get; private set; }

    public void AnnounceReady() => Calls.Enqueue("ready");

    public void AnnounceStopping() => Calls.Enqueue("stopping");

    public void Announce(Notice notice) => Notices.Enqueue(notice);

    public void Finish(int exitCode, bool fast) => Finished = (exitCode, fast);
}
