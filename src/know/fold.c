#include "base/radix.h"

#include "know/fold_private.h"
#include "sql/know.h"

static str temporary_place(store *s) {
    return store_kind_of(s) == STORE_SQLITE && !str_eq(store_where(s), S(":memory:")) ? store_where(s) : S("");
}

bool fold_open(folder **out, ledger *l, err *e) {
    arena life = arena_open((size_t)1 << 30);
    folder *f = make(&life, folder, 1);
    *f = (folder){
        .l = l, .s = ledger_store(l), .items = make(&life, item, ITEMS), .talks = make(&life, talk_item, TALKS)};
    f->mergers = make(&life, merger, LISTED), f->anew = make(&life, int64_t, 2 * LISTED);
    f->talk_anew = make(&life, int64_t, LISTED);
    f->feedback = feedback_new(&life);
    f->summaries = summary_rows_new(&life, f->s, Q_summary_put);
    f->new_summaries = summary_rows_new(&life, f->s, Q_summary_new);
    f->talk_rows = talk_rows_new(&life, f->s);
    f->scratch = arena_open((size_t)1 << 32);
    bool ok = store_zone(f->s, &life, &f->z, e) && runs_open(&f->item_runs, temporary_place(f->s), sizeof(item), e) &&
              runs_open(&f->talk_runs, temporary_place(f->s), sizeof(talk_item), e);
    f->life = life;
    if (!ok) return fold_close(f), false;
    *out = f;
    return true;
}

void fold_close(folder *f) {
    if (!f) return;
    arena life = f->life;
    runs_close(f->item_runs);
    runs_close(f->talk_runs);
    feedback_close(f->feedback);
    summary_rows_close(f->summaries);
    summary_rows_close(f->new_summaries);
    talk_rows_close(f->talk_rows);
    arena_close(&f->scratch);
    arena_close(&life);
}

void fold_forget(folder *f) {
    f->n_items = f->n_talks = f->n_mergers = f->n_anew = f->n_talk_anew = 0;
    runs_reset(f->item_runs);
    runs_reset(f->talk_runs);
    feedback_forget(f->feedback);
    summary_rows_forget(f->summaries), summary_rows_forget(f->new_summaries), talk_rows_forget(f->talk_rows);
}

bool fold_due(const folder *f) {
    // Replay folds both sides of every merge anew, so a merge counts twice: what is gathered must fit the list then.
    return f->n_items + runs_count(f->item_runs) >= MERGE_AT || 2 * f->n_mergers + f->n_anew >= LISTED / 2 ||
           f->n_talk_anew >= LISTED / 2;
}

// ---- gathering ----

fold_item fold_item_of(const record *r, const said *s, const zone *z) {
    return (fold_item){.customer = r->customer_id,
                       .profile = r->profile_id,
                       .at_us = r->at_us,
                       .value = r->value,
                       .thread = r->thread,
                       .unit = r->unit,
                       .day = kind_class(r->kind) == CLASS_MONEY ? zone_days(z, r->at_us) : 0,
                       .kind = r->kind,
                       .channel = r->channel,
                       .has_value = r->has_value,
                       .complaint = s && s->complaint,
                       .feedback = s && r->kind != KIND_ask && (s->has_score || s->text.len)};
}

fold_item unpack(const folder *f, const item *x) {
    bool money = kind_class(x->kind) == CLASS_MONEY;
    return (fold_item){.customer = (int64_t)x->customer,
                       .at_us = (int64_t)x->at_us,
                       .value = x->value,
                       .thread = x->thread,
                       .unit = x->unit,
                       .day = money ? zone_days(f->z, (int64_t)x->at_us) : 0,
                       .kind = x->kind,
                       .channel = x->channel,
                       .has_value = x->flags & HAS_VALUE,
                       .complaint = x->flags & COMPLAINT,
                       .feedback = x->flags & FEEDBACK,
                       .waiting_known = x->flags & WAITING};
}

// Sorts by the two numbers that every record begins with: the second first, then the first, which keeps that order.
static bool spill_sorted(runs *to, const void *records, size_t n, size_t size, err *e) {
    if (!n) return true;
    arena a = arena_open(n * 2 * sizeof(keyed) + (1 << 20));
    keyed *order = make(&a, keyed, n);
    const char *p = records;
    for (size_t i = 0; i < n; i++) {
        memcpy(&order[i].key, p + i * size + 8, 8);
        order[i].at = (uint32_t)i;
    }
    radix_sort(a, order, n);
    for (size_t i = 0; i < n; i++) memcpy(&order[i].key, p + (size_t)order[i].at * size, 8);
    radix_sort(a, order, n);
    bool ok = runs_add(to, records, order, n, e);
    arena_close(&a);
    return ok;
}

bool spill(folder *f, err *e) {
    if (!spill_sorted(f->item_runs, f->items, f->n_items, sizeof(item), e)) return false;
    f->n_items = 0;
    if (!spill_sorted(f->talk_runs, f->talks, f->n_talks, sizeof(talk_item), e)) return false;
    f->n_talks = 0;
    return true;
}

static bool push(folder *f, const fold_item *x, err *e) {
    if ((f->n_items == ITEMS || f->n_talks == TALKS) && !spill(f, e)) return false;
    if (x->customer)
        f->items[f->n_items++] =
            (item){.customer = (uint64_t)x->customer,
                   .at_us = (uint64_t)x->at_us,
                   .value = x->value,
                   .thread = x->thread,
                   .unit = (int16_t)x->unit,
                   .kind = x->kind,
                   .channel = x->channel,
                   .flags = (uint8_t)(x->has_value * HAS_VALUE | x->complaint * COMPLAINT | x->feedback * FEEDBACK)};
    if (kind_class(x->kind) == CLASS_TALK)
        f->talks[f->n_talks++] = (talk_item){.profile = (uint64_t)x->profile,
                                             .thread = (uint64_t)x->thread,
                                             .at_us = x->at_us,
                                             .customer = x->customer,
                                             .source_id = x->source_id,
                                             .kind = x->kind,
                                             .channel = x->channel};
    return true;
}

static bool customer_of(folder *f, int64_t profile, int64_t *customer, err *e) {
    char list[32];
    snprintf(list, sizeof list, "[%" PRId64 "]", profile);
    *customer = 0;
    for (row r = store_query(f->s, Q_profile_some, e, "t", str_c(list)); row_next(&r);) *customer = row_int(&r, 1);
    return err_ok(e);
}

static bool take_back(folder *f, const record *r, bool replay, err *e) {
    int64_t customer;
    // The row may still wait with the batch.
    if (!replay && (!fold_write(f, e) || !feedback_remove(f->s, r, e))) return false;
    // Nobody has a timeline, but conversations; on replay the kind of what was dropped is not known.
    if (!r->profile_id && !replay && kind_class(r->kind) != CLASS_TALK) return true;
    if (!customer_of(f, r->profile_id, &customer, e)) return false;
    if (f->n_talk_anew == LISTED) f->n_talk_anew = sort_unique(f->talk_anew, f->n_talk_anew);
    if (f->n_talk_anew == LISTED) return fail(e, ERR_too_large, "too many changed events in one batch");
    f->talk_anew[f->n_talk_anew++] = r->profile_id;
    return !customer || fold_anew(f, customer, e);
}

bool fold_record(folder *f, const record *r, int sign, bool replay, err *e) {
    if (sign < 0) return take_back(f, r, replay, e);
    enum kind_class class = kind_class(r->kind);
    if (class == CLASS_FACT || class == CLASS_NONE) return true;
    arena scratch = f->scratch;
    said s;
    bool says = said_of(&scratch, r, &s);
    int64_t source = says || class == CLASS_TALK ? ledger_import_source(f->l, r->import_id) : 0;
    if (says && !replay && !feedback_take(f->feedback, r, &s, source))
        return fail(e, ERR_internal, "a batch says too much");
    fold_item x = fold_item_of(r, says ? &s : NULL, NULL);
    x.source_id = (int32_t)source;
    if (!x.customer && x.profile && !customer_of(f, x.profile, &x.customer, e)) return false;
    if (!x.profile && class != CLASS_TALK) return true; // nobody known: there is no timeline
    return push(f, &x, e);
}

bool fold_merge(folder *f, int64_t from, int64_t into, err *e) {
    if (f->n_mergers == LISTED) return fail(e, ERR_too_large, "too many customers merge in one batch");
    ledger_note(f->l, from), ledger_note(f->l, into);
    f->mergers[f->n_mergers++] = (merger){from, into};
    return true;
}

bool fold_anew(folder *f, int64_t customer, err *e) {
    if (f->n_anew == LISTED) f->n_anew = sort_unique(f->anew, f->n_anew);
    if (f->n_anew == LISTED) return fail(e, ERR_too_large, "too many customers change in one batch");
    ledger_note(f->l, customer);
    f->anew[f->n_anew++] = customer;
    return true;
}

bool fold_write(folder *f, err *e) {
    return feedback_write(f->feedback, f->l, e);
}
