#include "act/duties.h"

#include <math.h>

#include "decide/dissatisfied_right.h"
#include "know/figure.h"
#include "know/identity.h"
#include "know/people.h"
#include "know/topic_audit.h"
#include "know/wire.h"
#include "sql/cli.h"
#include "sql/know_likeness.h"

// Their words and names, a list at a time.
static bool fill(arena *a, store *s, duty *list, size_t n, err *e) {
    people_card *cards = make(a, people_card, n + 1);
    for (size_t i = 0; i < n; i++) {
        int64_t id = list[i].x.id;
        if (!commitment_get(a, s, id, &list[i].x, e))
            return err_ok(e) ? fail(e, ERR_internal, "commitment %" PRId64 " is listed and not there", id) : false;
        if (!store_int(s, Q_people_by_profile, &list[i].customer, 0, e, "i", list[i].x.profile_id)) return false;
        cards[i].id = list[i].customer;
    }
    for (size_t i = 0; i < n; i++) {
        if (!cards[i].id) continue;
        if (!people_fill(a, s, &cards[i], 1, e)) return false;
        list[i].name = cards[i].name;
    }
    return err_ok(e);
}

static bool watched(arena *a, store *s, const commitment_watched *from, size_t n, duty **out, size_t *n_out, err *e) {
    *out = make(a, duty, n + 1), *n_out = n;
    for (size_t i = 0; i < n; i++) (*out)[i] = (duty){.x.id = from[i].id, .late = from[i].late};
    return fill(a, s, *out, n, e);
}

static bool apologies(arena *a, store *s, int64_t now_us, size_t most, duties *out, err *e) {
    commitment_broken *list;
    size_t n;
    if (!commitment_broken_list(a, s, now_us, 0, &list, &n, e)) return false;
    out->broken_count = (int64_t)n, out->n_broken = MIN(n, most);
    out->broken = make(a, duty, out->n_broken + 1);
    for (size_t i = 0; i < out->n_broken; i++) out->broken[i] = (duty){.x.id = list[i].id, .late = NAN};
    return fill(a, s, out->broken, out->n_broken, e);
}

// What is worth asking, once there is a taxonomy.
static bool about_topics(arena *a, store *s, int64_t now_us, duties *out, err *e) {
    topics *t;
    int64_t what, why;
    if (!topics_read(a, s, &t, e)) return false;
    if (!topics_used(t)) return true;
    if (!topic_waiting(s, t, TOPIC_what, &what, e) || !topic_waiting(s, t, TOPIC_why, &why, e)) return false;
    out->topic_questions = what + why >= TOPIC_ASKED ? what + why : 0;
    return topic_audit_waits(s, now_us, &out->topic_audit, e);
}

static bool about_dissatisfied(arena *a, store *s, int64_t now_us, duties *out, err *e) {
    dissatisfied_now *now = make(a, dissatisfied_now, 1);
    dissatisfied_report *right = make(a, dissatisfied_report, 1);
    if (!dissatisfied_read(a, s, now_us, now, e) || !dissatisfied_tell(a, s, now_us, right, e)) return false;
    out->dissatisfied = now->d.listed, out->dissatisfied_precision = right->precision;
    return dissatisfied_waits(a, s, now_us, &out->dissatisfied_audit, e);
}

bool duties_read(arena *a, store *s, int64_t now_us, size_t most, duties *out, err *e) {
    commitment_curves curves;
    commitment_watch w;
    identity_rules rules;
    *out = (duties){0};
    if (!most) most = DUTIES_MOST;
    if (!commitment_curves_read(a, s, now_us, &curves, e) ||
        !commitment_watch_read(a, s, &curves, &(commitment_watch_ask){.now_us = now_us, .most = most}, &w, e))
        return false;
    out->due_count = w.due, out->risky_count = w.risky_count;
    return watched(a, s, w.oldest, w.n_oldest, &out->due, &out->n_due, e) &&
           watched(a, s, w.risky, w.n_risky, &out->risky, &out->n_risky, e) && apologies(a, s, now_us, most, out, e) &&
           redlines_near(a, s, now_us, 0, &out->near, &out->n_near, e) &&
           approvals_waiting(a, s, S(""), now_us, &out->approvals, &out->n_approvals, e) &&
           approvals_name(a, s, out->approvals, out->n_approvals, e) && outbox_trouble(s, now_us, &out->mail, e) &&
           store_int(s, Q_likeness_open_count, &out->alike, 0, e, "") && identity_rules_read(s, &rules, e) &&
           identity_crowds(s, rules.crowd, &out->crowds, e) && about_topics(a, s, now_us, out, e) &&
           about_dissatisfied(a, s, now_us, out, e);
}

bool duties_any(const duties *d) {
    return d->due_count || d->risky_count || d->broken_count || d->n_near || d->n_approvals || d->mail.unsure ||
           d->mail.failed || d->mail.bounced || d->mail.waiting || d->alike || d->crowds || d->topic_questions ||
           d->topic_audit || d->dissatisfied || d->dissatisfied_audit;
}

// ---- as JSON ----

static void put_duties(json_out *j, const char *key, const duty *list, size_t n, bool names, int64_t now_us) {
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) {
        const duty *d = &list[i];
        json_open(j, NULL, '{');
        json_put_int(j, "commitment", d->x.id);
        json_put_str(j, "kind", str_c(commitment_kind_row(d->x.kind)->name));
        json_put_str(j, "what", names ? d->x.what : S(""));
        if (d->customer)
            json_put_int(j, "customer", d->customer);
        else
            json_put_null(j, "customer");
        json_put_str(j, "name", names ? d->name : S(""));
        json_put_str(j, "owner", names ? d->x.owner : S(""));
        json_put_str(j, "status", str_c(commitment_status_name(commitment_status(&d->x, now_us))));
        json_put_time(j, "due", d->x.judged_us);
        json_put_num(j, "late_chance", d->late);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_near(json_out *j, const duties *d) {
    json_open(j, "redlines_near", '[');
    for (size_t i = 0; i < d->n_near; i++) {
        json_open(j, NULL, '{');
        json_put_int(j, "redline", d->near[i].line.id);
        json_put_str(j, "name", d->near[i].line.name);
        json_put_num(j, "share", d->near[i].share);
        json_put_str(j, "sum", d->near[i].sum);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void duties_json(json_out *j, const char *key, const duties *d, bool names, int64_t now_us) {
    json_open(j, key, '{');
    json_put_int(j, "due_count", d->due_count);
    json_put_int(j, "risky_count", d->risky_count);
    json_put_int(j, "apology_count", d->broken_count);
    put_duties(j, "due", d->due, names ? d->n_due : 0, names, now_us);
    put_duties(j, "risky", d->risky, names ? d->n_risky : 0, names, now_us);
    put_duties(j, "apologies", d->broken, names ? d->n_broken : 0, names, now_us);
    put_near(j, d);
    json_open(j, "approvals", '[');
    for (size_t i = 0; names && i < d->n_approvals; i++) approval_json(j, NULL, &d->approvals[i]);
    json_close(j, ']');
    json_put_int(j, "approvals_count", (int64_t)d->n_approvals);
    json_put_int(j, "alike_count", d->alike);
    json_put_int(j, "topic_questions", d->topic_questions);
    json_put_int(j, "topic_audit", d->topic_audit);
    json_put_int(j, "dissatisfied", d->dissatisfied);
    json_put_int(j, "dissatisfied_audit", d->dissatisfied_audit);
    figure_json(j, "dissatisfied_precision", &d->dissatisfied_precision);
    json_put_int(j, "crowds_count", d->crowds);
    json_open(j, "messages", '{');
    json_put_int(j, "unsure", d->mail.unsure);
    json_put_int(j, "failed", d->mail.failed);
    json_put_int(j, "bounced", d->mail.bounced);
    json_put_int(j, "waiting", d->mail.waiting);
    json_close(j, '}');
    json_close(j, '}');
}
