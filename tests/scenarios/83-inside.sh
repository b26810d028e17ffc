#!/bin/sh
# Goal: commands that change something are the same with a server and without: it runs them, and their words, status,
# folder and standard input are those of whoever typed them.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/lib.sh"
# shellcheck source=/dev/null
. "$here/serve.sh"

orders 200 >orders.csv
"$HEED" import orders.csv -s s -q
"$HEED" customer --json -s s u1@example.org >one.json
customer=$(number customer <one.json)
start s
check "a server holds the store" test -n "$ADDRESS"

# Words, status, JSON and errors.
"$HEED" key add --write --name app -s s --json >key.json 2>key.err
same "a command that writes succeeds" $? 0
check "and answers on standard output" grep -q '"name":"app"' key.json
same "and says nothing else" "$(cat key.err)" ""
fails "what is not there keeps its status" 4 "there is no key 999999" "$HEED" key revoke 999999 -s s
fails "a wrong command line too" 2 "not .revok" "$HEED" key revok 1 -s s
"$HEED" key add --write --name other -s s >/dev/null 2>err.out
same "remarks stay on standard error" "$(wc -c <err.out | tr -d ' ')" 0
"$HEED" segment add buyers 'orders >= 2' -s s --json >seg.json
check "a segment is added" grep -q '"name":"buyers"' seg.json
check "and seen by readers at once" "$HEED" segment show buyers -s s
fails "twice is a conflict" 5 "buyers" "$HEED" segment add buyers 'orders >= 2' -s s
"$HEED" segment add again 'orders >= 3' -s s -q >/dev/null
same "a failure leaves nothing open behind it" $? 0
check "there is a customer ($customer)" test "$customer" -gt 0

# The folder and the standard input of whoever asks.
mkdir sub
(cd sub && "$HEED" segment add deep 'orders >= 1' -s ../s >/dev/null)
same "from another folder" $? 0
fails "another day is for stores without a server" 8 "" "$HEED" segment add later 'orders >= 1' -s s --now 2030-01-01
fails "an import still waits" 8 "" "$HEED" import orders.csv -s s

# Many at once: one writer, nothing lost.
pids=
for i in 1 2 3 4 5 6 7 8; do "$HEED" segment add "many$i" "orders >= $i" -s s >/dev/null 2>"many$i.err" & pids="$pids $!"; done
for pid in $pids; do wait "$pid"; done
same "eight at once are all there" "$("$HEED" segment list -s s --json | grep -o '"name":"many[0-9]"' | wc -l | tr -d ' ')" 8

# Who may use it, what is left of it.
same "only its owner may use the socket" "$(stat -c %a s/heed.sock)" 600
same "in a folder that only its owner may enter" "$(stat -c %a s)" 700
kill -9 "$SERVER"
wait "$SERVER" 2>/dev/null
check "after a kill the next command finds its way" "$HEED" segment add after 'orders >= 1' -s s
start s
check "a new server takes the old socket's place" "$HEED" segment add anew 'orders >= 1' -s s
kill "$SERVER" && wait "$SERVER"
same "a stop takes the socket away" "$(ls s/heed.sock 2>/dev/null)" ""
check "the derived state is proved" "$HEED" verify -q -s s
