#include <math.h>

#include "text/floats.h"
#include "text/theme_inside.h"

enum {
    CHOSEN_MOST = 400, // themes, where nobody says how many
    NEW_LEAST = 5,     // people of a theme that arises beside old ones
    FEW = 30,          // texts below which the smallest groups stay
    FEW_IN = 3,        // people below which a group is none
};
#define FAR_SPREADS 2.5   // deviations beyond the median from which a text is "other"
#define FAR_LEAST   0.45f // never nearer than this
#define FAR_MOST    0.9f
#define DEVIATION   1.4826 // of a normal curve, times the median of absolute deviations

static void step(const theme_finder *f, size_t done, size_t all) {
    if (f->o->progress) f->o->progress(f->o->progress_ctx, done, all);
}

// ---- parts ----

uint32_t theme_part_new(theme_finder *f, int64_t id) {
    theme_model *m = f->model;
    assert(m->n_parts < f->room);
    f->part_ids[m->n_parts] = id;
    f->likeness[m->n_parts] = 1;
    return (uint32_t)m->n_parts++;
}

void theme_centres(theme_finder *f, uint32_t from) {
    theme_model *m = f->model;
    memset(m->centres + (size_t)from * THEME_WIDTH, 0, (m->n_parts - from) * THEME_WIDTH * sizeof *m->centres);
    for (size_t i = 0; i < f->m; i++)
        if (f->of[i] != THEME_NONE && f->of[i] >= from)
            floats_add(m->centres + (size_t)f->of[i] * THEME_WIDTH, f->weight[i], f->rows + i * THEME_WIDTH,
                       THEME_WIDTH);
    for (size_t p = from; p < m->n_parts; p++) numbers_unit(m->centres + p * THEME_WIDTH, THEME_WIDTH);
}

// Groups too small to be a theme: their texts make none, and go where they are nearest to.
static size_t drop_small(arena scratch, const uint32_t *people, uint32_t *of, size_t n, size_t k, size_t least) {
    size_t *size = make(&scratch, size_t, k + 1), kept = 0;
    uint32_t *number = make(&scratch, uint32_t, k + 1);
    for (size_t i = 0; i < n; i++) size[of[i]] += people[i];
    for (size_t g = 0; g < k; g++) number[g] = size[g] >= least ? (uint32_t)kept++ : THEME_NONE;
    for (size_t i = 0; i < n && kept; i++) of[i] = number[of[i]];
    return kept ? kept : k;
}

bool theme_same_make(const theme_finder *f) {
    const str then = f->o->before->make, now = f->o->make;
    return !then.len || !now.len || str_eq(then, now);
}

// The part of the former model that a text was of; THEME_NONE: it would have been "other".
static uint32_t part_before(const theme_finder *f, arena scratch, size_t i) {
    const theme_model *b = f->o->before;
    const theme_text *x = theme_compared(f, i);
    float row[THEME_WIDTH], distance;
    const float held = theme_space_of(&b->space, scratch, x->text, theme_same_make(f) ? x->vector : NULL, row);
    const uint32_t part = theme_nearest_part(b, row, &distance);
    return part != THEME_NONE && 1 - held * (1 - distance) <= b->far ? part : THEME_NONE;
}

static void all_anew(theme_finder *f, arena scratch) {
    const theme_model *b = f->o->before;
    size_t k = theme_group(scratch, f->rows, f->weight, f->m, f->o->k, CHOSEN_MOST, f->of);
    if (!f->o->k && f->m >= FEW) k = drop_small(scratch, f->people, f->of, f->m, k, FEW_IN);
    for (size_t p = 0; p < k; p++) theme_part_new(f, 0);
    if (!b || !b->n_parts) return;
    uint32_t *then = make(&scratch, uint32_t, f->m + 1), *match = make(&scratch, uint32_t, k + 1);
    double *likeness = make(&scratch, double, k + 1);
    for (size_t i = 0; i < f->m; i++) then[i] = part_before(f, scratch, i);
    theme_match(scratch, then, b->n_parts, f->of, k, f->m, f->o->likeness > 0 ? f->o->likeness : THEME_LIKENESS, match,
                likeness);
    for (size_t p = 0; p < k; p++) {
        if (match[p] == THEME_NONE) continue;
        f->part_ids[p] = theme_final_id(f->o, b->parts[match[p]].id);
        f->likeness[p] = likeness[p];
    }
}

// What is far from all old themes makes new ones where it keeps together.
static void arise(theme_finder *f, arena scratch) {
    float *rows = make(&scratch, float, f->m *THEME_WIDTH + 1);
    uint32_t *at = make(&scratch, uint32_t, f->m + 1), *of = make(&scratch, uint32_t, f->m + 1);
    float *weight = make(&scratch, float, f->m + 1);
    size_t n = 0, people = 0;
    for (size_t i = 0; i < f->m; i++) {
        if (f->of[i] != THEME_NONE) continue;
        memcpy(rows + n * THEME_WIDTH, f->rows + i * THEME_WIDTH, THEME_WIDTH * sizeof *rows);
        weight[n] = f->weight[i];
        people += f->people[i];
        at[n++] = (uint32_t)i;
    }
    if (people < NEW_LEAST) return;
    const size_t k = theme_group(scratch, rows, weight, n, 0, CHOSEN_MOST, of);
    float *centres = make(&scratch, float, k *THEME_WIDTH);
    size_t *size = make(&scratch, size_t, k);
    double *near = make(&scratch, double, k);
    for (size_t i = 0; i < n; i++)
        floats_add(centres + of[i] * THEME_WIDTH, weight[i], rows + i * THEME_WIDTH, THEME_WIDTH);
    for (size_t g = 0; g < k; g++) numbers_unit(centres + g * THEME_WIDTH, THEME_WIDTH);
    for (size_t i = 0; i < n; i++) {
        size[of[i]] += f->people[at[i]];
        near[of[i]] += (double)f->people[at[i]] *
                       (double)floats_dot(rows + i * THEME_WIDTH, centres + of[i] * THEME_WIDTH, THEME_WIDTH);
    }
    for (size_t g = 0; g < k; g++) {
        if (size[g] < NEW_LEAST || near[g] / (double)size[g] < 1 - (double)f->o->before->far) continue;
        const uint32_t part = theme_part_new(f, 0);
        for (size_t i = 0; i < n; i++)
            if (of[i] == g) f->of[at[i]] = part;
    }
}

// Old themes go on with their texts, in the space of all texts of today.
static void go_on(theme_finder *f, arena scratch) {
    const theme_model *b = f->o->before;
    uint32_t *number = make(&scratch, uint32_t, b->n_parts + 1);
    for (size_t p = 0; p < b->n_parts; p++) number[p] = THEME_NONE;
    for (size_t i = 0; i < f->m; i++) {
        const uint32_t old = part_before(f, scratch, i);
        f->of[i] = THEME_NONE;
        if (old == THEME_NONE) continue;
        if (number[old] == THEME_NONE) number[old] = theme_part_new(f, theme_final_id(f->o, b->parts[old].id));
        f->of[i] = number[old];
    }
    if (!f->o->k) arise(f, scratch);
}

// ---- ids ----

// New themes are numbered by falling size, then by their first key.
static void number_new(theme_finder *f, arena scratch) {
    theme_model *m = f->model;
    size_t *size = make(&scratch, size_t, m->n_parts + 1), *first = make(&scratch, size_t, m->n_parts + 1);
    for (size_t p = 0; p < m->n_parts; p++) first[p] = SIZE_MAX;
    for (size_t i = 0; i < f->m; i++) {
        if (f->of[i] == THEME_NONE) continue;
        size[f->of[i]] += f->people[i];
        if (first[f->of[i]] == SIZE_MAX) first[f->of[i]] = i;
    }
    for (;;) {
        size_t best = SIZE_MAX;
        for (size_t p = 0; p < m->n_parts; p++)
            if (!f->part_ids[p] &&
                (best == SIZE_MAX || size[p] > size[best] || (size[p] == size[best] && first[p] < first[best])))
                best = p;
        if (best == SIZE_MAX) break;
        f->part_ids[best] = m->next_id++;
    }
}

static int64_t first_new_id(const theme_options *o) {
    int64_t id = MAX(o->next_id, (int64_t)1);
    if (o->before) id = MAX(id, o->before->next_id);
    for (size_t r = 0; r < o->n_rules; r++) {
        const theme_rule *rule = &o->rules[r];
        const bool theme_x = rule->kind == THEME_merge || rule->kind == THEME_apart;
        const bool theme_y = theme_x || rule->kind == THEME_pin;
        if (theme_x && rule->x < INT64_MAX - 1) id = MAX(id, (int64_t)rule->x + 1);
        if (theme_y && rule->y < INT64_MAX - 1) id = MAX(id, (int64_t)rule->y + 1);
    }
    return id;
}

static void list_themes(theme_finder *f) {
    theme_model *m = f->model;
    for (size_t p = 0; p < m->n_parts; p++) {
        uint32_t t = 0;
        while (t < m->n_themes && m->ids[t] != f->part_ids[p]) t++;
        if (t == m->n_themes) m->ids[m->n_themes++] = f->part_ids[p];
        m->theme_of[p] = t;
    }
}

// ---- far ----

static int by_value(const void *x, const void *y) {
    const float a = *(const float *)x, b = *(const float *)y;
    return a < b ? -1 : a > b;
}

static float median(float *v, size_t n) {
    qsort(v, n, sizeof *v, by_value);
    return v[n / 2];
}

// Texts are "other" that are as far from their theme as hardly any of those that were compared.
static float far_of(const theme_finder *f, arena scratch) {
    float *v = make(&scratch, float, f->m + 1);
    if (f->o->far > 0) return (float)fmin(2, f->o->far);
    if (!f->m || !f->model->n_parts) return FAR_MOST;
    for (size_t i = 0; i < f->m; i++) {
        theme_nearest_part(f->model, f->rows + i * THEME_WIDTH, &v[i]);
        v[i] = 1 - f->held[i] * (1 - v[i]);
    }
    const float middle = median(v, f->m);
    for (size_t i = 0; i < f->m; i++) v[i] = fabsf(v[i] - middle);
    const float spread = median(v, f->m) * (float)DEVIATION;
    return fminf(FAR_MOST, fmaxf(FAR_LEAST, middle + (float)FAR_SPREADS * spread));
}

// ---- all of it ----

static void set_up(theme_finder *f, arena *scratch) {
    theme_model *m = f->model = make(f->a, theme_model, 1);
    const size_t before = f->o->before ? f->o->before->n_parts : 0;
    f->room = f->m + before + 2 * f->o->n_rules + 1;
    const size_t known = f->o->k ? f->o->k : (size_t)CHOSEN_MOST;
    f->room = MIN(f->room, known + before + CHOSEN_MOST + 2 * f->o->n_rules + 1);
    f->of = make(scratch, uint32_t, f->m + 1);
    f->part_ids = make(scratch, int64_t, f->room + 1);
    f->likeness = make(scratch, double, f->room + 1);
    m->next_id = first_new_id(f->o);
    m->make = str_dup(f->a, f->o->make);
    m->centres = arena_alloc(f->a, sizeof *m->centres, 64, f->room * THEME_WIDTH);
    m->theme_of = make(f->a, uint32_t, f->room + 1);
    m->ids = make(f->a, int64_t, f->room + 1);
}

static void place(theme_finder *f, arena *scratch) {
    f->rows = arena_alloc(scratch, sizeof *f->rows, 64, f->m * THEME_WIDTH + 1);
    f->held = make(scratch, float, f->m + 1);
    const theme_text **x = make(scratch, const theme_text *, f->m + 1);
    for (size_t i = 0; i < f->m; i++) x[i] = theme_compared(f, i);
    f->model->space = theme_space_learn(f->a, *scratch, x, f->m);
    for (size_t i = 0; i < f->m; i++)
        f->held[i] = theme_space_of(&f->model->space, *scratch, x[i]->text, x[i]->vector, f->rows + i * THEME_WIDTH);
}

static bool names_theme(const theme_options *o, const theme_rule *r, int64_t id) {
    if (r->kind == THEME_together || r->kind == THEME_parted) return false;
    return theme_final_id(o, (int64_t)r->y) == id || (r->kind == THEME_apart && theme_final_id(o, (int64_t)r->x) == id);
}

// Parts that no text is nearest to are none, unless a person wants them.
static void prune(theme_finder *f, arena scratch) {
    theme_model *m = f->model;
    bool *wanted = make(&scratch, bool, m->n_parts + 1);
    uint32_t *number = make(&scratch, uint32_t, m->n_parts + 1);
    size_t kept = 0;
    float distance;
    if (!m->n_parts) return;
    for (size_t i = 0; i < f->m; i++) wanted[theme_nearest_part(m, f->rows + i * THEME_WIDTH, &distance)] = true;
    for (size_t p = 0; p < m->n_parts; p++) {
        for (size_t r = 0; r < f->o->n_rules; r++)
            wanted[p] |= f->part_ids[p] && names_theme(f->o, &f->o->rules[r], f->part_ids[p]);
        number[p] = wanted[p] ? (uint32_t)kept : THEME_NONE;
        if (!wanted[p]) continue;
        f->part_ids[kept] = f->part_ids[p];
        f->likeness[kept] = f->likeness[p];
        memmove(m->centres + kept * THEME_WIDTH, m->centres + p * THEME_WIDTH, THEME_WIDTH * sizeof *m->centres);
        kept++;
    }
    m->n_parts = kept;
    for (size_t i = 0; i < f->m; i++)
        if (f->of[i] != THEME_NONE) f->of[i] = number[f->of[i]];
}

static void finish(theme_finder *f, arena scratch) {
    theme_model *m = f->model;
    theme_centres(f, 0);
    theme_begun(f);
    prune(f, scratch);
    number_new(f, scratch);
    list_themes(f);
    theme_bind(f, scratch);
    m->parts = make(f->a, theme_part, m->n_parts + 1);
    for (size_t p = 0; p < m->n_parts; p++) m->parts[p].id = f->part_ids[p];
    m->names = make(f->a, str, m->n_themes + 1);
    m->far = far_of(f, scratch);
}

themes theme_find(arena *a, arena scratch, const theme_text *x, size_t n, const theme_options *o, theme_mark *out) {
    static const theme_options usual;
    theme_finder f = {.a = a, .x = x, .n = n, .o = o ? o : &usual};
    themes t = {0};
    assert(n < INT32_MAX);
    theme_sort(&f, &scratch);
    theme_choose(&f, &scratch);
    step(&f, 1, 8);
    set_up(&f, &scratch);
    place(&f, &scratch);
    step(&f, 2, 8);
    const theme_model *b = f.o->before;
    if (b && b->n_parts && !f.o->anew && (!f.o->k || f.o->k == b->n_themes)) go_on(&f, scratch);
    if (!f.model->n_parts && f.m) all_anew(&f, scratch); // also where nothing is like what was there before
    step(&f, 5, 8);
    finish(&f, scratch);
    theme_tally(&f, scratch, &t, out);
    step(&f, 7, 8);
    theme_names(&f, scratch, &t, out);
    step(&f, 8, 8);
    return t;
}
