using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Cotyledon.Hosting.Extensibility;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>A web server with the page, on a free port of the loopback address.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PageServer(WebApplication app, FakeManager manager, FakeQueue queue)
    {
        _app = app;
        Manager = manager;
        Queue = queue;
        Logs = app.Services.GetRequiredService<FakeLogCollector>();
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };
    }

    public FakeManager Manager { get; }

    public FakeQueue Queue { get; }

    public FakeLogCollector Logs { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    /// <summary>Whether actions are redirected to a login page.</summary>
    public bool IsSessionEnded { get; set; }

    /// <summary>Starts a server. With <paramref name="users"/> the page requires a user, and actions a user whose name begins with "op".</summary>
    public static async Task<PageServer> StartAsync(
        string environment = "Production", bool users = false, string pattern = "/cotyledon", Action<CotyledonPageOptions>? options = null,
        TimeProvider? clock = null, Action<IEndpointConventionBuilder>? conventions = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddFakeLogging();
        var (manager, queue) = (new FakeManager(), new FakeQueue());
        builder.Services.AddSingleton<ICotyledonManager>(manager).AddSingleton<IQueueAdministration>(queue)
            .AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddAuthentication("X-User")
            .AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("X-User", null)
            .AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("X-Operator", null)
            .AddCookie("cookie");
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy("operators", policy => policy.RequireAssertion(IsOperator))
            .AddPolicy("operators of another scheme", policy => policy.AddAuthenticationSchemes("X-Operator").RequireAssertion(IsOperator))
            .AddPolicy("session", policy => policy.AddAuthenticationSchemes("cookie").RequireAuthenticatedUser())
            .AddPolicy("everyone", policy => policy.RequireAssertion(_ => true));

        PageServer? server = null;
        var app = builder.Build();
        app.Use((context, next) =>
        {
            if (context.Request.Headers["X-Remote"] is [{ } remote])
            {
                context.Connection.RemoteIpAddress = IPAddress.Parse(remote);
            }

            return next(context);
        });
        app.Use((context, next) =>
        {
            if (server is not { IsSessionEnded: true } || !HttpMethods.IsPost(context.Request.Method))
            {
                return next(context);
            }

            context.Response.Redirect("/login");
            return Task.CompletedTask;
        });
        app.UseAuthentication();
        app.UseAuthorization();
        var page = app.MapCotyledon(pattern, o =>
        {
            o.ActionsPolicy = users ? "operators" : null;
            options?.Invoke(o);
        });
        if (users)
        {
            page.RequireAuthorization();
        }

        conventions?.Invoke(page);
        app.MapGet("/login", context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<p>Login</p>", context.RequestAborted);
        });
        await app.StartAsync();
        return server = new PageServer(app, manager, queue);
    }

    public HttpRequestMessage Request(HttpMethod method, string path, string? user = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        if (user is not null)
        {
            request.Headers.Add("X-User", user);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    /// <summary>A request as the page sends it.</summary>
    public HttpRequestMessage Action(string verb, string json, string? user = null) => WithBody(
        Request(HttpMethod.Post, $"/cotyledon/actions/{verb}", user, ("X-Cotyledon", "1"), ("Sec-Fetch-Site", "same-origin")), json);

    public static HttpRequestMessage WithBody(HttpRequestMessage request, string json, string type = "application/json")
    {
        request.Content = new StringContent(json, Encoding.UTF8, type);
        return request;
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static bool IsOperator(AuthorizationHandlerContext context) =>
        context.User.Identity?.Name?.StartsWith("op", StringComparison.Ordinal) == true;

    /// <summary>Takes the name of the user from the header that has the name of the scheme.</summary>
    private sealed class HeaderAuthentication(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Request.Headers[Scheme.Name] is [{ } user]
            ? AuthenticateResult.Success(new AuthenticationTicket(
                new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], Scheme.Name)), Scheme.Name))
            : AuthenticateResult.NoResult());
    }
}
