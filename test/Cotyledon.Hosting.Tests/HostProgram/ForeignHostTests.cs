using Cotyledon.Hosting.HostProgram;

namespace Cotyledon.Hosting.Tests.HostProgram;

internal sealed class ForeignHostTests
{
    [TestCase("App", "System.Runtime", HostProgramKind.Application)]
    [TestCase("testhost", "System.Runtime", HostProgramKind.TestHost)]
    [TestCase("App.Tests", "Microsoft.Testing.Platform", HostProgramKind.TestHost)]
    [TestCase("App.Tests", "Microsoft.AspNetCore.Mvc.Testing", HostProgramKind.TestHost)]
    [TestCase(null, "System.Runtime", HostProgramKind.TestHost)]
    [TestCase("ef", "System.Runtime", HostProgramKind.DesignTimeTool)]
    [TestCase("GetDocument.Insider", "System.Runtime", HostProgramKind.DesignTimeTool)]
    [TestCase("dotnet-ef", "Microsoft.Testing.Platform", HostProgramKind.DesignTimeTool)]
    public void A_host_program_is_recognized_by_its_name_and_its_loaded_assemblies(string? program, string loaded, object kind) =>
        Assert.That(ForeignHost.KindOf(program, ["System.Private.CoreLib", loaded]), Is.EqualTo(kind));

    [Test]
    public void The_test_process_is_recognized_as_a_test_host() => Assert.That(ForeignHost.Kind, Is.EqualTo(HostProgramKind.TestHost));
}
