#!/bin/sh
# Killed at any moment, an import loses nothing that was acknowledged, doubles nothing, and finishes when it is repeated.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
ROWS=2000
orders $ROWS >orders.csv

# How long an import takes here, in seconds: a kill must fall into it, on a quick machine and on a slow one. The median
# of five, so that one pause does not stretch the moments.
for _ in 1 2 3 4 5; do
    "$HEED" init t -q --json >/dev/null
    from=$(date +%s%N)
    "$HEED" import orders.csv -s t --batch 20 --log-json >/dev/null 2>&1
    echo $(($(date +%s%N) - from))
    rm -rf t
done | sort -n | sed -n 3p >took

# Seeded, so that a round can be repeated: spread over the import, and a little beyond its end. Where the machine has become
# quicker or slower meanwhile, what the moments are shares of follows: a little shorter after a miss, longer after a hit.
awk '{ srand(2026); for (i = 0; i < 300; i++) printf "%.4f\n", rand() * 1.1 }' took >shares
took=$(cat took)

# Starts the command, kills it after so many seconds; true when it was still running.
strike() { # SECONDS COMMAND…
    after=$1
    shift
    "$@" >run.out 2>run.log &
    victim=$!
    sleep "$after"
    kill -9 $victim 2>/dev/null
    wait $victim 2>/dev/null
    [ $? = 137 ]
}

# The last number of rows that the import said were stored.
acknowledged() { grep -o '"rows":"[0-9]*"' run.log | tail -n 1 | tr -cd '0-9' | sed 's/^$/0/'; }

kills=0 lost=0 doubled=0 differ=0 unfinished=0 midway=0 rounds=0
while read -r share && [ $rounds -lt 300 ] && { [ $kills -lt 70 ] || [ $midway -lt 24 ]; }; do
    rounds=$((rounds + 1))
    [ -e s/heed.db ] || "$HEED" init s -q --json >/dev/null
    after=$(awk -v share="$share" -v took="$took" 'BEGIN { printf "%.4f", share * took / 1e9 }')
    if strike "$after" "$HEED" import orders.csv -s s --batch 20 --log-json; then
        kills=$((kills + 1)) took=$((took * 51 / 50))
    else
        took=$((took * 19 / 20))
    fi
    said=$(acknowledged)
    stored=$(events s)
    [ "$stored" -lt "${said:-0}" ] && lost=$((lost + 1)) && echo "lost: $said acknowledged, $stored stored"
    [ "$stored" -gt 0 ] && [ "$stored" -lt $ROWS ] && midway=$((midway + 1))
    "$HEED" verify -q -s s || differ=$((differ + 1))
    # Every third store is struck again as it is; the others are finished and begun anew.
    [ $((kills % 3)) = 0 ] && [ "$stored" -lt $ROWS ] && continue
    "$HEED" import orders.csv -s s -q || unfinished=$((unfinished + 1))
    "$HEED" verify -q -s s || differ=$((differ + 1))
    stored=$(events s)
    [ "$stored" = $ROWS ] || doubled=$((doubled + 1))
    rm -rf s
done <shares
check "$kills kills happened while an import ran" test "$kills" -ge 60
check "$midway of them in the middle of the rows" test "$midway" -ge 20
same "nothing acknowledged was missing" "$lost" 0
same "every import could be finished" "$unfinished" 0
same "nothing was missing or double in the end" "$doubled" 0
same "the derived state was equal every time" "$differ" 0

# An undo has two steps, and a kill between them must not show.
"$HEED" import orders.csv -s u -q 2>/dev/null
differ=0 kills=0
for after in 0.005 0.012 0.02 0.025 0.03 0.035 0.04 0.05 0.06 0.08; do
    "$HEED" import orders.csv -s u -q
    id=$("$HEED" import --list --json -s u | grep -o '"id":[0-9]*,"source":"orders","sample":false,"file":"orders.csv","state":"done","started":"[^"]*","ended":"[^"]*","rows":[0-9]*,"new":[1-9]' | head -n 1 | grep -o '"id":[0-9]*' | tr -cd '0-9')
    [ -n "$id" ] || continue
    strike "$after" "$HEED" import --undo "$id" -s u && kills=$((kills + 1))
    "$HEED" verify -q -s u || differ=$((differ + 1))
done
same "an undo that was killed $kills times is finished by whoever comes next" "$differ" 0

# The sample company goes on with the same day and the same company.
for after in 0.01 0.03 0.05 0.07 0.1; do strike "$after" "$HEED" demo --no-serve -s d --customers 300 -q; done
"$HEED" demo --no-serve -s d --customers 300 -q >/dev/null
"$HEED" demo --no-serve -s e --customers 300 -q >/dev/null
check "a demo that was killed is proved when it is finished" "$HEED" verify -q -s d
same "and holds the same events" "$(events d)" "$(events e)"
