#include "decide/talked.h"

#include <math.h>

#include "know/feedback.h"
#include "know/fold.h"
#include "know/measure.h"
#include "know/segment.h"
#include "sql/know.h"
#include "sql/know_theme.h"

typedef struct {
    arena *a;
    store *s;
    talked *t;
    map64 place;       // of a word in words
    map64 person;      // customer -> people
    map64 customer_of; // profile -> entry of customers
    map64 theme_item, topic_item;
    int64_t *customers;
    uint32_t *segment_of; // of a customer, by its entry
    int64_t *segment_us;
    map64 entry;
    size_t n_customers, room_customers;
    size_t room_words, room_about, room_people, room_scores;
} reading;

static void *grown(arena *a, const void *old, size_t n, size_t size, size_t *room) {
    *room = *room ? *room * 2 : 1024;
    char *more = arena_alloc(a, size, 16, *room);
    if (n) memcpy(more, old, n * size);
    return more;
}

static int64_t place_of(int64_t profile, int64_t key) {
    uint64_t x = (uint64_t)profile * 0x9E3779B97F4A7C15u ^ (uint64_t)key;
    return (int64_t)((x ^ x >> 31) * 0xBF58476D1CE4E5B9u);
}

// ---- items ----

static void add_item(reading *x, size_t *room, talked_item item) {
    talked *t = x->t;
    if (t->n_items == *room) t->items = grown(x->a, t->items, t->n_items, sizeof *t->items, room);
    map64_put(item.kind == ABOUT_theme ? &x->theme_item : &x->topic_item, item.id, (int32_t)t->n_items);
    t->items[t->n_items++] = item;
}

static bool read_items(reading *x, err *e) {
    talked *t = x->t;
    size_t room = 0, n;
    x->theme_item = map64_new(x->a, 256), x->topic_item = map64_new(x->a, 256);
    if (!abouts_read(x->a, x->s, &t->names, e)) return false;
    const topic *all = topics_all(t->names.topics, &n);
    for (size_t i = 0; i < n; i++)
        if (all[i].state == TOPIC_used && all[i].axis != TOPIC_intent)
            add_item(x, &room, (talked_item){ABOUT_topic, all[i].id, 0, all[i].axis == TOPIC_what});
    for (size_t i = 0; i < t->names.n_themes; i++) {
        const theme_row *r = &t->names.themes[i];
        if (r->state == THEME_lives) add_item(x, &room, (talked_item){ABOUT_theme, r->id, r->topic, !r->topic});
    }
    return true;
}

// ---- people ----

static uint32_t segment_named(reading *x, map64 *known, str name) {
    talked *t = x->t;
    bool made;
    int32_t i = *map64_at(known, (int64_t)str_hash(name), (int32_t)t->n_segments, &made);
    if (!made) return (uint32_t)i;
    if ((i & (i - 1)) == 0) {
        str *more = make(x->a, str, i ? 2 * i : 1);
        if (i) memcpy(more, t->segments, (size_t)i * sizeof *more);
        t->segments = more;
    }
    t->segments[t->n_segments++] = str_dup(x->a, name);
    return (uint32_t)i;
}

// A customer's segment is what sources said last, as in panel.c.
static bool read_customers(reading *x, err *e) {
    map64 known = map64_new(x->a, 64);
    x->customer_of = map64_new(x->a, 4096), x->entry = map64_new(x->a, 4096);
    segment_named(x, &known, S(""));
    for (row r = store_query(x->s, Q_profile_segments, e, ""); row_next(&r);) {
        bool made;
        if (x->n_customers == x->room_customers) {
            size_t room = x->room_customers;
            x->customers = grown(x->a, x->customers, x->n_customers, sizeof *x->customers, &(size_t){room});
            x->segment_of = grown(x->a, x->segment_of, x->n_customers, sizeof *x->segment_of, &(size_t){room});
            x->segment_us = grown(x->a, x->segment_us, x->n_customers, sizeof *x->segment_us, &room);
            x->room_customers = room;
        }
        int32_t i = *map64_at(&x->entry, row_int(&r, 1), (int32_t)x->n_customers, &made);
        if (made) {
            x->customers[i] = row_int(&r, 1), x->segment_of[i] = 0, x->segment_us[i] = INT64_MIN;
            x->n_customers++;
        }
        map64_put(&x->customer_of, row_int(&r, 0), i);
        str called = row_str(&r, 2);
        if (!called.len) continue;
        uint32_t named = segment_named(x, &known, called);
        bool greater = str_cmp(called, x->t->segments[x->segment_of[i]]) > 0;
        if (row_int(&r, 3) > x->segment_us[i] || (row_int(&r, 3) == x->segment_us[i] && greater))
            x->segment_of[i] = named, x->segment_us[i] = row_int(&r, 3);
    }
    talked *t = x->t;
    t->segment_customers = make(x->a, int64_t, t->n_segments + 1);
    for (size_t i = 0; i < x->n_customers; i++) t->segment_customers[x->segment_of[i]]++;
    return err_ok(e);
}

// Words of nobody known are somebody else's each time.
static uint32_t person_of(reading *x, int64_t profile, int64_t key) {
    talked *t = x->t;
    bool made;
    int32_t c = profile ? map64_get(&x->customer_of, profile) : -1;
    int64_t who = c >= 0 ? x->customers[c] : place_of(profile, key) | INT64_MIN;
    int32_t i = *map64_at(&x->person, who, (int32_t)t->n_people, &made);
    if (made) {
        if (t->n_people == x->room_people)
            t->people = grown(x->a, t->people, t->n_people, sizeof *t->people, &x->room_people);
        t->people[t->n_people++] =
            (talked_person){c >= 0 ? x->customers[c] : 0, c >= 0 ? x->segment_of[c] : 0, (double)NAN, false};
    }
    return (uint32_t)i;
}

// ---- words ----

static bool unhappy(const row *r) { // as meaning_class has it
    int64_t bad = row_int(r, 6), good = row_int(r, 7);
    return !row_null(r, 5) && bad >= good && bad > 1000 - bad - good;
}

static void note_about(reading *x, uint32_t word, int32_t item, bool hurt) {
    talked *t = x->t;
    if (item < 0) return;
    if (t->n_about == x->room_about) t->about = grown(x->a, t->about, t->n_about, sizeof *t->about, &x->room_about);
    t->about[t->n_about++] = (talked_about){word, (uint32_t)item, hurt};
}

static void note_theme(reading *x, uint32_t word, int64_t theme, int64_t far) {
    const abouts *n = &x->t->names;
    const theme_row *of = themes_at(n->themes, n->n_themes, theme);
    if (!of || far >= of->reach) return;
    int32_t item = map64_get(&x->theme_item, themes_stands_for(n->themes, n->n_themes, theme));
    note_about(x, word, item, x->t->words[word].hurt);
}

static bool read_words(reading *x, err *e) {
    talked *t = x->t;
    x->place = map64_new(x->a, 4096), x->person = map64_new(x->a, 4096);
    for (row r = store_query(x->s, Q_theme_voices, e, "ii", t->since_us, t->until_us); row_next(&r);) {
        int64_t profile = row_int(&r, 0), key = row_int(&r, 1), same = place_of(row_int(&r, 8), row_int(&r, 9));
        if (t->n_words == x->room_words) t->words = grown(x->a, t->words, t->n_words, sizeof *t->words, &x->room_words);
        uint32_t i = (uint32_t)t->n_words++;
        t->words[i] = (talked_word){.profile = profile,
                                    .key = key,
                                    .at_us = row_int(&r, 2),
                                    .same = same,
                                    .person = person_of(x, profile, key),
                                    .day = (int16_t)(zone_days(t->z, row_int(&r, 2)) - t->first_day),
                                    .hurt = unhappy(&r)};
        map64_put(&x->place, place_of(profile, key), (int32_t)i);
        note_theme(x, i, row_int(&r, 3), row_int(&r, 4));
    }
    return err_ok(e);
}

// The mood of what is said about a topic itself, where it was told.
static bool read_topics(reading *x, err *e) {
    enum { UNHAPPY = -200 }; // thousandths
    talked *t = x->t;
    uint32_t last = UINT32_MAX;
    int64_t last_topic = 0;
    for (row r = store_query(x->s, Q_theme_topic_voices, e, "ii", t->since_us, t->until_us); row_next(&r);) {
        int32_t word = map64_get(&x->place, place_of(row_int(&r, 0), row_int(&r, 1)));
        const topic *of = topics_now(t->names.topics, row_int(&r, 2));
        if (word < 0 || !of || ((uint32_t)word == last && of->id == last_topic)) continue;
        last = (uint32_t)word, last_topic = of->id;
        bool hurt = row_null(&r, 3) ? t->words[word].hurt : row_int(&r, 3) <= UNHAPPY;
        note_about(x, (uint32_t)word, map64_get(&x->topic_item, of->id), hurt);
    }
    return err_ok(e);
}

static int by_item(const void *p, const void *q) {
    const talked_about *x = p, *y = q;
    if (x->item != y->item) return x->item < y->item ? -1 : 1;
    return (x->word > y->word) - (x->word < y->word);
}

// Complaints are unhappy whatever their words; a word counts once for an item.
static void sort_about(talked *t, arena *a) {
    size_t m = 0;
    if (t->n_about) qsort(t->about, t->n_about, sizeof *t->about, by_item);
    for (size_t i = 0; i < t->n_about; i++)
        if (!m || by_item(&t->about[i], &t->about[m - 1])) t->about[m++] = t->about[i];
    t->n_about = m;
    t->item_from = make(a, size_t, t->n_items + 1);
    for (size_t i = 0; i < m; i++) t->item_from[t->about[i].item + 1]++;
    for (size_t i = 0; i < t->n_items; i++) t->item_from[i + 1] += t->item_from[i];
}

// Of copies only those that somebody else said count as such.
static void single_out(talked *t, arena scratch) {
    map64 first = map64_new(&scratch, t->n_words + 16);
    unsigned char *shared = make(&scratch, unsigned char, t->n_words + 1);
    for (size_t i = 0; i < t->n_words; i++) {
        bool made;
        int32_t at = *map64_at(&first, t->words[i].same, (int32_t)i, &made);
        if (!made && t->words[at].person != t->words[i].person) shared[at] = 1;
    }
    for (size_t i = 0; i < t->n_words; i++)
        if (!shared[map64_get(&first, t->words[i].same)]) t->words[i].same = -1;
    for (size_t i = 0; i < t->n_words; i++)
        if (t->words[i].same == -1) t->words[i].same = 0;
}

// ---- what stands beside the words: complaints and scores ----

static void note_score(reading *x, const row *r, int32_t word) {
    talked *t = x->t;
    int mark;
    enum instrument i = (enum instrument)row_int(r, 7);
    if (i != INSTRUMENT_nps && i != INSTRUMENT_csat5) return;
    if (row_null(r, 8) || !mark_of(i, row_int(r, 8), &mark)) return;
    if (t->n_scores == x->room_scores)
        t->scores = grown(x->a, t->scores, t->n_scores, sizeof *t->scores, &x->room_scores);
    int64_t person = person_of(x, row_int(r, 0), row_int(r, 3));
    t->scores[t->n_scores++] = (talked_score){person, word, mark, i == INSTRUMENT_nps};
}

static bool read_beside(reading *x, err *e) {
    talked *t = x->t;
    for (int32_t p = event_period(t->since_us); p <= event_period(t->until_us - 1); p++)
        for (row r = store_query(x->s, Q_feedback_of_period, e, "i", (int64_t)p); row_next(&r);) {
            if (row_int(&r, 2) < t->since_us || row_int(&r, 2) >= t->until_us || row_int(&r, 4) == KIND_ask) continue;
            int32_t word = map64_get(&x->place, place_of(row_int(&r, 0), row_int(&r, 3)));
            int told = row_null(&r, 9) ? MOOD_UNKNOWN : (int)row_int(&r, 9);
            if (word >= 0 && is_complaint((enum kind)row_int(&r, 4), told, !row_null(&r, 8)))
                t->words[word].hurt = true;
            note_score(x, &r, word);
        }
    for (size_t i = 0; i < t->n_about; i++) t->about[i].hurt |= t->words[t->about[i].word].hurt;
    return err_ok(e);
}

// ---- value ----

typedef struct {
    int64_t n;
    double sum;
} purse;

// Values in other currencies count by how they stand to the mean of their currency: heed knows no rates of exchange.
static bool read_values(reading *x, err *e) {
    enum { CURRENCIES = 1000 };
    talked *t = x->t;
    arena scratch = *x->a;
    purse *all = make(&scratch, purse, CURRENCIES);
    for (int pass = 0; pass < 2; pass++) {
        for (row r = store_query(x->s, Q_theme_values, e, ""); row_next(&r);) {
            int32_t unit = (int32_t)row_int(&r, 1);
            if (unit < 0 || unit >= CURRENCIES) continue;
            double v = fmax(row_double(&r, 2), 0);
            if (!pass) {
                all[unit].n++, all[unit].sum += v;
                continue;
            }
            int32_t i = map64_get(&x->person, row_int(&r, 0));
            if (i < 0 || !(all[unit].sum > 0)) continue;
            const purse *own = &all[unit], *main = &all[t->currency];
            t->people[i].other = unit != t->currency;
            t->people[i].value = v / (own->sum / (double)own->n) * (main->sum / (double)main->n);
        }
        for (int32_t u = 0; !pass && u < CURRENCIES; u++)
            if (all[u].sum > 0 && all[u].n > all[t->currency].n) t->currency = u;
    }
    return err_ok(e);
}

// ---- segments that people keep ----

static bool take_segment(void *ctx, const segment_row *r, err *e) {
    reading *x = ctx;
    (void)e;
    if (x->t->n_kept < TALKED_SEGMENTS)
        x->t->kept[x->t->n_kept++] = (talked_segment){.id = r->id, .name = str_dup(x->a, r->name)};
    return true;
}

// A segment that was removed meanwhile, or whose rule became impossible, is its page's concern.
static bool read_segment(reading *x, talked_segment *k, bool *sound, err *e) {
    segment_row r;
    segment_rule *rule;
    char field[SEGMENT_FIELD_LEN];
    err why = {0};
    *sound =
        segment_get_id(x->a, x->s, k->id, &r, e) && segment_read_text(x->a, x->s, r.rule, r.id, &rule, field, &why);
    if (!*sound) return err_ok(e);
    return segment_profiles(x->a, x->s, rule, x->t->now_us, &k->profiles, e);
}

static bool read_segments(reading *x, err *e) {
    talked *t = x->t;
    size_t kept = 0;
    t->kept = make(x->a, talked_segment, TALKED_SEGMENTS);
    if (!segment_list(x->s, take_segment, x, e)) return false;
    for (size_t i = 0; i < t->n_kept; i++) {
        bool sound;
        if (!read_segment(x, &t->kept[i], &sound, e)) return false;
        if (sound) t->kept[kept++] = t->kept[i];
    }
    t->n_kept = kept;
    return true;
}

bool talked_read(arena *a, store *s, int64_t now_us, talked *t, err *e) {
    zone *z;
    reading x = {.a = a, .s = s, .t = t};
    *t = (talked){.now_us = now_us};
    if (!store_zone(s, a, &z, e)) return false;
    t->z = z;
    int32_t today = zone_days(z, now_us);
    t->first_day = today - TALKED_DAYS;
    t->since_us = zone_day_start_us(z, t->first_day), t->until_us = zone_day_start_us(z, today);
    if (!read_items(&x, e) || !read_customers(&x, e) || !read_words(&x, e) || !read_topics(&x, e)) return false;
    single_out(t, *a);
    sort_about(t, a);
    return read_beside(&x, e) && read_values(&x, e) && read_segments(&x, e);
}
