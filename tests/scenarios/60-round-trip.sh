#!/bin/sh
# Plain data: what is exported comes in again as the same customers, figures and words.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"

trip() { # NAME STORE
    "$HEED" export -s "$2" --to "$2.out" -q
    "$HEED" init "$2.back" --zone Europe/Berlin -q --json >/dev/null
    check "$1: the export is read" "$HEED" import "$2.out/events.jsonl" -s "$2.back" -q
    check "$1: and proved" "$HEED" verify -q -s "$2.back"
    same "$1: all events" "$(events "$2.back")" "$(wc -l <"$2.out/events.jsonl")"
    same_stores "$1" "$2" "$2.back"
    zstd -q "$2.out/events.jsonl" 2>/dev/null || gzip "$2.out/events.jsonl"
    check "$1: packed, it is known already" "$HEED" import "$2.out"/events.jsonl.* -s "$2.back" -q
    same "$1: and adds nothing" "$(events "$2.back")" "$("$HEED" export -s "$2" | wc -l)"
}

"$HEED" init shop --zone Europe/Berlin -q --json >/dev/null
orders 5000 >orders.csv
"$HEED" import orders.csv -s shop -q
trip "a shop" shop

"$HEED" demo --no-serve -s sample --customers 400 --years 2 --now 2026-01-15T12:00:00Z -q >/dev/null
"$HEED" export -s sample | sed 's/"name":"[^"]*"/"name":"x"/' >plain.jsonl
"$HEED" init people --zone Europe/Berlin -q --json >/dev/null
"$HEED" import plain.jsonl -s people -q
trip "the sample company" people

[ -d "${HEED_DATA:-}" ] || { echo "skip real round trips: no HEED_DATA" && exit 0; }
"$HEED" init real --zone Europe/Berlin -q --json >/dev/null
"$HEED" import -s real -q "$HEED_DATA/clv/cdnow/CDNOW_master.txt" "$HEED_DATA/text/airline/Tweets.csv" \
    "$HEED_DATA/clv/telco_A/telco_A.csv" "$HEED_DATA/clv/online_retail_A/invoices.csv"
trip "real data" real
"$HEED" init desk --zone Europe/Berlin -q --json >/dev/null
find "$HEED_DATA/channels" -name '*.json' -o -name '*.csv' | sort | xargs -d '\n' "$HEED" import -s desk -q >/dev/null 2>&1
trip "all channels" desk
