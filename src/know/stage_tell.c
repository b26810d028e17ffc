// The worker: who is where, told anew when something happened, when time went by, or when the rules became others.
#include "base/civil.h"
#include "know/lists.h"
#include "know/meaning.h"
#include "know/stage.h"
#include "sql/know.h"
#include "sql/know_stage.h"

typedef struct {
    int64_t customer, touched;
    stage_path path;
    bool gone; // nothing is known of them any more
} told_one;

typedef struct {
    int64_t profile, key, stage;
} told_word;

struct stage_batch {
    told_one *v;
    size_t n;
    told_word *words; // of which the stage is another now
    size_t n_words, room_words;
    int64_t now_us, rules, upto; // of the mark, if it moves
    bool moves;
};

static void push_word(arena *a, stage_batch *b, told_word w) {
    if (b->n_words == b->room_words) {
        told_word *more = make(a, told_word, b->room_words = b->room_words ? b->room_words * 2 : 64);
        if (b->n_words) memcpy(more, b->words, b->n_words * sizeof *more);
        b->words = more;
    }
    b->words[b->n_words++] = w;
}

// ---- reading ----

static bool read_words(arena *a, store *s, stage_batch *b, const told_one *x, err *e) {
    int64_t profiles[LIST_IDS];
    size_t n = 0;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", x->customer); row_next(&r);)
        if (n < LIST_IDS) profiles[n++] = row_int(&r, 0);
    for (size_t i = 0; err_ok(e) && i < n; i++)
        for (row r = store_query(s, Q_stage_words_of, e, "i", profiles[i]); row_next(&r);) {
            const int64_t stage = stage_path_at(&x->path, row_int(&r, 1), NULL);
            if (stage != row_int(&r, 2)) push_word(a, b, (told_word){profiles[i], row_int(&r, 0), stage});
        }
    return err_ok(e);
}

static bool read_one(arena *a, store *s, const journey *j, stage_batch *b, told_one *x, err *e) {
    stage_events ev;
    if (!stage_events_read(a, s, x->customer, &ev, e)) return false;
    x->path = stage_path_of(a, j, &ev, b->now_us);
    x->gone = !ev.n;
    return read_words(a, s, b, x, e);
}

static bool take_customers(stage_batch *b, row r, err *e) {
    while (row_next(&r))
        if (b->n < STAGE_PIECE) b->v[b->n++] = (told_one){.customer = row_int(&r, 0), .touched = row_int(&r, 1)};
    return err_ok(e);
}

// Whose rules changed, then to whom something happened, then for whom time went by.
static bool choose(store *s, const journey *j, stage_batch *b, err *e) {
    int64_t rules = 0, upto = 0;
    bool there = false;
    for (row r = store_query(s, Q_stage_mark_get, e, ""); row_next(&r);)
        rules = row_int(&r, 0), upto = row_int(&r, 1), there = true;
    if (!err_ok(e)) return false;
    b->rules = (int64_t)j->print, b->upto = INT64_MAX;
    if (!there) {
        b->moves = true; // the first time nobody was told yet, so everybody is touched
    } else if (rules != b->rules || upto != INT64_MAX) {
        if (rules != b->rules) upto = 0;
        if (!take_customers(b, store_query(s, Q_stage_next, e, "ii", upto, (int64_t)STAGE_PIECE), e)) return false;
        b->moves = true;
        if (b->n == STAGE_PIECE) b->upto = b->v[b->n - 1].customer;
        if (b->n) return true;
    }
    if (!take_customers(b, store_query(s, Q_stage_touched, e, "i", (int64_t)STAGE_PIECE), e)) return false;
    return b->n || take_customers(b, store_query(s, Q_stage_due, e, "ii", b->now_us, (int64_t)STAGE_PIECE), e);
}

typedef struct {
    int64_t profile, key, at_us, customer;
} new_word;

static bool read_new_words(arena *a, store *s, stage_batch *b, err *e) {
    new_word *v = make(a, new_word, STAGE_PIECE);
    size_t n = 0;
    for (row r = store_query(s, Q_stage_words_new, e, "i", (int64_t)STAGE_PIECE); row_next(&r);)
        if (n < STAGE_PIECE) v[n++] = (new_word){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2), row_int(&r, 3)};
    for (size_t i = 0; err_ok(e) && i < n; i++) {
        int64_t stage = 0;
        for (row r = store_query(s, Q_stage_spell_at, e, "ii", v[i].customer, v[i].at_us); row_next(&r);)
            stage = row_int(&r, 1);
        push_word(a, b, (told_word){v[i].profile, v[i].key, stage});
    }
    return err_ok(e);
}

bool stage_read(arena *a, store *s, int64_t now_us, stage_batch **out, size_t *n, err *e) {
    journey j;
    stage_batch *b = *out = make(a, stage_batch, 1);
    *b = (stage_batch){.v = make(a, told_one, STAGE_PIECE), .now_us = now_us};
    if (!journey_read(a, s, &j, e) || !choose(s, &j, b, e)) return false;
    for (size_t i = 0; i < b->n; i++)
        if (!read_one(a, s, &j, b, &b->v[i], e)) return false;
    if (!b->n && !read_new_words(a, s, b, e)) return false;
    *n = b->n + b->n_words + b->moves;
    return true;
}

// ---- storing ----

// What stays as it was is left alone: mostly only the last spells are new.
static bool store_spells(store *s, arena scratch, const told_one *x, err *e) {
    stage_spell *was;
    size_t n, same = 0;
    if (!stage_spells(&scratch, s, x->customer, &was, &n, e)) return false;
    while (same < n && same < x->path.n && was[same].from_us == x->path.v[same].from_us &&
           was[same].stage == x->path.v[same].stage)
        same++;
    if (same < n && !store_run(s, Q_stage_spell_drop, NULL, e, "ii", x->customer, was[same].from_us)) return false;
    for (size_t i = same; i < x->path.n; i++)
        if (!store_run(s, Q_stage_spell_put, NULL, e, "iii", x->customer, x->path.v[i].from_us, x->path.v[i].stage))
            return false;
    return true;
}

static bool store_one(store *s, arena scratch, const stage_batch *b, const told_one *x, err *e) {
    if (!store_spells(s, scratch, x, e) ||
        (x->touched && !store_run(s, Q_stage_seen, NULL, e, "ii", x->customer, x->touched)))
        return false;
    if (x->gone) return store_run(s, Q_stage_gone, NULL, e, "i", x->customer);
    int64_t since;
    const int64_t id = stage_path_at(&x->path, b->now_us, &since);
    return store_run(s, Q_stage_told, NULL, e, "iiii", x->customer, id, since, x->path.due_us);
}

bool stage_store(store *s, const stage_batch *b, err *e) {
    arena scratch = arena_open((size_t)1 << 28);
    bool ok = true;
    for (size_t i = 0; ok && i < b->n; i++) ok = store_one(s, scratch, b, &b->v[i], e);
    for (size_t i = 0; ok && i < b->n_words; i++)
        ok = store_run(s, Q_stage_words_set, NULL, e, "iii", b->words[i].profile, b->words[i].key, b->words[i].stage);
    if (ok && b->moves) ok = store_run(s, Q_stage_mark_put, NULL, e, "ii", b->rules, b->upto);
    arena_close(&scratch);
    return ok;
}

bool stage_stands(store *s, stage_standing *out, err *e) {
    arena a = arena_open((size_t)1 << 24);
    journey j;
    int64_t rules = 0, upto = INT64_MAX, all = 0;
    *out = (stage_standing){0};
    bool ok = journey_read(&a, s, &j, e);
    for (row r = store_query(s, Q_stage_mark_get, e, ""); ok && row_next(&r);)
        rules = row_int(&r, 0), upto = row_int(&r, 1);
    ok = ok && err_ok(e) && store_int(s, Q_stage_left, &out->waiting, 0, e, "");
    if (ok && rules && rules != (int64_t)j.print) upto = 0;
    if (ok && upto != INT64_MAX)
        ok = store_int(s, Q_stage_after, &out->left, 0, e, "i", upto) &&
             store_int(s, Q_stage_after, &all, 0, e, "i", INT64_C(0));
    out->again = all;
    arena_close(&a);
    return ok;
}

bool stage_touch(store *s, const int64_t *customers, size_t n, err *e) {
    const column col = {'i', customers, NULL};
    return !n || store_bulk(s, Q_stage_touch, &col, 1, n, NULL, e);
}

bool stage_erase(store *s, int64_t customer, err *e) {
    return store_run(s, Q_stage_spell_drop, NULL, e, "ii", customer, INT64_MIN) &&
           store_run(s, Q_stage_gone, NULL, e, "i", customer);
}

// ---- asking ----

bool stage_spells(arena *a, store *s, int64_t customer, stage_spell **out, size_t *n, err *e) {
    size_t room = 0;
    *out = NULL, *n = 0;
    for (row r = store_query(s, Q_stage_spell_of, e, "i", customer); row_next(&r);) {
        if (*n == room) {
            stage_spell *more = make(a, stage_spell, room = room ? room * 2 : 16);
            if (*n) memcpy(more, *out, *n * sizeof *more);
            *out = more;
        }
        (*out)[(*n)++] = (stage_spell){row_int(&r, 0), row_int(&r, 1)};
    }
    return err_ok(e);
}

static bool by_events(arena a, store *s, const journey *j, int64_t customer, int64_t at_us, stage_now *out, err *e) {
    stage_events ev;
    if (!stage_events_read(&a, s, customer, &ev, e)) return false;
    const stage_path p = stage_path_of(&a, j, &ev, at_us);
    *out = (stage_now){.due_us = p.due_us};
    out->id = stage_path_at(&p, at_us, &out->since_us);
    return true;
}

bool stage_of(arena *a, store *s, const journey *j, int64_t customer, int64_t at_us, stage_now *out, err *e) {
    bool fresh = false;
    *out = (stage_now){0};
    for (row r = store_query(s, Q_stage_of_customer, e, "i", customer); row_next(&r);) {
        *out = (stage_now){row_int(&r, 0), row_int(&r, 1), row_int(&r, 2)};
        fresh = !row_int(&r, 3) && out->due_us > at_us;
    }
    if (!err_ok(e) || (fresh && out->since_us <= at_us)) return err_ok(e);
    if (!fresh) return by_events(*a, s, j, customer, at_us, out, e);
    *out = (stage_now){0};
    for (row r = store_query(s, Q_stage_spell_at, e, "ii", customer, at_us); row_next(&r);)
        *out = (stage_now){row_int(&r, 1), row_int(&r, 0), 0};
    return err_ok(e);
}

bool stage_unhappy(store *s, int64_t customer, const stage_now *x, int64_t now_us, bool *unhappy, err *e) {
    int chance;
    int64_t at;
    // The word that brought them into it is what their mood there is known by.
    const bool ok = meaning_sounds(s, customer, x->since_us - 1, now_us + 1, &chance, &at, e);
    *unhappy = chance > 0;
    return ok;
}

bool stage_acts_now(arena *a, store *s, int64_t customer, int64_t now_us, stage_now *at, const stage_row **st,
                    const stage_act **out, size_t *n, err *e) {
    journey *j = make(a, journey, 1);
    bool unhappy = false, asked = false;
    stage_act *v = make(a, stage_act, STAGE_ACTS);
    *st = NULL, *out = v, *n = 0;
    if (!journey_read(a, s, j, e) || !stage_of(a, s, j, customer, now_us, at, e)) return false;
    const stage_row *x = *st = journey_by_id(j, at->id);
    for (size_t i = 0; x && i < x->n_acts; i++) {
        if (x->acts[i].unhappy && !asked) {
            asked = true;
            if (!stage_unhappy(s, customer, at, now_us, &unhappy, e)) return false;
        }
        if (!x->acts[i].unhappy || unhappy) v[(*n)++] = x->acts[i];
    }
    return true;
}
