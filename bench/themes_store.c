// themes_store grow [N]: a look for themes, bursts and priorities over N generated meanings (200,000 unless said): time
//     and memory, the first time and a day later.
// themes_store episodes STORE TRUTH [DAYS]: a sample store (heed demo --store STORE --truth TRUTH) is looked at every
//     DAYS days (7 unless said), as if it were then: which episodes raised an alarm and how soon, how many alarms were
//     about nothing, whether themes stay what they are, and how pure they are. Do this with a copy.
#include <math.h>
#include <sys/resource.h>
#include <time.h>

#include "base/json.h"

#include "base/map64.h"
#include "base/rng.h"
#include "decide/priorities.h"
#include "jobs/theming.h"
#include "jobs/understand.h"
#include "know/meaning_private.h"
#include "know/measure.h"
#include "know/stages.h"
#include "know/themes_private.h"
#include "ledger/sources.h"
#include "sql/know_meaning.h"
#include "sql/know_theme.h"

static void die(const err *e) {
    fprintf(stderr, "themes_store: %s\n", e->msg);
    exit(1);
}

static double cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double peak_mb(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_maxrss / 1024;
}

// ---- grow ----

enum { SUBJECTS = 60, PARTS = 12, PEOPLE = 50000, GROW_DAYS = 180, BATCH = 20000, FIRST_DAY = 20000 };

static int64_t now_us = (int64_t)(FIRST_DAY + GROW_DAYS) * 86400 * 1000000;

// Words of a subject: syllables that it shares with few others.
static str words_of(arena *a, rng *g, int64_t subject) {
    buf b = buf_new(a, 1024);
    buf_fmt(&b, "%s ", rng_chance(g, 0.5) ? "I think that the" : "Why is it that the");
    for (int i = 0; i < 6; i++) {
        uint64_t x = (uint64_t)(subject * PARTS + rng_range(g, 0, PARTS - 1)) * 0x9E3779B97F4A7C15u;
        for (int k = 0; k < 3; k++, x >>= 8) buf_fmt(&b, "%c%c", "bdfgklmnprst"[x % 12], "aeiou"[(x >> 4) % 5]);
        buf_addc(&b, i < 5 ? ' ' : '.');
    }
    return buf_str(&b);
}

static void put_events(knowing *k, int64_t from, int64_t n, int64_t import, rng *g) {
    arena a = arena_open((size_t)1 << 30);
    event *ev = make(&a, event, n);
    int32_t *rows = make(&a, int32_t, n);
    err e = {0};
    for (int64_t i = 0; i < n; i++) {
        ev[i] = (event){.kind = KIND_comment, .channel = CHANNEL_survey, .mood = MOOD_UNKNOWN, .lang = S("en")};
        ev[i].at_us = (FIRST_DAY + rng_range(g, 0, GROW_DAYS - 1)) * DAY_US + rng_range(g, 0, DAY_US - 1);
        ev[i].ext = str_fmt(&a, "c%" PRId64, from + i);
        ev[i].text = words_of(&a, g, rng_range(g, 0, SUBJECTS - 1));
        ev[i].ids[ev[i].n_ids++] = (ident){IDENT_user_id, str_fmt(&a, "u%d", (int)rng_range(g, 0, PEOPLE - 1))};
        rows[i] = (int32_t)i;
    }
    tally t;
    intake in = {.events = ev, .row_of = rows, .n = (size_t)n, .rows = n};
    if (!ledger_write(know_ledger(k), import, &in, &t, &e)) die(&e);
    arena_close(&a);
}

typedef struct {
    int64_t n, place;
    int64_t *v[6];
    str *codes, *vectors;
    arena *a;
    rng *g;
    float *centres;
} placing;

static bool place_one(void *ctx, const meaning *m, str text, err *e) {
    placing *p = ctx;
    float v[EMBEDDING];
    double square = 0;
    (void)e;
    const float *centre = p->centres + (str_hash(str_sub(text, 20, 6)) % SUBJECTS) * EMBEDDING;
    for (int i = 0; i < EMBEDDING; i++) v[i] = centre[i] + (float)rng_normal(p->g, 0, 0.03), square += v[i] * v[i];
    for (int i = 0; i < EMBEDDING; i++) v[i] = (float)(v[i] / sqrt(square));
    int8_t *packed = make(p->a, int8_t, EMBEDDING);
    unsigned char *code = make(p->a, unsigned char, MEANING_CODE);
    embedding_pack(v, packed), meaning_code(packed, code);
    int64_t i = p->n++;
    p->v[0][i] = ++p->place, p->v[1][i] = m->profile, p->v[2][i] = m->key, p->v[3][i] = m->at_us, p->v[4][i] = 1;
    p->v[5][i] = 9, p->codes[i] = (str){(char *)code, MEANING_CODE}, p->vectors[i] = (str){(char *)packed, EMBEDDING};
    return true;
}

// Places as an encoder would give them: each word near the middle of its subject.
static void put_places(store *s, int64_t n, rng *g) {
    arena a = arena_open((size_t)1 << 32);
    err e = {0};
    placing p = {.a = &a, .g = g, .centres = make(&a, float, (size_t)SUBJECTS *EMBEDDING)};
    for (size_t i = 0; i < (size_t)SUBJECTS * EMBEDDING; i++)
        p.centres[i] = (float)rng_normal(g, 0, 1 / sqrt(EMBEDDING));
    for (int i = 0; i < 6; i++) p.v[i] = make(&a, int64_t, n);
    p.codes = make(&a, str, n), p.vectors = make(&a, str, n);
    const meaning_ask ask = {.words = true};
    if (!meaning_each(s, &ask, place_one, &p, &e)) die(&e);
    column c[8];
    for (int i = 0; i < 6; i++) c[i] = (column){'i', p.v[i], NULL};
    c[6] = (column){'b', p.codes, NULL}, c[7] = (column){'b', p.vectors, NULL};
    meaning_mark m;
    if (!store_begin(s, &e) || !store_bulk(s, Q_meaning_vector_put, c, 8, (size_t)p.n, NULL, &e) ||
        !meaning_mark_read(&a, s, &m, &e))
        die(&e);
    m.make = S("bench"), m.weak = false, m.place = p.place;
    if (!meaning_mark_write(s, &m, &e) || !store_commit(s, &e)) die(&e);
    arena_close(&a);
}

static void tell(const char *what, double began, const themed *d) {
    printf(
        "%-22s %6.1f s (themes %.1f, bursts and priorities %.1f by the clock), peak %.0f MB, %zu themes, %zu new, %zu "
        "rows changed, %zu rising\n",
        what, cpu_s() - began, d->search_s, d->rest_s, peak_mb(), d->count.themes, d->count.fresh, d->count.marked,
        d->rising);
    fflush(stdout);
}

static void look(store *s, const char *what, int64_t at_us) {
    err e = {0};
    themed d;
    const double began = cpu_s();
    if (!theme_all(&(theming){.s = s, .where = S(""), .clock_us = at_us}, &d, &e)) die(&e);
    tell(what, began, &d);
}

static int grow(int64_t n) {
    err e = {0};
    store *s;
    knowing *k;
    understood u;
    int64_t source, import;
    rng g = rng_seed(3);
    world w = world_fixed(&now_us);
    if (!store_open(&s, S(":memory:"), (store_opts){.create = true}, &e) || !store_lock(s, 0, &e) ||
        !know_open(&k, s, &w, NULL, &e) ||
        !ledger_source(know_ledger(k), S("survey"), S("bench"), CHANNEL_survey, false, &source, &e) ||
        !ledger_import_begin(know_ledger(k), source, S("bench"), S("{}"), &import, &e))
        die(&e);
    for (int64_t at = 0; at < n; at += BATCH) put_events(k, at, MIN(n - at, (int64_t)BATCH), import, &g);
    if (!ledger_import_end(know_ledger(k), import, &e)) die(&e);
    double began = cpu_s();
    if (!understand(&(understanding){.s = s, .where = S("")}, &u, &e)) die(&e);
    printf("%-22s %6.1f s, peak %.0f MB\n", "understood by letters", cpu_s() - began, peak_mb());
    look(s, "by letters", now_us);
    look(s, "by letters, next day", now_us + DAY_US);
    put_places(s, n, &g);
    look(s, "with places", now_us + 2 * DAY_US);
    look(s, "with places, next day", now_us + 3 * DAY_US);
    know_close(k);
    store_close(s);
    return 0;
}

// ---- episodes ----

enum { EPISODES = 8, TOPICS = 64 };
typedef struct {
    str name;
    int topic;
    int64_t from_us, until_us, first_us;
} episode;

typedef struct {
    arena a;
    store *s;
    map64 topic_of; // of a word, by its key
    map64 topics;   // name -> number
    str names[TOPICS];
    episode v[EPISODES];
    size_t n;
    map64 sources;
    map64 last; // theme of each word at the look before
    int64_t looks, alarms, false_alarms, repeated, compared, moved;
} judging;

static int topic_named_as(judging *x, str name) {
    bool made;
    int32_t i = *map64_at(&x->topics, (int64_t)str_hash(name), (int32_t)x->topics.n, &made);
    if (made && i < TOPICS) x->names[i] = str_dup(&x->a, name);
    return i;
}

static int64_t time_at(const json_t *v, const char *name) {
    int64_t at = 0;
    const char *text = json_string_value(json_object_get(v, name));
    struct tm t = {0};
    if (text && sscanf(text, "%d-%d-%d", &t.tm_year, &t.tm_mon, &t.tm_mday) == 3)
        at = (int64_t)days_of((ymd){t.tm_year, (int8_t)t.tm_mon, (int8_t)t.tm_mday}) * DAY_US;
    return at;
}

static void take_truth(judging *x, str line) {
    json_t *v = NULL;
    err odd = {0};
    if (!json_read(line, &v, &odd)) return;
    str what = json_text(json_object_get(v, "truth"));
    int topic_id = topic_named_as(x, json_text(json_object_get(v, "topic")));
    if (str_eq(what, S("episode")) && x->n < EPISODES)
        x->v[x->n++] = (episode){str_dup(&x->a, json_text(json_object_get(v, "name"))), topic_id, time_at(v, "from"),
                                 time_at(v, "until"), 0};
    if (str_eq(what, S("text"))) {
        str source = str_fmt(&x->a, "sample-%.*s", STR_ARG(json_text(json_object_get(v, "source"))));
        int32_t id = map64_get(&x->sources, (int64_t)str_hash(source));
        if (id >= 0) map64_put(&x->topic_of, (int64_t)event_key(id, json_text(json_object_get(v, "ext"))), topic_id);
    }
    json_decref(v);
}

static void read_truth(judging *x, const char *path) {
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    err e = {0};
    sources *all;
    size_t m;
    if (!sources_read(&x->a, x->s, &all, &e)) die(&e);
    const origin *list = sources_list(all, &m);
    for (size_t i = 0; i < m; i++) map64_put(&x->sources, (int64_t)str_hash(list[i].name), (int32_t)list[i].id);
    FILE *f = fopen(path, "r");
    if (!f) die(&(err){.msg = "the truth cannot be read"});
    while ((n = getline(&line, &room, f)) > 0) take_truth(x, (str){line, (size_t)n});
    free(line);
    fclose(f);
}

// What the words of an alarm are mostly about.
static int mostly(judging *x, const burst_row *b, double *share) {
    arena a = arena_open((size_t)1 << 30);
    int64_t count[TOPICS] = {0}, all = 0;
    theme_word *w;
    size_t n;
    err e = {0};
    int best = 0;
    if (!themes_words(&a, x->s, b->what_id, &(theme_ask){.since_us = b->from_us, .topic = b->kind == ABOUT_topic}, &w,
                      &n, &e))
        die(&e);
    for (size_t i = 0; i < n; i++) {
        int32_t t = w[i].at_us < b->until_us ? map64_get(&x->topic_of, w[i].key) : -1;
        if (t >= 0 && t < TOPICS) count[t]++, all++;
    }
    for (int i = 1; i < TOPICS; i++)
        if (count[i] > count[best]) best = i;
    *share = all ? (double)count[best] / (double)all : 0;
    arena_close(&a);
    return best;
}

static void judge(judging *x, const burst_row *b, int64_t at_us) {
    double share;
    bool right = false;
    int about = mostly(x, b, &share);
    x->alarms++;
    for (size_t i = 0; i < x->n; i++) {
        episode *ep = &x->v[i];
        if (ep->topic != about || b->from_us > ep->until_us + 28 * DAY_US || b->until_us < ep->from_us) continue;
        right = true;
        if (!ep->first_us) ep->first_us = at_us;
    }
    x->false_alarms += !right;
    arena a = arena_open(1 << 20);
    printf("  %.*s  alarm about %.*s (%.0f %% of its words), since %.*s%s\n",
           STR_ARG(date_str(&a, (int32_t)(at_us / DAY_US))), STR_ARG(x->names[about]), 100 * share,
           STR_ARG(date_str(&a, (int32_t)(b->from_us / DAY_US))), right ? "" : "   of no episode");
    fflush(stdout);
    arena_close(&a);
}

static bool compare_one(void *ctx, const meaning *m, str text, err *e) {
    judging *x = ctx;
    (void)text, (void)e;
    if (m->theme <= 0) return true;
    int64_t place = (int64_t)theme_place_hash(m->profile, m->key);
    int32_t was = map64_get(&x->last, place);
    if (was > 0) x->compared++, x->moved += was != m->theme;
    map64_put(&x->last, place, (int32_t)m->theme);
    return true;
}

static void look_at(judging *x, int64_t at_us) {
    arena a = arena_open((size_t)1 << 28);
    err e = {0};
    themed d;
    burst_row *b;
    size_t n;
    if (!theme_all(&(theming){.s = x->s, .where = S(""), .clock_us = at_us}, &d, &e) ||
        !bursts_list(&a, x->s, BURST_ANY, ABOUT_theme, 0, &b, &n, &e))
        die(&e);
    for (size_t i = 0; i < n; i++)
        if (b[i].found_us == at_us) judge(x, &b[i], at_us);
    if (!meaning_each(x->s, &(meaning_ask){.until_us = at_us}, compare_one, x, &e)) die(&e);
    x->looks++;
    arena_close(&a);
}

// Share of words that are of the topic that most of their theme are of.
static void purity(judging *x) {
    err e = {0};
    theme_row *all;
    size_t n;
    int64_t right = 0, words = 0;
    if (!themes_list(&x->a, x->s, &all, &n, &e)) die(&e);
    for (size_t i = 0; i < n; i++) {
        int64_t count[TOPICS] = {0}, most = 0;
        theme_word *w;
        size_t m;
        if (all[i].state != THEME_lives) continue;
        if (!themes_words(&x->a, x->s, all[i].id, &(theme_ask){.since_us = INT64_MIN}, &w, &m, &e)) die(&e);
        for (size_t k = 0; k < m; k++) {
            int32_t t = map64_get(&x->topic_of, w[k].key);
            if (t >= 0 && t < TOPICS) count[t]++, words++;
        }
        for (int t = 0; t < TOPICS; t++) most = MAX(most, count[t]);
        right += most;
    }
    printf("of the words in themes %.0f %% are about what most of their theme is about (%zu themes, %" PRId64
           " words)\n",
           words ? 100.0 * (double)right / (double)words : 0, n, words);
}

static int episodes(const char *where, const char *truth, int64_t every) {
    err e = {0};
    understood u;
    judging x = {.a = arena_open((size_t)1 << 34)};
    int64_t newest, first = INT64_MAX;
    if (!store_open(&x.s, str_c(where), (store_opts){0}, &e) || !store_lock(x.s, 1000, &e)) die(&e);
    x.topic_of = map64_new(&x.a, 1 << 16), x.topics = map64_new(&x.a, 64), x.sources = map64_new(&x.a, 16);
    x.last = map64_new(&x.a, 1 << 16);
    read_truth(&x, truth);
    if (!understand(&(understanding){.s = x.s, .where = str_c(where)}, &u, &e) || !newest_event_us(x.s, &newest, &e))
        die(&e);
    for (row r = store_query(x.s, Q_theme_voices, &e, "ii", INT64_MIN, INT64_MAX); row_next(&r);)
        first = MIN(first, row_int(&r, 2));
    const double began = cpu_s();
    for (int64_t at = first + 26 * 7 * DAY_US; at <= newest + every * DAY_US; at += every * DAY_US)
        look_at(&x, at / DAY_US * DAY_US);
    int64_t found = 0;
    for (size_t i = 0; i < x.n; i++) {
        found += x.v[i].first_us != 0;
        if (x.v[i].first_us)
            printf("%.*s: first alarm after %" PRId64 " days\n", STR_ARG(x.v[i].name),
                   (x.v[i].first_us - x.v[i].from_us) / DAY_US);
        else
            printf("%.*s: no alarm\n", STR_ARG(x.v[i].name));
    }
    double years = (double)x.looks * (double)every / 365.25;
    printf("%" PRId64 " of %zu episodes found; %" PRId64 " alarms in %.1f years, %" PRId64
           " of no episode (%.1f a year); "
           "%" PRId64 " looks in %.0f s of the processor\n",
           found, x.n, x.alarms, years, x.false_alarms, (double)x.false_alarms / years, x.looks, cpu_s() - began);
    printf("words that were in another theme than at the look before: %.2f %% of %" PRId64 "\n",
           x.compared ? 100.0 * (double)x.moved / (double)x.compared : 0, x.compared);
    purity(&x);
    store_close(x.s);
    arena_close(&x.a);
    return 0;
}

int main(int argc, char **argv) {
    int64_t n = 200000, every = 7;
    if (argc > 1 && !strcmp(argv[1], "grow") && (argc < 3 || str_i64(str_c(argv[2]), &n))) return grow(n);
    if (argc > 3 && !strcmp(argv[1], "episodes") && (argc < 5 || str_i64(str_c(argv[4]), &every)))
        return episodes(argv[2], argv[3], every);
    return fprintf(stderr, "themes_store grow [N] | episodes STORE TRUTH [DAYS]\n"), 2;
}
