# Turns "-- name: x" blocks of .sql files into C: out=names gives QUERY(x) rows; out=texts gives QUERY_TEXT(x, pg, "…")
# rows, pg 1 for a *_pg.sql file, and QUERY_COPY(x, "table(cols)") for a "-- copy:" line; out=migrations gives
# MIGRATION(number, "name", "text") rows.
function quote(s) { gsub(/\\/, "\\\\", s); gsub(/"/, "\\\"", s); return "\"" s "\\n\"" }
function flush_query() {
    if (name != "" && out == "names") print "QUERY(" name ")"
    if (name != "" && out == "texts") {
        print "QUERY_TEXT(" name ", " pg ",\n" text ")"
        if (copy != "") print "QUERY_COPY(" name ", \"" copy "\")"
    }
    name = ""; text = ""; copy = ""
}
function flush_migration() { if (number) print "MIGRATION(" number ", \"" title "\",\n" text ")"; text = "" }
FNR == 1 {
    if (out == "migrations") {
        flush_migration()
        title = FILENAME; sub(/.*\//, "", title); sub(/\.sql$/, "", title); number = title + 0
    } else { flush_query(); pg = FILENAME ~ /_pg\.sql$/ }
}
out == "migrations" { text = text "    " quote($0) "\n"; next }
/^-- name: / { flush_query(); name = $3; next }
/^-- copy: / { copy = substr($0, 10); next }
/^--/ || /^[ \t]*$/ { next }
{ if (name == "") { print FILENAME ":" FNR ": text before the first -- name:" > "/dev/stderr"; exit 1 } text = text "    " quote($0) "\n" }
END { if (out == "migrations") { flush_migration(); print "#undef MIGRATION" }
      else { flush_query(); if (out == "names") print "#undef QUERY"; else print "#undef QUERY_TEXT\n#undef QUERY_COPY" } }
