# Turns "-- name: x" blocks of .sql files into C: out=names gives QUERY(x) rows; out=texts gives QUERY_TEXT(x, pg, "…")
# rows, pg 1 for a *_pg.sql file, and QUERY_COPY(x, "table(cols)") for a "-- copy:" line; out=migrations gives
# MIGRATION(number, "name", "text") rows. A block of a *_pg.sql file may consist of its "-- copy:" line alone (a COPY
# statement below it says the same and is dropped): single rows then go through the text that both back ends share.
function quote(s) { gsub(/\\/, "&&", s); gsub(/"/, "\\\\&", s); return "\"" s "\\n\"" }
function stop(what) { print FILENAME ":" FNR ": " what > "/dev/stderr"; failed = 1; exit 1 }
function flush_query() {
    if (copy != "" && pg && text ~ /^ *"COPY /) text = ""
    if (name != "" && text == "" && !(copy != "" && pg)) stop("the statement \"" name "\" has no text")
    if (name != "" && out == "names") print "QUERY(" name ")"
    if (name != "" && out == "texts") {
        if (text != "") print "QUERY_TEXT(" name ", " pg ",\n" text ")"
        if (copy != "") print "QUERY_COPY(" name ", \"" copy "\")"
    }
    name = ""; text = ""; copy = ""
}
function flush_migration() { if (number) print "MIGRATION(" number ", \"" title "\",\n" text ")"; text = "" }
FNR == 1 {
    if (out == "migrations") {
        flush_migration()
        title = FILENAME; sub(/.*\//, "", title); sub(/\.sql$/, "", title); number = title + 0
        if (number < 1) stop("a migration begins with its number")
    } else { flush_query(); pg = FILENAME ~ /_pg\.sql$/ }
}
{ sub(/\r$/, "") }
out == "migrations" { text = text "    " quote($0) "\n"; next }
/^-- name: / {
    flush_query()
    name = $3
    if (name !~ /^[a-z][a-z0-9_]*$/) stop("a statement's name is lower case letters, digits and _")
    if ((pg, name) in taken) stop("the name \"" name "\" is taken")
    taken[pg, name] = 1
    next
}
/^-- copy: / { copy = substr($0, 10); next }
/^--/ || /^[ \t]*$/ { next }
{ if (name == "") stop("text before the first -- name:"); text = text "    " quote($0) "\n" }
END {
    if (failed) exit 1
    if (out == "migrations") { flush_migration(); print "#undef MIGRATION" }
    else { flush_query(); if (out == "names") print "#undef QUERY"; else print "#undef QUERY_TEXT\n#undef QUERY_COPY" }
}
