#include "serve/promise_page.h"

#include "act/commitment_rates.h"
#include "know/fold.h"
#include "know/settings.h"
#include "know/standard.h"

enum { DAYS = 90, LEAST = 20 };

static str of_100(arena *a, const locale *l, double share) {
    return local_number(a, l, share * 100, 0);
}

// The likely range as a band and the value as a stroke, from none to all; told in words beside it.
static void put_bar(buf *b, arena *a, const locale *l, const estimate *x) {
    html_fmt(b,
             "<svg viewBox=\"0 0 100 8\" width=\"160\" height=\"14\" role=\"img\" aria-label=\"%s\" "
             "preserveAspectRatio=\"none\">"
             "<rect x=\"0\" y=\"3.5\" width=\"100\" height=\"1\" fill=\"currentColor\" opacity=\"0.35\"/>",
             (str[]){word_with(a, l, WORD_server_promises_bar,
                               PLACES({"lo", of_100(a, l, x->lo)}, {"hi", of_100(a, l, x->hi)}))});
    buf_fmt(b,
            "<rect x=\"%.1f\" y=\"1\" width=\"%.1f\" height=\"6\" fill=\"currentColor\" opacity=\"0.45\"/>"
            "<rect x=\"%.1f\" y=\"0\" width=\"1.2\" height=\"8\" fill=\"currentColor\"/></svg>",
            x->lo * 100, (x->hi - x->lo) * 100, x->value * 98.8);
}

static str within(arena *a, const locale *l, const standard *x) {
    bool open = x->clock == CLOCK_OPEN;
    if (x->minutes % 1440 == 0 && x->clock == CLOCK_ALWAYS)
        return word_count(a, l, WORD_server_promises_days, x->minutes / 1440, NULL);
    if (x->minutes % 60 == 0)
        return word_count(a, l, open ? WORD_server_promises_work_hours : WORD_server_promises_hours, x->minutes / 60,
                          NULL);
    return word_count(a, l, open ? WORD_server_promises_work_minutes : WORD_server_promises_minutes, x->minutes, NULL);
}

static void put_row(buf *b, arena *a, const locale *l, const standard *x, const commitment_rate *r) {
    html_fmt(b, "<tr><th scope=\"row\">%s</th><td>%s</td>", (str[]){x->name, within(a, l, x)});
    if (!r || r->due < LEAST) {
        str few = word_with(a, l, WORD_server_promises_few, PLACES({"n", local_count(a, l, r ? r->due : 0)}));
        html_fmt(b, "<td colspan=\"2\" class=\"quiet\">%s</td></tr>\n", &few);
        return;
    }
    const word_place places[] = {{"lo", of_100(a, l, r->share.lo)},    {"hi", of_100(a, l, r->share.hi)},
                                 {"kept", local_count(a, l, r->kept)}, {"due", local_count(a, l, r->due)},
                                 {"late", local_count(a, l, r->late)}, {0}};
    buf_add(b, S("<td>"));
    put_bar(b, a, l, &r->share);
    html_fmt(b, "</td><td><strong>%s</strong> <span class=\"quiet\">%s</span></td></tr>\n",
             (str[]){word_with(a, l, WORD_server_promises_least, places),
                     word_with(a, l, WORD_server_promises_detail, places)});
}

static const commitment_rate *rate_of(const commitment_rate *all, size_t n, int64_t standard_id) {
    for (size_t i = 0; i < n; i++)
        if (all[i].standard == standard_id) return &all[i];
    return NULL;
}

static void put_words(buf *b, arena *a, const locale *l, const zone *z, int64_t since_us, int64_t now_us) {
    const word_place span[] = {
        {"from", local_day(a, l, zone_days(z, since_us))}, {"to", local_day(a, l, zone_days(z, now_us))}, {0}};
    html_fmt(b, "<h2>%s</h2><p>%s</p><p>%s</p>",
             (str[]){word_of(l, WORD_server_promises_count), word_with(a, l, WORD_server_promises_count_text, span),
                     word_of(l, WORD_server_promises_wilson)});
}

bool promise_page(buf *b, arena *a, store *s, const locale *l, int64_t now_us, err *e) {
    standards *all;
    commitment_rate *rates;
    settings set;
    zone *z;
    size_t n, n_rates, shown = 0;
    int64_t since_us = now_us - DAYS * DAY_US;
    if (!store_zone(s, a, &z, e) || !settings_read(a, s, &set, e) || !standards_read(a, s, &all, e) ||
        !commitment_rates(a, s, RATES_BY_STANDARD, since_us, now_us, &rates, &n_rates, e))
        return false;
    const standard *x = standards_rows(all, &n);
    html_fmt(b, "<h1>%s</h1>\n", (str[]){word_of(l, WORD_server_promises_title)});
    if (set.sample.len)
        html_fmt(b, "<p class=\"note sample\">%s</p>\n", (str[]){word_of(l, WORD_server_promises_sample)});
    for (size_t i = 0; i < n; i++) {
        if (x[i].from_us > now_us || (x[i].until_us && x[i].until_us <= now_us)) continue;
        if (x[i].segment.len || x[i].priority.len) continue;
        if (!shown++)
            html_fmt(b,
                     "<section class=\"panel\"><div class=\"wide\"><table><thead><tr><th scope=\"col\">%s</th>"
                     "<th scope=\"col\">%s</th><th scope=\"col\" colspan=\"2\">%s</th></tr></thead><tbody>\n",
                     (str[]){word_of(l, WORD_server_promises_promise), word_of(l, WORD_server_promises_when),
                             word_of(l, WORD_server_promises_kept)});
        put_row(b, a, l, &x[i], rate_of(rates, n_rates, x[i].id));
    }
    if (!shown) {
        html_fmt(b, "<p>%s</p>\n", (str[]){word_of(l, WORD_server_promises_empty)});
        return true;
    }
    buf_add(b, S("</tbody></table></div></section>\n"));
    put_words(b, a, l, z, since_us, now_us);
    return true;
}
