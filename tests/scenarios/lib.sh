# What the scenarios share. Sourced; the folder TMP is the scenario's own.
# shellcheck shell=sh
set -u
unset HEED_STORE
cd "$TMP" || exit 1

check() { # NAME COMMAND…: ok when the command is
    check_name=$1
    shift
    if "$@" >"$TMP/check.log" 2>&1; then
        echo "ok $check_name"
    else
        check_status=$?
        cat "$TMP/check.log"
        echo "not ok $check_name: status $check_status of: $*"
    fi
}

same() { # NAME GOT WANTED
    if [ "$2" = "$3" ]; then echo "ok $1"; else echo "not ok $1: got '$2', wanted '$3'"; fi
}

# Waits until the command succeeds, for a minute at most: a slow machine is only slow.
await() { # COMMAND…
    await_tries=0
    until "$@" >/dev/null 2>&1; do
        await_tries=$((await_tries + 1))
        [ $await_tries -lt 600 ] || { echo "# after a minute this is not so: $*" && return 1; }
        sleep 0.1
    done
}

fails() { # NAME STATUS TEXT COMMAND…: fails with this status, and says so
    fails_name=$1 fails_status=$2 fails_text=$3
    shift 3
    "$@" >"$TMP/fails.log" 2>&1
    got=$?
    if [ "$got" != "$fails_status" ]; then
        cat "$TMP/fails.log"
        echo "not ok $fails_name: status $got, wanted $fails_status"
    elif grep -qi -- "$fails_text" "$TMP/fails.log"; then
        echo "ok $fails_name"
    else
        cat "$TMP/fails.log"
        echo "not ok $fails_name: does not say '$fails_text'"
    fi
}

# The first number of this name in JSON on stdin; 0 when there is none.
number() { grep -o "\"$1\":[0-9]*" | head -n 1 | tr -cd '0-9' | sed 's/^$/0/'; }

# How many events a store holds, without what heed notes for itself.
events() { "$HEED" export --store "$1" | grep -c .; }

# A file of N orders by customers with numbers and mail addresses.
orders() {
    awk -v n="$1" -v seed="${2:-7}" 'BEGIN {
        print "order_id,order_date,customer_id,email,total"
        srand(seed)
        for (i = 1; i <= n; i++) {
            c = int(rand() * n / 6)
            printf "%d,2025-%02d-%02d,%d,u%d@example.org,%d.%02d\n", i, 1 + i % 12, 1 + i % 28, c, c % (n / 8), 1 + i % 90, i % 100
        }
    }'
}

# Two stores hold the same customers and the same feedback, whatever their numbers are.
faces() { sed -E 's/"(customer|profile|feedback)":[0-9]+,?//g' | tr '{' '\n' | sed 's/}.*//' | sort; }
same_stores() { # NAME A B
    for what in customers feedback; do
        "$HEED" export --store "$2" --what $what | faces >"$TMP/a.$what"
        "$HEED" export --store "$3" --what $what | faces >"$TMP/b.$what"
        if cmp -s "$TMP/a.$what" "$TMP/b.$what"; then
            echo "ok $1: the same $what ($(wc -l <"$TMP/a.$what") lines)"
        else
            diff "$TMP/a.$what" "$TMP/b.$what" | head -n 6
            echo "not ok $1: $what differ"
        fi
    done
}
