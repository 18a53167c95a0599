#!/usr/bin/env bash
# Holds a demo that it starts itself, on a free port and a new directory, against public clients:
# the GraphQL-over-HTTP audits, and the main road of a consultation walked by graphql-request.
#
#   tests/clients/run.sh BINARY
#
# Exits 0 only if all of it passes. A binary, node or node_modules that is missing is a
# failure, never a skip.
set -euo pipefail

binary=$(realpath "${1:?usage: tests/clients/run.sh BINARY}")
cd "$(dirname "${BASH_SOURCE[0]}")"
[ -d node_modules/graphql-http ] && [ -d node_modules/graphql-request ] || { echo "run: npm ci --prefix tests/clients" >&2; exit 1; }

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
