// Lets a pyright that has ended run again: what Node compiled for one run, and made fast, serves the next. tests/pyright_again.py asks.
// A line of JSON from stdin says what to run and where to write what it prints; its exit code is the line that comes back.
const fs = require("node:fs");
const { format } = require("node:util");

let webpack;
require(`${require("node:path").dirname(process.argv[1])}/dist/vendor.js`).runtime = (runtime) => (webpack = runtime);

let said = [];
console.log = console.info = (...words) => said.push(format(...words) + "\n");

function readLine() {
  const byte = Buffer.alloc(1);
  const read = [];
  while (fs.readSync(0, byte) && byte[0] !== 10) read.push(byte[0]);
  return Buffer.from(read).toString();
}

let output = "/dev/null";
process.on("beforeExit", () => {
  fs.writeFileSync(output, said.join(""));
  fs.writeSync(1, `${process.exitCode}\n`);
  const asked = readLine();
  if (!asked) return;
  const run = JSON.parse(asked);
  [said, output] = [[], run.output];
  process.chdir(run.folder);
  Object.assign(process.env, run.environment);
  process.argv.splice(2, Infinity, ...run.options);
  const entry = Object.values(webpack.m).find((module) => String(module).includes(".main)()"));
  setImmediate(entry, {}, {}, webpack);
});
