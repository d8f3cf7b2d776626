using System.Globalization;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Cotyledon.Hosting.Processes;

/// <summary>
/// The end of the lease in memory that a master shares with its workers: the master moves it on without a system call, however many workers there are,
/// and the last value stays when the master is killed.
/// </summary>
internal sealed unsafe class SharedLease : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly long* _end;

    private SharedLease(MemoryMappedFile file, MemoryMappedFileAccess access, string name)
    {
        (_file, Name) = (file, name);
        _view = file.CreateViewAccessor(0, sizeof(long), access);
        byte* first = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref first);
        _end = (long*)(first + _view.PointerOffset);
    }

    /// <summary>The name of the memory on Windows; otherwise empty, because workers inherit <see cref="Descriptor"/>.</summary>
    public string Name { get; }

    /// <summary>The descriptor of the memory in this process, which programs do not inherit unless they get it under another number.</summary>
    public int Descriptor => (int)_file.SafeMemoryMappedFileHandle.DangerousGetHandle();

    /// <summary>In milliseconds of <see cref="BootClock"/>. Zero until the first lease.</summary>
    public long End
    {
        get => Volatile.Read(ref *_end);
        set => Volatile.Write(ref *_end, value);
    }

    /// <summary>Creates the memory.</summary>
    /// <exception cref="IOException">The system refuses it.</exception>
    public static SharedLease Create()
    {
        var name = OperatingSystem.IsWindows() ? $"cotyledon-lease-{Environment.ProcessId}-{Guid.NewGuid():N}" : "";
        return new(MemoryMappedFile.CreateNew(name.Length == 0 ? null : name, sizeof(long)), MemoryMappedFileAccess.ReadWrite, name);
    }

    /// <summary>Opens the memory in a worker, for reading. Only <see cref="End"/> can be used.</summary>
    /// <param name="name">Its name on Windows; otherwise its descriptor, which is closed.</param>
    public static SharedLease Open(string name)
    {
        // In a 32-bit process, an atomic read of 64 bits needs memory that can be written.
        var access = Environment.Is64BitProcess ? MemoryMappedFileAccess.Read : MemoryMappedFileAccess.ReadWrite;
        using var file = OperatingSystem.IsWindows()
            ? MemoryMappedFile.OpenExisting(name, Environment.Is64BitProcess ? MemoryMappedFileRights.Read : MemoryMappedFileRights.ReadWrite)
            : MemoryMappedFile.CreateFromFile(
                new SafeFileHandle(int.Parse(name, CultureInfo.InvariantCulture), ownsHandle: true),
                mapName: null,
                sizeof(long),
                access,
                HandleInheritability.None,
                leaveOpen: false);
        return new(file, access, name);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
