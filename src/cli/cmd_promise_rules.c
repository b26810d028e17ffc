// heed promise standard, heed promise agreement: what we promise by rule, and in which hours we work for whom.
#include "cli/promise.h"
#include "sql/know.h"

static str length_of(arena *a, const standard *x) {
    return str_fmt(a, "%.*s%s", STR_ARG(hours_length_words(a, x->minutes)), x->clock == CLOCK_OPEN ? " open" : "");
}

static str scope_of(arena *a, const standard *x) {
    buf b = buf_new(a, 1024);
    if (x->segment.len) buf_fmt(&b, "segment %.*s", STR_ARG(term_clean(a, x->segment, true)));
    if (x->channel) buf_fmt(&b, "%sby %.*s", b.len ? ", " : "", STR_ARG(channel_name(x->channel)));
    if (x->priority.len) buf_fmt(&b, "%spriority %.*s", b.len ? ", " : "", STR_ARG(term_clean(a, x->priority, true)));
    return b.len ? buf_str(&b) : S("everybody");
}

static bool shown(const promise_task *t, int64_t until_us) {
    return t->o->all || !until_us || until_us > t->now_us;
}

static str span_of(const promise_task *t, int64_t from_us, int64_t until_us) {
    arena *a = t->c->life;
    str from = say_day(a, t->z, from_us);
    return until_us ? str_fmt(a, "%.*s to %.*s", STR_ARG(from), STR_ARG(say_day(a, t->z, until_us)))
                    : str_fmt(a, "from %.*s", STR_ARG(from));
}

// ---- standards ----

static void put_standard(reply *r, const standard *x) {
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "standard", x->id);
    json_put_int(&r->j, "version", x->version);
    json_put_str(&r->j, "name", x->name);
    json_put_str(&r->j, "kind", str_c(commitment_kind_row(x->kind)->name));
    json_put_str(&r->j, "starts", str_c(standard_start_name(x->starts)));
    json_put_str(&r->j, "segment", x->segment);
    promise_put_text(&r->j, "channel", x->channel ? channel_name(x->channel) : S(""));
    json_put_str(&r->j, "priority", x->priority);
    json_put_int(&r->j, "minutes", x->minutes);
    json_put_str(&r->j, "clock", x->clock == CLOCK_OPEN ? S("open") : S("always"));
    reply_time(r, "from", x->from_us);
    reply_time(r, "until", x->until_us);
    json_close(&r->j, '}');
}

bool promise_standards(const promise_task *t, err *e) {
    static const table_col cols[] = {{"number", true, false}, {"name", false, true},   {"owes", false, false},
                                     {"from", false, false},  {"within", true, false}, {"for", false, false},
                                     {"holds", false, false}};
    arena *a = t->c->life;
    standards *all;
    size_t n;
    reply r;
    if (!standards_read(a, t->s, &all, e)) return false;
    const standard *x = standards_rows(all, &n);
    table *out = table_new(a, cols, COUNT(cols));
    if (t->c->g.json) reply_open(&r, t->c), json_open(&r.j, NULL, '{'), json_open(&r.j, "standards", '[');
    for (size_t i = 0; i < n; i++) {
        if (!shown(t, x[i].until_us)) continue;
        if (t->c->g.json) {
            put_standard(&r, &x[i]);
            continue;
        }
        table_add(out, STYLE_plain, str_fmt(a, "%" PRId64, x[i].id));
        table_add(out, STYLE_bold, term_clean(a, x[i].name, true));
        table_add(out, STYLE_plain, str_c(commitment_kind_row(x[i].kind)->name));
        table_add(out, STYLE_plain, str_c(standard_start_name(x[i].starts)));
        table_add(out, STYLE_plain, length_of(a, &x[i]));
        table_add(out, STYLE_plain, scope_of(a, &x[i]));
        table_add(out, STYLE_plain, span_of(t, x[i].from_us, x[i].until_us));
    }
    if (t->c->g.json) {
        json_close(&r.j, ']'), json_close(&r.j, '}');
        reply_close(&r);
    } else if (table_rows(out))
        table_print(out, &t->c->t, 0);
    else
        term_say(&t->c->t, "There are no standards yet: heed promise standard add 'You hear from us within 4 hours' "
                           "--kind reply --starts message --within 4h\n");
    return true;
}

static bool standard_asked(const promise_task *t, size_t arg, standard *x, err *e) {
    standards *all;
    int64_t id;
    size_t n;
    bool found = false;
    if (!cli_id("a standard", t->c->args.v[arg], &id, e) || !standards_read(t->c->life, t->s, &all, e)) return false;
    const standard *rows = standards_rows(all, &n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == id) *x = rows[i], found = true;
    return found || fail(e, ERR_not_found, "there is no standard %" PRId64 "; 'heed promise standard' names them", id);
}

// Options that are not given leave a change as it was.
static bool read_standard(const promise_task *t, standard *x, err *e) {
    const promise_opts *o = t->o;
    const char *field;
    str name = str_trim(promise_words_from(t->c, x->id ? 3 : 2));
    if (name.len) x->name = name;
    if (!promise_kind_asked(o->kind, x->kind, &x->kind, e)) return false;
    if (o->starts.len) x->starts = standard_start_of(o->starts);
    if (o->starts.len && !x->starts)
        return fail(e, ERR_usage,
                    "--starts is first_message, next_message, message, complaint, order, return, cancel, "
                    "contract_start, answer or review");
    if (o->within.len && !hours_length_read(o->within, &x->minutes, e)) return false;
    if (o->segment.len) x->segment = o->segment;
    if (o->priority.len) x->priority = o->priority;
    if (o->channel.len) x->channel = channel_of(o->channel);
    if (o->channel.len && !x->channel)
        return fail(e, ERR_usage, "--channel '%.*s' is none; email, chat, phone, shop and others are",
                    (int)MIN(o->channel.len, 40), o->channel.s);
    if (o->always) x->clock = CLOCK_ALWAYS;
    if (!promise_time(t, "from", o->from, false, &x->from_us, e)) return false;
    if (!x->from_us) x->from_us = t->now_us;
    x->created_us = t->now_us, x->until_us = 0, x->by = promise_user();
    return standard_check(x, &field, e);
}

static bool write_standard(void *ctx, desk *d, err *e) {
    const promise_task *t = ctx;
    bool retire = str_eq(t->c->args.v[1], S("retire")), change = str_eq(t->c->args.v[1], S("change"));
    standard x = {0};
    int64_t since_us = t->now_us;
    if ((retire || change) && !standard_asked(t, 2, &x, e)) return false;
    if (retire) {
        standards *all;
        size_t n;
        if (!standards_read(t->c->life, t->s, &all, e)) return false;
        const standard *rows = standards_rows(all, &n);
        for (size_t i = 0; i < n; i++)
            if (rows[i].id == x.id && shown(t, rows[i].until_us) && !standard_end(d->s, &rows[i], t->now_us, e))
                return false;
    } else if (!read_standard(t, &x, e) || !standard_put(know_ledger(d->k), &x, e))
        return false;
    else
        since_us = MIN(since_us, x.from_us);
    if (!commitment_by_rule_since(d->s, since_us, e)) return false;
    if (t->c->g.json)
        term_say(&t->c->t, "{\"%s\":%" PRId64 "}\n", retire ? "retired" : "standard", x.id);
    else if (retire)
        term_say(&t->c->t, "Standard %" PRId64 " holds no more; what it promised stays.\n", x.id);
    else
        term_say(&t->c->t, "Standard %" PRId64 ", %.*s: %s within %.*s, %.*s, %.*s\n", x.id,
                 STR_ARG(term_clean(t->c->life, x.name, true)), commitment_kind_row(x.kind)->name,
                 STR_ARG(length_of(t->c->life, &x)), STR_ARG(scope_of(t->c->life, &x)),
                 STR_ARG(span_of(t, x.from_us, x.until_us)));
    return true;
}

bool promise_standard_change(const promise_task *t, err *e) {
    return desk_run(t->d, write_standard, (void *)(uintptr_t)t, e);
}

// ---- agreements ----

static str holder_of(const promise_task *t, const agreement_given *g) {
    arena *a = t->c->life;
    int64_t customer = 0;
    err quiet = {0};
    if (!g->profile_id) return g->segment.len ? str_fmt(a, "segment %.*s", STR_ARG(g->segment)) : S("everybody");
    for (row r = store_query(t->s, Q_profile_some, &quiet, "t", str_fmt(a, "[%" PRId64 "]", g->profile_id));
         row_next(&r);)
        customer = row_int(&r, 1);
    return str_fmt(a, "customer:%" PRId64 " %.*s", customer, STR_ARG(promise_name_of(t, customer)));
}

static void put_agreement(const promise_task *t, reply *r, const agreements *all, const agreement *x) {
    size_t n;
    const agreement_given *g = agreements_given(all, &n);
    json_open(&r->j, NULL, '{');
    json_put_int(&r->j, "agreement", x->id);
    json_put_int(&r->j, "version", x->version);
    json_put_str(&r->j, "name", x->name);
    json_put_str(&r->j, "zone", x->zone);
    json_put_str(&r->j, "hours", x->hours);
    json_put_str(&r->j, "country", x->country);
    json_put_str(&r->j, "closed", x->closed);
    json_put_str(&r->j, "promises", x->promises);
    reply_time(r, "from", x->from_us);
    reply_time(r, "until", x->until_us);
    json_open(&r->j, "given", '[');
    for (size_t i = 0; i < n; i++) {
        if (g[i].agreement_id != x->id || !shown(t, g[i].until_us)) continue;
        json_open(&r->j, NULL, '{');
        json_put_int(&r->j, "given", g[i].id);
        json_put_str(&r->j, "to", holder_of(t, &g[i]));
        reply_time(r, "from", g[i].from_us);
        reply_time(r, "until", g[i].until_us);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
    json_close(&r->j, '}');
}

static void show_agreement(const promise_task *t, const agreements *all, const agreement *x) {
    arena *a = t->c->life;
    size_t n;
    const agreement_given *g = agreements_given(all, &n);
    term_say(&t->c->t, "%" PRId64 "  ", x->id);
    term_put(&t->c->t, STYLE_bold, term_clean(a, x->name, true));
    term_say(&t->c->t, "  %.*s", STR_ARG(x->hours.len ? x->hours : S("mon-fri 09:00-17:00")));
    if (x->zone.len) term_say(&t->c->t, ", %.*s", STR_ARG(x->zone));
    if (x->country.len) term_say(&t->c->t, ", holidays of %.*s", STR_ARG(x->country));
    if (x->closed.len) term_say(&t->c->t, ", closed %.*s", STR_ARG(x->closed));
    if (x->promises.len) term_say(&t->c->t, "; %.*s", STR_ARG(x->promises));
    term_say(&t->c->t, " (%.*s)\n", STR_ARG(span_of(t, x->from_us, x->until_us)));
    for (size_t i = 0; i < n; i++)
        if (g[i].agreement_id == x->id && shown(t, g[i].until_us))
            term_say(&t->c->t, "    %" PRId64 "  %.*s, %.*s\n", g[i].id,
                     STR_ARG(term_clean(a, holder_of(t, &g[i]), true)),
                     STR_ARG(span_of(t, g[i].from_us, g[i].until_us)));
}

bool promise_agreements(const promise_task *t, err *e) {
    agreements *all;
    size_t n, k = 0;
    reply r;
    if (!agreements_read(t->c->life, t->s, &all, e)) return false;
    const agreement *x = agreements_rows(all, &n);
    if (t->c->g.json) reply_open(&r, t->c), json_open(&r.j, NULL, '{'), json_open(&r.j, "agreements", '[');
    for (size_t i = 0; i < n; i++) {
        if (!shown(t, x[i].until_us)) continue;
        k++;
        if (t->c->g.json)
            put_agreement(t, &r, all, &x[i]);
        else
            show_agreement(t, all, &x[i]);
    }
    if (t->c->g.json) {
        json_close(&r.j, ']'), json_close(&r.j, '}');
        reply_close(&r);
    } else if (!k)
        term_say(&t->c->t, "There are no agreements: everybody is served from Monday to Friday, 9 to 17. To tell your "
                           "own hours:\nheed promise agreement add 'Our hours' --hours 'mon-fri 8-18, sat 10-14', then "
                           "heed promise agreement assign NUMBER everybody\n");
    return true;
}

static bool agreement_asked(const promise_task *t, agreement *x, err *e) {
    agreements *all;
    int64_t id;
    size_t n;
    bool found = false;
    if (!cli_id("an agreement", t->c->args.v[2], &id, e) || !agreements_read(t->c->life, t->s, &all, e)) return false;
    const agreement *rows = agreements_rows(all, &n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == id) *x = rows[i], found = true;
    return found ||
           fail(e, ERR_not_found, "there is no agreement %" PRId64 "; 'heed promise agreement' names them", id);
}

static bool read_agreement(const promise_task *t, agreement *x, err *e) {
    const promise_opts *o = t->o;
    const char *field;
    str name = str_trim(promise_words_from(t->c, x->id ? 3 : 2));
    if (!x->id) x->country = t->set.country;
    if (name.len) x->name = name;
    if (o->zone.len) x->zone = o->zone;
    if (o->hours.len) x->hours = o->hours;
    if (o->country.len) x->country = str_eq(o->country, S("none")) ? S("") : o->country;
    if (o->closed.len) x->closed = o->closed;
    if (o->promises.len) x->promises = o->promises;
    if (!promise_time(t, "from", o->from, false, &x->from_us, e)) return false;
    if (!x->from_us) x->from_us = t->now_us;
    x->created_us = t->now_us, x->until_us = 0, x->by = promise_user();
    return agreement_check(t->c->life, x, &field, e);
}

// "everybody", "customer:17", or the name of a segment.
static bool give(const promise_task *t, desk *d, const agreement *x, int64_t *since_us, err *e) {
    str to = promise_words_from(t->c, 3);
    agreement_given g = {.agreement_id = x->id, .by = promise_user()};
    if (str_starts(to, S("customer:")) && !promise_customer_asked(to, &g.profile_id, e)) return false;
    if (!g.profile_id && !str_eq(to, S("everybody"))) g.segment = str_trim(to);
    bool there = !g.profile_id;
    row r = store_query(d->s, Q_profile_of_customer, e, "i", g.profile_id);
    while (row_next(&r)) there = true;
    if (!err_ok(e) || !there)
        return err_ok(e) ? fail(e, ERR_not_found, "there is no customer %" PRId64, g.profile_id) : false;
    if (!promise_time(t, "from", t->o->from, false, &g.from_us, e)) return false;
    if (!g.from_us) g.from_us = t->now_us;
    *since_us = MIN(*since_us, g.from_us);
    if (!agreement_give(know_ledger(d->k), &g, e)) return false;
    if (t->c->g.json)
        term_say(&t->c->t, "{\"agreement\":%" PRId64 ",\"given\":%" PRId64 "}\n", x->id, g.id);
    else
        term_say(&t->c->t, "%.*s is for %.*s now.\n", STR_ARG(term_clean(t->c->life, x->name, true)),
                 STR_ARG(term_clean(t->c->life, holder_of(t, &g), true)));
    return true;
}

static bool end_agreement(const promise_task *t, desk *d, const agreement *x, err *e) {
    agreements *all;
    size_t n;
    if (!agreements_read(t->c->life, t->s, &all, e)) return false;
    const agreement *rows = agreements_rows(all, &n);
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == x->id && shown(t, rows[i].until_us) && !agreement_end(d->s, &rows[i], t->now_us, e))
            return false;
    if (t->c->g.json)
        term_say(&t->c->t, "{\"retired\":%" PRId64 "}\n", x->id);
    else
        term_say(&t->c->t, "Agreement %" PRId64 " holds no more.\n", x->id);
    return true;
}

static bool take_back(const promise_task *t, desk *d, err *e) {
    agreements *all;
    int64_t id;
    size_t n;
    if (!cli_id("a giving", t->c->args.v[2], &id, e) || !agreements_read(t->c->life, t->s, &all, e)) return false;
    const agreement_given *g = agreements_given(all, &n);
    for (size_t i = 0; i < n; i++) {
        if (g[i].id != id || g[i].until_us) continue;
        if (t->c->g.json)
            term_say(&t->c->t, "{\"taken\":%" PRId64 "}\n", id);
        else
            term_say(&t->c->t, "It is no more for %.*s.\n", STR_ARG(term_clean(t->c->life, holder_of(t, &g[i]), true)));
        return agreement_take(d->s, id, t->now_us, e);
    }
    return fail(e, ERR_not_found, "nobody has an agreement by number %" PRId64 "; 'heed promise agreement' names them",
                id);
}

static bool write_agreement(void *ctx, desk *d, err *e) {
    const promise_task *t = ctx;
    str verb = t->c->args.v[1];
    int64_t since_us = t->now_us;
    agreement x = {0};
    bool ok;
    if (str_eq(verb, S("unassign")))
        ok = take_back(t, d, e);
    else if (!str_eq(verb, S("add")) && !agreement_asked(t, &x, e))
        ok = false;
    else if (str_eq(verb, S("retire")))
        ok = end_agreement(t, d, &x, e);
    else if (str_eq(verb, S("assign")))
        ok = give(t, d, &x, &since_us, e);
    else {
        ok = read_agreement(t, &x, e) && agreement_put(know_ledger(d->k), &x, e);
        since_us = MIN(since_us, x.from_us);
        if (ok && t->c->g.json) term_say(&t->c->t, "{\"agreement\":%" PRId64 "}\n", x.id);
        if (ok && !t->c->g.json)
            term_say(&t->c->t, "Agreement %" PRId64 ", %.*s: %.*s\n", x.id,
                     STR_ARG(term_clean(t->c->life, x.name, true)),
                     STR_ARG(x.hours.len ? x.hours : S("mon-fri 09:00-17:00")));
    }
    return ok && commitment_by_rule_since(d->s, since_us, e);
}

bool promise_agreement_change(const promise_task *t, err *e) {
    return desk_run(t->d, write_agreement, (void *)(uintptr_t)t, e);
}
