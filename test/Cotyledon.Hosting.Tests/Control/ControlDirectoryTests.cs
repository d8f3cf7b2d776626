using System.Diagnostics;
using System.Runtime.Versioning;
using Cotyledon.Hosting.Control;
using Cotyledon.Hosting.Processes;

namespace Cotyledon.Hosting.Tests.Control;

/// <summary>The directory of the control socket.</summary>
[Platform(Exclude = "Win")]
[UnsupportedOSPlatform("windows")]
internal sealed class ControlDirectoryTests
{
    private string _parent = "";

    [SetUp]
    public void Create() => _parent = Directory.CreateTempSubdirectory("cotyledon-control-").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(_parent, recursive: true);

    [Test]
    public void Configured_directory_is_the_only_one() =>
        Assert.That(ControlDirectory.Candidates("/srv/x", 0, _ => "/other"), Is.EqualTo(new[] { "/srv/x" }));

    [TestCase(0u, new[] { "/run/app", "/run/cotyledon", "/run/user/7/cotyledon", "/tmp/cotyledon-0" })]
    [TestCase(7u, new[] { "/run/app", "/run/user/7/cotyledon", "/tmp/cotyledon-7" })]
    public void Directories_are_tried_in_order(uint user, string[] directories) => Assert.That(
        ControlDirectory.Candidates(null, user, name => name == "RUNTIME_DIRECTORY" ? "/run/app/:/run/other" : "/run/user/7"),
        Is.EqualTo(directories));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("relative/path")]
    public void Missing_and_relative_variables_are_skipped(string? value) =>
        Assert.That(ControlDirectory.Candidates(null, 7, _ => value), Is.EqualTo(new[] { "/tmp/cotyledon-7" }));

    [Test]
    public void Missing_directory_is_created_for_the_owner_only()
    {
        var directory = Path.Combine(_parent, "new");
        Assert.That(ControlDirectory.Prepare(directory, group: null), Is.Null);
        Assert.That(OwnedFile.Read(directory)!.Value.Mode & 0xfff, Is.EqualTo(0b111_000_000));
        Assert.That(ControlDirectory.Prepare(directory, group: null), Is.Null, "a second program");
    }

    [Test]
    public void Parent_directories_are_not_created() =>
        Assert.That(ControlDirectory.Prepare(Path.Combine(_parent, "a", "b"), group: null), Does.EndWith("cannot be created: No such file or directory"));

    [Test]
    public void Directory_that_others_may_read_is_accepted_as_systemd_creates_it()
    {
        var directory = Directory.CreateDirectory(Path.Combine(_parent, "d"), (UnixFileMode)0b111_101_101).FullName;
        Assert.That(ControlDirectory.Prepare(directory, group: null), Is.Null);
    }

    [TestCase(0b111_111_101)]
    [TestCase(0b111_101_111)]
    public void Directory_that_others_may_write_is_refused(int mode)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_parent, "d")).FullName;
        File.SetUnixFileMode(directory, (UnixFileMode)mode);
        Assert.That(ControlDirectory.Prepare(directory, group: null), Is.EqualTo($"other users may write to {directory}"));
    }

    [Test]
    public void Symbolic_link_is_refused()
    {
        var target = Directory.CreateDirectory(Path.Combine(_parent, "target"), (UnixFileMode)0b111_000_000).FullName;
        var link = Path.Combine(_parent, "link");
        File.CreateSymbolicLink(link, target);
        Assert.That(ControlDirectory.Prepare(link, group: null), Is.EqualTo($"{link} is a symbolic link"));
    }

    [Test]
    public void File_is_refused()
    {
        var file = Path.Combine(_parent, "file");
        File.WriteAllText(file, "");
        Assert.That(ControlDirectory.Prepare(file, group: null), Is.EqualTo($"{file} is not a directory"));
    }

    [Test]
    public void Directory_of_another_user_is_refused()
    {
        RequireRoot();
        var directory = Directory.CreateDirectory(Path.Combine(_parent, "d"), (UnixFileMode)0b111_000_000).FullName;
        Process.Start("chown", ["1", directory])!.WaitForExit();
        Assert.That(ControlDirectory.Prepare(directory, group: null), Is.EqualTo($"{directory} belongs to user 1, and this program runs as user 0"));
    }

    [Test]
    public void Directory_is_opened_to_one_group()
    {
        RequireRoot();
        var directory = Path.Combine(_parent, "d");
        Assert.That(ControlDirectory.Prepare(directory, group: 7), Is.Null);
        var facts = OwnedFile.Read(directory)!.Value;
        Assert.That((facts.GroupId, facts.Mode & 0xfff), Is.EqualTo((7u, 0b111_101_000u)));
        Assert.That(ControlDirectory.Prepare(directory, group: 7), Is.Null, "a second program with the same group");
        Assert.That(ControlDirectory.Prepare(directory, group: null), Is.Null, "a program without a group");
        Assert.That(ControlDirectory.Prepare(directory, group: 8), Does.StartWith($"{directory} is open to group 7 already"));
    }

    [Test]
    public void Groups_are_found_by_name()
    {
        Assert.That(OwnedFile.FindGroup("root"), Is.Zero);
        Assert.That(OwnedFile.FindGroup("no such group"), Is.Null);
    }

    private static void RequireRoot()
    {
        if (OwnedFile.UserId != 0)
        {
            Assert.Ignore("Only root can change the owner and the group of a directory.");
        }
    }
}
