// Looking for themes: reads words of half a year, groups them inside of topics and outside of all, and keeps what
// themes were.
#include <math.h>

#include "know/meaning_private.h"
#include "know/themes_look.h"
#include "know/topic.h"
#include "sql/know_theme.h"

enum { KEEPING_PINS = 30 }; // words by which a theme without a model is known again

static void *grown(arena *a, const void *old, size_t n, size_t size, size_t *room) {
    *room = *room ? *room * 2 : 256;
    char *more = arena_alloc(a, size, 16, *room);
    if (n) memcpy(more, old, n * size);
    return more;
}

// ---- what stands in the store ----

// Of a topic that was merged the one that stands for it; archived ones cover nothing.
static bool read_topics(themes_look *x, err *e) {
    topics *all;
    if (!topics_read(x->a, x->s, &all, e)) return false;
    x->topic_of = map64_new(x->a, 1024);
    for (row r = store_query(x->s, Q_theme_topics, e, "i", x->since_us); row_next(&r);) {
        bool made;
        const topic *t = topics_now(all, row_int(&r, 2));
        if (!t || t->axis != TOPIC_what) continue;
        if (x->n_topics == x->room_topics) {
            size_t room = x->room_topics;
            x->topics = grown(x->a, x->topics, x->n_topics, sizeof *x->topics, &(size_t){room});
            x->hows = grown(x->a, x->hows, x->n_topics, sizeof *x->hows, &(size_t){room});
            x->sures = grown(x->a, x->sures, x->n_topics, sizeof *x->sures, &room);
            x->room_topics = room;
        }
        int64_t place = (int64_t)theme_place_hash(row_int(&r, 0), row_int(&r, 1));
        int64_t how = row_int(&r, 3), sure = row_int(&r, 4);
        int32_t i = *map64_at(&x->topic_of, place, (int32_t)x->n_topics, &made);
        if (made)
            x->n_topics++;
        else if (!theme_topic_better(how, sure, x->hows[i], x->sures[i]) &&
                 !(how == x->hows[i] && sure == x->sures[i] && t->id < x->topics[i]))
            continue;
        x->topics[i] = t->id, x->hows[i] = how, x->sures[i] = sure;
    }
    return err_ok(e);
}

static bool read_store(themes_look *x, err *e) {
    meaning_mark m;
    if (!meaning_mark_read(x->a, x->s, &m, e)) return false;
    x->make = m.weak ? S("") : m.make;
    return themes_list(x->a, x->s, &x->rows, &x->n_rows, e) &&
           store_int(x->s, Q_theme_last, &x->last_theme, 0, e, "") && theme_saids_read(x->a, x->s, &x->said, e) &&
           theme_models_read(x->a, x->s, &x->held, &x->n_held, e) && read_topics(x, e);
}

// ---- words ----

typedef struct {
    int64_t topic;
    str lang;
} home;

static int64_t home_key(home h) {
    return (int64_t)str_hash2((uint64_t)h.topic, h.lang);
}

static look_group *group_for(themes_look *x, home h) {
    bool made;
    int32_t i = *map64_at(&x->group_of, home_key(h), (int32_t)x->n_groups, &made);
    if (made) {
        if (x->n_groups == x->room_groups)
            x->groups = grown(x->a, x->groups, x->n_groups, sizeof *x->groups, &x->room_groups);
        x->groups[x->n_groups++] = (look_group){.topic = h.topic, .lang = h.lang};
    }
    return &x->groups[i];
}

// Where words stand: where a person pinned them, else in their topic.
static home home_for(const themes_look *x, int64_t profile, int64_t key, str lang, uint64_t word) {
    const theme_row *t = themes_at(x->rows, x->n_rows, theme_saids_pin(&x->said, &x->pins, word));
    if (t) return (home){t->topic, t->lang};
    int32_t i = map64_get(&x->topic_of, (int64_t)theme_place_hash(profile, key));
    return (home){i >= 0 ? x->topics[i] : 0, lang};
}

static bool count_word(void *ctx, const meaning *m, str text, err *e) {
    themes_look *x = ctx;
    (void)m, (void)text, (void)e;
    x->all++;
    return true;
}

static bool kept(const themes_look *x, const meaning *m) {
    return theme_place_hash(m->profile, m->key) <= x->keep;
}

static int64_t person_of(const meaning *m) { // profiles are enough here: one person counts twice at worst
    return m->profile ? m->profile : 0;
}

static bool take_word(void *ctx, const meaning *m, str text, err *e) {
    themes_look *x = ctx;
    (void)e;
    if (!kept(x, m)) return true;
    if (x->n == x->room) {
        size_t room = x->room;
        x->x = grown(x->a, x->x, x->n, sizeof *x->x, &(size_t){room});
        x->w = grown(x->a, x->w, x->n, sizeof *x->w, &room);
        x->room = room;
    }
    int8_t *v = NULL;
    if (m->vector && x->make.len) v = make(x->a, int8_t, EMBEDDING), memcpy(v, m->vector, EMBEDDING);
    x->x[x->n] = (theme_text){.text = str_dup(x->a, text), .vector = v, .who = person_of(m)};
    x->w[x->n] = (look_word){m->profile, m->key, m->at_us, m->theme, m->theme_far, str_dup(x->a, m->lang), 0};
    x->n++;
    if (x->t->progress && x->n % 1000 == 0) x->t->progress(x->t->ctx, (int64_t)x->n, (int64_t)x->all);
    return true;
}

static bool read_words(themes_look *x, err *e) {
    size_t most = x->t->texts ? x->t->texts : THEMES_TEXTS;
    meaning_ask ask = {.since_us = x->since_us, .until_us = x->t->now_us};
    if (!meaning_each(x->s, &ask, count_word, x, e)) return false;
    x->keep = UINT64_MAX;
    if (x->all > most) x->keep = (uint64_t)(ldexp(1, 64) * ((double)most / (double)x->all)), x->count.sampled = true;
    ask.words = ask.vectors = true;
    return meaning_each(x->s, &ask, take_word, x, e);
}

static void into_groups(themes_look *x) {
    x->group_of = map64_new(x->a, 64);
    for (size_t i = 0; i < x->n; i++) {
        arena scratch = *x->a;
        uint64_t word = x->said.n ? theme_key(scratch, x->x[i].text) : 0;
        look_group *g = group_for(x, home_for(x, x->w[i].profile, x->w[i].key, x->w[i].lang, word));
        if (g->n == g->room) g->of = grown(x->a, g->of, g->n, sizeof *g->of, &g->room);
        g->of[g->n++] = (uint32_t)i;
        x->w[i].group = (int32_t)(g - x->groups);
    }
}

// ---- what binds a group ----

typedef struct {
    theme_rule *v;
    size_t n, room;
} rules;

static void bind(themes_look *x, rules *to, enum theme_rule_kind kind, uint64_t a, uint64_t b) {
    if (to->n == to->room) to->v = grown(x->a, to->v, to->n, sizeof *to->v, &to->room);
    to->v[to->n++] = (theme_rule){kind, a, b};
}

static bool lies_in(const themes_look *x, int64_t theme, const look_group *g) {
    const theme_row *t = themes_at(x->rows, x->n_rows, theme);
    return t && t->topic == g->topic && str_eq(t->lang, g->lang);
}

// Merges are views (themes_stands_for) and bind nothing here: each of the two goes on by itself.
static void bind_said(themes_look *x, const look_group *g, rules *to) {
    for (size_t i = 0; i < x->said.n; i++) {
        const theme_said_row *s = &x->said.v[i];
        if (s->undone) continue;
        if (s->act == THEME_ACT_apart && lies_in(x, s->theme, g) && lies_in(x, s->other, g))
            bind(x, to, THEME_apart, (uint64_t)s->theme, (uint64_t)s->other);
        if ((s->act == THEME_ACT_pin || s->act == THEME_ACT_split) && s->word && lies_in(x, s->theme, g))
            bind(x, to, THEME_pin, s->word, (uint64_t)s->theme);
        if (s->act == THEME_ACT_together) bind(x, to, THEME_together, s->word, s->other_word);
        if (s->act == THEME_ACT_parted) bind(x, to, THEME_parted, s->word, s->other_word);
    }
}

// The words of a group that are nearest to a theme as it is stored: at most KEEPING_PINS, into best.
static size_t nearest_words(const themes_look *x, const look_group *g, const theme_row *t, uint32_t *best) {
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        const look_word *w = &x->w[g->of[i]];
        if (w->theme != t->id || w->far >= t->reach) continue;
        size_t at = n;
        while (at && x->w[best[at - 1]].far > w->far) at--;
        if (at >= KEEPING_PINS) continue;
        n = MIN(n + 1, (size_t)KEEPING_PINS);
        for (size_t k = n - 1; k > at; k--) best[k] = best[k - 1];
        best[at] = g->of[i];
    }
    return n;
}

// Does it need to be known again in this group: because its model is gone, or its topic?
static bool is_orphan(const themes_look *x, const look_group *g, const theme_row *t) {
    if (!str_eq(t->lang, g->lang)) return false;
    if (t->topic == g->topic) return !g->held;
    int32_t own = map64_get(&x->group_of, home_key((home){t->topic, t->lang}));
    bool gone = own < 0 || (!x->groups[own].held && x->groups[own].n < THEMES_LEAST);
    return !g->topic && gone;
}

// Themes that no model knows any more (another encoder, a topic that is gone) go on by the words that were nearest to
// them.
static void bind_orphans(themes_look *x, const look_group *g, rules *to) {
    uint32_t best[KEEPING_PINS];
    for (size_t i = 0; i < x->n_rows; i++) {
        size_t n = is_orphan(x, g, &x->rows[i]) ? nearest_words(x, g, &x->rows[i], best) : 0;
        for (size_t k = 0; k < n; k++) {
            arena scratch = *x->a;
            uint64_t word = theme_key(scratch, x->x[best[k]].text);
            if (word && !theme_saids_pin(&x->said, &x->pins, word))
                bind(x, to, THEME_pin, word, (uint64_t)x->rows[i].id);
        }
    }
}

// ---- a group ----

static void embed_names(void *ctx, const str *texts, size_t n, float *out) {
    arena scratch = arena_open((size_t)1 << 28);
    err quiet = {0};
    if (!reader_embed(ctx, scratch, texts, n, out, &quiet)) memset(out, 0, n * EMBEDDING * sizeof *out);
    arena_close(&scratch);
}

static void note_mark(themes_look *x, int64_t profile, int64_t key, int64_t theme, int far) {
    if (x->n_marks == x->room_marks) x->marks = grown(x->a, x->marks, x->n_marks, sizeof *x->marks, &x->room_marks);
    x->marks[x->n_marks++] = (look_mark){profile, key, theme, far};
}

static int thousandths(float distance) {
    return (int)lroundf(fminf(fmaxf(distance, 0), 2) * 1000);
}

// A word that is far stands at its nearest theme, at its reach or beyond; a pinned one is always of it.
static int far_of(const theme_mark *m, int reach) {
    int far = thousandths(m->distance);
    if (m->pinned) return 0;
    return m->far ? MAX(far, reach) : MIN(far, reach - 1);
}

int themes_reach(const theme_model *m) {
    return MAX(1, thousandths((float)theme_far(m)));
}

static void take_marks(themes_look *x, look_group *g, const theme_mark *marks) {
    int reach = themes_reach(g->found.model);
    g->newest = make(x->a, int64_t, g->found.n + 1);
    for (size_t i = 0; i < g->n; i++) {
        const look_word *w = &x->w[g->of[i]];
        const theme_mark *m = &marks[i];
        int64_t theme = THEMES_NOWHERE;
        int far = 0;
        if (m->theme != THEME_NONE) {
            theme = g->found.v[m->theme].id, far = far_of(m, reach);
            if (!m->far || m->pinned) g->newest[m->theme] = MAX(g->newest[m->theme], w->at_us);
        }
        if (theme != w->theme || far != w->far) note_mark(x, w->profile, w->key, theme, far);
    }
}

static void search(themes_look *x, look_group *g) {
    rules bound = {0};
    theme_text *texts = make(x->a, theme_text, g->n + 1);
    theme_mark *marks = make(x->a, theme_mark, g->n + 1);
    for (size_t i = 0; i < g->n; i++) texts[i] = x->x[g->of[i]];
    bind_said(x, g, &bound);
    bind_orphans(x, g, &bound);
    theme_options o = {.before = g->held ? g->held->model : NULL,
                       .anew = x->t->anew,
                       .next_id = x->next_id,
                       .rules = bound.v,
                       .n_rules = bound.n,
                       .words = x->r ? reader_words(x->r) : NULL,
                       .embed = x->r && x->make.len && reader_embeds(x->r) ? embed_names : NULL,
                       .ctx = (void *)(uintptr_t)x->r};
    arena scratch = arena_open((size_t)1 << 34);
    g->found = theme_find(x->a, scratch, texts, g->n, &o, marks);
    arena_close(&scratch);
    g->searched = true;
    x->next_id = MAX(x->next_id, g->found.next_id);
    x->count.silent += g->found.silent, x->count.themes += g->found.n, x->count.weaker |= g->found.weaker;
    x->count.gone += g->found.n_gone;
    for (size_t i = 0; i < g->found.n; i++) x->count.fresh += g->found.v[i].fresh;
    take_marks(x, g, marks);
}

static void hold_models(themes_look *x) {
    for (size_t i = 0; i < x->n_held; i++) {
        int32_t at = map64_get(&x->group_of, home_key((home){x->held[i].topic, x->held[i].lang}));
        if (at >= 0 && str_eq(x->held[i].make, x->make)) x->groups[at].held = &x->held[i];
    }
}

// Topics and languages of few words are looked at only to go on with what was found there.
static void search_all(themes_look *x) {
    for (size_t i = 0; i < x->n_groups; i++) {
        look_group *g = &x->groups[i];
        if (g->n >= THEMES_LEAST || g->held) {
            search(x, g);
            continue;
        }
        for (size_t k = 0; k < g->n; k++) {
            const look_word *w = &x->w[g->of[k]];
            if (w->theme != THEMES_NOWHERE) note_mark(x, w->profile, w->key, THEMES_NOWHERE, 0);
        }
    }
}

// ---- the words that were not looked at together ----

static bool place_word(void *ctx, const meaning *m, str text, err *e) {
    themes_look *x = ctx;
    (void)e;
    if (kept(x, m)) return true;
    arena scratch = *x->a; // marks grow in it only after the choice is made
    int32_t at = map64_get(&x->group_of, home_key(home_for(x, m->profile, m->key, m->lang, theme_key(scratch, text))));
    const look_group *g = at >= 0 && x->groups[at].searched ? &x->groups[at] : NULL;
    const int8_t *place = x->make.len ? m->vector : NULL;
    theme_choice c;
    memset(&c, 0, sizeof c);
    if (g) c = theme_assign(g->found.model, scratch, text, place);
    int reach = g ? themes_reach(g->found.model) : 0;
    theme_mark as = {.distance = c.distance, .far = c.far};
    int64_t theme = c.id ? c.id : THEMES_NOWHERE;
    int far = c.id ? far_of(&as, reach) : 0;
    for (size_t i = 0; g && c.id && !c.far && i < g->found.n; i++)
        if (g->found.v[i].id == c.id) g->newest[i] = MAX(g->newest[i], m->at_us);
    if (theme != m->theme || far != m->theme_far) note_mark(x, m->profile, m->key, theme, far);
    return true;
}

bool themes_search(arena *a, store *s, const reader *r, const themes_terms *t, themes_look **out, err *e) {
    themes_look *x = *out = make(a, themes_look, 1);
    *x = (themes_look){.a = a, .s = s, .r = r, .t = t};
    x->since_us = t->now_us - THEMES_WEEKS * 7 * DAY_US;
    if (!read_store(x, e)) return false;
    x->pins = theme_saids_pins(a, &x->said);
    x->next_id = x->last_theme + 1;
    if (!read_words(x, e)) return false;
    into_groups(x);
    hold_models(x);
    search_all(x);
    meaning_ask ask = {.since_us = x->since_us, .until_us = t->now_us, .words = true, .vectors = true};
    if (x->count.sampled && !meaning_each(s, &ask, place_word, x, e)) return false;
    x->count.texts = x->all, x->count.marked = x->n_marks;
    return true;
}

themes_count themes_counted(const themes_look *x) {
    return x->count;
}
