#include "link/score.h"

typedef struct {
    const link_score *s;
    link_part *part;
    size_t n;
    float sum;
} story;

static void add(story *t, link_part p) {
    if (p.bits == 0 && p.what != LINK_PART_FIELD) return;
    t->part[t->n++] = p;
    t->sum += p.bits;
}

// Fields that depend on one another are told one after the other: each adds what it says once those before are known.
static void group_parts(story *t, int g, uint64_t pattern) {
    const link_group *q = &t->s->group[g];
    float before = 0;
    for (int i = 0, code = 0; i < q->n; i++) {
        const int level = link_level(pattern, q->field[i]);
        if (!level) continue;
        code += level * q->stride[i];
        const float now = t->s->stranger[g][code];
        add(t, (link_part){LINK_PART_FIELD, q->field[i], level, t->s->m[q->field[i]][level],
                           t->s->u[q->field[i]][level], 0, now - before});
        before = now;
    }
}

size_t link_explain(arena *a, const link_score *s, const link_fit *f, uint64_t pattern, const uint32_t *ra,
                    const uint32_t *rb, float weight, link_part **parts) {
    (void)f; // its margins are the score's
    story t = {.s = s, .part = make(a, link_part, 2 * LINK_FIELDS + 4)};
    add(&t, (link_part){.what = LINK_PART_PRIOR, .field = -1, .bits = s->prior});
    for (int g = 0; g < s->n_groups; g++) group_parts(&t, g, pattern);
    for (int i = 0; i < s->t->n_fields; i++)
        add(&t, (link_part){.what = LINK_PART_RARE,
                            .field = i,
                            .count = MAX(s->t->field[i].v.count[ra[i]] * (ra[i] > 0),
                                         s->t->field[i].v.count[rb[i]] * (rb[i] > 0)),
                            .bits = link_rarity(s, pattern, i, ra, rb)});
    const float alone = link_weight(s, pattern, ra, rb);
    add(&t, (link_part){.what = LINK_PART_HOME, .field = -1, .bits = alone - t.sum});
    add(&t, (link_part){.what = LINK_PART_BEST, .field = -1, .bits = weight - alone});
    *parts = t.part;
    return t.n;
}
