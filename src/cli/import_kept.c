// What is kept of an import beside its events: how it was read, so that its quarantine can be read again, and that it
// can be undone.
#include "cli/import.h"
#include "cli/say.h"

enum { MAP_MOST = 1 << 20, UNDO_DAYS = 30 };

str import_mapping(arena *a, const heard_as *as, const listen_opts *how) {
    buf b = buf_new(a, 4 * MAP_MOST);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    json_put_str(&j, "adapter", as->adapter);
    json_put_raw(&j, "columns", as->mapping.len ? as->mapping : S("{}"));
    json_put_str(&j, "zone", how->zone);
    json_put_str(&j, "country", how->country);
    json_put_str(&j, "currency", how->currency);
    json_put_int(&j, "day_first", how->day_first);
    json_close(&j, '}');
    return buf_str(&b);
}

bool import_how(arena *a, str mapping, str *adapter, listen_opts *how, err *e) {
    json_t *v = NULL;
    if (!json_read(mapping, &v, e)) return false;
    char *columns = json_dumps(json_object_get(v, "columns"), JSON_COMPACT);
    *adapter = str_dup(a, json_at(v, "adapter"));
    *how = (listen_opts){.zone = str_dup(a, json_at(v, "zone")),
                         .country = str_dup(a, json_at(v, "country")),
                         .currency = str_dup(a, json_at(v, "currency")),
                         .map = str_dup(a, str_c(columns)),
                         .day_first = (int)json_integer_value(json_object_get(v, "day_first"))};
    free(columns);
    json_decref(v);
    return adapter->len || fail(e, ERR_corrupt, "the import does not say how it was read");
}

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

static const char *state_of(int64_t state) {
    static const char *const names[] = {"running", "done", "undone", "interrupted"};
    return state >= 0 && state < (int64_t)COUNT(names) ? names[state] : "unknown";
}

// Columns of import_list and import_get: import_id, source_id, name, state, started, ended, rows, added, changed, same,
// skipped, rejected, source, sample, mapping.
static void list_reply(reply *out, const row *r) {
    static const char *const names[] = {"rows", "new", "changed", "same", "skipped", "quarantined"};
    json_open(&out->j, NULL, '{');
    json_put_int(&out->j, "id", row_int(r, 0));
    json_put_str(&out->j, "source", row_str(r, 12));
    json_put_bool(&out->j, "sample", row_int(r, 13) != 0);
    json_put_str(&out->j, "file", row_str(r, 2));
    json_put_str(&out->j, "state", str_c(state_of(row_int(r, 3))));
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
    table_add(t, good ? STYLE_plain : STYLE_warn, str_c(state_of(row_int(r, 3))));
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

static bool may_undo(cli *c, store *s, int64_t id, err *e) {
    int64_t now = c->w->now_us(c->w), state = -1, started = 0;
    for (row r = store_query(s, Q_import_get, e, "i", id); row_next(&r);)
        state = row_int(&r, 3), started = row_int(&r, 4);
    if (!err_ok(e)) return false;
    if (state < 0) return fail(e, ERR_not_found, "there is no import %" PRId64 "; 'heed import --list' lists them", id);
    if (state == 2) return fail(e, ERR_conflict, "import %" PRId64 " was undone already", id);
    if (now - started > UNDO_DAYS * DAY_US)
        return fail(e, ERR_conflict, "import %" PRId64 " is older than %d days and stays", id, UNDO_DAYS);
    return true;
}

bool import_undo(cli *c, int64_t id, err *e) {
    store *s;
    knowing *k;
    int64_t events = 0;
    rebuilt_report report;
    if (!place_know(c, place_of(c), false, &s, &k, e)) return false;
    bool ok = may_undo(c, s, id, e) && place_rebuild_due(s, e) &&
              ledger_import_undo(know_ledger(k), id, false, &events, e) &&
              store_run(s, Q_quarantine_settle, NULL, e, "i", id);
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
