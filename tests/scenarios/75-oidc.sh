#!/bin/sh
# People sign in with the company's identity provider: the real oidc-provider from npm against a running server.
E2E=$(cd "$(dirname "$0")/../e2e" && pwd)
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
command -v node >/dev/null && command -v npm >/dev/null || { echo "skip oidc: no Node.js with npm" && exit 0; }
"$E2E/install" >install.log 2>&1 || { echo "skip oidc: npm cannot install: $(tail -n 1 install.log)" && exit 0; }
cp "$E2E/oidc.mjs" . && ln -s "$E2E/node_modules" node_modules

"$HEED" init s >/dev/null
"$HEED" serve -s s --listen 127.0.0.1:0 --json >served.json 2>serve.log &
server=$!
trap 'kill $server 2>/dev/null' EXIT
await grep -q link served.json
text() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' served.json; }
HEED_URL=$(text origin) HEED_LINK=$(text link) node oidc.mjs 2>node.log
grep -v -e WARNING -e '^$' node.log | head -n 5
kill -TERM $server
wait $server
same "the server ends well" $? 0
check "what is stored is proved" "$HEED" verify -q -s s
