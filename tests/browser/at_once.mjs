/** Runs `run` for each of the items, for so many of them at once; the results have the order of the items. */
export async function atOnce(count, items, run) {
  const waiting = [...items.entries()];
  const results = [];
  const next = async () => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      results[entry[0]] = await run(entry[1]);
    }
  };
  await Promise.all(Array.from({ length: count }, next));
  return results;
}
