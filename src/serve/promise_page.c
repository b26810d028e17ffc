#include "serve/promise_page.h"

#include "act/commitment_rates.h"
#include "know/fold.h"
#include "know/settings.h"
#include "know/standard.h"

enum { DAYS = 90, LEAST = 20 };

// The likely range as a band and the value as a stroke, from none to all; told in words beside it.
static void put_bar(buf *b, arena *a, const estimate *x) {
    html_fmt(b,
             "<svg viewBox=\"0 0 100 8\" width=\"160\" height=\"14\" role=\"img\" aria-label=\"%s\" "
             "preserveAspectRatio=\"none\">"
             "<rect x=\"0\" y=\"3.5\" width=\"100\" height=\"1\" fill=\"currentColor\" opacity=\"0.35\"/>",
             (str[]){str_fmt(a, "between %.0f and %.0f of 100", x->lo * 100, x->hi * 100)});
    buf_fmt(b,
            "<rect x=\"%.1f\" y=\"1\" width=\"%.1f\" height=\"6\" fill=\"currentColor\" opacity=\"0.45\"/>"
            "<rect x=\"%.1f\" y=\"0\" width=\"1.2\" height=\"8\" fill=\"currentColor\"/></svg>",
            x->lo * 100, (x->hi - x->lo) * 100, x->value * 98.8);
}

static str within(arena *a, const standard *x) {
    bool days = x->minutes % 1440 == 0, hours = x->minutes % 60 == 0;
    int64_t n = days && x->clock == CLOCK_ALWAYS ? x->minutes / 1440 : hours ? x->minutes / 60 : x->minutes;
    const char *unit = days && x->clock == CLOCK_ALWAYS ? "day" : hours ? "hour" : "minute";
    return str_fmt(a, "within %" PRId64 " %s%s%s", n, x->clock == CLOCK_OPEN ? "working " : "", unit,
                   n == 1 ? "" : "s");
}

static void put_row(buf *b, arena *a, const standard *x, const commitment_rate *r) {
    html_fmt(b, "<tr><th scope=\"row\">%s</th><td>%s</td>", (str[]){x->name, within(a, x)});
    if (!r || r->due < LEAST) {
        html_fmt(b, "<td colspan=\"2\" class=\"quiet\">%s</td></tr>\n",
                 (str[]){str_fmt(a, "too few to say anything yet: %" PRId64, r ? r->due : INT64_C(0))});
        return;
    }
    buf_add(b, S("<td>"));
    put_bar(b, a, &r->share);
    html_fmt(b, "</td><td><strong>%s</strong> <span class=\"quiet\">%s</span></td></tr>\n",
             (str[]){str_fmt(a, "kept in at least %.0f of 100 cases", r->share.lo * 100),
                     str_fmt(a, "%" PRId64 " of %" PRId64 " in time, %" PRId64 " late; likely %.0f to %.0f of 100",
                             r->kept, r->due, r->late, r->share.lo * 100, r->share.hi * 100)});
}

static const commitment_rate *rate_of(const commitment_rate *all, size_t n, str name) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].group, name)) return &all[i];
    return NULL;
}

static void put_words(buf *b, arena *a, const zone *z, int64_t since_us, int64_t now_us) {
    html_fmt(
        b,
        "<h2>How we count</h2><p>Counted is everything that fell due from %s to %s. What is not due yet never "
        "counts, and what a customer did not want any more does not either. A new date counts as kept only when it "
        "was agreed once, and before the first was over. Answers of machines are no answers.</p>"
        "<p>“At least” is the lower end of the range in which the true share lies with 95 % (Wilson): from few cases "
        "we claim little.</p>",
        (str[]){date_str(a, zone_days(z, since_us)), date_str(a, zone_days(z, now_us))});
}

bool promise_page(buf *b, arena *a, store *s, int64_t now_us, err *e) {
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
    buf_add(b, S("<h1>What we promise, and how we keep it</h1>\n"));
    if (set.sample.len)
        buf_add(b, S("<p class=\"note sample\"><strong>SAMPLE</strong>: these customers are made up.</p>\n"));
    for (size_t i = 0; i < n; i++) {
        if (x[i].from_us > now_us || (x[i].until_us && x[i].until_us <= now_us)) continue;
        if (x[i].segment.len || x[i].priority.len) continue;
        if (!shown++)
            buf_add(b, S("<section class=\"panel\"><div class=\"wide\"><table><thead><tr><th scope=\"col\">We "
                         "promise</th><th scope=\"col\">By when</th><th scope=\"col\" colspan=\"2\">How it is kept"
                         "</th></tr></thead><tbody>\n"));
        put_row(b, a, &x[i], rate_of(rates, n_rates, x[i].name));
    }
    if (!shown) {
        buf_add(b, S("<p>No service promises are published yet.</p>\n"));
        return true;
    }
    buf_add(b, S("</tbody></table></div></section>\n"));
    put_words(b, a, z, since_us, now_us);
    return true;
}
