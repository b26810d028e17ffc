#include "act/inbox_reply.h"

#include "know/lists.h"

enum { PROFILES = 1000 };

bool inbox_by_mail(const inbox_item *x) {
    switch (x->channel) {
    case CHANNEL_email:
    case CHANNEL_survey:
    case CHANNEL_web:
    case CHANNEL_shop:
    case CHANNEL_app:
    case CHANNEL_import:
    case CHANNEL_store_:
    case CHANNEL_unknown: return true;
    default: return false;
    }
}

bool inbox_replies(arena *a, store *s, const inbox_item *x, int64_t customer, inbox_sent **out, size_t *n, err *e) {
    int64_t *ids = make(a, int64_t, PROFILES);
    size_t n_ids = 0, room = 0;
    *out = NULL, *n = 0;
    if (!customer) return true;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);)
        if (n_ids < PROFILES) ids[n_ids++] = row_int(&r, 0);
    str from = str_fmt(a, "%" PRId64 ":", x->id), to = str_fmt(a, "%" PRId64 ";", x->id); // ';' comes after ':'
    for (row r = store_query(s, Q_inbox_replies, e, "ttt", list_json(a, ids, n_ids), from, to); row_next(&r);) {
        if (*n == room) {
            inbox_sent *more = make(a, inbox_sent, room = room ? room * 2 : 8);
            if (*n) memcpy(more, *out, *n * sizeof *more);
            *out = more;
        }
        (*out)[(*n)++] = (inbox_sent){.id = row_int(&r, 0),
                                      .state = (enum outbox_state)row_int(&r, 1),
                                      .subject = str_dup(a, row_str(&r, 2)),
                                      .words = str_dup(a, row_str(&r, 3)),
                                      .at_us = row_int(&r, 4),
                                      .next_us = row_int(&r, 5),
                                      .by = str_dup(a, row_str(&r, 6)),
                                      .reply = str_dup(a, row_str(&r, 7)),
                                      .occasion = str_dup(a, row_str(&r, 8)),
                                      .from_name = str_dup(a, row_str(&r, 9)),
                                      .told = row_int(&r, 10) == 2};
    }
    return err_ok(e);
}
