#include "base/radix.h"

#include "ledger/private.h"
#include "sql/ledger.h"

// What is known of each event of a batch while it is decided.
typedef struct {
    const event *const *events;
    size_t n;
    uint64_t *keys;
    bool *known;
    record *now;  // the event as it would be stored
    record *then; // known: the version that is stored
    bool *found;
    uint8_t *fate; // enum fate
    bool *news;    // an older version, but one that was not known: what it says of its person counts
    bool *told;    // known from the dry run alone, which remembers what it foretold
} plan;

enum { PAST_REPLACED = 1 };

enum fate { FATE_SAME, FATE_CHANGED, FATE_ADDED };

static bool check(const event *ev, err *e) {
    if (!ev->ext.len) return fail(e, ERR_internal, "an event without an external key");
    if (!ev->at_us) return fail(e, ERR_internal, "event '%.*s' has no time", STR_ARG(ev->ext));
    return true;
}

// An order that belongs to no other thread than itself: its key says as much, in eight bytes less.
static bool own_thread(const event *ev) {
    return !ev->thread.len || (kind_class(ev->kind) == CLASS_MONEY && str_eq(ev->thread, ev->ext));
}

static record record_of(arena *a, int64_t source_id, int64_t import_id, const event *ev) {
    return (record){
        .period = event_period(ev->at_us),
        .at_us = ev->at_us,
        .key = (int64_t)event_key(source_id, ev->ext),
        .import_id = import_id,
        .kind = (uint8_t)ev->kind,
        .channel = (uint8_t)ev->channel,
        .value = ev->value,
        .has_value = ev->has_value,
        .unit = ev->unit,
        .thread = ev->of_thread    ? ev->of_thread
                  : own_thread(ev) ? 0
                                   : (int64_t)event_key(source_id, ev->thread),
        .has_thread = ev->of_thread || !own_thread(ev),
        .edited_us = ev->edited_us,
        .has_edited = ev->edited_us != 0,
        .body = event_body(a, ev),
    };
}

static bool plan_make(plan *p, arena *a, ledger *l, int64_t source_id, int64_t import_id, const intake *in, bool take,
                      err *e) {
    const event **list = make(a, const event *, in->n);
    *p = (plan){.events = list,
                .n = in->n,
                .keys = make(a, uint64_t, in->n),
                .known = make(a, bool, in->n),
                .now = make(a, record, in->n),
                .found = make(a, bool, in->n),
                .fate = make(a, uint8_t, in->n),
                .news = make(a, bool, in->n),
                .told = make(a, bool, in->n)};
    for (size_t i = 0; i < in->n; i++) {
        if (!check(&in->events[i], e)) return false;
        list[i] = &in->events[i];
        p->now[i] = record_of(a, source_id, import_id, list[i]);
        p->keys[i] = (uint64_t)p->now[i].key;
    }
    if (take) return seen_take(l->seen, *a, p->keys, p->n, p->known, e);
    return seen_ask(l->seen, *a, p->keys, p->n, p->known, e);
}

// Stitches those events of the plan whose `want` is set, and copies what was found into their records.
static bool stitch(ledger *l, arena *a, plan *p, int64_t source_id, int64_t import_id, bool look,
                   bool want(const plan *, size_t), batch *out, err *e) {
    const event **some = make(a, const event *, p->n);
    size_t *at = make(a, size_t, p->n), n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (want(p, i)) some[n] = p->events[i], at[n++] = i;
    *out = (batch){.a = a,
                   .import_id = import_id,
                   .source_id = source_id,
                   .source = ledger_source_name(l, source_id),
                   .events = some,
                   .n = n,
                   .look = look,
                   .profiles = make(a, int64_t, n),
                   .customers = make(a, int64_t, n)};
    if (n && l->st.stitch && !l->st.stitch(l->st.ctx, out, e)) return false;
    for (size_t i = 0; i < n; i++)
        p->now[at[i]].profile_id = out->profiles[i], p->now[at[i]].customer_id = out->customers[i];
    return true;
}

static bool is_new(const plan *p, size_t i) {
    return !p->known[i];
}
static bool is_known(const plan *p, size_t i) {
    return p->known[i];
}
static bool is_changed(const plan *p, size_t i) {
    return p->fate[i] == FATE_CHANGED;
}
static bool is_news(const plan *p, size_t i) {
    return is_changed(p, i) || p->news[i];
}

// By month and profile; records of one profile keep their order, which is mostly that of time already.
static void sort_by_place(arena scratch, const record **rs, size_t n) {
    keyed *keys = make(&scratch, keyed, n);
    const record **sorted = make(&scratch, const record *, n);
    for (size_t i = 0; i < n; i++)
        keys[i] = (keyed){(uint64_t)(uint32_t)(rs[i]->period + (1 << 20)) << 40 |
                              ((uint64_t)rs[i]->profile_id & ((UINT64_C(1) << 40) - 1)),
                          (uint32_t)i};
    radix_sort(scratch, keys, n);
    for (size_t i = 0; i < n; i++) sorted[i] = rs[keys[i].at];
    memcpy(rs, sorted, n * sizeof *rs);
}

// Appends records in the order of their places, so that each page of the tree is touched once.
static bool append(ledger *l, arena scratch, const record **rs, size_t n, err *e) {
    enum { COLS = 12 };
    static const char types[] = "iiiiiiiiiiit";
    if (!n) return true;
    sort_by_place(scratch, rs, n);
    int64_t *num[COLS - 1];
    unsigned char *none[COLS];
    for (int c = 0; c < COLS - 1; c++) num[c] = make(&scratch, int64_t, n);
    for (int c = 0; c < COLS; c++) none[c] = c >= 7 ? make(&scratch, unsigned char, n) : NULL;
    str *body = make(&scratch, str, n);
    for (size_t i = 0; i < n; i++) {
        const record *r = rs[i];
        if ((!i || rs[i - 1]->period != r->period) && !store_ensure_period(l->s, r->period, e)) return false;
        const int64_t v[] = {r->period,    r->profile_id, r->at_us, r->key,    r->kind,     r->channel,
                             r->import_id, r->value,      r->unit,  r->thread, r->edited_us};
        for (int c = 0; c < COLS - 1; c++) num[c][i] = v[c];
        none[7][i] = !r->has_value, none[8][i] = !r->unit, none[9][i] = !r->has_thread, none[10][i] = !r->has_edited;
        none[11][i] = !r->body.len, body[i] = r->body;
    }
    column cols[COLS];
    for (int c = 0; c < COLS; c++) cols[c] = (column){types[c], c < COLS - 1 ? (const void *)num[c] : body, none[c]};
    return store_bulk(l->s, Q_event_append, cols, COLS, n, NULL, e);
}

bool ledger_append_one(ledger *l, arena scratch, const record *r, err *e) {
    return append(l, scratch, &r, 1, e);
}

// ---- known events: the same, an older version, or a newer one ----

typedef struct {
    int32_t *v;
    size_t n;
} months;

static bool find_in_profile(ledger *l, arena *a, const months *m, const record *now, record *then, err *e) {
    for (size_t i = 0; i < m->n; i++) {
        bool found = false;
        for (row r = store_query(l->s, Q_event_find, e, "iii", (int64_t)m->v[i], now->profile_id, now->key);
             row_next(&r);) {
            *then = record_read(a, &r, 4);
            then->period = m->v[i], then->profile_id = now->profile_id, then->at_us = row_int(&r, 2);
            then->key = now->key;
            found = true;
        }
        if (found || !err_ok(e)) return found;
    }
    return false;
}

static bool lost_yet(const plan *p, size_t i) {
    return p->known[i] && !p->found[i] && !p->told[i];
}

// The last resort: one scan for all events that came back under another profile, or under none.
static bool find_anywhere(ledger *l, arena *a, plan *p, err *e) {
    buf list = buf_new(a, 16 << 20);
    map64 first = map64_new(a, 64);
    int32_t *next = make(a, int32_t, p->n); // of the same key, -1 ends
    for (size_t i = 0; i < p->n; i++) {
        if (!lost_yet(p, i)) continue;
        buf_addc(&list, list.len ? ',' : '[');
        buf_i64(&list, p->now[i].key);
        next[i] = map64_get(&first, p->now[i].key);
        map64_put(&first, p->now[i].key, (int32_t)i);
    }
    if (!list.len) return true;
    buf_addc(&list, ']');
    for (row r = store_query(l->s, Q_event_by_keys, e, "t", buf_str(&list)); row_next(&r);) {
        record then = record_read(a, &r, 4);
        then.period = (int32_t)row_int(&r, 0), then.profile_id = row_int(&r, 1);
        then.at_us = row_int(&r, 2), then.key = row_int(&r, 3);
        for (int32_t i = map64_get(&first, then.key); i >= 0; i = next[i]) p->then[i] = then, p->found[i] = true;
    }
    return err_ok(e);
}

static bool find_known(ledger *l, arena *a, plan *p, err *e) {
    months m = {0};
    p->then = make(a, record, p->n);
    for (size_t i = 0; i < p->n && err_ok(e); i++) {
        if (!p->known[i] || p->told[i]) continue;
        const record *now = &p->now[i];
        p->found[i] = ledger_get(l->s, a, now->period, now->profile_id, now->at_us, now->key, &p->then[i], e);
        // Nobody's events are too many to be looked through one by one.
        if (p->found[i] || !err_ok(e) || !now->profile_id) continue;
        if (!m.v && !ledger_periods(l->s, a, &m.v, &m.n, e)) return false;
        p->found[i] = find_in_profile(l, a, &m, now, &p->then[i], e);
    }
    return err_ok(e) && find_anywhere(l, a, p, e);
}

static bool same_content(const record *x, const record *y) {
    return x->at_us == y->at_us && x->profile_id == y->profile_id && x->kind == y->kind && x->channel == y->channel &&
           x->has_value == y->has_value && x->value == y->value && x->unit == y->unit && x->thread == y->thread &&
           x->edited_us == y->edited_us && str_eq(x->body, y->body);
}

// Which of two versions stands is a matter of the provider's time, then of content: never of arrival.
static bool newer(const record *x, const record *y) {
    if (x->edited_us != y->edited_us) return x->edited_us > y->edited_us;
    return record_tie(x) > record_tie(y);
}

static bool keep_past(ledger *l, const record *r, err *e) {
    return store_run(l->s, Q_past_put, NULL, e, "iiiiiiiiIIITi", r->profile_id, r->key, r->edited_us,
                     (int64_t)record_tie(r), r->at_us, (int64_t)r->kind, (int64_t)r->channel, r->import_id,
                     r->has_value ? &r->value : NULL, r->unit ? &(int64_t){r->unit} : NULL,
                     r->has_thread ? &r->thread : NULL, r->body.len ? r->body : (str){0}, (int64_t)PAST_REPLACED);
}

static bool retire(ledger *l, const record *then, err *e) {
    return ledger_fold(l, then, -1, false, e) && keep_past(l, then, e) &&
           store_run(l->s, Q_event_delete, NULL, e, "iiii", (int64_t)then->period, then->profile_id, then->at_us,
                     then->key);
}

// An older version: is it news? Its person may be new (profile 0 so far); then it cannot be known.
static bool lost(ledger *l, plan *p, size_t i, err *e) {
    const record *r = &p->now[i];
    int64_t n = 0;
    if ((r->profile_id || !p->events[i]->n_ids) &&
        !store_int(l->s, Q_past_has, &n, 0, e, "iiii", r->profile_id, r->key, r->edited_us, (int64_t)record_tie(r)))
        return false;
    p->news[i] = !n;
    return true;
}

static bool decide_one(ledger *l, plan *p, size_t i, err *e) {
    record *now = &p->now[i], *then = &p->then[i];
    p->fate[i] = FATE_SAME;
    if (!p->found[i]) return true; // its import was undone meanwhile
    if (same_content(now, then)) return true;
    if (!newer(now, then)) return lost(l, p, i, e);
    p->fate[i] = FATE_CHANGED;
    return true;
}

// Several newer versions of one event in one batch: the newest stands, the others go to the past.
static bool one_winner(ledger *l, arena scratch, plan *p, err *e) {
    keyed *ks = make(&scratch, keyed, p->n);
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        if (p->fate[i] == FATE_CHANGED) ks[n++] = (keyed){p->keys[i], (uint32_t)i};
    radix_sort(scratch, ks, n);
    for (size_t i = 1; i < n; i++) {
        if (ks[i].key != ks[i - 1].key) continue;
        size_t x = ks[i - 1].at, y = ks[i].at;
        size_t loser = newer(&p->now[x], &p->now[y]) ? y : x;
        ks[i].at = (uint32_t)(loser == x ? y : x);
        p->fate[loser] = FATE_SAME;
        if (!same_content(&p->now[x], &p->now[y]) && !lost(l, p, loser, e)) return false;
    }
    return true;
}

static bool decide_known(ledger *l, arena scratch, plan *p, err *e) {
    for (size_t i = 0; i < p->n; i++) {
        p->fate[i] = FATE_ADDED;
        if (p->known[i] && !decide_one(l, p, i, e)) return false;
    }
    return one_winner(l, scratch, p, e);
}

static bool write_changes(ledger *l, arena *a, plan *p, int64_t source_id, int64_t import_id, err *e) {
    batch b;
    if (!stitch(l, a, p, source_id, import_id, false, is_news, &b, e)) return false;
    const record **rs = make(a, const record *, p->n + b.n_facts);
    size_t n = 0;
    for (size_t i = 0; i < b.n_facts; i++) rs[n++] = &b.facts[i];
    for (size_t i = 0; i < p->n; i++) {
        if (p->news[i] && !keep_past(l, &p->now[i], e)) return false;
        if (!is_changed(p, i)) continue;
        if (!retire(l, &p->then[i], e)) return false;
        rs[n++] = &p->now[i];
    }
    if (!append(l, *a, rs, n, e)) return false;
    for (size_t i = 0; i < p->n; i++)
        if (is_changed(p, i) && !ledger_fold(l, &p->now[i], 1, false, e)) return false;
    return true;
}

static bool write_new(ledger *l, arena *a, plan *p, int64_t source_id, int64_t import_id, err *e) {
    batch b;
    if (!stitch(l, a, p, source_id, import_id, false, is_new, &b, e)) return false;
    const record **rs = make(a, const record *, p->n + b.n_facts);
    size_t n = 0;
    for (size_t i = 0; i < b.n_facts; i++) rs[n++] = &b.facts[i];
    for (size_t i = 0; i < p->n; i++)
        if (is_new(p, i)) rs[n++] = &p->now[i];
    if (!append(l, *a, rs, n, e)) return false;
    for (size_t i = 0; i < p->n; i++)
        if (is_new(p, i) && !ledger_fold(l, &p->now[i], 1, true, e)) return false;
    return true;
}

static void count(const plan *p, const intake *in, tally *t) {
    *t = (tally){.skipped = in->skipped, .rejected = (int64_t)in->n_bad};
    uint8_t best = FATE_SAME;
    for (size_t i = 0; i < p->n; i++) {
        t->events_added += p->fate[i] == FATE_ADDED;
        t->events_changed += p->fate[i] == FATE_CHANGED;
        t->events_same += p->fate[i] == FATE_SAME;
        if (i && in->row_of[i] != in->row_of[i - 1]) best = FATE_SAME;
        if (p->fate[i] > best) best = p->fate[i];
        if (i + 1 < p->n && in->row_of[i + 1] == in->row_of[i]) continue;
        t->added += best == FATE_ADDED, t->changed += best == FATE_CHANGED, t->same += best == FATE_SAME;
    }
    t->rows = t->added + t->changed + t->same + t->skipped + t->rejected;
}

static bool put_bad(ledger *l, arena scratch, int64_t import_id, const intake *in, err *e) {
    size_t n = in->n_bad;
    if (!n) return true;
    int64_t *ids = make(&scratch, int64_t, n), *imports = make(&scratch, int64_t, n),
            *lines = make(&scratch, int64_t, n), *at = make(&scratch, int64_t, n), now = l->w->now_us(l->w);
    str *text[5];
    for (int c = 0; c < 5; c++) text[c] = make(&scratch, str, n);
    for (size_t i = 0; i < n; i++) {
        const bad_row *b = &in->bad[i];
        if (!ledger_id(l, &ids[i], e)) return false;
        imports[i] = import_id, lines[i] = b->line, at[i] = now;
        text[0][i] = b->file, text[1][i] = b->field, text[2][i] = b->reason, text[3][i] = b->header,
        text[4][i] = b->raw;
    }
    column cols[] = {{'i', ids, NULL},     {'i', imports, NULL}, {'t', text[0], NULL},
                     {'i', lines, NULL},   {'t', text[1], NULL}, {'t', text[2], NULL},
                     {'t', text[3], NULL}, {'b', text[4], NULL}, {'i', at, NULL}};
    return store_bulk(l->s, Q_quarantine_put, cols, 9, n, NULL, e);
}

// Without the events that must stay out. A row of which nothing is left counts as skipped.
static intake without_refused(const ledger *l, arena *a, const intake *in) {
    const stages *st = &l->st;
    if (!st->refuses || !st->refuses(st->ctx)) return *in;
    intake out = *in;
    event *events = make(a, event, in->n);
    int32_t *rows = make(a, int32_t, in->n);
    bool kept = true; // something of the row at hand
    out.events = events, out.row_of = rows, out.n = 0;
    for (size_t i = 0; i < in->n; i++) {
        bool first = !i || in->row_of[i] != in->row_of[i - 1];
        if (first) out.skipped += !kept, kept = false;
        if (st->refuse(st->ctx, &in->events[i])) continue;
        kept = true;
        events[out.n] = in->events[i], rows[out.n++] = in->row_of[i];
    }
    out.skipped += !kept;
    return out;
}

bool ledger_write(ledger *l, int64_t import_id, const intake *all, tally *t, err *e) {
    *t = (tally){0};
    if (all->n > LEDGER_BATCH) return fail(e, ERR_internal, "a batch of %zu events; at most %d", all->n, LEDGER_BATCH);
    if (!ledger_ready(l, e)) return false;
    int64_t source_id = ledger_import_source(l, import_id);
    if (!source_id) return fail(e, ERR_not_found, "there is no import %" PRId64, import_id);
    arena a = l->work; // a copy: what the batch needs is forgotten with it
    intake kept = without_refused(l, &a, all), *in = &kept;
    plan p;
    batch look;
    bool ok = store_begin(l->s, e);
    ok = ok && plan_make(&p, &a, l, source_id, import_id, in, true, e) &&
         write_new(l, &a, &p, source_id, import_id, e) &&
         stitch(l, &a, &p, source_id, import_id, true, is_known, &look, e) && find_known(l, &a, &p, e) &&
         decide_known(l, a, &p, e) && write_changes(l, &a, &p, source_id, import_id, e) &&
         put_bad(l, a, import_id, in, e) && (!l->st.write || l->st.write(l->st.ctx, e));
    if (ok) {
        count(&p, in, t);
        ok = store_run(l->s, Q_import_count, NULL, e, "iiiiiiii", import_id, t->rows, t->added, t->changed, t->same,
                       t->skipped, t->rejected, l->w->now_us(l->w));
    }
    return ledger_finish(l, ok, e);
}

// ---- a dry run: what a batch would do is remembered, because nothing of it is stored ----

static void dry_begin(ledger *l) {
    arena_reset(&l->dry_life);
    l->dry_at = map64_new(&l->dry_life, 1024);
    l->told = make(&l->dry_life, foretold, DRY_KEYS);
    l->n_told = 0, l->dry_batch = 0;
}

static foretold *told_of(ledger *l, uint64_t key) {
    int32_t i = map64_get(&l->dry_at, (int64_t)key);
    return i < 0 ? NULL : &l->told[i];
}

static void tell(ledger *l, uint64_t key, foretold f) {
    if (l->n_told == DRY_KEYS) return;
    map64_put(&l->dry_at, (int64_t)key, (int32_t)l->n_told);
    l->told[l->n_told++] = f;
}

static foretold version_of(const record *r) {
    uint64_t tie = record_tie(r);
    return (foretold){r->edited_us, r->edited_us, tie, tie, 0};
}

// The new events of a batch, and which of the known ones this dry run has met before.
static void foretell_new(ledger *l, plan *p) {
    l->dry_batch++;
    for (size_t i = 0; i < p->n; i++) {
        if (p->known[i])
            p->told[i] = told_of(l, p->keys[i]) != NULL;
        else
            tell(l, p->keys[i], version_of(&p->now[i])), p->fate[i] = FATE_ADDED;
    }
}

static enum fate foretell_known(ledger *l, const plan *p, size_t i) {
    const record *now = &p->now[i], *then = &p->then[i];
    foretold v = version_of(now), *f = told_of(l, p->keys[i]);
    if (!f) {
        if (!p->found[i] || same_content(now, then) || !newer(now, then)) return FATE_SAME;
        foretold old = version_of(then);
        tell(l, p->keys[i], (foretold){old.edited_us, v.edited_us, old.tie, v.tie, l->dry_batch});
        return FATE_CHANGED;
    }
    if (f->batch < l->dry_batch) f->edited_us = f->next_us, f->tie = f->next_tie;
    if (v.edited_us != f->edited_us ? v.edited_us < f->edited_us : v.tie <= f->tie) return FATE_SAME;
    bool first = f->batch < l->dry_batch; // of several newer versions in one batch one stands
    if (v.edited_us != f->next_us ? v.edited_us > f->next_us : v.tie > f->next_tie)
        f->next_us = v.edited_us, f->next_tie = v.tie;
    f->batch = l->dry_batch;
    return first ? FATE_CHANGED : FATE_SAME;
}

bool ledger_would(ledger *l, int64_t source_id, const intake *all, tally *t, err *e) {
    *t = (tally){0};
    arena a = l->work; // a copy: what the batch needs is forgotten with it
    intake kept = without_refused(l, &a, all), *in = &kept;
    plan p;
    batch look;
    // Keys are taken in memory alone, so that the second of two equal rows is known; the ledger is reloaded before a
    // write.
    bool ok = l->dry || ledger_ready(l, e), take = seen_pending(l->seen) < DRY_KEYS;
    if (ok && !l->dry) dry_begin(l);
    l->stale = l->dry = true;
    ok = ok && plan_make(&p, &a, l, source_id, 0, in, take, e);
    if (ok) foretell_new(l, &p);
    ok = ok && stitch(l, &a, &p, source_id, 0, true, is_known, &look, e) && find_known(l, &a, &p, e);
    for (size_t i = 0; ok && i < p.n; i++)
        if (p.known[i]) p.fate[i] = (uint8_t)foretell_known(l, &p, i);
    if (ok) count(&p, in, t);
    return ok;
}
