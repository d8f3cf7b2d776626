namespace Cotyledon.Hosting.Tests;

internal sealed class ExceptionTextTests
{
    [Test]
    public void The_text_contains_the_types_and_messages_of_all_inner_exceptions()
    {
        var exception = new InvalidOperationException("outer", new IOException("inner"));

        Assert.That(ExceptionText.Of(exception), Is.EqualTo("System.InvalidOperationException: outer ---> System.IO.IOException: inner"));
        Assert.That(ExceptionText.Summary(exception), Is.EqualTo("outer inner"));
        Assert.That(ExceptionText.Of(null), Is.EqualTo("An object that is not an exception was thrown."));
    }

    [Test]
    public void A_message_that_cannot_be_read_is_reported_as_such()
    {
        Assert.That(
            ExceptionText.Of(new ThrowingException()),
            Does.EndWith("ThrowingException: (the message could not be read: System.NotSupportedException)"));
        Assert.That(ExceptionText.Summary(new IOException("outer", new ThrowingException())), Does.StartWith("outer (the message"));
    }

    [Test]
    public void A_long_chain_is_truncated()
    {
        var exception = new IOException("0");
        for (var i = 1; i < 1000; i++)
        {
            exception = new IOException($"{i}", exception);
        }

        Assert.That(ExceptionText.Of(exception), Does.StartWith("System.IO.IOException: 999").And.Length.LessThan(200));
    }

    private sealed class ThrowingException : Exception
    {
        public override string Message => throw new NotSupportedException();
    }
}
