#include <math.h>

#include "cli/link_cmd.h"
#include "cli/say.h"
#include "link/judge.h"

typedef struct {
    uint32_t clusters, grouped, largest; // of two records and more
    uint32_t large, bridges;             // clusters that look wrong
    link_judged judged;
} summary_of;

static bool by_texts(const link_job *j) {
    const link_fit *f = &j->m.fit;
    for (int g = 0; g < f->n_groups; g++)
        for (int i = 0; i < f->group[g].n; i++)
            if (j->t.field[f->group[g].field[i]].col.kind == LINK_text) return true;
    return false;
}

static link_judged judged(const link_job *j) {
    arena scratch = arena_open((size_t)j->t.rows * 32 + j->p.n * 64 + (1 << 22));
    link_judged out;
    link_judge(scratch,
               &(link_judge_in){.p = j->p.p,
                                .n = j->p.n,
                                .cluster = j->cluster,
                                .rows = j->t.rows,
                                .rows_a = j->t.rows_a,
                                .curve = &j->m.score.curve,
                                .chance = j->chance,
                                .same = j->m.fit.same,
                                .reached = j->m.blocks.reached,
                                .texts = by_texts(j)},
               &out);
    arena_close(&scratch);
    return out;
}

static summary_of summary(const link_job *j) {
    summary_of s = {0};
    arena scratch = arena_open((size_t)j->t.rows * 4 + 65536);
    uint32_t *n = make(&scratch, uint32_t, j->t.rows);
    for (uint32_t i = 0; i < j->t.rows; i++) n[j->cluster[i]]++;
    for (uint32_t i = 0; i < j->t.rows; i++) {
        if (n[i] > 1) s.clusters++, s.grouped += n[i];
        s.largest = MAX(s.largest, n[i]);
    }
    for (size_t i = 0; i < j->told.n_alarms; i++)
        s.large += j->told.alarms[i].large, s.bridges += j->told.alarms[i].bridge;
    s.judged = judged(j);
    arena_close(&scratch);
    return s;
}

static void show_fields(const link_job *j, arena a) {
    static const table_col cols[] = {{.head = "column"},
                                     {.head = "taken for"},
                                     {.head = "filled", .right = true},
                                     {.head = "same among the same", .right = true},
                                     {.head = "among strangers", .right = true}};
    table *t = table_new(&a, cols, COUNT(cols));
    const link_fit *f = &j->m.fit;
    for (int g = 0; g < f->n_groups; g++)
        for (int i = 0; i < f->group[g].n; i++) {
            const link_field *x = &j->t.field[f->group[g].field[i]];
            const int top = f->group[g].levels[i] - 1;
            double m[1 << LINK_BITS], u[1 << LINK_BITS];
            cells_margin(&f->group[g], f->m[g], i, m);
            cells_margin(&f->group[g], f->u[g], i, u);
            table_add(t, STYLE_plain, term_clean(&a, x->col.name, true));
            table_add(t, STYLE_plain, str_c(link_kind_called(x->col.kind)));
            table_add(t, STYLE_plain, str_fmt(&a, "%.0f %%", 100.0 * (1 - (double)x->v.count[0] / MAX(j->t.rows, 1))));
            table_add(t, STYLE_plain, str_fmt(&a, "%.1f %%", 100 * m[top]));
            table_add(t, STYLE_plain, str_fmt(&a, "%.2g %%", 100 * u[top]));
        }
    table_print(t, &j->c->t, 2);
}

static void show_rules(const link_job *j, arena a) {
    static const table_col cols[] = {{.head = "records that agree on", .fill = true},
                                     {.head = "pairs", .right = true},
                                     {.head = "new", .right = true},
                                     {.head = "left out", .right = true}};
    table *t = table_new(&a, cols, COUNT(cols));
    for (int r = 0; r < j->m.blocks.n_rules; r++) {
        const link_rule *x = &j->m.blocks.rule[r];
        table_add(t, STYLE_plain, term_clean(&a, link_rule_text(&a, &j->m.blocks, x), true));
        table_add(t, STYLE_plain, term_count(&a, (int64_t)x->pairs));
        table_add(t, STYLE_plain, term_count(&a, (int64_t)x->fresh));
        table_add(t, STYLE_plain, term_count(&a, (int64_t)x->too_hot));
    }
    table_print(t, &j->c->t, 2);
}

static void show_right(const link_job *j, arena a) {
    static const table_col cols[] = {{.head = "against what is right"},
                                     {.head = "precision", .right = true},
                                     {.head = "recall", .right = true},
                                     {.head = "F1", .right = true}};
    const struct {
        const char *what;
        const link_quality *q;
    } rows[] = {{"pairs put together", &j->right.clusters}, {"records (B-cubed)", &j->right.b3}};
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t i = 0; i < COUNT(rows); i++) {
        table_add(t, STYLE_plain, str_c(rows[i].what));
        table_add(t, STYLE_plain, str_fmt(&a, "%.4f", rows[i].q->precision));
        table_add(t, STYLE_plain, str_fmt(&a, "%.4f", rows[i].q->recall));
        table_add(t, STYLE_bold, str_fmt(&a, "%.4f", rows[i].q->f1));
    }
    term_say(&j->c->t, "\n");
    table_print(t, &j->c->t, 2);
}

void link_show(link_job *j) {
    const term *to = &j->c->t;
    arena a = arena_open((size_t)4 << 20);
    const summary_of s = summary(j);
    const link_blocks *b = &j->m.blocks;
    term_say(to, "%s%s%s: %.*s\n", j->file, j->second ? " and " : "", j->second ? j->second : "",
             STR_ARG(say_n(&a, j->t.rows, "record", "records")));
    show_fields(j, a);
    term_say(to, "\n");
    show_rules(j, a);
    term_say(to, "  %.*s compared; these rules reach %.1f %% of what seems to match\n\n",
             STR_ARG(say_n(&a, (int64_t)j->p.compared, "pair", "pairs")), 100 * b->reached);
    if (j->m.fit.doubt) term_say(to, "  The data cannot tell: %s\n", j->m.fit.doubt);
    term_say(to, "%.*s are one with others, in %.*s, the largest of %.*s\n",
             STR_ARG(say_n(&a, s.grouped, "record", "records")), STR_ARG(say_n(&a, s.clusters, "cluster", "clusters")),
             STR_ARG(say_n(&a, s.largest, "record", "records")));
    if (s.large)
        term_say(to, "%.*s far above the usual size; look at them first\n",
                 STR_ARG(say_n(&a, s.large, "cluster is", "clusters are")));
    if (s.bridges)
        term_say(to, "%.*s by few of the pairs between two groups; --json names both\n",
                 STR_ARG(say_n(&a, s.bridges, "cluster hangs", "clusters hang")));
    if (s.judged.together > 0) {
        const link_range *p = &s.judged.precision, *r = &s.judged.recall;
        term_say(to, "Of the pairs put together about %.1f %% are right (%.1f to %.1f %%), as the fit sees it;\n",
                 100 * p->at, 100 * p->lo, 100 * p->hi);
        term_say(to, "of the pairs that are the same about %.1f %% are put together (%.1f to %.1f %%)\n", 100 * r->at,
                 100 * r->lo, 100 * r->hi);
    }
    if (j->right.known) show_right(j, a);
    arena_close(&a);
}

static void json_quality(json_out *o, const char *key, const link_quality *q) {
    json_open(o, key, '{');
    json_put_num(o, "precision", q->precision);
    json_put_num(o, "recall", q->recall);
    json_put_num(o, "f1", q->f1);
    json_close(o, '}');
}

static void json_range(json_out *o, const char *key, const link_judged *j, const link_range *x) {
    if (j->together <= 0) {
        json_put_null(o, key);
        return;
    }
    json_open(o, key, '{');
    json_put_num(o, "value", x->at);
    json_put_num(o, "low", x->lo);
    json_put_num(o, "high", x->hi);
    json_close(o, '}');
}

// Rows are counted from 1, the first file's before the second's.
static void json_alarms(const link_job *j, json_out *o) {
    json_open(o, "alarms", '[');
    for (size_t i = 0; i < j->told.n_alarms; i++) {
        const link_alarm *x = &j->told.alarms[i];
        json_open(o, NULL, '{');
        json_put_int(o, "row", (int64_t)x->cluster + 1);
        json_put_int(o, "records", x->n);
        json_put_str(o, "why", x->large && x->bridge ? S("large, bridge") : x->large ? S("large") : S("bridge"));
        if (x->bridge) {
            json_put_int(o, "row_a", (int64_t)x->bridge_a + 1);
            json_put_int(o, "row_b", (int64_t)x->bridge_b + 1);
            json_put_int(o, "pairs", x->bridge_seen);
            json_put_int(o, "of", (int64_t)x->bridge_of);
        }
        json_close(o, '}');
    }
    json_close(o, ']');
}

static void json_fields(const link_job *j, json_out *o) {
    json_open(o, "fields", '[');
    for (int i = 0; i < j->t.n_fields; i++) {
        json_open(o, NULL, '{');
        json_put_str(o, "name", j->t.field[i].col.name);
        json_put_str(o, "kind", str_c(link_kind_name(j->t.field[i].col.kind)));
        json_close(o, '}');
    }
    json_close(o, ']');
}

static void json_rules(const link_job *j, arena *a, json_out *o) {
    json_open(o, "rules", '[');
    for (int r = 0; r < j->m.blocks.n_rules; r++) {
        const link_rule *x = &j->m.blocks.rule[r];
        json_open(o, NULL, '{');
        json_put_str(o, "rule", link_rule_text(a, &j->m.blocks, x));
        json_put_int(o, "pairs", (int64_t)x->pairs);
        json_put_int(o, "left_out", (int64_t)x->too_hot);
        json_close(o, '}');
    }
    json_close(o, ']');
}

void link_show_json(link_job *j) {
    const summary_of s = summary(j);
    reply r;
    reply_open(&r, j->c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "files", '[');
    json_put_str(&r.j, NULL, str_c(j->file));
    if (j->second) json_put_str(&r.j, NULL, str_c(j->second));
    json_close(&r.j, ']');
    json_put_int(&r.j, "records", j->t.rows);
    json_fields(j, &r.j);
    json_rules(j, &r.small, &r.j);
    json_put_int(&r.j, "compared", (int64_t)j->p.compared);
    json_put_int(&r.j, "pairs", (int64_t)j->p.n);
    json_put_int(&r.j, "clusters", s.clusters);
    json_put_int(&r.j, "grouped", s.grouped);
    json_put_int(&r.j, "largest", s.largest);
    json_put_num(&r.j, "reached", j->m.blocks.reached);
    json_range(&r.j, "expected_precision", &s.judged, &s.judged.precision);
    json_range(&r.j, "expected_recall", &s.judged, &s.judged.recall);
    json_alarms(j, &r.j);
    if (j->m.fit.doubt)
        json_put_str(&r.j, "doubt", str_c(j->m.fit.doubt));
    else
        json_put_null(&r.j, "doubt");
    if (j->right.known) {
        json_open(&r.j, "truth", '{');
        json_quality(&r.j, "pairs", &j->right.clusters);
        json_quality(&r.j, "b3", &j->right.b3);
        json_close(&r.j, '}');
    }
    json_close(&r.j, '}');
    reply_close(&r);
}
