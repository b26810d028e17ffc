#!/bin/sh
# The widget in Chromium, in a page of another origin under the strictest policy, and the public pages without scripts.
E2E=$(cd "$(dirname "$0")/../e2e" && pwd)
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
command -v node >/dev/null && command -v npm >/dev/null || { echo "skip widget: no Node.js with npm" && exit 0; }
"$E2E/install" >install.log 2>&1 || { echo "skip widget: npm cannot install: $(tail -n 1 install.log)" && exit 0; }
cp "$E2E"/web-rig.mjs "$E2E"/widget.mjs . && ln -s "$E2E/node_modules" node_modules
node widget.mjs
