using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Cotyledon.Hosting.Processes;

/// <summary>What <c>ps</c> shows of this process. On Linux; elsewhere, and where the kernel refuses, nothing happens.</summary>
/// <remarks>
/// The kernel is told that the arguments stand somewhere else: prctl(2), PR_SET_MM_MAP. So a title may have any length, and the
/// environment, which stands right behind the original arguments, is not overwritten.
/// </remarks>
[SuppressMessage("Interoperability", "CA5392", Justification = "libc is found by the system's loader only.")]
internal static unsafe partial class ProcessTitle
{
    private const int SetMemoryMap = 35; // PR_SET_MM
    private const nuint WholeMap = 14; // PR_SET_MM_MAP

    private static readonly Lock Gate = new();
    private static byte* _current;

    /// <summary>Shows the command line that the master was started with, for it is lost otherwise.</summary>
    public static void SetMaster() => Set($"master process [{ProgramCommand.OfThisProcess.CommandLine}]");

    /// <summary>Sets the title to the name of the program and this text.</summary>
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
        try
        {
            // The command name, in brackets, may contain spaces and brackets; the fields after it are numbers (proc(5)).
            var stat = File.ReadAllText("/proc/self/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            ulong Field(int number) => ulong.Parse(fields[number - 3], CultureInfo.InvariantCulture);
            var map = new MemoryMap
            {
                StartCode = Field(26),
                EndCode = Field(27),
                StartStack = Field(28),
                StartData = Field(45),
                EndData = Field(46),
                StartBreak = Field(47),
                ArgumentStart = (ulong)title,
                ArgumentEnd = (ulong)(title + length),
                EnvironmentStart = Field(50),
                EnvironmentEnd = Field(51),
                ExecutableDescriptor = uint.MaxValue,

                // Read last: an allocation by another thread may move it.
                Break = (ulong)CurrentBreak(0),
            };
            return Control(SetMemoryMap, WholeMap, (nuint)(&map), (nuint)sizeof(MemoryMap), 0) == 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            return false;
        }
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
