using System.Runtime.InteropServices;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Tests.Processes;

internal sealed class NativeStringsTests
{
    [TestCase]
    [TestCase("one")]
    [TestCase("", "two", "")]
    [TestCase("PATH=/bin:/usr/bin", "größer ✓ 🎉")]
    public void Strings_come_back_as_c_programs_read_them(params string[] strings)
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
    public void Freeing_twice_does_no_harm()
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
