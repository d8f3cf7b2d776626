// Tests wait much of their time, so two fixtures at once keep two processors busy. Tests that fill the machine by themselves run alone.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
