namespace Cotyledon.Hosting.Web;

/// <summary>Contains names that programs may need.</summary>
public static class CotyledonWeb
{
    /// <summary>The name of the service that <c>AddCotyledonWeb</c> registers, and of its section in <c>Cotyledon:Services</c>.</summary>
    public const string ServiceName = "Web";
}
