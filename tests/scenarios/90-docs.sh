#!/bin/sh
# Goal: the documents say what is true. The `$ heed …` lines of docs/getting-started.md and docs/commands.md run in order and
# print what stands below them; every command, format, measure, table and list is described; every file named is there.
# With UPDATE=1 the two pages take over what is printed now: read the difference before you commit it.
# shellcheck disable=SC2016 # backquotes and dollars are those of the pages
set -u
unset HEED_STORE
HEED_DATA='' COLUMNS=120 LC_ALL=C.UTF-8
export HEED_DATA COLUMNS LC_ALL
mkdir -p "$TMP/bin" && ln -sf "$HEED" "$TMP/bin/heed"
PATH=$TMP/bin:$PATH

# Cuts a page: a block ```csv NAME is a file; in a block ```console a line "$ command" is run, and what it prints stands
# below it, with "…" alone on a line for lines left out.
cut_page() {
    awk -v parts="$2/parts/" -v files="$2/at/" '
        /^```/ && block != "" { block = ""; next }
        /^```console/ { block = "console"; next }
        /^```[a-z]+ [a-z0-9.-]+$/ { block = files $2; next }
        /^```/ { block = "other"; next }
        block == "console" && /^\$ / {
            n++
            print substr($0, 3) > (parts n ".cmd"); print NR > (parts n ".line"); printf "" > (parts n ".want"); next
        }
        block == "console" { print > (parts n ".want"); next }
        block != "" && block != "other" { print > block }' "$1"
}

# Runs of blanks and blank lines do not count.
even() { sed 's/[ \t][ \t]*/ /g; s/ $//; /^$/d' "$1"; }
matches() {
    awk 'NR == FNR { want[++n] = $0; next }
        { got[++m] = $0 }
        END {
            for (i = j = 1; i <= n; i++) {
                if (want[i] == "…") while (j <= m && (i == n || got[j] != want[i + 1])) j++
                else if (got[j++] != want[i]) exit 1
            }
            exit j <= m
        }' "$1" "$2"
}

run_page() {
    page=$1 dir=$TMP/$(basename "$1" .md) i=1
    mkdir -p "$dir/at" "$dir/parts" && cut_page "$page" "$dir"
    while [ -e "$dir/parts/$i.cmd" ]; do
        part=$dir/parts/$i
        command=$(cat "$part.cmd") where="$page:$(cat "$part.line")" status=0
        case $command in
        export\ *) eval "$command" && : >"$part.got" ;;
        *) (cd "$dir/at" && sh -c "$command") >"$part.got" 2>&1 </dev/null || status=$? ;;
        esac
        even "$part.want" >"$part.wanted"
        even "$part.got" >"$part.printed"
        if [ $status != 0 ]; then
            echo "not ok $where: '$command' ended with status $status" && cat "$part.got"
        elif [ -n "${UPDATE:-}" ] || matches "$part.wanted" "$part.printed"; then
            echo "ok $where: $command"
        else
            echo "not ok $where: '$command' prints something else; UPDATE=1 ONLY=90-docs tests/run takes it over"
            diff -u "$part.wanted" "$part.printed"
        fi
        i=$((i + 1))
    done
    unset HEED_STORE
    [ $i -gt 1 ] || echo "not ok $page holds no commands"
    [ -z "${UPDATE:-}" ] || take_over "$page" "$dir"
}

take_over() {
    awk -v parts="$2/parts/" '
        /^```/ { block = /^```console/; shown = 0; print; next }
        block && /^\$ / {
            n++; from = parts n ".got"; shown = 1; blanks = ""
            while ((getline line < (parts n ".want")) > 0) if (line == "…") from = parts n ".want"
            close(parts n ".want"); print
            while ((getline line < from) > 0) {
                sub(/[ \t]+$/, "", line)
                if (line == "") blanks = blanks "\n"; else { print blanks line; blanks = "" }
            }
            next
        }
        !shown { print }' "$1" >"$2/page" && cp "$2/page" "$1"
}

run_page docs/getting-started.md
run_page docs/commands.md

# says FILE WHAT: each line of standard input stands in the file as it is.
says() {
    missing=$(while read -r word; do grep -qF -- "$word" "$1" || printf ' %s,' "$word"; done)
    if [ -z "$missing" ]; then echo "ok $1 describes $2"; else echo "not ok $1 describes $2: lacks$missing"; fi
}
rows() { sed -n "s/^$1(\([a-z0-9_]*[a-z0-9]\)_*,.*/\`\1\`/p" "$2"; }
sed -n 's/^COMMAND(\([a-z_]*\).*/$ heed help \1/p' src/cli/commands.def | says docs/commands.md "every command"
sed -n 's/^ERR([a-z_]*, *[0-9]*, *\([0-9]*\),.*/| \1 |/p' src/base/errors.def | says docs/commands.md "every exit status"
sed -n 's/.*\.name = "\([a-z-]*\)".*/**\1**/p' src/listen/*.c | says docs/importing.md "every format"
sed -n 's/^FIELD([a-z]*, *"\([a-z_]*\)".*/`\1`/p' src/listen/fields.def | says docs/importing.md "every field of a mapping"
rows MEASURE src/know/measures.def | says docs/measures.md "every measure"
grep -o '"F[0-9][0-9, F]*"' src/know/measures.def | tr -cs 'F0-9' '\n' | grep F | says docs/measures.md "every formula"
rows SEGMENT_FIELD src/know/segment_fields.def | says docs/segments.md "every field of a rule"
rows KIND src/ledger/kinds.def | says docs/schema.md "every kind"
rows INSTRUMENT src/ledger/tables.def | grep -v none | says docs/schema.md "every scale"
rows IDENT src/ledger/tables.def | grep -v none | says docs/schema.md "every identifier"
sed -n 's/^CHANNEL(.*"\(.*\)").*/\1/p' src/ledger/tables.def | says docs/schema.md "every channel"
sed -n 's/^CREATE [VIRTUAL ]*TABLE \([a-z_]*\).*/\1/p' src/store/migrations/*.sql | says docs/schema.md "every table"
sed -n 's/^ *\([a-z_]*\) [A-Z]* NOT NULL.*/\1/p' src/store/migrations/*.sql | says docs/schema.md "every column"
sed -n 's/^PKGS *:= *//p' Makefile | tr ' ' '\n' |
    sed 's/^icu-.*/ICU/; s/^gsl$/GSL/; s/^sqlite3$/libsqlite3/; s/^libzstd$/zstd/' | says docs/dependencies.md "every library"
sed -n 's/^ROOMS := //p' Makefile | tr ' ' '\n' | sed 's/.*/`&`/' | says DESIGN.md "every room"

# Files are named in code quotes or as links; NAME, ROOM and the like stand for others.
lost=$(cat ./*.md docs/*.md |
    grep -oE '`(docs|src|scripts|tests|bench|packaging|fuzz)/[A-Za-z0-9_./-]*[A-Za-z0-9_]`|\]\([A-Za-z0-9_./-]+\.md' |
    tr -d '`](' | grep -v -e NAME -e ROOM -e 000N | sort -u |
    while read -r f; do [ -e "$f" ] || [ -e "docs/$f" ] || printf ' %s' "$f"; done)
if [ -z "$lost" ]; then echo "ok every file that is named is there"; else echo "not ok every file that is named is there: not$lost"; fi

# The picture in README has the parts that the page has.
heed demo --no-serve --store "$TMP/demo" >"$TMP/picture" 2>&1 || echo "not ok heed demo runs"
missing=$(sed -n '/^SAMPLE/,/^```/p' README.md | grep -E '^(How|Who|What) ' |
    while read -r heading; do grep -qxF "$heading" "$TMP/picture" || printf ' "%s"' "$heading"; done)
if grep -q '^How we are doing' README.md && [ -z "$missing" ]; then
    echo "ok README.md shows what heed demo prints"
else
    echo "not ok README.md shows what heed demo prints: not$missing"
fi
