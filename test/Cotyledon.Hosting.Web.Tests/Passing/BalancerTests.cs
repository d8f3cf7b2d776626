using Cotyledon.Hosting.Web.Passing;

namespace Cotyledon.Hosting.Web.Tests.Passing;

/// <summary>The choice of the worker for a connection.</summary>
internal sealed class BalancerTests
{
    private const int Endpoint = 0;

    [Test]
    public void Worker_with_the_fewest_connections_is_chosen_and_equal_ones_take_turns()
    {
        var links = Links(3);
        var balancer = new Balancer(links, WebAffinity.None);
        var chosen = Enumerable.Range(0, 6).Select(i => Pass(balancer, i)).ToList();
        Assert.That(chosen.GroupBy(c => c).Select(g => g.Count()), Is.All.EqualTo(2));
        Accept(links[1], links[1].Unacknowledged[0].Number);
        Close(links[1], 1);
        Assert.That(balancer.Choose(Endpoint, 0, now: 0), Is.SameAs(links[1]));
    }

    [Test]
    public void Worker_without_credit_gets_no_connection()
    {
        var links = Links(1);
        var balancer = new Balancer(links, WebAffinity.None);
        for (var i = 0; i < WorkerLink.Credit; i++)
        {
            Assert.That(Pass(balancer, i), Is.Zero);
        }

        Assert.That(balancer.Choose(Endpoint, 0, now: 0), Is.Null);
        Accept(links[0], 0);
        Assert.That(balancer.Choose(Endpoint, 0, now: 0), Is.SameAs(links[0]));
    }

    [Test]
    public void Worker_that_does_not_acknowledge_in_time_gets_no_further_connection()
    {
        var links = Links(1);
        var balancer = new Balancer(links, WebAffinity.None);
        Pass(balancer, 0);
        Assert.That(balancer.Choose(Endpoint, 0, now: WorkerLink.MaxAcknowledgeDelay), Is.Not.Null);
        Assert.That(balancer.Choose(Endpoint, 0, now: WorkerLink.MaxAcknowledgeDelay + 1), Is.Null);
        Accept(links[0], 0);
        Assert.That(balancer.Choose(Endpoint, 0, now: WorkerLink.MaxAcknowledgeDelay + 1), Is.Not.Null);
    }

    [Test]
    public void Leaving_worker_is_chosen_only_while_no_other_serves()
    {
        var links = Links(2);
        var balancer = new Balancer(links, WebAffinity.None);
        Send(links[0], WebFrame.Leaving(isFinal: false));
        Assert.That(balancer.IsAnyStaying(now: 0));
        Assert.That(balancer.Choose(Endpoint, 0, now: 0), Is.SameAs(links[1]));
        Send(links[1], WebFrame.Leaving(isFinal: false));
        Assert.That(balancer.IsAnyStaying(now: 0), Is.False);
        Assert.That(balancer.Choose(Endpoint, 0, now: 0), Is.Not.Null);
        links.ForEach(l => l.IsEnded = true);
        Assert.That(balancer.Choose(Endpoint, 0, now: 0), Is.Null);
    }

    [Test]
    public void Leaving_worker_is_chosen_while_the_others_take_nothing()
    {
        var links = Links(2);
        var balancer = new Balancer(links, WebAffinity.None);
        Pass(balancer, 0);
        var stuck = links.Single(l => l.Connections == 1);
        var leaving = links.Single(l => l.Connections == 0);
        Send(leaving, WebFrame.Leaving(isFinal: false));
        Assert.That(balancer.Choose(Endpoint, 0, now: WorkerLink.MaxAcknowledgeDelay + 1), Is.SameAs(leaving));
        stuck.OnFull(now: 0);
        Assert.That(balancer.Choose(Endpoint, 0, now: 0), Is.SameAs(leaving));
    }

    [Test]
    public void Worker_that_is_not_ready_or_does_not_listen_on_the_endpoint_is_not_chosen()
    {
        var links = new List<WorkerLink> { new() };
        var balancer = new Balancer(links, WebAffinity.None);
        Send(links[0], WebFrame.Bound(Endpoint));
        Assert.That(balancer.Choose(Endpoint, 0, now: 0), Is.Null);
        Send(links[0], WebFrame.Serving(0));
        Assert.That(balancer.Choose(Endpoint, 0, now: 0), Is.Not.Null);
        Assert.That(balancer.Choose(Endpoint + 1, 0, now: 0), Is.Null);
    }

    [Test]
    public void Client_keeps_its_worker_with_affinity_and_only_clients_of_a_missing_worker_move()
    {
        var links = Links(4);
        var balancer = new Balancer(links, WebAffinity.ClientAddress);
        var clients = Enumerable.Range(0, 100).Select(i => ClientHash.Of([2, 0, 0, 80, 10, 0, 0, (byte)i, 0, 0, 0, 0, 0, 0, 0, 0])).ToList();
        var before = clients.Select(c => balancer.Choose(Endpoint, c, now: 0)!.WorkerId).ToList();
        Assert.That(before.Distinct().Count(), Is.EqualTo(4));
        links[2].IsEnded = true;
        var after = clients.Select(c => balancer.Choose(Endpoint, c, now: 0)!.WorkerId).ToList();
        for (var i = 0; i < clients.Count; i++)
        {
            Assert.That(after[i], before[i] == 2 ? Is.Not.EqualTo(2) : Is.EqualTo(before[i]));
        }
    }

    private static List<WorkerLink> Links(int count) => [.. Enumerable.Range(0, count).Select(id =>
    {
        var link = new WorkerLink();
        Send(link, WebFrame.Bound(Endpoint));
        Send(link, WebFrame.Serving(id));
        return link;
    })];

    private static int Pass(Balancer balancer, long number)
    {
        var link = balancer.Choose(Endpoint, 0, now: 0)!;
        link.OnPassed(new PassedConnection(number, Endpoint, Socket: -1, Client: 0, AcceptedAt: 0));
        balancer.OnChosen(link);
        return link.WorkerId;
    }

    private static void Accept(WorkerLink link, long number) => Send(link, WebFrame.Accepted(number));

    private static void Close(WorkerLink link, int count) => Send(link, WebFrame.Closed(count));

    private static void Send(WorkerLink link, byte[] frame) => FrameTests.Take(link, frame);
}
