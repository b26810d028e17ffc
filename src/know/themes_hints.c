// What a look suggests to the taxonomy: themes that are no topic yet, and topics that are two or more things.
#include "base/json.h"
#include "know/themes_look.h"

enum { HINT_PEOPLE = 5, HINT_EXAMPLES = 5, HINTS_MOST = 20 };
#define HINT_SHARE 0.02

typedef struct {
    themes_look *x;
    json_out *j;
    arena *a;
} hinting;

static void put_places(hinting *h, const look_group *g, const uint32_t *of, size_t n) {
    json_open(h->j, "words", '[');
    for (size_t i = 0; i < n && i < HINT_EXAMPLES; i++) {
        const look_word *w = &h->x->w[g ? g->of[of[i]] : of[i]];
        json_open(h->j, NULL, '[');
        json_put_int(h->j, NULL, w->profile);
        json_put_int(h->j, NULL, w->key);
        json_put_int(h->j, NULL, w->at_us);
        json_close(h->j, ']');
    }
    json_close(h->j, ']');
}

static void put_hint(hinting *h, const char *kind, int64_t topic_id, int64_t theme, str name, size_t people,
                     size_t texts, size_t all) {
    json_put_str(h->j, "kind", str_c(kind));
    json_put_int(h->j, "topic", topic_id);
    json_put_int(h->j, "theme", theme);
    json_put_str(h->j, "name", name);
    json_put_int(h->j, "people", (int64_t)people);
    json_put_int(h->j, "texts", (int64_t)texts);
    json_put_int(h->j, "all", (int64_t)all);
}

// A theme outside of all topics that enough people speak of. Its own words nearest to it are the examples.
static void put_new(hinting *h, const look_group *g) {
    size_t all = 0, put = 0;
    for (size_t i = 0; i < g->found.n; i++) all += g->found.v[i].voices;
    for (size_t i = 0; i < g->found.n && put < HINTS_MOST; i++) {
        const theme_found *t = &g->found.v[i];
        const theme_row *was = themes_at(h->x->rows, h->x->n_rows, t->id);
        bool open = !was || was->state == THEME_lives || was->state == THEME_quiet;
        if (!open || t->voices < HINT_PEOPLE || (double)t->voices < HINT_SHARE * (double)all) continue;
        json_open(h->j, NULL, '{');
        put_hint(h, "new", 0, t->id, was && was->title.len ? was->title : t->name, t->voices, t->texts, all);
        put_places(h, g, &t->middle, t->middle < g->n);
        json_close(h->j, '}');
        put++;
    }
}

static int64_t theme_of(const themes_look *x, const theme_hint *t) {
    const look_group *g = &x->groups[x->w[t->texts[0]].group];
    for (size_t i = 0; i < g->found.n; i++)
        for (size_t k = 0; g->searched && k < t->n && k < HINT_EXAMPLES; k++)
            if (g->found.v[i].middle < g->n && g->of[g->found.v[i].middle] == t->texts[k]) return g->found.v[i].id;
    return 0;
}

static void put_splits(hinting *h) {
    themes_look *x = h->x;
    theme_text *texts = make(h->a, theme_text, x->n + 1);
    int32_t *topic_at = make(h->a, int32_t, x->n + 1);
    uint32_t *of = make(h->a, uint32_t, x->n + 1);
    theme_hint *hints = NULL;
    size_t n = 0;
    for (size_t i = 0; i < x->n; i++)
        if (x->groups[x->w[i].group].topic) texts[n] = x->x[i], topic_at[n] = x->w[i].group, of[n++] = (uint32_t)i;
    if (n < THEMES_LEAST) return;
    arena scratch = arena_open((size_t)1 << 34);
    theme_hint_options o = {.least = HINT_PEOPLE, .share = HINT_SHARE, .most = HINTS_MOST};
    o.find.words = x->r ? reader_words(x->r) : NULL;
    size_t found = theme_hints(h->a, scratch, texts, topic_at, n, &o, &hints);
    arena_close(&scratch);
    for (size_t i = 0; i < found; i++) {
        const look_group *g = hints[i].topic >= 0 ? &x->groups[hints[i].topic] : NULL;
        if (!g || !hints[i].n) continue;
        for (size_t k = 0; k < hints[i].n; k++) hints[i].texts[k] = of[hints[i].texts[k]];
        json_open(h->j, NULL, '{');
        put_hint(h, "split", g->topic, theme_of(x, &hints[i]), hints[i].name, hints[i].voices, hints[i].n,
                 hints[i].share > 0 ? (size_t)((double)hints[i].voices / hints[i].share + 0.5) : g->n);
        put_places(h, NULL, hints[i].texts, hints[i].n);
        json_close(h->j, '}');
    }
}

str themes_hinted(arena *a, themes_look *x) {
    buf b = buf_new(a, 1 << 20);
    json_out j = json_to(&b);
    hinting h = {x, &j, a};
    json_open(&j, NULL, '{');
    json_open(&j, "hints", '[');
    for (size_t i = 0; i < x->n_groups; i++)
        if (!x->groups[i].topic && x->groups[i].searched) put_new(&h, &x->groups[i]);
    put_splits(&h);
    json_close(&j, ']');
    json_close(&j, '}');
    return buf_str(&b);
}
