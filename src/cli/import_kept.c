// What is kept of an import beside its events: the list, and that it can be undone.
#include "cli/import.h"
#include "cli/say.h"
#include "sql/ledger.h"

enum { MAP_MOST = 1 << 20 };

static bool add_column(json_t *map, str pair, err *e) {
    str name = pair, field = str_cut(&name, '=');
    if (!field.len || !name.s)
        return fail(e, ERR_usage, "'--column' takes FIELD=COLUMN such as date=invoice_date, not '%.*s'",
                    (int)MIN(pair.len, 60), pair.s);
    char key[64];
    snprintf(key, sizeof key, "%.*s", STR_ARG(field));
    return json_object_set_new(map, key, json_stringn(name.s, name.len)) == 0 ||
           fail(e, ERR_usage, "'--column' takes UTF-8 text");
}

bool import_map(cli *c, str map_file, const strs *columns, str *out, err *e) {
    json_t *map = NULL;
    str text = S("{}");
    *out = S("");
    if (!map_file.len && !columns->n) return true;
    bool ok = !map_file.len || c->w->read_file(c->w, c->life, str_z(c->life, map_file), MAP_MOST, &text, e);
    ok = ok && json_read(text, &map, e);
    if (ok && !json_is_object(map))
        ok = fail(e, ERR_invalid, "\"%.*s\" must hold a JSON object {\"field\": \"column\"}", STR_ARG(map_file));
    for (size_t i = 0; ok && i < columns->n; i++) ok = add_column(map, columns->v[i], e);
    char *json = ok ? json_dumps(map, JSON_COMPACT) : NULL;
    if (json) *out = str_dup(c->life, str_c(json));
    free(json);
    json_decref(map);
    return ok;
}

// ---- the list ----

// Columns of import_list and import_get: import_id, source_id, name, state, started, ended, rows, added, changed, same,
// skipped, rejected, source, sample, mapping.
static void list_reply(reply *out, const row *r) {
    static const char *const names[] = {"rows", "new", "changed", "same", "skipped", "quarantined"};
    json_open(&out->j, NULL, '{');
    json_put_int(&out->j, "id", row_int(r, 0));
    json_put_str(&out->j, "source", row_str(r, 12));
    json_put_bool(&out->j, "sample", row_int(r, 13) != 0);
    json_put_str(&out->j, "file", row_str(r, 2));
    json_put_str(&out->j, "state", str_c(import_state_name(row_int(r, 3))));
    reply_time(out, "started", row_int(r, 4));
    reply_time(out, "ended", row_int(r, 5));
    for (int k = 0; k < (int)COUNT(names); k++) json_put_int(&out->j, names[k], row_int(r, 6 + k));
    json_put_raw(&out->j, "how", row_str(r, 14));
    json_close(&out->j, '}');
    reply_some(out);
}

static void list_row(table *t, arena *a, const zone *z, const row *r) {
    bool good = row_int(r, 3) == 1;
    table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, row_int(r, 0)));
    table_add(t, STYLE_plain, say_time(a, z, row_int(r, 4)));
    table_add(t, STYLE_plain, term_clean(a, row_str(r, 12), true));
    table_add(t, good ? STYLE_plain : STYLE_warn, str_c(import_state_name(row_int(r, 3))));
    for (int k = 6; k < 12; k++) table_add(t, STYLE_plain, term_count(a, row_int(r, k)));
    table_add(t, STYLE_plain, term_clean(a, row_str(r, 2), true));
}

bool import_list(cli *c, err *e) {
    enum { MOST = 100000 };
    static const table_col cols[] = {{"import", true, false},      {"when", false, false}, {"source", false, false},
                                     {"state", false, false},      {"rows", true, false},  {"new", true, false},
                                     {"changed", true, false},     {"same", true, false},  {"skipped", true, false},
                                     {"quarantined", true, false}, {"file", false, true}};
    store *s;
    settings set;
    zone *z = NULL;
    reply r;
    if (!place_read(c, &s, e)) return false;
    bool ok = settings_read(c->life, s, &set, e) && zone_open(c->life, set.zone, &z, e);
    table *t = table_new(c->life, cols, COUNT(cols));
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '{'), json_open(&r.j, "imports", '[');
    for (row q = ok ? store_query(s, Q_import_list, e, "i", (int64_t)MOST) : (row){.e = e}; row_next(&q);) {
        if (c->g.json)
            list_reply(&r, &q);
        else
            list_row(t, c->life, z, &q);
    }
    if (c->g.json) json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    if (!c->g.json && ok && err_ok(e)) {
        settings_mark(c, &set);
        if (table_rows(t))
            table_print(t, &c->t, 0);
        else
            term_say(&c->t, "Nothing was imported yet.\n");
    }
    store_close(s);
    return ok && err_ok(e);
}

// ---- undoing ----

bool import_undo(cli *c, int64_t id, err *e) {
    store *s;
    knowing *k;
    int64_t events = 0;
    rebuilt_report report = {0};
    if (!place_know(c, place_of(c), false, &s, &k, e)) return false;
    bool ok = import_may_undo(s, c->w, id, e) && import_take_back(know_ledger(k), id, &events, e);
    know_close(k);
    ok = ok && place_rebuild(c, s, &report, e);
    store_close(s);
    if (!ok) return false;
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "undone", id);
        json_put_int(&r.j, "events", events);
        json_close(&r.j, '}');
        reply_close(&r);
    } else
        term_say(&c->t, "Import %" PRId64 " was taken back: %.*s events count no more.\n", id,
                 STR_ARG(term_count(c->life, events)));
    return true;
}
