#include "jobs/take.h"

enum { REASON = 400 };

// What stands in quotes differs from row to row.
static str reason_kind(char room[REASON], str reason) {
    size_t n = 0;
    for (size_t i = 0; i < reason.len && n + 8 < REASON; i++) {
        char c = reason.s[i];
        bool opens = (c == '"' || c == '\'') && (i == 0 || reason.s[i - 1] == ' ');
        size_t end = i + 1;
        while (opens && end < reason.len && reason.s[end] != c) end++;
        room[n++] = c;
        if (!opens || end >= reason.len) continue;
        memcpy(room + n, "…", strlen("…"));
        n += strlen("…");
        room[n++] = c;
        i = end;
    }
    return (str){room, n};
}

static void count_reason(arena *life, take_reason *list, size_t *n, str field, str reason, int64_t count) {
    char room[REASON];
    str kind = reason_kind(room, reason);
    size_t i = 0;
    while (i < *n && !(str_eq(list[i].field, field) && str_eq(list[i].reason, kind))) i++;
    if (i == *n && i == TAKE_REASONS - 1)
        list[(*n)++] = (take_reason){S(""), S("other reasons"), 0};
    else if (i == *n && i < TAKE_REASONS)
        list[(*n)++] = (take_reason){str_dup(life, field), str_dup(life, kind), 0};
    list[MIN(i, TAKE_REASONS - 1)].n += count;
}

static taken *part_of(take *t, str source) {
    for (size_t i = 0; i < t->n_parts; i++)
        if (str_eq(t->parts[i].source, source)) return &t->parts[i];
    if (t->n_parts == t->room_parts) {
        taken *more = make(t->life, taken, t->room_parts = t->room_parts ? t->room_parts * 2 : 16);
        if (t->n_parts) memcpy(more, t->parts, t->n_parts * sizeof *more);
        t->parts = more;
    }
    t->parts[t->n_parts] = (taken){.source = str_dup(t->life, source)};
    return &t->parts[t->n_parts++];
}

// A source that is not there yet has no number in a dry run; none of its events can be known.
static bool begin_part(take *t, taken *p, enum channel channel, err *e) {
    if (t->dry) {
        const origin *known = source_by_name(t->known, p->source);
        p->source_id = known ? known->id : -(int64_t)t->n_parts;
        return true;
    }
    return ledger_source(t->l, p->source, t->adapter, channel, t->sample, &p->source_id, e) &&
           ledger_import_begin(t->l, p->source_id, t->name, t->mapping, &p->import_id, e);
}

static void count_reasons(take *t, const pump_batch *b) {
    for (size_t i = 0; i < b->n_bad; i++)
        count_reason(t->life, t->bad, &t->n_bad, b->bad[i].field, b->bad[i].reason, 1);
    for (int i = 0; i < b->n_whys; i++)
        count_reason(t->life, t->skipped, &t->n_skipped, S(""), b->whys[i].why, b->whys[i].n);
}

bool take_batch(take *t, const pump_batch *b, err *e) {
    taken *p = part_of(t, b->source.len ? b->source : t->source);
    tally now;
    intake in = {.events = b->events,
                 .row_of = b->row_of,
                 .n = b->n,
                 .rows = b->rows,
                 .skipped = b->skipped,
                 .bad = b->bad,
                 .n_bad = b->n_bad};
    if (!p->source_id && !begin_part(t, p, b->source.len ? b->channel : t->channel, e)) return false;
    bool ok = t->dry ? ledger_would(t->l, p->source_id, &in, &now, e) : ledger_write(t->l, p->import_id, &in, &now, e);
    if (!ok) return false;
    tally_add(&p->t, &now);
    tally_add(&t->sum, &now);
    count_reasons(t, b);
    return true;
}

bool take_end(take *t, err *e) {
    for (size_t i = 0; i < t->n_parts && !t->dry; i++) {
        int64_t id = t->parts[i].import_id;
        if (!ledger_import_end(t->l, id, e)) return false;
        if (t->parts[i].t.rejected && !store_run(ledger_store(t->l), Q_quarantine_again, NULL, e, "i", id))
            return false;
    }
    return true;
}

void take_stop(take *t) {
    err quiet = {0};
    int64_t now = ledger_world(t->l)->now_us(ledger_world(t->l));
    for (size_t i = 0; !t->dry && i < t->n_parts; i++)
        if (!store_run(ledger_store(t->l), Q_import_end, NULL, &quiet, "iii", t->parts[i].import_id, (int64_t)3, now))
            return;
}
