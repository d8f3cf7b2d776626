using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Cotyledon.Hosting.Shared;

/// <summary>An object of the control protocol, which writes its fields.</summary>
internal interface IControlObject
{
    void Write(ControlFields to);
}

/// <summary>Writes fields of a JSON object: each with the name of its member in camel case, and none that is null.</summary>
/// <remarks>
/// The JSON serializer would add 0.4 MB to each process of a program with Native AOT, because the runtime copies the descriptions of all
/// types into memory when a process starts.
/// </remarks>
internal readonly struct ControlFields(Utf8JsonWriter writer)
{
    public ControlFields Add(string? value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value is not null)
        {
            WriteName(name);
            writer.WriteStringValue(value);
        }

        return this;
    }

    public ControlFields Add(long? value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value is { } number)
        {
            WriteName(name);
            writer.WriteNumberValue(number);
        }

        return this;
    }

    public ControlFields AddDecimal(double value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        WriteName(name);
        writer.WriteNumberValue(value);
        return this;
    }

    public ControlFields Add(bool? value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value is { } flag)
        {
            WriteName(name);
            writer.WriteBooleanValue(flag);
        }

        return this;
    }

    public ControlFields Add(IControlObject? value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value is not null)
        {
            WriteName(name);
            WriteObject(value);
        }

        return this;
    }

    public ControlFields Add(IReadOnlyList<string>? values, [CallerArgumentExpression(nameof(values))] string name = "")
    {
        if (values is not null)
        {
            WriteName(name);
            writer.WriteStartArray();
            foreach (var value in values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }

        return this;
    }

    public ControlFields Add(IReadOnlyList<IControlObject>? values, [CallerArgumentExpression(nameof(values))] string name = "")
    {
        if (values is not null)
        {
            WriteName(name);
            writer.WriteStartArray();
            foreach (var value in values)
            {
                WriteObject(value);
            }

            writer.WriteEndArray();
        }

        return this;
    }

    public void WriteObject(IControlObject value)
    {
        writer.WriteStartObject();
        value.Write(this);
        writer.WriteEndObject();
    }

    private void WriteName(string member)
    {
        Span<char> name = stackalloc char[member.Length];
        member.CopyTo(name);
        name[0] = char.ToLowerInvariant(name[0]);
        writer.WritePropertyName(name);
    }
}
