#!/bin/sh
# Goal: the sample company lives by its word: promises, red lines, signatures, the gate and the outbox, at the command line
# beside a running server; everything is proved, and nothing of it stays behind when the company goes.
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
. "$here/lib.sh"
# shellcheck source=/dev/null
. "$here/serve.sh"

"$HEED" demo --no-serve -s s -q >demo.out 2>demo.err
same "the sample company is made" $? 0
"$HEED" today -s s >today.out
for words in "Our word" "Due and not kept" "Red lines nearly used up" "Waiting for a signature"; do
    check "today says: $words" grep -q "$words" today.out
done
check "and so for programs" sh -c "'$HEED' today -s s --json | grep -q '\"duties\":{\"due_count\":'"
"$HEED" promise rates -s s --json >rates.json
check "promises fell due" sh -c "grep -o '\"due\":[0-9]*' rates.json | cut -d: -f2 | awk '{ n += \$1 } END { exit n < 20 }'"
check "its people have put something aside in the inbox" sh -c "'$HEED' inbox list --tab waiting -s s --json | grep -q '\"state\":\"later\"'"
check "and nobody can sign in as one of them" sh -c "'$HEED' user list -s s --json | grep 'kastanie.invalid' | grep -qv active"
customer=$("$HEED" promise list -s s --json | number customer)
check "somebody was promised something ($customer)" test "$customer" -gt 0

start s
# A promise: noted, seen, kept; a second word on it is refused.
"$HEED" promise add "the missing lid by post" --customer "$customer" --due 2030-01-01 -s s --json >made.json 2>made.err
id=$(number commitment <made.json)
check "a promise is noted while the server runs" test "${id:-0}" -gt 0
check "it is open" sh -c "'$HEED' promise show $id -s s --json | grep -q '\"status\":\"open\"'"
check "it is kept" "$HEED" promise keep "$id" -s s
check "and stands so" sh -c "'$HEED' promise show $id -s s --json | grep -q '\"status\":\"kept\"'"
fails "what is over cannot be kept again" 5 "kept already" "$HEED" promise keep "$id" -s s

# Red lines: asked, and what waits is signed by somebody else.
"$HEED" redline check --customer "$customer" --discount 5% --price 100 -s s --json >small.json
check "a small discount is allowed" grep -q '"verdict":"allowed"' small.json
"$HEED" redline check --customer "$customer" --discount 60% --price 100 -s s --json >deep.json
check "a deep one needs a signature" grep -q '"verdict":"signature"' deep.json
check "and what would pass is named" grep -q '"instead":\[{' deep.json
approval=$("$HEED" approval list -s s --json | number id)
check "a request waits ($approval)" test "$approval" -gt 0
check "a red line is nearly used up" sh -c "'$HEED' redline near -s s --json | grep -q '\"share\":0.[89]'"
check "the request is declined with a reason" "$HEED" approval decline "$approval" --reason "next spring" -s s
fails "once" 5 "" "$HEED" approval decline "$approval" --reason "again" -s s

# The gate, and the outbox behind it.
"$HEED" gate check --customer "$customer" --kind marketing -s s --json >gate.json
check "the gate answers, step by step" grep -q '"rule":' gate.json
echo "Your lid is on its way." >words.txt
"$HEED" outbox put "$customer" --kind service --template lid --occasion "promise:$id" --subject "Your lid" --text-file words.txt -s s --json >put.json
check "a message gets in by the gate" grep -q '"verdict":"allow"' put.json
message=$(number id <put.json)
"$HEED" outbox put "$customer" --kind service --template lid --occasion "promise:$id" --subject "Your lid" --text-file words.txt -s s --json >again.json
check "once for an occasion" grep -q '"again":true' again.json
check "its words can be read before it goes" sh -c "'$HEED' outbox show $message --text -s s | grep -q 'lid is on its way'"
check "nothing has gone: there is no mail server" sh -c "! '$HEED' outbox list --state sent -s s --json | grep -q '\"id\"'"
"$HEED" playbook try broken_promise -s s >try.out 2>&1
check "a playbook says who would have got it" grep -q "would have entered" try.out
kill "$SERVER" && wait "$SERVER"

check "the derived state is proved" "$HEED" verify -q -s s
check "the sample company goes" "$HEED" demo --remove -s s
same "with every event, also those that people told" "$(events s)" 0
check "nor are its people" sh -c "! '$HEED' user list -s s --json | grep -q kastanie"
for what in "redline list" "approval list --all" "promise list --status kept" "policy list" "hardship list --all" "customer @"; do
    # shellcheck disable=SC2086 # words
    "$HEED" $what -s s --json >left.json 2>/dev/null
    same "nothing is left of: $what" "$(grep -c '"id":[1-9]' left.json)" 0
done
check "and what is left is proved" "$HEED" verify -q -s s
