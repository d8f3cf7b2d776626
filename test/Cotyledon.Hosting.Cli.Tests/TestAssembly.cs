// Every test has its own instance of the fixture, so fields are initialized again without a SetUp method.
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]

// The tests listen at Unix sockets.
[assembly: Platform("Linux")]
