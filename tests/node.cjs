// pyright runs for seconds: most of what Node compiles anew meanwhile, to run it faster later, never pays. It begins with that later.
// A budget in bytes of byte code; Node's own is 67584. `setFlagsFromString` prints a line and goes on where V8 has no such word.
require("node:v8").setFlagsFromString("--interrupt-budget=600000");
