using Cotyledon.Hosting.Queues.Extensibility;
using Cotyledon.Hosting.Shared;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Cotyledon.Hosting.Queues.Storage;

/// <summary>Creates the stores of provider <c>File</c>.</summary>
internal sealed class FileStoreFactory(IHostEnvironment environment, TimeProvider clock, ILoggerFactory loggers) : IQueueStoreFactory
{
    private const string Directory = "queues";

    public string Provider => "File";

    public string? Check(string queue, CotyledonQueueOptions options) => options.Path switch
    {
        null => null,
        var path when string.IsNullOrWhiteSpace(path) || Path.EndsInDirectorySeparator(path) =>
            $"Path is '{path}', which is not the path of a file.",
        _ => null,
    };

    public IQueueStore Create(string queue, CotyledonQueueOptions options) => new FileStore(
        queue,
        Path.GetFullPath(options.Path ?? Path.Combine(Directory, $"{queue}.db"), environment.ContentRootPath),
        clock,
        GuardedLogger.Create(loggers, "Cotyledon.Hosting.Queues"));
}
