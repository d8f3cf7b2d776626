using Cotyledon.Hosting.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Moq;

namespace Cotyledon.Hosting.Tests.Configuration;

internal sealed class OptionsLogTests
{
    private readonly TestLogger _logger = new();

    [TestCase("Database:Password", true)]
    [TestCase("DB_PASSWORD", true)]
    [TestCase("Passwd", true)]
    [TestCase("pwd", true)]
    [TestCase("ClientSecret", true)]
    [TestCase("Secrets:0", true)]
    [TestCase("AccessToken", true)]
    [TestCase("access-token", true)]
    [TestCase("ApiKey", true)]
    [TestCase("api_key", true)]
    [TestCase("ConnectionStrings:Default", true)]
    [TestCase("Connection_String", true)]
    [TestCase("Redis:ConnectionString", true)]
    [TestCase("Credentials:User", true)]
    [TestCase("Cotyledon:Services:Poller:Workers", false)]
    [TestCase("Logging:LogLevel:Default", false)]
    [TestCase("Url", false)]
    public void A_key_that_looks_like_a_secret_is_one(string key, bool isSecret)
    {
        Assert.That(OptionsLog.IsSecret(key), Is.EqualTo(isSecret));

        Write(b => b.AddInMemoryCollection([new(key, "value")]));
        Assert.That(_logger.Lines.Single().Message, Is.EqualTo($"{key} = {(isSecret ? "***" : "value")}"));
    }

    [Test]
    public void Values_are_logged_in_alphabetical_order_and_sections_are_not()
    {
        Write(b => b.AddInMemoryCollection([new("b", "2"), new("C:D", "3"), new("A", "1")]));

        Assert.That(_logger.Lines.Select(l => l.Message), Is.EqualTo(new[] { "A = 1", "b = 2", "C:D = 3" }));
        Assert.That(_logger.Lines.Select(l => l.Level), Is.All.EqualTo(LogLevel.Debug));
    }

    [Test]
    public void The_last_provider_wins()
    {
        Write(b => b.AddInMemoryCollection([new("A", "1")]).AddInMemoryCollection([new("A", "2")]));

        Assert.That(_logger.Lines.Select(l => l.Message), Is.EqualTo(new[] { "A = 2" }));
    }

    [Test]
    public void The_environment_is_left_out_unless_another_provider_has_the_key()
    {
        Environment.SetEnvironmentVariable("OPTIONSLOGTESTS_A", "from the environment");
        Environment.SetEnvironmentVariable("OPTIONSLOGTESTS_B", "of nobody");
        Write(b => b.AddInMemoryCollection([new("A", "1")]).AddEnvironmentVariables("OPTIONSLOGTESTS_"));

        Assert.That(_logger.Lines.Select(l => l.Message), Is.EqualTo(new[] { "A = from the environment" }));
    }

    [Test]
    public void Without_the_level_nothing_is_read()
    {
        var configuration = new Mock<IConfigurationRoot>(MockBehavior.Strict);
        var logger = new Mock<ILogger>();

        OptionsLog.Write(logger.Object, configuration.Object);

        logger.Verify(l => l.IsEnabled(LogLevel.Debug), Times.Once);
        logger.VerifyNoOtherCalls();
    }

    [Test]
    public void No_configuration_is_no_mistake()
    {
        OptionsLog.Write(_logger, null);

        Assert.That(_logger.Lines, Is.Empty);
    }

    private void Write(Func<IConfigurationBuilder, IConfigurationBuilder> add) =>
        OptionsLog.Write(_logger, add(new ConfigurationBuilder()).Build());
}
