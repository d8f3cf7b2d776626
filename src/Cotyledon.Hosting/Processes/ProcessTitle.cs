using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// Sets the command line that <c>ps</c> shows for this process, on Linux. Has no effect on other systems, or if the kernel refuses.
/// </summary>
/// <remarks>
/// Tells the kernel a new address of the arguments: prctl(2), PR_SET_MM_MAP. The title can therefore have any length, and does not
/// overwrite the environment, which follows the original arguments in memory.
/// </remarks>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static unsafe partial class ProcessTitle
{
    private const int SetMemoryMap = 35; // PR_SET_MM
    private const nuint WholeMap = 14; // PR_SET_MM_MAP

    private static readonly Lock Gate = new();
    private static byte* _current;
    private static MemoryMap _map;

    /// <summary>Sets the title of the master. It contains the original command line, which would otherwise be lost.</summary>
    public static void SetMaster() => Set($"master process [{ProgramCommand.OfThisProcess.CommandLine}]");

    /// <summary>Sets the title to the name of the program and the text.</summary>
    public static void Set(string text)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        lock (Gate)
        {
            var bytes = Encoding.UTF8.GetBytes($"{ProgramCommand.OfThisProcess.Name}: {text}\0");
            var title = (byte*)NativeMemory.Alloc((nuint)bytes.Length);
            bytes.CopyTo(new Span<byte>(title, bytes.Length));
            if (TryPointKernelTo(title, bytes.Length))
            {
                NativeMemory.Free(_current);
                _current = title;
            }
            else
            {
                NativeMemory.Free(title);
            }
        }
    }

    private static bool TryPointKernelTo(byte* title, int length)
    {
        if (_map.ExecutableDescriptor == 0 && !TryReadMap(out _map))
        {
            return false;
        }

        var map = _map with
        {
            ArgumentStart = (ulong)title,
            ArgumentEnd = (ulong)(title + length),

            // Read last: an allocation by another thread may move it.
            Break = (ulong)CurrentBreak(0),
        };
        return Control(SetMemoryMap, WholeMap, (nuint)(&map), (nuint)sizeof(MemoryMap), 0) == 0;
    }

    /// <summary>Reads the fields of the map that must not change.</summary>
    private static bool TryReadMap(out MemoryMap map)
    {
        Span<ulong> fields = stackalloc ulong[52];
        var last = OwnStat.Read(fields);
        map = new MemoryMap
        {
            StartCode = fields[26],
            EndCode = fields[27],
            StartStack = fields[28],
            StartData = fields[45],
            EndData = fields[46],
            StartBreak = fields[47],
            EnvironmentStart = fields[50],
            EnvironmentEnd = fields[51],
            ExecutableDescriptor = uint.MaxValue,
        };
        return last >= 51;
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport("libc", EntryPoint = "sbrk")]
    private static partial nint CurrentBreak(nint increment);

    /// <summary><c>struct prctl_mm_map</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MemoryMap
    {
        public ulong StartCode;
        public ulong EndCode;
        public ulong StartData;
        public ulong EndData;
        public ulong StartBreak;
        public ulong Break;
        public ulong StartStack;
        public ulong ArgumentStart;
        public ulong ArgumentEnd;
        public ulong EnvironmentStart;
        public ulong EnvironmentEnd;
        public nuint AuxiliaryVector;
        public uint AuxiliaryVectorSize;
        public uint ExecutableDescriptor;
    }
}
