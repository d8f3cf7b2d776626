using System.Diagnostics;
using System.Globalization;
using Cotyledon.Hosting.Serilog.Wire;
using Cotyledon.Hosting.Shared;
using Serilog.Events;

namespace Cotyledon.Hosting.Serilog.Tests.Wire;

public class EventCodecTests
{
    private readonly Wire _wire = new();

    private static readonly object?[] Scalars =
    [
        null, true, false, (byte)255, sbyte.MinValue, short.MinValue, ushort.MaxValue, int.MinValue, int.MaxValue, 0, -1,
        uint.MaxValue, long.MinValue, long.MaxValue, ulong.MaxValue, 0.1f, float.NaN, double.MinValue, double.NegativeInfinity, 1.10m,
        decimal.MinValue, decimal.MaxValue, '\0', 'ß', "", "text", "Zürich 🚲", Some.Time, DateTimeOffset.MinValue, DateTimeOffset.MaxValue,
        DateTime.MinValue, new DateTime(2026, 11, 22, 1, 2, 3, DateTimeKind.Utc), new DateTime(2026, 11, 22, 1, 2, 3, DateTimeKind.Local),
        TimeSpan.MinValue, TimeSpan.FromTicks(1), new Guid("00112233-4455-6677-8899-aabbccddeeff"), new DateOnly(2026, 11, 22), TimeOnly.MaxValue,
    ];

    [TestCaseSource(nameof(Scalars))]
    public void A_value_of_a_supported_type_keeps_its_type(object? value)
    {
        var arrived = ((ScalarValue)_wire.Pass(Some.Event(("Value", value))).Properties["Value"]).Value;

        Assert.That(arrived, Is.EqualTo(value));
        Assert.That(arrived?.GetType(), Is.EqualTo(value?.GetType()));
        Assert.That((arrived as DateTime?)?.Kind, Is.EqualTo((value as DateTime?)?.Kind));
    }

    [Test]
    public void A_value_of_any_other_type_is_rendered_as_in_the_worker()
    {
        var arrived = _wire.Pass(Some.Event("{Day} {Version}", null, ("Day", DayOfWeek.Friday), ("Version", new Version(1, 2))));

        Assert.That(arrived.RenderMessage(CultureInfo.InvariantCulture), Is.EqualTo("Friday 1.2"));
    }

    [Test]
    public void Time_level_template_and_trace_arrive()
    {
        using var activity = new Activity("test").Start();
        var sent = new LogEvent(
            Some.Time, LogEventLevel.Fatal, null, Some.Event().MessageTemplate, [], activity.TraceId, activity.SpanId);

        var arrived = _wire.Pass(sent);

        Assert.That(arrived.Timestamp.EqualsExact(Some.Time));
        Assert.That(arrived.Level, Is.EqualTo(LogEventLevel.Fatal));
        Assert.That(arrived.MessageTemplate.Text, Is.EqualTo("A {Template}"));
        Assert.That((arrived.TraceId, arrived.SpanId), Is.EqualTo((activity.TraceId, activity.SpanId)));
        Assert.That(_wire.Pass(Some.Event()).TraceId, Is.Null);
    }

    [Test]
    public void Nested_sequences_structures_and_dictionaries_arrive()
    {
        var nested = new StructureValue(
            [
                new("List", new SequenceValue([new ScalarValue(1), new SequenceValue([]), new ScalarValue(null)])),
                new("Map", new DictionaryValue([new(new ScalarValue(7), new StructureValue([])), new(new ScalarValue("k"), new ScalarValue('v'))])),
            ],
            "Tag");

        var arrived = (StructureValue)_wire.Pass(Some.Event(("Value", nested))).Properties["Value"];

        Assert.That(arrived.ToString(), Is.EqualTo(nested.ToString()));
        Assert.That(arrived.TypeTag, Is.EqualTo("Tag"));
        Assert.That(((StructureValue)((DictionaryValue)arrived.Properties[1].Value).Elements[new ScalarValue(7)]).TypeTag, Is.Null);
    }

    [Test]
    public void An_exception_arrives_with_its_text_type_and_stack_trace()
    {
        Exception thrown;
        try
        {
            throw new InvalidOperationException("outer", new FormatException("inner"));
        }
        catch (InvalidOperationException e)
        {
            thrown = e;
        }

        var arrived = (ForwardedException)_wire.Pass(Some.Event("Failed", thrown)).Exception!;

        Assert.That(arrived.ToString(), Is.EqualTo(thrown.ToString()));
        Assert.That(arrived.Message, Is.EqualTo("outer"));
        Assert.That(arrived.OriginalType, Is.EqualTo("System.InvalidOperationException"));
        Assert.That(arrived.StackTrace, Is.EqualTo(thrown.StackTrace));
        Assert.That(arrived.HResult, Is.EqualTo(thrown.HResult));
        var again = (ForwardedException)_wire.Pass(Some.Event("Failed", arrived)).Exception!;
        Assert.That(again.OriginalType, Is.EqualTo("System.InvalidOperationException"), "also when it is forwarded once more");
    }

    [Test]
    public void An_exception_that_was_never_thrown_has_no_stack_trace() =>
        Assert.That(_wire.Pass(Some.Event("Failed", new FormatException("x"))).Exception!.StackTrace, Is.Null);

    [Test]
    public void Objects_whose_text_throws_are_replaced_by_an_explanation()
    {
        var arrived = _wire.Pass(Some.Event("{Value}", new BadException(), ("Value", new Bad())));

        Assert.That(arrived.RenderMessage(CultureInfo.InvariantCulture), Does.Contain("Bad cannot be written: System.NotSupportedException"));
        Assert.That(arrived.Exception!.ToString(), Does.Contain("BadException cannot be written"));
        Assert.That(arrived.Exception.Message, Does.Contain("BadException cannot be written"));
    }

    [Test]
    public void Properties_equal_to_the_identity_are_not_sent_and_different_ones_are()
    {
        var identity = new LogIdentity("Poller", 3, 1, 812);
        var sent = Some.Event(("Service", "Poller"), ("WorkerId", 4), ("Incarnation", 1L), ("ProcessId", 812), ("Other", 1));

        var arrived = _wire.Pass(sent, identity);

        Assert.That(arrived.Properties.Keys, Is.EquivalentTo(new[] { "WorkerId", "Other" }));
        identity.AddTo(arrived);
        Assert.That(arrived.Properties["WorkerId"].ToString(), Is.EqualTo("4"));
        Assert.That(arrived.Properties["Service"].ToString(), Is.EqualTo("\"Poller\""));
    }

    [Test]
    public void A_template_and_names_are_sent_once()
    {
        _wire.Pass(Some.Event("A template that is rather long {AndItsProperty}", null, ("AndItsProperty", 1), ("SourceContext", "Some.Category")));
        _wire.Pass(Some.Event("A template that is rather long {AndItsProperty}", null, ("AndItsProperty", 1), ("SourceContext", "Some.Category")));

        Assert.That(_wire.LastSize, Is.LessThan(40));
    }

    [Test]
    public void Templates_and_names_beyond_the_limit_arrive_too()
    {
        for (var i = 0; i < Limits.MaxKnownTexts + 100; i++)
        {
            var arrived = _wire.Pass(Some.Event($"Template {i}", null, ($"Name{i}", i)));
            Assert.That(arrived.MessageTemplate.Text, Is.EqualTo($"Template {i}"));
            Assert.That(arrived.Properties[$"Name{i}"].ToString(), Is.EqualTo($"{i}"));
        }
    }

    [Test]
    public void A_text_that_is_too_long_is_truncated_between_two_characters_with_a_note()
    {
        var text = string.Concat(Enumerable.Repeat("🚲", 100_000));

        var arrived = (string)((ScalarValue)_wire.Pass(Some.Event(("Value", text))).Properties["Value"]).Value!;

        Assert.That(arrived, Does.EndWith("characters cut]").And.StartWith("🚲🚲"));
        Assert.That(arrived, Does.Not.Contain("\uFFFD"));
        Assert.That(_wire.LastSize, Is.InRange(Limits.MaxText / 2, Limits.MaxText + 1000));
    }

    [Test]
    public void An_event_that_is_too_large_is_truncated_with_a_note()
    {
        var properties = Enumerable.Range(0, 100).Select(i => ($"Name{i}", (object?)new string('x', 50_000))).ToArray();

        var arrived = _wire.Pass(Some.Event(new string('t', 100_000), new FormatException(new string('m', 100_000)), properties));

        Assert.That(_wire.LastSize, Is.LessThanOrEqualTo(Limits.MaxFrame));
        Assert.That(arrived.MessageTemplate.Text, Does.EndWith("characters cut]"));
        Assert.That(arrived.Properties, Does.ContainKey(EventWriter.CutProperty));
    }

    [Test]
    public void A_sequence_that_is_too_large_is_truncated_with_a_note()
    {
        var sequence = new SequenceValue(Enumerable.Range(0, 500_000).Select(i => new ScalarValue(i)));

        var arrived = (SequenceValue)_wire.Pass(Some.Event(("Value", sequence))).Properties["Value"];

        Assert.That(arrived.Elements[^1].ToString(), Does.EndWith("more were cut]\""));
        Assert.That(arrived.Elements[1000].ToString(), Is.EqualTo("1000"));
    }

    [Test]
    public void A_value_that_is_nested_too_deeply_becomes_text()
    {
        LogEventPropertyValue value = new ScalarValue(7);
        for (var i = 0; i < 100; i++)
        {
            value = new SequenceValue([value]);
        }

        Assert.That(_wire.Pass(Some.Event(("Value", value))).Properties["Value"].ToString(), Does.Contain("7"));
    }

    [Test]
    public void Mutated_events_are_rejected_only_with_InvalidDataException()
    {
        var random = new Random(1);
        var good = _wire.Write(Some.Event("T {A}", new FormatException("x"), ("A", new SequenceValue([new ScalarValue(1.5m), new ScalarValue(Some.Time)]))));
        var rejected = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bad = good.ToArray();
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                bad[random.Next(FrameSplitter.HeaderSize, bad.Length)] = (byte)random.Next(256);
            }

            try
            {
                _wire.Read(bad.AsSpan(0, random.Next(FrameSplitter.HeaderSize, bad.Length + 1)));
            }
            catch (InvalidDataException)
            {
                rejected++;
            }
        }

        Assert.That(rejected, Is.GreaterThan(10_000));
    }

    private sealed class Bad
    {
        public override string ToString() => throw new NotSupportedException();
    }

    private sealed class BadException : Exception
    {
        public override string Message => throw new NotSupportedException();

        public override string ToString() => throw new NotSupportedException();
    }
}
