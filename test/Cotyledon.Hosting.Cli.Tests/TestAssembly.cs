// Every test has its own instance of the fixture, so fields are initialized again without a SetUp method.
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]

// Parallel tests wait much of their time, or share no state.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(4)]

// The tests listen at Unix sockets.
[assembly: Platform("Linux")]
