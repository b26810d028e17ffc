// Alarms as rows: begun, seen, over; and the report of the last look.
#include "decide/bursts.h"

#include "know/segment.h"
#include "sql/know_theme.h"

const char *burst_state_name(enum burst_state s) {
    return s == BURST_OPEN ? "open" : s == BURST_SEEN ? "seen" : "over";
}

static burst_row row_of(arena *a, const row *r) {
    return (burst_row){.id = row_int(r, 0),
                       .kind = (enum about_kind)row_int(r, 1),
                       .what_id = row_int(r, 2),
                       .segment = row_int(r, 3),
                       .from_us = row_int(r, 4),
                       .until_us = row_int(r, 5),
                       .found_us = row_int(r, 6),
                       .figures = str_dup(a, row_str(r, 7)),
                       .state = (enum burst_state)row_int(r, 8),
                       .by = str_dup(a, row_str(r, 9)),
                       .version = row_int(r, 10)};
}

enum { BURSTS_SHOWN = 1000 };

bool bursts_list(arena *a, store *s, int state, enum about_kind kind, int64_t id, burst_row **out, size_t *n, err *e) {
    *n = 0, *out = make(a, burst_row, BURSTS_SHOWN);
    int64_t of = id ? kind : 0;
    for (row r = store_query(s, Q_burst_list, e, "iiii", (int64_t)state, of, id, (int64_t)BURSTS_SHOWN); row_next(&r);)
        if (*n < BURSTS_SHOWN) (*out)[(*n)++] = row_of(a, &r);
    return err_ok(e);
}

bool bursts_get(arena *a, store *s, int64_t id, burst_row *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_burst_get, e, "i", id); row_next(&r);) *out = row_of(a, &r), found = true;
    return err_ok(e) && (found || fail(e, ERR_not_found, "there is no alarm %" PRId64, id));
}

bool bursts_see(store *s, int64_t id, str by, err *e) {
    arena a = arena_open(1 << 16);
    burst_row b;
    bool ok = bursts_get(&a, s, id, &b, e);
    if (ok && b.state == BURST_OVER) ok = fail(e, ERR_conflict, "alarm %" PRId64 " is over", id);
    ok = ok && (b.state == BURST_SEEN || store_run(s, Q_burst_seen, NULL, e, "it", id, by));
    arena_close(&a);
    return ok;
}

// ---- kept ----

// One that stands goes on; it is over when it has been quiet for two weeks, so that what flickers is told once.
static bool keep_old(store *s, const bursts_found *x, const burst_row *b, bool *taken, int64_t now_us, err *e) {
    for (size_t i = 0; i < x->n; i++) {
        const burst_now *v = &x->v[i];
        if (v->kind != b->kind || v->id != b->what_id || v->segment != b->segment) continue;
        taken[i] = true;
        return store_run(s, Q_burst_goes_on, NULL, e, "iit", b->id, v->until_us, v->figures);
    }
    if (b->until_us + BURST_QUIET_DAYS * DAY_US > now_us) return true;
    return store_run(s, Q_burst_over, NULL, e, "i", b->id);
}

bool bursts_keep(store *s, const bursts_found *x, int64_t now_us, err *e) {
    arena a = arena_open((size_t)1 << 28);
    burst_row *old;
    size_t n = 0;
    int64_t last = 0;
    bool *taken = make(&a, bool, x->n + 1);
    bool ok =
        bursts_list(&a, s, BURST_STANDING, ABOUT_theme, 0, &old, &n, e) && store_int(s, Q_burst_last, &last, 0, e, "");
    for (size_t i = 0; ok && i < n; i++) ok = keep_old(s, x, &old[i], taken, now_us, e);
    for (size_t i = 0; ok && i < x->n; i++) {
        const burst_now *v = &x->v[i];
        if (taken[i]) continue;
        ok = store_run(s, Q_burst_put, NULL, e, "iiiiiiit", ++last, (int64_t)v->kind, v->id, v->segment, v->from_us,
                       v->until_us, now_us, v->figures);
    }
    ok = ok && themes_report_put(s, "rising", now_us, x->report, e);
    arena_close(&a);
    return ok;
}

// ---- shown ----

static bool segment_called(arena *a, store *s, int64_t id, str *name, err *e) {
    segment_row r;
    *name = S("");
    if (id && segment_get_id(a, s, id, &r, e)) *name = r.name;
    return err_ok(e);
}

static void put_kept(json_out *j, str figures) {
    json_t *v = NULL;
    err odd = {0};
    static const char *const names[] = {"alarm", "windows", "weight", "copied"};
    if (!json_read(figures, &v, &odd)) return;
    for (size_t i = 0; i < COUNT(names); i++) {
        char *text = json_dumps(json_object_get(v, names[i]), JSON_COMPACT | JSON_ENCODE_ANY);
        json_put_raw(j, names[i], text ? str_c(text) : S("null"));
        free(text);
    }
    json_decref(v);
}

bool burst_json(json_out *j, const char *key, arena scratch, store *s, const abouts *names, const burst_row *b,
                bool words, err *e) {
    str segment, example = S("");
    if (!segment_called(&scratch, s, b->segment, &segment, e)) return false;
    if (words && !about_example(&scratch, s, names, b->kind, b->what_id, &example, e)) return false;
    json_open(j, key, '{');
    json_put_int(j, "id", b->id);
    about_json(j, "about", names, b->kind, b->what_id);
    if (b->segment) {
        json_put_int(j, "segment", b->segment);
        json_put_str(j, "segment_name", segment);
    } else {
        json_put_null(j, "segment");
        json_put_null(j, "segment_name");
    }
    json_put_time(j, "since", b->from_us);
    json_put_time(j, "until", b->until_us);
    json_put_time(j, "found", b->found_us);
    json_put_str(j, "state", str_c(burst_state_name(b->state)));
    put_kept(j, b->figures);
    json_put_str(j, "example", example);
    if (b->by.len)
        json_put_str(j, "by", b->by);
    else
        json_put_null(j, "by");
    json_put_str(j, "evidence", str_fmt(&scratch, "burst:%" PRId64, b->id));
    json_put_int(j, "version", b->version);
    json_close(j, '}');
    return true;
}

bool rising_report_read(arena *a, store *s, rising_report *out, err *e) {
    str text;
    json_t *x;
    size_t i;
    *out = (rising_report){0};
    if (!themes_report(a, s, "rising", &text, &out->made_us, e)) return false;
    if (!text.len) return true;
    if (!json_read(text, &out->root, e)) return false;
    const json_t *list = json_object_get(out->root, "emerging");
    out->now_us = json_integer_value(json_object_get(out->root, "now"));
    out->watched = json_integer_value(json_object_get(out->root, "watched"));
    out->tested = json_integer_value(json_object_get(out->root, "tested"));
    out->drift = json_object_get(out->root, "drift");
    out->emerging = make(a, emerging, json_array_size(list) + 1);
    json_array_foreach(list, i, x) {
        out->emerging[out->n_emerging++] =
            (emerging){.kind = (enum about_kind)json_integer_value(json_object_get(x, "kind")),
                       .id = json_integer_value(json_object_get(x, "id")),
                       .share = json_number_value(json_object_get(x, "share")),
                       .before = json_number_value(json_object_get(x, "share_before")),
                       .p = json_number_value(json_object_get(x, "p")),
                       .people = json_integer_value(json_object_get(x, "people")),
                       .people_before = json_integer_value(json_object_get(x, "people_before"))};
    }
    return true;
}
