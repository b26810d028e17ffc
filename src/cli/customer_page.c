#include "cli/customer.h"
#include "know/feedback.h"
#include "know/group.h"
#include "know/members.h"
#include "know/wire.h"

enum { SAID = 3, WIDE = 160 };

bool page_read(page *g, err *e) {
    arena *a = g->c->life;
    moments_ask ask = {.most = g->limit};
    return person_links(a, g->s, g->p, e) && page_waits(a, g->s, g->all, g->p, &g->waits, &g->n_waits, e) &&
           page_moments(a, g->s, g->p, &ask, &g->moments, &g->n_moments, &g->more, e) && page_needs_read(g, e);
}

// ---- for people ----

static void line(const page *g, const char *label, str text) {
    if (text.len) term_say(&g->c->t, "  %-22s %.*s\n", label, STR_ARG(text));
}

static void show_who(const page *g) {
    static const table_col cols[] = {{NULL, false, false}, {NULL, false, true}, {NULL, false, false}};
    arena a = g->c->scratch;
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t i = 0; i < g->p->n_profiles; i++) {
        const person_profile *x = &g->p->profiles[i];
        for (size_t k = 0; k < x->n_ids; k++) {
            table_add(t, STYLE_plain, ident_label(x->ids[k].kind));
            table_add(t, STYLE_plain, term_clean(&a, x->ids[k].value, true));
            table_add(t, STYLE_dim, str_fmt(&a, "%.*s, profile %" PRId64, STR_ARG(x->from->name), x->id));
        }
    }
    table_print(t, &g->c->t, 2);
}

static str link_text(arena *a, const person_link *l) {
    switch (l->state) {
    case LINK_JOINED:
        return str_fmt(a, "%" PRId64 " and %" PRId64 " are one: the same %.*s %.*s", l->a, l->b,
                       STR_ARG(ident_label(l->kind)), STR_ARG(term_clean(a, l->value, true)));
    case LINK_VETOED:
        return str_fmt(a, "%" PRId64 " and %" PRId64 " share %.*s %.*s, and yet are two: %.*s", l->a, l->b,
                       STR_ARG(ident_label(l->kind)), STR_ARG(term_clean(a, l->value, true)), STR_ARG(l->reason));
    case LINK_SPLIT:
        return str_fmt(a, "%" PRId64 " and %" PRId64 " are two, said %.*s", l->a, l->b,
                       STR_ARG(term_clean(a, l->reason, true)));
    case LINK_ALIKE:
        return str_fmt(a,
                       "%" PRId64 " and %" PRId64 " are one: they are alike (heed alike show %" PRId64 " %" PRId64 ")",
                       l->a, l->b, l->a, l->b);
    case LINK_TOLD:
        return str_fmt(a, "%" PRId64 " and %" PRId64 " are one, said %.*s", l->a, l->b,
                       STR_ARG(term_clean(a, l->reason, true)));
    }
    return S("");
}

static void show_links(const page *g) {
    if (!g->p->n_links) return;
    term_say(&g->c->t, "\n");
    term_head(&g->c->t, "Why it is one customer");
    for (size_t i = 0; i < g->p->n_links; i++) {
        arena a = g->c->scratch;
        term_say(&g->c->t, "  %.*s\n", STR_ARG(link_text(&a, &g->p->links[i])));
    }
}

static void show_money(const page *g, arena a) {
    const summary *s = &g->p->sum;
    if (s->orders) {
        buf b = buf_new(&a, 512);
        buf_fmt(&b, "%.*s on %.*s, %.*s", STR_ARG(say_n(&a, s->orders, "time", "times")),
                STR_ARG(say_n(&a, s->order_days, "day", "days")), STR_ARG(say_money(&a, s->order_value, s->currency)));
        if (s->gap_days > 0) buf_fmt(&b, ", about every %d days", s->gap_days);
        line(g, "bought", buf_str(&b));
        if (s->last_order_us) line(g, "last bought", say_day(&a, g->z, s->last_order_us));
    }
    if (s->refunds)
        line(g, "refunds",
             str_fmt(&a, "%" PRId64 ", %.*s", s->refunds, STR_ARG(say_money(&a, s->refund_value, s->currency))));
    if (s->returns) line(g, "sent back", str_fmt(&a, "%" PRId64, s->returns));
    if (s->contract_since_us) {
        str since = say_day(&a, g->z, s->contract_since_us);
        if (s->contract_until_us)
            line(g, "contract",
                 str_fmt(&a, "from %.*s to %.*s", STR_ARG(since), STR_ARG(say_day(&a, g->z, s->contract_until_us))));
        else
            line(g, "contract",
                 str_fmt(&a, "since %.*s, %.*s a month", STR_ARG(since),
                         STR_ARG(say_money(&a, s->monthly_value, s->currency))));
    }
}

static void show_figures(const page *g) {
    const summary *s = &g->p->sum;
    arena a = g->c->scratch;
    if (!g->p->has_summary) return;
    term_say(&g->c->t, "\n");
    term_head(&g->c->t, "In short");
    line(g, "first and last seen",
         str_fmt(&a, "%.*s, %.*s", STR_ARG(say_day(&a, g->z, s->first_us)), STR_ARG(say_day(&a, g->z, s->last_us))));
    show_money(g, a);
    if (s->contacts_in || s->contacts_out)
        line(g, "messages",
             str_fmt(&a, "%.*s to us, %.*s from us", STR_ARG(term_count(&a, s->contacts_in)),
                     STR_ARG(term_count(&a, s->contacts_out))));
    if (s->feedback) line(g, "ratings and remarks", term_count(&a, s->feedback));
    if (s->complaints) line(g, "complaints", term_count(&a, s->complaints));
    if (s->last_score_us)
        line(g, "last rating",
             str_fmt(&a, "%.*s, on %.*s", STR_ARG(say_score(&a, s->last_score, (enum instrument)s->last_instrument)),
                     STR_ARG(say_day(&a, g->z, s->last_score_us))));
}

static void show_waits(const page *g) {
    int64_t now = g->c->w->now_us(g->c->w);
    if (!g->n_waits) return;
    term_say(&g->c->t, "\n");
    term_head(&g->c->t, "Waiting for us");
    for (size_t i = 0; i < g->n_waits; i++) {
        arena a = g->c->scratch;
        const page_wait *w = &g->waits[i];
        term_say(&g->c->t, "  since %.*s (%.*s), %.*s, %.*s\n", STR_ARG(say_time(&a, g->z, w->since_us)),
                 STR_ARG(say_ago(&a, w->since_us, now)), STR_ARG(channel_label(w->channel)), STR_ARG(w->from->name));
    }
}

static void show_said(const page *g) {
    int shown = 0;
    for (size_t i = 0; i < g->n_moments && shown < SAID; i++) {
        arena a = g->c->scratch;
        said x;
        if (!said_of(&a, &g->moments[i], &x) || (!x.text.len && !x.has_score)) continue;
        if (!shown++) term_say(&g->c->t, "\n"), term_head(&g->c->t, "Said last");
        str score = x.has_score ? say_score(&a, x.score, x.instrument) : S("");
        term_say(&g->c->t, "  %.*s  %.*s%s%.*s\n", STR_ARG(say_day(&a, g->z, g->moments[i].at_us)), STR_ARG(score),
                 score.len && x.text.len ? "  " : "", STR_ARG(term_clean(&a, x.text, true)));
    }
}

static str words_of(arena *a, const record *r) {
    str rest = members_of(r->body), text = S("");
    for (member m; member_next(&rest, &m);)
        if (str_eq(m.name, S("text")) || (str_eq(m.name, S("topic")) && !text.len)) text = member_text(a, m.value);
    text = term_clean(a, str_sub(text, 0, 4096), true);
    size_t n = MIN(text.len, WIDE);
    while (n < text.len && n > 0 && (text.s[n] & 0xC0) == 0x80) n--;
    return n < text.len ? str_cat(a, str_sub(text, 0, n), S("…")) : text;
}

static void show_timeline(const page *g) {
    static const table_col cols[] = {
        {NULL, false, false}, {NULL, false, false}, {NULL, false, false}, {NULL, true, false}, {NULL, false, true}};
    arena a = g->c->scratch;
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t i = 0; i < g->n_moments; i++) {
        const record *r = &g->moments[i];
        enum kind k = (enum kind)r->kind;
        table_add(t, STYLE_plain, say_time(&a, g->z, r->at_us));
        table_add(t, STYLE_dim, source_of_import(g->all, r->import_id)->name);
        table_add(t, STYLE_plain, say_kind(&a, k));
        table_add(t, STYLE_bold, say_value(&a, k, r->has_value, r->value, r->unit));
        table_add(t, STYLE_plain, words_of(&a, r));
    }
    if (!g->n_moments) return;
    term_say(&g->c->t, "\n");
    term_head(&g->c->t, "Timeline");
    table_print(t, &g->c->t, 2);
    if (g->more) term_say(&g->c->t, "  There is more: --limit 0 shows all.\n");
}

void page_show(const page *g) {
    arena a = g->c->scratch;
    term_put(&g->c->t, STYLE_bold, term_clean(&a, g->p->name, true));
    term_say(&g->c->t, "  (customer:%" PRId64 ")\n", g->p->id);
    for (size_t i = 0; i < g->p->n_profiles; i++) {
        const person_profile *x = &g->p->profiles[i];
        if (!x->country.len && !x->segment.len) continue;
        line(g, x->segment.len ? "segment" : "country", term_clean(&a, x->segment.len ? x->segment : x->country, true));
        break;
    }
    show_who(g);
    show_links(g);
    show_figures(g);
    show_waits(g);
    show_said(g);
    page_needs_show(g);
    show_timeline(g);
}

// ---- for programs ----

static void reply_links(const page *g, reply *r) {
    json_open(&r->j, "links", '[');
    for (size_t i = 0; i < g->p->n_links; i++) {
        const person_link *l = &g->p->links[i];
        json_open(&r->j, NULL, '{');
        json_put_int(&r->j, "a", l->a);
        json_put_int(&r->j, "b", l->b);
        json_put_str(&r->j, "state", str_c(person_link_state(l)));
        if (l->kind) json_put_str(&r->j, "kind", ident_name(l->kind));
        if (l->value.len) json_put_str(&r->j, "value", l->value);
        json_put_str(&r->j, "reason", l->reason);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
}

static void reply_waits(const page *g, reply *r) {
    json_open(&r->j, "waiting", '[');
    for (size_t i = 0; i < g->n_waits; i++) {
        json_open(&r->j, NULL, '{');
        reply_time(r, "since", g->waits[i].since_us);
        reply_time(r, "opened", g->waits[i].opened_us);
        json_put_str(&r->j, "channel", channel_name(g->waits[i].channel));
        json_put_str(&r->j, "source", g->waits[i].from->name);
        json_put_int(&r->j, "profile", g->waits[i].profile);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
}

static void reply_moment(const page *g, reply *r, const record *m) {
    enum kind k = (enum kind)m->kind;
    json_open(&r->j, NULL, '{');
    reply_time(r, "at", m->at_us);
    json_put_str(&r->j, "kind", kind_name(k));
    json_put_str(&r->j, "channel", channel_name((enum channel)m->channel));
    json_put_str(&r->j, "source", source_of_import(g->all, m->import_id)->name);
    json_put_int(&r->j, "profile", m->profile_id);
    if (m->has_value) json_put_int(&r->j, "value", m->value);
    if (m->unit) json_put_str(&r->j, "unit", wire_unit(k, m->unit));
    if (m->body.len) json_put_raw(&r->j, "body", m->body);
    json_close(&r->j, '}');
    reply_some(r);
}

static void reply_said(const page *g, reply *r) {
    int shown = 0;
    json_open(&r->j, "said", '[');
    for (size_t i = 0; i < g->n_moments && shown < SAID; i++) {
        arena a = g->c->scratch;
        said x;
        if (!said_of(&a, &g->moments[i], &x) || (!x.text.len && !x.has_score)) continue;
        shown++;
        reply_moment(g, r, &g->moments[i]);
    }
    json_close(&r->j, ']');
}

void page_reply(const page *g, const person *list, size_t n) {
    reply r;
    reply_open(&r, g->c);
    json_open(&r.j, NULL, '{');
    json_put_bool(&r.j, "sample", g->set.sample.len > 0);
    json_put_int(&r.j, "matches", (int64_t)n);
    json_open(&r.j, "customers", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&r.j, NULL, '{');
        person_json(&r.j, &list[i]);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    if (g->p) {
        reply_links(g, &r);
        reply_waits(g, &r);
        reply_said(g, &r);
        page_needs_reply(g, &r);
        json_open(&r.j, "timeline", '[');
        for (size_t i = 0; i < g->n_moments; i++) reply_moment(g, &r, &g->moments[i]);
        json_close(&r.j, ']');
    }
    json_close(&r.j, '}');
    reply_close(&r);
}
