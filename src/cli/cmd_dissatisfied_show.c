// What heed dissatisfied shows.
#include "cli/dissatisfied_cmd.h"

#include "base/unicode.h"
#include "know/figure.h"
#include "know/people.h"

#include <math.h>

enum { NAME_WIDE = 26, WORDS_WIDE = 56 };

static str percent(arena *a, const estimate *x) {
    return estimate_shown(x) ? figure_value(a, UNIT_SHARE, x->value) : S("-");
}

static str ranged(arena *a, const estimate *x) {
    if (!estimate_shown(x)) return str_c(x->why ? x->why : "");
    return figure_range(a, UNIT_SHARE, x);
}

// ---- the list ----

static bool name_of(care *k, int64_t customer, str *name, err *e) {
    people_card card = {.id = customer};
    if (!people_fill(k->at.c->life, k->at.s, &card, 1, e)) return false;
    *name = card.name;
    return true;
}

static str sign_says(arena *a, const sign *x, int32_t unit) {
    const char *label = signal_get(x->signal)->label;
    switch (x->signal) {
    case SIGNAL_low_score: {
        str score = say_score(a, x->detail, x->instrument);
        return score.len ? score : str_c(label);
    }
    case SIGNAL_unhappy_words: return str_fmt(a, "%s, %" PRId64 " %%", label, x->detail / 10);
    case SIGNAL_repeat_contact: return str_fmt(a, "%" PRId64 " conversations", x->detail);
    case SIGNAL_long_wait: return str_fmt(a, "waits for %.*s", STR_ARG(say_n(a, x->detail, "day", "days")));
    case SIGNAL_sent_back:
    case SIGNAL_money_back: return str_fmt(a, "%s, %.*s", label, STR_ARG(say_money(a, x->detail, unit)));
    case SIGNAL_silence: return str_fmt(a, "silent for %.*s", STR_ARG(say_n(a, x->detail, "day", "days")));
    case SIGNAL_complaint:
    case SIGNAL_reopened:
    case SIGNAL_broken_promise:
    case SIGNAL_contract_ended:
    case SIGNAL_downgraded:
    case SIGNAL_unsubscribed:
    case SIGNAL_unwanted_mail:
    case SIGNAL_person:
    case SIGNALS: break;
    }
    return str_c(label);
}

// Each signal once, by its newest sign.
static str reasons(arena *a, const dissatisfied_one *x, const sign *signs) {
    buf b = buf_new(a, 1 << 12);
    uint32_t told = 0;
    for (int32_t i = 0; i < x->n; i++) {
        const sign *s = &signs[x->first + i];
        if (told >> s->signal & 1) continue;
        if (told) buf_add(&b, S("; "));
        told |= UINT32_C(1) << s->signal;
        buf_add(&b, sign_says(a, s, x->currency));
    }
    return buf_str(&b);
}

static str deeds(arena *a, const dissatisfied_deeds *d, int64_t now_us) {
    buf b = buf_new(a, 1 << 12);
    if (d->answered_us) buf_fmt(&b, "answered %.*s ago", STR_ARG(say_ago(a, d->answered_us, now_us)));
    if (d->promised_us) buf_fmt(&b, "%spromised something", b.len ? ", " : "");
    if (d->refunded_us) buf_fmt(&b, "%smoney went back", b.len ? ", " : "");
    return b.len ? buf_str(&b) : S("nothing yet");
}

static bool wanted(const dissatisfied_opts *o, const dissatisfied_one *x, bool by_signal, enum signal signal) {
    if (by_signal && !(x->signals >> signal & 1)) return false;
    return o->all || dissatisfied_listed(x);
}

static bool one_json(care *k, reply *r, const dissatisfied_one *x, const dissatisfaction *d, err *e) {
    const currency *m = currency_by_number(x->currency);
    str name;
    if (!name_of(k, x->customer, &name, e)) return false;
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "customer", x->customer);
    json_put_str(&r->j, "name", name);
    json_put_num(&r->j, "chance", round(x->chance * 1000) / 1000);
    json_put_time(&r->j, "since", x->since_us);
    json_put_int(&r->j, "at_stake", x->value);
    json_put_str(&r->j, "currency", str_c(m ? m->code : ""));
    json_open(&r->j, "signs", '[');
    for (int32_t i = 0; i < x->n; i++) {
        const sign *s = &d->signs[x->first + i];
        sign_evidence ev;
        if (!dissatisfied_evidence(k->at.c->life, k->at.s, s, &ev, e)) return false;
        json_open(&r->j, NULL, '{');
        json_put_str(&r->j, "signal", str_c(signal_get(s->signal)->name));
        json_put_time(&r->j, "at", s->at_us);
        json_put_str(&r->j, "words", ev.words);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
    json_close(&r->j, '}');
    return true;
}

static bool one_row(care *k, table *t, const dissatisfied_one *x, const dissatisfied_now *now, err *e) {
    arena *a = k->at.c->life;
    dissatisfied_deeds done;
    str name, words = S("");
    if (!name_of(k, x->customer, &name, e) || !dissatisfied_done(a, k->at.s, x, now->now_us, &done, e)) return false;
    for (int32_t i = 0; i < x->n && !words.len; i++) {
        sign_evidence ev;
        if (!dissatisfied_evidence(a, k->at.s, &now->d.signs[x->first + i], &ev, e)) return false;
        words = ev.words;
    }
    table_add(t, STYLE_bold, text_clip(a, term_clean(a, name, true), NAME_WIDE));
    table_add(t, STYLE_plain, x->value ? say_money(a, x->value, x->currency) : S(""));
    table_add(t, STYLE_plain, str_fmt(a, "%.0f %%", 100 * x->chance));
    table_add(t, STYLE_plain, say_ago(a, x->since_us, now->now_us));
    table_add(t, STYLE_plain, reasons(a, x, now->d.signs));
    table_add(t, STYLE_plain, deeds(a, &done, now->now_us));
    table_add(t, STYLE_plain,
              words.len ? str_fmt(a, "\"%.*s\"", STR_ARG(text_clip(a, term_clean(a, words, true), WORDS_WIDE)))
                        : S(""));
    table_add(t, STYLE_dim, str_fmt(a, "customer:%" PRId64, x->customer));
    return true;
}

static void say_head(const care *k, const dissatisfied_now *now, const dissatisfied_report *right) {
    arena *a = k->at.c->life;
    const term *t = &k->at.c->t;
    term_say(t, "%.*s of %.*s are likelier dissatisfied than not; %.*s more show signs that are too weak to be sure.\n",
             STR_ARG(say_n(a, now->d.listed, "customer", "customers")), STR_ARG(term_count(a, now->d.population)),
             STR_ARG(term_count(a, now->d.weak)));
    if (estimate_shown(&right->precision))
        term_say(t, "Of those judged, %.*s were (%.*s).", STR_ARG(percent(a, &right->precision)),
                 STR_ARG(ranged(a, &right->precision)));
    else
        term_say(t, "Nobody has judged yet whether that is right: heed dissatisfied audit.");
    if (estimate_shown(&right->recall))
        term_say(t, " Of all who are, %.*s are listed (%.*s).", STR_ARG(percent(a, &right->recall)),
                 STR_ARG(ranged(a, &right->recall)));
    term_say(t, "\n\n");
}

bool dissatisfied_list_run(care *k, err *e) {
    static const table_col cols[] = {
        {"customer", false, false}, {"at stake", true, false},    {"chance", true, false}, {"since", false, false},
        {"why", false, false},      {"done since", false, false}, {"words", false, true},  {"", false, false}};
    const dissatisfied_opts *o = k->o;
    cli *c = k->at.c;
    dissatisfied_now *now = make(c->life, dissatisfied_now, 1);
    dissatisfied_report *right = make(c->life, dissatisfied_report, 1);
    enum signal signal = SIGNALS;
    const int64_t most = o->limit > 0 ? o->limit : 10;
    if (o->signal.len && !signal_of(o->signal, &signal))
        return fail(e, ERR_usage, "'%.*s' is no sign; heed dissatisfied figures names them", STR_ARG(o->signal));
    if (!dissatisfied_read(c->life, k->at.s, k->at.now_us, now, e) ||
        !dissatisfied_tell(c->life, k->at.s, k->at.now_us, right, e))
        return false;
    reply r;
    table *rows = table_new(c->life, cols, COUNT(cols));
    if (c->g.json) {
        reply_open(&r, c), json_open(&r.j, NULL, '{');
        json_put_time(&r.j, "now", now->now_us);
        json_put_int(&r.j, "population", now->d.population);
        json_put_int(&r.j, "listed", now->d.listed);
        json_put_int(&r.j, "weak", now->d.weak);
        json_open(&r.j, "customers", '[');
    } else
        say_head(k, now, right);
    int64_t shown = 0;
    for (size_t i = 0; i < now->d.n && shown < most; i++) {
        if (!wanted(o, &now->d.v[i], signal != SIGNALS, signal)) continue;
        shown++;
        if (!(c->g.json ? one_json(k, &r, &now->d.v[i], &now->d, e) : one_row(k, rows, &now->d.v[i], now, e)))
            return false;
    }
    if (c->g.json)
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    else if (table_rows(rows))
        table_print(rows, &c->t, 0);
    return true;
}

// ---- figures ----

static void figures_json(care *k, const dissatisfied_report *x, const dissatisfied_after *later, size_t n) {
    reply r;
    reply_open(&r, k->at.c), json_open(&r.j, NULL, '{');
    json_put_int(&r.j, "months", x->months);
    figure_json(&r.j, "precision", &x->precision);
    figure_json(&r.j, "precision_any", &x->precision_any);
    figure_json(&r.j, "recall", &x->recall);
    figure_json(&r.j, "recall_any", &x->recall_any);
    figure_json(&r.j, "prevalence", &x->prevalence);
    json_open(&r.j, "signals", '[');
    for (int s = 0; s < SIGNALS; s++) {
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "signal", str_c(signal_get((enum signal)s)->name));
        json_put_num(&r.j, "strength", round(x->lines[s].strength * 1000) / 1000);
        json_put_int(&r.j, "judged", x->lines[s].judged);
        figure_json(&r.j, "precision", &x->lines[s].precision);
        figure_json(&r.j, "unique", &x->lines[s].unique);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_open(&r.j, "later", '[');
    for (size_t i = 0; i < n; i++)
        for (int o = 0; o < DISSATISFIED_OUTCOMES; o++) {
            const dissatisfied_later *l = &later[i].of[o];
            json_open(&r.j, NULL, '{');
            json_put_int(&r.j, "days", later[i].days);
            json_put_str(&r.j, "outcome", str_c(dissatisfied_outcome_name((enum dissatisfied_outcome)o)));
            figure_json(&r.j, "listed", &l->listed);
            figure_json(&r.j, "others", &l->others);
            json_put_num(&r.j, "times", l->times.ratio);
            json_put_num(&r.j, "times_lo", l->times.lo);
            json_put_num(&r.j, "times_hi", l->times.hi);
            json_close(&r.j, '}');
        }
    json_close(&r.j, ']');
    json_close(&r.j, '}'), reply_close(&r);
}

static void say_later(care *k, const dissatisfied_after *x) {
    arena *a = k->at.c->life;
    const term *t = &k->at.c->t;
    table *rows = table_new(
        a,
        (table_col[]){
            {NULL, false, true}, {NULL, true, false}, {NULL, false, false}, {NULL, true, false}, {NULL, false, false}},
        5);
    term_say(t, "Of %.*s listed %d days ago, since then\n", STR_ARG(say_n(a, x->listed, "customer", "customers")),
             x->days);
    for (int o = 0; o < DISSATISFIED_OUTCOMES; o++) {
        const dissatisfied_later *l = &x->of[o];
        table_add(rows, STYLE_plain, str_c(dissatisfied_outcome_text((enum dissatisfied_outcome)o)));
        table_add(rows, STYLE_bold, percent(a, &l->listed));
        table_add(rows, STYLE_dim, str_fmt(a, "n %.*s", STR_ARG(term_count(a, l->of))));
        table_add(rows, STYLE_plain, str_fmt(a, "others %.*s", STR_ARG(percent(a, &l->others))));
        table_add(rows, STYLE_plain,
                  isnan(l->times.ratio)
                      ? S("")
                      : str_fmt(a, "%.1f times, likely %.1f to %.1f", l->times.ratio, l->times.lo, l->times.hi));
    }
    table_print(rows, t, 2);
    term_say(t, "\n");
}

static void say_signals(care *k, const dissatisfied_report *x, const dissatisfied_now *now) {
    static const table_col cols[] = {{"sign", false, true},   {"listed", true, false}, {"strength", true, false},
                                     {"judged", true, false}, {"right", true, false},  {"", false, false},
                                     {"alone", true, false}};
    arena *a = k->at.c->life;
    table *rows = table_new(a, cols, COUNT(cols));
    for (int s = 0; s < SIGNALS; s++) {
        const dissatisfied_line *l = &x->lines[s];
        const bool any = estimate_shown(&l->precision);
        table_add(rows, STYLE_bold, str_c(signal_get((enum signal)s)->name));
        table_add(rows, STYLE_plain, term_count(a, now->d.counts[s]));
        table_add(rows, STYLE_plain, str_fmt(a, "%.0f %%", 100 * l->strength));
        table_add(rows, STYLE_plain, l->judged ? term_count(a, l->judged) : S("-"));
        table_add(rows, STYLE_plain, percent(a, &l->precision));
        table_add(rows, STYLE_dim, any ? ranged(a, &l->precision) : S(""));
        table_add(rows, STYLE_plain, estimate_shown(&l->unique) ? percent(a, &l->unique) : S("-"));
    }
    table_print(rows, &k->at.c->t, 2);
    term_say(
        &k->at.c->t,
        "  strength: the chance that a sign alone gives; the default, drawn to what was judged. alone: of all who are "
        "dissatisfied,\n  so many would be missed without it.\n\n");
}

static void say_share(care *k, const char *what, const estimate *x) {
    arena *a = k->at.c->life;
    term_say(&k->at.c->t, "  %s %.*s  %.*s\n", what, STR_ARG(percent(a, x)), STR_ARG(ranged(a, x)));
}

bool dissatisfied_figures_run(care *k, err *e) {
    enum { SPANS = 2 };
    static const int days[SPANS] = {30, 60};
    cli *c = k->at.c;
    dissatisfied_now *now = make(c->life, dissatisfied_now, 1);
    dissatisfied_report *x = make(c->life, dissatisfied_report, 1);
    dissatisfied_after later[SPANS];
    if (!dissatisfied_read(c->life, k->at.s, k->at.now_us, now, e) ||
        !dissatisfied_tell(c->life, k->at.s, k->at.now_us, x, e))
        return false;
    for (int i = 0; i < SPANS; i++)
        if (!dissatisfied_outcomes(c->life, k->at.s, now->now_us, days[i], &later[i], e)) return false;
    if (c->g.json) return figures_json(k, x, later, SPANS), true;
    term_head(&c->t, "By what happened later");
    for (int i = 0; i < SPANS; i++) say_later(k, &later[i]);
    term_head(&c->t, "By people who judge blindly");
    const dissatisfied_part_told *p = x->part;
    int64_t judged = 0, drawn = 0;
    for (int i = 0; i < DISSATISFIED_PARTS; i++) judged += p[i].yes + p[i].no + p[i].unsure, drawn += p[i].drawn;
    term_say(&c->t, "  %.*s of %.*s drawn in %.*s were judged.\n", STR_ARG(term_count(c->life, judged)),
             STR_ARG(say_n(c->life, drawn, "customer", "customers")),
             STR_ARG(say_n(c->life, x->months, "month", "months")));
    if (judged) {
        say_share(k, "right, of those listed:                ", &x->precision);
        say_share(k, "right, of those with any sign:         ", &x->precision_any);
        say_share(k, "listed, of all who are dissatisfied:   ", &x->recall);
        say_share(k, "with any sign, of all who are:         ", &x->recall_any);
        say_share(k, "dissatisfied, of all customers:        ", &x->prevalence);
    }
    term_say(&c->t, "\n");
    say_signals(k, x, now);
    return true;
}

// ---- the sample ----

static bool show_judged(care *k, const dissatisfied_sampled *x, int64_t now_us, err *e) {
    cli *c = k->at.c;
    arena *a = c->life;
    record *v;
    size_t n;
    str name;
    if (!name_of(k, x->customer, &name, e) ||
        !dissatisfied_lately(a, k->at.s, x->customer, now_us, LATELY_MOST, &v, &n, e))
        return false;
    term_say(&c->t, "customer:%" PRId64 "  %.*s\n", x->customer, STR_ARG(term_clean(a, name, true)));
    for (size_t i = 0; i < n; i++) {
        said w = {0};
        const bool has_words = said_of(a, &v[i], &w) && w.text.len;
        str value = say_value(a, (enum kind)v[i].kind, v[i].has_value, v[i].value, v[i].unit);
        str words = has_words ? text_clip(a, term_clean(a, w.text, true), 2 * WORDS_WIDE) : S("");
        term_say(&c->t, "  %.*s  %.*s  %.*s%s%.*s%s\n", STR_ARG(say_day(a, k->at.z, v[i].at_us)),
                 STR_ARG(say_kind(a, (enum kind)v[i].kind)), STR_ARG(value), has_words ? " \"" : "", STR_ARG(words),
                 has_words ? "\"" : "");
    }
    if (!n) term_say(&c->t, "  Nothing happened in %d days.\n", LATELY_DAYS);
    return true;
}

bool dissatisfied_audit_run(care *k, err *e) {
    const dissatisfied_opts *o = k->o;
    cli *c = k->at.c;
    const int month = topic_month(k->at.now_us);
    dissatisfied_sampled *v;
    size_t n, waiting = 0;
    int64_t shown = 0, now_us;
    bool historic;
    if (!as_of_us(k->at.s, k->at.now_us, &now_us, &historic, e) ||
        !dissatisfied_sampled_in(c->life, k->at.s, month, &v, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) waiting += v[i].said == JUDGED_nothing;
    if (c->g.json) {
        reply r;
        reply_open(&r, c), json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "month", topic_month_text(c->life, month));
        json_put_int(&r.j, "drawn", (int64_t)n);
        json_put_int(&r.j, "waiting", (int64_t)waiting);
        json_open(&r.j, "customers", '[');
        for (size_t i = 0; i < n; i++)
            if (v[i].said == JUDGED_nothing) json_put_int(&r.j, NULL, v[i].customer);
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    if (!n) return term_say(&c->t, "This month's sample is not drawn yet: heed dissatisfied draw\n"), true;
    term_say(&c->t, "Sample of %.*s: %zu of %zu judged. Were they really dissatisfied?\n\n",
             STR_ARG(topic_month_text(c->life, month)), n - waiting, n);
    for (size_t i = 0; i < n && shown < o->limit; i++) {
        if (v[i].said != JUDGED_nothing) continue;
        if (!show_judged(k, &v[i], now_us, e)) return false;
        shown++;
    }
    if (shown) term_say(&c->t, "\nJudge by: heed dissatisfied judge CUSTOMER yes, no or unsure\n");
    return true;
}
