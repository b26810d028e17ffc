#include "serve/today_page.h"

#include "act/duties.h"
#include "base/money.h"
#include "base/unicode.h"
#include "decide/today.h"
#include "know/figure.h"
#include "know/settings.h"

static str day_of(arena *a, const zone *z, int64_t at_us) {
    return date_str(a, zone_days(z, at_us));
}

static void head_part(buf *b, arena *a, const today *t, const zone *z) {
    str from = day_of(a, z, t->now.since_us), to = day_of(a, z, t->now.until_us - 1);
    if (t->sample)
        buf_add(b, S("<p class=\"note sample\"><strong>SAMPLE</strong>: these customers are made up; <code>heed demo "
                     "--remove</code> takes them away.</p>\n"));
    if (t->historic)
        html_fmt(b,
                 "<p class=\"note\">All data are older than a month, so today is taken to be %s, the day of the newest "
                 "event.</p>\n",
                 &to);
    html_fmt(b, "<p class=\"quiet\">%s customers, %s of them active. From %s to %s, beside the same time before.</p>\n",
             (str[]){str_fmt(a, "%" PRId64, t->customers), str_fmt(a, "%" PRId64, t->active), from, to});
}

static void measure_row(buf *b, arena *a, const today_measure *m) {
    static const char *const looks[] = {"quiet", "quiet", "", "good", "bad"};
    static const char *const marks[] = {"", "? ", "● ", "▲ ", "▼ "};
    const measure_info *info = measure_get(m->m);
    bool thin = m->now.state == ESTIMATE_THIN && m->now.why;
    str verdict = str_c(thin ? m->now.why : verdict_text(m->verdict));
    str was = estimate_shown(&m->before)
                  ? str_fmt(a, ", was %.*s", STR_ARG(figure_value(a, info->unit, m->before.value)))
                  : S("");
    html_fmt(b,
             "<tr><th scope=\"row\">%s</th><td class=\"number\"><strong>%s</strong></td><td>%s</td><td class=\"number "
             "quiet\">n %s</td>",
             (str[]){str_c(info->label), figure_value(a, info->unit, m->now.value),
                     figure_range(a, info->unit, &m->now), str_fmt(a, "%" PRId64, m->now.n)});
    html_fmt(b, "<td><span class=\"%s\">%s%s</span>%s</td></tr>\n",
             (str[]){str_c(looks[m->verdict]), str_c(marks[m->verdict]), verdict, was});
}

static void measures_part(buf *b, arena *a, const today *t) {
    if (!t->n_measures) return;
    buf_add(b, S("<section class=\"panel\"><h2>How we are doing</h2><div class=\"wide\"><table><thead><tr><th "
                 "scope=\"col\">Figure</th>"
                 "<th scope=\"col\" class=\"number\">Now</th><th scope=\"col\">Range</th><th scope=\"col\" "
                 "class=\"number\">Rests on</th>"
                 "<th scope=\"col\">Against the time before</th></tr></thead><tbody>\n"));
    for (int i = 0; i < t->n_measures; i++) measure_row(b, a, &t->measures[i]);
    buf_add(b, S("</tbody></table></div></section>\n"));
}

static void need_row(buf *b, arena *a, const today_need *n, const zone *z) {
    str money = n->value ? money_str(a, n->value, currency_by_number(n->currency)) : S("");
    str since = str_fmt(a, "%s %.*s", n->need == NEED_GONE_QUIET ? "silent since" : "since",
                        STR_ARG(day_of(a, z, n->since_us)));
    if (n->need == NEED_GONE_QUIET) since = str_fmt(a, "%.*s, usually every %d days", STR_ARG(since), n->rhythm_days);
    str words = n->words.len ? str_fmt(a, "“%.*s”", STR_ARG(text_clip(a, n->words, 100))) : S("");
    html_fmt(b, "<tr><th scope=\"row\">%s</th><td class=\"number\">%s</td><td>%s</td><td>%s</td></tr>\n",
             (str[]){n->name, money, since, words});
}

static void needs_part(buf *b, arena *a, const today *t, const zone *z, bool names) {
    bool any = false;
    buf_add(b, S("<section class=\"panel\"><h2>Who needs us now</h2>\n"));
    for (int k = 0; k < NEEDS; k++) {
        if (!t->need_counts[k]) continue;
        any = true;
        html_fmt(b, "<h3>%s (%s)</h3>\n",
                 (str[]){str_c(need_label((enum today_kind)k)), str_fmt(a, "%" PRId64, t->need_counts[k])});
        if (!names) continue;
        buf_add(b, S("<div class=\"wide\"><table><thead><tr><th scope=\"col\">Customer</th><th scope=\"col\" "
                     "class=\"number\">At stake</th>"
                     "<th scope=\"col\">How long</th><th scope=\"col\">Last words</th></tr></thead><tbody>\n"));
        for (int i = 0; i < t->n_needs; i++)
            if (t->needs[i].need == (enum today_kind)k) need_row(b, a, &t->needs[i], z);
        buf_add(b, S("</tbody></table></div>\n"));
    }
    if (!any) buf_add(b, S("<p>Nobody waits for us, and no good customer has gone quiet.</p>"));
    buf_add(b, S("</section>\n"));
}

static void duty_list(buf *b, arena *a, const char *head, int64_t count, const duty *d, size_t n, const zone *z) {
    if (!count) return;
    html_fmt(b, "<h3>%s (%s)</h3>\n", (str[]){str_c(head), str_fmt(a, "%" PRId64, count)});
    if (!n) return;
    buf_add(b, S("<div class=\"wide\"><table><thead><tr><th scope=\"col\">To</th><th scope=\"col\">Kind</th>"
                 "<th scope=\"col\">Due</th><th scope=\"col\">What was promised</th><th scope=\"col\">By</th></tr>"
                 "</thead><tbody>\n"));
    for (size_t i = 0; i < n; i++)
        html_fmt(b, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>\n",
                 (str[]){d[i].name.len ? d[i].name : S("us"), str_c(commitment_kind_row(d[i].x.kind)->name),
                         day_of(a, z, d[i].x.judged_us), text_clip(a, d[i].x.what, 100), d[i].x.owner});
    buf_add(b, S("</tbody></table></div>\n"));
}

static void lines_part(buf *b, arena *a, const duties *d) {
    if (!d->n_near) return;
    buf_add(b, S("<h3>Red lines nearly used up</h3>\n<ul>\n"));
    for (size_t i = 0; i < d->n_near; i++)
        html_fmt(b, "<li><strong>%s</strong>: %s %%. <span class=\"quiet\">%s</span></li>\n",
                 (str[]){d->near[i].line.name, str_fmt(a, "%.0f", 100 * d->near[i].share), d->near[i].sum});
    buf_add(b, S("</ul>\n"));
}

// The part of the page that is about our own word.
static void duties_part(buf *b, arena *a, const duties *d, const zone *z, bool names) {
    if (!duties_any(d)) return;
    buf_add(b, S("<section class=\"panel\"><h2>Our word</h2>\n"));
    duty_list(b, a, "Due and not kept", d->due_count, d->due, names ? d->n_due : 0, z);
    duty_list(b, a, "Likely late", d->risky_count, d->risky, names ? d->n_risky : 0, z);
    duty_list(b, a, "An apology is owed", d->broken_count, d->broken, names ? d->n_broken : 0, z);
    lines_part(b, a, d);
    if (d->n_approvals)
        html_fmt(b, "<p>%s concessions wait for a signature.</p>\n", (str[]){str_fmt(a, "%zu", d->n_approvals)});
    int64_t trouble = d->mail.unsure + d->mail.failed + d->mail.bounced + d->mail.waiting;
    if (trouble) html_fmt(b, "<p>%s messages need a look.</p>\n", (str[]){str_fmt(a, "%" PRId64, trouble)});
    buf_add(b, S("</section>\n"));
}

static void rising_part(buf *b, arena *a, const today *t, bool names) {
    buf_add(b, S("<section class=\"panel\"><h2>What is rising in what people say</h2>\n"));
    if (!t->n_rising) buf_add(b, S("<p>Nothing clearly.</p>"));
    if (t->n_rising) buf_add(b, S("<ul>\n"));
    for (int i = 0; i < t->n_rising; i++) {
        const today_rising *r = &t->rising[i];
        str before =
            r->before ? str_fmt(a, "was %.*s", STR_ARG(figure_value(a, UNIT_SHARE, r->r.share_before))) : S("new");
        html_fmt(b, "<li><strong>%s</strong>: %s of what is said, %s",
                 (str[]){r->term, figure_value(a, UNIT_SHARE, r->r.share), before});
        if (names && r->example.len)
            html_fmt(b, " <span class=\"quiet\">“%s”</span>", (str[]){text_clip(a, r->example, 100)});
        buf_add(b, S("</li>\n"));
    }
    if (t->n_rising) buf_add(b, S("</ul>\n"));
    buf_add(b, S("</section>\n"));
}

static void unknown_part(buf *b, arena *a, const today *t) {
    if (!t->n_unknown && !t->quarantined) return;
    buf_add(b, S("<section class=\"panel\"><h2>What heed could not tell</h2><ul>\n"));
    for (int i = 0; i < t->n_unknown; i++)
        html_fmt(b, "<li>%s: <span class=\"quiet\">%s</span></li>\n", (str[]){t->unknown[i].what, t->unknown[i].why});
    if (t->quarantined)
        html_fmt(b, "<li>%s rows wait in quarantine</li>\n", (str[]){str_fmt(a, "%" PRId64, t->quarantined)});
    buf_add(b, S("</ul></section>\n"));
}

bool today_page(buf *b, arena *a, store *s, int64_t now_us, bool names, err *e) {
    today t;
    duties d;
    zone *z;
    if (!today_read(a, s, &(today_opts){.clock_us = now_us}, &t, e) || !zone_open(a, t.zone, &z, e) ||
        !duties_read(a, s, t.now_us, 0, &d, e))
        return false;
    if (!t.customers && !t.texts_now && !t.n_measures) {
        buf_add(b, S("<p class=\"note\">Nothing is in yet. Take something in with <code>heed import orders.csv</code>, "
                     "or send "
                     "events: <a href=\"/docs/api\">the API</a> says how.</p>\n"));
        return true;
    }
    head_part(b, a, &t, z);
    needs_part(b, a, &t, z, names);
    duties_part(b, a, &d, z, names);
    measures_part(b, a, &t);
    rising_part(b, a, &t, names);
    unknown_part(b, a, &t);
    return true;
}
