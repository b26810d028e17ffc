#include "ledger/ledger.h"
#include "ledger/private.h"
#include "sql/ledger.h"

enum { TAIL_ADD, TAIL_DROP, TAIL_NOTE };
enum { OWES_ALL, OWES_KEYS }; // of a row of the tail

void tally_add(tally *sum, const tally *t) {
    sum->rows += t->rows, sum->added += t->added, sum->changed += t->changed, sum->same += t->same;
    sum->skipped += t->skipped, sum->rejected += t->rejected;
    sum->events_added += t->events_added, sum->events_changed += t->events_changed;
    sum->events_same += t->events_same;
}

// ---- opening ----

static bool load_next_id(ledger *l, err *e) {
    l->next_id = 1;
    for (row r = store_query(l->s, Q_meta_value, e, "t", S("next_id")); row_next(&r);)
        if (!str_i64(row_str(&r, 0), &l->next_id))
            return row_end(&r), fail(e, ERR_corrupt, "meta 'next_id' is not a number");
    l->saved_id = l->next_id;
    return err_ok(e);
}

static bool load_sources(ledger *l, err *e) {
    l->n_sources = 0;
    for (row r = store_query(l->s, Q_source_list, e, ""); row_next(&r);) {
        assert(l->n_sources < MAX_SOURCES);
        l->sources[l->n_sources++] = (source_row){.id = row_int(&r, 0),
                                                  .name = str_dup(&l->life, row_str(&r, 1)),
                                                  .channel = (enum channel)row_int(&r, 3),
                                                  .sample = row_int(&r, 4) != 0};
    }
    return err_ok(e);
}

static bool load_imports(ledger *l, err *e) {
    for (row r = store_query(l->s, Q_import_sources, e, ""); row_next(&r);)
        for (size_t i = 0; i < l->n_sources; i++)
            if (l->sources[i].id == row_int(&r, 1)) map64_put(&l->imports, row_int(&r, 0), (int32_t)i);
    return err_ok(e);
}

static bool load_seq(ledger *l, err *e) {
    return store_int(l->s, Q_tail_any, &l->tail_seq, 0, e, "");
}

bool ledger_open(ledger **out, store *s, const world *w, err *e) {
    arena life = arena_open((size_t)1 << 30);
    ledger *l = make(&life, ledger, 1);
    *l = (ledger){.s = s,
                  .w = w,
                  .sources = make(&life, source_row, MAX_SOURCES),
                  .tail_life = arena_open((size_t)1 << 30),
                  .keys_life = arena_open((size_t)1 << 28),
                  .work = arena_open((size_t)1 << 33)};
    l->tail = buf_new(&l->tail_life, (size_t)256 << 20);
    l->keys = buf_new(&l->keys_life, (size_t)64 << 20);
    l->life = life;
    l->imports = map64_new(&l->life, 64);
    l->dry_life = arena_open((size_t)1 << 30);
    if (!load_next_id(l, e) || !load_sources(l, e) || !load_imports(l, e) || !load_seq(l, e) ||
        !seen_open(&l->seen, s, e))
        return ledger_close(l), false;
    *out = l;
    return true;
}

void ledger_close(ledger *l) {
    if (!l) return;
    seen_close(l->seen);
    arena_close(&l->tail_life);
    arena_close(&l->keys_life);
    arena_close(&l->work);
    arena_close(&l->dry_life);
    arena life = l->life;
    arena_close(&life);
}

store *ledger_store(ledger *l) {
    return l->s;
}
const world *ledger_world(const ledger *l) {
    return l->w;
}

bool ledger_id(ledger *l, int64_t *id, err *e) {
    if (l->next_id == INT64_MAX) return fail(e, ERR_internal, "identifiers are used up");
    *id = l->next_id++;
    return true;
}

static bool save_next_id(ledger *l, err *e) {
    if (l->next_id == l->saved_id) return true;
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, l->next_id);
    if (!store_run(l->s, Q_meta_set, NULL, e, "tt", S("next_id"), str_c(text))) return false;
    l->saved_id = l->next_id;
    return true;
}

bool ledger_commit(ledger *l, err *e) {
    if (save_next_id(l, e) && store_commit(l->s, e)) return true;
    l->saved_id = 0; // what was saved may not be stored
    return false;
}

// ---- sources and imports ----

static source_row *source_by_id(const ledger *l, int64_t id) {
    for (size_t i = 0; i < l->n_sources; i++)
        if (l->sources[i].id == id) return &l->sources[i];
    return NULL;
}

str ledger_source_name(const ledger *l, int64_t source_id) {
    const source_row *r = source_by_id(l, source_id);
    return r ? r->name : S("");
}

bool ledger_source_is_sample(const ledger *l, int64_t source_id) {
    const source_row *r = source_by_id(l, source_id);
    return r && r->sample;
}

bool ledger_source(ledger *l, str name, str adapter, enum channel channel, bool sample, int64_t *id, err *e) {
    for (size_t i = 0; i < l->n_sources; i++) {
        if (!str_eq(l->sources[i].name, name)) continue;
        if (l->sources[i].sample != sample)
            return fail(e, ERR_conflict, "source '%.*s' %s sample data; name another with --source", STR_ARG(name),
                        sample ? "does not hold" : "holds");
        *id = l->sources[i].id;
        return true;
    }
    if (l->n_sources == MAX_SOURCES) return fail(e, ERR_too_large, "more than %d sources", MAX_SOURCES);
    if (!store_begin(l->s, e)) return false;
    bool ok = store_int(l->s, Q_source_last, id, 0, e, "") && ++*id &&
              store_run(l->s, Q_source_put, NULL, e, "ittiii", *id, name, adapter, (int64_t)channel, (int64_t)sample,
                        l->w->now_us(l->w)) &&
              ledger_commit(l, e);
    if (!ok) return store_rollback(l->s), false;
    l->sources[l->n_sources++] = (source_row){*id, str_dup(&l->life, name), channel, sample};
    return true;
}

bool ledger_import_begin(ledger *l, int64_t source_id, str name, str mapping, int64_t *id, err *e) {
    if (!store_begin(l->s, e)) return false;
    // Imports have numbers of their own: people type them, and every event carries one.
    bool ok = store_int(l->s, Q_import_last, id, 0, e, "") && ++*id &&
              store_run(l->s, Q_import_put, NULL, e, "iitti", *id, source_id, name, mapping, l->w->now_us(l->w)) &&
              ledger_commit(l, e);
    if (!ok) return store_rollback(l->s), false;
    for (size_t i = 0; i < l->n_sources; i++)
        if (l->sources[i].id == source_id) map64_put(&l->imports, *id, (int32_t)i);
    return true;
}

int64_t ledger_import_source(const ledger *l, int64_t import_id) {
    int32_t i = map64_get(&l->imports, import_id);
    return i < 0 ? 0 : l->sources[i].id;
}

// ---- the tail: what is durable but not merged ----

void ledger_note(ledger *l, int64_t note) {
    buf_addc(&l->tail, TAIL_NOTE);
    buf_varint(&l->tail, zigzag(note));
}

static void tail_empty(ledger *l) {
    buf_reset(&l->tail);
    l->tail_us = 0;
}

static void tail_event(ledger *l, const record *r, int sign) {
    buf_addc(&l->tail, sign > 0 ? TAIL_ADD : TAIL_DROP);
    buf_varint(&l->tail, (uint64_t)r->profile_id);
    buf_varint(&l->tail, zigzag(r->at_us - l->tail_us)); // from the event before it, which is mostly near
    l->tail_us = r->at_us;
    buf_bytes(&l->tail, &r->key, sizeof r->key);
}

static bool tail_write(ledger *l, err *e) {
    if (l->tail.full) return fail(e, ERR_internal, "a batch leaves too long a tail");
    if (!l->tail.len) return true;
    if (!store_run(l->s, Q_tail_put, NULL, e, "ib", l->tail_seq + 1, buf_str(&l->tail))) return false;
    l->tail_seq++, l->batches++;
    tail_empty(l);
    return true;
}

static bool fold(ledger *l, const record *r, int sign, bool replay, err *e) {
    if (!replay) tail_event(l, r, sign);
    return !l->st.fold || l->st.fold(l->st.ctx, r, sign, replay, e);
}

static bool replay_event(ledger *l, arena scratch, str *rest, bool add, err *e) {
    uint64_t profile, step;
    record r = {0}, stored;
    if (!buf_read_varint(rest, &profile) || !buf_read_varint(rest, &step) || rest->len < 8)
        return fail(e, ERR_corrupt, "the tail is cut short");
    r.at_us = l->tail_us += unzigzag(step);
    memcpy(&r.key, rest->s, 8);
    *rest = str_sub(*rest, 8, rest->len);
    r.profile_id = (int64_t)profile, r.period = event_period(r.at_us);
    uint64_t key = (uint64_t)r.key;
    if (!add) return fold(l, &r, -1, true, e);
    seen_add(l->seen, &key, 1);
    if (seen_pending(l->seen) >= SEEN_MERGE && !seen_merge(l->seen, e)) return false;
    if (ledger_get(l->s, &scratch, r.period, r.profile_id, r.at_us, r.key, &stored, e))
        return fold(l, &stored, 1, true, e);
    return err_ok(e); // a later version took its place
}

static bool replay_blob(ledger *l, arena scratch, str rest, err *e) {
    l->tail_us = 0;
    while (rest.len) {
        char tag = rest.s[0];
        uint64_t v;
        rest = str_sub(rest, 1, rest.len);
        if (tag == TAIL_NOTE) {
            if (!buf_read_varint(&rest, &v)) return fail(e, ERR_corrupt, "the tail is cut short");
            if (l->st.noted && !l->st.noted(l->st.ctx, unzigzag(v), e)) return false;
        } else if (!replay_event(l, scratch, &rest, tag == TAIL_ADD, e))
            return false;
        l->replayed++;
    }
    return true;
}

static void replay_keys(ledger *l, str keys) {
    uint64_t key;
    for (; keys.len >= sizeof key; keys = str_sub(keys, sizeof key, keys.len)) {
        memcpy(&key, keys.s, sizeof key);
        seen_add(l->seen, &key, 1);
    }
}

// The rows of the tail in turn; one is read, replayed and forgotten before the next, since there may be many.
static bool replay_tail(ledger *l, err *e) {
    arena a = arena_open((size_t)1 << 30);
    int64_t seq = 0, owes = 0;
    for (bool more = true; more && err_ok(e);) {
        str blob = {0};
        arena_reset(&a);
        more = false;
        for (row r = store_query(l->s, Q_tail_next, e, "i", seq); row_next(&r);)
            seq = row_int(&r, 0), blob = str_dup(&a, row_str(&r, 1)), owes = row_int(&r, 2), more = true;
        if (more && owes == OWES_KEYS)
            replay_keys(l, blob);
        else if (more && !replay_blob(l, a, blob, e))
            break;
        if (seen_pending(l->seen) >= SEEN_MERGE && !seen_merge(l->seen, e)) break;
    }
    arena_close(&a);
    return err_ok(e);
}

static bool merge_all(ledger *l, err *e) {
    if (l->st.flush && !l->st.flush(l->st.ctx, e)) return false;
    if (!seen_merge(l->seen, e) || !store_run(l->s, Q_tail_clear, NULL, e, "")) return false;
    tail_empty(l);
    buf_reset(&l->keys);
    l->batches = 0;
    return true;
}

// Keys alone: what the tail still owes for its events is summaries.
static bool merge_keys(ledger *l, err *e) {
    if (!seen_merge(l->seen, e) || !store_run(l->s, Q_tail_settled, NULL, e, "i", (int64_t)OWES_KEYS)) return false;
    buf_reset(&l->keys);
    return true;
}

// Summaries alone: a bucket of keys is much larger than a key, so keys stay in the tail until they are many.
static bool merge_summaries(ledger *l, err *e) {
    if (l->st.flush && !l->st.flush(l->st.ctx, e)) return false;
    if (l->keys.len && !store_run(l->s, Q_tail_put_keys, NULL, e, "ib", l->tail_seq + 1, buf_str(&l->keys)))
        return false;
    if (!store_run(l->s, Q_tail_settled, NULL, e, "i", (int64_t)OWES_ALL)) return false;
    l->tail_seq++;
    buf_reset(&l->keys);
    l->batches = 0;
    return true;
}

// What is durable but not merged is replayed and merged, in one transaction.
static bool recover(ledger *l, err *e) {
    l->replayed = 0;
    if (!l->tail_seq) return true;
    if (!store_begin(l->s, e)) return false;
    bool ok = replay_tail(l, e) && merge_all(l, e) && ledger_commit(l, e);
    if (!ok)
        store_rollback(l->s);
    else
        l->tail_seq = 0;
    return ok;
}

// After a transaction that failed half-way, what is in memory may be ahead of the store: start again from the tail.
static bool reload(ledger *l, err *e) {
    seen_close(l->seen);
    l->seen = NULL;
    tail_empty(l);
    buf_reset(&l->keys);
    if (l->st.forget) l->st.forget(l->st.ctx);
    bool ok = seen_open(&l->seen, l->s, e) && load_next_id(l, e) && load_seq(l, e) && recover(l, e);
    l->stale = !ok, l->dry = false;
    return ok;
}

bool ledger_start(ledger *l, stages st, int64_t *replayed, err *e) {
    l->st = st;
    bool ok = recover(l, e);
    if (ok && replayed) *replayed = l->replayed;
    return ok;
}

bool ledger_ready(ledger *l, err *e) {
    return !l->stale || reload(l, e);
}

// Ends a transaction whose work went well or not; a failure leaves the ledger to be reloaded before its next use.
bool ledger_finish(ledger *l, bool ok, err *e) {
    bool due = ok && l->st.due && l->st.due(l->st.ctx);
    ok = ok && (due ? merge_all(l, e) : tail_write(l, e));
    // Keys are merged sooner than summaries: they take the memory.
    if (ok && seen_pending(l->seen) >= SEEN_MERGE) ok = merge_keys(l, e);
    ok = ok && ledger_commit(l, e);
    if (!ok) store_rollback(l->s), l->stale = true;
    return ok;
}

bool ledger_flush(ledger *l, err *e) {
    if (!ledger_ready(l, e) || !store_begin(l->s, e)) return false;
    bool ok = merge_all(l, e) && ledger_commit(l, e);
    if (!ok) store_rollback(l->s), l->stale = true;
    return ok;
}

bool ledger_settle(ledger *l, err *e) {
    if (!ledger_ready(l, e)) return false;
    if (!l->batches) return true;
    if (!store_begin(l->s, e)) return false;
    bool ok = seen_pending(l->seen) >= SETTLED_KEYS ? merge_all(l, e) : merge_summaries(l, e);
    ok = ok && ledger_commit(l, e);
    if (!ok) store_rollback(l->s), l->stale = true;
    return ok;
}

bool ledger_import_end(ledger *l, int64_t import_id, err *e) {
    return ledger_flush(l, e) &&
           store_run(l->s, Q_import_end, NULL, e, "iii", import_id, (int64_t)1, l->w->now_us(l->w));
}

bool ledger_fold(ledger *l, const record *r, int sign, bool fresh, err *e) {
    if (fresh) buf_bytes(&l->keys, &r->key, sizeof r->key);
    return fold(l, r, sign, false, e);
}
