// Many tests wait most of their time: two fixtures at once end sooner. Those that fill the machine by themselves run alone.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
