#include "cli/desk.h"
#include "cli/place.h"
#include "cli/say.h"
#include "jobs/privacy.h"
#include "jobs/runner.h"
#include "know/access.h"
#include "ledger/ident.h"
#include "sql/know_privacy.h"

typedef struct {
    bool yes, block, notes;
    str out;
} privacy_opts;

static const opt opts[] = {
    {"out", 'o', OPT_TEXT, offsetof(privacy_opts, out), "FILE", "access: write the document there"},
    {"notes", 0, OPT_FLAG, offsetof(privacy_opts, notes), NULL, "access: with our internal notes"},
    {"block", 0, OPT_FLAG, offsetof(privacy_opts, block), NULL,
     "forget: and keep out what is sent of them from now on"},
    {"yes", 'y', OPT_FLAG, offsetof(privacy_opts, yes), NULL, "forget: do it; without, it only says what would go"},
};

enum { MOST_FOUND = 20, DOCUMENT_MOST = 512 << 20 };

typedef struct {
    cli *c;
    const privacy_opts *o;
    settings set;
    int64_t customer;
} task;

// ---- who ----

static str words(cli *c) {
    buf b = buf_new(c->life, 1 << 16);
    for (size_t i = 1; i < c->args.n; i++) {
        if (i > 1) buf_addc(&b, ' ');
        buf_add(&b, c->args.v[i]);
    }
    return buf_str(&b);
}

static bool who(task *t, store *s, err *e) {
    int64_t ids[MOST_FOUND];
    size_t n = 0;
    str what = words(t->c);
    if (!what.len) return fail(e, ERR_usage, "say who: an e-mail, a phone number, your own number, or customer:NUMBER");
    if (!settings_read(t->c->life, s, &t->set, e) ||
        !person_find(t->c->scratch, s, t->set.country, what, ids, &n, MOST_FOUND, e))
        return false;
    if (!n) return fail(e, ERR_not_found, "nobody is known as '%.*s'", (int)MIN(what.len, 80), what.s);
    if (n > 1)
        return fail(e, ERR_conflict, "'%.*s' may mean %s%zu people; 'heed customer' lists them", (int)MIN(what.len, 80),
                    what.s, n == MOST_FOUND ? "more than " : "", n);
    t->customer = ids[0];
    return true;
}

// ---- access ----

static bool put_out(task *t, str document, err *e) {
    str path = t->o->out;
    if (path.len) return t->c->w->write_file(t->c->w, str_z(t->c->life, path), document, e);
    if (fwrite(document.s, 1, document.len, t->c->t.out) == document.len && fputc('\n', t->c->t.out) != EOF)
        return true;
    return fail(e, ERR_unavailable, "the document could not be written");
}

static bool access_(task *t, err *e) {
    store *s;
    access_count n = {0};
    if (!place_read(t->c, &s, e)) return false;
    arena a = arena_open((size_t)1 << 31), text = arena_open((size_t)DOCUMENT_MOST * 2);
    buf b = buf_new(&text, DOCUMENT_MOST);
    bool ok = store_begin_read(s, e) && who(t, s, e);
    access_ask ask = {.customer = t->customer, .now_us = t->c->w->now_us(t->c->w), .notes = t->o->notes};
    ok = ok && access_write(&a, s, &ask, &b, &n, e) && put_out(t, buf_str(&b), e);
    if (ok && t->o->out.len && !t->c->g.quiet)
        cli_note(t->c, "customer:%" PRId64 ": %" PRId64 " profiles and %" PRId64 " events in \"%.*s\"", t->customer,
                 n.profiles, n.events, STR_ARG(t->o->out));
    store_close(s);
    arena_close(&text);
    arena_close(&a);
    return ok;
}

// ---- requests, worked off here and now ----

typedef struct {
    new_privacy_request n;
    const world *w;
    int64_t id, job;
} asked;

static bool note_it(void *ctx, desk *d, err *e) {
    asked *x = ctx;
    return privacy_make(d->s, d->w, &x->n, &x->id, e) && job_underway(d->s, "privacy", S(""), &x->job, e);
}

static void told(void *ctx, const job_row *j) {
    if (j->state == JOB_DONE || j->state == JOB_FAILED) __atomic_store_n((int *)ctx, 1, __ATOMIC_SEQ_CST);
}

static bool work_off(task *t, str kind, str subjects, privacy_request *out, err *e) {
    cli *c = t->c;
    const char *user = getenv("USER");
    int ended = 0;
    writer *w;
    runner *r = NULL;
    store *s;
    asked x = {.n = {.kind = kind,
                     .regulation = S("gdpr"),
                     .origin = S("person"),
                     .ext = S(""),
                     .subjects = subjects,
                     .by = str_c(user && *user ? user : "a person")}};
    char *where = str_z(c->life, place_of(c));
    if (!writer_open(&w, (writer_opts){.where = where, .w = c->w}, e)) return false;
    bool ok =
        writer_do(w, note_it, &x, e) &&
        runner_open(
            &r, (runner_opts){.w = w, .where = where, .world = c->w, .only = x.job, .told = told, .ctx = &ended}, e);
    while (ok && !__atomic_load_n(&ended, __ATOMIC_SEQ_CST)) nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    runner_close(r);
    job_row j = {0};
    ok = ok && store_open(&s, str_c(where), (store_opts){.read_only = true}, e);
    if (ok) {
        ok = privacy_get(c->life, s, x.id, out, e) && job_get(c->life, s, x.job, &j, e);
        store_close(s);
    }
    writer_close(w);
    if (ok && out->state != PRIVACY_DONE) ok = fail(e, ERR_unavailable, "%.*s", (int)MIN(j.error.len, 200), j.error.s);
    return ok;
}

static str subject_json(arena *a, const char *type, str value) {
    buf b = buf_new(a, 1 << 16);
    buf_fmt(&b, "[{\"type\":\"%s\",\"value\":", type);
    buf_json_str(&b, value);
    buf_add(&b, S(",\"format\":\"raw\"}]"));
    return buf_str(&b);
}

static bool tell_done(task *t, const privacy_request *r) {
    if (t->c->g.json)
        term_say(&t->c->t, "{\"request\":%" PRId64 ",\"kind\":\"%.*s\",\"result\":%.*s}\n", r->id, STR_ARG(r->kind),
                 STR_ARG(r->result));
    return t->c->g.json;
}

static bool forget(task *t, err *e) {
    store *s;
    privacy_request r;
    arena *a = t->c->life;
    if (!place_read(t->c, &s, e)) return false;
    buf b = buf_new(a, DOCUMENT_MOST);
    access_count n = {0};
    access_ask ask = {.notes = true};
    bool ok = who(t, s, e);
    ask.customer = t->customer;
    arena scratch = arena_open((size_t)1 << 31);
    ok = ok && access_write(&scratch, s, &ask, &b, &n, e);
    arena_close(&scratch);
    store_close(s);
    if (!ok) return false;
    if (!t->o->yes) {
        if (t->c->g.json) return fail(e, ERR_usage, "forgetting cannot be undone; say --yes");
        term_say(&t->c->t,
                 "customer:%" PRId64 ": %" PRId64 " profiles with %" PRId64
                 " events would go, with everything that follows from "
                 "them.\nThis cannot be undone. To do it: the same with --yes\n",
                 t->customer, n.profiles, n.events);
        return true;
    }
    str subjects = subject_json(a, "customer", str_fmt(a, "%" PRId64, t->customer));
    if (!work_off(t, t->o->block ? S("erasure_and_block") : S("erasure"), subjects, &r, e)) return false;
    if (!tell_done(t, &r))
        term_say(&t->c->t,
                 "Forgotten: %" PRId64 " profiles and %" PRId64 " events. Request %" PRId64 " is the proof.\n",
                 n.profiles, n.events, r.id);
    return true;
}

// KIND:VALUE, as in email:ada@example.org.
static bool block(task *t, err *e) {
    privacy_request r;
    str what = t->c->args.n == 2 ? t->c->args.v[1] : S(""), verb = t->c->args.v[0];
    str value = what, kind = str_cut(&value, ':');
    if (!value.s || ident_of(kind) == IDENT_none)
        return fail(e, ERR_usage, "say whom as KIND:VALUE, such as email:ada@example.org or user_id:4711");
    if (!work_off(t, verb, subject_json(t->c->life, str_z(t->c->life, kind), value), &r, e)) return false;
    if (!tell_done(t, &r))
        term_say(&t->c->t, "%s. Request %" PRId64 ".\n",
                 str_eq(verb, S("block")) ? "What is sent of them stays out from now on" : "They may come in again",
                 r.id);
    return true;
}

// ---- lists ----

static void requests_json(task *t, store *s, err *e) {
    reply rep;
    reply_open(&rep, t->c);
    json_open(&rep.j, NULL, '{');
    json_open(&rep.j, "requests", '[');
    for (row q = store_query(s, Q_request_list, e, "iii", INT64_MAX, (int64_t)-1, (int64_t)1000); row_next(&q);) {
        arena a = rep.small;
        privacy_request r = privacy_row(&a, &q);
        json_open(&rep.j, NULL, '{');
        json_put_int(&rep.j, "request", r.id);
        json_put_str(&rep.j, "kind", r.kind);
        json_put_str(&rep.j, "state", str_c(privacy_state_name(r.state)));
        json_put_str(&rep.j, "origin", r.origin);
        reply_time(&rep, "received", r.received_us);
        reply_time(&rep, "due", r.due_us);
        reply_time(&rep, "ended", r.ended_us);
        json_put_raw(&rep.j, "result", r.result);
        json_close(&rep.j, '}');
        reply_some(&rep);
    }
    json_close(&rep.j, ']');
    json_close(&rep.j, '}');
    reply_close(&rep);
}

static bool requests(task *t, err *e) {
    static const table_col cols[] = {{"request", true, false}, {"kind", false, false},     {"state", false, false},
                                     {"from", false, false},   {"received", false, false}, {"due", false, false}};
    store *s;
    zone *z;
    arena a = t->c->scratch;
    if (!place_read(t->c, &s, e)) return false;
    bool ok = settings_read(t->c->life, s, &t->set, e) && zone_open(t->c->life, t->set.zone, &z, e);
    if (ok && t->c->g.json) requests_json(t, s, e);
    if (ok && !t->c->g.json) {
        table *list = table_new(&a, cols, COUNT(cols));
        for (row q = store_query(s, Q_request_list, e, "iii", INT64_MAX, (int64_t)-1, (int64_t)1000); row_next(&q);) {
            privacy_request r = privacy_row(&a, &q);
            table_add(list, STYLE_plain, str_fmt(&a, "%" PRId64, r.id));
            table_add(list, STYLE_plain, r.kind);
            table_add(list, r.state == PRIVACY_DONE ? STYLE_good : STYLE_plain, str_c(privacy_state_name(r.state)));
            table_add(list, STYLE_plain, r.origin);
            table_add(list, STYLE_plain, say_day(&a, z, r.received_us));
            table_add(list, STYLE_plain, say_day(&a, z, r.due_us));
        }
        if (table_rows(list))
            table_print(list, &t->c->t, 0);
        else
            term_say(&t->c->t, "Nobody has asked for anything yet.\n");
    }
    store_close(s);
    return ok && err_ok(e);
}

// ---- how long things are kept ----

static bool show_kept(task *t, err *e) {
    static const table_col cols[] = {{"what", false, false}, {"kept", false, false}, {"", false, true}};
    store *s;
    size_t n;
    const keeping *all = keepings(&n);
    arena a = t->c->scratch;
    if (!place_read(t->c, &s, e)) return false;
    table *list = table_new(&a, cols, COUNT(cols));
    reply rep;
    reply_open(&rep, t->c);
    json_open(&rep.j, NULL, '{');
    for (size_t i = 0; i < n && err_ok(e); i++) {
        int64_t days = 0;
        if (!store_int(s, Q_retention_get, &days, 0, e, "t", str_c(all[i].what))) break;
        if (!days) days = keeping_otherwise(all[i].what);
        table_add(list, STYLE_bold, str_c(all[i].what));
        table_add(list, STYLE_plain, days ? say_n(&a, days, "day", "days") : S("for ever"));
        table_add(list, STYLE_plain, str_c(all[i].text));
        if (days)
            json_put_int(&rep.j, all[i].what, days);
        else
            json_put_null(&rep.j, all[i].what);
    }
    json_close(&rep.j, '}');
    store_close(s);
    if (!err_ok(e) || !t->c->g.json) reply_drop(&rep);
    if (!err_ok(e)) return false;
    if (t->c->g.json)
        reply_close(&rep);
    else
        table_print(list, &t->c->t, 0);
    return true;
}

static bool keep(task *t, err *e) {
    desk d;
    size_t n, i = 0;
    const keeping *all = keepings(&n);
    str what = t->c->args.n > 1 ? t->c->args.v[1] : S(""), how = t->c->args.n > 2 ? t->c->args.v[2] : S("");
    int64_t days = 0;
    if (t->c->args.n == 1) return show_kept(t, e);
    while (i < n && !str_eq(what, str_c(all[i].what))) i++;
    if (i == n)
        return fail(e, ERR_usage, "'%.*s' is not kept apart; 'heed privacy keep' lists what is", (int)MIN(what.len, 40),
                    what.s);
    if (!str_eq(how, S("forever")) && (!str_i64(how, &days) || days < 1 || days > 36500))
        return fail(e, ERR_usage, "say for how many days, 1 to 36500, or forever");
    if (!desk_open(t->c, "change it by its address /api/retention", &d, e)) return false;
    bool ok = days ? store_run(d.s, Q_retention_put, NULL, e, "ti", what, days)
                   : store_run(d.s, Q_retention_delete, NULL, e, "t", what);
    desk_close(&d);
    return ok && show_kept(t, e);
}

static bool run(cli *c, const void *options, err *e) {
    static const struct {
        const char *verb;
        bool (*fn)(task *t, err *e);
    } verbs[] = {{"access", access_}, {"forget", forget},     {"block", block},
                 {"unblock", block},  {"requests", requests}, {"keep", keep}};
    task t = {.c = c, .o = options};
    for (size_t i = 0; i < COUNT(verbs); i++)
        if (str_eq(c->args.v[0], str_c(verbs[i].verb))) return verbs[i].fn(&t, e);
    return fail(e, ERR_usage, "'%.*s' is not known; say access, forget, block, unblock, requests or keep",
                (int)MIN(c->args.v[0].len, 40), c->args.v[0].s);
}

const cmd cmd_privacy = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(privacy_opts),
    .min_args = 1,
    .max_args = -1,
    .run = run,
    .more =
        "'access WHO' writes everything that is known of one person, over all identities and channels, as one JSON "
        "document; names of employees and internal notes are left out.\n\n"
        "'forget WHO' erases a person: events, names, identifiers, words and their place in the search, raw payloads, "
        "rows in quarantine, messages to others. What stays are hashes, so that nothing comes back with the next "
        "import, and a request as proof. Whoever comes back later is a new customer, unless --block keeps them out. "
        "It cannot be undone, and does not reach copies of the store: bring no old backup back.\n\n"
        "'block KIND:VALUE' keeps out what is sent of somebody from now on, 'unblock KIND:VALUE' lets it in again. "
        "'requests' lists what people asked. 'keep' says how long each kind of data is kept; 'keep WHAT DAYS' changes "
        "it, 'keep WHAT forever' takes it back.",
    .examples = "heed privacy access ada@example.org --out ada.json\n"
                "heed privacy forget customer:17 --yes\n"
                "heed privacy keep usage 400",
    .json =
        "forget, block, unblock: {\"request\",\"kind\",\"result\":{…}}; requests: {\"requests\":[{\"request\",\"kind\","
        "\"state\",\"origin\",\"received\",\"due\",\"ended\",\"result\"}]}; keep: {WHAT: days or null}; access: the "
        "document itself",
};
