using Microsoft.Extensions.Options;
using OsloMigration;
using Quartz;

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
{
    Args = args,
    // "dotnet run" starts the program in the directory of the project. The executable can be started in any directory.
    ContentRootPath = File.Exists("appsettings.json") ? null : AppContext.BaseDirectory,
});
builder.Services.AddOptions<MyOptions>().BindConfiguration(MyOptions.SectionName).ValidateOnStart();
builder.Services.AddSingleton<IValidateOptions<MyOptions>, MyOptionsValidator>();

// Registered before the workers: it starts before the first worker, and stops after the last one has exited.
builder.Services.AddHostedService<MyMaster>();

builder.Services.AddCotyledonQueue<MyTask>("tasks");
builder.Services.AddCotyledonWorker<MyService>(workers: 2, name: "MyService fancy name that will showup in 'ps xaf'");
builder.Services.AddCotyledonWorker<MyOtherService>(name: MyOtherService.Name)
    .Configure<IOptions<MyOptions>>((service, options) => service.Workers = options.Value.OtherWorkers);
builder.Services.AddCotyledonWorker<MyThirdService>(workers: 2);
builder.Services.AddCotyledonHooks<MyHooks>();
builder.Services.AddHostedService<MyProducer>();

builder.Services.AddCotyledonWorker<MyPeriodicTask>();

// The hosted service of Quartz.NET as a worker: one process runs the calendar, not each process.
builder.Services.AddCotyledonWorker<QuartzHostedService>(workers: 0, name: "Calendar");
builder.Services.AddQuartz(quartz => quartz.ScheduleJob<MyCalendarTask>((services, trigger) =>
    trigger.WithCronSchedule(services.GetRequiredService<IOptions<MyOptions>>().Value.Calendar)));

await builder.Build().RunAsync();
