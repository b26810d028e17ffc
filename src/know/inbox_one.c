// One of the inbox: what was said in it, what it is worth, what else there is of the customer.
#include "base/json.h"

#include "know/inbox_private.h"

#include <math.h>

#include "base/civil.h"
#include "know/page.h"
#include "know/value.h"
#include "sql/inbox.h"
#include "sql/know.h"

// ---- words ----

static void take_words(arena *a, const record *r, inbox_words *out) {
    json_t *doc = NULL;
    err quiet = {0};
    out->last = *r;
    if (!r->body.len || !json_read(r->body, &doc, &quiet)) return;
    out->words = str_dup(a, json_at(doc, "text"));
    out->lang = str_dup(a, json_at(doc, "lang"));
    out->topic = str_dup(a, json_at(doc, "topic"));
    json_decref(doc);
}

// The language of their words, if the source said so; else that in which they are known.
static bool fill_lang(arena *a, store *s, const inbox_item *x, inbox_words *out, err *e) {
    if (out->lang.len || !x->profile) return true;
    for (row r = store_query(s, Q_profile_lang, e, "i", x->profile); row_next(&r);)
        out->lang = str_dup(a, row_str(&r, 0));
    return err_ok(e);
}

bool inbox_words_of(arena *a, store *s, const inbox_item *x, inbox_words *out, err *e) {
    record r;
    *out = (inbox_words){0};
    if (x->what == INBOX_voice) {
        if (ledger_get(s, a, event_period(x->said_us), x->profile, x->said_us, x->key, &r, e)) take_words(a, &r, out);
        return err_ok(e) && fill_lang(a, s, x, out, e);
    }
    for (row q = store_query(s, Q_inbox_said, e, "iiii", (int64_t)event_period(x->said_us), x->profile, x->said_us,
                             x->thread);
         row_next(&q);) {
        r = (record){.period = (int32_t)row_int(&q, 0),
                     .profile_id = row_int(&q, 1),
                     .at_us = row_int(&q, 2),
                     .key = row_int(&q, 3),
                     .kind = (uint8_t)row_int(&q, 4),
                     .channel = (uint8_t)row_int(&q, 5),
                     .import_id = row_int(&q, 6),
                     .thread = row_int(&q, 9),
                     .body = str_dup(a, row_str(&q, 11))};
        if (!out->words.len) take_words(a, &r, out);
    }
    return err_ok(e) && fill_lang(a, s, x, out, e);
}

int64_t inbox_thread(const inbox_item *x) {
    return x->what == INBOX_talk ? x->thread : x->key;
}

static bool is_message(const inbox_item *x, const record *r) {
    return (r->has_thread ? r->thread : 0) == inbox_thread(x);
}

bool inbox_messages(arena *a, store *s, const inbox_item *x, size_t most, record **out, size_t *n, bool *more, err *e) {
    const uint64_t talk_kinds = UINT64_C(0x7F) << KIND_message_in; // message_in to call
    person_profile alone = {.id = x->profile};
    person p = {.profiles = &alone, .n_profiles = 1};
    moments_ask ask = {.kinds = talk_kinds,
                       .in_thread = inbox_thread(x) != 0,
                       .thread = inbox_thread(x),
                       .since_us = x->opened_us,
                       .most = (int64_t)most};
    record *v, first;
    size_t n_v;
    *n = 0;
    if (!page_moments(a, s, &p, &ask, &v, &n_v, more, e)) return false;
    *out = make(a, record, n_v + 1);
    if (x->what == INBOX_voice && ledger_get(s, a, event_period(x->said_us), x->profile, x->said_us, x->key, &first, e))
        (*out)[(*n)++] = first;
    for (size_t i = n_v; i-- > 0;)
        if (is_message(x, &v[i])) (*out)[(*n)++] = v[i];
    return err_ok(e);
}

// ---- the customer ----

bool inbox_mood(store *s, const inbox_item *x, int64_t customer, int *mood, err *e) {
    *mood = x->mood;
    if (*mood != MOOD_UNKNOWN || !customer) return true;
    for (row r = store_query(s, Q_inbox_worth, e, "i", customer); row_next(&r);)
        if (!row_null(&r, 10)) *mood = score_mood((enum instrument)row_int(&r, 9), row_int(&r, 8));
    return err_ok(e);
}

bool inbox_worth(arena *a, store *s, int64_t customer, int64_t *minor, int32_t *currency, err *e) {
    value_row v;
    *minor = 0, *currency = 0;
    for (row r = store_query(s, Q_inbox_worth, e, "i", customer); row_next(&r);) {
        double years = (double)(row_int(&r, 4) - row_int(&r, 3)) / (double)(365 * DAY_US);
        bool runs = !row_null(&r, 6) && row_null(&r, 7);
        int64_t usual = (int64_t)((double)(row_int(&r, 1) - row_int(&r, 2)) / MAX(years, 1.0));
        *currency = (int32_t)row_int(&r, 0);
        *minor = MAX(runs ? row_int(&r, 5) * 12 : 0, MAX(usual, 0));
    }
    if (value_of(a, s, customer, &v, e) && !isnan(v.value.value))
        *minor = (int64_t)v.value.value, *currency = v.currency;
    return err_ok(e);
}

static int last_first(const void *a, const void *b) {
    const inbox_item *x = a, *y = b;
    if (x->last_us != y->last_us) return x->last_us > y->last_us ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

bool inbox_of_customer(arena *a, store *s, int64_t customer, inbox_item *out, size_t most, size_t *n, err *e) {
    size_t room = most;
    inbox_item *v = make(a, inbox_item, room + most);
    int64_t answered = 0;
    size_t k = 0;
    for (row p = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&p);)
        for (row r = store_query(s, Q_inbox_of_profile, e, "ii", row_int(&p, 0), (int64_t)most); row_next(&r);) {
            inbox_item x = inbox_row_read(&r);
            if (x.what == INBOX_talk) answered = MAX(answered, x.answered_us);
            if (!x.said_us) continue;
            if (k == room + most) {
                qsort(v, k, sizeof *v, last_first);
                k = most;
            }
            v[k++] = x;
        }
    if (k) qsort(v, k, sizeof *v, last_first);
    *n = MIN(k, most);
    for (size_t i = 0; i < *n; i++) {
        out[i] = v[i];
        if (out[i].what == INBOX_voice) out[i].answered_us = answered;
    }
    return err_ok(e);
}
