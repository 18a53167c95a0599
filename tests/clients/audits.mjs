// Runs every audit of the GraphQL-over-HTTP draft against a running server.
//
//   node audits.mjs URL [TOKEN]
//
// Prints one line for each that does not pass, then the count; exits 0 only if
// all pass. The audits know nothing of credentials, so TOKEN is sent with each
// of their requests as a bearer token.
import { serverAudits } from 'graphql-http';

const [url, token] = process.argv.slice(2);
if (!url) {
  console.error('usage: node audits.mjs URL [TOKEN]');
  process.exit(2);
}

const fetchFn = (target, init = {}) => {
  const headers = new Headers(init.headers);
  if (token) headers.set('authorization', `Bearer ${token}`);
  return fetch(target, { ...init, headers });
};

const audits = serverAudits({ url, fetchFn });
let passed = 0;
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === 'ok') {
    passed += 1;
  } else {
    console.log(`${audit.id} ${audit.name}: ${result.reason}`);
  }
}
console.log(`${passed} of ${audits.length} audits pass`);
process.exit(audits.length > 0 && passed === audits.length ? 0 : 1);
