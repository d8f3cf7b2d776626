namespace Microsoft.Extensions.Configuration.AzureAppConfiguration;

/// <summary>Has the name of the interface with which a program refreshes its values from Azure App Configuration.</summary>
internal interface IConfigurationRefresherProvider;
