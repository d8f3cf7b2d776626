using System.Globalization;

namespace Cotyledon.Hosting.ProcessTests.Chaos;

/// <summary>Histories written by hand: time, process, kind, service, worker id, incarnation or step, detail. The master is 500.</summary>
internal static class ScriptedHistory
{
    private const int Fields = 7;

    /// <summary>
    /// Two heavy workers start; one is killed and replaced, one is replaced by a restart; the file is invalid for a while; then SIGTERM.
    /// </summary>
    public const string Good = """
        0.0  500 do-target    heavy -1 0 2
        0.1  500 main-master  - -1 0 
        0.2  500 control      - -1 0 
        0.2  500 event        heavy 0 0 Started 600
        0.2  500 event        heavy 1 0 Started 601
        0.3  600 main-worker  - -1 0 
        0.3  600 born         - -1 0 20
        0.5  500 event        heavy 0 1 Assigned 600
        0.5  500 event        heavy 1 1 Assigned 601
        0.6  600 init         heavy 0 1 good1
        0.6  601 init         heavy 1 1 good1
        0.7  500 event        heavy 0 1 Ready 600
        0.7  500 event        heavy 1 1 Ready 601
        1.0  600 do-signal    - -1 1 9
        1.1  500 event        heavy 0 1 Exited 600 Signaled code= signal=9
        1.1  500 hook-dead    heavy 0 1 Signaled code= signal=9 pid=600 next=0
        1.2  500 event        heavy 0 0 Started 602
        1.4  500 event        heavy 0 2 Assigned 602
        1.5  602 init         heavy 0 2 good1
        1.6  500 event        heavy 0 2 Ready 602
        2.0    0 do-ask       - -1 2 1
        2.1  500 report       heavy -1 0 2 0:Ready:2:602 1:Ready:1:601
        2.1  500 reported     - -1 0 1
        2.2  500 saw-settled  - -1 2 question=1 children=601,602 zombies= givenup= spares=0
        2.2    0 do-target    heavy -1 2 2
        2.2  500 saw-size     - -1 2 workers=2 descriptors=66 threads=20 kib=30000
        2.3  500 saw-size     - -1 2 workers=2 descriptors=66 threads=20 kib=30000
        3.0    0 do-reload    - -1 3 restart heavy
        3.0  500 event        heavy 1 0 Started 603
        3.2  500 event        heavy 1 1 Stopping 601
        3.2  601 terminate    heavy 1 1 
        3.3  500 event        heavy 1 1 Exited 601 Replaced code=0 signal=
        3.3  500 hook-dead    heavy 1 1 Replaced code=0 signal= pid=601 next=0
        3.3  500 event        heavy 1 2 Assigned 603
        3.4  603 init         heavy 1 2 good1
        3.5  500 event        heavy 1 2 Ready 603
        4.0    0 saw-still    - -1 4 on
        4.0    0 do-spoil     - -1 4 on
        5.0    0 saw-still    - -1 4 off
        5.0    0 do-spoil     - -1 4 off
        5.0    0 do-edit      - -1 4 good2
        5.3  602 reload       heavy 0 2 good2
        5.3  603 reload       heavy 1 2 good2
        5.5    0 saw-carried  - -1 4 good2 602,603
        5.6  500 saw-size     - -1 4 workers=2 descriptors=66 threads=20 kib=30000
        6.0  500 do-signal    - -1 5 15
        6.1  500 hook-terminate - -1 0 
        6.2  602 terminate    heavy 0 2 
        6.2  603 terminate    heavy 1 2 
        6.3  500 hook-dead    heavy 0 2 Stopped code=0 signal= pid=602 next=
        6.3  500 hook-dead    heavy 1 2 Stopped code=0 signal= pid=603 next=
        6.4  500 end-master   - -1 0 
        6.5    0 saw-left     - -1 5 
        6.5  500 saw-exit     - -1 5 0
        """;

    /// <summary>The same history, but with SIGKILL to the master instead of SIGTERM.</summary>
    public static string WithKill(string after) =>
        Good[..Good.IndexOf("6.0  500", StringComparison.Ordinal)] + "6.0 500 do-signal - -1 5 9\n" + after;

    public static History Parse(string text) =>
        new(text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(ParseLine), Terms.OfChaos);

    private static TraceLine ParseLine(string line)
    {
        // The detail is the rest of the line, and may be empty.
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new TraceLine(
            TimeSpan.FromSeconds(double.Parse(words[0], CultureInfo.InvariantCulture)),
            Number(words[1]), words[2], words[3], Number(words[4]), Number(words[5]), string.Join(' ', words[(Fields - 1)..]));
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
