// The inbox: its lists, its counts, who can be given something, and topics.
#include "serve/api_inbox.h"

#include "base/money.h"
#include "know/feedback.h"
#include "serve/accounts.h"
#include "serve/kept.h"
#include "sql/inbox.h"

enum { SHOWN = 240, TOPICS = 200, OWED = 20 };

// ---- how they are written ----

void put_inbox_text(json_out *j, const char *key, str v) {
    if (v.len)
        json_put_str(j, key, v);
    else
        json_put_null(j, key);
}

int64_t inbox_me(const call *c) {
    return c->who.kind == WHO_ACCOUNT ? c->who.id : 0;
}

bool put_inbox_owner(call *c, const char *key, int64_t id, err *e) {
    str name = S(""), email = S("");
    if (!id) return json_put_null(&c->out, key), true;
    for (row r = store_query(c->s, Q_inbox_person, e, "i", id); row_next(&r);)
        name = str_dup(c->a, row_str(&r, 0)), email = str_dup(c->a, row_str(&r, 1));
    json_open(&c->out, key, '{');
    json_put_int(&c->out, "id", id);
    json_put_str(&c->out, "name", name.len ? name : email.len ? email : str_fmt(c->a, "account %" PRId64, id));
    json_close(&c->out, '}');
    return err_ok(e);
}

void put_inbox_owed(json_out *j, const char *key, const inbox_owed *x) {
    if (!x) return json_put_null(j, key);
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_str(j, "kind", str_c(commitment_kind_row(x->kind)->name));
    json_put_str(j, "what", x->what);
    json_put_time(j, "due", x->due_us);
    json_put_bool(j, "here", x->here);
    json_close(j, '}');
}

void put_inbox_gate(call *c, const char *key, const gate_answer *x) {
    json_out *j = &c->out;
    bool secret = str_eq(str_c(x->rule), S("state")) && !(c->who.needs & N(hardship_read));
    json_open(j, key, '{');
    json_put_str(j, "verdict", str_c(gate_verdict_name(x->verdict)));
    put_inbox_text(j, "rule", str_c(x->rule));
    put_inbox_text(j, "reason", secret && x->reason.len ? S("this is not the moment for them") : x->reason);
    json_put_time(j, "until", x->until_us);
    json_close(j, '}');
}

static str kind_word(const inbox_item *x) {
    return x->what == INBOX_talk ? S("talk") : kind_name(x->kind);
}

static str begin_of(str words) {
    size_t n = MIN(words.len, (size_t)SHOWN);
    while (n && n < words.len && ((unsigned char)words.s[n] & 0xC0) == 0x80) n--;
    return str_trim(str_sub(words, 0, n));
}

static void put_score(json_out *j, const inbox_item *x) {
    put_inbox_text(j, "instrument", x->instrument == INSTRUMENT_none ? S("") : instrument_name(x->instrument));
    if (x->has_score)
        json_put_num(j, "score", (double)x->score / 100);
    else
        json_put_null(j, "score");
}

// What people of ours say stands above what the source says.
static bool put_topics(call *c, const inbox_item *x, str named, err *e) {
    inbox_label *labels;
    size_t n;
    bool denied = false;
    if (!inbox_labels(c->a, c->s, x->id, &labels, &n, e)) return false;
    json_open(&c->out, "topics", '[');
    for (size_t i = 0; i < n; i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++) again |= labels[k].said && str_eq(labels[k].topic, labels[i].topic);
        denied |= str_eq(labels[i].topic, named);
        if (labels[i].said && !again) json_put_str(&c->out, NULL, labels[i].topic);
    }
    if (named.len && !denied) json_put_str(&c->out, NULL, named);
    json_close(&c->out, ']');
    return true;
}

static bool put_customer(call *c, const inbox_item *x, int64_t customer, err *e) {
    json_out *j = &c->out;
    people_card card = {.id = customer};
    int64_t worth = 0;
    int32_t unit = 0;
    inbox_owed owed;
    size_t n = 0;
    if (customer && (!people_fill(c->a, c->s, &card, 1, e) || !inbox_worth(c->a, c->s, customer, &worth, &unit, e) ||
                     !inbox_owes(c->a, c->s, customer, x->thread, &owed, 1, &n, e)))
        return false;
    if (customer)
        json_put_int(j, "customer", customer);
    else
        json_put_null(j, "customer");
    put_inbox_text(j, "name", card.name);
    put_money(j, "value", worth, unit);
    put_inbox_owed(j, "promise", n ? &owed : NULL);
    return true;
}

static bool has_draft(call *c, int64_t id, bool *any, err *e) {
    *any = false;
    str list = str_fmt(c->a, "[%" PRId64 "]", id);
    for (row r = store_query(c->s, Q_inbox_draft_has, e, "t", list); row_next(&r);) *any = true;
    return err_ok(e);
}

bool put_inbox_item(call *c, const char *key, const inbox_item *x, int64_t customer, err *e) {
    json_out *j = &c->out;
    sources *all;
    inbox_words w;
    int mood;
    bool draft;
    sources_as_asked(c->a, c->s, &all);
    if (!inbox_words_of(c->a, c->s, x, &w, e) || !inbox_mood(c->s, x, customer, &mood, e) ||
        !has_draft(c, x->id, &draft, e))
        return false;
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_str(j, "kind", kind_word(x));
    json_put_str(j, "tab", str_c(inbox_tab_name(inbox_tab_now(x, c->now_us))));
    json_put_str(j, "state", str_c(inbox_state_name(inbox_state_now(x, c->now_us))));
    if (!put_customer(c, x, customer, e)) return false;
    json_put_str(j, "channel", channel_name(x->channel));
    json_put_str(j, "source", source_by_id(all, x->source_id)->name);
    json_put_time(j, "since", inbox_tab_now(x, c->now_us) == INBOX_DONE ? 0 : x->since_us);
    json_put_time(j, "said", x->said_us);
    json_put_time(j, "last", x->last_us);
    json_put_time(j, "later", inbox_state_now(x, c->now_us) == INBOX_LATER ? x->later_us : 0);
    json_put_str(j, "words", begin_of(w.words));
    put_inbox_text(j, "lang", w.lang);
    put_score(j, x);
    put_inbox_text(j, "mood", mood == MOOD_UNKNOWN ? S("") : str_c(mood_name(mood)));
    if (!put_topics(c, x, w.topic, e) || !put_inbox_owner(c, "assignee", x->assignee, e)) return false;
    json_put_bool(j, "draft", draft);
    json_put_int(j, "version", inbox_version(x));
    json_close(j, '}');
    return true;
}

// ---- what is asked ----

static bool in_assignee(call *c, int64_t *id, err *e) {
    str x = in_str(c, "assignee");
    *id = INBOX_ANYBODY;
    if (!x.len) return true;
    if (str_eq(x, S("nobody"))) return *id = 0, true;
    if (str_eq(x, S("me"))) {
        *id = inbox_me(c);
        return *id || fail_field(c, e, "assignee", "a key is no colleague; name an account by its number");
    }
    return (str_i64(x, id) && *id > 0) ||
           fail_field(c, e, "assignee", "'assignee' is me, nobody, or the number of an account");
}

static bool in_segment(call *c, segment_rule **out, err *e) {
    char field[SEGMENT_FIELD_LEN];
    int64_t id = in_int(c, "segment", 0);
    err why = {0};
    *out = NULL;
    if (!id || segment_read_text(c->a, c->s, str_fmt(c->a, "segment %" PRId64, id), 0, out, field, &why)) return true;
    return why.code == ERR_invalid ? fail_field(c, e, "segment", "%s", why.msg) : (*e = why, false);
}

static int64_t hundredfold(call *c, const char *name) {
    double x = json_number_value(json_object_get(c->in, name));
    return (int64_t)(x * 100 + (x < 0 ? -0.5 : 0.5));
}

static void in_score(call *c, inbox_ask *q) {
    q->scored = in_has(c, "score_from") || in_has(c, "score_to");
    q->score_lo = INT64_MIN, q->score_hi = INT64_MAX;
    if (in_has(c, "score_from")) q->score_lo = hundredfold(c, "score_from");
    if (in_has(c, "score_to")) q->score_hi = hundredfold(c, "score_to");
}

static bool read_ask(call *c, inbox_ask *q, segment_rule **rule, err *e) {
    str kind = in_str(c, "kind"), mood = in_str(c, "mood"), since = in_str(c, "since");
    *q = (inbox_ask){.mood = MOOD_UNKNOWN,
                     .words = in_str(c, "q"),
                     .topic = in_str(c, "topic"),
                     .promise = in_bool(c, "promise"),
                     .customer = in_int(c, "customer", 0),
                     .now_us = c->now_us};
    (void)inbox_tab_of(in_str(c, "tab"), &q->tab);
    (void)inbox_sort_of(in_str(c, "sort"), &q->sort);
    q->kind = str_eq(kind, S("talk")) ? KIND_message_in : kind_of(kind);
    for (int m = -1; m <= 1; m++)
        if (str_eq(mood, str_c(mood_name(m)))) q->mood = m;
    if (since.len && !time_parse(since, NULL, 0, &q->said_after_us))
        return fail_field(c, e, "since", "'since' is no time");
    in_score(c, q);
    if (!store_begin_read(c->s, e) || !in_channel(c, "channel", in_str(c, "channel"), &q->channel, e) ||
        !in_assignee(c, &q->assignee, e) || !in_segment(c, rule, e))
        return false;
    q->rule = *rule;
    return true;
}

// ---- lists ----

bool inbox_page(call *c, err *e) {
    paging p;
    inbox_ask q;
    segment_rule *rule;
    sources *all;
    inbox_found *v;
    size_t n;
    bool more;
    if (!page_open(c, &p, e) || !read_ask(c, &q, &rule, e)) return false;
    sources_as_asked(c->a, c->s, &all);
    q.next = !p.first, q.key = p.after[0], q.id = p.after[1], q.limit = p.limit;
    if (!inbox_list(c->a, c->s, all, &q, &v, &n, &more, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (!put_inbox_item(c, NULL, &v[i].x, v[i].customer, e)) return false;
    page_close(c, &p, more, n ? v[n - 1].key : 0, n ? v[n - 1].x.id : 0);
    return true;
}

typedef struct {
    call *c;
    inbox_ask q;
} counting;

static bool tell_counts(void *ctx, buf *b, err *e) {
    counting *k = ctx;
    call *c = k->c;
    inbox_counts n;
    sources *all;
    int64_t minutes;
    bool open_hours;
    sources_as_asked(c->a, c->s, &all);
    if (!inbox_count(c->a, c->s, all, &k->q, &n, e) ||
        !inbox_reply_within(c->a, c->s, c->now_us, &minutes, &open_hours, e))
        return false;
    json_out j = json_to(b);
    json_open(&j, NULL, '{');
    json_put_int(&j, "open", n.n[INBOX_OPEN]);
    json_put_int(&j, "waiting", n.n[INBOX_WAITING]);
    json_put_int(&j, "done", n.n[INBOX_DONE]);
    json_put_time(&j, "oldest", n.oldest_us);
    json_put_int(&j, "newer", n.newer);
    json_put_time(&j, "as_of", c->now_us);
    json_put_int(&j, "reply_minutes", minutes);
    json_put_str(&j, "reply_clock", open_hours ? S("open") : S("always"));
    json_close(&j, '}');
    return true;
}

bool inbox_sums(call *c, err *e) {
    counting k = {.c = c};
    segment_rule *rule;
    if (!read_ask(c, &k.q, &rule, e)) return false;
    if (k.q.said_after_us || k.q.words.len || k.q.customer) kept_passing(c);
    const inbox_ask *q = &k.q;
    str question = str_fmt(c->a,
                           "inbox %" PRId64 " %" PRId64 " %d %d %d %" PRId64 " %" PRId64 " %" PRIu64 " %d %" PRId64
                           " %" PRId64 "\n%.*s\n%.*s",
                           q->channel, q->assignee, (int)q->kind, q->mood, q->scored, q->score_lo, q->score_hi,
                           rule ? segment_print(rule) : 0, q->promise, q->customer, q->said_after_us, STR_ARG(q->topic),
                           STR_ARG(q->words));
    return kept_put(c, question, tell_counts, &k, e);
}

// ---- colleagues, topics ----

static void open_whole_list(call *c) {
    json_open(&c->out, NULL, '{');
    json_open(&c->out, "items", '[');
}

static void close_whole_list(call *c) {
    json_close(&c->out, ']');
    json_put_null(&c->out, "next");
    json_close(&c->out, '}');
}

static bool may_answer(str role) {
    uint64_t needs;
    return role_needs(role, &needs) && needs & N(customers_write);
}

bool inbox_colleagues(call *c, err *e) {
    json_out *j = &c->out;
    if (!store_begin_read(c->s, e)) return false;
    open_whole_list(c);
    for (row r = store_query(c->s, Q_inbox_people, e, ""); row_next(&r);) {
        str name = row_str(&r, 1).len ? row_str(&r, 1) : row_str(&r, 2);
        if (!may_answer(row_str(&r, 3))) continue;
        json_open(j, NULL, '{');
        json_put_int(j, "id", row_int(&r, 0));
        json_put_str(j, "name", name);
        json_put_bool(j, "me", row_int(&r, 0) == inbox_me(c));
        json_put_int(j, "open", row_int(&r, 4));
        json_close(j, '}');
    }
    close_whole_list(c);
    return err_ok(e);
}

typedef struct {
    str topic;
    int64_t given, named;
} topic;

static topic *topic_at(call *c, topic *v, size_t *n, str name) {
    size_t i = 0;
    while (i < *n && !str_eq(v[i].topic, name)) i++;
    if (i == *n && *n < TOPICS) v[(*n)++] = (topic){.topic = str_dup(c->a, name)};
    return i < *n ? &v[i] : NULL;
}

static int most_first(const void *a, const void *b) {
    const topic *x = a, *y = b;
    if (x->given != y->given) return x->given > y->given ? -1 : 1;
    if (x->named != y->named) return x->named > y->named ? -1 : 1;
    return str_cmp(x->topic, y->topic);
}

static bool put_all_topics(call *c, err *e) {
    topic *v = make(c->a, topic, TOPICS), *at;
    size_t n = 0;
    sources *all;
    facets f;
    voices_ask q = {.channel = -1, .mood = MOOD_UNKNOWN, .since_us = c->now_us - INBOX_DAYS * DAY_US};
    sources_as_asked(c->a, c->s, &all);
    for (row r = store_query(c->s, Q_label_topics, e, "ii", c->now_us - INBOX_KEPT_DAYS * DAY_US, (int64_t)TOPICS);
         row_next(&r);)
        if ((at = topic_at(c, v, &n, row_str(&r, 0)))) at->given = row_int(&r, 1);
    if (!err_ok(e) || !voices_facets(c->a, c->s, all, &q, &f, e)) return false;
    for (size_t i = 0; i < f.n[FACET_topic]; i++)
        if ((at = topic_at(c, v, &n, f.rows[FACET_topic][i].value))) at->named = f.rows[FACET_topic][i].n;
    if (n) qsort(v, n, sizeof *v, most_first);
    open_whole_list(c);
    for (size_t i = 0; i < n; i++) {
        json_open(&c->out, NULL, '{');
        json_put_str(&c->out, "topic", v[i].topic);
        json_put_int(&c->out, "given", v[i].given);
        json_put_int(&c->out, "named", v[i].named);
        json_close(&c->out, '}');
    }
    close_whole_list(c);
    return true;
}

bool inbox_topics_page(call *c, err *e) {
    return store_begin_read(c->s, e) && kept_whole(c, S(""), put_all_topics, e);
}
