#!/bin/sh
# The SDKs that shops have already: real ones, from servers and in a browser, against a running heed. What the store holds
# is what was sent, also when heed is killed meanwhile and when a key may not send more.
e2e=$(cd "$(dirname "$0")/../e2e" && pwd)
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"

for program in node npm; do
    command -v $program >/dev/null || { echo "skip SDKs: no $program" && exit 0; }
done
if ! "$e2e/install" >install.log 2>&1; then
    cat install.log
    echo "skip SDKs: their packages cannot be installed"
    exit 0
fi

for name in segment rudder posthog browser; do
    mkdir -p "$TMP/$name"
    TMP="$TMP/$name" timeout 90 node "$e2e/$name.mjs" >"$name.out" 2>"$name.err"
    status=$?
    grep -E '^(ok|not ok|skip) ' "$name.out"
    [ ! -d "$name/$name" ] || check "$name: what is known follows from the events" "$HEED" verify -q -s "$name/$name"
    [ "$status" = 0 ] && continue
    cat "$name.err"
    echo "not ok $name.mjs: status $status"
done
