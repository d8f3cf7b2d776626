using System.Reflection;

// Does what tools do that look at a program's host: loads the program into its own process and calls its Main. Unlike most of
// them, it lets the host start.
var program = Assembly.LoadFrom(args[0]);
var result = program.EntryPoint!.Invoke(null, [args[1..]]);
return result is int exitCode ? exitCode : 0;
