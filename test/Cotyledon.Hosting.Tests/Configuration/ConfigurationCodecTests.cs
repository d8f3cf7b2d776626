using Cotyledon.Hosting.Configuration;

namespace Cotyledon.Hosting.Tests.Configuration;

internal sealed class ConfigurationCodecTests
{
    private static readonly ConfigurationUpdate Update = new(
        IsWhole: true,
        [
            new(0, "Json größer ✓", SourceKind.Loaded, [Entry("A:B", "1"), Entry("C", null), Entry("D", "🎉\n\0")], []),
            new(7, "", SourceKind.Process, [new("E", default, new(true, "x")), new("F", new(true, null), default)], ["G", ""]),
        ]);

    [Test]
    public void An_update_is_decoded_as_it_was_encoded()
    {
        var back = ConfigurationCodec.Decode(ConfigurationCodec.Encode(Update));

        Assert.That(Describe(back), Is.EqualTo(Describe(Update)));
        Assert.That(Describe(Frames.ToUpdate(ConfigurationCodec.Frame(ConfigurationCodec.Encode(Update)))), Is.EqualTo(Describe(Update)));
    }

    [Test]
    public void Random_or_mutated_bytes_cause_no_exception_but_InvalidDataException()
    {
        var bytes = ConfigurationCodec.Encode(Update);
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var mutated = random.Next(3) switch
            {
                0 => bytes[..random.Next(bytes.Length)],
                1 => Mutate(bytes, random),
                _ => RandomBytes(random),
            };
            try
            {
                ConfigurationCodec.Decode(mutated);
            }
            catch (InvalidDataException)
            {
                // Expected if the bytes are not a valid update.
            }
        }
    }

    [Test]
    public void A_large_configuration_is_sent_as_its_differences()
    {
        var source = new Source();
        for (var i = 0; i < 10_000; i++)
        {
            source.Values[$"Section{i % 100}:Key{i}"] = new string('x', 200);
        }

        var configuration = TakenOver.From(source.ToConfiguration());
        var first = configuration.Image;
        source.Values["Section1:Key1"] = "changed";
        source.Values.Remove("Section2:Key2");
        var second = configuration.ImageOf(configuration.Load(loadsAll: true));

        Assert.That(first.Whole, Has.Length.GreaterThan(2_000_000));
        Assert.That(second.DifferenceFrom(first), Has.Length.LessThan(200));
        var once = second.DifferenceFrom(first);
        Assert.That(second.DifferenceFrom(first), Is.SameAs(once), "encoded once for all workers");
        Assert.That(second.DifferenceFrom(second), Is.Null);
        Assert.That(configuration.ImageOf(configuration.Load(loadsAll: true)), Is.Not.SameAs(first));
    }

    [Test]
    public void An_unchanged_configuration_has_the_same_image()
    {
        var configuration = TakenOver.From(new Source { Values = new() { ["Key"] = "1" } }.ToConfiguration());

        Assert.That(configuration.ImageOf(configuration.Load(loadsAll: true)), Is.SameAs(configuration.Image));
    }

    private static ConfigurationEntry Entry(string key, string? value) => new(key, new(true, value), default);

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        byte[] mutated = [.. bytes];
        mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
        return mutated;
    }

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[random.Next(100)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static string Describe(ConfigurationUpdate update) => $"{update.IsWhole} " + string.Join(
        ';', update.Sources.Select(s => $"{s.Index} {s.Signature} {s.Kind} {string.Join(',', s.Set)} -{string.Join(',', s.Removed)}"));
}
