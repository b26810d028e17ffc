// Summaries and conversations on their way into the store, a thousand at a time.
#include "know/fold.h"
#include "know/inbox.h"
#include "know/stage.h"
#include "sql/know.h"
#include "sql/ledger.h"

enum { ROWS = 1000, SUMMARY_NUMS = 25, TALK_NUMS = 9 };

struct summary_rows {
    store *s;
    enum query how;
    arena text;
    int64_t *num[SUMMARY_NUMS];
    unsigned char *none[SUMMARY_NUMS];
    str *state;
    size_t n;
};

summary_rows *summary_rows_new(arena *life, store *s, enum query how) {
    summary_rows *w = make(life, summary_rows, 1);
    *w = (summary_rows){.s = s, .how = how, .text = arena_open((size_t)1 << 32), .state = make(life, str, ROWS)};
    for (int c = 0; c < SUMMARY_NUMS; c++)
        w->num[c] = make(life, int64_t, ROWS), w->none[c] = make(life, unsigned char, ROWS);
    return w;
}

void summary_rows_close(summary_rows *w) {
    if (w) arena_close(&w->text);
}

void summary_rows_forget(summary_rows *w) {
    w->n = 0;
    arena_reset(&w->text);
}

bool summary_rows_send(summary_rows *w, err *e) {
    column cols[SUMMARY_NUMS + 1];
    for (int c = 0; c < SUMMARY_NUMS; c++) cols[c] = (column){'i', w->num[c], w->none[c]};
    cols[SUMMARY_NUMS] = (column){'b', w->state, NULL};
    bool ok = !w->n || (store_bulk(w->s, w->how, cols, SUMMARY_NUMS + 1, w->n, NULL, e) &&
                        stage_touch(w->s, w->num[0], w->n, e));
    summary_rows_forget(w);
    return ok;
}

bool summary_rows_put(summary_rows *w, int64_t customer, const timeline *t, err *e) {
    summary s = timeline_summary(w->text, t);
    const int64_t v[SUMMARY_NUMS] = {
        customer,     s.first_us,          s.last_us,           s.currency,        s.orders,
        s.order_days, s.order_value,       s.first_order_us,    s.last_order_us,   s.gap_days,
        s.refunds,    s.refund_value,      s.returns,           s.contacts_in,     s.contacts_out,
        s.complaints, s.feedback,          s.last_score,        s.last_instrument, s.last_score_us,
        s.waiting_us, s.contract_since_us, s.contract_until_us, s.monthly_value,   (int64_t)s.channels};
    // Columns that are NULL when there is nothing: times that never were, a rhythm that is not known.
    static const bool empty_is_null[SUMMARY_NUMS] = {
        [7] = true, [8] = true, [17] = true, [18] = true, [19] = true, [20] = true, [21] = true, [22] = true};
    for (int c = 0; c < SUMMARY_NUMS; c++) {
        w->num[c][w->n] = v[c];
        w->none[c][w->n] = empty_is_null[c] && !v[c];
    }
    w->none[9][w->n] = s.gap_days < 0;
    w->none[17][w->n] = w->none[18][w->n] = w->none[19][w->n]; // a score of 0 is a score
    buf b = buf_new(&w->text, (size_t)64 << 20);
    timeline_encode(&b, t);
    w->state[w->n] = buf_str(&b);
    return ++w->n < ROWS || summary_rows_send(w, e);
}

struct talk_rows {
    store *s;
    arena text;
    int64_t *num[TALK_NUMS];
    unsigned char *none[TALK_NUMS];
    str *state;
    size_t n;
    inbox_rows *inbox; // where the conversations of late are dealt with
};

talk_rows *talk_rows_new(arena *life, store *s) {
    talk_rows *w = make(life, talk_rows, 1);
    *w = (talk_rows){
        .s = s, .inbox = inbox_rows_new(life, s), .text = arena_open((size_t)1 << 32), .state = make(life, str, ROWS)};
    for (int c = 0; c < TALK_NUMS; c++)
        w->num[c] = make(life, int64_t, ROWS), w->none[c] = make(life, unsigned char, ROWS);
    return w;
}

void talk_rows_close(talk_rows *w) {
    if (w) arena_close(&w->text);
}

static void sent(talk_rows *w) {
    w->n = 0;
    arena_reset(&w->text);
}

void talk_rows_forget(talk_rows *w) {
    sent(w);
    inbox_rows_forget(w->inbox);
}

bool talk_rows_send(talk_rows *w, err *e) {
    column cols[TALK_NUMS + 1];
    for (int c = 0; c < TALK_NUMS; c++) cols[c] = (column){'i', w->num[c], w->none[c]};
    cols[TALK_NUMS] = (column){'b', w->state, NULL};
    bool ok = !w->n || store_bulk(w->s, Q_conversation_put, cols, TALK_NUMS + 1, w->n, NULL, e);
    sent(w);
    return ok && inbox_rows_send(w->inbox, e);
}

bool talk_rows_put(talk_rows *w, int64_t profile, int64_t thread, int64_t source_id, const talk *t, err *e) {
    talk_state s = talk_now(t);
    const int64_t v[TALK_NUMS] = {profile,     thread,           s.opened_us, s.last_us, s.waiting_us,
                                  s.solved_us, s.first_reply_us, t->channel,  source_id};
    for (int c = 0; c < TALK_NUMS; c++) w->num[c][w->n] = v[c], w->none[c][w->n] = c >= 4 && c <= 6 && !v[c];
    buf b = buf_new(&w->text, (size_t)64 << 20);
    talk_encode(&b, t);
    w->state[w->n] = buf_str(&b);
    if (!inbox_rows_talk(w->inbox, profile, thread, source_id, t, e)) return false;
    return ++w->n < ROWS || talk_rows_send(w, e);
}

bool store_zone(store *s, arena *a, zone **z, err *e) {
    str name = S("UTC");
    for (row r = store_query(s, Q_meta_value, e, "t", S("zone")); row_next(&r);) name = str_dup(a, row_str(&r, 0));
    return err_ok(e) && zone_open(a, name, z, e);
}
