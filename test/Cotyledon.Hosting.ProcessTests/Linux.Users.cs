using System.Runtime.InteropServices;

namespace Cotyledon.Hosting.ProcessTests;

/// <summary>Threads of another user.</summary>
internal static partial class Linux
{
    private const nint Unchanged = -1;

    public static bool IsRoot => GetUser() == 0;

    /// <summary>Runs an action as another user and group, on a thread that ends afterwards. The C library would change all threads.</summary>
    public static void As(uint user, uint group, Action action)
    {
        Exception? failed = null;
        var thread = new Thread(() =>
        {
            try
            {
                var isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;
                SetGroups(isX64 ? 116 : 159, 1, group);
                SetIds(isX64 ? 119 : 149, Unchanged, (nint)group, Unchanged);
                SetIds(isX64 ? 117 : 147, Unchanged, (nint)user, Unchanged);
                action();
            }
            catch (Exception e)
            {
                failed = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failed is not null)
        {
            throw new InvalidOperationException($"As user {user}: {failed.Message}", failed);
        }
    }

    private static unsafe void SetGroups(nint number, nint count, uint group) => Check((int)SystemCall(number, count, (nint)(&group), 0));

    private static void SetIds(nint number, nint real, nint effective, nint saved) => Check((int)SystemCall(number, real, effective, saved));

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new InvalidOperationException(Marshal.GetLastPInvokeErrorMessage());
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetUser();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third);
}
