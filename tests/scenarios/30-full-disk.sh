#!/bin/sh
# A disk that fills up stops the import with a clear error; nothing that was stored is lost, and with more room the same
# command goes on.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || { echo "skip full disk: needs root to make a small one" && exit 0; }
mkdir small
mount -t tmpfs -o size=4m tmpfs small 2>/dev/null || { echo "skip full disk: a tmpfs cannot be mounted here" && exit 0; }
trap 'cd / && umount "$TMP/small"' EXIT
ROWS=40000
orders $ROWS >orders.csv

fails "the import says that no space is left" 9 "no space left" "$HEED" import orders.csv -s small/s --batch 500
df small/s | tail -n 1
fails "so does a repetition" 9 "no space left" "$HEED" import orders.csv -s small/s --batch 500 -q
mount -o remount,size=64m tmpfs small
check "with more room what is there is proved" "$HEED" verify -q -s small/s
stored=$(events small/s)
check "some was stored ($stored events)" test "$stored" -gt 0 -a "$stored" -lt $ROWS
check "the same command finishes it" "$HEED" import orders.csv -s small/s -q
same "nothing is missing or double" "$(events small/s)" $ROWS
check "the whole is proved" "$HEED" verify -q -s small/s
fails "an export to a full disk is no success" 9 "no space left" sh -c "'$HEED' export -s small/s >/dev/full"
mount -o remount,ro tmpfs small
check "a store on a read-only disk can be read" "$HEED" feedback -s small/s
check "and proved" "$HEED" verify -q -s small/s
fails "and not written" 6 "may not be written" "$HEED" import orders.csv -s small/s
