using System.Runtime.InteropServices;
using System.Text;

namespace Cotyledon.Hosting.Processes;

/// <summary>A list of strings in the form of C: <c>char *const []</c>, ended by a null pointer.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private byte** _pointer;

    public NativeStrings(IReadOnlyList<string> strings)
    {
        var table = (nuint)((strings.Count + 1) * sizeof(byte*));
        var size = table + (nuint)strings.Sum(s => Encoding.UTF8.GetByteCount(s) + 1);
        _pointer = (byte**)NativeMemory.AllocZeroed(size);
        var next = (byte*)_pointer + table;
        for (var i = 0; i < strings.Count; i++)
        {
            _pointer[i] = next;
            next += Encoding.UTF8.GetBytes(strings[i], new Span<byte>(next, checked((int)size))) + 1;
        }
    }

    public byte** Pointer => _pointer;

    public void Dispose()
    {
        NativeMemory.Free(_pointer);
        _pointer = null;
    }
}
