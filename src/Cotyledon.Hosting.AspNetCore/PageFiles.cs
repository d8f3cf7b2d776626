using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace Cotyledon.Hosting.AspNetCore;

/// <summary>The files of the page, which are resources of this assembly.</summary>
internal sealed class PageFiles
{
    private const string Document = "index.html";

    private readonly FrozenDictionary<string, PageFile> _files = Load().ToFrozenDictionary(file => file.Name);

    public async Task WriteAsync(HttpContext context, string? name)
    {
        if (!_files.TryGetValue(name ?? Document, out var file))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        // "no-cache" lets the browser keep the file, and ask each time whether it has changed.
        var headers = context.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.ETag = file.ETag;
        if (context.Request.Headers.IfNoneMatch.Contains(file.ETag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = file.ContentType;
        context.Response.ContentLength = file.Content.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(file.Content, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static IEnumerable<PageFile> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames())
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            yield return new PageFile(name, ContentType(name), content, ETag(content));
        }
    }

    /// <summary>FNV-1a (draft-eastlake-fnv). A cryptographic hash would need OpenSSL, which small images do not have.</summary>
    private static string ETag(ReadOnlySpan<byte> content)
    {
        var hash = 0xcbf29ce484222325;
        foreach (var value in content)
        {
            hash = unchecked((hash ^ value) * 0x100000001b3);
        }

        return string.Create(CultureInfo.InvariantCulture, $"\"{hash:x16}\"");
    }

    private static string ContentType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };

    private sealed record PageFile(string Name, string ContentType, ReadOnlyMemory<byte> Content, string ETag);
}
