#!/bin/sh
# PostgreSQL gives what SQLite gives: the same imports, customers, feedback and proofs, and the same behaviour when a
# writer is killed or comes second.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
[ -n "${PG_URL:-}" ] || { echo "skip PostgreSQL: no PG_URL" && exit 0; }
case $PG_URL in *\?*) url="$PG_URL&schema=heed_cli" ;; *) url="$PG_URL?schema=heed_cli" ;; esac
id=$$
orders 2000 >orders.csv
printf 'order_id,order_date,email,total\n9001,2025-01-02,x@example.org,1.00\n9002,never,y@example.org,1.00\n' >bad.csv

fails "a schema that is not there is no store" 4 "there is no store" "$HEED" verify -s "${url}_${id}_none"
pg=${url}_$id
for store in lite "$pg"; do
    "$HEED" init "$store" --zone Europe/Berlin -q --json >/dev/null || echo "not ok init $store"
    "$HEED" import orders.csv -s "$store" -q
    "$HEED" import bad.csv -s "$store" -q
    "$HEED" import orders.csv -s "$store" -q
    [ -d "${HEED_DATA:-}" ] && "$HEED" import -s "$store" -q "$HEED_DATA/text/airline/Tweets.csv" \
        "$HEED_DATA/channels/zendesk" "$HEED_DATA/channels/shopify/csv" "$HEED_DATA/channels/reviews/trustpilot" 2>/dev/null
done
check "PostgreSQL: the derived state is proved" "$HEED" verify -q -s "$pg"
same_stores "PostgreSQL and SQLite" lite "$pg"
same "the same rows wait in quarantine" "$("$HEED" quarantine --json -s "$pg" | number waiting)" "$("$HEED" quarantine --json -s lite | number waiting)"
same "the same words are found" "$("$HEED" feedback -s "$pg" --json --limit 0 "it's" | grep -o '"feedback":[0-9]' | wc -l)" \
    "$("$HEED" feedback -s lite --json --limit 0 "it's" | grep -o '"feedback":[0-9]' | wc -l)"
check "nothing in a search is taken for its language" "$HEED" feedback -s "$pg" "a'b" '!' '& | <-> :*' 'c\d' 'x:*'
check "doctor" "$HEED" doctor -s "$pg"

# A second writer. Whoever asks whether the place is taken may take it for a moment: then the first one comes again.
mkfifo pipe
slow() {
    "$HEED" import - -s "$pg" -q --source slow <pipe &
    writer=$!
    exec 3>pipe
    head -n 50 orders.csv >&3
}
slow
tries=0
until ! "$HEED" import bad.csv -q -s "$pg" || [ $((tries += 1)) -gt 300 ]; do
    if ! kill -0 $writer 2>/dev/null; then
        exec 3>&-
        wait $writer
        slow
    fi
    sleep 0.1
done
fails "a second writer is told" 8 "is being written by" "$HEED" import bad.csv -s "$pg"
exec 3>&-
wait $writer
same "the first one finishes" $? 0
check "and it is proved" "$HEED" verify -q -s "$pg"

# Kills.
lost=0 differ=0 wrong=0 n=0
for after in 0.02 0.04 0.05 0.06 0.07 0.08 0.1 0.12 0.15 0.2; do
    n=$((n + 1))
    store=${url}_${id}_k$n
    "$HEED" init "$store" -q --json >/dev/null
    "$HEED" import orders.csv -s "$store" --batch 20 --log-json >/dev/null 2>run.log &
    victim=$!
    sleep "$after"
    kill -9 $victim 2>/dev/null
    wait $victim 2>/dev/null
    said=$(grep -o '"rows":"[0-9]*"' run.log | tail -n 1 | tr -cd '0-9')
    [ "$(events "$store")" -lt "${said:-0}" ] && lost=$((lost + 1))
    "$HEED" verify -q -s "$store" || differ=$((differ + 1))
    "$HEED" import orders.csv -s "$store" -q || wrong=$((wrong + 1))
    "$HEED" verify -q -s "$store" || differ=$((differ + 1))
    [ "$(events "$store")" = 2000 ] || wrong=$((wrong + 1))
done
same "killed $n times, nothing acknowledged was missing" "$lost" 0
same "everything could be finished, nothing double" "$wrong" 0
same "and was equal every time" "$differ" 0

check "the sample company" "$HEED" demo --no-serve -s "${url}_${id}_d" --customers 100 -q
check "is proved" "$HEED" verify -q -s "${url}_${id}_d"
check "and goes" "$HEED" demo --remove -s "${url}_${id}_d"
check "without a trace" "$HEED" verify -q -s "${url}_${id}_d"
