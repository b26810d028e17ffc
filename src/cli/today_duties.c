#include "cli/today_duties.h"

#include <math.h>

#include "base/unicode.h"
#include "cli/say.h"
#include "know/figure.h"

enum { NAME_WIDE = 28, WORDS_WIDE = 60 };

static str when_of(arena *a, const duty *d, int64_t now_us) {
    if (d->x.judged_us <= now_us) return str_fmt(a, "due %.*s ago", STR_ARG(say_ago(a, d->x.judged_us, now_us)));
    str in = say_ago(a, now_us, d->x.judged_us);
    return isnan(d->late) ? str_fmt(a, "due in %.*s", STR_ARG(in))
                          : str_fmt(a, "due in %.*s, late by %.0f in 100", STR_ARG(in), 100 * d->late);
}

static void list(const cli *c, arena a, const duty *d, size_t n, int64_t now_us) {
    table *x = table_new(&a,
                         (table_col[]){{NULL, false, false},
                                       {NULL, false, false},
                                       {NULL, false, false},
                                       {NULL, false, true},
                                       {NULL, false, false}},
                         5);
    for (size_t i = 0; i < n; i++) {
        str what = text_clip(&a, term_clean(&a, d[i].x.what, true), WORDS_WIDE);
        table_add(x, STYLE_bold, d[i].name.len ? text_clip(&a, term_clean(&a, d[i].name, true), NAME_WIDE) : S("us"));
        table_add(x, STYLE_plain, str_c(commitment_kind_row(d[i].x.kind)->name));
        table_add(x, STYLE_plain, when_of(&a, &d[i], now_us));
        table_add(x, STYLE_plain, what.len ? str_fmt(&a, "\"%.*s\"", STR_ARG(what)) : S(""));
        table_add(x, STYLE_dim, str_fmt(&a, "commitment:%" PRId64, d[i].x.id));
    }
    table_print(x, &c->t, 4);
}

static void part(const cli *c, const char *head, int64_t count, const duty *d, size_t n, const char *which,
                 int64_t now_us) {
    arena a = c->scratch;
    if (!count) return;
    str of = count > (int64_t)n ? str_fmt(&a, ", %s", which) : S("");
    term_say(&c->t, "  %s (%.*s%.*s)\n", head, STR_ARG(term_count(&a, count)), STR_ARG(of));
    list(c, a, d, n, now_us);
}

static void lines_part(const cli *c, const duties *d) {
    arena a = c->scratch;
    if (!d->n_near) return;
    term_say(&c->t, "  Red lines nearly used up\n");
    table *x = table_new(&a, (table_col[]){{NULL, false, false}, {NULL, true, false}, {NULL, false, true}}, 3);
    for (size_t i = 0; i < d->n_near; i++) {
        const redline_used *u = &d->near[i];
        table_add(x, STYLE_bold, term_clean(&a, u->line.name, true));
        table_add(x, u->share > 1 ? STYLE_bad : STYLE_warn, str_fmt(&a, "%.0f %%", 100 * u->share));
        table_add(x, STYLE_plain, u->sum);
    }
    table_print(x, &c->t, 4);
}

static void approvals_part(const cli *c, const duties *d, int64_t now_us) {
    arena a = c->scratch;
    if (!d->n_approvals) return;
    term_say(&c->t, "  Waiting for a signature (%zu): heed approval list\n", d->n_approvals);
    table *x = table_new(
        &a,
        (table_col[]){
            {NULL, false, false}, {NULL, true, false}, {NULL, false, false}, {NULL, false, true}, {NULL, false, false}},
        5);
    for (size_t i = 0; i < MIN(d->n_approvals, (size_t)DUTIES_MOST); i++) {
        const approval *p = &d->approvals[i];
        bool late = p->due_us <= now_us;
        str span = late ? say_ago(&a, p->due_us, now_us) : say_ago(&a, now_us, p->due_us);
        table_add(x, STYLE_bold, str_c(concession_name(p->kind)));
        table_add(x, STYLE_plain, say_money(&a, p->costs, p->currency));
        table_add(x, STYLE_plain, str_fmt(&a, late ? "over for %.*s" : "%.*s left", STR_ARG(span)));
        table_add(x, STYLE_plain, text_clip(&a, term_clean(&a, p->reason, true), WORDS_WIDE));
        table_add(x, STYLE_dim, str_fmt(&a, "approval:%" PRId64, p->id));
    }
    table_print(x, &c->t, 4);
}

static void mail_part(const cli *c, const outbox_troubles *m) {
    if (!m->unsure && !m->failed && !m->bounced && !m->waiting) return;
    term_say(&c->t,
             "  Messages: %" PRId64 " of unknown fate, %" PRId64 " failed and %" PRId64
             " came back within a week, %" PRId64 " wait for over a day: heed outbox list\n",
             m->unsure, m->failed, m->bounced, m->waiting);
}

static void alike_part(const cli *c, int64_t pairs) {
    arena a = c->scratch;
    if (pairs)
        term_say(&c->t, "  May be the same person (%.*s): heed alike\n", STR_ARG(say_n(&a, pairs, "pair", "pairs")));
}

static void crowds_part(const cli *c, int64_t crowds) {
    arena a = c->scratch;
    if (crowds)
        term_say(&c->t, "  Made of suspiciously many profiles (%.*s): heed identity\n",
                 STR_ARG(say_n(&a, crowds, "customer", "customers")));
}

static void topics_part(const cli *c, const duties *d) {
    arena a = c->scratch;
    if (d->topic_questions)
        term_say(&c->t, "  Waiting to be told what they are about (%.*s): heed topic ask\n",
                 STR_ARG(say_n(&a, d->topic_questions, "text", "texts")));
    if (d->topic_audit)
        term_say(&c->t, "  The month's sample of topics is to be judged (%.*s): heed topic audit\n",
                 STR_ARG(say_n(&a, d->topic_audit, "text", "texts")));
}

static void dissatisfied_part(const cli *c, const duties *d) {
    arena a = c->scratch;
    const estimate *p = &d->dissatisfied_precision;
    if (d->dissatisfied) {
        str right = estimate_shown(p) ? str_fmt(&a, "of those judged %.*s were, %.*s",
                                                STR_ARG(figure_value(&a, UNIT_SHARE, p->value)),
                                                STR_ARG(figure_range(&a, UNIT_SHARE, p)))
                                      : S("nobody has judged yet whether that is right");
        term_say(&c->t, "  Likely dissatisfied (%.*s; %.*s): heed dissatisfied\n",
                 STR_ARG(say_n(&a, d->dissatisfied, "customer", "customers")), STR_ARG(right));
    }
    if (d->dissatisfied_audit)
        term_say(&c->t, "  The month's sample of customers is to be judged (%.*s): heed dissatisfied audit\n",
                 STR_ARG(say_n(&a, d->dissatisfied_audit, "customer", "customers")));
}

void today_duties(const cli *c, const duties *d, int64_t now_us) {
    if (!duties_any(d)) return;
    term_say(&c->t, "\n");
    term_head(&c->t, "Our word");
    part(c, "Due and not kept", d->due_count, d->due, d->n_due, "the longest due", now_us);
    part(c, "Likely late", d->risky_count, d->risky, d->n_risky, "the likeliest", now_us);
    part(c, "An apology is owed", d->broken_count, d->broken, d->n_broken, "the oldest", now_us);
    lines_part(c, d);
    approvals_part(c, d, now_us);
    mail_part(c, &d->mail);
    alike_part(c, d->alike);
    crowds_part(c, d->crowds);
    topics_part(c, d);
    dissatisfied_part(c, d);
}
