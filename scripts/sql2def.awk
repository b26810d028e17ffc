# Turns "-- name: x" blocks of .sql files into C: out=names gives the numbers Q_x of one file, the `file`th (1, 2, …);
# out=places gives FILE_BEFORE(n), of the files 0, 1, 2, … how many statements stand before each, and FILE_HOLDS(n);
# out=texts gives QUERY_TEXT(x, place, pg, "…") rows, pg 1 for a *_pg.sql file, and QUERY_COPY(x, place, "table(cols)")
# for a "-- copy:" line; out=migrations gives MIGRATION(number, "name", "text") rows. A block of a *_pg.sql file may consist of its "-- copy:"
# line alone (a COPY statement below it says the same and is dropped): single rows then go through the text that both
# back ends share.
function quote(s) { gsub(/\\/, "&&", s); gsub(/"/, "\\\\&", s); return "\"" s "\\n\"" }
function stop(what) { print FILENAME ":" FNR ": " what > "/dev/stderr"; failed = 1; exit 1 }
function flush_query() {
    if (copy != "" && pg && text ~ /^ *"COPY /) text = ""
    if (name != "" && text == "" && !(copy != "" && pg)) stop("the statement \"" name "\" has no text")
    if (name != "" && out == "names") print "#define Q_" name " ((enum query)(" file " << QUERY_FILE_BITS | " count "))"
    if (name != "" && !pg) place[name] = count++
    if (name != "" && out == "texts") {
        if (text != "") print "QUERY_TEXT(" name ", " place[name] ", " pg ",\n" text ")"
        if (copy != "") print "QUERY_COPY(" name ", " place[name] ", \"" copy "\")"
    }
    name = ""; text = ""; copy = ""
}
function flush_migration() { if (number) print "MIGRATION(" number ", \"" title "\",\n" text ")"; text = "" }
function places() {
    if (out != "places") return
    print "FILE_BEFORE(" last ")\nFILE_HOLDS(" count - last ")"
    last = count
}
BEGIN { count = last = 0 }
FNR == 1 {
    if (out == "migrations") {
        flush_migration()
        title = FILENAME; sub(/.*\//, "", title); sub(/\.sql$/, "", title); number = title + 0
        if (number < 1) stop("a migration begins with its number")
    } else { flush_query(); places(); pg = FILENAME ~ /_pg\.sql$/ }
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
    else {
        flush_query()
        places()
        if (out == "places") print "#undef FILE_BEFORE\n#undef FILE_HOLDS"
        if (out == "texts") print "#undef QUERY_TEXT\n#undef QUERY_COPY\n#undef QUERY_NAME_0\n#undef QUERY_NAME_1"
    }
}
