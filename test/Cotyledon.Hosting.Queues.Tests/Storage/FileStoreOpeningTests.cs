using Cotyledon.Hosting.Queues.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Moq;

namespace Cotyledon.Hosting.Queues.Tests.Storage;

/// <summary>Files that cannot be used: the message names the file, the reason and the remedy.</summary>
internal sealed class FileStoreOpeningTests
{
    private readonly string _directory = Directory.CreateTempSubdirectory("cotyledon-queue-").FullName;

    private string Default => Path.Combine(_directory, "queues", "jobs.db");

    [TearDown]
    public void Delete() => Directory.Delete(_directory, recursive: true);

    [TestCase(null, "queues/jobs.db")]
    [TestCase("other/x.db", "other/x.db")]
    public async Task A_relative_path_is_resolved_in_the_content_root(string? path, string expected)
    {
        await using var store = await OpenAsync(path);
        Assert.That(File.Exists(Path.Combine(_directory, expected)));
    }

    [TestCase(" ")]
    [TestCase("queues/")]
    public void A_path_without_a_file_name_is_an_error(string path) =>
        Assert.That(Factory().Check("samples", new CotyledonQueueOptions { Path = path }), Does.Contain($"'{path}'"));

    [Test]
    public async Task A_file_can_be_opened_only_once_at_a_time()
    {
        var first = await OpenAsync();
        Assert.That(await FailureAsync(), Does.Contain(Default).And.Contain("in use by another process").And.Contain("stop the other one"));

        await first.DisposeAsync();
        await using var second = await OpenAsync();
    }

    [Test]
    public async Task A_file_that_is_not_a_database_is_an_error()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Default)!);
        await File.WriteAllTextAsync(Default, string.Concat(Enumerable.Repeat("This is no queue. ", 1000)));
        Assert.That(await FailureAsync(), Does.Contain(Default).And.Contain("Move it away"));
    }

    [Test]
    public async Task A_damaged_file_is_an_error()
    {
        await using (var store = await OpenAsync())
        {
            await store.AppendAsync([.. Enumerable.Range(0, 1000).Select(_ => new ReadOnlyMemory<byte>(new byte[100]))], default);
        }

        using (var file = File.OpenWrite(Default))
        {
            file.Position = 5 * 4096;
            file.Write([.. Enumerable.Repeat((byte)0xAB, 8192)]);
        }

        Assert.That(await FailureAsync(), Does.Contain(Default).And.Contain("damaged").And.Contain("Move it away"));
    }

    [Test]
    public async Task A_file_of_a_newer_version_is_an_error_and_is_not_changed()
    {
        await (await OpenAsync()).DisposeAsync();
        Execute("PRAGMA user_version = 7");
        var before = await File.ReadAllBytesAsync(Default);

        Assert.That(await FailureAsync(), Does.Contain(Default).And.Contain("newer version").And.Contain('7'));
        Assert.That(await File.ReadAllBytesAsync(Default), Is.EqualTo(before));
    }

    [TestCase(0)]
    [TestCase(1)]
    public async Task A_database_of_another_program_is_an_error_and_is_not_changed(int version)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Default)!);
        Execute($"CREATE TABLE customers (id INTEGER); PRAGMA user_version = {version}");
        var before = await File.ReadAllBytesAsync(Default);
        Assert.That(await FailureAsync(), Does.Contain(Default).And.Contain("not a queue"));
        Assert.That(await File.ReadAllBytesAsync(Default), Is.EqualTo(before));
    }

    [Test]
    public async Task A_directory_that_cannot_be_created_is_an_error()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, "queues"), "");
        Assert.That(await FailureAsync(), Does.Contain(Default).And.Contain("Give this process write access"));
    }

    [Test]
    public async Task A_directory_in_place_of_the_file_is_an_error()
    {
        Directory.CreateDirectory(Default);
        Assert.That(await FailureAsync(), Does.Contain(Default).And.Contain("Give this process write access"));
    }

    private FileStoreFactory Factory() => new(
        Mock.Of<IHostEnvironment>(e => e.ContentRootPath == _directory), TimeProvider.System, NullLoggerFactory.Instance);

    private async Task<FileStore> OpenAsync(string? path = null)
    {
        var store = (FileStore)Factory().Create("jobs", new CotyledonQueueOptions { Path = path });
        await store.OpenAsync(new ItemBuffer(), default).WaitAsync(TimeSpan.FromSeconds(20));
        return store;
    }

    private async Task<string> FailureAsync()
    {
        var problem = (await Assert.ThrowsAsync<QueueException>(() => OpenAsync()))!.Message;
        Assert.That(problem, Does.StartWith("Queue 'jobs' cannot be opened."));
        return problem;
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Default};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant SQL of the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
