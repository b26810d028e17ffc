#!/bin/sh
# types.sh HEED: writes the types of the API, as the program describes it, and checks the app against them.
set -eu
cd "$(dirname "$0")"
./install
"$1" openapi >"${TMPDIR:-/tmp}/heed-openapi.$$.json"
trap 'rm -f "${TMPDIR:-/tmp}/heed-openapi.$$.json"' EXIT
node_modules/.bin/openapi-typescript "${TMPDIR:-/tmp}/heed-openapi.$$.json" -o src/lib/api.d.ts >/dev/null
node_modules/.bin/tsc -p .
