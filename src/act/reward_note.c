#include "base/json.h"

#include "act/reward_note.h"

#include "know/fold.h"
#include "know/members.h"
#include "know/told.h"
#include "ledger/ident.h"
#include "sql/act_reward.h"
#include "sql/know.h"
#include "sql/serve_hooks.h"

enum { UNTOLD_AT_ONCE = 500, WHY_MOST = 400, KEY_BYTES = 8, KEEP_S = 3600 };

// ---- telling ----

int64_t reward_id_of_ext(ledger *l, str ext, int where) {
    int64_t source = 0;
    err quiet = {0};
    str name = where == TOLD_SAMPLE ? S("sample-heed") : S("heed");
    if (!store_int(ledger_store(l), Q_source_id_by_name, &source, 0, &quiet, "t", name) || !source) return 0;
    return reward_id((int64_t)event_key(source, ext));
}

// What was told under a key, as whosever event: a customer of the sample company may have become a real one since.
static bool find_told(ledger *l, arena *a, str ext, reward_entry *out, err *e) {
    for (int where = TOLD_REAL; where <= TOLD_SAMPLE && err_ok(e); where++) {
        int64_t id = reward_id_of_ext(l, ext, where);
        if (id && reward_get(a, ledger_store(l), id, out, e)) return true;
    }
    return false;
}

static event event_of(const reward_told *t, ident who) {
    return (event){.kind = KIND_reward,
                   .channel = CHANNEL_staff,
                   .at_us = t->at_us,
                   .ext = t->ext,
                   .ids = {who},
                   .n_ids = 1,
                   .value = t->points,
                   .has_value = true,
                   .unit = t->unit,
                   .topic = str_c(reward_what_name(t->what)),
                   .text = t->why,
                   .mood = MOOD_UNKNOWN,
                   .extra = t->extra};
}

// Of made-up customers, or of the others: they have a source each.
static bool tell_some(ledger *l, const event *evs, const int32_t *rows, size_t n, bool sample, err *e) {
    int64_t source, import;
    tally t;
    intake in = {.events = evs, .row_of = rows, .n = n, .rows = (int64_t)n};
    return !n || (told_place_of(l, S("rewards"), sample, &source, &import, e) && ledger_write(l, import, &in, &t, e));
}

bool reward_tell(ledger *l, arena *a, const reward_told *list, size_t n, int64_t *skipped, err *e) {
    event *evs[2] = {make(a, event, n + 1), make(a, event, n + 1)};
    int32_t *rows = make(a, int32_t, n + 1);
    size_t k[2] = {0};
    *skipped = 0;
    for (size_t i = 0; i < n; i++) {
        ident who;
        bool sample = list[i].where == TOLD_SAMPLE;
        rows[i] = (int32_t)i;
        if (!told_ident(a, ledger_store(l), list[i].customer, &who, NULL, e)) return false;
        if (!list[i].where && !told_is_sample(ledger_store(l), list[i].customer, &sample, e)) return false;
        if (who.kind)
            evs[sample][k[sample]++] = event_of(&list[i], who);
        else
            ++*skipped;
    }
    return tell_some(l, evs[0], rows, k[0], false, e) && tell_some(l, evs[1], rows, k[1], true, e);
}

static bool nameable(arena *a, store *s, int64_t customer, err *e) {
    ident who;
    int64_t there = 0;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&r);) there++;
    if (!err_ok(e)) return false;
    if (!there) return fail(e, ERR_not_found, "there is no customer %" PRId64, customer);
    if (!told_ident(a, s, customer, &who, NULL, e)) return false;
    return who.kind ||
           fail(e, ERR_conflict, "customer %" PRId64 " has no identifier that points could be kept under", customer);
}

bool reward_tell_later(ledger *l, arena *a, const reward_told *t, err *e) {
    int64_t id;
    bool sample = t->where == TOLD_SAMPLE;
    buf b = buf_new(a, 1 << 16);
    json_out j = json_to(&b);
    if (!t->where && !told_is_sample(ledger_store(l), t->customer, &sample, e)) return false;
    json_open(&j, NULL, '{');
    json_put_int(&j, "what", t->what);
    json_put_int(&j, "points", t->points);
    json_put_int(&j, "unit", t->unit);
    json_put_int(&j, "at", t->at_us);
    json_put_str(&j, "ext", t->ext);
    json_put_str(&j, "why", t->why);
    json_put_str(&j, "extra", t->extra);
    json_put_int(&j, "where", sample ? TOLD_SAMPLE : TOLD_REAL); // whoever they turn out to be: it is told once
    json_close(&j, '}');
    return ledger_id(l, &id, e) &&
           store_run(ledger_store(l), Q_reward_untold_put, NULL, e, "iit", id, t->customer, buf_str(&b));
}

// Its customer may have another number by now.
static bool read_untold(arena *a, store *s, int64_t profile, str text, reward_told *t, err *e) {
    json_t *doc = NULL;
    char list[32];
    if (!json_read(text, &doc, e)) return false;
    *t = (reward_told){.what = (enum reward_what)json_integer_value(json_object_get(doc, "what")),
                       .points = json_integer_value(json_object_get(doc, "points")),
                       .unit = (int32_t)json_integer_value(json_object_get(doc, "unit")),
                       .at_us = json_integer_value(json_object_get(doc, "at")),
                       .ext = str_dup(a, json_at(doc, "ext")),
                       .why = str_dup(a, json_at(doc, "why")),
                       .extra = str_dup(a, json_at(doc, "extra")),
                       .where = (int)json_integer_value(json_object_get(doc, "where"))};
    json_decref(doc);
    snprintf(list, sizeof list, "[%" PRId64 "]", profile);
    for (row r = store_query(s, Q_profile_some, e, "t", str_c(list)); row_next(&r);) t->customer = row_int(&r, 1);
    return err_ok(e);
}

bool reward_tell_untold(ledger *l, arena *a, err *e) {
    store *s = ledger_store(l);
    for (size_t n = 1; n;) {
        arena scratch = *a;
        reward_told *list = make(&scratch, reward_told, UNTOLD_AT_ONCE);
        int64_t *ids = make(&scratch, int64_t, UNTOLD_AT_ONCE), *profiles = make(&scratch, int64_t, UNTOLD_AT_ONCE);
        str *texts = make(&scratch, str, UNTOLD_AT_ONCE);
        int64_t skipped;
        n = 0;
        for (row r = store_query(s, Q_reward_untold_list, e, "i", (int64_t)UNTOLD_AT_ONCE); row_next(&r); n++)
            ids[n] = row_int(&r, 0), profiles[n] = row_int(&r, 1), texts[n] = str_dup(&scratch, row_str(&r, 2));
        if (!err_ok(e)) return false;
        if (!n) return true;
        for (size_t i = 0; i < n; i++)
            if (!read_untold(&scratch, s, profiles[i], texts[i], &list[i], e)) return false;
        if (!reward_tell(l, &scratch, list, n, &skipped, e) || !store_begin(s, e)) return false;
        bool ok = true;
        for (size_t i = 0; ok && i < n; i++) ok = store_run(s, Q_reward_untold_drop, NULL, e, "i", ids[i]);
        ok = ok && ledger_commit(l, e);
        if (!ok) store_rollback(s);
        if (!ok) return false;
    }
    return true;
}

// ---- what hands have in common ----

// "ada.b+shop@gmail.com" is "adab@gmail.com": what stands after a plus reaches the same box everywhere that it is
// known, points count for nothing at Gmail.
static str plain_address(arena *a, str mail) {
    ptrdiff_t at = str_find(mail, '@');
    buf b = buf_new(a, mail.len + 1);
    if (at < 0) return mail;
    str host = str_sub(mail, (size_t)at + 1, mail.len);
    bool dots = !str_eq_ci(host, S("gmail.com")) && !str_eq_ci(host, S("googlemail.com"));
    for (size_t i = 0; i < (size_t)at && mail.s[i] != '+'; i++)
        if (mail.s[i] != '.' || dots) buf_addc(&b, mail.s[i]);
    buf_addc(&b, '@'), buf_add(&b, dots ? host : S("gmail.com"));
    return buf_str(&b);
}

static bool mails_of(arena *a, store *s, int64_t customer, str *out, size_t most, size_t *n, err *e) {
    *n = 0;
    for (row p = store_query(s, Q_profile_of_customer, e, "i", customer); row_next(&p);)
        for (row r = store_query(s, Q_identifier_of_profile, e, "i", row_int(&p, 0)); row_next(&r);) {
            enum ident_kind k = (enum ident_kind)row_int(&r, 0);
            if ((k == IDENT_email || k == IDENT_email_unverified) && *n < most)
                out[(*n)++] = plain_address(a, str_dup(a, row_str(&r, 1)));
        }
    return err_ok(e);
}

bool reward_same_hands(arena *a, store *s, int64_t customer, int64_t other, str *why, err *e) {
    enum { MAILS = 64 };
    str *mine = make(a, str, MAILS), *theirs = make(a, str, MAILS);
    size_t n, m;
    *why = S("");
    if (customer == other) return *why = S("it is the same customer"), true;
    for (row r = store_query(s, Q_reward_shared, e, "i", customer); row_next(&r);)
        if (row_int(&r, 1) == other && !why->len && row_int(&r, 0) != IDENT_name && row_int(&r, 0) != IDENT_author)
            *why = str_fmt(a, "both have the same %.*s", STR_ARG(ident_label((enum ident_kind)row_int(&r, 0))));
    if (!err_ok(e) || why->len) return err_ok(e);
    if (!mails_of(a, s, customer, mine, MAILS, &n, e) || !mails_of(a, s, other, theirs, MAILS, &m, e)) return false;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < m; k++)
            if (str_eq(mine[i], theirs[k])) *why = S("their e-mail addresses reach the same box");
    return true;
}

// ---- giving ----

static str made_key(ledger *l, arena *a, str key) {
    const world *w = ledger_world(l);
    uint8_t raw[KEY_BYTES];
    buf b = buf_new(a, 64);
    if (key.len) return key;
    w->random(w, raw, sizeof raw);
    for (size_t i = 0; i < sizeof raw; i++) buf_fmt(&b, "%02x", raw[i]);
    return buf_str(&b);
}

static bool find_programme(arena *a, store *s, int64_t id, programme *out, err *e) {
    programme *list;
    size_t n;
    if (id) return programme_get(a, s, id, out, e);
    if (!programme_list(a, s, &list, &n, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (list[i].on) return *out = list[i], true;
    return fail(e, ERR_conflict, "there is no programme that says what a point is worth; add one first");
}

static bool account_of(ledger *l, arena *a, int64_t customer, reward_account *out, err *e) {
    const world *w = ledger_world(l);
    reward_entry *v;
    size_t n;
    if (!reward_entries(a, ledger_store(l), customer, &v, &n, e)) return false;
    *out = reward_account_of(v, n, w->now_us(w));
    return true;
}

// What has been done: the entry, and where the customer stands after it.
static bool finish(ledger *l, arena *a, int64_t customer, str ext, reward_done *out, err *e) {
    if (!find_told(l, a, ext, &out->entry, e))
        return err_ok(e) ? fail(e, ERR_internal, "points were decided and not told") : false;
    return account_of(l, a, customer, &out->account, e);
}

static bool done_before(ledger *l, arena *a, int64_t customer, str ext, reward_done *out, err *e) {
    if (!find_told(l, a, ext, &out->entry, e)) return false;
    out->again = true;
    return account_of(l, a, customer, &out->account, e);
}

static bool refused(const concession_made *m, err *e) {
    const redline_answer *x = &m->answer;
    str sum = x->n_asked ? x->asked[0].sum : S("");
    return fail(e, ERR_conflict, "a red line says no: %.*s", (int)MIN(sum.len, 180), sum.s);
}

// What it costs the budgets. False in *given: it waits for a signature.
static bool concede(ledger *l, arena *a, const reward_gift *g, int64_t worth, int32_t unit, str key, bool *given,
                    int64_t *id, reward_done *out, err *e) {
    concession_made made = {0};
    concession_new n = {.ask = {.kind = CONCEDE_reward,
                                .customer = g->customer,
                                .role = g->role,
                                .by = g->by,
                                .currency = unit,
                                .amount = worth,
                                .reason = g->why},
                        .key = str_fmt(a, "reward:%.*s", STR_ARG(key)),
                        .keep_us = KEEP_S * SECOND_US};
    *given = true, *id = 0;
    if (!worth) return true;
    if (!concession_reserve(l, a, &n, &made, e)) return false;
    *id = made.id;
    if (made.state == CONCESSION_WAITING) return *given = false, out->waits = true, out->approval = made.approval, true;
    if (made.state == CONCESSION_COMMITTED) return true;
    if (made.state != CONCESSION_RESERVED) return refused(&made, e);
    return concession_commit(l, a, made.id, g->by, e);
}

static str gift_extra(arena *a, const reward_gift *g, const programme *p, int64_t from_us, int64_t until_us,
                      int64_t conceded) {
    buf b = buf_new(a, 1 << 14);
    buf_add(&b, S("\"by\":")), buf_json_str(&b, g->by);
    buf_fmt(&b, ",\"programme\":%" PRId64 ",\"from\":%" PRId64, p->id, from_us);
    if (until_us) buf_fmt(&b, ",\"expires\":%" PRId64, until_us);
    if (conceded) buf_fmt(&b, ",\"concession\":%" PRId64, conceded);
    if (g->disclosure.len) buf_add(&b, S(",\"disclosure\":")), buf_json_str(&b, g->disclosure);
    return buf_str(&b);
}

static bool decide_gift(ledger *l, arena *a, const reward_gift *g, const programme *p, str ext, reward_done *out,
                        err *e) {
    const world *w = ledger_world(l);
    int64_t at = g->at_us ? g->at_us : w->now_us(w), from_us, until_us, conceded;
    programme own = *p;
    zone *z;
    bool given;
    if (g->expiry_days) own.expiry_days = (int32_t)MAX(MIN(g->expiry_days, 36600), 0);
    own.wait_days = 0; // what a person gives can be used at once
    if (!store_zone(ledger_store(l), a, &z, e)) return false;
    programme_times(&own, z, at, &from_us, &until_us);
    if (!concede(l, a, g, out->worth, out->currency, out->key, &given, &conceded, out, e)) return false;
    if (!given) return true;
    reward_told t = {.customer = g->customer,
                     .what = REWARD_bonus,
                     .points = g->points,
                     .at_us = at,
                     .ext = ext,
                     .why = g->why,
                     .extra = gift_extra(a, g, p, from_us, until_us, conceded)};
    return reward_tell_later(l, a, &t, e);
}

static bool sound_gift(ledger *l, arena *a, const reward_gift *g, err *e) {
    if (g->points <= 0) return fail(e, ERR_invalid, "'points' must be above 0");
    if (g->points > INT64_C(1000000000)) return fail(e, ERR_invalid, "'points' are too many at once");
    if (!g->why.len) return fail(e, ERR_invalid, "'why' says what they are for; the customer may read it");
    if (g->why.len > WHY_MOST) return fail(e, ERR_invalid, "'why' is longer than %d letters", WHY_MOST);
    return reward_words_fair("why", g->why, e) && reward_words_fair("disclosure", g->disclosure, e) &&
           nameable(a, ledger_store(l), g->customer, e);
}

bool reward_give(ledger *l, arena *a, const reward_gift *g, reward_done *out, err *e) {
    store *s = ledger_store(l);
    programme p;
    *out = (reward_done){.key = made_key(l, a, g->key)};
    str ext = str_fmt(a, "give:%.*s", STR_ARG(out->key));
    if (!sound_gift(l, a, g, e) || !reward_tell_untold(l, a, e) || !find_programme(a, s, g->programme, &p, e))
        return false;
    out->worth = programme_worth(&p, g->points), out->currency = p.currency;
    if (g->key.len && done_before(l, a, g->customer, ext, out, e)) return true;
    if (!err_ok(e) || !store_begin(s, e)) return false;
    bool ok = decide_gift(l, a, g, &p, ext, out, e) && ledger_commit(l, e);
    if (!ok) store_rollback(s);
    if (!ok || out->waits) return ok;
    return reward_tell_untold(l, a, e) && concessions_tell(l, NULL, e) && finish(l, a, g->customer, ext, out, e);
}

// ---- spending ----

static bool enough(ledger *l, arena *a, const reward_account *x, int64_t want, err *e) {
    zone *z;
    if (want <= x->usable) return true;
    if (!x->waiting || want > x->usable + x->waiting)
        return fail(e, ERR_conflict, "%" PRId64 " points are wanted and %" PRId64 " can be spent", want, x->usable);
    return store_zone(ledger_store(l), a, &z, e) &&
           fail(e, ERR_conflict,
                "%" PRId64 " points are wanted and %" PRId64 " can be spent; %" PRId64
                " more can be later, when their orders cannot be sent back any more",
                want, x->usable, x->waiting);
}

bool reward_spend(ledger *l, arena *a, const reward_spending *x, reward_done *out, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    reward_account now;
    *out = (reward_done){.key = made_key(l, a, x->key)};
    str ext = str_fmt(a, "spend:%.*s", STR_ARG(out->key));
    if (x->points <= 0) return fail(e, ERR_invalid, "'points' must be above 0");
    if (!x->what.len || x->what.len > WHY_MOST) return fail(e, ERR_invalid, "'what' says what they are spent for");
    if (!nameable(a, s, x->customer, e) || !reward_tell_untold(l, a, e)) return false;
    if (x->key.len && done_before(l, a, x->customer, ext, out, e)) return true;
    if (!err_ok(e) || !store_begin(s, e)) return false;
    reward_told t = {.customer = x->customer,
                     .what = REWARD_redeem,
                     .points = -x->points,
                     .at_us = w->now_us(w),
                     .ext = ext,
                     .why = x->what,
                     .extra = S("")};
    buf b = buf_new(a, 1 << 12);
    buf_add(&b, S("\"by\":")), buf_json_str(&b, x->by);
    t.extra = buf_str(&b);
    bool ok = account_of(l, a, x->customer, &now, e) && enough(l, a, &now, x->points, e) &&
              reward_tell_later(l, a, &t, e) && ledger_commit(l, e);
    if (!ok) store_rollback(s);
    return ok && reward_tell_untold(l, a, e) && finish(l, a, x->customer, ext, out, e);
}

// ---- taking back ----

static int64_t concession_of_entry(arena *a, store *s, const reward_entry *x, err *e) {
    record r;
    int64_t id = 0;
    if (!ledger_get(s, a, event_period(x->at_us), x->profile_id, x->at_us, x->key, &r, e)) return 0;
    str rest = members_of(r.body);
    for (member m; member_next(&rest, &m);)
        if (str_eq(m.name, S("concession"))) (void)str_i64(m.value, &id);
    return id;
}

static bool may_reverse(const reward_entry *x, int64_t *size, err *e) {
    bool gain = x->what == REWARD_earn || x->what == REWARD_bonus;
    *size = gain ? x->points - x->taken : -x->counts - x->taken;
    if (x->unit) return fail(e, ERR_conflict, "entry %" PRId64 " is about a voucher; cancel that instead", x->id);
    if (!gain && x->what != REWARD_redeem)
        return fail(e, ERR_conflict, "entry %" PRId64 " is %s; give points instead", x->id,
                    x->what == REWARD_expire ? "an expiry" : "a reversal");
    return *size > 0 || fail(e, ERR_conflict, "entry %" PRId64 " has been taken back already", x->id);
}

static bool customer_of(store *s, int64_t profile, int64_t *customer, err *e) {
    char list[32];
    *customer = 0;
    snprintf(list, sizeof list, "[%" PRId64 "]", profile);
    for (row r = store_query(s, Q_profile_some, e, "t", str_c(list)); row_next(&r);) *customer = row_int(&r, 1);
    if (err_ok(e) && !*customer) return fail(e, ERR_conflict, "the entry belongs to nobody known");
    return err_ok(e);
}

bool reward_reverse(ledger *l, arena *a, int64_t entry, str why, str by, reward_done *out, err *e) {
    store *s = ledger_store(l);
    const world *w = ledger_world(l);
    reward_entry x;
    int64_t size, customer, conceded;
    concession given;
    *out = (reward_done){0};
    if (!why.len || why.len > WHY_MOST) return fail(e, ERR_invalid, "'why' says why it is taken back");
    if (!reward_tell_untold(l, a, e)) return false;
    if (!reward_get(a, s, entry, &x, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no entry %" PRId64 " of points", entry) : false;
    if (!may_reverse(&x, &size, e) || !customer_of(s, x.profile_id, &customer, e)) return false;
    conceded = concession_of_entry(a, s, &x, e);
    str ext = str_fmt(a, "reverse:%" PRId64 ":%" PRId64, entry, x.taken);
    buf b = buf_new(a, 1 << 12);
    buf_add(&b, S("\"by\":")), buf_json_str(&b, by);
    buf_fmt(&b, ",\"reverses\":%" PRId64, entry);
    reward_told t = {.customer = customer,
                     .what = REWARD_reverse,
                     .points = x.what == REWARD_redeem ? size : -size,
                     .at_us = MAX(w->now_us(w), x.at_us + 1),
                     .ext = ext,
                     .why = why,
                     .extra = buf_str(&b)};
    if (!err_ok(e) || !store_begin(s, e)) return false;
    bool ok = true;
    if (conceded && concession_get(a, s, conceded, w->now_us(w), &given, e) && given.state == CONCESSION_COMMITTED)
        ok = concession_reverse(l, a, conceded, by, why, e);
    ok = ok && err_ok(e) && reward_tell_later(l, a, &t, e) && ledger_commit(l, e);
    if (!ok) store_rollback(s);
    return ok && reward_tell_untold(l, a, e) && concessions_tell(l, NULL, e) && finish(l, a, customer, ext, out, e);
}
