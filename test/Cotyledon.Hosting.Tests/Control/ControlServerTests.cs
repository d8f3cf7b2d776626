using System.Runtime.Versioning;
using Cotyledon.Hosting.Control;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>The socket of the control endpoint, its connections and their limits.</summary>
[Platform(Exclude = "Win")]
[UnsupportedOSPlatform("windows")]
internal sealed class ControlServerTests : ControlServerFixture
{
    [Test]
    public void Greeting_names_the_program_and_the_access()
    {
        using var client = Connect(Start());
        Assert.That(client.ReadLine(), Is.EqualTo(
            $$"""{"protocol":1,"app":"My App","version":"1.2.3","library":"0.1.0","pid":{{Environment.ProcessId}},"access":"control"}"""));
    }

    [Test]
    public void Socket_is_for_the_owner_only_and_is_deleted_at_the_stop()
    {
        var path = Start();
        Assert.That(Path.GetFileName(path), Is.EqualTo($"My_App.{Environment.ProcessId}.sock"));
        Assert.That(OwnedFile.Read(path)!.Value.Mode & 0xfff, Is.EqualTo(0b110_000_000));
        StopServer();
        Assert.That(() => Directory.GetFileSystemEntries(SocketDirectory), Is.Empty.After(10_000, 10));
    }

    [Test]
    public void Second_server_of_the_same_process_id_gets_a_suffix_and_a_foreign_file_is_kept()
    {
        var first = Start();
        using var other = new Running(Host(), Settings);
        Eventually(() => Sockets().Length == 2);
        Assert.That(Sockets(), Does.Contain(Path.ChangeExtension(first, null) + "-2.sock"));
        File.Delete(first);
        File.WriteAllText(first, "mine");
        StopServer();
        Assert.That(File.ReadAllText(first), Is.EqualTo("mine"), "only the inode of this endpoint is deleted");
    }

    [Test]
    public void Stale_sockets_of_the_same_program_are_deleted_and_others_are_kept()
    {
        foreach (var name in (string[])["My_App.1.sock", $"My_App.{Environment.ProcessId}.sock", "Other.1.sock"])
        {
            var socket = Libc.NewUnixSocket();
            Assert.That(Libc.Bind(socket, Path.Combine(SocketDirectory, name), 0b110_000_000), Is.Zero);
            _ = Libc.Close(socket);
        }

        File.WriteAllText(Path.Combine(SocketDirectory, "My_App.2.sock"), "not a socket");
        using (Connect(Start()))
        {
            Assert.That(
                Sockets().Select(Path.GetFileName).Order(),
                Is.EquivalentTo(new[] { "My_App.2.sock", $"My_App.{Environment.ProcessId}.sock", "Other.1.sock" }));
        }
    }

    [Test]
    public void Answer_is_sent_to_a_client_that_has_closed_its_direction()
    {
        using var client = Greeted(Start());
        client.Send("""{"do":"reload"}""" + "\n");
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        Eventually(() => Manager.Calls.Count == 1);
        Manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });
        Assert.That(client.Read().TryGetProperty("result", out _));
        Assert.That(client.ReadLine(), Is.Null);
    }

    [Test]
    public void Line_of_one_megabyte_is_refused_and_the_connection_closed()
    {
        using var client = Greeted(Start());
        try
        {
            client.Send(new byte[1024 * 1024]);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The connection was closed before all was sent.
        }

        Assert.That(client.ReadLine(), Does.Contain("65536 bytes at most"));
        Assert.That(client.ReadLine(), Is.Null);
    }

    [TestCase("", 5)]
    [TestCase("{\"do\":", 5)]
    [TestCase("{\"do\":\"exits\"}\n", 60)]
    [TestCase("{\"do\":\"exits\"}\n{", 5)]
    public void Connection_without_a_request_is_closed(string sent, int seconds)
    {
        var path = Start();
        using var client = Greeted(path);
        client.Send(sent);
        if (sent.Contains('\n'))
        {
            client.ReadLine();
        }

        // The last bytes are read in the order of the connections, so an answer on another one shows that they were received.
        Poke(path);
        Clock.Advance(TimeSpan.FromSeconds(seconds - 1));
        Poke(path);
        Assert.That(client.Socket.Poll(0, System.Net.Sockets.SelectMode.SelectRead), Is.False);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Poke(path);
        Assert.That(client.ReadLine(), Is.Null);
    }

    [Test]
    public void Connection_stays_open_while_requests_arrive()
    {
        var path = Start();
        using var client = Greeted(path);
        foreach (var seconds in (int[])[0, 50, 15])
        {
            Clock.Advance(TimeSpan.FromSeconds(seconds));
            Poke(path);
            Assert.That(client.Ask("""{"do":"exits"}""").TryGetProperty("result", out _));
        }
    }

    [Test]
    public void Idle_time_begins_after_a_request_that_ends_on_another_thread()
    {
        var (ours, theirs) = Libc.SocketPair();
        var wakes = 0;
        var peer = ControlPeer.Of(8, 1, 8, new ControlSettings())!;
        using var connection = new ControlConnection(ours, Host(), peer, () => Interlocked.Increment(ref wakes));
        var buffer = new byte[1024];
        Libc.SendSome(theirs, "{\"do\":\"reload\"}\n"u8);
        Assert.That(connection.Serve(PollEvents.In, buffer));
        Clock.Advance(TimeSpan.FromSeconds(61));
        Manager.Action.SetResult(new ReloadResult { Outcome = ReloadOutcome.Reloaded });

        // For the greeting, for the answer, and when the next request can be read.
        Eventually(() => Volatile.Read(ref wakes) == 3);
        Assert.That(connection.Serve(PollEvents.None, buffer));
        Assert.That(connection.Left(), Is.EqualTo(TimeSpan.FromMinutes(1)));
        _ = Libc.Close(theirs);
    }

    [Test]
    public void Reader_that_does_not_read_is_cut_off()
    {
        Manager.Message = new string('x', 4_000_000);
        var path = Start();
        using var client = Connect(path);
        client.Send("""{"do":"status"}""" + "\n");
        Eventually(() => client.Socket.Available > 100_000);
        Poke(path);
        Clock.Advance(TimeSpan.FromSeconds(10));
        Poke(path);
        var total = 0;
        var buffer = new byte[65536];
        for (int count; (count = client.Socket.Receive(buffer)) > 0;)
        {
            total += count;
        }

        Assert.That(total, Is.LessThan(4_000_000));
    }

    [Test]
    public void Slow_reader_of_events_does_not_fill_the_memory()
    {
        using var client = Greeted(Start());
        client.Send("""{"do":"events","after":0,"follow":true}""" + "\n");
        for (var i = 1; i <= 20_000; i++)
        {
            Manager.Publish(i);
        }

        for (var i = 1; i <= 20_000; i++)
        {
            Assert.That(client.Read().GetProperty("progress").GetProperty("event").GetProperty("number").GetInt64(), Is.EqualTo(i));
        }
    }

    [Test]
    public void Ninth_connection_is_refused_and_a_place_becomes_free()
    {
        var path = Start();
        var clients = Enumerable.Range(0, 8).Select(_ => Greeted(path)).ToList();
        using (var ninth = Connect(path))
        {
            Assert.That(ninth.ReadLine(), Does.Contain("8 connections are open already"));
            Assert.That(ninth.ReadLine(), Is.Null);
        }

        clients[0].Dispose();
        Eventually(() =>
        {
            using var client = Connect(path);
            return client.ReadLine()!.Contains("protocol", StringComparison.Ordinal);
        });
        clients.ForEach(c => c.Dispose());
    }

    [Test]
    public void Unavailable_directory_is_one_line()
    {
        var settings = Settings with { Directory = Path.Combine(SocketDirectory, "no", "such") };
        using (new Running(Host(), settings))
        {
            Eventually(() => Logger.Lines.Count > 0);
        }

        Assert.That(Logger.Lines.Select(l => l.Name), Is.EqualTo(new[] { "ControlUnavailable" }));
    }

    [Test]
    public void Two_thousand_random_connections_leave_the_server_working()
    {
        var path = Start();
        var random = new Random(3);
        using (Greeted(path))
        {
            // The first connection loads what later ones use.
        }

        Eventually(() => Descriptors() > 0);
        var before = Descriptors();
        for (var i = 0; i < 2000; i++)
        {
            using var client = Connect(path);
            var bytes = new byte[random.Next(0, 200)];
            random.NextBytes(bytes);
            try
            {
                client.Send(bytes);
                client.Send(i % 3 == 0 ? "{\"do\":\"status\"}\n" : "\n");
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Refused, because the connections before are not closed yet.
            }
        }

        Eventually(() => Descriptors() <= before);
        using var last = Greeted(path);
        Assert.That(last.Ask("""{"do":"exits"}""").TryGetProperty("result", out _));
    }

    private static int Descriptors() => Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 1;

    private sealed class Running(ControlHost host, ControlSettings settings) : IDisposable
    {
        private readonly ControlSocketServer _server = new(host, settings);

        public void Dispose() => _server.Stop();
    }
}
