#!/bin/sh
# Three million rows come in with less than 200 MB of memory.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
ROWS=3000000
[ -r /proc/self/status ] || { echo "skip memory: no /proc" && exit 0; }
[ "$(df -Pk "$TMP" | awk 'NR == 2 { print $4 }')" -gt 1500000 ] || { echo "skip memory: less than 1.5 GB of disk" && exit 0; }
awk -v n=$ROWS 'BEGIN {
    print "order_id,order_date,customer_id,email,amount"
    srand(5)
    for (i = 1; i <= n; i++) {
        c = int(-log(1 - rand()) * 150000)
        printf "%d,20%02d-%02d-%02dT%02d:10:00Z,%d,u%d@example.org,%d.%02d\n", i, 20 + int(i * 6 / n), 1 + int(i * 72 / n) % 12, 1 + i % 28, i % 24, c, c, 1 + i % 200, i % 100
    }
}' >big.csv
"$HEED" import big.csv -s big --json >out.json 2>err.log &
import=$!
most=0
while kill -0 $import 2>/dev/null; do
    now=$(awk '/^VmHWM/ { print $2 }' /proc/$import/status 2>/dev/null)
    [ -n "$now" ] && most=$now
    sleep 0.1
done
wait $import
same "the import ends well" $? 0
same "all rows are new" "$(number new <out.json)" $ROWS
check "at most $((most / 1024)) MB of memory were used" test "$most" -gt 0 -a "$most" -lt 204800
check "what came in is proved" "$HEED" verify -q -s big
