#!/usr/bin/env bash
# Holds the pages in a real browser against a demo that it starts itself, on a free port and a new directory: axe and the
# checks of structure, stories of people, hostile texts, and what a page weighs. Screenshots go to target/browser-shots.
#
#   tests/browser/run.sh BINARY
#
# CAREFOLD_SOAK=1 runs every page for every role in every language and width. CAREFOLD_BROWSER_ONLY=stories,weight runs
# parts of it, CAREFOLD_BROWSER_PAGE=inbox one page. The browser is CAREFOLD_CHROMIUM or /usr/bin/chromium.
# Exits 0 only if all of it passes. A binary, node, node_modules or a browser that is missing is a failure, never a skip.
set -euo pipefail

binary=$(realpath "${1:?usage: tests/browser/run.sh BINARY}")
cd "$(dirname "${BASH_SOURCE[0]}")"
npm ls --depth 0 >/dev/null || { echo "run: npm ci --prefix tests/browser" >&2; exit 1; }

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
# The example page is of that origin.
"$binary" demo --listen 127.0.0.1:0 --origin http://localhost:5173 --data "$place/clinic" >"$place/said" 2>"$place/log" &
demo=$!
# The first line comes when the clinic is seeded and the socket is bound; the rest must be read
# too, or the demo waits for its reader.
exec 3<"$place/said"
IFS= read -r -t 120 line <&3 || { cat "$place/log" >&2; echo "the demo did not start" >&2; exit 1; }
cat <&3 >/dev/null &
url=${line#listening on }
curl --silent --fail --retry 50 --retry-all-errors --retry-delay 1 --retry-max-time 60 "$url/health/ready" >/dev/null
limit=30m
[ "${CAREFOLD_SOAK:-}" = 1 ] && limit=60m
timeout "$limit" node main.mjs "$url" "$binary" "$place/clinic"
# A page that failed is in the log, whatever it showed.
! grep --extended-regexp '"level":"ERROR"|a page failed' "$place/log" >&2 || { echo "the server logged errors" >&2; exit 1; }
