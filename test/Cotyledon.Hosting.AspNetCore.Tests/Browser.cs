using System.Collections.ObjectModel;
using System.Text.Json;
using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;

namespace Cotyledon.Hosting.AspNetCore.Tests;

/// <summary>Chromium without a window. Each wait has a limit.</summary>
internal sealed class Browser : IDisposable
{
    private const string Program = "/usr/bin/chromium", Driver = "/usr/bin/chromedriver";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ChromeDriverService _service;
    private readonly ChromeDriver _driver;

    private Browser()
    {
        var options = new ChromeOptions { BinaryLocation = Program };
        options.AddArguments("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900", "--lang=en");
        if (Environment.UserName == "root")
        {
            options.AddArgument("--no-sandbox");
        }

        options.SetLoggingPreference(LogType.Browser, OpenQA.Selenium.LogLevel.All);
        options.SetLoggingPreference("performance", OpenQA.Selenium.LogLevel.All);
        _service = ChromeDriverService.CreateDefaultService(Path.GetDirectoryName(Driver), Path.GetFileName(Driver));
        _service.SuppressInitialDiagnosticInformation = true;
        _driver = new ChromeDriver(_service, options, Limit);
    }

    public string Title => _driver.Title;

    /// <summary>Starts the browser, or skips the tests.</summary>
    public static Browser Start()
    {
        if (!File.Exists(Program) || !File.Exists(Driver))
        {
            Assert.Ignore($"{Program} and {Driver} are needed. On Debian and Ubuntu: apt-get install chromium chromium-driver");
        }

        return new Browser();
    }

    public void Open(Uri address) => _driver.Navigate().GoToUrl(address);

    public IWebElement Find(string selector) => Wait(() => All(selector).FirstOrDefault(element => element.Displayed), $"'{selector}' is not shown");

    /// <summary>Finds a visible button by its text.</summary>
    public IWebElement Button(string text, string within = "body") => Wait(
        () => All($"{within} button").FirstOrDefault(button => button.Displayed && button.Text == text), $"there is no button '{text}'");

    public ReadOnlyCollection<IWebElement> All(string selector) => _driver.FindElements(By.CssSelector(selector));

    public void Until(Func<bool> condition, string message) => Wait(() => condition() ? new object() : null, message);

    public void UntilText(string selector, string text) => Until(
        () => Text(selector).Contains(text, StringComparison.Ordinal), $"'{selector}' does not contain '{text}'");

    public string Text(string selector) => All(selector).FirstOrDefault()?.GetAttribute("textContent") ?? "";

    public T Run<T>(string script) => (T)_driver.ExecuteScript(script)!;

    public void Run(string script) => _driver.ExecuteScript(script);

    /// <summary>Presses keys where the focus is.</summary>
    public void Press(string keys) => _driver.SwitchTo().ActiveElement().SendKeys(keys);

    public void Resize(int width, int height) => _driver.ExecuteCdpCommand("Emulation.setDeviceMetricsOverride", new Dictionary<string, object?>
    {
        ["width"] = width,
        ["height"] = height,
        ["deviceScaleFactor"] = 1,
        ["mobile"] = width < 500,
    });

    public void UseColorScheme(string scheme) => _driver.ExecuteCdpCommand("Emulation.setEmulatedMedia", new Dictionary<string, object?>
    {
        ["features"] = new[] { new Dictionary<string, object> { ["name"] = "prefers-color-scheme", ["value"] = scheme } },
    });

    /// <summary>The errors of scripts and of the content security policy since the last call.</summary>
    public IReadOnlyList<string> Errors() =>
        [.. _driver.Manage().Logs.GetLog(LogType.Browser).Where(e => e.Level == OpenQA.Selenium.LogLevel.Severe).Select(e => e.Message)];

    /// <summary>The addresses that were requested since the last call.</summary>
    public IReadOnlyList<string> Requests() =>
    [
        .. _driver.Manage().Logs.GetLog("performance")
            .Select(entry => JsonElement.Parse(entry.Message).GetProperty("message"))
            .Where(message => message.GetProperty("method").GetString() == "Network.requestWillBeSent")
            .Select(message => message.GetProperty("params").GetProperty("request").GetProperty("url").GetString()!),
    ];

    public void Dispose()
    {
        _driver.Dispose();
        _service.Dispose();
    }

    private static T Wait<T>(Func<T?> find, string message)
        where T : class
    {
        var end = DateTime.UtcNow + Limit;
        while (true)
        {
            try
            {
                if (find() is { } found)
                {
                    return found;
                }
            }
            catch (StaleElementReferenceException)
            {
                // The page has replaced the element meanwhile.
            }

            Assert.That(DateTime.UtcNow, Is.LessThan(end), message);
            Thread.Sleep(50);
        }
    }
}
