using System.Text;
using Cotyledon.Hosting.Queues.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Cotyledon.Hosting.Queues.Tests.Storage;

/// <summary>File stores in a temporary directory, with a fake clock.</summary>
internal abstract class FileStoreFixture
{
    private readonly List<FileStore> _stores = [];

    protected string Folder { get; } = Directory.CreateTempSubdirectory("cotyledon-queue-").FullName;

    protected FakeTimeProvider Clock { get; } = new();

    protected Lines Log { get; } = new();

    protected string File => Path.Combine(Folder, "queues", "jobs.db");

    [TearDown]
    public async Task CloseAsync()
    {
        foreach (var store in _stores)
        {
            await store.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    protected static Task AppendAsync(FileStore store, params string[] texts) =>
        store.AppendAsync([.. texts.Select(t => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(t))], default);

    protected static Task<int> ExecuteAsync(FileStore store, string sql) => store.AskAsync(
        w =>
        {
            w.File.Execute(sql);
            return 0;
        },
        default);

    protected async Task<(FileStore Store, ItemBuffer ItemBuffer)> OpenAsync(string? path = null)
    {
        var store = new FileStore("jobs", path ?? File, Clock, Log);
        _stores.Add(store);
        var buffer = new ItemBuffer();
        await store.OpenAsync(buffer, default).WaitAsync(TimeSpan.FromSeconds(20));
        return (store, buffer);
    }
}
