#!/usr/bin/env bash
# Holds the stand-in for KurrentDB, which it builds and starts itself, against the official clients
# of two other languages: over plain HTTP/2, and over TLS with an account.
#
#   tests/clients/kurrent/run.sh
#
# Exits 0 only if every check passes. A client that cannot be installed is a failure, never a skip.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

cargo build --quiet --package test_stores --bin kurrent_stand_in
binary=$(cargo metadata --no-deps --format-version 1 | node -p 'JSON.parse(require("fs").readFileSync(0)).target_directory')/debug/kurrent_stand_in
[ -d node_modules/@kurrent/kurrentdb-client ] || { echo "run: npm ci --prefix tests/clients/kurrent" >&2; exit 1; }

place=$(mktemp -d)
stand_in=
finish() {
    if [ -n "$stand_in" ]; then
        kill "$stand_in" 2>/dev/null || true
        wait "$stand_in" 2>/dev/null || true
    fi
    stand_in=
}
trap 'finish; rm -rf "$place"' EXIT

python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt

# Starts it with the arguments given, and holds both clients against it.
hold() {
    local said=$place/said line url ca failed=0
    rm -f "$said"
    mkfifo "$said"
    # What it leaves behind when it is killed lies in our own place.
    TMPDIR=$place "$binary" "$@" >"$said" &
    stand_in=$!
    IFS= read -r -t 30 line <"$said" || { echo "the stand-in did not start" >&2; exit 1; }
    url=${line#listening on }
    ca=
    case $url in *tlsCAFile=*) ca=${url##*tlsCAFile=} ;; esac
    echo "== ${*:-plain}"
    "$place/venv/bin/python" cross_check.py "$url" ${ca:+"$ca"} || failed=1
    node cross_check.mjs "$url" || failed=1
    finish
    [ "$failed" -eq 0 ] || exit 1
}

hold
hold --tls --user admin:changeit
