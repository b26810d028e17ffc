#!/bin/sh
# The web app: its units, its types against the API as the program describes it, and every page in Chromium.
# WEB_ALL=1 (make e2e) looks at every page in every look, and at an empty store.
E2E=$(cd "$(dirname "$0")/../e2e" && pwd)
WEB=$(cd "$(dirname "$0")/../../web" && pwd)
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
command -v node >/dev/null && command -v npm >/dev/null || { echo "skip web: no Node.js with npm" && exit 0; }
"$WEB/install" >install.log 2>&1 || { echo "skip web: npm cannot install: $(tail -n 1 install.log)" && exit 0; }
check "web: the app fits the API that the program describes" "$WEB/types.sh" "$HEED"
node "$WEB/test/run.mjs"
"$E2E/install" >install.log 2>&1 || { echo "skip web: npm cannot install: $(tail -n 1 install.log)" && exit 0; }
cp "$E2E"/web*.mjs . && ln -s "$E2E/node_modules" node_modules
node web.mjs
