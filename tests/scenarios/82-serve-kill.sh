#!/bin/sh
# Goal: killed at any moment under load, the server has kept whatever it acknowledged, and begins again by itself.
# KILLS=100 tries it as often.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/lib.sh"
# shellcheck source=/dev/null
. "$here/serve.sh"

kills=${KILLS:-15}
KEY=$(write_key s)
start s
PORT=${ADDRESS##*:} # start takes it from here on
export PORT
: >acked
"$FEED" forever "$ADDRESS" "$KEY" 9 acked >forever.out 2>&1 &
feeder=$!

# Seeded, so that a run can be repeated.
awk -v n="$kills" 'BEGIN { srand(2026); for (i = 0; i < n; i++) printf "%.3f\n", 0.05 + rand() * 0.6 }' >waits
lost=0 dead=0 at=0 progress=0
while read -r after; do
    # Two of three kills come while it takes events, however long it needs to begin; the others at any moment.
    went_on() { [ "$(wc -l <acked)" -gt "${was:-0}" ]; }
    [ $((at % 3)) = 2 ] || await went_on
    sleep "$after"
    kill -9 "$SERVER"
    wait "$SERVER" 2>/dev/null
    cp acked acked.then
    start s
    [ -n "$ADDRESS" ] || dead=$((dead + 1))
    gone=$(missing s acked.then)
    [ "$gone" = 0 ] || { lost=$((lost + gone)) && echo "after kill $at: $gone of $(wc -l <acked.then) acknowledged are missing"; }
    now=$(wc -l <acked.then)
    [ "$now" -gt "${was:-0}" ] && progress=$((progress + 1))
    was=$now at=$((at + 1))
done <waits
kill $feeder
wait $feeder
kill "$SERVER"
wait "$SERVER"
same "it stops in good order in the end" $? 0
same "$at kills, and it always began again" "$dead" 0
check "events were acknowledged between $progress of them" test "$progress" -ge $((at * 2 / 3))
same "nothing acknowledged was missing after any" "$lost" 0
same "nor in the end ($(sort -u acked | wc -l) events)" "$(missing s acked)" 0
check "the derived state is proved" "$HEED" verify -q -s s
doubled=$("$HEED" export -s s | grep -o '"feed":"m[0-9]*-[0-9]*"' | sort | uniq -d | wc -l)
same "nothing is there twice" "$doubled" 0
