#include "know/timeline.h"

enum { STATE_VERSION = 1, DAYS = 1 << 23 }; // more than any calendar has

// ---- sorted sets ----

// Makes room for one more element of `size` bytes at index i of an array in the arena.
static void *open_gap(arena *a, void *items, int32_t *n, int32_t *room, int32_t i, size_t size, size_t align) {
    char *p = items;
    if (*n == *room) {
        *room = *room ? *room * 2 : 4;
        char *more = arena_alloc(a, size, align, (size_t)*room);
        if (*n) memcpy(more, p, (size_t)*n * size);
        p = more;
    }
    memmove(p + (size_t)(i + 1) * size, p + (size_t)i * size, (size_t)(*n - i) * size);
    memset(p + (size_t)i * size, 0, size);
    (*n)++;
    return p;
}

#define GAP(a, t, list, i)                                                                                             \
    ((t)->list =                                                                                                       \
         open_gap((a), (t)->list, &(t)->n_##list, &(t)->room_##list, (i), sizeof *(t)->list, _Alignof(int64_t)),       \
     &(t)->list[i])

static int cmp64(int64_t x, int64_t y) {
    return (x > y) - (x < y);
}

static int purse_cmp(const purse_entry *x, int32_t day, uint8_t kind, int32_t unit) {
    if (x->day != day) return x->day < day ? -1 : 1;
    if (x->kind != kind) return x->kind < kind ? -1 : 1;
    return (x->unit > unit) - (x->unit < unit);
}

// The entry of a day and kind; events come mostly in order, so the search begins at the end.
static purse_entry *purse_at(arena *a, timeline *t, int32_t day, uint8_t kind, int32_t unit) {
    int32_t lo = 0, hi = t->n_purse;
    if (hi && purse_cmp(&t->purse[hi - 1], day, kind, unit) < 0) lo = hi;
    while (lo < hi) {
        int32_t mid = lo + (hi - lo) / 2;
        if (purse_cmp(&t->purse[mid], day, kind, unit) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo < t->n_purse && !purse_cmp(&t->purse[lo], day, kind, unit)) return &t->purse[lo];
    purse_entry *p = GAP(a, t, purse, lo);
    p->day = day, p->kind = kind, p->unit = unit;
    return p;
}

static int contract_cmp(const contract_entry *x, const contract_entry *y) {
    if (x->thread != y->thread) return cmp64(x->thread, y->thread);
    if (x->at_us != y->at_us) return cmp64(x->at_us, y->at_us);
    if (x->kind != y->kind) return x->kind - y->kind;
    if (x->value != y->value) return cmp64(x->value, y->value);
    return (x->unit > y->unit) - (x->unit < y->unit);
}

static void contract_add(arena *a, timeline *t, contract_entry c) {
    int32_t i = t->n_contracts;
    while (i > 0 && contract_cmp(&t->contracts[i - 1], &c) > 0) i--;
    *GAP(a, t, contracts, i) = c;
}

static void wait_set(arena *a, timeline *t, int64_t thread, int64_t since_us) {
    int32_t i = 0;
    while (i < t->n_waits && t->waits[i].thread < thread) i++;
    bool there = i < t->n_waits && t->waits[i].thread == thread;
    if (there && !since_us) {
        memmove(&t->waits[i], &t->waits[i + 1], (size_t)(t->n_waits - i - 1) * sizeof *t->waits);
        t->n_waits--;
    } else if (since_us) {
        if (!there) GAP(a, t, waits, i)->thread = thread;
        t->waits[i].since_us = since_us;
    }
}

static score_entry *score_at(arena *a, timeline *t, uint8_t instrument) {
    int32_t i = 0;
    while (i < t->n_scores && t->scores[i].instrument < instrument) i++;
    if (i == t->n_scores || t->scores[i].instrument != instrument) GAP(a, t, scores, i)->instrument = instrument;
    return &t->scores[i];
}

// ---- taking events ----

static void span(int64_t *first, int64_t *last, int64_t at_us) {
    if (!*first || at_us < *first) *first = at_us;
    if (!*last || at_us > *last) *last = at_us;
}

static void take_money(arena *a, timeline *t, const fold_item *x) {
    purse_entry *p = purse_at(a, t, x->day, x->kind, x->unit);
    p->count++, p->value = sum64(p->value, x->value);
    if (x->kind == KIND_order) span(&t->first_order_us, &t->last_order_us, x->at_us);
    if (x->kind == KIND_payment) span(&t->first_pay_us, &t->last_pay_us, x->at_us);
}

static void add_score(score_entry *s, int32_t n, int64_t sum, int64_t at_us, int64_t value) {
    if (!s->n || at_us > s->last_us || (at_us == s->last_us && value > s->last)) s->last_us = at_us, s->last = value;
    s->n += n, s->sum = sum64(s->sum, sum);
}

static void take_score(arena *a, timeline *t, const fold_item *x) {
    if (!x->has_value || x->unit <= 0 || x->unit > 255 || x->kind == KIND_ask) return;
    add_score(score_at(a, t, (uint8_t)x->unit), 1, x->value, x->at_us, x->value);
}

static void take_talk(timeline *t, const fold_item *x) {
    t->contacts_in += x->kind == KIND_message_in || x->kind == KIND_call;
    t->contacts_out += x->kind == KIND_message_out || x->kind == KIND_call;
}

void timeline_take(arena *a, timeline *t, const fold_item *x) {
    if (x->waiting_known) {
        wait_set(a, t, x->thread, x->at_us);
        return;
    }
    enum kind_class class = kind_class(x->kind);
    if (class == CLASS_FACT || class == CLASS_NONE) return;
    span(&t->first_us, &t->last_us, x->at_us);
    t->channels |= (uint64_t)1 << (x->channel & 63);
    t->complaints += x->complaint, t->feedback += x->feedback;
    if (class == CLASS_MONEY) take_money(a, t, x);
    if (class == CLASS_SAID) take_score(a, t, x);
    if (class == CLASS_TALK) take_talk(t, x);
    if (class == CLASS_CONTRACT) contract_add(a, t, (contract_entry){x->thread, x->at_us, x->value, x->unit, x->kind});
}

void timeline_merge(arena *a, timeline *t, const timeline *o) {
    if (o->first_us) span(&t->first_us, &t->last_us, o->first_us), span(&t->first_us, &t->last_us, o->last_us);
    if (o->first_order_us)
        span(&t->first_order_us, &t->last_order_us, o->first_order_us),
            span(&t->first_order_us, &t->last_order_us, o->last_order_us);
    if (o->first_pay_us)
        span(&t->first_pay_us, &t->last_pay_us, o->first_pay_us),
            span(&t->first_pay_us, &t->last_pay_us, o->last_pay_us);
    t->contacts_in += o->contacts_in, t->contacts_out += o->contacts_out;
    t->complaints += o->complaints, t->feedback += o->feedback, t->channels |= o->channels;
    for (int32_t i = 0; i < o->n_purse; i++) {
        const purse_entry *x = &o->purse[i];
        purse_entry *p = purse_at(a, t, x->day, x->kind, x->unit);
        p->count += x->count, p->value = sum64(p->value, x->value);
    }
    for (int32_t i = 0; i < o->n_contracts; i++) contract_add(a, t, o->contracts[i]);
    for (int32_t i = 0; i < o->n_waits; i++) wait_set(a, t, o->waits[i].thread, o->waits[i].since_us);
    for (int32_t i = 0; i < o->n_scores; i++) {
        const score_entry *x = &o->scores[i];
        add_score(score_at(a, t, x->instrument), x->n, x->sum, x->last_us, x->last);
    }
}

bool timeline_empty(const timeline *t) {
    return !t->first_us && !t->n_waits;
}

// ---- the stored form ----

static void put(buf *b, int64_t v) {
    buf_varint(b, zigzag(v));
}

// A span inside first_us..last_us: absent, or the distances from both ends, which are mostly nothing.
static void put_span(buf *b, const timeline *t, int64_t first, int64_t last) {
    buf_varint(b, first != 0);
    if (first) put(b, first - t->first_us), put(b, t->last_us - last);
}

void timeline_encode(buf *b, const timeline *t) {
    buf_varint(b, STATE_VERSION);
    put(b, t->first_us), put(b, t->last_us - t->first_us);
    put_span(b, t, t->first_order_us, t->last_order_us);
    put_span(b, t, t->first_pay_us, t->last_pay_us);
    put(b, t->contacts_in), put(b, t->contacts_out), put(b, t->complaints), put(b, t->feedback);
    buf_varint(b, t->channels);
    int32_t day = 0, unit = 0;
    buf_varint(b, (uint64_t)t->n_purse);
    for (int32_t i = 0; i < t->n_purse; i++) {
        const purse_entry *p = &t->purse[i];
        // One number for kind, "the same unit as before" and "one event", which is what nearly every entry is.
        buf_varint(b, (uint64_t)p->kind << 2 | (uint64_t)(p->unit == unit) << 1 | (p->count == 1));
        put(b, (int64_t)p->day - day), put(b, p->value);
        if (p->unit != unit) put(b, p->unit);
        if (p->count != 1) put(b, p->count);
        day = p->day, unit = p->unit;
    }
    buf_varint(b, (uint64_t)t->n_contracts);
    for (int32_t i = 0; i < t->n_contracts; i++) {
        const contract_entry *c = &t->contracts[i];
        put(b, c->thread), put(b, c->at_us), buf_varint(b, c->kind), put(b, c->value), put(b, c->unit);
    }
    buf_varint(b, (uint64_t)t->n_waits);
    for (int32_t i = 0; i < t->n_waits; i++) put(b, t->waits[i].thread), put(b, t->waits[i].since_us);
    buf_varint(b, (uint64_t)t->n_scores);
    for (int32_t i = 0; i < t->n_scores; i++) {
        const score_entry *s = &t->scores[i];
        buf_varint(b, s->instrument), put(b, s->n), put(b, s->sum), put(b, s->last_us), put(b, s->last);
    }
}

typedef struct {
    str rest;
    bool bad;
} reader;

static uint64_t get_u(reader *r) {
    uint64_t v = 0;
    if (!r->bad && !buf_read_varint(&r->rest, &v)) r->bad = true;
    return r->bad ? 0 : v;
}

static int64_t get(reader *r) {
    return unzigzag(get_u(r));
}

// A number within bounds.
static int64_t get_in(reader *r, int64_t lo, int64_t hi) {
    int64_t v = get(r);
    r->bad |= v < lo || v > hi;
    return r->bad ? lo : v;
}

static uint8_t get_kind(reader *r, uint64_t kind, enum kind lo, enum kind hi) {
    r->bad |= kind < (uint64_t)lo || kind > (uint64_t)hi;
    return (uint8_t)kind;
}

// A count that the bytes left can hold.
static int32_t get_count(reader *r) {
    uint64_t n = get_u(r);
    if (n > r->rest.len) r->bad = true;
    return r->bad ? 0 : (int32_t)n;
}

static void get_span(reader *r, const timeline *t, int64_t *first, int64_t *last) {
    if (!get_u(r)) return;
    *first = sum64(t->first_us, get_in(r, 0, INT64_MAX)), *last = sum64(t->last_us, -get_in(r, 0, INT64_MAX));
    r->bad |= *first > *last || *first < t->first_us || *last > t->last_us || !*first || !*last;
}

static void get_purse(arena *a, reader *r, timeline *t) {
    t->n_purse = t->room_purse = get_count(r);
    t->purse = make(a, purse_entry, t->n_purse + 1);
    int32_t day = 0, unit = 0;
    for (int32_t i = 0; i < t->n_purse && !r->bad; i++) {
        uint64_t tag = get_u(r);
        purse_entry *p = &t->purse[i];
        p->kind = get_kind(r, tag >> 2, KIND_order, KIND_payment);
        int64_t to = sum64(day, get(r));
        r->bad |= to < -DAYS || to > DAYS;
        p->day = day = (int32_t)to;
        p->value = get(r);
        p->unit = unit = tag & 2 ? unit : (int32_t)get_in(r, INT32_MIN, INT32_MAX);
        p->count = tag & 1 ? 1 : (int32_t)get_in(r, 1, INT32_MAX);
        r->bad |= i && purse_cmp(&p[-1], p->day, p->kind, p->unit) >= 0;
    }
}

static void get_contracts(arena *a, reader *r, timeline *t) {
    t->n_contracts = t->room_contracts = get_count(r);
    t->contracts = make(a, contract_entry, t->n_contracts + 1);
    for (int32_t i = 0; i < t->n_contracts && !r->bad; i++) {
        contract_entry *c = &t->contracts[i];
        c->thread = get(r), c->at_us = get(r);
        c->kind = get_kind(r, get_u(r), KIND_contract_start, KIND_contract_end);
        c->value = get(r), c->unit = (int32_t)get_in(r, INT32_MIN, INT32_MAX);
        r->bad |= i && contract_cmp(&c[-1], c) > 0;
    }
}

static void get_waits(arena *a, reader *r, timeline *t) {
    t->n_waits = t->room_waits = get_count(r);
    t->waits = make(a, wait_entry, t->n_waits + 1);
    for (int32_t i = 0; i < t->n_waits && !r->bad; i++) {
        wait_entry *w = &t->waits[i];
        w->thread = get(r), w->since_us = get(r);
        r->bad |= !w->since_us || (i && w[-1].thread >= w->thread);
    }
}

static void get_scores(arena *a, reader *r, timeline *t) {
    t->n_scores = t->room_scores = get_count(r);
    t->scores = make(a, score_entry, t->n_scores + 1);
    for (int32_t i = 0; i < t->n_scores && !r->bad; i++) {
        score_entry *s = &t->scores[i];
        uint64_t instrument = get_u(r);
        s->instrument = (uint8_t)instrument;
        s->n = (int32_t)get_in(r, 1, INT32_MAX), s->sum = get(r), s->last_us = get(r), s->last = get(r);
        r->bad |= instrument < 1 || instrument > 255 || (i && s[-1].instrument >= s->instrument);
    }
}

// Whatever the bytes are, what comes out has the order that taking events gives; all else is damage.
bool timeline_decode(arena *a, str state, timeline *t, err *e) {
    reader r = {.rest = state};
    *t = (timeline){0};
    if (get_u(&r) != STATE_VERSION)
        return fail(e, ERR_corrupt, "a customer's stored state is of another version; run heed verify --repair");
    t->first_us = get(&r), t->last_us = sum64(t->first_us, get_in(&r, 0, INT64_MAX));
    r.bad |= t->last_us < t->first_us || !t->first_us != !t->last_us; // 0 is never
    get_span(&r, t, &t->first_order_us, &t->last_order_us);
    get_span(&r, t, &t->first_pay_us, &t->last_pay_us);
    t->contacts_in = get_in(&r, 0, INT32_MAX), t->contacts_out = get_in(&r, 0, INT32_MAX);
    t->complaints = get_in(&r, 0, INT32_MAX), t->feedback = get_in(&r, 0, INT32_MAX);
    t->channels = get_u(&r);
    get_purse(a, &r, t), get_contracts(a, &r, t), get_waits(a, &r, t), get_scores(a, &r, t);
    if (r.bad || r.rest.len)
        return fail(e, ERR_corrupt, "a customer's stored state is damaged; run heed verify --repair");
    return true;
}
