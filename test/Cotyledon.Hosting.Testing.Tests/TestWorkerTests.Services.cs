using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Cotyledon.Hosting.Testing.Tests;

/// <summary>The services that the tests run.</summary>
internal sealed partial class TestWorkerTests
{
    internal sealed class Behaviour
    {
        public List<string> Lines { get; } = [];

        public TaskCompletionSource Fail { get; } = new();

        public Func<Task> Terminate { get; set; } = () => Task.CompletedTask;

        public Func<Task> Reload { get; set; } = () => Task.CompletedTask;
    }

    internal sealed class Scripted(IWorkerContext worker, IConfiguration configuration, Behaviour behaviour)
        : CotyledonService, IDisposable
    {
        public string Seen => $"{worker.ServiceName} {worker.WorkerId}/{worker.WorkerCount} #{worker.Incarnation}";

        public override Task ReloadAsync(CancellationToken cancellationToken)
        {
            behaviour.Lines.Add($"reload {configuration["Key"]}");
            return behaviour.Reload();
        }

        public void Dispose() => behaviour.Lines.Add("dispose");

        protected override Task RunAsync(CancellationToken cancellationToken) => behaviour.Fail.Task.WaitAsync(cancellationToken);

        protected override Task TerminateAsync(CancellationToken cancellationToken)
        {
            behaviour.Lines.Add("terminate");
            return behaviour.Terminate();
        }
    }

    internal sealed class Named(string argument) : BackgroundService
    {
        public string Argument => argument;

        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Delay(Timeout.Infinite, stoppingToken);
    }

    internal sealed class Generic<T>(IWorkerContext worker) : BackgroundService
    {
        public string Name => worker.ServiceName;

        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Delay(Timeout.Infinite, stoppingToken);
    }

    internal sealed class ValidatedOptions
    {
        public int Limit { get; set; }
    }

    internal sealed class Broken : BackgroundService
    {
        public Broken() => throw new NotSupportedException("as scripted");

        protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.CompletedTask;
    }

    /// <summary>Its stopping token has a callback that throws. Its run ends when <see cref="Behaviour.Terminate"/> has completed.</summary>
    internal sealed class Careless(Behaviour behaviour) : BackgroundService
    {
        public TaskCompletionSource Running { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Stopping { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            stoppingToken.Register(Stopping.SetResult);
            stoppingToken.Register(() => throw new NotSupportedException("as scripted"));
            Running.SetResult();
            await Stopping.Task;
            await behaviour.Terminate();
            behaviour.Lines.Add("end of the run");
        }
    }

    /// <summary>Finishes its work in <c>StopAsync</c>, before the base class cancels the run.</summary>
    internal sealed class Draining(Behaviour behaviour) : BackgroundService
    {
        private CancellationToken _stoppingToken;

        public override async Task StopAsync(CancellationToken cancellationToken)
        {
            behaviour.Lines.Add(_stoppingToken.IsCancellationRequested ? "cancelled too early" : "running");
            await base.StopAsync(cancellationToken);
            behaviour.Lines.Add(_stoppingToken.IsCancellationRequested ? "cancelled" : "not cancelled");
        }

        protected override Task ExecuteAsync(CancellationToken stoppingToken)
        {
            _stoppingToken = stoppingToken;
            return Task.Delay(Timeout.Infinite, stoppingToken);
        }
    }

    internal sealed class ChoosesExitCode : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            try
            {
                await Task.Delay(Timeout.Infinite, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                throw new WorkerExitException(42);
            }
        }
    }

    internal sealed class Hooks(Behaviour behaviour) : ICotyledonHooks
    {
        public Task OnNewWorkerAsync(IWorkerContext worker, IHostedService service, CancellationToken cancellationToken)
        {
            behaviour.Lines.Add($"new {worker.WorkerId}");
            return Task.CompletedTask;
        }
    }
}
