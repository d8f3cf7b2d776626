// Fields are fresh for every test, also without a SetUp method.
[assembly: FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
