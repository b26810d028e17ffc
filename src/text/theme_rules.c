#include <math.h>

#include "text/floats.h"
#include "text/theme_inside.h"

enum { BEGIN_ROUNDS = 20 };

int64_t theme_final_id(const theme_options *o, int64_t id) {
    for (size_t steps = 0; steps <= o->n_rules; steps++) {
        const int64_t was = id;
        for (size_t r = 0; r < o->n_rules; r++) {
            const theme_rule *rule = &o->rules[r];
            if (rule->kind == THEME_merge && (int64_t)rule->x == id && rule->y != rule->x) id = (int64_t)rule->y;
        }
        if (id == was) break;
    }
    return id;
}

// What a person said last of a text: the theme it is pinned to, 0 none.
static int64_t pin_of(const theme_finder *f, uint64_t key) {
    int64_t id = 0;
    for (size_t r = 0; r < f->o->n_rules; r++)
        if (f->o->rules[r].kind == THEME_pin && f->o->rules[r].x == key) id = (int64_t)f->o->rules[r].y;
    return id ? theme_final_id(f->o, id) : 0;
}

static bool has_part(const theme_finder *f, int64_t id) {
    for (size_t p = 0; p < f->model->n_parts; p++)
        if (f->part_ids[p] == id) return true;
    return false;
}

static uint32_t nearest_part(const theme_finder *f, const float *row, int64_t id) {
    uint32_t best = THEME_NONE;
    float most = -2;
    for (size_t p = 0; p < f->model->n_parts; p++) {
        const float like = floats_dot(row, f->model->centres + p * THEME_WIDTH, THEME_WIDTH);
        if ((!id || f->part_ids[p] == id) && like > most) most = like, best = (uint32_t)p;
    }
    return best;
}

// ---- themes that people began, or that must not go ----

// A theme of which a person said something, that no group was found to be: its old texts, or those pinned to it, make
// it a part again.
static void keep_theme(theme_finder *f, int64_t id) {
    const theme_model *before = f->o->before;
    float distance;
    if (id <= 0 || has_part(f, id)) return;
    uint32_t part = THEME_NONE;
    for (size_t i = 0; i < f->m; i++) {
        const int64_t pinned = pin_of(f, f->same[f->compared[i]].key);
        bool its = pinned == id;
        if (!pinned && before) {
            const theme_text *x = theme_compared(f, i);
            float row[THEME_WIDTH];
            arena scratch = *f->a;
            const float held =
                theme_space_of(&before->space, scratch, x->text, theme_same_make(f) ? x->vector : NULL, row);
            const uint32_t old = theme_nearest_part(before, row, &distance);
            its = old != THEME_NONE && 1 - held * (1 - distance) <= before->far &&
                  theme_final_id(f->o, before->parts[old].id) == id;
        }
        if (!its) continue;
        if (part == THEME_NONE) part = theme_part_new(f, id);
        f->of[i] = part;
    }
}

// Neighbours follow the texts that a person chose: the parts begun take what is nearest to them, and then are the
// middle of it.
static void gather(theme_finder *f, uint32_t from) {
    size_t moved = 1;
    for (int round = 0; round < BEGIN_ROUNDS && moved; round++) {
        theme_centres(f, 0);
        moved = 0;
        for (size_t i = 0; i < f->m; i++) {
            const float *row = f->rows + i * THEME_WIDTH;
            const int64_t pinned = pin_of(f, f->same[f->compared[i]].key);
            const uint32_t near = nearest_part(f, row, pinned);
            const bool theirs = near != THEME_NONE && (near >= from || (f->of[i] != THEME_NONE && f->of[i] >= from));
            if (near == THEME_NONE || near == f->of[i] || !(pinned || theirs)) continue;
            f->of[i] = near;
            moved++;
        }
    }
    theme_centres(f, 0);
}

void theme_begun(theme_finder *f) {
    const uint32_t from = (uint32_t)f->model->n_parts;
    if (!f->o->n_rules) return;
    for (size_t r = 0; r < f->o->n_rules; r++) {
        const theme_rule *rule = &f->o->rules[r];
        if (rule->kind == THEME_apart) keep_theme(f, theme_final_id(f->o, (int64_t)rule->x));
        if (rule->kind == THEME_apart || rule->kind == THEME_merge || rule->kind == THEME_pin)
            keep_theme(f, theme_final_id(f->o, (int64_t)rule->y));
    }
    gather(f, from);
}

// ---- texts that must be together, or apart ----

typedef struct {
    theme_finder *f;
    uint32_t *up;       // of compared texts: a forest of those that are together
    bool *bound;        // somebody said something of it
    uint32_t *theme_of; // of roots
    bool *placed;
} binding;

static uint32_t root(binding *b, uint32_t i) {
    while (b->up[i] != i) i = b->up[i] = b->up[b->up[i]];
    return i;
}

static void together(binding *b) {
    const theme_finder *f = b->f;
    for (size_t r = 0; r < f->o->n_rules; r++) {
        const theme_rule *rule = &f->o->rules[r];
        const bool pair = rule->kind == THEME_together || rule->kind == THEME_parted;
        const uint32_t x = pair || rule->kind == THEME_pin ? theme_compared_at(f, rule->x) : THEME_NONE;
        const uint32_t y = pair ? theme_compared_at(f, rule->y) : THEME_NONE;
        if (x != THEME_NONE) b->bound[x] = true;
        if (y != THEME_NONE) b->bound[y] = true;
        if (rule->kind != THEME_together || x == THEME_NONE || y == THEME_NONE) continue;
        const uint32_t rx = root(b, x), ry = root(b, y);
        b->up[MAX(rx, ry)] = MIN(rx, ry);
    }
}

static uint32_t theme_with(const theme_model *m, int64_t id) {
    for (uint32_t t = 0; t < m->n_themes; t++)
        if (m->ids[t] == id) return t;
    return THEME_NONE;
}

static uint32_t pinned_theme(binding *b, uint32_t group) {
    for (uint32_t i = 0; i < b->f->m; i++) {
        if (!b->bound[i] || root(b, i) != group) continue;
        const int64_t id = pin_of(b->f, b->f->same[b->f->compared[i]].key);
        const uint32_t t = id ? theme_with(b->f->model, id) : THEME_NONE;
        if (t != THEME_NONE) return t;
    }
    return THEME_NONE;
}

// Themes in which something is that must not be with the group.
static void forbid(binding *b, uint32_t group, bool *no) {
    const theme_finder *f = b->f;
    for (size_t r = 0; r < f->o->n_rules; r++) {
        const theme_rule *rule = &f->o->rules[r];
        if (rule->kind != THEME_parted) continue;
        const uint32_t x = theme_compared_at(f, rule->x), y = theme_compared_at(f, rule->y);
        if (x == THEME_NONE || y == THEME_NONE) continue;
        const uint32_t rx = root(b, x), ry = root(b, y);
        if (rx == group && ry != group && b->placed[ry]) no[b->theme_of[ry]] = true;
        if (ry == group && rx != group && b->placed[rx]) no[b->theme_of[rx]] = true;
    }
}

// The theme nearest to all of a group together, of those allowed; THEME_NONE: none is.
static uint32_t nearest_theme(binding *b, uint32_t group, const bool *no) {
    const theme_finder *f = b->f;
    uint32_t best = THEME_NONE;
    double least = INFINITY;
    for (uint32_t t = 0; t < f->model->n_themes; t++) {
        double sum = 0;
        if (no[t]) continue;
        for (uint32_t i = 0; i < f->m; i++)
            if (b->bound[i] && root(b, i) == group)
                sum += (double)theme_distance(f->model, f->rows + (size_t)i * THEME_WIDTH, t);
        if (sum < least) least = sum, best = t;
    }
    return best;
}

// A theme of its own, for what may be in no other.
static uint32_t theme_alone(binding *b, uint32_t group) {
    theme_finder *f = b->f;
    theme_model *m = f->model;
    const int64_t id = m->next_id++;
    const uint32_t part = theme_part_new(f, id);
    for (uint32_t i = 0; i < f->m; i++)
        if (b->bound[i] && root(b, i) == group) f->of[i] = part;
    theme_centres(f, part);
    m->ids[m->n_themes] = id;
    m->theme_of[part] = (uint32_t)m->n_themes;
    return (uint32_t)m->n_themes++;
}

// Pinned groups first, for they have no choice; then by their first key.
static void place_groups(binding *b, arena scratch, bool pinned) {
    theme_finder *f = b->f;
    for (uint32_t i = 0; i < f->m; i++) {
        if (!b->bound[i] || root(b, i) != i || b->placed[i]) continue;
        uint32_t t = pinned_theme(b, i);
        if (pinned != (t != THEME_NONE)) continue;
        if (!pinned) {
            arena brief = scratch;
            bool *no = make(&brief, bool, f->room + 1);
            forbid(b, i, no);
            t = nearest_theme(b, i, no);
            if (t == THEME_NONE) t = theme_alone(b, i);
        }
        b->theme_of[i] = t;
        b->placed[i] = true;
    }
}

void theme_bind(theme_finder *f, arena scratch) {
    theme_model *m = f->model;
    binding b = {.f = f};
    if (!f->o->n_rules || !m->n_parts) return;
    b.up = make(&scratch, uint32_t, f->m + 1);
    b.bound = make(&scratch, bool, f->m + 1);
    b.theme_of = make(&scratch, uint32_t, f->m + 1);
    b.placed = make(&scratch, bool, f->m + 1);
    for (uint32_t i = 0; i < f->m; i++) b.up[i] = i;
    together(&b);
    place_groups(&b, scratch, true);
    place_groups(&b, scratch, false);
    m->pin_keys = make(f->a, uint64_t, f->m + 1);
    m->pin_of = make(f->a, uint32_t, f->m + 1);
    for (uint32_t i = 0; i < f->m; i++) {
        if (!b.bound[i]) continue;
        m->pin_keys[m->n_pins] = f->same[f->compared[i]].key;
        m->pin_of[m->n_pins++] = b.theme_of[root(&b, i)];
    }
}
