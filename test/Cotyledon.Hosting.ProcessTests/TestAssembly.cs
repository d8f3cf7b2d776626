// Tests wait most of their time: two fixtures at once keep two processors busy for a third of it. Tests that fill the machine by themselves run alone.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(4)]
