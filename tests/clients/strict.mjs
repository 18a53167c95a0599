// `node --import ./strict.mjs PROGRAM`: a warning or an error that a library of the program prints makes it fail.
const printed = [];
// Without a bundler, Apollo Client warns only if this is set.
globalThis.__DEV__ = true;
for (const level of ["warn", "error"]) {
  const print = console[level].bind(console);
  console[level] = (...said) => {
    printed.push(level);
    print(...said);
  };
}
process.on("warning", () => printed.push("warning"));
process.on("exit", (code) => {
  if (code === 0 && printed.length > 0) {
    process.stderr.write(`${printed.length} warnings were printed\n`);
    process.exitCode = 1;
  }
});
