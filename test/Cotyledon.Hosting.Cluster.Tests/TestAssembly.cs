// Parallel fixtures share no state, and wait much of their time for servers.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(4)]
