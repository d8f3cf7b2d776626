using Microsoft.AspNetCore.Http;

namespace Cotyledon.Hosting.AspNetCore.Actions;

/// <summary>An action that was not carried out, with the code of the control protocol.</summary>
internal sealed class ActionException(string code, string message) : Exception(message)
{
    public string Code => code;

    public int Status => code switch
    {
        "usage" => StatusCodes.Status400BadRequest,
        "denied" => StatusCodes.Status403Forbidden,
        "notFound" => StatusCodes.Status404NotFound,
        "conflict" => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status500InternalServerError,
    };

    public static ActionException Usage(string message) => new("usage", message);

    public static ActionException NotFound(string message) => new("notFound", message);

    public static ActionException Conflict(string message) => new("conflict", message);
}
