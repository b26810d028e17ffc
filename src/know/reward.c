#include "base/civil.h"
#include "base/json.h"
#include "base/map64.h"

#include "know/reward.h"

enum { ID_BITS = 53, WHY_MOST = 400, DISCLOSURE_MOST = 1000 };
#define MOST_POINTS INT64_C(1000000000000) // of one entry, so that no sum of them leaves 64 bits

static const struct {
    const char *name, *text;
    bool gains;
} rows[REWARD_WHATS] = {
#define REWARD(name, id, gains, text) [id] = {#name, text, gains},
#include "know/rewards.def"
};

const char *reward_what_name(enum reward_what w) {
    return w > REWARD_none && w < REWARD_WHATS ? rows[w].name : "";
}

enum reward_what reward_what_of(str name) {
    for (int w = REWARD_none + 1; w < REWARD_WHATS; w++)
        if (str_eq_ci(name, str_c(rows[w].name))) return (enum reward_what)w;
    return REWARD_none;
}

int64_t reward_id(int64_t key) {
    int64_t id = (int64_t)((uint64_t)key & ((UINT64_C(1) << ID_BITS) - 1));
    return id ? id : 1;
}

// ---- what an event says ----

// At most so many bytes, cut between characters.
static str cut(arena *a, str x, size_t most) {
    size_t n = MIN(x.len, most);
    while (n && n < x.len && ((unsigned char)x.s[n] & 0xC0) == 0x80) n--;
    return str_dup(a, str_sub(x, 0, n));
}

static int64_t whole(const json_t *doc, const char *name) {
    const json_t *v = json_object_get(doc, name);
    return json_is_integer(v) ? json_integer_value(v) : 0;
}

// The number of an entry, or the name that its own source has for it.
static int64_t named(const json_t *doc, const char *name, int64_t source_id) {
    str text = json_at(doc, name);
    return text.len ? reward_id((int64_t)event_key(source_id, text)) : MAX(whole(doc, name), 0);
}

// Microseconds, or a time as systems write them.
static int64_t moment(const json_t *doc, const char *name) {
    int64_t at_us = 0;
    str text = json_at(doc, name);
    if (!text.len) return MAX(whole(doc, name), 0);
    return time_parse(text, NULL, 0, &at_us) ? MAX(at_us, 0) : 0;
}

static void read_body(arena *a, const json_t *doc, reward_entry *x) {
    uint64_t key = 0;
    x->what = reward_what_of(json_at(doc, "topic"));
    x->why = cut(a, json_at(doc, "text"), WHY_MOST);
    x->disclosure = cut(a, json_at(doc, "disclosure"), DISCLOSURE_MOST);
    x->names = named(doc, x->what == REWARD_expire ? "lot" : "reverses", x->source_id);
    if (str_u64_hex(json_at(doc, "for"), &key)) x->for_key = (int64_t)key;
    x->for_profile = whole(doc, "for_profile"), x->for_us = whole(doc, "for_us");
    x->until_us = moment(doc, "expires"), x->from_us = moment(doc, "from");
    x->programme = whole(doc, "programme");
}

// Other systems write what is spent with or without a minus; only a reversal may go either way.
static void set_points(const record *r, reward_entry *x) {
    int64_t v = r->has_value ? r->value : 0;
    v = MAX(MIN(v, MOST_POINTS), -MOST_POINTS);
    if (!x->what) x->what = v < 0 ? REWARD_redeem : REWARD_bonus;
    if (rows[x->what].gains && v < 0) x->what = REWARD_redeem;
    if (x->what == REWARD_redeem || x->what == REWARD_expire) v = v < 0 ? v : -v;
    x->points = v;
}

bool reward_entry_of(arena *a, const record *r, int64_t source_id, reward_entry *out) {
    json_t *doc = NULL;
    err quiet = {0};
    if (r->kind != KIND_reward) return false;
    *out = (reward_entry){.profile_id = r->profile_id,
                          .at_us = r->at_us,
                          .key = r->key,
                          .id = reward_id(r->key),
                          .source_id = source_id,
                          .unit = r->unit};
    if (r->body.len && json_read(r->body, &doc, &quiet)) read_body(a, doc, out);
    json_decref(doc);
    set_points(r, out);
    if (rows[out->what].gains)
        out->from_us = MAX(out->from_us, out->at_us);
    else
        out->from_us = out->until_us = 0;
    return true;
}

// ---- the fold ----

// What an entry took from a lot.
typedef struct {
    size_t lot; // index among the entries
    int64_t points;
} took;

typedef struct {
    reward_entry *x;
    size_t n;
    int64_t *eff_us; // when it has its effect: a reversal not before what it takes back
    size_t *order;
    size_t *lots, n_lots, head; // gains met so far, in order; none before head has anything left
    took *tooks;
    size_t n_tooks, room_tooks, *first, *many; // per entry: where its tooks stand
    map64 at;                                  // number → index
    arena *a;
} folding;

static bool is_gain(const reward_entry *x) {
    return rows[x->what].gains && x->points > 0;
}

static ptrdiff_t target(const folding *f, const reward_entry *x) {
    int32_t i = x->names ? map64_get(&f->at, x->names) : -1;
    return i >= 0 && &f->x[i] != x ? i : -1;
}

static int rank(enum reward_what w) {
    static const int ranks[REWARD_WHATS] = {[REWARD_redeem] = 1, [REWARD_reverse] = 2, [REWARD_expire] = 3};
    return ranks[w];
}

static int by_effect(const void *a, const void *b, void *ctx) {
    const folding *f = ctx;
    size_t i = *(const size_t *)a, k = *(const size_t *)b;
    if (f->eff_us[i] != f->eff_us[k]) return f->eff_us[i] < f->eff_us[k] ? -1 : 1;
    int x = rank(f->x[i].what), y = rank(f->x[k].what);
    if (x != y) return x - y;
    return (f->x[i].key > f->x[k].key) - (f->x[i].key < f->x[k].key);
}

static void push_took(folding *f, size_t entry, size_t lot, int64_t points) {
    if (f->n_tooks == f->room_tooks) {
        took *more = make(f->a, took, f->room_tooks *= 2);
        memcpy(more, f->tooks, f->n_tooks * sizeof *more);
        f->tooks = more;
    }
    if (!f->many[entry]++) f->first[entry] = f->n_tooks;
    f->tooks[f->n_tooks++] = (took){lot, points};
}

static int64_t from_lot(folding *f, size_t entry, size_t lot, int64_t want) {
    int64_t got = MIN(want, f->x[lot].lot);
    if (got <= 0) return 0;
    f->x[lot].lot -= got;
    push_took(f, entry, lot, got);
    return got;
}

// From the oldest lots on; any: also from those that cannot be spent at that time.
static int64_t draw(folding *f, size_t entry, int64_t want, bool any) {
    int64_t got = 0, at = f->eff_us[entry];
    while (f->head < f->n_lots && !f->x[f->lots[f->head]].lot) f->head++;
    for (size_t i = f->head; i < f->n_lots && got < want; i++) {
        const reward_entry *l = &f->x[f->lots[i]];
        if (any || (l->from_us <= at && (!l->until_us || l->until_us > at)))
            got += from_lot(f, entry, f->lots[i], want - got);
    }
    return got;
}

// What was taken last returns first, so that what stays taken is what spending less would have taken.
static int64_t give_back(folding *f, size_t entry, int64_t want) {
    int64_t got = 0;
    for (size_t i = f->many[entry]; i > 0 && got < want; i--) {
        took *t = &f->tooks[f->first[entry] + i - 1];
        int64_t back = MIN(t->points, want - got);
        t->points -= back, f->x[t->lot].lot += back, got += back;
    }
    f->head = 0;
    return got;
}

static int64_t size_of(int64_t points) {
    return points < 0 ? -points : points;
}

static void reverse(folding *f, size_t i) {
    reward_entry *x = &f->x[i];
    ptrdiff_t k = target(f, x);
    int64_t want = size_of(x->points);
    if (!x->names) {
        if (x->points < 0) x->counts = -draw(f, i, want, true);
        return;
    }
    if (k < 0 || f->x[k].unit) return;
    reward_entry *of = &f->x[k];
    if (is_gain(of)) {
        want = MIN(want, of->points - of->taken), of->taken += want;
        int64_t got = from_lot(f, i, (size_t)k, want);
        x->counts = -(got + draw(f, i, want - got, true));
    } else if (of->what == REWARD_redeem) {
        want = MIN(want, -of->counts - of->taken), of->taken += want;
        x->counts = give_back(f, (size_t)k, want);
    }
}

static void take_entry(folding *f, size_t i) {
    reward_entry *x = &f->x[i];
    if (x->unit) return;
    if (is_gain(x)) {
        x->counts = x->lot = x->points, f->lots[f->n_lots++] = i;
    } else if (x->what == REWARD_redeem) {
        x->counts = -draw(f, i, -x->points, false);
    } else if (x->what == REWARD_reverse) {
        reverse(f, i);
    } else if (x->what == REWARD_expire) {
        ptrdiff_t k = target(f, x);
        if (!x->names)
            x->counts = -draw(f, i, -x->points, true);
        else if (k >= 0 && is_gain(&f->x[k]))
            x->counts = -from_lot(f, i, (size_t)k, -x->points);
    }
}

void reward_fold(arena scratch, reward_entry *entries, size_t n) {
    folding f = {.x = entries, .n = n, .a = &scratch, .room_tooks = n + 16};
    if (!n) return;
    f.eff_us = make(&scratch, int64_t, n), f.order = make(&scratch, size_t, n), f.lots = make(&scratch, size_t, n);
    f.first = make(&scratch, size_t, n), f.many = make(&scratch, size_t, n);
    f.tooks = make(&scratch, took, f.room_tooks), f.at = map64_new(&scratch, n);
    for (size_t i = 0; i < n; i++) {
        entries[i].counts = entries[i].lot = entries[i].taken = 0;
        map64_put(&f.at, entries[i].id, (int32_t)i);
        f.order[i] = i;
    }
    for (size_t i = 0; i < n; i++) {
        ptrdiff_t k = target(&f, &entries[i]);
        f.eff_us[i] = k < 0 ? entries[i].at_us : MAX(entries[i].at_us, entries[k].at_us);
    }
    qsort_r(f.order, n, sizeof *f.order, by_effect, &f);
    for (size_t i = 0; i < n; i++) take_entry(&f, f.order[i]);
}

// ---- where a customer stands ----

static void take_lot(reward_account *out, const reward_entry *x, int64_t now_us) {
    if (!x->lot) return;
    if (x->until_us && x->until_us <= now_us) {
        out->expired += x->lot;
        return;
    }
    *(x->from_us <= now_us ? &out->usable : &out->waiting) += x->lot;
    if (!x->until_us || (out->next_us && x->until_us > out->next_us)) return;
    if (x->until_us != out->next_us) out->next = 0;
    out->next_us = x->until_us, out->next += x->lot;
}

reward_account reward_account_of(const reward_entry *entries, size_t n, int64_t now_us) {
    reward_account out = {0};
    for (size_t i = 0; i < n; i++) {
        const reward_entry *x = &entries[i];
        if (x->unit) continue;
        out.balance += x->counts;
        take_lot(&out, x, now_us);
        if (is_gain(x)) out.given += x->points - x->taken;
        if (x->what == REWARD_redeem) out.spent += -x->counts - x->taken, out.missing += x->counts - x->points;
        if (x->what == REWARD_expire) out.lapsed += -x->counts;
    }
    return out;
}
