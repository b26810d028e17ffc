# What the scenarios of the server share. Sourced after lib.sh.
# shellcheck shell=sh
FEED=${HEED%/heed}/bench/serve_feed HOSTILE=${HEED%/heed}/bench/serve_hostile
export FEED HOSTILE
unset LISTEN_FDS LISTEN_PID NOTIFY_SOCKET

# A key that may send events, of a new store.
write_key() {
    "$HEED" init "$1" -q --json >/dev/null
    "$HEED" key add --write --name app -s "$1" --json | sed -n 's/.*"key":"\([^"]*\)".*/\1/p'
}

# Starts a server on STORE, on PORT if that is set; ADDRESS is where it answers, SERVER its process.
start() { # STORE [OPTION…]
    start_store=$1
    shift
    : >serve.out
    "$HEED" serve -s "$start_store" --listen "127.0.0.1:${PORT:-0}" --json "$@" >serve.out 2>>serve.log &
    SERVER=$! ADDRESS=
    while kill -0 "$SERVER" 2>/dev/null && [ -z "$ADDRESS" ]; do
        sleep 0.02
        ADDRESS=$(sed -n 's/.*"addresses":\["\([^"]*\)".*/\1/p' serve.out)
    done
    [ -n "$ADDRESS" ] || cat serve.log
}

# How many of the events whose numbers stand in a file are not in the store.
missing() { # STORE FILE
    sort -u "$2" >"$TMP/acked.sorted"
    "$HEED" export -s "$1" | grep -o '"feed":"m[0-9]*-[0-9]*"' | cut -d '"' -f 4 | sort -u >"$TMP/stored.sorted"
    comm -23 "$TMP/acked.sorted" "$TMP/stored.sorted" | wc -l | tr -d ' '
}
