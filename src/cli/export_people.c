// Customers and what they said, for other programs.
#include "base/civil.h"
#include "base/csv.h"
#include "base/money.h"
#include "cli/export.h"
#include "cli/say.h"
#include "know/person.h"
#include "know/voices.h"
#include "sql/know.h"

enum { LINE = 64 << 20 };

// ---- cells ----

static void next_cell(buf *b) {
    if (b->len) buf_addc(b, ',');
}

void export_raw(buf *b, str cell) {
    next_cell(b);
    csv_write_cell(b, cell, ',');
}

void export_text(buf *b, str cell) {
    next_cell(b);
    if (!cell.len || !strchr("=+-@\t\r", cell.s[0])) {
        csv_write_cell(b, cell, ',');
        return;
    }
    buf_add(b, S("\"'"));
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.s[i] == '"') buf_addc(b, '"');
        buf_addc(b, cell.s[i]);
    }
    buf_addc(b, '"');
}

void export_amount(buf *b, bool has, int64_t minor, int exponent) {
    int64_t one = 1;
    for (int i = 0; i < exponent; i++) one *= 10;
    uint64_t size = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor, whole = size / (uint64_t)one;
    next_cell(b);
    if (!has) return;
    buf_fmt(b, "%s%" PRIu64, minor < 0 ? "-" : "", whole);
    if (exponent) buf_fmt(b, ".%0*" PRIu64, exponent, size % (uint64_t)one);
}

void export_time(buf *b, int64_t at_us) {
    next_cell(b);
    if (at_us) buf_iso(b, at_us);
}

void export_end(buf *b) {
    buf_addc(b, '\n');
}

static void int_cell(buf *b, int64_t v) {
    next_cell(b);
    buf_i64(b, v);
}

static bool head(export_to *x, buf *b, const char *const *names, size_t n, err *e) {
    for (size_t i = 0; i < n; i++) export_raw(b, str_c(names[i]));
    export_end(b);
    return export_send(x, b, e);
}

// The line of a reply, as a line of the export.
static bool send_reply(export_to *x, reply *r, err *e) {
    buf_addc(&r->b, '\n');
    return export_send(x, &r->b, e);
}

// ---- customers ----

static const char *const customer_columns[] = {
    "customer",        "name",          "country",       "segment",        "ids",
    "first",           "last",          "currency",      "orders",         "order_days",
    "order_value",     "first_order",   "last_order",    "gap_days",       "refunds",
    "refund_value",    "returns",       "monthly_value", "contract_since", "contract_until",
    "contacts_in",     "contacts_out",  "complaints",    "feedback",       "last_score",
    "last_instrument", "last_score_at", "waiting_since"};

static str first_of(const person *p, size_t offset) {
    for (size_t i = 0; i < p->n_profiles; i++) {
        str v = *(const str *)(const void *)((const char *)&p->profiles[i] + offset);
        if (v.len) return v;
    }
    return S("");
}

static void csv_customer(buf *b, arena *a, const person *p) {
    const summary *s = &p->sum;
    const currency *money = currency_by_number(s->currency);
    int exponent = money ? money->exponent : 2;
    buf ids = buf_new(a, LINE);
    for (size_t i = 0; i < p->n_profiles; i++)
        for (size_t k = 0; k < p->profiles[i].n_ids; k++)
            buf_fmt(&ids, "%s%.*s=%.*s", ids.len ? ";" : "", STR_ARG(ident_name(p->profiles[i].ids[k].kind)),
                    STR_ARG(p->profiles[i].ids[k].value));
    int_cell(b, p->id);
    export_text(b, p->name);
    export_text(b, first_of(p, offsetof(person_profile, country)));
    export_text(b, first_of(p, offsetof(person_profile, segment)));
    export_text(b, buf_str(&ids));
    export_time(b, s->first_us);
    export_time(b, s->last_us);
    export_raw(b, money ? str_c(money->code) : S(""));
    int_cell(b, s->orders);
    int_cell(b, s->order_days);
    export_amount(b, true, s->order_value, exponent);
    export_time(b, s->first_order_us);
    export_time(b, s->last_order_us);
    export_amount(b, p->has_summary && s->gap_days >= 0, s->gap_days, 0);
    int_cell(b, s->refunds);
    export_amount(b, true, s->refund_value, exponent);
    int_cell(b, s->returns);
    export_amount(b, true, s->monthly_value, exponent);
    export_time(b, s->contract_since_us);
    export_time(b, s->contract_until_us);
    int_cell(b, s->contacts_in);
    int_cell(b, s->contacts_out);
    int_cell(b, s->complaints);
    int_cell(b, s->feedback);
    export_amount(b, s->last_score_us != 0, s->last_score, 2);
    export_raw(b, instrument_name((enum instrument)s->last_instrument));
    export_time(b, s->last_score_us);
    export_time(b, s->waiting_us);
    export_end(b);
}

static bool put_customer(export_to *x, reply *r, int64_t id, err *e) {
    arena a = arena_open((size_t)1 << 30);
    person p;
    bool there = person_read(&a, x->s, x->all, id, &p, e);
    r->j = json_to(&r->b);
    if (there && x->csv) {
        csv_customer(&r->b, &a, &p);
        there = export_send(x, &r->b, e);
    } else if (there) {
        json_open(&r->j, NULL, '{');
        person_json(&r->j, &p);
        json_close(&r->j, '}');
        there = send_reply(x, r, e);
    }
    arena_close(&a);
    return there || err_ok(e);
}

// A customer is named by its smallest profile.
bool export_customers(export_to *x, err *e) {
    reply r;
    reply_open(&r, x->c);
    bool ok = !x->csv || head(x, &r.b, customer_columns, COUNT(customer_columns), e);
    for (row q = ok ? store_query(x->s, Q_profile_scan, e, "") : (row){.e = e}; row_next(&q);) {
        if (row_int(&q, 0) != row_int(&q, 1)) continue;
        if (!put_customer(x, &r, row_int(&q, 0), e)) row_end(&q);
        progress_at(&x->bar, x->lines, 0, 0);
    }
    reply_drop(&r);
    return err_ok(e);
}

// ---- what they said ----

static const char *const voice_columns[] = {"feedback",   "at",    "kind", "channel", "source", "customer", "name",
                                            "instrument", "score", "mood", "topic",   "lang",   "words"};

static void csv_voice(buf *b, const voice *v) {
    int_cell(b, v->id);
    export_time(b, v->at_us);
    export_raw(b, kind_name(v->kind));
    export_raw(b, channel_name(v->channel));
    export_text(b, v->from->name);
    export_amount(b, v->customer != 0, v->customer, 0);
    export_text(b, v->name);
    export_raw(b, v->instrument == INSTRUMENT_none ? S("") : instrument_name(v->instrument));
    export_amount(b, v->has_score, v->score, 2);
    export_amount(b, v->has_mood, v->mood, 0);
    export_text(b, v->topic);
    export_text(b, v->lang);
    export_text(b, v->words);
    export_end(b);
}

typedef struct {
    export_to *x;
    reply r;
} voice_sink;

static bool put_voice(void *ctx, const voice *found, err *e) {
    voice_sink *k = ctx;
    export_to *x = k->x;
    reply *r = &k->r;
    arena a = arena_open((size_t)1 << 30);
    voice v = *found;
    bool ok = voice_fill(&a, x->s, &v, e);
    r->j = json_to(&r->b);
    if (ok && x->csv) {
        csv_voice(&r->b, &v);
        ok = export_send(x, &r->b, e);
    } else if (ok) {
        voice_json(&r->j, &v);
        ok = send_reply(x, r, e);
    }
    arena_close(&a);
    if (x->lines % 4096 == 0) progress_at(&x->bar, x->lines, 0, 0);
    return ok;
}

bool export_feedback(export_to *x, err *e) {
    voice_sink k = {.x = x};
    voices_ask all = {.channel = -1, .mood = MOOD_UNKNOWN};
    reply_open(&k.r, x->c);
    bool ok = (!x->csv || head(x, &k.r.b, voice_columns, COUNT(voice_columns), e)) &&
              voices_each(x->s, x->all, &all, put_voice, &k, e);
    progress_at(&x->bar, x->lines, 0, 0);
    reply_drop(&k.r);
    return ok;
}
