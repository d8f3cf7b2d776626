using System.Reflection;

// Acts like a tool that inspects the host of a program: loads the program into its own process and calls Main. Unlike most
// tools, it lets the host start.
var program = Assembly.LoadFrom(args[0]);
var result = program.EntryPoint!.Invoke(null, [args[1..]]);
return result is int exitCode ? exitCode : 0;
