import { createClient } from "graphql-ws";
import { createClient as createEventClient } from "graphql-sse";
import WebSocket from "ws";

// Asked at each connection: a token that is still valid.
const authorization = () => `Bearer ${process.env.TOKEN}`;
// Longer and longer, at most half a minute, and not all clients at the same time.
const retryWait = (tries) =>
  new Promise((done) => setTimeout(done, Math.min(2 ** tries * 250, 30_000) * (0.5 + Math.random())));
const again = { retryAttempts: Infinity, retryWait };

// graphql-transport-ws. A credential that is refused stays so; after every other close the client connects again.
export const socketClient = () =>
  createClient({
    url: process.env.URL.replace(/^http/, "ws"),
    webSocketImpl: WebSocket,
    connectionParams: () => ({ authorization: authorization() }),
    lazy: false,
    onNonLazyError: () => {},
    shouldRetry: ({ code }) => code !== 4403,
    ...again,
  });

// graphql-sse, each subscription by a request of its own.
export const eventClient = () =>
  createEventClient({ url: process.env.URL, headers: () => ({ authorization: authorization() }), ...again });

// A client whose subscriptions go on where they were after a lost connection, a restart and SLOW_CONSUMER.
export const resuming = (client) => ({
  ...client,
  subscribe(request, sink) {
    // The client sends it at each connection as it is then.
    const payload = { ...request, variables: { ...request.variables } };
    let stop;
    const subscribe = () => {
      let slow;
      stop = client.subscribe(payload, {
        next(result) {
          slow = result.errors?.find(({ extensions }) => extensions?.code === "SLOW_CONSUMER");
          const position = slow ? slow.extensions.position : Object.values(result.data ?? {})[0]?.position;
          if (position) payload.variables.after = position;
          if (!slow) sink.next(result);
        },
        error: (error) => sink.error(error),
        complete: () => (slow ? subscribe() : sink.complete()),
      });
    };
    subscribe();
    return () => stop();
  },
});

// Asks by POST. `readAfter` is the position that the answer includes at least.
export const ask = async (query, variables, readAfter) => {
  const headers = { authorization: authorization(), "content-type": "application/json" };
  if (readAfter) headers["x-read-after"] = readAfter;
  const response = await fetch(process.env.URL, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const { data, errors, extensions } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return { data, position: extensions.position };
};
