// heed inbox: lists, and one of them with everything said in it.
#include "act/inbox_card.h"
#include "cli/inbox_cmd.h"
#include "cli/say.h"
#include "know/people.h"
#include "know/voices.h"
#include "serve/accounts.h"
#include "sql/inbox.h"

enum { WORDS = 60, MESSAGES = 200, OWED = 20, MOST = 1000 };

// ---- the same for both ----

str inbox_account_name(const inbox_at *x, int64_t id) {
    err none = {0};
    str name = S("");
    for (row r = store_query(x->s, Q_inbox_person, &none, "i", id); row_next(&r);)
        name = str_dup(x->c->life, row_str(&r, 0).len ? row_str(&r, 0) : row_str(&r, 1));
    return name;
}

static str kind_word(const inbox_item *i) {
    return i->what == INBOX_talk ? S("talk") : kind_name(i->kind);
}

static void put_text(json_out *j, const char *key, str v) {
    if (v.len)
        json_put_str(j, key, v);
    else
        json_put_null(j, key);
}

static bool name_of(inbox_at *x, int64_t customer, str *name, err *e) {
    people_card card = {.id = customer};
    *name = S("");
    if (!customer) return true;
    if (!people_fill(x->c->life, x->s, &card, 1, e)) return false;
    *name = card.name;
    return true;
}

static void put_item(inbox_at *x, json_out *j, const char *key, const inbox_item *i, int64_t customer, str name,
                     const inbox_words *w) {
    json_open(j, key, '{');
    json_put_int(j, "id", i->id);
    json_put_str(j, "kind", kind_word(i));
    json_put_str(j, "tab", str_c(inbox_tab_name(inbox_tab_now(i, x->now_us))));
    json_put_str(j, "state", str_c(inbox_state_name(inbox_state_now(i, x->now_us))));
    if (customer)
        json_put_int(j, "customer", customer);
    else
        json_put_null(j, "customer");
    put_text(j, "name", name);
    json_put_str(j, "channel", channel_name(i->channel));
    json_put_time(j, "since", i->since_us);
    json_put_time(j, "said", i->said_us);
    json_put_time(j, "later", i->later_us);
    json_put_str(j, "words", w->words);
    put_text(j, "assignee", inbox_account_name(x, i->assignee));
    json_close(j, '}');
}

static str waits(const inbox_at *x, const inbox_item *i) {
    arena *a = x->c->life;
    switch (inbox_state_now(i, x->now_us)) {
    case INBOX_UNANSWERED: return str_fmt(a, "waits %.*s", STR_ARG(say_ago(a, i->since_us, x->now_us)));
    case INBOX_LATER: return str_fmt(a, "until %.*s", STR_ARG(say_time(a, x->z, i->later_us)));
    case INBOX_THEIRS: return str_fmt(a, "theirs for %.*s", STR_ARG(say_ago(a, i->last_us, x->now_us)));
    case INBOX_SENDING: return S("on its way");
    case INBOX_SOLVED:
    case INBOX_ANSWERED:
    case INBOX_LAPSED:
    case INBOX_STATES: break;
    }
    return str_c(inbox_state_name(inbox_state_now(i, x->now_us)));
}

static str begin_of(arena *a, str words) {
    str x = term_clean(a, words, true);
    size_t n = MIN(x.len, (size_t)WORDS);
    while (n && n < x.len && ((unsigned char)x.s[n] & 0xC0) == 0x80) n--;
    return n < x.len ? str_fmt(a, "%.*s…", (int)n, x.s) : x;
}

// ---- lists ----

static bool read_segment(inbox_at *x, segment_rule **out, err *e) {
    char field[SEGMENT_FIELD_LEN];
    *out = NULL;
    return !x->o->segment || segment_read_text(x->c->life, x->s, str_fmt(x->c->life, "segment %" PRId64, x->o->segment),
                                               0, out, field, e);
}

static bool read_ask(inbox_at *x, inbox_ask *q, err *e) {
    const inbox_opts *o = x->o;
    segment_rule *rule;
    *q = (inbox_ask){.channel = -1,
                     .assignee = INBOX_ANYBODY,
                     .mood = MOOD_UNKNOWN,
                     .promise = o->promise,
                     .topic = o->topic,
                     .words = o->words,
                     .customer = o->customer,
                     .now_us = x->now_us,
                     .limit = MIN(o->most, (int64_t)MOST)};
    if (o->tab.len && !inbox_tab_of(o->tab, &q->tab)) return fail(e, ERR_usage, "--tab takes open, waiting or done");
    if (o->sort.len && !inbox_sort_of(o->sort, &q->sort))
        return fail(e, ERR_usage, "--sort takes wait, new, value or promise");
    if (o->channel.len && !(q->channel = channel_of(o->channel)))
        return fail(e, ERR_usage, "there is no channel '%.*s'; take email, chat, reviews, survey …",
                    (int)MIN(o->channel.len, 40), o->channel.s);
    if (o->kind.len) q->kind = str_eq(o->kind, S("talk")) ? KIND_message_in : kind_of(o->kind);
    if (o->kind.len && !q->kind) return fail(e, ERR_usage, "--kind takes talk, answer, review, complaint or comment");
    for (int m = -1; m <= 1; m++)
        if (str_eq(o->mood, str_c(mood_name(m)))) q->mood = m;
    if (o->mood.len && q->mood == MOOD_UNKNOWN) return fail(e, ERR_usage, "--mood takes unhappy, neither or happy");
    if (o->assignee.len && !inbox_account(x, o->assignee, &q->assignee, e)) return false;
    if (!read_segment(x, &rule, e)) return false;
    q->rule = rule;
    return true;
}

static bool print_list(inbox_at *x, const inbox_found *v, size_t n, const inbox_counts *k, err *e) {
    static const table_col cols[] = {{"item", true, false}, {"who", false, false},   {"what", false, false},
                                     {"", false, false},    {"whose", false, false}, {"words", false, true}};
    arena *a = x->c->life;
    table *t = table_new(a, cols, COUNT(cols));
    term_say(&x->c->t, "%.*s open", STR_ARG(term_count(a, k->n[INBOX_OPEN])));
    if (k->oldest_us) term_say(&x->c->t, ", the longest for %.*s", STR_ARG(say_ago(a, k->oldest_us, x->now_us)));
    term_say(&x->c->t, "; %.*s waiting; %.*s done in 30 days\n", STR_ARG(term_count(a, k->n[INBOX_WAITING])),
             STR_ARG(term_count(a, k->n[INBOX_DONE])));
    for (size_t i = 0; i < n; i++) {
        const inbox_item *y = &v[i].x;
        inbox_words w;
        str name;
        if (!inbox_words_of(a, x->s, y, &w, e) || !name_of(x, v[i].customer, &name, e)) return false;
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, y->id));
        table_add(t, STYLE_bold, name.len ? term_clean(a, name, true) : S("nobody known"));
        table_add(t, STYLE_plain,
                  y->has_score ? say_score(a, y->score, y->instrument)
                               : str_fmt(a, "%.*s, %.*s", STR_ARG(kind_word(y)), STR_ARG(channel_label(y->channel))));
        table_add(t, STYLE_plain, waits(x, y));
        table_add(t, STYLE_plain, term_clean(a, inbox_account_name(x, y->assignee), true));
        table_add(t, STYLE_plain, begin_of(a, w.words));
    }
    if (n) table_print(t, &x->c->t, 0);
    return true;
}

bool inbox_list_run(inbox_at *x, err *e) {
    arena *a = x->c->life;
    inbox_ask q;
    inbox_found *v;
    inbox_counts k;
    sources *all;
    size_t n;
    bool more;
    sources_as_asked(a, x->s, &all);
    if (!read_ask(x, &q, e) || !inbox_list(a, x->s, all, &q, &v, &n, &more, e) || !inbox_count(a, x->s, all, &q, &k, e))
        return false;
    if (!x->c->g.json) return print_list(x, v, n, &k, e);
    reply r;
    reply_open(&r, x->c);
    json_open(&r.j, NULL, '{');
    json_put_int(&r.j, "open", k.n[INBOX_OPEN]);
    json_put_int(&r.j, "waiting", k.n[INBOX_WAITING]);
    json_put_int(&r.j, "done", k.n[INBOX_DONE]);
    reply_time(&r, "oldest", k.oldest_us);
    json_open(&r.j, "items", '[');
    for (size_t i = 0; i < n; i++) {
        inbox_words w;
        str name;
        if (!inbox_words_of(a, x->s, &v[i].x, &w, e) || !name_of(x, v[i].customer, &name, e))
            return reply_drop(&r), false;
        put_item(x, &r.j, NULL, &v[i].x, v[i].customer, name, &w);
        reply_some(&r);
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

// ---- one ----

static str who_spoke(const record *m) {
    switch ((enum kind)m->kind) {
    case KIND_message_out:
    case KIND_call: return S("we");
    case KIND_message_auto: return S("a machine of ours");
    case KIND_note: return S("note");
    case KIND_conversation_solved: return S("solved");
    case KIND_conversation_opened: return S("opened");
    default: return S("the customer");
    }
}

static void print_message(inbox_at *x, const record *m) {
    arena *a = x->c->life;
    json_t *doc = NULL;
    err quiet = {0};
    if (m->body.len && !json_read(m->body, &doc, &quiet)) doc = NULL;
    str by = json_at(doc, "staff");
    term_say(&x->c->t, "\n%.*s  ", STR_ARG(say_time(a, x->z, m->at_us)));
    term_put(&x->c->t, STYLE_bold, who_spoke(m));
    if (by.len) term_say(&x->c->t, " (%.*s)", STR_ARG(term_clean(a, by, true)));
    if (kind_class((enum kind)m->kind) == CLASS_SAID && m->has_value)
        term_say(&x->c->t, "  %.*s", STR_ARG(say_score(a, m->value, (enum instrument)m->unit)));
    term_say(&x->c->t, "\n");
    if (json_at(doc, "text").len) term_say(&x->c->t, "%.*s\n", STR_ARG(term_clean(a, json_at(doc, "text"), false)));
    json_decref(doc);
}

static bool print_rest(inbox_at *x, const inbox_item *i, int64_t customer, err *e) {
    arena *a = x->c->life;
    inbox_step *steps;
    inbox_label *labels;
    inbox_owed owed[OWED];
    size_t n, n_labels, n_owed = 0;
    if (!inbox_steps(a, x->s, i->id, &steps, &n, e) || !inbox_labels(a, x->s, i->id, &labels, &n_labels, e) ||
        (customer && !inbox_owes(a, x->s, customer, i->thread, owed, OWED, &n_owed, e)))
        return false;
    term_say(&x->c->t, "\n");
    for (size_t k = 0; k < n; k++)
        term_say(&x->c->t, "%.*s  %s by %.*s\n", STR_ARG(say_time(a, x->z, steps[k].at_us)),
                 inbox_step_name(steps[k].what), STR_ARG(term_clean(a, steps[k].who, true)));
    for (size_t k = 0; k < n_labels; k++)
        term_say(&x->c->t, "%s %.*s\n", labels[k].said ? "About" : "Not about",
                 STR_ARG(term_clean(a, labels[k].topic, true)));
    for (size_t k = 0; k < n_owed; k++)
        term_say(&x->c->t, "We owe: %.*s%s%.*s  commitment:%" PRId64 "\n", STR_ARG(term_clean(a, owed[k].what, true)),
                 owed[k].due_us ? ", due " : "", STR_ARG(owed[k].due_us ? say_time(a, x->z, owed[k].due_us) : S("")),
                 owed[k].id);
    return true;
}

static bool show_json(inbox_at *x, const inbox_item *i, int64_t customer, str name, const record *m, size_t n, err *e) {
    inbox_words w;
    reply r;
    if (!inbox_words_of(x->c->life, x->s, i, &w, e)) return false;
    reply_open(&r, x->c);
    json_open(&r.j, NULL, '{');
    put_item(x, &r.j, "item", i, customer, name, &w);
    json_open(&r.j, "messages", '[');
    for (size_t k = 0; k < n; k++) {
        json_open(&r.j, NULL, '{');
        json_put_time(&r.j, "at", m[k].at_us);
        json_put_str(&r.j, "kind", kind_name((enum kind)m[k].kind));
        json_put_raw(&r.j, "body", m[k].body.len ? m[k].body : S("{}"));
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
    return true;
}

bool inbox_show_run(inbox_at *x, err *e) {
    arena *a = x->c->life;
    inbox_item i;
    int64_t id, customer;
    record *m;
    size_t n;
    bool more;
    str name;
    if (!cli_id("an item", x->c->args.v[1], &id, e) || !inbox_get(x->s, id, &i, e) ||
        !inbox_customer(x->s, &i, &customer, e) || !name_of(x, customer, &name, e) ||
        !inbox_messages(a, x->s, &i, MESSAGES, &m, &n, &more, e))
        return false;
    if (x->c->g.json) return show_json(x, &i, customer, name, m, n, e);
    term_put(&x->c->t, STYLE_bold, name.len ? term_clean(a, name, true) : S("nobody known"));
    term_say(&x->c->t, ", %.*s, %.*s, %.*s", STR_ARG(kind_word(&i)), STR_ARG(channel_label(i.channel)),
             STR_ARG(waits(x, &i)));
    if (i.assignee) term_say(&x->c->t, ", %.*s's", STR_ARG(term_clean(a, inbox_account_name(x, i.assignee), true)));
    term_say(&x->c->t, customer ? "  customer:%" PRId64 "\n" : "\n", customer);
    if (more) term_say(&x->c->t, "There was more before.\n");
    for (size_t k = 0; k < n; k++) print_message(x, &m[k]);
    return print_rest(x, &i, customer, e);
}

void inbox_print(inbox_at *x, const inbox_item *i, str undo) {
    cli *c = x->c;
    reply r;
    if (!c->g.json) {
        term_say(&c->t, "%" PRId64 " is %s: %.*s.\n", i->id, inbox_tab_name(inbox_tab_now(i, x->now_us)),
                 STR_ARG(waits(x, i)));
        if (undo.len)
            term_say(&c->t, "To take it back: heed inbox undo %" PRId64 " --step %.*s\n", i->id, STR_ARG(undo));
        return;
    }
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_put_int(&r.j, "id", i->id);
    json_put_str(&r.j, "tab", str_c(inbox_tab_name(inbox_tab_now(i, x->now_us))));
    json_put_str(&r.j, "state", str_c(inbox_state_name(inbox_state_now(i, x->now_us))));
    put_text(&r.j, "undo", undo);
    json_close(&r.j, '}');
    reply_close(&r);
}
