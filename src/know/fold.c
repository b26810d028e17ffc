#include "know/fold_private.h"

bool fold_open(folder **out, ledger *l, err *e) {
    arena life = arena_open((size_t)1 << 30);
    folder *f = make(&life, folder, 1);
    *f = (folder){.l = l, .s = ledger_store(l), .items = make(&life, packed, ITEMS + SLACK)};
    f->more = make(&life, packed_more, ITEMS + SLACK);
    f->mergers = make(&life, merger, ITEMS), f->anew = make(&life, int64_t, ITEMS);
    f->talk_anew = make(&life, int64_t, ITEMS);
    f->feedback = feedback_new(&life);
    f->summaries = summary_rows_new(&life, f->s);
    f->talks = talk_rows_new(&life, f->s);
    f->scratch = arena_open((size_t)1 << 32);
    bool ok = store_zone(f->s, &life, &f->z, e);
    f->life = life;
    if (!ok) return fold_close(f), false;
    *out = f;
    return true;
}

void fold_close(folder *f) {
    if (!f) return;
    arena life = f->life;
    feedback_close(f->feedback);
    summary_rows_close(f->summaries);
    talk_rows_close(f->talks);
    arena_close(&f->scratch);
    arena_close(&life);
}

void fold_forget(folder *f) {
    f->n_items = f->n_more = f->n_mergers = f->n_anew = f->n_talk_anew = 0;
    feedback_forget(f->feedback);
}

bool fold_due(const folder *f) {
    return f->n_items >= ITEMS - SLACK || f->n_mergers >= ITEMS / 2 || f->n_anew >= ITEMS / 2 ||
           f->n_talk_anew >= ITEMS / 2;
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

fold_item unpack(const folder *f, const packed *p) {
    fold_item x = {.customer = p->customer, .at_us = p->at_us, .value = p->value, .unit = p->unit, .kind = p->kind, .channel = p->channel,
                   .has_value = p->flags & HAS_VALUE, .complaint = p->flags & COMPLAINT, .feedback = p->flags & FEEDBACK};
    if (kind_class(p->kind) == CLASS_MONEY) x.day = zone_days(f->z, p->at_us);
    if (p->more) {
        const packed_more *m = &f->more[p->more - 1];
        x.profile = m->profile, x.thread = m->thread, x.source_id = m->source_id;
    }
    return x;
}

static bool push(folder *f, fold_item x, err *e) {
    if (f->n_items == ITEMS + SLACK) return fail(e, ERR_internal, "a batch of more than %d events", SLACK);
    packed *p = &f->items[f->n_items++];
    *p = (packed){.customer = x.customer, .at_us = x.at_us, .value = x.value, .unit = (int16_t)x.unit, .kind = x.kind, .channel = x.channel};
    p->flags = (uint32_t)(x.has_value * HAS_VALUE | x.complaint * COMPLAINT | x.feedback * FEEDBACK) & 15;
    enum kind_class class = kind_class(x.kind);
    if (class != CLASS_TALK && class != CLASS_CONTRACT) return true;
    f->more[f->n_more++] = (packed_more){x.profile, x.thread, x.source_id};
    p->more = (uint32_t)f->n_more & ((1u << 28) - 1);
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
    if (!r->profile_id && kind_class(r->kind) != CLASS_TALK) return true;
    if (!customer_of(f, r->profile_id, &customer, e)) return false;
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
    if (says && !replay && !feedback_take(f->feedback, r, &s, ledger_import_source(f->l, r->import_id)))
        return fail(e, ERR_internal, "a batch says too much");
    fold_item x = fold_item_of(r, says ? &s : NULL, f->z);
    x.source_id = (int32_t)ledger_import_source(f->l, r->import_id);
    if (!x.customer && x.profile && !customer_of(f, x.profile, &x.customer, e)) return false;
    if (!x.profile && class != CLASS_TALK) return true; // nobody known: there is no timeline
    return push(f, x, e);
}

bool fold_merge(folder *f, int64_t from, int64_t into, err *e) {
    (void)e;
    ledger_note(f->l, from), ledger_note(f->l, into);
    f->mergers[f->n_mergers++] = (merger){from, into};
    return true;
}

bool fold_anew(folder *f, int64_t customer, err *e) {
    (void)e;
    ledger_note(f->l, customer);
    f->anew[f->n_anew++] = customer;
    return true;
}

bool fold_write(folder *f, err *e) {
    return feedback_write(f->feedback, f->l, e);
}
