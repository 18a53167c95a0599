#!/usr/bin/env bash
# Holds the schema and a demo that it starts itself, on a free port and a new directory, against public clients:
# graphql-eslint, graphql-codegen and the Relay compiler on the schema; the GraphQL-over-HTTP audits; the main road of a
# consultation walked by graphql-request; the programs of the API page; a story each by Apollo Client, urql and Relay; live
# notices by graphql-ws, graphql-sse and the example `follow_worklist`, which is beside the binary, in `examples`.
# A warning is a failure.
#
#   tests/clients/run.sh BINARY
#
# Exits 0 only if all of it passes. A binary, node or node_modules that is missing is a
# failure, never a skip.
set -euo pipefail

binary=$(realpath "${1:?usage: tests/clients/run.sh BINARY}")
cd "$(dirname "${BASH_SOURCE[0]}")"
npm ls --depth 0 >/dev/null || { echo "run: npm ci --prefix tests/clients" >&2; exit 1; }

example=$(dirname "$binary")/examples/follow_worklist
[ -x "$example" ] || { echo "run: cargo build --example follow_worklist, with --release if the binary is so" >&2; exit 1; }

# Runs a tool that warns without failing.
quietly() {
    local said
    said=$("$@" 2>&1) && ! grep --quiet --ignore-case warn <<<"$said" || { printf '%s\n' "$said" >&2; return 1; }
}

node page.mjs
# graphql-eslint reads its schema and documents from the working directory.
(cd ../.. && tests/clients/node_modules/.bin/eslint --config tests/clients/eslint.config.mjs --max-warnings 0 \
    schema/schema.graphql 'examples/queries/*.graphql')
# A part of it warns of two fragments with one name, also where they are in documents that stand alone.
same_name='fragment with name|graphql-tag enforces all fragment names|this in the docs: http'
quietly bash -o pipefail -c "npx graphql-codegen --config page/codegen.ts 2>&1 | grep --invert-match --extended-regexp '$same_name'"
npx tsc --project .
quietly npx relay-compiler relay.config.json
echo "the tools accept the schema and the documents"

place=$(mktemp -d)
demo=
finish() {
    if [ -n "$demo" ]; then
        kill "$demo" 2>/dev/null || true
        wait "$demo" 2>/dev/null || true
    fi
    rm -rf "$place"
}
trap finish EXIT

mkfifo "$place/said"
"$binary" demo --listen 127.0.0.1:0 --data "$place/clinic" >"$place/said" &
demo=$!
# The first line comes when the clinic is seeded and the socket is bound; the rest must be read
# too, or the demo waits for its reader.
exec 3<"$place/said"
IFS= read -r -t 120 line <&3 || { echo "the demo did not start" >&2; exit 1; }
cat <&3 >/dev/null &
url=${line#listening on }
curl --silent --fail --retry 50 --retry-all-errors --retry-delay 1 --retry-max-time 60 "$url/health/ready" >/dev/null
node audits.mjs "$url/graphql" "$("$binary" token --as pcp --data "$place/clinic")"
node road.mjs "$url/graphql" "$binary" "$place/clinic"

URL=$url/graphql TOKEN=$("$binary" token --as specialist --data "$place/clinic")
export URL TOKEN
# The same key twice: one message.
for replayed in false true; do
    said=$(bash page/curl.sh)
    grep --quiet "\"replayed\":$replayed,\"problems\":\[\]" <<<"$said" || { printf '%s\n' "$said" >&2; exit 1; }
done
for program in page/apollo-post.mjs page/urql-post.mjs page/relay-post.js; do
    said=$(node --import ./strict.mjs "$program")
    grep --quiet "text: 'Any syncope?'" <<<"$said" || { printf '%s: %s\n' "$program" "$said" >&2; exit 1; }
done
for story in stories/apollo.mjs stories/urql.mjs stories/relayStory.js; do
    timeout 60 node --import ./strict.mjs "$story"
done
# It stops and starts a demo of its own.
timeout 180 node --import ./strict.mjs stories/live.mjs "$binary"
