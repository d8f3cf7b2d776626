using System.Text;
using Cotyledon.Hosting.Channel;
using Cotyledon.Hosting.Shared;

namespace Cotyledon.Hosting.Configuration;

/// <summary>Encodes and decodes configuration updates, and splits them into frames.</summary>
internal static class ConfigurationCodec
{
    /// <summary>The largest update in bytes. The master rejects a larger configuration when it loads it.</summary>
    public const int MaxSize = 64 * 1024 * 1024;

    [Flags]
    private enum Flags : byte
    {
        HasValue = 1,
        ValueIsNull = 2,
        HasInitial = 4,
        InitialIsNull = 8,
    }

    /// <exception cref="InvalidDataException">The configuration is larger than <see cref="MaxSize"/>.</exception>
    public static byte[] EncodeWhole(ConfigurationImage image)
    {
        var bytes = Encode(new ConfigurationUpdate(
            IsWhole: true, [.. image.Sources.Select((s, i) => new ConfigurationUpdate.Source(i, s.Signature, s.Kind, [.. s.Entries.Values], []))]));
        return bytes.Length <= MaxSize
            ? bytes
            : throw new InvalidDataException($"The configuration is larger than {MaxSize / (1024 * 1024)} MiB, the limit for workers.");
    }

    public static byte[] EncodeDifference(ConfigurationImage from, ConfigurationImage to)
    {
        var sources = new List<ConfigurationUpdate.Source>();
        for (var i = 0; i < to.Sources.Count; i++)
        {
            var (before, now) = (from.Sources[i], to.Sources[i]);
            if (!ReferenceEquals(before, now))
            {
                sources.Add(new ConfigurationUpdate.Source(
                    i,
                    "",
                    now.Kind,
                    [.. now.Entries.Values.Where(e => before.Entries.GetValueOrDefault(e.Key) != e)],
                    [.. before.Entries.Keys.Where(key => !now.Entries.ContainsKey(key))]));
            }
        }

        return Encode(new ConfigurationUpdate(IsWhole: false, sources));
    }

    public static byte[] Encode(ConfigurationUpdate update)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(update.IsWhole);
        writer.Write(update.Sources.Count);
        foreach (var source in update.Sources)
        {
            writer.Write(source.Index);
            writer.Write(source.Signature);
            writer.Write((byte)source.Kind);
            writer.Write(source.Set.Count);
            foreach (var entry in source.Set)
            {
                Write(writer, entry);
            }

            writer.Write(source.Removed.Count);
            foreach (var key in source.Removed)
            {
                writer.Write(key);
            }
        }

        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not a valid update.</exception>
    public static ConfigurationUpdate Decode(byte[] bytes)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
            var isWhole = reader.ReadBoolean();
            var sources = ReadList(reader, bytes.Length, ReadSource);
            return new ConfigurationUpdate(isWhole, sources);

            ConfigurationUpdate.Source ReadSource(BinaryReader r) => new(
                r.ReadInt32(), r.ReadString(), ReadKind(r), ReadList(r, bytes.Length, ReadEntry), ReadList(r, bytes.Length, t => t.ReadString()));
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("The master has sent a configuration that cannot be read.", e);
        }
    }

    /// <summary>Splits an update into frames. The last frame is marked as such.</summary>
    public static byte[] Frame(byte[] update)
    {
        var frames = Math.Max(1, (update.Length + Protocol.MaxPartSize - 1) / Protocol.MaxPartSize);
        var result = new FrameWriter(update.Length + (frames * (FrameSplitter.HeaderSize + Protocol.PartHeaderSize)));
        for (var i = 0; i < frames; i++)
        {
            var part = update.AsMemory(i * Protocol.MaxPartSize, Math.Min(Protocol.MaxPartSize, update.Length - (i * Protocol.MaxPartSize)));
            FrameCodec.Write(result, new Frame.ConfigurationPart(i == frames - 1, part));
        }

        return result.Detach();
    }

    private static void Write(BinaryWriter writer, ConfigurationEntry entry)
    {
        writer.Write(entry.Key);
        writer.Write((byte)(Of(entry.Value, Flags.HasValue, Flags.ValueIsNull) | Of(entry.Initial, Flags.HasInitial, Flags.InitialIsNull)));
        foreach (var text in (ReadOnlySpan<string?>)[entry.Value.Text, entry.Initial.Text])
        {
            if (text is not null)
            {
                writer.Write(text);
            }
        }

        static Flags Of(MaybeValue value, Flags isPresent, Flags isNull) =>
            !value.IsPresent ? 0 : value.Text is null ? isPresent | isNull : isPresent;
    }

    private static ConfigurationEntry ReadEntry(BinaryReader reader)
    {
        var key = reader.ReadString();
        var flags = (Flags)reader.ReadByte();
        var value = ReadValue(reader, flags, Flags.HasValue, Flags.ValueIsNull);
        return new(key, value, ReadValue(reader, flags, Flags.HasInitial, Flags.InitialIsNull));
    }

    private static MaybeValue ReadValue(BinaryReader reader, Flags flags, Flags isPresent, Flags isNull) =>
        !flags.HasFlag(isPresent) ? default : new MaybeValue(true, flags.HasFlag(isNull) ? null : reader.ReadString());

    private static SourceKind ReadKind(BinaryReader reader)
    {
        var kind = (SourceKind)reader.ReadByte();
        return kind is SourceKind.Loaded or SourceKind.Process ? kind : throw new FormatException($"{kind} is not a known kind of source.");
    }

    private static List<T> ReadList<T>(BinaryReader reader, int maxCount, Func<BinaryReader, T> read)
    {
        var count = reader.ReadInt32();
        if (count < 0 || count > maxCount)
        {
            throw new FormatException($"A list cannot have {count} entries.");
        }

        var list = new List<T>();
        for (var i = 0; i < count; i++)
        {
            list.Add(read(reader));
        }

        return list;
    }
}
