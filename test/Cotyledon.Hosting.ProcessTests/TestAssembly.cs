// Tests wait most of their time: with two fixtures at once, two processors are busy for a third of the time.
// Tests that fill the machine by themselves run alone.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(4)]
