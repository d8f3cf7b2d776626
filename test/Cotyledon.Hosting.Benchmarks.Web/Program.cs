// Answers every request with one line: in worker processes with "pool N", otherwise in this process. See run.sh.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
if (args is ["pool", var workers, ..])
{
    builder.AddCotyledonWeb(int.Parse(workers, System.Globalization.CultureInfo.InvariantCulture));
}

var app = builder.Build();
app.Run(context =>
{
    context.Response.ContentLength = 3;
    return context.Response.WriteAsync("ok\n");
});
await app.RunAsync();
