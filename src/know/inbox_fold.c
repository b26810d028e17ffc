// The fold: conversations, single words, and what people of ours did, as rows of the inbox.
#include "base/json.h"

#include "know/inbox_private.h"

#include "base/civil.h"
#include "know/lists.h"
#include "know/measure.h"
#include "know/settings.h"
#include "sql/inbox.h"
#include "sql/know.h"
#include "sql/know_topic.h"

enum { ROWS = 1000, COLS = 17 };

// Is it dealt with in the inbox as a single word: a review, a remark, a complaint, an answer with words?
static bool inbox_is_voice(enum kind k, bool has_words, int mood, bool has_score) {
    if (k != KIND_answer && k != KIND_review && k != KIND_complaint && k != KIND_comment) return false;
    return has_words || is_complaint(k, mood, has_score);
}

bool inbox_since(store *s, int64_t *since_us, err *e) {
    arena a = arena_open(1 << 16);
    str text;
    *since_us = INT64_MAX;
    bool ok = settings_get(&a, s, INBOX_SINCE, &text, e);
    if (ok && text.len && !str_i64(text, since_us))
        ok = fail(e, ERR_corrupt, "the setting '%s' is no number", INBOX_SINCE);
    arena_close(&a);
    return ok;
}

// ---- what people of ours did ----

inbox_step inbox_step_read(arena *a, const row *r) {
    return (inbox_step){.id = row_int(r, 0),
                        .at_us = row_int(r, 1),
                        .key = row_int(r, 2),
                        .profile = row_int(r, 3),
                        .what = (enum inbox_step_what)row_int(r, 4),
                        .value = row_int(r, 5),
                        .who = str_dup(a, row_str(r, 6)),
                        .words = str_dup(a, row_str(r, 7))};
}

bool inbox_steps(arena *a, store *s, int64_t id, inbox_step **out, size_t *n, err *e) {
    size_t room = 0;
    *out = NULL, *n = 0;
    for (row r = store_query(s, Q_inbox_step_of, e, "i", id); row_next(&r);) {
        if (*n == room) {
            inbox_step *more = make(a, inbox_step, room = room ? room * 2 : 16);
            if (*n) memcpy(more, *out, *n * sizeof *more);
            *out = more;
        }
        (*out)[(*n)++] = inbox_step_read(a, &r);
    }
    return err_ok(e);
}

static void take_step(inbox_item *x, const inbox_step *k) {
    switch (k->what) {
    case INBOX_assigned: x->assignee = k->value; break;
    case INBOX_later: x->later_us = k->value, x->later_at_us = k->value ? k->at_us : 0; break;
    case INBOX_done: x->done_us = k->at_us; break;
    case INBOX_reopened: x->done_us = x->later_us = x->later_at_us = x->replied_us = 0; break;
    case INBOX_replied: x->replied_us = k->at_us; break;
    case INBOX_failed: x->replied_us = 0; break;
    case INBOX_undone:
    case INBOX_none:
    case INBOX_STEPS: break;
    }
}

bool inbox_fold_steps(arena *a, store *s, int64_t id, inbox_item *marks, err *e) {
    inbox_step *list;
    size_t n;
    *marks = (inbox_item){0};
    if (!inbox_steps(a, s, id, &list, &n, e)) return false;
    for (size_t i = 0; i < n; i++) take_step(marks, &list[i]);
    return true;
}

void inbox_put_marks(inbox_item *x, const inbox_item *m) {
    x->done_us = m->done_us, x->replied_us = m->replied_us, x->later_us = m->later_us;
    x->later_at_us = m->later_at_us, x->assignee = m->assignee;
    if (x->what == INBOX_voice) x->last_us = MAX(x->said_us, x->done_us);
}

static bool mark(store *s, int64_t id, err *e) {
    arena a = arena_open((size_t)1 << 28);
    inbox_item x;
    bool ok = inbox_fold_steps(&a, s, id, &x, e) && store_run(s, Q_inbox_mark, NULL, e, "iiiiii", id, x.done_us,
                                                              x.replied_us, x.later_us, x.later_at_us, x.assignee);
    arena_close(&a);
    return ok;
}

// Of these, those with steps.
static bool mark_some(store *s, const int64_t *ids, size_t n, err *e) {
    arena a = arena_open((size_t)1 << 26);
    int64_t *with = NULL;
    size_t n_with = 0, room = 0;
    for (row r = store_query(s, Q_inbox_step_some, e, "t", list_json(&a, ids, n)); row_next(&r);)
        list_push(&a, &with, &n_with, &room, row_int(&r, 0));
    bool ok = err_ok(e);
    for (size_t i = 0; ok && i < n_with; i++) ok = mark(s, with[i], e);
    arena_close(&a);
    return ok;
}

bool inbox_key_of(str x, int64_t *out) {
    uint64_t v = 0;
    if (x.len != 16) return false;
    for (size_t i = 0; i < x.len; i++) {
        const char *at = strchr("0123456789abcdef", x.s[i]);
        if (!at || !x.s[i]) return false;
        v = v << 4 | (uint64_t)(at - "0123456789abcdef");
    }
    return *out = (int64_t)v, true;
}

// Which item an event of ours speaks of: a single word that its body names, or the conversation.
static int64_t item_of(const record *r, const json_t *doc, const char *name) {
    int64_t key;
    if (inbox_key_of(json_at(doc, name), &key)) return inbox_id_of(INBOX_voice, r->profile_id, key);
    return inbox_id_of(INBOX_talk, r->profile_id, r->has_thread ? r->thread : 0);
}

void inbox_step_of_event(const record *r, const json_t *doc, inbox_step *out) {
    *out = (inbox_step){.id = item_of(r, doc, "of"),
                        .at_us = r->at_us,
                        .key = r->key,
                        .profile = r->profile_id,
                        .what = inbox_step_of(json_at(doc, "topic")),
                        .value = r->has_value ? r->value : 0,
                        .who = json_at(doc, "staff"),
                        .words = json_at(doc, "text")};
}

static bool handled(store *s, const record *r, const json_t *doc, int sign, err *e) {
    inbox_step k;
    inbox_step_of_event(r, doc, &k);
    bool ok = sign > 0 ? store_run(s, Q_inbox_step_put, NULL, e, "iiiiiitt", k.id, k.at_us, k.key, k.profile,
                                   (int64_t)k.what, k.value, k.who, k.words)
                       : store_run(s, Q_inbox_step_drop, NULL, e, "iii", k.id, k.at_us, k.key);
    return ok && mark(s, k.id, e);
}

// The body says which event it speaks of ("of", "at"), and of a single word that it is one ("item").
bool inbox_label_of(const record *r, const json_t *doc, size_t i, inbox_label *out) {
    const json_t *yes = json_object_get(doc, "topics"), *no = json_object_get(doc, "not");
    size_t n_yes = json_array_size(yes), n = n_yes + json_array_size(no);
    int64_t of;
    if (i >= n || !inbox_key_of(json_at(doc, "of"), &of)) return false;
    *out = (inbox_label){.topic = json_text(i < n_yes ? json_array_get(yes, i) : json_array_get(no, i - n_yes)),
                         .who = json_at(doc, "staff"),
                         .said = i < n_yes,
                         .id = item_of(r, doc, "item"),
                         .at_us = json_integer_value(json_object_get(doc, "at")),
                         .key = of,
                         .label_us = r->at_us};
    return true;
}

static bool labelled(store *s, const record *r, const json_t *doc, int sign, err *e) {
    int64_t of;
    inbox_label x;
    if (!inbox_key_of(json_at(doc, "of"), &of)) return true;
    if (!store_run(s, Q_topic_unlook, NULL, e, "ii", r->profile_id, of)) return false;
    if (sign < 0) return store_run(s, Q_label_drop, NULL, e, "iii", r->profile_id, of, r->key);
    for (size_t i = 0; inbox_label_of(r, doc, i, &x); i++)
        if (!store_run(s, Q_label_put, NULL, e, "iiitiiiit", r->profile_id, x.at_us, of, x.topic, (int64_t)x.said, x.id,
                       r->at_us, r->key, x.who))
            return false;
    return true;
}

bool inbox_handled(store *s, const record *r, int sign, err *e) {
    json_t *doc = NULL;
    err quiet = {0};
    if (!r->body.len || !json_read(r->body, &doc, &quiet)) return true;
    bool ok = r->kind == KIND_labelled ? labelled(s, r, doc, sign, e) : handled(s, r, doc, sign, e);
    json_decref(doc);
    return ok;
}

bool inbox_labels(arena *a, store *s, int64_t id, inbox_label **out, size_t *n, err *e) {
    size_t room = 0;
    *out = NULL, *n = 0;
    for (row r = store_query(s, Q_label_of_inbox, e, "i", id); row_next(&r);) {
        inbox_label x = {.topic = str_dup(a, row_str(&r, 0)),
                         .said = row_int(&r, 1) != 0,
                         .at_us = row_int(&r, 2),
                         .key = row_int(&r, 3),
                         .label_us = row_int(&r, 4),
                         .who = str_dup(a, row_str(&r, 5))};
        // The newest word about a topic of an event comes last.
        if (*n && (*out)[*n - 1].key == x.key && str_eq((*out)[*n - 1].topic, x.topic)) --*n;
        if (*n == room) {
            inbox_label *more = make(a, inbox_label, room = room ? room * 2 : 16);
            if (*n) memcpy(more, *out, *n * sizeof *more);
            *out = more;
        }
        (*out)[(*n)++] = x;
    }
    return err_ok(e);
}

// ---- rows on their way in ----

struct inbox_rows {
    store *s;
    int64_t since_us; // of the setting; 0: not read yet
    int64_t *num[COLS];
    unsigned char *none[COLS];
    size_t n;
};

inbox_rows *inbox_rows_new(arena *life, store *s) {
    inbox_rows *w = make(life, inbox_rows, 1);
    *w = (inbox_rows){.s = s};
    for (int c = 0; c < COLS; c++) w->num[c] = make(life, int64_t, ROWS), w->none[c] = make(life, unsigned char, ROWS);
    return w;
}

void inbox_rows_forget(inbox_rows *w) {
    w->n = 0, w->since_us = 0;
}

// PostgreSQL takes no key twice in one call: the last stands.
static bool sent_already(inbox_rows *w, int64_t id, size_t *at) {
    for (size_t i = w->n; i-- > 0;)
        if (w->num[0][i] == id) return *at = i, true;
    return false;
}

bool inbox_rows_send(inbox_rows *w, err *e) {
    column cols[COLS];
    for (int c = 0; c < COLS; c++) cols[c] = (column){'i', w->num[c], w->none[c]};
    bool ok =
        !w->n || (store_bulk(w->s, Q_inbox_put, cols, COLS, w->n, NULL, e) && mark_some(w->s, w->num[0], w->n, e));
    inbox_rows_forget(w);
    return ok;
}

static bool begun(inbox_rows *w, int64_t last_us, bool *keep, err *e) {
    if (!w->since_us && !inbox_since(w->s, &w->since_us, e)) return false;
    return *keep = last_us >= w->since_us, true;
}

static bool put(inbox_rows *w, const inbox_item *x, err *e) {
    const int64_t v[COLS] = {x->id,      x->what,      x->profile,    x->thread,      x->key,      x->kind,
                             x->channel, x->source_id, x->instrument, x->score,       x->mood,     x->opened_us,
                             x->last_us, x->said_us,   x->since_us,   x->answered_us, x->solved_us};
    size_t at;
    if (!sent_already(w, x->id, &at)) at = w->n++;
    for (int c = 0; c < COLS; c++) w->num[c][at] = v[c], w->none[c][at] = 0;
    w->none[9][at] = !x->has_score, w->none[10][at] = x->mood == MOOD_UNKNOWN;
    return w->n < ROWS || inbox_rows_send(w, e);
}

inbox_item inbox_item_of_talk(int64_t profile, int64_t thread, int64_t source_id, const talk *t) {
    talk_state k = talk_now(t);
    int64_t opened_us = 0;
    inbox_item x = {.id = inbox_id_of(INBOX_talk, profile, thread),
                    .what = INBOX_talk,
                    .profile = profile,
                    .thread = thread,
                    .kind = KIND_message_in,
                    .channel = (enum channel)t->channel,
                    .source_id = source_id,
                    .mood = MOOD_UNKNOWN,
                    .opened_us = k.opened_us,
                    .last_us = k.last_us,
                    .since_us = k.waiting_us,
                    .solved_us = k.solved_us};
    for (int32_t i = 0; i < t->n; i++) {
        enum talk_who who = (enum talk_who)t->steps[i].who;
        if (who == TALK_customer) x.said_us = t->steps[i].at_us;
        if (who == TALK_opened && !opened_us) opened_us = t->steps[i].at_us;
        if (who == TALK_person || who == TALK_solved) x.answered_us = t->steps[i].at_us;
    }
    // A ticket that was opened for somebody holds no word of theirs yet.
    if (!x.said_us) x.said_us = opened_us;
    return x;
}

bool inbox_rows_talk(inbox_rows *w, int64_t profile, int64_t thread, int64_t source_id, const talk *t, err *e) {
    bool keep;
    if (!t->n || !begun(w, t->steps[t->n - 1].at_us, &keep, e)) return !t->n;
    inbox_item x = inbox_item_of_talk(profile, thread, source_id, t);
    return !keep || put(w, &x, e);
}

bool inbox_item_of_voice(inbox_item *x, bool has_words) {
    x->id = inbox_id_of(INBOX_voice, x->profile, x->key), x->what = INBOX_voice, x->thread = 0;
    x->opened_us = x->last_us = x->since_us = x->said_us;
    return inbox_is_voice(x->kind, has_words, x->mood, x->has_score);
}

bool inbox_rows_said(inbox_rows *w, const inbox_item *one, bool has_words, err *e) {
    inbox_item x = *one;
    bool keep;
    if (!inbox_item_of_voice(&x, has_words)) return true;
    if (!begun(w, x.said_us, &keep, e)) return false;
    return !keep || put(w, &x, e);
}

// ---- what goes ----

bool inbox_forget_talks(store *s, int64_t profile, err *e) {
    return store_run(s, Q_inbox_drop_talks, NULL, e, "i", profile);
}

bool inbox_forget_voice(store *s, const record *r, err *e) {
    return store_run(s, Q_inbox_drop, NULL, e, "i", inbox_id_of(INBOX_voice, r->profile_id, r->key));
}

bool inbox_erase(store *s, int64_t profile, err *e) {
    static const enum query all[] = {Q_inbox_erase, Q_inbox_step_erase, Q_label_erase, Q_inbox_draft_erase};
    for (size_t i = 0; i < COUNT(all); i++)
        if (!store_run(s, all[i], NULL, e, "i", profile)) return false;
    return true;
}

bool inbox_clear(store *s, err *e) {
    static const enum query all[] = {Q_inbox_clear, Q_inbox_step_clear, Q_label_clear};
    for (size_t i = 0; i < COUNT(all); i++)
        if (!store_run(s, all[i], NULL, e, "")) return false;
    return true;
}

bool inbox_tidy(store *s, int64_t now_us, err *e) {
    int64_t since = now_us - INBOX_KEPT_DAYS * DAY_US;
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, since);
    return settings_put(s, INBOX_SINCE, str_c(text), e) && store_run(s, Q_inbox_tidy, NULL, e, "ii", since, now_us) &&
           store_run(s, Q_inbox_draft_tidy, NULL, e, "i", now_us - INBOX_DAYS * DAY_US);
}

// ---- a store from before there was an inbox ----

static bool all_talks(inbox_rows *w, store *s, int64_t since_us, err *e) {
    arena a = arena_open((size_t)1 << 30);
    for (row r = store_query(s, Q_conversation_since, e, "i", since_us); row_next(&r);) {
        arena scratch = a;
        talk t;
        if (!talk_decode(&scratch, row_str(&r, 9), &t, e) ||
            !inbox_rows_talk(w, row_int(&r, 0), row_int(&r, 1), row_int(&r, 8), &t, e))
            row_end(&r);
    }
    arena_close(&a);
    return err_ok(e);
}

static bool all_voices(inbox_rows *w, store *s, int64_t since_us, int64_t now_us, err *e) {
    for (int32_t p = event_period(since_us); p <= event_period(now_us); p++)
        for (row r = store_query(s, Q_inbox_feedback_since, e, "ii", (int64_t)p, since_us); row_next(&r);) {
            inbox_item x = {.profile = row_int(&r, 0),
                            .said_us = row_int(&r, 1),
                            .key = row_int(&r, 2),
                            .kind = (enum kind)row_int(&r, 3),
                            .channel = (enum channel)row_int(&r, 4),
                            .source_id = row_int(&r, 5),
                            .instrument = (enum instrument)row_int(&r, 6),
                            .has_score = !row_null(&r, 7),
                            .score = row_int(&r, 7),
                            .mood = row_null(&r, 8) ? MOOD_UNKNOWN : (int)row_int(&r, 8)};
            if (!inbox_rows_said(w, &x, row_int(&r, 9) != 0, e)) row_end(&r);
        }
    return err_ok(e);
}

bool inbox_begin(store *s, int64_t now_us, err *e) {
    int64_t since;
    if (!inbox_since(s, &since, e)) return false;
    if (since != INT64_MAX || store_only_reads(s)) return true; // a dry run sees the inbox as it is
    arena life = arena_open((size_t)1 << 26);
    inbox_rows *w = inbox_rows_new(&life, s);
    bool ok = store_begin(s, e) && inbox_tidy(s, now_us, e) && inbox_since(s, &since, e) && all_talks(w, s, since, e) &&
              all_voices(w, s, since, now_us, e) && inbox_rows_send(w, e) && store_commit(s, e);
    if (!ok) store_rollback(s);
    arena_close(&life);
    return ok;
}
