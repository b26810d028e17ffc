#!/bin/sh
# Goal: the server as its users run it: it begins, is fed, is stopped under load, is started by systemd's socket; what it
# acknowledged is there, and proved.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/lib.sh"
# shellcheck source=/dev/null
. "$here/serve.sh"

KEY=$(write_key s)
check "a key is made" test -n "$KEY"
start s
check "it says where it listens" test -n "$ADDRESS"
check "and how to become its owner" grep -q '"link":"http://127.0.0.1:[0-9]*/welcome/' serve.out
fails "a second one finds the store taken" 8 "" "$HEED" serve -s s --listen 127.0.0.1:0
fails "and an import too" 8 "" "$HEED" import /dev/null -s s

# A thousand events in batches, then a stop in the middle of more.
"$FEED" make 1000 500 >calls.jsonl
"$FEED" batch "$ADDRESS" "$KEY" calls.jsonl 50 4 >batch.out 2>batch.log
same "batches are acknowledged" "$(number events <batch.out)" 1000
same "and none refused" "$(number cut <batch.out)" 0
check "a reader sees them while it serves" "$HEED" today -s s
"$FEED" forever "$ADDRESS" "$KEY" 5 acked >forever.out 2>&1 &
feeder=$!
under_load() { [ "$(wc -l <acked)" -ge 100 ]; }
await under_load
kill "$SERVER"
wait "$SERVER"
same "it stops in good order" $? 0
kill "$feeder" && wait "$feeder"
check "it was under load ($(wc -l <acked) events acknowledged)" test "$(wc -l <acked)" -ge 100
same "nothing acknowledged is missing" "$(missing s acked)" 0
check "the derived state is proved" "$HEED" verify -q -s s
same "and nothing is left to be merged" "$("$HEED" doctor -s s --json | grep -c 'waits to be merged')" 0

# A full disk is told, not hidden: covered by 30-full-disk for imports; here the answer of a server without its store.
if command -v systemd-socket-activate >/dev/null; then
    port=$((20000 + $$ % 12000)) # below those that the system hands out
    systemd-socket-activate -l "127.0.0.1:$port" -E TMPDIR="$TMP" "$HEED" serve -s s >act.out 2>act.log &
    SERVER=$! ADDRESS=http://127.0.0.1:$port
    answers() { "$FEED" probe "$ADDRESS" "$KEY" 1 >probe.out && [ "$(number answers <probe.out)" -gt 10 ]; }
    await answers
    check "a socket of systemd starts it and is served ($(number answers <probe.out) answers)" test "$(number answers <probe.out)" -gt 10
    kill "$SERVER" && wait "$SERVER"
else
    echo "skip started by a socket: no systemd-socket-activate here"
fi

if [ -n "${PG_URL:-}" ]; then
    url="${PG_URL}&schema=serve_$$"
    KEY=$(write_key "$url")
    start "$url"
    "$FEED" batch "$ADDRESS" "$KEY" calls.jsonl 50 4 >batch.out 2>batch.log
    same "PostgreSQL takes batches too" "$(number events <batch.out)" 1000
    kill "$SERVER" && wait "$SERVER"
    same "and it stops in good order" $? 0
    check "and is proved" "$HEED" verify -q -s "$url"
else
    echo "skip serving from PostgreSQL: no PG_URL"
fi
