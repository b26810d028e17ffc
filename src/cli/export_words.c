// Everything that customers said, from every channel, with what is known of it, in one table.
#include "base/civil.h"
#include "cli/export.h"
#include "cli/say.h"
#include "know/meaning.h"
#include "know/voices.h"
#include "sql/know_meaning.h"

enum { LINE = 64 << 20 };

// In the order of words_all.
enum {
    ID,
    AT,
    KIND_AT,
    CHANNEL_AT,
    SOURCE,
    CUSTOMER,
    INSTRUMENT,
    SCORE,
    LANG,
    MOOD_SAID,
    MOOD,
    BAD,
    GOOD,
    FEELS,
    TOPIC_SAID,
    TOPICS,
    THEME,
    SAME_PROFILE,
    SAME_KEY,
    PROFILE,
    KEY,
    WORDS
};

static const char *const columns[] = {"feedback", "at",          "channel",  "kind",     "source",
                                      "customer", "score",       "scale",    "language", "mood",
                                      "unhappy",  "happy",       "feelings", "topics",   "topic_of_source",
                                      "theme",    "said_before", "evidence", "words"};

static void thousandths(buf *b, const row *r, int col) {
    export_amount(b, !row_null(r, MOOD), row_int(r, col), 3);
}

// {"anger":712,"fear":301} as anger;fear.
static str feelings(arena *a, str json) {
    buf b = buf_new(a, 1024);
    bool in = false;
    for (size_t i = 0; i < json.len; i++) {
        const char c = json.s[i];
        if (c == '"' && !in && b.len) buf_addc(&b, ';');
        if (c == '"')
            in = !in;
        else if (in)
            buf_addc(&b, c);
    }
    return buf_str(&b);
}

static str evidence(arena *a, const row *r) {
    if (row_int(r, CUSTOMER)) return str_fmt(a, "customer:%" PRId64, row_int(r, CUSTOMER));
    return S("");
}

static bool said_before(const row *r) {
    return !row_null(r, SAME_KEY) &&
           (row_int(r, SAME_KEY) != row_int(r, KEY) || row_int(r, SAME_PROFILE) != row_int(r, PROFILE));
}

static void csv_row(const export_to *x, buf *b, arena *a, const row *r) {
    const enum instrument scale = (enum instrument)row_int(r, INSTRUMENT);
    export_amount(b, true, row_int(r, ID), 0);
    export_time(b, row_int(r, AT));
    export_raw(b, channel_name((enum channel)row_int(r, CHANNEL_AT)));
    export_raw(b, kind_name((enum kind)row_int(r, KIND_AT)));
    export_text(b, source_by_id(x->all, row_int(r, SOURCE))->name);
    export_amount(b, row_int(r, CUSTOMER) != 0, row_int(r, CUSTOMER), 0);
    export_amount(b, !row_null(r, SCORE), row_int(r, SCORE), 2);
    export_raw(b, scale == INSTRUMENT_none ? S("") : instrument_name(scale));
    export_text(b, row_str(r, LANG));
    thousandths(b, r, MOOD), thousandths(b, r, BAD), thousandths(b, r, GOOD);
    export_text(b, feelings(a, row_str(r, FEELS)));
    export_text(b, row_str(r, TOPICS));
    export_text(b, row_str(r, TOPIC_SAID));
    export_text(b, row_str(r, THEME));
    export_raw(b, said_before(r) ? S("yes") : S("no"));
    export_raw(b, evidence(a, r));
    export_text(b, row_str(r, WORDS));
    export_end(b);
}

static void put_text(json_out *j, const char *key, str v) {
    if (v.len) json_put_str(j, key, v);
}

static void put_thousandths(json_out *j, const char *key, const row *r, int col) {
    if (!row_null(r, MOOD)) json_put_num(j, key, (double)row_int(r, col) / 1000);
}

static void json_row(const export_to *x, json_out *j, arena *a, const row *r) {
    const enum instrument scale = (enum instrument)row_int(r, INSTRUMENT);
    json_open(j, NULL, '{');
    json_put_int(j, "feedback", row_int(r, ID));
    json_put_time(j, "at", row_int(r, AT));
    json_put_str(j, "channel", channel_name((enum channel)row_int(r, CHANNEL_AT)));
    json_put_str(j, "kind", kind_name((enum kind)row_int(r, KIND_AT)));
    json_put_str(j, "source", source_by_id(x->all, row_int(r, SOURCE))->name);
    if (row_int(r, CUSTOMER)) json_put_int(j, "customer", row_int(r, CUSTOMER));
    if (!row_null(r, SCORE)) json_put_num(j, "score", (double)row_int(r, SCORE) / 100);
    if (scale != INSTRUMENT_none) json_put_str(j, "scale", instrument_name(scale));
    put_text(j, "language", row_str(r, LANG));
    put_thousandths(j, "mood", r, MOOD), put_thousandths(j, "unhappy", r, BAD), put_thousandths(j, "happy", r, GOOD);
    put_text(j, "feelings", feelings(a, row_str(r, FEELS)));
    put_text(j, "topics", row_str(r, TOPICS));
    put_text(j, "topic_of_source", row_str(r, TOPIC_SAID));
    put_text(j, "theme", row_str(r, THEME));
    json_put_bool(j, "said_before", said_before(r));
    put_text(j, "evidence", evidence(a, r));
    json_put_str(j, "words", row_str(r, WORDS));
    json_close(j, '}');
}

bool export_words(export_to *x, err *e) {
    arena life = arena_open((size_t)LINE * 4);
    buf b = buf_new(&life, LINE);
    bool ok = true;
    for (size_t i = 0; x->csv && i < COUNT(columns); i++) export_raw(&b, str_c(columns[i]));
    if (x->csv) export_end(&b), ok = export_send(x, &b, e);
    for (row r = ok ? store_query(x->s, Q_words_all, e, "") : (row){.e = e}; row_next(&r);) {
        arena a = life;
        if (x->csv)
            csv_row(x, &b, &a, &r);
        else {
            json_out j = json_to(&b);
            json_row(x, &j, &a, &r);
            buf_addc(&b, '\n');
        }
        if (!export_send(x, &b, e)) row_end(&r);
        if (x->lines % 4096 == 0) progress_at(&x->bar, x->lines, 0, 0);
    }
    arena_close(&life);
    return err_ok(e);
}
