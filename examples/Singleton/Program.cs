using Singleton;

var builder = Host.CreateApplicationBuilder(args);
builder.Services.AddCotyledonWorker<InvoiceRun>();
builder.Services.AddCotyledonPostgresCluster().Configure(options =>
    options.ConnectionString = builder.Configuration.GetConnectionString("Orders"));
await builder.Build().RunAsync();
