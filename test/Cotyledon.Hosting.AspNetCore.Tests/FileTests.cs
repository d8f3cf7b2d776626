using System.Net;

namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>The files of the page and their headers.</summary>
internal sealed class FileTests
{
    [TestCase("", "text/html")]
    [TestCase("app.js", "text/javascript")]
    [TestCase("base.css", "text/css")]
    [TestCase("icon.svg", "image/svg+xml")]
    public async Task File_has_its_type_and_the_headers_of_the_page(string file, string type)
    {
        await using var server = await PageServer.StartAsync("Development");

        var response = await server.Client.GetAsync($"/cotyledon/{file}");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo(type));
        Assert.That(response.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(["nosniff"]));
        Assert.That(response.Headers.CacheControl?.NoCache, Is.True);
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'none';"));
        Assert.That(response.Headers.GetValues("Content-Security-Policy").Single(), Does.Not.Contain("unsafe"));
    }

    [Test]
    public async Task File_that_the_browser_has_is_not_sent_again()
    {
        await using var server = await PageServer.StartAsync("Development");
        var tag = (await server.Client.GetAsync("/cotyledon/app.js")).Headers.ETag!.ToString();

        var response = await server.Client.SendAsync(server.Request(HttpMethod.Get, "/cotyledon/app.js", null, ("If-None-Match", tag)));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    [TestCase("/cotyledon", "/cotyledon", "cotyledon/")]
    [TestCase("/admin/workers", "/admin/workers", "workers/")]
    public async Task Address_without_a_slash_at_its_end_is_redirected(string pattern, string path, string target)
    {
        await using var server = await PageServer.StartAsync("Development", pattern: pattern);

        var response = await server.Client.GetAsync(path);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Redirect));
        Assert.That(response.Headers.Location?.OriginalString, Is.EqualTo(target));
    }

    [TestCase("secrets.txt")]
    [TestCase("Cotyledon.Hosting.AspNetCore.dll")]
    [TestCase("..%2fappsettings.json")]
    public async Task Unknown_file_is_not_found(string file)
    {
        await using var server = await PageServer.StartAsync("Development");

        Assert.That((await server.Client.GetAsync($"/cotyledon/{file}")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    /// <summary>The policy of the page forbids inline styles and scripts, and text of workers must not become markup.</summary>
    [Test]
    public void Scripts_write_no_markup()
    {
        var assembly = typeof(CotyledonPageOptions).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(n => Path.GetExtension(n) is ".js" or ".html"))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            var text = reader.ReadToEnd();
            Assert.That(text, Does.Not.Match("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(|style=|javascript:"), name);
            Assert.That(text.Replace("http://www.w3.org/2000/svg", ""), Does.Not.Match("https?://"), name);
        }
    }
}
