// heed redline check, near and sheet: what may be conceded, what is nearly used up, and how to explain it.
#include "cli/redline_cmd.h"
#include "decide/sheet.h"
#include "serve/sheet_page.h"

// ---- what is asked ----

static bool discount_in(const redline_at *x, concession_ask *ask, err *e) {
    str text = x->o->discount;
    if (!text.len) return true;
    if (str_ends(str_trim(text), S("%"))) {
        if (!percent_in("discount", text, &ask->discount_bp, e)) return false;
        return (ask->discount_bp > 0 && ask->discount_bp <= 10000) ||
               fail(e, ERR_usage, "--discount takes a share above 0 %% and at most 100 %%, or an amount");
    }
    return money_in(x, "discount", text, &ask->discount, &ask->currency, e);
}

static bool promise_in(const redline_at *x, concession_ask *ask, err *e) {
    const redline_opts *o = x->o;
    if (!o->promise.len) return true;
    ask->kind = CONCEDE_promise, ask->promise = commitment_kind_of(o->promise);
    if (!ask->promise)
        return fail(e, ERR_usage, "--promise takes a kind of commitment: promise, reply, callback, delivery, fix …");
    if (!o->due.len) return fail(e, ERR_usage, "say by when: --due");
    return cli_time(x->c, x->z, "due", o->due, &ask->due_us, e);
}

static bool amounts_in(const redline_at *x, concession_ask *ask, err *e) {
    const redline_opts *o = x->o;
    const struct {
        const char *name;
        str text;
        int64_t *minor;
    } figures[] = {{"price", o->price, &ask->price},
                   {"cost", o->cost, &ask->cost},
                   {"service", o->service, &ask->service},
                   {"amount", o->amount, &ask->amount}};
    for (size_t i = 0; i < COUNT(figures); i++)
        if (figures[i].text.len && !money_in(x, figures[i].name, figures[i].text, figures[i].minor, &ask->currency, e))
            return false;
    return discount_in(x, ask, e);
}

static bool ask_in(const redline_at *x, concession_ask *ask, err *e) {
    const redline_opts *o = x->o;
    *ask = (concession_ask){.kind = o->kind.len     ? concession_of(o->kind)
                                    : o->amount.len ? CONCEDE_grant
                                                    : CONCEDE_discount,
                            .product = o->product,
                            .channel = o->channel,
                            .role = o->role,
                            .by = redline_me(x->c),
                            .cost = -1,
                            .service = -1,
                            .units = (int32_t)MIN(o->units, INT64_C(1000000))};
    if (!ask->kind)
        return fail(e, ERR_usage,
                    "--kind takes discount, refund, reward, grant, hardship, service, promise or decision");
    ask->price = ask->kind == CONCEDE_discount ? -1 : 0;
    return (!o->customer.len || customer_in(x, o->customer, &ask->customer, e)) && amounts_in(x, ask, e) &&
           promise_in(x, ask, e);
}

// ---- check ----

void answer_say(const redline_at *x, const redline_answer *says) {
    static const enum style styles[] = {STYLE_good, STYLE_warn, STYLE_bad};
    static const char *const words[] = {"Allowed", "Allowed with a signature", "Refused"};
    static const table_col cols[] = {{NULL, false, false}, {NULL, false, false}, {NULL, false, true}};
    const term *t = &x->c->t;
    arena *a = x->c->life;
    term_put(t, styles[says->verdict], str_c(words[says->verdict]));
    if (says->verdict == REDLINE_SIGNATURE) term_say(t, ": %.*s", STR_ARG(says->signer));
    if (says->costs) term_say(t, ", it costs %.*s", STR_ARG(say_money(a, says->costs, says->currency)));
    term_say(t, "\n");
    table *lines = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < says->n_asked; i++) {
        const redline_asked *q = &says->asked[i];
        table_add(lines, styles[q->verdict], str_c(redline_verdict_name(q->verdict)));
        table_add(lines, STYLE_bold, term_clean(a, q->line.name, true));
        table_add(lines, STYLE_plain, term_clean(a, q->sum, true));
    }
    if (says->n_asked)
        table_print(lines, t, 2);
    else
        term_say(t, "  No red line speaks of it.\n");
    for (size_t i = 0; i < says->n_asked; i++)
        if (says->asked[i].verdict != REDLINE_ALLOWED && says->asked[i].line.why.len)
            term_say(t, "  %.*s: %.*s\n", STR_ARG(term_clean(a, says->asked[i].line.name, true)),
                     STR_ARG(term_clean(a, says->asked[i].line.why, true)));
    for (size_t i = 0; i < says->n_instead; i++)
        term_say(t, "%s %.*s\n", i ? "             or" : "  What passes:", STR_ARG(says->instead[i].what));
    if (says->wins.sum.len) term_say(t, "  Who gains: %.*s\n", STR_ARG(says->wins.sum));
    if (says->assumed.len) term_say(t, "  Taken for granted: %.*s\n", STR_ARG(says->assumed));
}

bool redline_check_run(redline_at *x, err *e) {
    concession_ask ask;
    redline_answer says;
    if (!ask_in(x, &ask, e)) return false;
    if (!ask.discount && !ask.discount_bp && !ask.amount && !ask.due_us)
        return fail(e, ERR_usage,
                    "say what would be conceded: --discount 15%%, --amount 20, or --promise KIND --due TIME");
    if (!redline_check(x->c->life, x->s, &ask, x->now_us, &says, e)) return false;
    if (x->c->g.json) {
        reply r;
        reply_open(&r, x->c);
        redline_answer_json(&r.j, NULL, &says);
        reply_close(&r);
        return true;
    }
    settings_mark(x->c, &x->set);
    answer_say(x, &says);
    return true;
}

// ---- near ----

static void near_json(const redline_at *x, const redline_used *near, size_t n) {
    reply r;
    reply_open(&r, x->c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "near", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&r.j, NULL, '{');
        redline_json(&r.j, "line", &near[i].line);
        json_put_int(&r.j, "used", near[i].used);
        json_put_int(&r.j, "reserved", near[i].reserved);
        json_put_num(&r.j, "share", near[i].share);
        json_put_str(&r.j, "sum", near[i].sum);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

bool redline_near_run(redline_at *x, err *e) {
    static const table_col cols[] = {{NULL, true, false}, {NULL, false, false}, {NULL, false, true}};
    redline_used *near;
    size_t n;
    int64_t bp = 0;
    arena *a = x->c->life;
    if (x->o->share.len && !percent_in("share", x->o->share, &bp, e)) return false;
    if (!redlines_near(a, x->s, x->now_us, x->o->share.len ? (double)MAX(bp, 0) / 10000 + 1e-12 : 0, &near, &n, e))
        return false;
    if (x->c->g.json) return near_json(x, near, n), true;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        double share = 100 * near[i].share;
        table_add(t, near[i].share > 1 ? STYLE_bad : STYLE_warn, str_fmt(a, "%.0f %%", MIN(share, 9999.0)));
        table_add(t, STYLE_bold, term_clean(a, near[i].line.name, true));
        table_add(t, STYLE_plain, near[i].sum);
    }
    settings_mark(x->c, &x->set);
    if (n)
        table_print(t, &x->c->t, 0);
    else
        term_say(&x->c->t, "No red line is near.\n");
    return true;
}

// ---- sheet ----

static void sheet_json(const redline_at *x, const sheet *s) {
    reply r;
    reply_open(&r, x->c);
    json_open(&r.j, NULL, '{');
    json_put_int(&r.j, "customer", s->customer);
    json_put_str(&r.j, "intro", s->intro);
    json_open(&r.j, "parts", '[');
    for (int i = 0; i < SHEET_PARTS; i++) {
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "title", s->parts[i].title);
        json_open(&r.j, "lines", '[');
        for (size_t k = 0; k < s->parts[i].n; k++) json_put_str(&r.j, NULL, s->parts[i].lines[k]);
        json_close(&r.j, ']');
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

bool redline_sheet_run(redline_at *x, err *e) {
    concession_ask ask;
    sheet s;
    arena *a = x->c->life;
    if (!x->o->customer.len) return fail(e, ERR_usage, "say for whom: --customer");
    if (!ask_in(x, &ask, e) || !sheet_read(a, x->s, &ask, &LOCALE_ENGLISH, x->now_us, &s, e)) return false;
    if (x->c->g.json) return sheet_json(x, &s), true;
    if (!x->o->html) {
        term_say(&x->c->t, "%.*s", STR_ARG(term_clean(a, sheet_text(a, &s), false)));
        return true;
    }
    buf b = buf_new(a, (size_t)1 << 18);
    buf_add(&b, S("<!doctype html>\n<meta charset=\"utf-8\">\n"));
    html_fmt(&b, "<title>%s</title>\n", &s.intro);
    sheet_html(&b, &s);
    term_say(&x->c->t, "%.*s", STR_ARG(buf_str(&b)));
    return true;
}
