using System.Text;
using Cotyledon.Hosting.Control;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>The names of control sockets.</summary>
internal sealed class ControlSocketNameTests
{
    [TestCase("Telemetry", "Telemetry")]
    [TestCase("My App/Über", "My_App__ber")]
    [TestCase("../../etc/passwd", "_.._etc_passwd")]
    [TestCase("", "_")]
    [TestCase("...", "_")]
    public void Name_has_no_special_characters(string program, string name) =>
        Assert.That(ControlSocketName.Base(program, "/run/cotyledon", 107), Is.EqualTo(name));

    [TestCase("/run/cotyledon")]
    [TestCase("/tmp/cotyledon-1000000000")]
    [TestCase("/run/user/1000/cotyledon/some/deep/directory/with/a/long/name/of/eighty/bytes")]
    public void Longest_path_fits_because_the_program_name_is_shortened(string directory)
    {
        var name = ControlSocketName.Base(new string('x', 300), directory, 107)!;
        var path = Path.Combine(directory, ControlSocketName.Of(name, int.MaxValue, 9));
        Assert.That(Encoding.UTF8.GetByteCount(path), Is.EqualTo(107));
        Assert.That(path, Does.EndWith(".2147483647-9.sock"));
    }

    [TestCase(87, true)]
    [TestCase(88, false)]
    public void Directory_without_room_for_a_name_is_refused(int length, bool isUsable) =>
        Assert.That(ControlSocketName.Base("app", "/" + new string('d', length - 1), 107), isUsable ? Is.EqualTo("a") : Is.Null);

    [TestCase("app.12.sock", true)]
    [TestCase("app.12-2.sock", true)]
    [TestCase("app.sock", false)]
    [TestCase("app..sock", false)]
    [TestCase("app.12-.sock", false)]
    [TestCase("app.1-2-3.sock", false)]
    [TestCase("app.x12.sock", false)]
    [TestCase("app.12.sock.old", false)]
    [TestCase("app.other.12.sock", false)]
    [TestCase("apps.12.sock", false)]
    public void Only_sockets_of_the_same_program_are_its_own(string file, bool isOwn) =>
        Assert.That(ControlSocketName.IsOf("app", file), Is.EqualTo(isOwn));
}
