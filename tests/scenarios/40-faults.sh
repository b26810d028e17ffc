#!/bin/sh
# A second writer, a damaged store, damaged input, a store that may not be written: each ends with a clear error and its
# own status, and nothing that was there is lost.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
orders 3000 >orders.csv
orders 500 3 >more.csv
orders 6000 5 >slow.csv
"$HEED" import orders.csv -s s -q 2>/dev/null

# A second writer while the first waits for input.
mkfifo pipe
"$HEED" import - -s s -q --source slow --batch 20 <pipe &
writer=$!
exec 3>pipe
head -n 4000 slow.csv >&3 # more than what is looked at before the first row is taken
importing() { "$HEED" verify -s s 2>&1 | grep -q "an import is running"; }
await importing
fails "a second writer is told who writes" 8 "is being written by process $writer" "$HEED" import more.csv -s s
fails "what is not merged yet is not proved" 8 "an import is running" "$HEED" verify -s s
"$HEED" customer 1 -s s >customer.log 2>&1
same "readers go on" $? 0
check "and say that the newest may be missing" grep -q "newest events may be missing" customer.log
check "and back up" "$HEED" backup copy -s s
tail -n +4001 slow.csv >&3
exec 3>&-
wait $writer
same "the first writer finishes" $? 0
check "both were right in the end" "$HEED" verify -q -s s
check "the backup is a store" "$HEED" verify -q -s copy

# Input that breaks off: what came before is kept, and the whole file adds the rest.
gzip -c orders.csv >whole.gz
size=$(wc -c <whole.gz)
head -c $((size * 2 / 3)) whole.gz >half.gz
fails "a damaged file is named" 3 "half.gz" "$HEED" import half.gz more.csv -s h --source shop
check "what was read of it is kept" test "$(events h)" -gt 500
same "it counts as interrupted" "$("$HEED" import --list --json -s h | grep -o interrupted | head -n 1)" interrupted
check "the whole file adds the rest" "$HEED" import whole.gz -s h --source shop -q
same "and no more" "$(events h)" "$("$HEED" import whole.gz -s i --source shop -q 2>/dev/null; "$HEED" import more.csv -s i --source shop -q; events i)"
check "which is proved" "$HEED" verify -q -s h
printf 'not a file of anything\n\000\001\002' >noise.bin
fails "noise is no file of ours" 3 "noise.bin" "$HEED" import noise.bin -s n

# A damaged database.
"$HEED" backup good -s s -q
cp -r good bad
size=$(wc -c <bad/heed.db)
dd if=/dev/urandom of=bad/heed.db bs=4096 seek=$((size / 8192)) count=8 conv=notrunc 2>/dev/null
fails "deep verification finds damage" 10 "damaged" "$HEED" verify --deep -s bad
head -c 20000 good/heed.db >bad/heed.db
fails "a database cut short is told" 10 "restore" "$HEED" verify -s bad
fails "and a writer refuses it" 10 "restore" "$HEED" import more.csv -s bad
printf 'this is not a database, but long enough to look like something that might be one. %0200d' 7 >bad/heed.db
fails "another file is no store" 10 "damaged" "$HEED" feedback -s bad
rm bad/heed.db
check "the backup comes back" "$HEED" restore good -s bad
check "and is proved" "$HEED" verify --deep -q -s bad

# Summaries that somebody changed behind heed's back are found and mended.
if command -v sqlite3 >/dev/null; then
    sqlite3 bad/heed.db 'UPDATE summary SET orders = orders + 1 WHERE customer_id = (SELECT MAX(customer_id) FROM summary)'
    fails "a changed figure is found and its customer named" 11 "orders is" "$HEED" verify -s bad
    check "repair mends it" "$HEED" verify --repair -q -s bad
    check "as is proved" "$HEED" verify -q -s bad
else
    echo "skip a changed figure: no sqlite3 program here"
fi

# A store that may not be written. Root may write everything, so it steps down.
chmod -R a+rX "$TMP" && chmod 711 "$TMP"
as=
[ "$(id -u)" = 0 ] && as="setpriv --reuid=65534 --regid=65534 --clear-groups"
chmod -R a-w good
chmod a+rx good && chmod a+r good/*
# shellcheck disable=SC2086 # $as is a command with its arguments
if [ -n "$as" ] && ! $as true 2>/dev/null; then
    echo "skip a store of somebody else: cannot step down from root"
else
    check "a store of somebody else can be read" $as "$HEED" verify -q -s good
    fails "and not written" 6 "may not be written" $as "$HEED" import more.csv -s good
    fails "nor made where one may not" 6 "cannot be made" $as "$HEED" init good/in
fi
chmod -R u+w good
