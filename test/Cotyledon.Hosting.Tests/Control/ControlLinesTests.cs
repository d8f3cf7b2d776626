using System.Text;
using System.Text.Json;
using Cotyledon.Hosting.Control;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>Requests come from any program, so every line gives a request or an error.</summary>
internal sealed class ControlLinesTests
{
    [Test]
    public void Request_has_its_fields_and_ignores_others()
    {
        var request = ControlLines.Read(
            """{"id":7,"do":"scale","service":"polling","workers":4,"ids":[1,2],"all":true,"later":{"a":[1]}}"""u8.ToArray(), out var id);
        Assert.That(id, Is.EqualTo(7));
        Assert.That((request.Id, request.Do, request.Service, request.Workers, request.All), Is.EqualTo((7L, "scale", "polling", 4, true)));
        Assert.That(request.Ids, Is.EqualTo(new long[] { 1, 2 }));
        Assert.That(request.Worker, Is.Null);
    }

    [TestCase("", "The request is not valid JSON.")]
    [TestCase("{", "The request is not valid JSON.")]
    [TestCase("null", "A request must be a JSON object.")]
    [TestCase("[1]", "A request must be a JSON object.")]
    [TestCase("{\"id\":1,\"id\":2}", "The request is not valid JSON.")]
    [TestCase("{\"do\":\"x\"}{", "The request is not valid JSON.")]
    [TestCase("{\"do\":\"\\ud800\"}", "The request")]
    [TestCase("{\"do\":1}", "The request has an invalid value at $.do.")]
    [TestCase("{\"workers\":\"4\"}", "The request has an invalid value at $.workers.")]
    [TestCase("{\"workers\":4.5}", "The request has an invalid value at $.workers.")]
    [TestCase("{\"workers\":99999999999}", "The request has an invalid value at $.workers.")]
    [TestCase("{\"ids\":[\"a\"]}", "The request has an invalid value at $.ids[0].")]
    [TestCase("{\"ids\":{}}", "The request has an invalid value at $.ids.")]
    public void Wrong_request_is_an_error_of_the_client(string line, string message)
    {
        var error = Assert.Throws<ControlError>(() => ControlLines.Read(Encoding.UTF8.GetBytes(line), out _))!;
        Assert.That(error.Code, Is.EqualTo(ControlError.UsageCode));
        Assert.That(error.Message, Does.StartWith(message));
    }

    [Test]
    public void Error_has_the_number_of_the_request_although_another_field_is_wrong()
    {
        long? id = null;
        Assert.Throws<ControlError>(() => ControlLines.Read("""{"id":12,"workers":"x"}"""u8.ToArray(), out id));
        Assert.That(id, Is.EqualTo(12));
    }

    [Test]
    public void Deep_nesting_is_refused() => Assert.Throws<ControlError>(() => ControlLines.Read(
        Encoding.UTF8.GetBytes("{\"x\":" + new string('[', 30_000) + new string(']', 30_000) + "}"), out _));

    [Test]
    public void Invalid_utf8_is_refused() =>
        Assert.Throws<ControlError>(() => ControlLines.Read(new byte[] { (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' }, out _));

    [Test]
    public void Any_bytes_give_a_request_or_an_error()
    {
        var random = new Random(7);
        var valid = """{"id":1,"do":"scale","service":"polling","workers":4,"ids":[1,2,3],"follow":true,"after":12}"""u8.ToArray();
        for (var run = 0; run < 20_000; run++)
        {
            var line = run % 2 == 0 ? [.. valid] : new byte[random.Next(0, 60)];
            for (var change = random.Next(1, 6); change > 0 && line.Length > 0; change--)
            {
                line[random.Next(line.Length)] = (byte)random.Next(256);
            }

            line = line[..random.Next(line.Length + 1)];
            try
            {
                ControlLines.Read(line, out _);
            }
            catch (ControlError e)
            {
                Assert.That(e.Code, Is.EqualTo(ControlError.UsageCode));
            }
        }
    }

    [Test]
    public void Answer_is_one_line_of_json_whatever_the_text_is()
    {
        var text = "line\nline \u001b]52;c;x\u0007 \u202e \u2028 <script> \ud800 \u0000";
        var line = ControlLines.Error(3, ControlError.Conflict(text));
        Assert.That(line.Count(b => b == '\n'), Is.EqualTo(1));
        Assert.That(line[..^1], Has.All.InRange((byte)' ', (byte)'~'));
        using var document = JsonDocument.Parse(line);
        Assert.That(document.RootElement.GetProperty("id").GetInt64(), Is.EqualTo(3));
        Assert.That(document.RootElement.GetProperty("error").GetProperty("message").GetString(), Does.StartWith("line\nline \u001b]52;c;x\u0007 "));
    }

    [Test]
    public void Answer_to_a_request_without_a_number_has_none() => Assert.That(
        Encoding.UTF8.GetString(ControlLines.Result(null, new CountObject(2))),
        Is.EqualTo("{\"result\":{\"count\":2}}\n"));
}
