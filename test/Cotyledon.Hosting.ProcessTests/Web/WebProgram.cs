using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Cotyledon.Hosting.Web.Tests;

namespace Cotyledon.Hosting.ProcessTests.Web;

/// <summary>The test program as a web application in worker processes, with an HTTP and an HTTPS endpoint on free ports.</summary>
internal sealed partial class WebProgram : IAsyncDisposable
{
    /// <summary>Other platforms have no OpenSSL that a program can load there. The platform oldkernel uses that of the machine.</summary>
    private static readonly bool HasHttps = !new[] { "/platforms/musl/", "/platforms/distroless/", "/platforms/arm64/" }
        .Any(platform => TestProgram.Executable.Contains(platform, StringComparison.Ordinal));

    private static readonly Lazy<byte[]> Certificate = new(CreateCertificate);

    private WebProgram(TestProgram app) => App = app;

    public TestProgram App { get; }

    public IPEndPoint Http { get; private set; } = null!;

    public IPEndPoint Https { get; private set; } = null!;

    /// <summary>Starts the program and waits until its workers are ready.</summary>
    public static async Task<WebProgram> StartAsync(int workers, params string[] arguments)
    {
        var app = StartOnly(TestProgram.Start, Text(workers), arguments);
        var program = new WebProgram(app);
        await program.WaitForReadyAsync(workers, incarnation: 1);
        await app.UntilAsync(() => UrlsIn(app.Output).Count() >= (HasHttps ? 2 : 1), "the addresses in the output");
        foreach (var url in UrlsIn(app.Output))
        {
            var address = new IPEndPoint(IPAddress.Loopback, url.Port);
            (program.Http, program.Https) = url.Scheme == "https" ? (program.Http, address) : (address, program.Https);
        }

        return program;
    }

    public static TestProgram StartOnly(
        Func<Action<ProcessStartInfo>, string[], TestProgram> start, string settings, params string[] arguments) => start(
            info =>
            {
                File.WriteAllText(new Settings(info.WorkingDirectory).File, settings.Replace("DIRECTORY", info.WorkingDirectory, StringComparison.Ordinal));
                File.WriteAllBytes(Path.Combine(info.WorkingDirectory, "test.pfx"), Certificate.Value);

                // The messages of each request would fill the output that a test keeps, and hide those that it waits for.
                info.Environment["Logging__LogLevel__Microsoft.AspNetCore.Hosting.Diagnostics"] = "Warning";
                info.Environment["Logging__LogLevel__Microsoft.AspNetCore.Routing"] = "Warning";
            },
            ["--host=pool", "--Heavy", "-1", "--Light", "-1", .. arguments]);

    /// <summary>Returns a settings file.</summary>
    public static string Text(int workers, string value = "1", string more = "", string endpoints = "") => $$"""
        {
          "Value": "{{value}}",
          "Kestrel": {
            "Endpoints": {
              "Http": { "Url": "http://127.0.0.1:0" }{{(HasHttps ? ", \"Https\": { \"Url\": \"https://127.0.0.1:0\", \"Certificate\": { \"Path\": \"test.pfx\" } }" : "")}}{{endpoints}}
            }
          },
          "Cotyledon": { "Services": { "Web": { "Workers": {{workers}}{{more}} } } }
        }
        """;

    public Load StartLoad(params ClientKind[] kinds) => StartLoad(maxThinkTime: null, kinds);

    public Load StartLoad(TimeSpan? maxThinkTime, params ClientKind[] kinds) => new(
        kind => kind is ClientKind.PostHttps or ClientKind.PostHttp2 ? Https : Http,
        kinds.Length > 0 ? kinds : [.. Enum.GetValues<ClientKind>().Where(k => HasHttps || k < ClientKind.PostHttps)],
        maxThinkTime: maxThinkTime);

    public async Task WaitForReadyAsync(int workers, int incarnation)
    {
        for (var id = 0; id < workers; id++)
        {
            await App.WaitForReadyAsync("Web", id, incarnation);
        }
    }

    /// <summary>Sends a GET request over a new connection, and returns the body.</summary>
    public async Task<string> GetAsync(string path)
    {
        using var socket = await ConnectAsync();
        return await GetAsync(socket, path, close: true);
    }

    public async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Http);
        return socket;
    }

    public static async Task<string> GetAsync(Socket socket, string path, bool close = false)
    {
        using var limit = new CancellationTokenSource(TestProgram.Limit);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{(close ? "Connection: close\r\n" : "")}\r\n"), limit.Token);
        var buffer = new byte[4096];
        var text = "";
        while (!Answer().IsMatch(text))
        {
            var count = await socket.ReceiveAsync(buffer, limit.Token);
            text += count > 0 ? Encoding.ASCII.GetString(buffer, 0, count) : throw new IOException($"The connection was closed after '{text}'.");
        }

        return Answer().Match(text).Groups[1].Value;
    }

    /// <summary>Asks a program at an address which worker of which process answers.</summary>
    public static async Task<string> AskAsync(IPEndPoint address)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address);
        return await GetAsync(socket, "/who");
    }

    /// <summary>Returns the serial number of the certificate that a new connection gets.</summary>
    public async Task<string> GetCertificateAsync()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Https);
        await using var stream = new SslStream(
            new NetworkStream(socket), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate?.Subject == "CN=localhost");
        using var limit = new CancellationTokenSource(TestProgram.Limit);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, limit.Token);
        return stream.RemoteCertificate!.GetSerialNumberString();
    }

    /// <summary>Replaces the file of the certificate by a new one with the same name.</summary>
    public void RenewCertificate()
    {
        var file = Path.Combine(App.Directory, "test.pfx");
        File.WriteAllBytes(file + ".new", CreateCertificate());
        File.Move(file + ".new", file, overwrite: true);
    }

    /// <summary>Returns the worker id of an answer to <c>/who</c>.</summary>
    public static int WorkerOf(string who) => int.Parse(who.Split(' ')[0], CultureInfo.InvariantCulture);

    public static int ProcessOf(string who) => int.Parse(who.Split(' ')[1], CultureInfo.InvariantCulture);

    public ValueTask DisposeAsync() => App.DisposeAsync();

    public static IEnumerable<Uri> UrlsIn(string output) => Listening().Matches(output).Select(m => new Uri(m.Groups[1].Value));

    // A short body arrives as one chunk.
    [GeneratedRegex("\r\n\r\n[0-9a-f]+\r\n(.*)\r\n0\r\n\r\n$", RegexOptions.Singleline)]
    private static partial Regex Answer();

    [GeneratedRegex(@"Now listening on: (\S+)")]
    private static partial Regex Listening();

    private static byte[] CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return certificate.Export(X509ContentType.Pkcs12);
    }
}
