using System.Text.Json.Serialization;

namespace Cotyledon.Hosting.Shared;

/// <summary>Reads and writes the objects of the control protocol without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(GreetingObject))]
[JsonSerializable(typeof(StatusObject))]
[JsonSerializable(typeof(ExitsObject))]
[JsonSerializable(typeof(OperationsObject))]
[JsonSerializable(typeof(QueuesObject))]
[JsonSerializable(typeof(DeadItemsObject))]
[JsonSerializable(typeof(CountObject))]
[JsonSerializable(typeof(LastEventObject))]
[JsonSerializable(typeof(EventProgressObject))]
[JsonSerializable(typeof(GapProgressObject))]
[JsonSerializable(typeof(ReadyProgressObject))]
[JsonSerializable(typeof(StepProgressObject))]
[JsonSerializable(typeof(ResizeObject))]
[JsonSerializable(typeof(ReloadResultObject))]
[JsonSerializable(typeof(KillObject))]
[JsonSerializable(typeof(EmptyObject))]
[JsonSerializable(typeof(ErrorObject))]
internal sealed partial class ControlJson : JsonSerializerContext;
