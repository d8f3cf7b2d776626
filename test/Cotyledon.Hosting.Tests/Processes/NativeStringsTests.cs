using System.Runtime.InteropServices;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Tests.Processes;

internal sealed class NativeStringsTests
{
    [TestCase]
    [TestCase("one")]
    [TestCase("", "two", "")]
    [TestCase("PATH=/bin:/usr/bin", "größer ✓ 🎉")]
    public void Strings_are_stored_as_null_terminated_UTF_8(params string[] strings)
    {
        using var native = new NativeStrings(strings);

        Assert.That(Read(native), Is.EqualTo(strings));
    }

    [Test]
    public void Many_long_strings_fit()
    {
        var strings = Enumerable.Range(0, 1000).Select(i => new string('✓', i)).ToList();
        using var native = new NativeStrings(strings);

        Assert.That(Read(native), Is.EqualTo(strings));
    }

    [Test]
    public void Repeated_Dispose_has_no_effect()
    {
        var native = new NativeStrings(["one"]);
        native.Dispose();

        Assert.That(native.Dispose, Throws.Nothing);
    }

    private static unsafe List<string?> Read(NativeStrings native)
    {
        List<string?> result = [];
        for (var next = native.Pointer; *next is not null; next++)
        {
            result.Add(Marshal.PtrToStringUTF8((nint)(*next)));
        }

        return result;
    }
}
