// What a customer likes, dislikes and needs, on their page.
#include "cli/customer.h"

#include <math.h>

#include "know/topic_read.h"

enum { NEEDS_SHOWN = 8 };

struct page_needs {
    topic_need *v;
    size_t n;
};

bool page_needs_read(page *g, err *e) {
    topics *t;
    arena *a = g->c->life;
    struct page_needs *x = make(a, struct page_needs, 1);
    g->needs = x;
    return topics_read(a, g->s, &t, e) &&
           (!topics_used(t) || topic_needs_of(a, g->s, t, g->p->id, g->c->w->now_us(g->c->w), &x->v, &x->n, e));
}

void page_needs_show(const page *g) {
    static const char *const heads[] = {"likes", "dislikes", "needs", "speaks of"};
    static const table_col cols[] = {
        {NULL, false, false}, {NULL, false, true}, {NULL, true, false}, {NULL, false, false}, {NULL, false, false}};
    arena a = g->c->scratch;
    if (!g->needs->n) return;
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t i = 0; i < MIN(g->needs->n, (size_t)NEEDS_SHOWN); i++) {
        const topic_need *x = &g->needs->v[i];
        table_add(t, STYLE_plain, str_c(heads[x->kind]));
        table_add(t, STYLE_bold, term_clean(&a, x->name, true));
        table_add(t, STYLE_plain, x->times == 1 ? S("once") : str_fmt(&a, "%" PRId64 " times", x->times));
        table_add(t, STYLE_dim, str_fmt(&a, "last %.*s", STR_ARG(say_day(&a, g->z, x->last_us))));
        table_add(t, STYLE_dim, str_fmt(&a, "%.0f %% sure", 100 * x->confidence));
    }
    term_say(&g->c->t, "\n");
    term_head(&g->c->t, "By their own words");
    table_print(t, &g->c->t, 2);
}

void page_needs_reply(const page *g, reply *r) {
    json_open(&r->j, "needs", '[');
    for (size_t i = 0; i < g->needs->n; i++) {
        const topic_need *x = &g->needs->v[i];
        json_open(&r->j, NULL, '{');
        json_put_str(&r->j, "kind", str_c(topic_need_name(x->kind)));
        json_put_int(&r->j, "topic", x->topic);
        json_put_str(&r->j, "name", x->name);
        json_put_int(&r->j, "times", x->times);
        json_put_num(&r->j, "mood", x->has_mood ? round(1000 * x->mood) / 1000 : NAN);
        json_put_num(&r->j, "confidence", round(1000 * x->confidence) / 1000);
        reply_time(r, "first", x->first_us);
        reply_time(r, "confirmed", x->last_us);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
}
