import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { resuming, socketClient } from "./live.mjs";

export const socket = socketClient();
const { subscribe } = resuming(socket);

// In an application, it has the exchanges of urql.mjs as well.
export const client = new Client({
  url: process.env.URL,
  preferGetMethod: false,
  fetchOptions: () => ({ headers: { authorization: `Bearer ${process.env.TOKEN}` } }),
  exchanges: [
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: (request) => ({ subscribe: (sink) => ({ unsubscribe: subscribe(request, sink) }) }),
    }),
  ],
});
