#include "base/json.h"

#include "know/access.h"

#include "base/civil.h"
#include "base/money.h"
#include "know/agreement.h"
#include "know/consent.h"
#include "know/judged.h"
#include "know/likeness.h"
#include "know/members.h"
#include "know/stage.h"
#include "know/wire.h"
#include "sql/act.h"
#include "sql/act_gate.h"
#include "sql/act_outbox.h"
#include "sql/act_playbook.h"
#include "sql/act_reward.h"
#include "sql/decide_care.h"
#include "sql/decide_dissatisfied.h"
#include "sql/decide_redline.h"
#include "sql/inbox.h"
#include "sql/know_meaning.h"
#include "sql/know_privacy.h"
#include "sql/know_theme.h"
#include "sql/know_topic.h"
#include "sql/widget.h"

typedef struct {
    arena *a;
    store *s;
    const access_ask *ask;
    sources *all;
    person who;
    json_out *j;
    access_count *n;
} access;

static void put_about(access *x) {
    json_out *j = x->j;
    json_open(j, "about", '{');
    json_put_str(j, "what", S("everything that heed knows of one person"));
    json_put_time(j, "as_of", x->ask->now_us);
    json_put_str(j, "purpose", S("serving the customer, keeping what was promised, improving the service"));
    json_open(j, "sources", '[');
    size_t n;
    const origin *all = sources_list(x->all, &n);
    for (size_t i = 0; i < n; i++) {
        bool theirs = false;
        for (size_t k = 0; k < x->who.n_profiles; k++) theirs |= x->who.profiles[k].from->id == all[i].id;
        if (theirs) json_put_str(j, NULL, all[i].name);
    }
    json_close(j, ']');
    json_open(j, "recipients", '[');
    for (size_t i = 0; i < x->ask->n_recipients; i++) json_put_str(j, NULL, str_c(x->ask->recipients[i]));
    json_close(j, ']');
    json_put_str(j, "left_out", S("names of employees, internal notes, and what concerns other people"));
    json_close(j, '}');
}

static bool put_retention(access *x, err *e) {
    json_open(x->j, "kept_for_days", '{');
    for (row r = store_query(x->s, Q_retention_list, e, ""); row_next(&r);)
        json_put_int(x->j, str_z(x->a, row_str(&r, 0)), row_int(&r, 1));
    json_close(x->j, '}');
    return err_ok(e);
}

static void put_identities(access *x) {
    json_out *j = x->j;
    json_open(j, "identities", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++) {
        const person_profile *p = &x->who.profiles[i];
        json_open(j, NULL, '{');
        json_put_str(j, "source", p->from->name);
        if (p->name.len) json_put_str(j, "name", p->name);
        if (p->country.len) json_put_str(j, "country", p->country);
        if (p->segment.len) json_put_str(j, "segment", p->segment);
        if (p->lang.len) json_put_str(j, "lang", p->lang);
        if (p->address.len) json_put_str(j, "address", p->address);
        if (p->born.len) json_put_str(j, "born", p->born);
        json_open(j, "identifiers", '[');
        for (size_t k = 0; k < p->n_ids; k++) {
            json_open(j, NULL, '{');
            json_put_str(j, "kind", ident_name(p->ids[k].kind));
            json_put_str(j, "value", p->ids[k].value);
            json_close(j, '}');
        }
        json_close(j, ']');
        json_close(j, '}');
    }
    json_close(j, ']');
    x->n->profiles = (int64_t)x->who.n_profiles;
}

static bool put_consent(access *x, err *e) {
    int64_t *ids = make(x->a, int64_t, x->who.n_profiles);
    consent *list;
    size_t n;
    for (size_t i = 0; i < x->who.n_profiles; i++) ids[i] = x->who.profiles[i].id;
    if (!consent_read(x->a, x->s, ids, x->who.n_profiles, &list, &n, e)) return false;
    json_open(x->j, "consent", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(x->j, NULL, '{');
        json_put_str(x->j, "purpose", list[i].purpose);
        json_put_str(x->j, "state", list[i].given ? S("given") : S("withdrawn"));
        json_put_time(x->j, "since", list[i].at_us);
        json_close(x->j, '}');
    }
    json_close(x->j, ']');
    return true;
}

// What the gate was asked of them, and said: the newest of each profile.
static bool put_gate(access *x, err *e) {
    static const char *const verdicts[] = {"allowed", "later", "not sent"};
    json_out *j = x->j;
    int64_t before = INT64_MAX, any = -1, none = 0, most = 10000;
    json_open(j, "asked_whether_to_send", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r =
                 store_query(x->s, Q_gate_list_of, e, "iiitii", before, any, none, S(""), most, x->who.profiles[i].id);
             row_next(&r);) {
            json_open(j, NULL, '{');
            json_put_time(j, "at", row_int(&r, 2));
            json_put_str(j, "channel", channel_name((enum channel)row_int(&r, 4)));
            json_put_str(j, "words", row_str(&r, 5));
            json_put_str(j, "occasion", row_str(&r, 6));
            json_put_str(j, "answer", str_c(verdicts[row_int(&r, 10) % 3]));
            json_put_str(j, "reason", row_str(&r, 13));
            json_close(j, '}');
        }
    json_close(j, ']');
    return err_ok(e);
}

// What widgets asked them, and what they did.
static bool put_asked(access *x, err *e) {
    static const char *const did[] = {"nothing", "answered", "not now"};
    json_out *j = x->j;
    json_open(j, "asked_by_widgets", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_asked_of_profile, e, "i", x->who.profiles[i].id); row_next(&r);) {
            json_open(j, NULL, '{');
            json_put_time(j, "at", row_int(&r, 0));
            json_put_str(j, "question", row_str(&r, 3));
            json_put_str(j, "did", str_c(did[row_int(&r, 1) % 3]));
            json_close(j, '}');
        }
    json_close(j, ']');
    return err_ok(e);
}

static bool put_contact(access *x, err *e) {
    json_out *j = x->j;
    if (!put_gate(x, e) || !put_asked(x, e)) return false;
    json_open(j, "addresses_that_failed", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_gate_address_get, e, "it", x->who.profiles[i].id, S("")); row_next(&r);) {
            json_open(j, NULL, '{');
            json_put_str(j, "address", row_str(&r, 0));
            json_put_time(j, "refused", row_int(&r, 1));
            json_put_time(j, "not_reached", row_int(&r, 2));
            json_put_time(j, "called_us_unwanted", row_int(&r, 3));
            json_close(j, '}');
        }
    json_close(j, ']');
    json_open(j, "asked_for_peace", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_gate_pause_get, e, "i", x->who.profiles[i].id); row_next(&r);) {
            json_open(j, NULL, '{');
            json_put_time(j, "since", row_int(&r, 1));
            json_put_time(j, "until", row_int(&r, 0) == INT64_MAX ? 0 : row_int(&r, 0));
            json_close(j, '}');
        }
    json_close(j, ']');
    return err_ok(e);
}

// What was sent to them, and what came back.
static bool put_sent(access *x, err *e) {
    json_out *j = x->j;
    json_open(j, "sent_to_them", '[');
    for (row r = store_query(x->s, Q_outbox_of_people, e, "i", x->who.id); row_next(&r);) {
        json_open(j, NULL, '{');
        json_put_time(j, "put", row_int(&r, 6));
        json_put_time(j, "ended", row_int(&r, 7));
        json_put_str(j, "address", row_str(&r, 3));
        json_put_str(j, "subject", row_str(&r, 4));
        json_put_str(j, "text", row_str(&r, 5));
        json_close(j, '}');
    }
    json_close(j, ']');
    json_open(j, "came_back", '[');
    for (row r = store_query(x->s, Q_mail_bounce_of_people, e, "i", x->who.id); row_next(&r);) {
        json_open(j, NULL, '{');
        json_put_time(j, "at", row_int(&r, 0));
        json_put_str(j, "address", row_str(&r, 1));
        json_put_str(j, "kind", row_str(&r, 2));
        json_put_str(j, "words", row_str(&r, 4));
        json_close(j, '}');
    }
    json_close(j, ']');
    return err_ok(e);
}

// What we owe them, or they us, and whose hours are agreed with them. Who of ours owes it is left out.
static bool put_owed(access *x, err *e) {
    json_out *j = x->j;
    agreements *all;
    size_t n;
    json_open(j, "promises", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_commitment_of_profile, e, "i", x->who.profiles[i].id); row_next(&r);) {
            commitment c = commitment_read(x->a, &r);
            json_open(j, NULL, '{');
            json_put_str(j, "kind", str_c(commitment_kind_row(c.kind)->name));
            json_put_str(j, "words", c.what);
            json_put_time(j, "made", c.made_us);
            json_put_time(j, "due", c.due_us);
            json_put_str(j, "status", str_c(commitment_status_name(commitment_status(&c, x->ask->now_us))));
            json_close(j, '}');
        }
    json_close(j, ']');
    if (!err_ok(e) || !agreements_read(x->a, x->s, &all, e)) return false;
    const agreement_given *g = agreements_given(all, &n);
    json_open(j, "agreements", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (size_t k = 0; k < n; k++) {
            const agreement *row_now = agreement_now(all, g[k].agreement_id, x->ask->now_us);
            if (g[k].profile_id == x->who.profiles[i].id) json_put_str(j, NULL, row_now ? row_now->name : S(""));
        }
    json_close(j, ']');
    return true;
}

// Points, vouchers, and stories told of them. What others said of who recommended us names them alone, and is theirs.
static bool put_rewards(access *x, err *e) {
    json_out *j = x->j;
    int64_t below = INT64_MAX, any = -1, most = 10000;
    json_open(j, "points", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_reward_entry_of_profile, e, "i", x->who.profiles[i].id); row_next(&r);) {
            json_open(j, NULL, '{');
            json_put_time(j, "at", row_int(&r, 1));
            json_put_int(j, "counts", row_int(&r, 17));
            json_put_int(j, "left", row_int(&r, 18));
            json_put_time(j, "until", row_int(&r, 13));
            json_put_str(j, "why", row_str(&r, 15));
            json_close(j, '}');
        }
    json_close(j, ']');
    json_open(j, "vouchers", '[');
    for (row r = store_query(x->s, Q_voucher_list, e, "iii", below, x->who.id, most); row_next(&r);) {
        const currency *c = currency_by_number((int)row_int(&r, 3));
        json_open(j, NULL, '{');
        json_put_str(j, "code", row_str(&r, 1));
        json_put_int(j, "value", row_int(&r, 4));
        json_put_str(j, "currency", str_c(c ? c->code : ""));
        json_put_time(j, "until", row_int(&r, 8));
        json_put_str(j, "order", row_str(&r, 11));
        json_put_str(j, "why", row_str(&r, 19));
        json_close(j, '}');
    }
    json_close(j, ']');
    json_open(j, "stories", '[');
    for (row r = store_query(x->s, Q_story_list, e, "iiii", below, x->who.id, any, most); row_next(&r);) {
        json_open(j, NULL, '{');
        json_put_str(j, "title", row_str(&r, 2));
        json_put_str(j, "words", row_str(&r, 3));
        json_put_time(j, "approved", row_int(&r, 7));
        json_put_time(j, "until", row_int(&r, 8));
        json_close(j, '}');
    }
    json_close(j, ']');
    return err_ok(e);
}

static void put_figures(access *x) {
    const summary *m = &x->who.sum;
    if (!x->who.has_summary) return;
    const currency *c = currency_by_number(m->currency);
    json_open(x->j, "figures", '{');
    json_put_time(x->j, "first_seen", m->first_us);
    json_put_time(x->j, "last_seen", m->last_us);
    json_put_int(x->j, "orders", m->orders);
    json_put_int(x->j, "order_value", m->order_value);
    if (c) json_put_str(x->j, "currency", str_c(c->code));
    json_put_int(x->j, "returns", m->returns);
    json_put_int(x->j, "messages_from_them", m->contacts_in);
    json_put_int(x->j, "messages_to_them", m->contacts_out);
    json_put_int(x->j, "complaints", m->complaints);
    json_put_int(x->j, "answers_and_remarks", m->feedback);
    json_close(x->j, '}');
}

// The members of a body but for the employee's name, and that of who recommended us.
static void put_body(access *x, str body) {
    str rest = members_of(body);
    for (member m; member_next(&rest, &m);) {
        char name[128];
        if (str_eq(m.name, S("staff")) || str_starts(m.name, S("referrer")) || m.name.len >= sizeof name) continue;
        snprintf(name, sizeof name, "%.*s", STR_ARG(m.name));
        json_put_raw(x->j, name, m.value);
    }
}

static void put_event(access *x, const record *r) {
    json_out *j = x->j;
    const origin *from = source_of_import(x->all, r->import_id);
    str unit = wire_unit((enum kind)r->kind, r->unit);
    json_open(j, NULL, '{');
    json_put_time(j, "at", r->at_us);
    json_put_str(j, "kind", kind_name((enum kind)r->kind));
    json_put_str(j, "channel", channel_name((enum channel)r->channel));
    json_put_str(j, "source", from->name);
    if (r->has_value) json_put_int(j, "value", r->value);
    if (unit.len) json_put_str(j, "unit", unit);
    if (r->body.len) {
        json_open(j, "body", '{');
        put_body(x, r->body);
        json_close(j, '}');
    }
    json_close(j, '}');
    x->n->events++;
    x->n->feedback += kind_class((enum kind)r->kind) == CLASS_SAID;
}

static bool take_event(void *ctx, const record *r, err *e) {
    access *x = ctx;
    if (r->kind == KIND_note && !x->ask->notes) return true;
    if (r->kind == KIND_identify && str_starts(r->body, S("{\"ids\":["))) return true; // stands among identities
    put_event(x, r);
    return !x->j->b->full || fail(e, ERR_too_large, "there is more of this person than one document holds");
}

static bool put_events(access *x, err *e) {
    json_open(x->j, "events", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        if (!ledger_profile_events(x->s, x->who.profiles[i].id, take_event, x, e)) return false;
    json_close(x->j, ']');
    return true;
}

// Kinds are named as act/hardships.def and decide/abuse_steps.def number them, which stand to the right of this room.
static bool put_care(access *x, err *e) {
    static const char *const kinds[] = {"", "cannot_pay", "bereaved", "peace"};
    static const char *const steps[] = {"", "notice", "friction", "restored"};
    json_out *j = x->j;
    json_open(j, "protection", '[');
    for (row r = store_query(x->s, Q_hardship_of_customer_access, e, "i", x->ask->customer); row_next(&r);) {
        const int64_t kind = row_int(&r, 0);
        json_open(j, NULL, '{');
        json_put_str(j, "kind", str_c(kind > 0 && kind < (int64_t)COUNT(kinds) ? kinds[kind] : ""));
        json_put_time(j, "since", row_int(&r, 1));
        json_put_time(j, "until", row_int(&r, 2));
        json_put_time(j, "ended", row_int(&r, 3));
        json_put_str(j, "purpose", row_str(&r, 4));
        json_put_str(j, "note", row_str(&r, 5));
        json_put_time(j, "consent", row_int(&r, 6));
        json_close(j, '}');
    }
    json_close(j, ']');
    json_open(j, "instalments", '[');
    for (row r = store_query(x->s, Q_hardship_parts_access, e, "i", x->ask->customer); row_next(&r);) {
        const currency *c = currency_by_number((int)row_int(&r, 2));
        json_open(j, NULL, '{');
        json_put_str(j, "due", date_str(x->a, (int32_t)row_int(&r, 0)));
        json_put_int(j, "amount", row_int(&r, 1));
        json_put_str(j, "currency", str_c(c ? c->code : ""));
        json_close(j, '}');
    }
    json_close(j, ']');
    json_open(j, "steps_about_returns", '[');
    for (row r = store_query(x->s, Q_abuse_access, e, "i", x->ask->customer); row_next(&r);) {
        const int64_t step = row_int(&r, 0);
        json_open(j, NULL, '{');
        json_put_str(j, "step", str_c(step > 0 && step < (int64_t)COUNT(steps) ? steps[step] : ""));
        json_put_str(j, "words", row_str(&r, 1));
        json_put_raw(j, "evidence", row_str(&r, 2));
        json_put_time(j, "from", row_int(&r, 3));
        json_put_time(j, "until", row_int(&r, 4));
        json_put_time(j, "ended", row_int(&r, 5));
        json_put_time(j, "appeal", row_int(&r, 6));
        json_put_str(j, "appeal_words", row_str(&r, 7));
        json_put_bool(j, "granted", row_int(&r, 9) != 0);
        json_close(j, '}');
    }
    json_close(j, ']');
    return err_ok(e);
}

// What was done for them by rules, and on which occasions.
static bool put_playbooks(access *x, err *e) {
    static const char *const states[] = {"on the way", "ended", "stopped", "failed"};
    json_open(x->j, "playbooks", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_playbook_runs_of, e, "i", x->who.profiles[i].id); row_next(&r);) {
            json_open(x->j, NULL, '{');
            json_put_int(x->j, "playbook", row_int(&r, 1));
            json_put_str(x->j, "name", row_str(&r, 2));
            json_put_str(x->j, "occasion", row_str(&r, 3));
            json_put_bool(x->j, "left_alone_to_compare", row_int(&r, 4) != 0);
            json_put_time(x->j, "entered", row_int(&r, 5));
            json_put_str(x->j, "state", str_c(states[row_int(&r, 6) % 4]));
            json_close(x->j, '}');
        }
    json_close(x->j, ']');
    return err_ok(e);
}

// What they were given, or would have been. Named as decide/concessions.def and decide/concession.h number them.
static bool put_concessions(access *x, err *e) {
    static const char *const kinds[] = {"",         "discount", "refund",  "reward",  "grant",
                                        "hardship", "service",  "promise", "decision"};
    static const char *const states[] = {"waiting", "reserved", "given",     "not given",
                                         "expired", "refused",  "taken back"};
    json_open(x->j, "concessions", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_concession_of_profile, e, "i", x->who.profiles[i].id); row_next(&r);) {
            const currency *c = currency_by_number((int)row_int(&r, 3));
            json_open(x->j, NULL, '{');
            json_put_str(x->j, "kind", str_c(kinds[(size_t)row_int(&r, 2) % COUNT(kinds)]));
            json_put_str(x->j, "state", str_c(states[(size_t)row_int(&r, 1) % COUNT(states)]));
            json_put_int(x->j, "amount", row_int(&r, 4));
            json_put_str(x->j, "currency", str_c(c ? c->code : ""));
            json_put_time(x->j, "at", row_int(&r, 5));
            json_put_str(x->j, "reason", row_str(&r, 6));
            json_close(x->j, '}');
        }
    json_close(x->j, ']');
    return err_ok(e);
}

// What people of ours said their words are about, and what was begun as an answer; whose words these are is left out.
static bool put_inbox(access *x, err *e) {
    json_out *j = x->j;
    json_open(j, "said_to_be_about", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_label_of_profile, e, "i", x->who.profiles[i].id); row_next(&r);) {
            json_open(j, NULL, '{');
            json_put_str(j, "topic", row_str(&r, 0));
            json_put_bool(j, "is_about_it", row_int(&r, 1) != 0);
            json_put_time(j, "words_of", row_int(&r, 2));
            json_put_time(j, "said", row_int(&r, 3));
            json_close(j, '}');
        }
    json_close(j, ']');
    json_open(j, "answers_begun", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_inbox_draft_of_profile, e, "i", x->who.profiles[i].id); row_next(&r);) {
            json_open(j, NULL, '{');
            json_put_str(j, "words", row_str(&r, 0));
            json_put_time(j, "at", row_int(&r, 1));
            json_close(j, '}');
        }
    json_close(j, ']');
    return err_ok(e);
}

// What people of ours said of themes by their words.
static bool put_themes(access *x, err *e) {
    json_open(x->j, "said_of_their_words", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_theme_said_of_profile, e, "i", x->who.profiles[i].id); row_next(&r);) {
            json_open(x->j, NULL, '{');
            json_put_time(x->j, "at", row_int(&r, 0));
            json_put_str(x->j, "what", row_str(&r, 1));
            json_put_int(x->j, "theme", row_int(&r, 2));
            json_close(x->j, '}');
        }
    json_close(x->j, ']');
    return err_ok(e);
}

// What people of ours said of them being dissatisfied, and the samples that they were drawn in.
static bool put_judged(access *x, err *e) {
    json_open(x->j, "said_to_be_dissatisfied", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_judged_of_profile, e, "i", x->who.profiles[i].id); row_next(&r);) {
            json_open(x->j, NULL, '{');
            json_put_time(x->j, "at", row_int(&r, 0));
            json_put_str(x->j, "says", str_c(judged_name((enum judged_says)(row_int(&r, 1) % JUDGED_SAYS))));
            json_close(x->j, '}');
        }
    json_close(x->j, ']');
    json_open(x->j, "in_samples_of_customers", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_judged_sample_of_profile, e, "i", x->who.profiles[i].id); row_next(&r);)
            json_put_int(x->j, NULL, row_int(&r, 0));
    json_close(x->j, ']');
    return err_ok(e);
}

// What they are about.
static bool put_topics(access *x, err *e) {
    static const char *const who[] = {"", "learned", "their source", "a person"};
    json_open(x->j, "what_their_words_are_about", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_topic_of_person, e, "i", x->who.profiles[i].id); row_next(&r);) {
            json_open(x->j, NULL, '{');
            json_put_time(x->j, "words_of", row_int(&r, 0));
            json_put_str(x->j, "topic", row_str(&r, 1));
            json_put_str(x->j, "says", str_c(who[row_int(&r, 2) % 4]));
            json_put_num(x->j, "chance", (double)row_int(&r, 3) / 1000);
            if (!row_null(&r, 4)) json_put_num(x->j, "mood", (double)row_int(&r, 4) / 1000);
            json_close(x->j, '}');
        }
    json_close(x->j, ']');
    json_open(x->j, "in_samples_of_topics", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_topic_audit_of_profile, e, "i", x->who.profiles[i].id); row_next(&r);) {
            json_open(x->j, NULL, '{');
            json_put_int(x->j, "month", row_int(&r, 0));
            json_put_time(x->j, "words_of", row_int(&r, 2));
            json_put_bool(x->j, "judged", row_str(&r, 4).len > 0);
            json_close(x->j, '}');
        }
    json_close(x->j, ']');
    return err_ok(e) && put_judged(x, e);
}

// What heed read out of their words.
static bool put_meanings(access *x, err *e) {
    json_out *j = x->j;
    json_open(j, "how_their_words_were_read", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (row r = store_query(x->s, Q_meaning_of_person, e, "i", x->who.profiles[i].id); row_next(&r);) {
            json_open(j, NULL, '{');
            json_put_time(j, "words_of", row_int(&r, 0));
            json_put_str(j, "language", row_str(&r, 1));
            if (!row_null(&r, 2)) {
                json_put_num(j, "mood", (double)row_int(&r, 2) / 1000);
                json_put_num(j, "chance_of_unhappy", (double)row_int(&r, 3) / 1000);
                json_put_num(j, "chance_of_happy", (double)row_int(&r, 4) / 1000);
            }
            json_put_raw(j, "feelings_in_thousandths", row_str(&r, 5));
            json_put_bool(j, "said_before", row_int(&r, 6) != row_int(&r, 8) || row_int(&r, 7) != row_int(&r, 9));
            if (row_str(&r, 10).len) json_put_str(j, "theme", row_str(&r, 10));
            json_close(j, '}');
        }
    json_close(j, ']');
    return err_ok(e);
}

// Where on the journey they were, as it follows from what happened.
static bool put_stages(access *x, err *e) {
    journey stages_of;
    stage_spell *v;
    size_t n;
    if (!journey_read(x->a, x->s, &stages_of, e) || !stage_spells(x->a, x->s, x->who.id, &v, &n, e)) return false;
    json_open(x->j, "stages_of_their_journey", '[');
    for (size_t i = 0; i < n; i++) {
        const stage_row *of = journey_by_id(&stages_of, v[i].stage);
        json_open(x->j, NULL, '{');
        json_put_time(x->j, "since", v[i].from_us);
        json_put_str(x->j, "stage", of ? of->name : S(""));
        json_close(x->j, '}');
    }
    json_close(x->j, ']');
    return true;
}

static const char *decided(const access *x, const likeness *p) {
    bool both[2] = {false, false};
    const int64_t of[2] = {p->a, p->b};
    for (size_t i = 0; i < x->who.n_profiles; i++)
        for (int k = 0; k < 2; k++) both[k] |= x->who.profiles[i].id == of[k];
    if (p->state == LIKENESS_SAME) return "the same, as a person said";
    if (p->state == LIKENESS_TWO) return "two people, as a person said";
    if (p->state == LIKENESS_HOME) return "two people of one home";
    return both[0] && both[1] ? "the same" : "not decided";
}

// What was compared: the names of the fields alone, for the values are those of two people.
static void put_compared(access *x, str parts) {
    json_t *doc = NULL, *one;
    err quiet = {0};
    size_t i;
    if (!json_read(parts, &doc, &quiet)) return;
    json_open(x->j, "fields", '[');
    json_array_foreach(doc, i, one) {
        str field = json_text(json_object_get(one, "field"));
        if (field.len && json_object_get(one, "a")) json_put_str(x->j, NULL, field);
    }
    json_close(x->j, ']');
    json_decref(doc);
}

// Who may be the same person: how often they were found alike, how sure that is and what was decided. Nothing says who
// the other one is.
static bool put_likeness(access *x, err *e) {
    json_open(x->j, "found_alike", '[');
    for (size_t i = 0; i < x->who.n_profiles; i++) {
        likeness *list;
        size_t n;
        if (!likeness_of(x->a, x->s, x->who.profiles[i].id, &list, &n, e)) return false;
        for (size_t k = 0; k < n; k++) {
            bool earlier = false; // two of their own profiles are told of once
            const int64_t other = list[k].a == x->who.profiles[i].id ? list[k].b : list[k].a;
            for (size_t j = 0; j < i; j++) earlier |= x->who.profiles[j].id == other;
            if (earlier) continue;
            json_open(x->j, NULL, '{');
            json_put_time(x->j, "at", list[k].at_us);
            json_put_num(x->j, "chance", (double)list[k].ppm / 1e6);
            json_put_str(x->j, "decision", str_c(decided(x, &list[k])));
            put_compared(x, list[k].parts);
            json_close(x->j, '}');
        }
    }
    json_close(x->j, ']');
    return true;
}

static bool put_all(access *x, err *e) {
    json_open(x->j, NULL, '{');
    put_about(x);
    bool ok = put_retention(x, e);
    put_identities(x);
    ok = ok && put_likeness(x, e) && put_consent(x, e) && put_contact(x, e) && put_sent(x, e) && put_care(x, e) &&
         put_playbooks(x, e) && put_concessions(x, e) && put_rewards(x, e) && put_owed(x, e) && put_inbox(x, e) &&
         put_meanings(x, e) && put_stages(x, e) && put_topics(x, e) && put_themes(x, e);
    put_figures(x);
    ok = ok && put_events(x, e);
    json_close(x->j, '}');
    return ok;
}

bool access_write(arena *a, store *s, const access_ask *ask, buf *b, access_count *n, err *e) {
    json_out j = json_to(b);
    access x = {.a = a, .s = s, .ask = ask, .j = &j, .n = n};
    *n = (access_count){0};
    if (!sources_read(a, s, &x.all, e)) return false;
    if (!person_read(a, s, x.all, ask->customer, &x.who, e))
        return fail(e, ERR_not_found, "there is no customer %" PRId64, ask->customer);
    if (!put_all(&x, e)) return false;
    return !b->full || fail(e, ERR_too_large, "there is more of this person than one document holds");
}
