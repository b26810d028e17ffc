#include "decide/sheet.h"

#include "decide/redline_private.h"
#include "know/lists.h"
#include "know/people.h"

enum { MOST_LINES = 16, MOST_WAITS = 2000 };

__attribute__((format(printf, 3, 4))) static void say(arena *a, sheet_part *p, const char *fmt, ...) {
    char text[500];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (p->n < MOST_LINES) p->lines[p->n++] = str_dup(a, (str){text, (size_t)MIN(n, (int)sizeof text - 1)});
}

// ---- what it costs ----

static void costs(arena *a, sheet_part *p, const concession_ask *q) {
    int32_t unit = q->currency;
    if (q->price <= 0) return;
    if (q->cost < 0) {
        say(a, p, "The price is %.*s.", STR_ARG(money_words(a, q->price, unit)));
        return;
    }
    int64_t left = q->price - q->cost - MAX(q->service, 0);
    str price = money_words(a, q->price, unit), cost = money_words(a, q->cost, unit),
        service = money_words(a, MAX(q->service, 0), unit), rest = money_words(a, left, unit);
    say(a, p, "Of %.*s, %.*s go into the thing itself%s%.*s%s.", STR_ARG(price), STR_ARG(cost),
        q->service > 0 ? " and " : "", STR_ARG(q->service > 0 ? service : S("")),
        q->service > 0 ? " into answering you and looking after the order" : "");
    say(a, p, "%.*s are left for wages, rent and making it better.", STR_ARG(rest));
    if (q->discount <= 0) return;
    str off = money_words(a, q->discount, unit), after = money_words(a, left - q->discount, unit);
    if (left - q->discount < 0)
        say(a, p, "With %.*s off we would pay for it ourselves: %.*s.", STR_ARG(off), STR_ARG(after));
    else
        say(a, p, "With %.*s off, %.*s would be left.", STR_ARG(off), STR_ARG(after));
}

// ---- what they have had ----

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

typedef struct {
    int64_t waits[MOST_WAITS], kept, judged;
    size_t n;
} service_had;

static bool read_service(arena *a, store *s, int64_t customer, int64_t now_us, service_had *out, err *e) {
    for (row p = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&p);) {
        for (row r = store_query(s, Q_sheet_replies, e, "ii", row_int(&p, 0), (int64_t)MOST_WAITS); row_next(&r);)
            if (out->n < MOST_WAITS) out->waits[out->n++] = row_int(&r, 0);
        for (row r = store_query(s, Q_commitment_of_profile, e, "i", row_int(&p, 0)); row_next(&r);) {
            commitment c = commitment_read(a, &r);
            enum commitment_status st = commitment_status(&c, now_us);
            out->kept += st == OWED_kept || st == OWED_renegotiated;
            out->judged += st == OWED_kept || st == OWED_renegotiated || st == OWED_kept_late || st == OWED_broken;
        }
    }
    qsort(out->waits, out->n, sizeof *out->waits, by_size);
    return err_ok(e);
}

static str wait_words(arena *a, int64_t us) {
    if (us < 2 * HOUR_US) return str_fmt(a, "%" PRId64 " minutes", us / (int64_t)MINUTE_US);
    if (us < 2 * DAY_US) return str_fmt(a, "%.1f hours", (double)us / (double)HOUR_US);
    return str_fmt(a, "%" PRId64 " days", us / DAY_US);
}

static bool had(arena *a, checking *k, sheet_part *p, err *e) {
    const who_is *w = &k->who;
    service_had *v = make(a, service_had, 1);
    serve_cost given;
    const zone *z;
    if (!w->customer) return true;
    if (!checking_zone(k, &z, e) || !read_service(a, k->s, w->customer, k->now_us, v, e) ||
        !cost_to_serve(a, k->s, w->customer, 0, k->now_us, &given, e))
        return false;
    if (w->first_us) say(a, p, "You have been with us since %.*s.", STR_ARG(date_str(a, zone_days(z, w->first_us))));
    if (w->orders)
        say(a, p, "You ordered %" PRId64 " %s, %.*s in all.", w->orders, w->orders == 1 ? "time" : "times",
            STR_ARG(money_words(a, w->order_value, w->currency)));
    if (w->contacts_in)
        say(a, p, "You wrote or called %" PRId64 " %s, and people of ours answered %" PRId64 " %s.", w->contacts_in,
            w->contacts_in == 1 ? "time" : "times", w->contacts_out, w->contacts_out == 1 ? "time" : "times");
    if (v->n)
        say(a, p, "Half of your questions had a first answer within %.*s.", STR_ARG(wait_words(a, v->waits[v->n / 2])));
    if (v->judged)
        say(a, p, "Of %" PRId64 " %s that we made you, we kept %" PRId64 " in time.", v->judged,
            v->judged == 1 ? "promise" : "promises", v->kept);
    if (w->returns) say(a, p, "%" PRId64 " %s we took back.", w->returns, w->returns == 1 ? "thing" : "things");
    if (given.concessions + given.rewards > 0)
        say(a, p, "Beyond that we gave you %.*s.",
            STR_ARG(money_words(a, given.concessions + given.rewards, given.currency)));
    return true;
}

// ---- what is possible ----

static void possible(arena *a, sheet_part *p, const sheet *x) {
    if (!x->asked) return;
    if (x->says.verdict == REDLINE_ALLOWED) {
        say(a, p, "What you ask for is possible.");
        return;
    }
    if (x->says.verdict == REDLINE_SIGNATURE)
        say(a, p, "What you ask for has to be decided by a manager; we have asked.");
    if (x->says.verdict == REDLINE_REFUSED) say(a, p, "What you ask for is more than we can bear.");
    for (size_t i = 0; i < x->says.n_instead; i++) say(a, p, "Possible is %.*s.", STR_ARG(x->says.instead[i].what));
}

bool sheet_read(arena *a, store *s, const concession_ask *ask, int64_t now_us, sheet *out, err *e) {
    static const char *const titles[SHEET_PARTS] = {"What it costs", "What you have had from us", "What is possible"};
    checking k;
    concession_ask q = *ask;
    if (!q.kind) q.kind = CONCEDE_discount;
    if (!q.price) q.price = -1;
    q.cost = q.cost ? q.cost : -1, q.service = q.service ? q.service : -1;
    people_card card = {.id = q.customer};
    *out =
        (sheet){.customer = q.customer, .asked = q.discount > 0 || q.discount_bp > 0 || q.amount > 0 || q.due_us > 0};
    for (int i = 0; i < SHEET_PARTS; i++)
        out->parts[i] = (sheet_part){.title = str_c(titles[i]), .lines = make(a, str, MOST_LINES)};
    if (!checking_open(&k, a, s, &q, now_us, e) || !checking_judge(&k, &k.ask, &out->says, e)) return false;
    if (out->says.verdict != REDLINE_ALLOWED && !checking_instead(&k, &out->says, e)) return false;
    out->says.assumed = buf_str(&k.assumed);
    if (q.customer && !people_fill(a, s, &card, 1, e)) return false;
    out->name = card.name, out->customer = k.who.customer;
    out->intro = out->name.len ? str_fmt(a, "For %.*s", STR_ARG(out->name)) : S("How our price comes about");
    costs(a, &out->parts[0], &k.ask);
    if (!had(a, &k, &out->parts[1], e)) return false;
    possible(a, &out->parts[2], out);
    return true;
}

str sheet_text(arena *a, const sheet *x) {
    buf b = buf_new(a, (size_t)1 << 16);
    buf_add(&b, x->intro), buf_addc(&b, '\n');
    for (int i = 0; i < SHEET_PARTS; i++) {
        const sheet_part *p = &x->parts[i];
        if (!p->n) continue;
        buf_fmt(&b, "\n%.*s\n", STR_ARG(p->title));
        for (size_t k = 0; k < p->n; k++) buf_fmt(&b, "  %.*s\n", STR_ARG(p->lines[k]));
    }
    return buf_str(&b);
}
