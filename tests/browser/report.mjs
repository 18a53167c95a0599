// Collects what is wrong, so that one run shows all of it, and says so at the end.
const findings = [];
const figures = [];

/** Runs one check. What it throws, and each line that it returns, is a finding. */
export async function check(name, run) {
  const began = Date.now();
  let found;
  try {
    found = (await run()) ?? [];
  } catch (error) {
    const where = (error.stack ?? "").match(/tests\/browser\/(\w+\.mjs:\d+)/)?.[1] ?? "";
    found = [`${where}: ${error.message.split("\n").slice(0, 12).join("\n    ")}`];
  }
  for (const finding of found) {
    findings.push(`${name}: ${finding}`);
    console.error(`FAILED ${name}: ${finding}`);
  }
  if (process.env.CAREFOLD_BROWSER_VERBOSE) {
    console.log(`${found.length === 0 ? "ok" : "FAILED"} ${name} (${Date.now() - began} ms)`);
  }
}

/** A figure that is reported and never a reason to fail. */
export function figure(name, value) {
  figures.push(`${name}: ${value}`);
}

/** Prints the end of the report, and returns the exit code. */
export function finish() {
  for (const line of figures) {
    console.log(line);
  }
  console.log(findings.length === 0 ? "the pages pass in a browser" : `${findings.length} findings:`);
  for (const finding of findings) {
    console.error(`  ${finding}`);
  }
  return findings.length === 0 ? 0 : 1;
}
