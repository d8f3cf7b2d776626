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
    public void The_value_of_a_key_that_names_a_secret_is_masked(string key, bool isSecret)
    {
        Assert.That(SecretMask.IsSecret(key, []), Is.EqualTo(isSecret));

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
        Environment.SetEnvironmentVariable("OPTIONSLOGTESTS_B", "not in another provider");
        Environment.SetEnvironmentVariable("OPTIONSLOGTESTS_Section__C", "of a section");
        Write(b => b.AddInMemoryCollection([new("A", "1")]).AddEnvironmentVariables("OPTIONSLOGTESTS_"));

        Assert.That(_logger.Lines.Select(l => l.Message), Is.EqualTo(new[] { "A = from the environment", "Section:C = of a section" }));
    }

    [TestCase("rabbit://user:pass@host/", "rabbit://***@host/")]
    [TestCase("rabbit://u:p@one:5672,v:q@two:5672//vhost", "rabbit://***@one:5672,***@two:5672//vhost")]
    [TestCase("amqp://user@host:5672", "amqp://***@host:5672")]
    [TestCase("redis://:pa/ss@host:6379/0", "redis://***@host:6379/0")]
    [TestCase("see https://a:b@c/d and https://e:f@g", "see https://***@c/d and https://***@g")]
    [TestCase("https://example.org:8080/@someone?at=a@b", "https://example.org:8080/@someone?at=a@b")]
    [TestCase("https://example.org/", "https://example.org/")]
    [TestCase("postgresql://host/db?user=me&password=p&sslmode=require", "postgresql://host/db?user=me&password=***&sslmode=require")]
    [TestCase("Server=a;User ID=sa;Password=p q;Encrypt=true", "Server=a;User ID=sa;Password=***;Encrypt=true")]
    [TestCase("Server=a;Pwd = \"x;y\";Database=b", "Server=a;Pwd = ***;Database=b")]
    [TestCase("Endpoint=sb://a.b/;SharedAccessKeyName=n;SharedAccessKey=k=", "Endpoint=sb://a.b/;SharedAccessKeyName=***;SharedAccessKey=***")]
    [TestCase("host=a password=b user=c", "host=a password=*** user=c")]
    [TestCase("a=b", "a=b")]
    [TestCase("00:01:00", "00:01:00")]
    [TestCase("me@example.org", "me@example.org")]
    public void Secrets_inside_a_value_are_masked(string value, string expected)
    {
        Assert.That(SecretMask.Apply("transport_url", value, []), Is.EqualTo(expected));
    }

    [TestCase("Door:PIN", "***")]
    [TestCase("Door:Pin_Code", "***")]
    [TestCase("Door:Color", "1234")]
    public void More_keys_can_be_masked(string key, string expected)
    {
        Assert.That(SecretMask.Apply(key, "1234", ["pin", ""]), Is.EqualTo(expected));
    }

    [Test]
    public void Options_that_code_has_set_are_logged_and_those_of_the_configuration_once()
    {
        OptionsLog.Write(
            _logger,
            new ConfigurationBuilder().AddInMemoryCollection([new("cotyledon:services:a:workers", "3")]).Build(),
            effective: () => new Dictionary<string, string> { ["Cotyledon:Services:a:Workers"] = "3", ["Cotyledon:Services:a:Nice"] = "5" });

        Assert.That(
            _logger.Lines.Select(l => l.Message),
            Is.EqualTo(new[] { "Cotyledon:Services:a:Nice = 5", "Cotyledon:Services:a:Workers = 3" }).IgnoreCase);
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
    public void A_null_configuration_logs_nothing()
    {
        OptionsLog.Write(_logger, null);

        Assert.That(_logger.Lines, Is.Empty);
    }

    private void Write(Func<IConfigurationBuilder, IConfigurationBuilder> add) =>
        OptionsLog.Write(_logger, add(new ConfigurationBuilder()).Build());
}
