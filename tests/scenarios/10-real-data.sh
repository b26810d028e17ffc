#!/bin/sh
# Real exports of every kind come in: each row is new, changed, known, skipped or in quarantine, the stored events are
# those that were counted, the known totals of the data come out, and the derived state is proved after each.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
[ -d "${HEED_DATA:-}" ] || { echo "skip real data: no HEED_DATA" && exit 0; }

# Imports a file into a store of its own (or the one named) and checks the sums.
take() { # NAME FILE [OPTION…]
    name=$1 file=$2
    shift 2
    store=$TMP/${name% *}
    before=0
    [ -e "$store" ] && before=$(events "$store")
    "$HEED" import "$file" --store "$store" --json "$@" >out.json 2>err.log || { cat err.log; echo "not ok $name: import failed"; return; }
    rows=$(number rows <out.json)
    sum=$(($(number new <out.json) + $(number changed <out.json) + $(number same <out.json) + $(number skipped <out.json) + $(number quarantined <out.json)))
    same "$name: $rows rows are all accounted for" "$sum" "$rows"
    same "$name: the store holds the events that were counted" "$(events "$store")" $((before + $(number events_new <out.json)))
    check "$name: the derived state is proved" "$HEED" verify -q --store "$store"
    check "$name: today answers" "$HEED" today --store "$store"
    check "$name: the measures answer" "$HEED" measure --store "$store" --json
}

take cdnow "$HEED_DATA/clv/cdnow/CDNOW_master.txt"
same "cdnow: 69,659 purchases" "$(number new <out.json)" 69659
same "cdnow: 23,570 customers" "$("$HEED" verify --json -s cdnow | number customers)" 23570
take "cdnow again" "$HEED_DATA/clv/cdnow/CDNOW_master.txt"
same "cdnow again: nothing is new" "$(number same <out.json)" 69659
take "cdnow sample" "$HEED_DATA/clv/cdnow/CDNOW_sample.txt"
same "cdnow: the sample was in it" "$(number same <out.json)" 6919

take retail "$HEED_DATA/clv/online_retail_A/invoices.csv" --currency GBP
same "retail: 10,692 invoices" "$(number rows <out.json)" 10692
same "retail: 2,176 customers" "$("$HEED" verify --json -s retail | number customers)" 2176
"$HEED" export -s retail | awk '
    { match($0, /"value":[0-9]+/); v = substr($0, RSTART + 8, RLENGTH - 8); sum += /"kind":"cancel"/ ? -v : v }
    END { printf "%.2f\n", sum / 100 }' >net
same "retail: 3,785,400.68 pounds net" "$(cat net)" 3785400.68

take telco "$HEED_DATA/clv/telco_A/telco_A.csv"
same "telco: 5,209 customers" "$("$HEED" verify --json -s telco | number customers)" 5209
ended=$("$HEED" export -s telco | grep -c '"kind":"contract_end"')
same "telco: 1,394 left" "$ended" 1394

take tweets "$HEED_DATA/text/airline/Tweets.csv"
same "tweets: 14,640 rows" "$(number rows <out.json)" 14640
same "tweets: 14,485 distinct" "$(number new <out.json)" 14485
same "tweets: they can be searched" "$("$HEED" feedback -s tweets --json --limit 0 lost luggage | grep -o '"feedback":[0-9]' | wc -l | awk "{ print (\$1 > 20) }")" 1

for side in origin destination; do
    take "payments-$side" "$HEED_DATA/identity/transactions/transactions_$side.csv"
    same "payments-$side: 45,326 rows" "$(number rows <out.json)" 45326
done

# Everything under channels that some adapter knows.
find "$HEED_DATA/channels" -type f \( -name '*.csv' -o -name '*.json' -o -name '*.ndjson' -o -name '*.jsonl' -o -name '*.tsv' \) | sort >files
known=0 wrong=0 rows_all=0
while read -r file; do
    "$HEED" import "$file" --store one --json >out.json 2>err.log || continue
    known=$((known + 1))
    rows=$(number rows <out.json)
    sum=$(($(number new <out.json) + $(number changed <out.json) + $(number same <out.json) + $(number skipped <out.json) + $(number quarantined <out.json)))
    rows_all=$((rows_all + rows))
    if [ "$sum" != "$rows" ] || [ "$(events one)" != "$(number events_new <out.json)" ] || ! "$HEED" verify -q --store one; then
        echo "not ok channels: $file: $rows rows, $sum accounted for"
        wrong=$((wrong + 1))
    fi
    grep -o '"adapter":"[^"]*"' out.json >>adapters
    rm -rf one
done <files
same "channels: $known files with $rows_all rows are accounted for and proved" "$wrong" 0
for adapter in shopify-customers shopify-json woocommerce stripe-json zendesk-json intercom-json freshdesk-json \
    google-play app-store trustpilot typeform hubspot-companies salesforce-contacts; do
    check "channels: $adapter reads some of them" grep -q "\"$adapter\"" adapters
done

# One company that has everything: all of it in one store, then all of it again.
xargs -d '\n' "$HEED" import --store all -q <files >/dev/null 2>&1
before=$(events all)
check "everything in one store is proved" "$HEED" verify -q --store all
xargs -d '\n' "$HEED" import --store all -q <files >/dev/null 2>&1
same "everything again changes nothing" "$(events all)" "$before"
check "and is still proved" "$HEED" verify -q --store all
