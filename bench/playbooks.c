// How long a minute of the playbooks takes among many customers: who enters by a segment, by an event, by a birthday;
// and taking those in and a step further. Usage: playbooks [N [FOLDER]].
#include "act/playbook.h"
#include "base/rng.h"
#include "know/settings.h"
#include "know/stages.h"

enum { PART = 20000, ENTER = 20 }; // every twentieth customer comes into the segment

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

typedef struct {
    store *s;
    knowing *k;
    ledger *l;
    world w;
    int64_t now, n, import;
} field_of;

static bool write_part(field_of *f, event *evs, size_t n, err *e) {
    arena a = arena_open((n + 1) * sizeof(int32_t) + 65536);
    int32_t *rows = make(&a, int32_t, n + 1);
    for (size_t i = 0; i < n; i++) rows[i] = (int32_t)i;
    intake in = {.events = evs, .row_of = rows, .n = n, .rows = (int64_t)n};
    tally t;
    bool ok = ledger_write(f->l, f->import, &in, &t, e);
    arena_close(&a);
    return ok;
}

static event event_of(arena *a, enum kind kind, int64_t who, int64_t at_us, const char *what) {
    event ev = {.kind = kind, .channel = CHANNEL_shop, .at_us = at_us, .mood = MOOD_UNKNOWN, .n_ids = 2};
    ev.ext = str_fmt(a, "%s:%" PRId64, what, who);
    ev.ids[0] = (ident){IDENT_user_id, str_fmt(a, "u%" PRId64, who)};
    ev.ids[1] = (ident){IDENT_email, str_fmt(a, "u%" PRId64 "@example.org", who)};
    if (kind == KIND_order) ev.value = 2500, ev.has_value = true, ev.unit = 978;
    return ev;
}

// Three orders each over two years, a birthday told by half of them, and consent.
static bool fill(field_of *f, err *e) {
    rng g = rng_seed(3);
    arena a = arena_open((size_t)1 << 32);
    for (int64_t from = 0; from < f->n && err_ok(e); from += PART / 5) {
        arena_reset(&a);
        event *evs = make(&a, event, PART);
        size_t n = 0;
        for (int64_t who = from; who < MIN(from + PART / 5, f->n); who++) {
            for (int o = 0; o < 2; o++)
                evs[n++] = event_of(&a, KIND_order, who, f->now - rng_range(&g, 5, 730) * DAY_US, o ? "a" : "b");
            event born = event_of(&a, KIND_identify, who, f->now - 800 * DAY_US, "born");
            born.extra = str_fmt(&a, "\"traits\":{\"birthday\":\"%d-%02d-%02d\"}", (int)rng_range(&g, 1950, 2005),
                                 (int)rng_range(&g, 1, 12), (int)rng_range(&g, 1, 28));
            born.name = S("Ada Okafor"), born.country = S("DE");
            if (who % 2) evs[n++] = born;
            event word = event_of(&a, KIND_consent, who, f->now - 700 * DAY_US, "yes");
            word.topic = S("marketing_email"), word.value = 1, word.has_value = true;
            evs[n++] = word;
        }
        if (!write_part(f, evs, n, e)) break;
    }
    arena_close(&a);
    return err_ok(e) && ledger_flush(f->l, e) && store_optimize(f->s, e);
}

static bool put_play(field_of *f, const char *name, const char *definition, playbook_row *out, err *e) {
    char field[PLAY_FIELD];
    *out = (playbook_row){.name = str_c(name), .definition = str_c(definition), .on = true, .by = S("bench")};
    return store_begin(f->s, e) && playbook_put(f->l, out, field, e) && ledger_commit(f->l, e);
}

static bool look(field_of *f, const playbook_row *p, entrants *out, double *took, err *e) {
    arena a = arena_open((size_t)1 << 34);
    play d;
    char field[PLAY_FIELD];
    double from = seconds();
    bool ok = play_read(&a, f->s, p->definition, &d, field, e) && playbook_entrants(&a, f->s, p, &d, f->now, out, e);
    *took = seconds() - from;
    arena_close(&a);
    return ok;
}

static bool one(field_of *f, const char *name, const char *definition, err *e) {
    playbook_row p;
    entrants x;
    double took = 0;
    if (!put_play(f, name, definition, &p, e)) return false;
    p.looked_us = 0, p.on_us = f->now - 3 * DAY_US;
    if (!look(f, &p, &x, &took, e)) return false;
    printf("%-28s %7zu enter of %" PRId64 ": %.0f ms\n", name, x.n, f->n, took * 1e3);
    p.on = false;
    char field[PLAY_FIELD];
    return store_begin(f->s, e) && playbook_put(f->l, &p, field, e) && ledger_commit(f->l, e);
}

// A twentieth orders once more and comes into the segment: a look, taking them in, and the first message.
static bool segment_entry(field_of *f, err *e) {
    playbook_row p;
    playbook_tally t = {0};
    if (!put_play(f, "third_order",
                  "{\"from\":\"Maria Lopez\",\"trigger\":{\"segment\":\"orders >= 3 and days_since_order <= "
                  "30\"},\"steps\":[{\"message\":"
                  "{\"template\":\"thank_returning\",\"kind\":\"thanks\"}}]}",
                  &p, e))
        return false;
    double from = seconds();
    if (!playbook_minute(f->l, f->now, &t, e)) return false;
    printf("first look: %.0f ms\n", (seconds() - from) * 1e3);
    arena a = arena_open((size_t)1 << 30);
    event *evs = make(&a, event, f->n / ENTER + 1);
    size_t n = 0;
    f->now += HOUR_US;
    for (int64_t who = 0; who < f->n; who += ENTER) evs[n++] = event_of(&a, KIND_order, who, f->now, "c");
    bool ok = write_part(f, evs, n, e) && ledger_flush(f->l, e);
    arena_close(&a);
    entrants x;
    double took = 0, all;
    if (!ok) return false;
    arena keep = arena_open(1 << 20);
    ok = playbook_get_id(&keep, f->s, p.id, &p, e) && look(f, &p, &x, &took, e);
    printf("segment entry, asked         %7zu enter of %" PRId64 ": %.0f ms\n", x.n, f->n, took * 1e3);
    from = seconds();
    ok = ok && playbook_minute(f->l, f->now, &t, e);
    all = seconds() - from;
    printf("segment entry, taken in      %7" PRId64 " runs, %" PRId64 " steps with gate and outbox: %.2f s\n",
           t.entered, t.steps, all);
    arena_close(&keep);
    return ok;
}

static bool run(const char *where, int64_t n, err *e) {
    field_of f = {.now = INT64_C(1793624400000000), .n = n};
    int64_t source;
    f.w = world_fixed(&f.now);
    bool ok = store_open(&f.s, str_c(where), (store_opts){.create = true, .cache_mb = 128}, e) &&
              store_lock(f.s, 0, e) && know_open(&f.k, f.s, &f.w, NULL, e);
    f.l = know_ledger(f.k);
    ok = ok && ledger_source(f.l, S("shop"), S("bench"), CHANNEL_shop, false, &source, e) &&
         ledger_import_begin(f.l, source, S("bench"), S("{}"), &f.import, e) && fill(&f, e) && store_begin(f.s, e) &&
         settings_put(f.s, "origin", S("https://heed.example"), e) && ledger_commit(f.l, e);
    ok = ok && segment_entry(&f, e) &&
         one(&f, "first_order_event",
             "{\"from\":\"M\",\"trigger\":{\"event\":\"order\",\"first\":true},\"steps\":[{\"stop\":true}]}", e) &&
         one(&f, "any_order_with_condition",
             "{\"from\":\"M\",\"trigger\":{\"event\":\"order\"},\"if\":\"order_value >= 50 "
             "EUR\",\"steps\":[{\"stop\":true}]}",
             e) &&
         one(&f, "birthday_ahead", "{\"from\":\"M\",\"trigger\":{\"date\":\"birthday\"},\"steps\":[{\"stop\":true}]}",
             e) &&
         one(&f, "anniversary_ahead",
             "{\"from\":\"M\",\"trigger\":{\"date\":\"anniversary\"},\"steps\":[{\"stop\":true}]}", e);
    if (f.k) know_close(f.k);
    store_close(f.s);
    return ok;
}

int main(int argc, char **argv) {
    err e = {0};
    int64_t n = 100000;
    if (argc > 1 && !str_i64(str_c(argv[1]), &n)) return 2;
    if (run(argc > 2 ? argv[2] : ":memory:", n, &e)) return 0;
    fprintf(stderr, "%s\n", e.msg);
    return 1;
}
