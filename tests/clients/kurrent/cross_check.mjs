// Holds the stand-in for KurrentDB against the official Node client.
//
//   node cross_check.mjs URL
//
// Its writes and subscriptions are an implementation of their own over grpc-js. Its reads are not:
// they go through a bridge that contains the Rust client, which is the one that we ship; a read
// that passes here says no more than our own tests do. Prints every check by name and their
// number; exits 1 if one fails.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import {
  ANY,
  END,
  KurrentDBClient,
  MaxAppendSizeExceededError,
  NO_STREAM,
  START,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  jsonEvent,
  streamNameFilter,
} from "@kurrent/kurrentdb-client";

// Milliseconds that anything may take.
const BOUND = 30_000;

const [url] = process.argv.slice(2);
assert.ok(url, "the connection string is missing");
const client = KurrentDBClient.connectionString(url);

const event = (name, id = randomUUID()) => jsonEvent({ id, type: "noted", data: { name } });
const names = (resolved) => resolved.map((one) => one.event.data.name);
const all = async (reading) => {
  const found = [];
  for await (const one of reading) found.push(one);
  return found;
};
const append = (stream, events, streamState) => client.appendToStream(stream, events, { streamState });

/** Runs it with a way to end well, and fails when nothing comes of it. */
const within = (run) =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`nothing came within ${BOUND} ms`)), BOUND);
    const ended = (settle) => (value) => {
      clearTimeout(late);
      settle(value);
    };
    run(ended(resolve), ended(reject));
  });

const checks = {
  "a list is appended": async (stream) => {
    const written = await append(stream, [event("a"), event("b")], NO_STREAM);
    assert.equal(written.success, true);
    assert.equal(written.nextExpectedRevision, 1n);
    assert.ok(written.position.commit > 0n);
  },
  "a repeat of the list has the same position": async (stream) => {
    const events = [event("a"), event("b")];
    const first = await append(stream, events, NO_STREAM);
    await append(stream, [event("c")], 1n);
    const again = await append(stream, events, NO_STREAM);
    assert.deepEqual(again.position, first.position);
    assert.equal(again.nextExpectedRevision, 1n);
  },
  "one event is appended": async (stream) => {
    const written = await append(stream, event("a"), NO_STREAM);
    assert.equal(written.nextExpectedRevision, 0n);
  },
  "a wrong version says what is": async (stream) => {
    await append(stream, [event("a"), event("b")], NO_STREAM);
    await assert.rejects(append(stream, [event("c")], 5n), (problem) => {
      assert.ok(problem instanceof WrongExpectedVersionError, String(problem));
      assert.equal(problem.expectedState, 5n);
      assert.equal(problem.actualState, 1n);
      return true;
    });
    await assert.rejects(append(stream, [event("c")], NO_STREAM), WrongExpectedVersionError);
  },
  "too large an append is refused": async (stream) => {
    const large = jsonEvent({ type: "noted", data: { name: "x".repeat(1_100_000) } });
    await assert.rejects(append(stream, [large], NO_STREAM), MaxAppendSizeExceededError);
  },
  "a stream that is closed says so": async (stream) => {
    await append(stream, [event("a")], NO_STREAM);
    await client.tombstoneStream(stream);
    await assert.rejects(append(stream, [event("b")], ANY), StreamDeletedError);
  },
  "a stream is read both ways, over the bridge": async (stream) => {
    await append(stream, [event("a"), event("b"), event("c")], NO_STREAM);
    assert.deepEqual(names(await all(client.readStream(stream))), ["a", "b", "c"]);
    const backwards = client.readStream(stream, { direction: "backwards", fromRevision: END, maxCount: 2 });
    assert.deepEqual(names(await all(backwards)), ["c", "b"]);
  },
  "a missing stream is not found, over the bridge": async (stream) => {
    await assert.rejects(all(client.readStream(stream)), StreamNotFoundError);
  },
  "everything is read from a position that is included, over the bridge": async (stream) => {
    const { position } = await append(stream, event("a"), NO_STREAM);
    const [first] = await all(client.readAll({ fromPosition: position, maxCount: 1 }));
    assert.equal(first.event.streamId, stream);
    const everything = await all(client.readAll({ fromPosition: START }));
    assert.ok(everything.some((one) => one.event.streamId.startsWith("$")), "the system writes too");
  },
  "a filtered subscription begins after its position and is told how far it is": async (stream) => {
    const { position } = await append(stream, event("a"), NO_STREAM);
    for (let number = 0; number < 40; number += 1) await append(`foreign-${stream}`, event("f"), ANY);
    const checkpoints = [];
    const seen = await within((resolve, reject) => {
      const found = [];
      const subscription = client.subscribeToAll({
        fromPosition: position,
        filter: streamNameFilter({
          prefixes: [stream],
          maxSearchWindow: 16,
          checkpointInterval: 1,
          checkpointReached: (_, at) => void checkpoints.push(at.commit),
        }),
      });
      subscription.on("caughtUp", () => append(stream, event("b"), 0n).catch(reject));
      subscription.on("error", reject);
      subscription.on("data", (one) => {
        found.push(one.event.data.name);
        subscription.unsubscribe().then(() => resolve(found), reject);
      });
    });
    assert.deepEqual(seen, ["b"]);
    assert.ok(checkpoints.length >= 3 && checkpoints.every((at) => at >= position.commit), String(checkpoints));
  },
  "a subscription to a stream begins after its revision": async (stream) => {
    await append(stream, [event("a"), event("b")], NO_STREAM);
    const seen = await within((resolve, reject) => {
      const found = [];
      const subscription = client.subscribeToStream(stream, { fromRevision: 0n });
      subscription.on("error", reject);
      subscription.on("data", (one) => {
        found.push(one.event.data.name);
        if (found.length === 1) append(stream, event("c"), 1n).catch(reject);
        if (found.length === 2) subscription.unsubscribe().then(() => resolve(found), reject);
      });
    });
    assert.deepEqual(seen, ["b", "c"]);
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check(`thread-${randomUUID()}`);
    console.log(`passed  ${name}`);
  } catch (problem) {
    failed += 1;
    console.log(`FAILED  ${name}: ${problem}`);
  }
}
const total = Object.keys(checks).length;
console.log(`node client: ${total - failed} of ${total} checks passed`);
await client.dispose();
process.exit(failed ? 1 : 0);
