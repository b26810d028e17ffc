#include <math.h>

#include "base/radix.h"
#include "text/theme_inside.h"

// Distances are summed in millionths, so that the order of texts is no matter.
#define UNIT 1e6

typedef struct {
    size_t texts, voices, far;
    int64_t distance;
    float least;
    uint32_t middle;
} sums;

static void mark_same(const theme_finder *f, arena scratch, const theme_same *s, theme_mark *out) {
    const theme_text *x = &f->x[s->text];
    const theme_model *m = f->model;
    const uint32_t pinned = theme_pinned(m, s->key);
    float row[THEME_WIDTH];
    const float held = theme_space_of(&m->space, scratch, x->text, x->vector, row);
    const theme_choice c = theme_nearest_held(m, row, held);
    theme_mark mark = {.theme = c.at, .distance = c.distance, .far = c.far};
    if (pinned != THEME_NONE)
        mark =
            (theme_mark){.theme = pinned, .distance = 1 - held * (1 - theme_distance(m, row, pinned)), .pinned = true};
    for (uint32_t i = s->first; i < s->last; i++) out[f->order[i]] = mark;
}

// A person counts once in a theme; somebody unknown is somebody else each time.
static void mark_again(const theme_finder *f, arena scratch, theme_mark *out) {
    keyed *heard = make(&scratch, keyed, f->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (!f->x[i].who || out[i].theme == THEME_NONE) continue;
        const uint64_t key[2] = {(uint64_t)out[i].theme << 1 | out[i].far, (uint64_t)f->x[i].who};
        heard[n++] = (keyed){str_hash((str){(const char *)key, sizeof key}), (uint32_t)i};
    }
    if (n) radix_sort(scratch, heard, n);
    for (size_t i = 1; i < n; i++) out[heard[i].at].again = heard[i].key == heard[i - 1].key;
}

static sums *sum_up(const theme_finder *f, arena *a, const theme_mark *marks) {
    sums *s = make(a, sums, f->model->n_themes + 1);
    for (size_t t = 0; t < f->model->n_themes; t++) s[t].middle = THEME_NONE, s[t].least = 3;
    for (size_t i = 0; i < f->n; i++) {
        const theme_mark *mark = &marks[i];
        if (mark->theme == THEME_NONE) continue;
        sums *one = &s[mark->theme];
        one->far += mark->far;
        if (mark->far) continue;
        one->texts++;
        one->voices += !mark->again;
        one->distance += llrint((double)mark->distance * UNIT);
    }
    for (size_t k = 0; k < f->n_same; k++) { // rising by key, so that ties are the same each time
        const uint32_t i = f->same[k].text;
        sums *one = marks[i].theme == THEME_NONE ? NULL : &s[marks[i].theme];
        if (one && marks[i].distance < one->least) one->least = marks[i].distance, one->middle = i;
    }
    return s;
}

typedef struct {
    size_t voices;
    int64_t id;
    uint32_t at;
} rank;

static int by_voices(const void *x, const void *y) {
    const rank *a = x, *b = y;
    if (a->voices != b->voices) return a->voices > b->voices ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

// Themes in the order in which people see them; in the model, in its pins and in the marks too.
static uint32_t *put_in_order(theme_finder *f, arena *scratch, const sums *s, theme_mark *out) {
    theme_model *m = f->model;
    rank *r = make(scratch, rank, m->n_themes + 1);
    uint32_t *place = make(scratch, uint32_t, m->n_themes + 1), *was = make(scratch, uint32_t, m->n_themes + 1);
    for (uint32_t t = 0; t < m->n_themes; t++) r[t] = (rank){s[t].voices, m->ids[t], t};
    if (m->n_themes) qsort(r, m->n_themes, sizeof *r, by_voices);
    for (uint32_t t = 0; t < m->n_themes; t++) place[r[t].at] = t, was[t] = r[t].at, m->ids[t] = r[t].id;
    for (size_t p = 0; p < m->n_parts; p++) m->theme_of[p] = place[m->theme_of[p]];
    for (size_t i = 0; i < m->n_pins; i++) m->pin_of[i] = place[m->pin_of[i]];
    for (size_t i = 0; i < f->n; i++)
        if (out[i].theme != THEME_NONE) out[i].theme = place[out[i].theme];
    return was;
}

static bool known_before(const theme_model *before, int64_t id, str *name) {
    for (size_t t = 0; before && t < before->n_themes; t++)
        if (before->ids[t] == id) {
            *name = before->names[t];
            return true;
        }
    return false;
}

static void describe(const theme_finder *f, const sums *s, const uint32_t *was, themes *t) {
    const theme_model *m = f->model;
    t->v = make(f->a, theme_found, m->n_themes + 1);
    t->n = m->n_themes;
    for (uint32_t i = 0; i < t->n; i++) {
        const sums *one = &s[was[i]];
        str name = {0};
        const bool known = known_before(f->o->before, m->ids[i], &name);
        t->v[i] = (theme_found){.id = m->ids[i],
                                .name = str_dup(f->a, name),
                                .fresh = !known,
                                .texts = one->texts,
                                .voices = one->voices,
                                .far = one->far,
                                .spread = one->texts ? (double)one->distance / UNIT / (double)one->texts : 0,
                                .likeness = 1,
                                .middle = one->middle};
        for (size_t p = 0; p < m->n_parts; p++)
            if (m->theme_of[p] == i) t->v[i].likeness = fmin(t->v[i].likeness, f->likeness[p]);
    }
}

static void list_gone(const theme_finder *f, themes *t) {
    const theme_model *before = f->o->before;
    if (!before) return;
    t->gone = make(f->a, int64_t, before->n_themes + 1);
    for (size_t k = 0; k < before->n_themes; k++) {
        bool there = false;
        for (size_t i = 0; i < t->n; i++) there |= t->v[i].id == before->ids[k];
        if (!there) t->gone[t->n_gone++] = before->ids[k];
    }
}

void theme_tally(theme_finder *f, arena scratch, themes *t, theme_mark *out) {
    for (size_t i = 0; i < f->n; i++) out[i] = (theme_mark){.theme = THEME_NONE, .distance = 1};
    for (size_t k = 0; k < f->n_same && f->model->n_parts; k++) mark_same(f, scratch, &f->same[k], out);
    mark_again(f, scratch, out);
    const sums *s = sum_up(f, &scratch, out);
    const uint32_t *was = put_in_order(f, &scratch, s, out);
    describe(f, s, was, t);
    list_gone(f, t);
    t->silent = f->silent;
    t->compared = f->m;
    t->weaker = f->m && !f->model->space.meaning;
    t->next_id = f->model->next_id;
    t->model = f->model;
}
