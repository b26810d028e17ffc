#!/bin/sh
# Goal: clients that are slow or mean harm cost an ordinary client next to nothing, and the server no memory to speak of.
# An ordinary client's time for 99 of 100 answers is measured before, and then beside each attack.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/lib.sh"
# shellcheck source=/dev/null
. "$here/serve.sh"

KEY=$(write_key s)
start s
memory() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$SERVER/status"; }
p99() { sed -n 's/.*"p99_ms":\([0-9.]*\).*/\1/p' "$1"; }

"$FEED" probe "$ADDRESS" "$KEY" 3 >before.out
before=$(p99 before.out)
# On a busy machine a thread may wait for its turn as long as this, attack or not.
bound=$(echo "$before" | awk '{ b = $1 * 5; print (b > 150 ? b : 150) }')
echo "before: $(cat before.out)"

for kind in heads bodies big deep floods bombs idle; do
    # What else the machine does may hold up one measurement; an attack that harms does so every time.
    for _ in 1 2 3 4; do
        "$HOSTILE" $kind "$ADDRESS" "$KEY" 4 >hostile.out 2>hostile.log &
        hostile=$!
        sleep 0.5
        "$FEED" probe "$ADDRESS" "$KEY" 3 >beside.out
        wait $hostile
        echo "$kind: $(cat hostile.out) $(cat beside.out)"
        now=$(p99 beside.out)
        within=$(echo "$now $bound" | awk '{ print ($1 <= $2) }')
        [ "$within" = 1 ] && break
    done
    check "$kind: 99 of 100 answers within $now ms, before $before ms" test "$within" = 1
    same "$kind: no ordinary answer was refused" "$(number refused <beside.out)" 0
    same "$kind: nor cut off" "$(number cut <beside.out)" 0
    check "$kind: it did attack ($(number tries <hostile.out) times)" test "$(number tries <hostile.out)" -ge 1
done
check "memory stayed below 450 MB ($(($(memory) / 1024)) MB at most)" test "$(memory)" -lt 460800
kill "$SERVER"
wait "$SERVER"
same "it stops in good order" $? 0
check "the derived state is proved" "$HEED" verify -q -s s
