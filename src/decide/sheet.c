#include "decide/sheet.h"

#include "decide/redline_private.h"
#include "know/lists.h"
#include "know/people.h"
#include "sql/act.h"
#include "sql/decide_redline.h"
#include "sql/know.h"

enum { MOST_LINES = 16, MOST_WAITS = 2000 };

typedef struct {
    arena *a;
    const locale *l;
    int32_t unit;
} teller;

static void say(sheet_part *p, str line) {
    if (p->n < MOST_LINES) p->lines[p->n++] = line;
}

static str money(const teller *t, int64_t minor) {
    return local_money(t->a, t->l, minor, currency_by_number(t->unit));
}

// ---- what it costs ----

static void costs(const teller *t, sheet_part *p, const concession_ask *q) {
    if (q->price <= 0) return;
    const word_place price[] = {{"price", money(t, q->price)}, {0}};
    if (q->cost < 0) return say(p, word_with(t->a, t->l, WORD_server_sheet_price, price));
    int64_t service = MAX(q->service, 0), left = q->price - q->cost - service;
    say(p, word_with(t->a, t->l, service ? WORD_server_sheet_parts_service : WORD_server_sheet_parts,
                     PLACES(price[0], {"cost", money(t, q->cost)}, {"service", money(t, service)})));
    say(p, word_with(t->a, t->l, WORD_server_sheet_left, PLACES({"left", money(t, left)})));
    if (q->discount <= 0) return;
    bool loss = left - q->discount < 0;
    say(p, word_with(t->a, t->l, loss ? WORD_server_sheet_off_loss : WORD_server_sheet_off,
                     PLACES({"off", money(t, q->discount)}, {"left", money(t, left - q->discount)})));
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

static bool had(const teller *of, checking *k, sheet_part *p, err *e) {
    arena *a = of->a;
    const locale *l = of->l;
    const who_is *w = &k->who;
    service_had *v = make(a, service_had, 1);
    serve_cost given;
    const zone *z;
    teller t = *of;
    if (!w->customer) return true;
    if (!checking_zone(k, &z, e) || !read_service(a, k->s, w->customer, k->now_us, v, e) ||
        !cost_to_serve(a, k->s, w->customer, 0, k->now_us, &given, e))
        return false;
    if (w->first_us)
        say(p, word_with(a, l, WORD_server_sheet_since, PLACES({"day", local_day(a, l, zone_days(z, w->first_us))})));
    t.unit = w->currency;
    if (w->orders)
        say(p, word_count(a, l, WORD_server_sheet_orders, w->orders, PLACES({"sum", money(&t, w->order_value)})));
    if (w->contacts_in) say(p, word_count(a, l, WORD_server_sheet_wrote, w->contacts_in, NULL));
    if (w->contacts_in && w->contacts_out) say(p, word_count(a, l, WORD_server_sheet_answered, w->contacts_out, NULL));
    if (v->n) say(p, word_with(a, l, WORD_server_sheet_half, PLACES({"time", local_span(a, l, v->waits[v->n / 2])})));
    if (v->judged)
        say(p, word_count(a, l, WORD_server_sheet_promises, v->judged, PLACES({"kept", local_count(a, l, v->kept)})));
    if (w->returns) say(p, word_count(a, l, WORD_server_sheet_returns, w->returns, NULL));
    t.unit = given.currency;
    if (given.concessions + given.rewards > 0)
        say(p, word_with(a, l, WORD_server_sheet_given, PLACES({"sum", money(&t, given.concessions + given.rewards)})));
    return true;
}

// ---- what is possible ----

static void possible(const teller *t, sheet_part *p, const sheet *x) {
    if (!x->asked) return;
    if (x->says.verdict == REDLINE_ALLOWED) return say(p, word_of(t->l, WORD_server_sheet_yes));
    if (x->says.verdict == REDLINE_SIGNATURE) say(p, word_of(t->l, WORD_server_sheet_signature));
    if (x->says.verdict == REDLINE_REFUSED) say(p, word_of(t->l, WORD_server_sheet_no));
    for (size_t i = 0; i < x->says.n_instead; i++)
        say(p, word_with(t->a, t->l, WORD_server_sheet_instead, PLACES({"what", x->says.instead[i].what})));
}

bool sheet_read(arena *a, store *s, const concession_ask *ask, const locale *l, int64_t now_us, sheet *out, err *e) {
    static const enum word titles[SHEET_PARTS] = {WORD_server_sheet_costs, WORD_server_sheet_had,
                                                  WORD_server_sheet_possible};
    checking k;
    concession_ask q = *ask;
    if (!q.kind) q.kind = CONCEDE_discount;
    if (!q.price) q.price = -1;
    q.cost = q.cost ? q.cost : -1, q.service = q.service ? q.service : -1;
    people_card card = {.id = q.customer};
    *out =
        (sheet){.customer = q.customer, .asked = q.discount > 0 || q.discount_bp > 0 || q.amount > 0 || q.due_us > 0};
    for (int i = 0; i < SHEET_PARTS; i++)
        out->parts[i] = (sheet_part){.title = word_of(l, titles[i]), .lines = make(a, str, MOST_LINES)};
    if (!checking_open(&k, a, s, &q, now_us, e)) return false;
    k.lang = l;
    if (!checking_judge(&k, &k.ask, &out->says, e)) return false;
    if (out->says.verdict != REDLINE_ALLOWED && !checking_instead(&k, &out->says, e)) return false;
    out->says.assumed = buf_str(&k.assumed);
    if (q.customer && !people_fill(a, s, &card, 1, e)) return false;
    out->name = card.name, out->customer = k.who.customer;
    out->intro = out->name.len ? word_with(a, l, WORD_server_sheet_for, PLACES({"name", out->name}))
                               : word_of(l, WORD_server_sheet_price_title);
    const teller t = {.a = a, .l = l, .unit = k.ask.currency};
    costs(&t, &out->parts[0], &k.ask);
    if (!had(&t, &k, &out->parts[1], e)) return false;
    possible(&t, &out->parts[2], out);
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
