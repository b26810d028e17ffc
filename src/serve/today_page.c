#include "serve/today_page.h"

#include "act/duties.h"
#include "base/money.h"
#include "base/unicode.h"
#include "decide/today.h"
#include "know/figure.h"
#include "know/settings.h"

typedef struct {
    buf *b;
    arena *a;
    const locale *l;
    const zone *z;
    bool names;
} page;

static str say(const page *p, enum word w) {
    return word_of(p->l, w);
}

static str day_of(const page *p, int64_t at_us) {
    return local_day(p->a, p->l, zone_days(p->z, at_us));
}

static str count(const page *p, int64_t n) {
    return local_count(p->a, p->l, n);
}

static void part(const page *p, enum word title) {
    html_fmt(p->b, "<section class=\"panel\"><h2>%s</h2>\n", (str[]){say(p, title)});
}

static void part_end(const page *p) {
    buf_add(p->b, S("</section>\n"));
}

// A table's head; numbers: bits of the columns that hold some.
static void table(const page *p, const enum word *heads, size_t n, unsigned numbers) {
    buf_add(p->b, S("<div class=\"wide\"><table><thead><tr>"));
    for (size_t i = 0; i < n; i++)
        html_fmt(p->b, numbers >> i & 1 ? "<th scope=\"col\" class=\"number\">%s</th>" : "<th scope=\"col\">%s</th>",
                 (str[]){say(p, heads[i])});
    buf_add(p->b, S("</tr></thead><tbody>\n"));
}

static void table_end(const page *p) {
    buf_add(p->b, S("</tbody></table></div>\n"));
}

// "…{command}…", where a command stands as such.
static void with_command(const page *p, const char *look, enum word w, const char *command) {
    str text = say(p, w);
    ptrdiff_t at = str_find(text, '{'), end = str_find(text, '}');
    html_fmt(
        p->b, "<p class=\"%s\">%s<code>%s</code>%s</p>\n",
        (str[]){str_c(look), str_sub(text, 0, (size_t)at), str_c(command), str_sub(text, (size_t)end + 1, text.len)});
}

static void head_part(const page *p, const today *t) {
    str from = day_of(p, t->now.since_us), to = day_of(p, t->now.until_us - 1);
    if (t->sample) with_command(p, "note sample", WORD_server_today_sample, "heed demo --remove");
    if (t->historic)
        html_fmt(p->b, "<p class=\"note\">%s</p>\n",
                 (str[]){word_with(p->a, p->l, WORD_server_today_historic, PLACES({"day", to}))});
    html_fmt(p->b, "<p class=\"quiet\">%s</p>\n",
             (str[]){word_with(
                 p->a, p->l, WORD_server_today_span,
                 PLACES({"n", count(p, t->customers)}, {"active", count(p, t->active)}, {"from", from}, {"to", to}))});
}

static void measure_row(const page *p, const today_measure *m) {
    static const enum word labels[] = {
#define MEASURE(name, label, unit, better, reads, splits, formula, method, text) WORD_measure_##name,
#include "know/measures.def"
    };
    static const enum word verdicts[] = {WORD_verdict_none, WORD_verdict_too_few, WORD_verdict_no_change,
                                         WORD_verdict_better, WORD_verdict_worse};
    static const char *const looks[] = {"quiet", "quiet", "", "good", "bad"};
    static const char *const marks[] = {"", "? ", "● ", "▲ ", "▼ "};
    const measure_info *info = measure_get(m->m);
    str was = S("");
    if (estimate_shown(&m->before)) {
        str value = figure_value_in(p->a, p->l, info->unit, m->before.value);
        was = str_cat(p->a, S(", "), word_with(p->a, p->l, WORD_verdict_was, PLACES({"value", value})));
    }
    html_fmt(p->b,
             "<tr><th scope=\"row\">%s</th><td class=\"number\"><strong>%s</strong></td><td>%s</td><td class=\"number "
             "quiet\">n %s</td>",
             (str[]){say(p, labels[m->m]), figure_value_in(p->a, p->l, info->unit, m->now.value),
                     figure_range_in(p->a, p->l, info->unit, &m->now), count(p, m->now.n)});
    html_fmt(p->b, "<td><span class=\"%s\">%s%s</span>%s</td></tr>\n",
             (str[]){str_c(looks[m->verdict]), str_c(marks[m->verdict]), say(p, verdicts[m->verdict]), was});
}

static void measures_part(const page *p, const today *t) {
    static const enum word heads[] = {WORD_server_today_figure, WORD_server_today_now, WORD_server_today_range,
                                      WORD_server_today_rests, WORD_server_today_against};
    if (!t->n_measures) return;
    part(p, WORD_server_today_measures);
    table(p, heads, COUNT(heads), 1u << 1 | 1u << 3);
    for (int i = 0; i < t->n_measures; i++) measure_row(p, &t->measures[i]);
    table_end(p);
    part_end(p);
}

static void need_row(const page *p, const today_need *n) {
    str money = n->value ? local_money(p->a, p->l, n->value, currency_by_number(n->currency)) : S("");
    bool silent = n->need == NEED_GONE_QUIET;
    str since = word_with(p->a, p->l, silent ? WORD_server_today_silent : WORD_server_today_since,
                          PLACES({"day", day_of(p, n->since_us)}, {"n", count(p, n->rhythm_days)}));
    str words = n->words.len ? str_fmt(p->a, "“%.*s”", STR_ARG(text_clip(p->a, n->words, 100))) : S("");
    html_fmt(p->b, "<tr><th scope=\"row\">%s</th><td class=\"number\">%s</td><td>%s</td><td>%s</td></tr>\n",
             (str[]){n->name, money, since, words});
}

static void needs_part(const page *p, const today *t) {
    static const enum word labels[NEEDS] = {WORD_need_unhappy_waiting, WORD_need_complaint, WORD_need_waiting,
                                            WORD_need_gone_quiet};
    static const enum word heads[] = {WORD_server_today_customer, WORD_server_today_stake, WORD_server_today_how_long,
                                      WORD_server_today_last_words};
    bool any = false;
    part(p, WORD_server_today_needs);
    for (int k = 0; k < NEEDS; k++) {
        if (!t->need_counts[k]) continue;
        any = true;
        html_fmt(p->b, "<h3>%s (%s)</h3>\n", (str[]){say(p, labels[k]), count(p, t->need_counts[k])});
        if (!p->names) continue;
        table(p, heads, COUNT(heads), 1u << 1);
        for (int i = 0; i < t->n_needs; i++)
            if (t->needs[i].need == (enum today_kind)k) need_row(p, &t->needs[i]);
        table_end(p);
    }
    if (!any) html_fmt(p->b, "<p>%s</p>", (str[]){say(p, WORD_server_today_nobody)});
    part_end(p);
}

static str kind_word(const locale *l, enum commitment_kind k) {
    static const enum word kinds[] = {
#define COMMITMENT(name, id, hours, clock, keeper, text) [id] = WORD_promise_kind_##name,
#include "know/commitments.def"
    };
    return word_of(l, kinds[k]);
}

static void duty_list(const page *p, enum word head, int64_t n_all, const duty *d, size_t n) {
    static const enum word heads[] = {WORD_server_today_to, WORD_server_today_kind, WORD_server_today_when,
                                      WORD_server_today_what, WORD_server_today_by};
    if (!n_all) return;
    html_fmt(p->b, "<h3>%s (%s)</h3>\n", (str[]){say(p, head), count(p, n_all)});
    if (!n) return;
    table(p, heads, COUNT(heads), 0);
    for (size_t i = 0; i < n; i++)
        html_fmt(p->b, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
                 (str[]){d[i].name.len ? d[i].name : say(p, WORD_server_today_us), kind_word(p->l, d[i].x.kind),
                         day_of(p, d[i].x.judged_us), text_clip(p->a, d[i].x.what, 100), d[i].x.owner});
    table_end(p);
}

static void lines_part(const page *p, const duties *d) {
    if (!d->n_near) return;
    html_fmt(p->b, "<h3>%s</h3>\n<ul>\n", (str[]){say(p, WORD_server_today_lines)});
    for (size_t i = 0; i < d->n_near; i++)
        html_fmt(p->b, "<li><strong>%s</strong>: %s. <span class=\"quiet\">%s</span></li>\n",
                 (str[]){d->near[i].line.name, local_percent(p->a, p->l, d->near[i].share, 0), d->near[i].sum});
    buf_add(p->b, S("</ul>\n"));
}

// The part of the page that is about our own word.
static void duties_part(const page *p, const duties *d) {
    if (!duties_any(d)) return;
    part(p, WORD_server_today_duties);
    duty_list(p, WORD_server_today_due, d->due_count, d->due, p->names ? d->n_due : 0);
    duty_list(p, WORD_server_today_risky, d->risky_count, d->risky, p->names ? d->n_risky : 0);
    duty_list(p, WORD_server_today_broken, d->broken_count, d->broken, p->names ? d->n_broken : 0);
    lines_part(p, d);
    int64_t trouble = d->mail.unsure + d->mail.failed + d->mail.bounced + d->mail.waiting;
    if (d->n_approvals)
        html_fmt(p->b, "<p>%s</p>\n",
                 (str[]){word_count(p->a, p->l, WORD_server_today_approvals, (int64_t)d->n_approvals, NULL)});
    if (d->dissatisfied)
        html_fmt(p->b, "<p>%s</p>\n",
                 (str[]){word_count(p->a, p->l, WORD_server_today_dissatisfied, d->dissatisfied, NULL)});
    if (trouble)
        html_fmt(p->b, "<p>%s</p>\n", (str[]){word_count(p->a, p->l, WORD_server_today_messages, trouble, NULL)});
    part_end(p);
}

static void rising_part(const page *p, const today *t) {
    part(p, WORD_server_today_rising);
    if (!t->n_rising) html_fmt(p->b, "<p>%s</p>", (str[]){say(p, WORD_server_today_nothing)});
    if (t->n_rising) buf_add(p->b, S("<ul>\n"));
    for (int i = 0; i < t->n_rising; i++) {
        const today_rising *r = &t->rising[i];
        str share = figure_value_in(p->a, p->l, UNIT_SHARE, r->r.share);
        str before = figure_value_in(p->a, p->l, UNIT_SHARE, r->r.share_before);
        html_fmt(p->b, "<li><strong>%s</strong>: %s",
                 (str[]){r->term, word_with(p->a, p->l, r->before ? WORD_server_today_share : WORD_server_today_new,
                                            PLACES({"share", share}, {"before", before}))});
        if (p->names && r->example.len)
            html_fmt(p->b, " <span class=\"quiet\">“%s”</span>", (str[]){text_clip(p->a, r->example, 100)});
        buf_add(p->b, S("</li>\n"));
    }
    if (t->n_rising) buf_add(p->b, S("</ul>\n"));
    part_end(p);
}

// Why something could not be told is said in English alone: it is a matter for whoever runs heed.
static void unknown_part(const page *p, const today *t) {
    if (!t->n_unknown && !t->quarantined) return;
    part(p, WORD_server_today_unknown);
    buf_add(p->b, S("<ul>\n"));
    for (int i = 0; i < t->n_unknown; i++)
        html_fmt(p->b, "<li lang=\"en\">%s: <span class=\"quiet\">%s</span></li>\n",
                 (str[]){t->unknown[i].what, t->unknown[i].why});
    if (t->quarantined)
        html_fmt(p->b, "<li>%s</li>\n",
                 (str[]){word_count(p->a, p->l, WORD_server_today_quarantine, t->quarantined, NULL)});
    buf_add(p->b, S("</ul>"));
    part_end(p);
}

bool today_page(buf *b, arena *a, store *s, const locale *l, int64_t now_us, bool names, err *e) {
    today t;
    duties d;
    zone *z;
    if (!today_read(a, s, &(today_opts){.clock_us = now_us}, &t, e) || !zone_open(a, t.zone, &z, e) ||
        !duties_read(a, s, t.now_us, 0, &d, e))
        return false;
    const page p = {.b = b, .a = a, .l = l, .z = z, .names = names};
    if (!t.customers && !t.texts_now && !t.n_measures) {
        with_command(&p, "note", WORD_server_today_empty, "heed import orders.csv");
        return true;
    }
    head_part(&p, &t);
    needs_part(&p, &t);
    duties_part(&p, &d);
    measures_part(&p, &t);
    rising_part(&p, &t);
    unknown_part(&p, &t);
    return true;
}
