#!/bin/sh
# types.sh HEED: writes the types of the API, as the program describes it, and checks the app against them.
set -eu
heed=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")"
./install
"$heed" openapi >"${TMPDIR:-/tmp}/heed-openapi.$$.json"
trap 'rm -f "${TMPDIR:-/tmp}/heed-openapi.$$.json"' EXIT
node_modules/.bin/openapi-typescript "${TMPDIR:-/tmp}/heed-openapi.$$.json" -o src/lib/api.d.ts >/dev/null
node_modules/.bin/tsc -p .
