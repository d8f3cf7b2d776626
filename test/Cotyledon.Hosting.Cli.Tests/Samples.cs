namespace Cotyledon.Hosting.Cli.Tests;

/// <summary>Answers of a program, as the protocol describes them.</summary>
internal static class Samples
{
    public const string Exit = """
        {"time":"2026-01-31T12:04:31.120Z","service":"polling","worker":1,"incarnation":7,"pid":4803,"reason":"Faulted","exitCode":2,"signal":null,"uptimeMs":2011,"message":"No space left on device","stderr":["System.IO.IOException: No space left on device","   at Program.Main()"],"nextStartMs":6000}
        """;

    public const string Killed = """
        {"time":"2026-01-30T23:59:59.999Z","service":"mailer","worker":0,"incarnation":1,"pid":4722,"reason":"Signaled","signal":9,"message":"\u001b]52;c;AAAA\u0007","uptimeMs":86400000,"nextStartMs":0}
        """;

    public const string Overview = """
        {"phase":"Running","health":"Degraded","description":"polling: 1/2 ready","startedAt":"2026-01-28T08:00:00Z","spareTarget":1,"sparesReady":1,"processes":4,"configurationErrors":[],"usage":{"cpu":0.1,"memory":9500000}}
        """;

    public const string Ready = """
        {"id":0,"state":"Ready","pid":4720,"incarnation":1,"restarts":0,"startedAt":"2026-01-28T08:00:00Z","readySince":"2026-01-28T08:00:01Z","usage":{"cpu":0.4,"memory":3460300}}
        """;

    public static string BackingOff { get; } = $$"""
        {"id":1,"state":"BackingOff","incarnation":8,"restarts":7,"nextStartAt":"2026-01-31T12:04:38.500Z","lastExit":{{Exit}}}
        """;

    public static string Polling { get; } = $$"""{"name":"polling","target":2,"configured":2,"ready":1,"workers":[{{Ready}},{{BackingOff}}]}""";

    public static string Mailer { get; } = $$"""
        {"name":"mailer","target":1,"configured":3,"ready":1,"workers":[{"id":0,"state":"Idle","pid":14722,"incarnation":12,"restarts":3,"startedAt":"2026-01-31T12:04:00Z","outdated":true,"usage":{"cpu":101.25,"memory":1288490189},"lastExit":{{Killed}}}]}
        """;

    public static string Status { get; } = StatusOf(Overview, [Polling, Mailer, """{"name":"importer","target":0,"configured":1,"ready":0,"workers":[]}"""]);

    public const string Queues = """
        "result":{"queues":[{"name":"samples","store":"file","waiting":3,"taken":1,"completed":100,"redelivered":0,"dead":1},{"name":"mails","store":"nats","error":"not connected"}]}
        """;

    public const string DeadItems = """
        "result":{"items":[{"id":17,"attempts":5,"text":"{\"to\":\"a@b.c\"}\u001b[31m","bytes":14},{"id":18,"attempts":5,"base64":"AAEC","bytes":3}]}
        """;

    public static string StatusOf(string overview, IEnumerable<string> services, string operations = "") =>
        $$"""{"overview":{{overview}},"services":[{{string.Join(',', services)}}],"operations":[{{operations}}],"queues":[{"name":"samples","store":"file","waiting":3,"taken":1,"dead":1},{"name":"mails","store":"nats","error":"not connected"}]}""";

    /// <summary>Lets a program answer all verbs.</summary>
    public static FakeProgram Script(FakeProgram program) => program
        .On("status", $"\"result\":{Status}")
        .On("exits", $"\"result\":{{\"exits\":[{Exit},{Killed}]}}")
        .On("scale", "\"progress\":{\"ready\":2,\"target\":4}", "\"progress\":{\"ready\":4,\"target\":4}", """ "result":{"service":"polling","from":2,"to":4,"configured":2,"durationMs":96}""".Trim())
        .On("reset", """ "result":{"service":"polling","from":4,"to":2,"configured":2,"durationMs":2345}""".Trim())
        .On("start", """ "result":{"service":"polling","from":2,"to":2,"configured":2,"durationMs":12}""".Trim())
        .On("stop", "\"progress\":{\"ready\":0,\"target\":0}", """ "result":{"service":"polling","from":2,"to":0,"configured":2,"durationMs":61}""".Trim())
        .On("restart", Step(1, 0, 1, 2), Step(2, 1, 8, 9), """ "result":{"outcome":"Reloaded","changedKeys":[],"services":[{"service":"polling","reloaded":0,"replaced":2,"failures":[]}],"errors":[],"durationMs":180}""".Trim())
        .On("reload", Reloaded(1, 0), Reloaded(2, 1), """ "result":{"outcome":"Reloaded","changedKeys":["Telemetry:Interval"],"services":[{"service":"polling","reloaded":2,"replaced":0,"failures":[]}],"errors":[],"durationMs":5}""".Trim())
        .On("kill", """ "result":{"killed":true,"pid":4720,"incarnation":1}""".Trim())
        .On("events", Events)
        .On("queues", Queues.Trim())
        .On("queue.dead", DeadItems.Trim())
        .On("queue.retry", """ "result":{"count":2}""".Trim())
        .On("queue.delete", """ "result":{"count":2}""".Trim())
        .On("shutdown", "\"result\":{}", "close");

    private static string[] Events { get; } =
    [
        "\"progress\":{\"gap\":{\"from\":5,\"to\":40}}",
        """ "progress":{"event":{"number":41,"time":"2026-01-31T12:04:29.100Z","kind":"Started","service":"polling","worker":1,"incarnation":0,"pid":4803}}""".Trim(),
        $$$""" "progress":{"event":{"number":42,"time":"2026-01-31T12:04:31.120Z","kind":"Exited","service":"polling","worker":1,"incarnation":8,"pid":4803,"exit":{{{Exit}}}}}""".Trim(),
        """ "progress":{"event":{"number":43,"time":"2026-01-31T12:04:32.000Z","kind":"GaveUp","service":"mailer","worker":0,"incarnation":3}}""".Trim(),
        "\"result\":{\"last\":43}",
    ];

    private static string Step(int done, int worker, int before, int after) => $$"""
        "progress":{"step":{"service":"polling","worker":{{worker}},"kind":"Replaced","oldIncarnation":{{before}},"newIncarnation":{{after}},"durationMs":84},"done":{{done}},"total":2}
        """.Trim();

    private static string Reloaded(int done, int worker) => $$"""
        "progress":{"step":{"service":"polling","worker":{{worker}},"kind":"Reloaded","durationMs":2},"done":{{done}},"total":2}
        """.Trim();
}
