namespace Cotyledon.Hosting.Control;

/// <summary>The control endpoint cannot be created. The message is a part of a sentence of the log.</summary>
internal sealed class ControlException(string message) : Exception(message);
