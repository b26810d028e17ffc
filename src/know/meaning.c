#include "base/json.h"

#include "know/meaning_private.h"

#include "sql/cli.h"
#include "sql/know_meaning.h"

// ---- how far it is ----

static const char clearing[] = "clearing"; // stands where the make does

bool meaning_mark_read(arena *a, store *s, meaning_mark *out, err *e) {
    *out = (meaning_mark){.make_id = 1};
    for (row r = store_query(s, Q_meaning_mark_get, e, ""); row_next(&r);)
        *out = (meaning_mark){.make_id = row_int(&r, 0),
                              .make = str_dup(a, row_str(&r, 1)),
                              .feedback = row_int(&r, 2),
                              .place = row_int(&r, 3),
                              .weak = row_int(&r, 4) != 0};
    out->clearing = str_eq(out->make, str_c(clearing));
    if (out->clearing) out->make = S("");
    return err_ok(e);
}

bool meaning_mark_write(store *s, const meaning_mark *m, err *e) {
    return store_run(s, Q_meaning_mark_put, NULL, e, "itiii", m->make_id, m->clearing ? str_c(clearing) : m->make,
                     m->feedback, m->place, (int64_t)m->weak);
}

static str make_of(arena *a, const reader *r) {
    return str_fmt(a, "%d %s", MEANING_MAKE, reader_make(r));
}

bool meaning_as_before(arena *a, str make, const reader *r) {
    return reader_embeds(r) && str_eq(make, make_of(a, r));
}

meaning_mark meaning_mark_for(arena *a, const meaning_mark *m, const reader *r) {
    meaning_mark out = *m;
    if (!reader_embeds(r)) return out;
    const str make = make_of(a, r);
    if (!str_eq(make, m->make)) {
        if (m->make.len || m->clearing) out.make_id++;
        out.make = make, out.feedback = 0, out.clearing = false;
    }
    if (m->weak) out.feedback = 0, out.weak = false;
    return out;
}

static bool has_to_go(arena *a, const meaning_mark *m, const reader *r) {
    return m->clearing || (reader_embeds(r) && m->make.len && !str_eq(m->make, make_of(a, r)));
}

bool meaning_clears(arena *a, store *s, const reader *r, bool *more, err *e) {
    meaning_mark m;
    int64_t any = 0;
    if (!meaning_mark_read(a, s, &m, e) || !store_int(s, Q_meaning_vector_any, &any, 0, e, "")) return false;
    *more = any && has_to_go(a, &m, r);
    return true;
}

// Whoever reads meanwhile takes it that there are no places, and goes by words.
bool meaning_clear_some(store *s, const reader *r, bool *more, err *e) {
    enum { AT_ONCE = 1000 };
    arena a = arena_open(1 << 16);
    meaning_mark m;
    int64_t upto = 0, gone = 0;
    bool ok = meaning_mark_read(&a, s, &m, e);
    *more = false;
    if (ok && has_to_go(&a, &m, r)) {
        m.clearing = true;
        ok = meaning_mark_write(s, &m, e) &&
             store_int(s, Q_meaning_vector_upto, &upto, INT64_MAX, e, "i", AT_ONCE - 1) &&
             store_run(s, Q_meaning_vector_drop_upto, &gone, e, "i", upto);
        *more = gone == AT_ONCE;
    }
    arena_close(&a);
    return ok;
}

// ---- reading ----

void meaning_read_feelings(meaning *m, str json) {
    json_t *doc = NULL;
    err quiet = {0};
    if (json.len <= 2 || !json_read(json, &doc, &quiet)) return;
    for (int f = 0; f < FEELINGS; f++)
        m->feeling[f] = (uint16_t)json_integer_value(json_object_get(doc, mood_feeling_name((enum mood_feeling)f)));
    json_decref(doc);
}

meaning meaning_row(arena *a, const row *r) {
    meaning m = {.profile = row_int(r, 0),
                 .key = row_int(r, 1),
                 .at_us = row_int(r, 2),
                 .lang = str_dup(a, row_str(r, 3)),
                 .has_mood = !row_null(r, 4),
                 .mood = (int)row_int(r, 4),
                 .bad = (int)row_int(r, 5),
                 .good = (int)row_int(r, 6),
                 .same_profile = row_int(r, 8),
                 .same_key = row_int(r, 9),
                 .theme = row_int(r, 10),
                 .theme_far = (int)row_int(r, 11),
                 .channel = (enum channel)row_int(r, 12),
                 .period = (int32_t)row_int(r, 13)};
    meaning_read_feelings(&m, row_str(r, 7));
    return m;
}

int meaning_class(const meaning *m) {
    if (!m->has_mood) return MOOD_UNKNOWN;
    const int neither = 1000 - m->bad - m->good;
    if (m->bad >= m->good) return m->bad > neither ? -1 : 0;
    return m->good > neither ? 1 : 0;
}

bool meaning_find_one(arena *a, store *s, int64_t profile, int64_t key, meaning *out, bool *there, err *e) {
    *there = false;
    for (row r = store_query(s, Q_meaning_get, e, "ii", profile, key); row_next(&r);)
        *out = meaning_row(a, &r), *there = true;
    if (!*there) return err_ok(e);
    for (row r = store_query(s, Q_meaning_vector_get, e, "ii", profile, key); row_next(&r);) {
        const str v = row_str(&r, 0);
        if (v.len == EMBEDDING) out->vector = (const int8_t *)str_dup(a, v).s;
    }
    return err_ok(e);
}

bool meaning_get(arena *a, store *s, int64_t profile, int64_t key, meaning *out, err *e) {
    bool there;
    if (!meaning_find_one(a, s, profile, key, out, &there, e)) return false;
    return there || fail(e, ERR_not_found, "these words were not understood yet");
}

bool meaning_text(arena *a, store *s, const meaning *m, str *out, err *e) {
    record r;
    said x;
    *out = (str){0};
    if (!ledger_get(s, a, m->period, m->profile, m->at_us, m->key, &r, e)) return err_ok(e);
    if (said_of(a, &r, &x)) *out = x.text;
    return true;
}

static bool each(store *s, const meaning_ask *ask, row r, arena scratch, meaning_fn fn, void *ctx, err *e) {
    while (row_next(&r)) {
        arena a = scratch;
        str text = {0};
        meaning m = meaning_row(&a, &r);
        if (ask->vectors && row_str(&r, 14).len == EMBEDDING) m.vector = (const int8_t *)row_str(&r, 14).s;
        if (ask->words && !meaning_text(&a, s, &m, &text, e)) return row_end(&r), false;
        if (!fn(ctx, &m, text, e)) row_end(&r);
    }
    return err_ok(e);
}

bool meaning_each(store *s, const meaning_ask *ask, meaning_fn fn, void *ctx, err *e) {
    arena scratch = arena_open((size_t)1 << 28);
    const int64_t since = ask->since_us ? ask->since_us : INT64_MIN, until = ask->until_us ? ask->until_us : INT64_MAX;
    row r = store_query(s, ask->vectors ? Q_meaning_scan_vectors : Q_meaning_scan, e, "ii", since, until);
    const bool ok = each(s, ask, r, scratch, fn, ctx, e);
    arena_close(&scratch);
    return ok;
}

bool meaning_copies(arena *a, store *s, const meaning *m, size_t most, struct meaning_place **out, size_t *n, err *e) {
    *out = make(a, struct meaning_place, most + 1), *n = 0;
    for (row r = store_query(s, Q_meaning_copies, e, "iii", m->same_profile, m->same_key, (int64_t)most); row_next(&r);)
        if (*n < most) (*out)[(*n)++] = (struct meaning_place){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2)};
    return err_ok(e);
}

bool meaning_whose(store *s, const struct meaning_place *p, int64_t *feedback, int64_t *customer, err *e) {
    *customer = 0;
    return store_int(s, Q_meaning_feedback, feedback, 0, e, "iii", (int64_t)event_period(p->at_us), p->profile,
                     p->key) &&
           (!p->profile || store_int(s, Q_people_by_profile, customer, 0, e, "i", p->profile));
}

bool meaning_sounds(store *s, int64_t customer, int64_t since_us, int64_t until_us, int *unhappy, int64_t *at_us,
                    err *e) {
    *unhappy = 0, *at_us = 0;
    for (row r = store_query(s, Q_meaning_last_of, e, "ii", customer, until_us); row_next(&r);)
        if (row_int(&r, 0) >= since_us && !row_null(&r, 1) && row_int(&r, 2) >= MEANING_CLEAR)
            *at_us = row_int(&r, 0), *unhappy = (int)row_int(&r, 2);
    return err_ok(e);
}

bool meaning_stands(arena *a, store *s, meaning_standing *out, err *e) {
    meaning_mark m;
    if (!meaning_mark_read(a, s, &m, e)) return false;
    *out = (meaning_standing){.make = m.make, .embeds = m.make.len > 0, .weak = m.weak};
    return store_int(s, Q_meaning_count, &out->understood, 0, e, "") &&
           store_int(s, Q_meaning_waiting_count, &out->waiting, 0, e, "i", m.feedback);
}
