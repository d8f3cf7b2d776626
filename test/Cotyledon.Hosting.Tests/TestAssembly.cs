// Parallel tests wait nearly all of their time, or share no state.
[assembly: LevelOfParallelism(8)]

// Every test has its own instance of the fixture, so fields are initialized again without a SetUp method.
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
