#include "base/input.h"
#include "cli/promise.h"
#include "know/people.h"
#include "stats/proportion.h"
#include "text/promise_measure.h"

static const promise_opts defaults = {.limit = 50};

#define TEXT(name, field, arg, help)                                                                                   \
    { name, 0, OPT_TEXT, offsetof(promise_opts, field), arg, help }
#define FLAG(name, field, help)                                                                                        \
    { name, 0, OPT_FLAG, offsetof(promise_opts, field), NULL, help }
static const opt opts[] = {
    TEXT("status", status, "STATUS",
         "list: open, kept, renegotiated, kept_late, broken, withdrawn or void; proposals: "
         "open, accepted or dismissed"),
    TEXT("kind", kind, "KIND",
         "promise, reply, callback, delivery, fix, price, invoice, refund, task, milestone, "
         "instalment, renewal or training"),
    TEXT("customer", customer, "ID", "to whom"),
    TEXT("owner", owner, "NAME", "who of ours owes it"),
    TEXT("team", team, "NAME", "add: their team"),
    TEXT("due", due, "DAY", "add, move, accept: by when; a day is meant to its end"),
    FLAG("anyway", anyway, "add: note it although a red line forbids it; it was said already"),
    TEXT("due-before", due_before, "DAY", "list: judged by a date before this day"),
    TEXT("at", at, "TIME", "add, keep, move …: when it was said or done; now unless given"),
    TEXT("by", by, "all|kind|team|segment|standard", "rates: split by it; by kind unless given"),
    TEXT("since", since, "TIME", "rates: fallen due from then on; 90d unless given"),
    TEXT("chance", chance, "SHARE", "offer: with which chance of keeping it; 0.9 unless given"),
    TEXT("starts", starts, "WHAT",
         "standard: what starts it: first_message, next_message, message, complaint, order, "
         "return, cancel, contract_start, answer or review"),
    TEXT("within", within, "LENGTH", "standard: by when, like 30m, 4h or 2d"),
    FLAG("always", always, "standard: every hour counts, not open ones alone"),
    TEXT("segment", segment, "NAME", "standard: for customers of this segment, as a source calls it"),
    TEXT("channel", channel, "NAME", "standard: by this channel alone"),
    TEXT("priority", priority, "NAME", "standard: of this priority alone"),
    TEXT("hours", hours, "HOURS", "agreement: like 'mon-fri 8-18, sat 10-14', or always"),
    TEXT("closed", closed, "DAYS", "agreement: further closed days, '2026-12-24 2026-12-31'"),
    TEXT("promises", promises, "LIST", "agreement: lengths instead of the standards', 'reply 4, fix 16'"),
    TEXT("from", from, "DAY", "standard, agreement: from when on it holds; now unless given"),
    FLAG("all", all, "standard, agreement: also old versions and what holds no more"),
    {"limit", 'n', OPT_NUMBER, offsetof(promise_opts, limit), "N", "at most so many; 50 unless given, 0: all"},
    TEXT("said", said, "TIME", "detect: when it was said; now unless given"),
    {"zone", 'z', OPT_TEXT, offsetof(promise_opts, zone), "ZONE",
     "detect: where, as Europe/Berlin, UTC unless given; agreement: the zone of its hours"},
    TEXT("country", country, "CC", "detect, agreement: whose public holidays count, as DE or DE-BY"),
    TEXT("language", language, "en|de|es", "detect: when the words allow several; told from them unless given"),
    FLAG("month-first", month_first, "detect: 3/12 is the 12th of March"),
    FLAG("self-test", self_test, "detect: FILE is a labelled set; print how many are noticed rightly"),
};

enum { MOST_BYTES = 4 << 20, MOST_PROMISES = 10000, MOST_ROWS = 32, YEARS = 3, HOLIDAYS = 32 };

static bool read_all(cli *c, const char *path, str *out, err *e) {
    input *in = NULL;
    if (!input_open(&in, path, e)) return false;
    char *s = make(c->life, char, MOST_BYTES + 1);
    size_t n = 0;
    for (ptrdiff_t got = 1; got > 0 && n <= MOST_BYTES; n += (size_t)MAX(got, 0))
        got = input_read(in, s + n, MOST_BYTES + 1 - n, e);
    input_close(in);
    if (err_ok(e) && n > MOST_BYTES) fail(e, ERR_too_large, "the text is over 4 MB; give it in pieces");
    *out = (str){s, n};
    return err_ok(e);
}

// Where and when it was said, with the hours of most offices and the holidays of three years.
static bool context(cli *c, const promise_opts *o, calendar *cal, promise_context *ctx, err *e) {
    zone *z = NULL;
    if (!zone_open(c->life, o->zone, &z, e)) return false;
    ctx->when = (date_context){.said_us = c->w->now_us(c->w), .z = z, .calendar = cal, .month_first = o->month_first};
    if (o->said.len && !cli_time(c, z, "said", o->said, &ctx->when.said_us, e)) return false;
    ctx->language = language_named(o->language);
    if (o->language.len && !ctx->language) return fail(e, ERR_usage, "--language is en, de or es");
    int32_t *days = make(c->life, int32_t, YEARS * HOLIDAYS);
    *cal = calendar_weekdays(z, 9 * 3600, 17 * 3600);
    const int32_t year = ymd_of(zone_days(z, ctx->when.said_us)).year;
    for (int i = 0; o->country.len && i < YEARS; i++)
        cal->n_holidays += holidays_of(o->country, year + i, days + cal->n_holidays, HOLIDAYS);
    if (o->country.len && !cal->n_holidays)
        return fail(e, ERR_usage, "the holidays of \"%.*s\" are not known; leave --country out",
                    (int)MIN(o->country.len, 20), o->country.s);
    cal->holidays = days;
    return true;
}

// ---- detect ----

static void put_json(cli *c, const promise *p, size_t n) {
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "promises", '[');
    for (size_t i = 0; i < n; i++, p++) {
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "kind", str_c(promise_kind_name(p->kind)));
        json_put_str(&r.j, "words", p->words);
        json_put_int(&r.j, "from", (int64_t)p->from);
        json_put_int(&r.j, "to", (int64_t)p->to);
        json_put_str(&r.j, "language", str_c(language_name(p->language)));
        json_put_bool(&r.j, "conditional", p->conditional);
        reply_time(&r, "due", p->due_us);
        json_put_str(&r.j, "due_words", p->due_words);
        json_put_num(&r.j, "sure", p->sure);
        json_put_str(&r.j, "why", p->why);
        json_close(&r.j, '}');
        reply_some(&r);
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

static void say_promise(cli *c, const zone *z, const promise *p) {
    arena a = c->scratch;
    term_put(&c->t, STYLE_bold, str_c(promise_kind_name(p->kind)));
    if (p->conditional) term_say(&c->t, ", on a condition");
    if (p->due_us)
        term_say(&c->t, ", due %.*s (%.*s)", STR_ARG(say_time(&a, z, p->due_us)),
                 STR_ARG(term_clean(&a, p->due_words, true)));
    term_say(&c->t, "\n  %.*s\n", STR_ARG(term_clean(&a, p->words, true)));
    term_say(&c->t, "  because of: %.*s\n", STR_ARG(term_clean(&a, p->why, true)));
}

static bool detect(cli *c, const promise_context *ctx, str text) {
    promise *found = make(c->life, promise, MOST_PROMISES);
    const size_t n = promise_find(c->life, text, ctx, found, MOST_PROMISES);
    if (c->g.json) return put_json(c, found, n), true;
    for (size_t i = 0; i < n; i++) say_promise(c, ctx->when.z, &found[i]);
    if (!n) term_say(&c->t, "Nothing is promised here.\n");
    return true;
}

// ---- self-test ----

static str share(arena *a, int64_t hits, int64_t n) {
    double lo = 0, hi = 1;
    if (!n) return S("none");
    proportion_wilson((double)hits / (double)n, (double)n, 1.959964, &lo, &hi);
    return str_fmt(a, "%.3f (%.3f to %.3f)", (double)hits / (double)n, lo, hi);
}

static void say_tally(table *t, arena *a, const promise_tally *x) {
    table_add(t, STYLE_plain, x->part);
    table_add(t, STYLE_plain, str_c(x->language ? language_name(x->language) : "all"));
    table_add(t, STYLE_plain, term_count(a, x->sentences));
    table_add(t, STYLE_plain, term_count(a, x->promises));
    table_add(t, STYLE_plain, share(a, x->right, x->noticed));
    table_add(t, STYLE_plain, share(a, x->right, x->promises));
    table_add(t, STYLE_plain, share(a, x->kind_right, x->right));
    table_add(t, STYLE_plain, share(a, x->due_right, x->right));
}

static void put_tallies(cli *c, const promise_tally *x, size_t n) {
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "rows", '[');
    for (size_t i = 0; i < n; i++, x++) {
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "part", x->part);
        json_put_str(&r.j, "language", str_c(x->language ? language_name(x->language) : "all"));
        json_put_int(&r.j, "sentences", x->sentences);
        json_put_int(&r.j, "promises", x->promises);
        json_put_int(&r.j, "noticed", x->noticed);
        json_put_int(&r.j, "right", x->right);
        json_put_int(&r.j, "kind_right", x->kind_right);
        json_put_int(&r.j, "due_right", x->due_right);
        json_put_int(&r.j, "condition_right", x->condition_right);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_close(&r.j, '}');
    reply_close(&r);
}

// A row for all languages of each part, after the others.
static size_t add_sums(promise_tally *rows, size_t n) {
    size_t all = n;
    for (size_t i = 0; i < n; i++) {
        size_t k = n;
        while (k < all && !str_eq(rows[k].part, rows[i].part)) k++;
        if (k == all) rows[all++] = (promise_tally){.part = rows[i].part};
        rows[k].sentences += rows[i].sentences, rows[k].promises += rows[i].promises;
        rows[k].noticed += rows[i].noticed, rows[k].right += rows[i].right;
        rows[k].kind_right += rows[i].kind_right, rows[k].due_right += rows[i].due_right;
        rows[k].condition_right += rows[i].condition_right;
    }
    return all;
}

// The labels of a set rest on the moment and the place that its head names.
static bool self_test(cli *c, const promise_opts *o, str set, err *e) {
    promise_opts fixed = *o;
    if (!o->said.len) fixed.said = S("2026-03-11T10:00");
    if (!o->zone.len) fixed.zone = S("Europe/Berlin");
    if (!o->country.len) fixed.country = S("DE");
    calendar cal;
    promise_context ctx = {0};
    promise_tally *rows = make(c->life, promise_tally, 2 * MOST_ROWS);
    size_t n;
    if (!context(c, &fixed, &cal, &ctx, e)) return false;
    if (!promise_measure(c->life, set, &ctx, rows, MOST_ROWS, &n, NULL, NULL, e)) return false;
    n = add_sums(rows, n);
    if (c->g.json) return put_tallies(c, rows, n), true;
    table *t = table_new(c->life,
                         (table_col[]){{"part", false, false},
                                       {"language", false, false},
                                       {"sentences", true, false},
                                       {"promises", true, false},
                                       {"precision", false, false},
                                       {"recall", false, false},
                                       {"kind right", false, false},
                                       {"time right", false, false}},
                         8);
    for (size_t i = 0; i < n; i++) say_tally(t, c->life, &rows[i]);
    table_print(t, &c->t, 0);
    return true;
}

// ---- what the parts share ----

str promise_user(void) {
    const char *user = getenv("USER");
    return str_c(user && *user ? user : "a person");
}

str promise_words_from(const cli *c, size_t from) {
    buf b = buf_new(c->life, 1 << 16);
    for (size_t i = from; i < c->args.n; i++) {
        if (i > from) buf_addc(&b, ' ');
        buf_add(&b, c->args.v[i]);
    }
    return buf_str(&b);
}

bool promise_time(const promise_task *t, const char *option, str x, bool day_end, int64_t *at_us, err *e) {
    *at_us = 0;
    if (!x.len) return true;
    if (!cli_time(t->c, t->z, option, x, at_us, e)) return false;
    if (day_end && x.len == sizeof "2026-11-06" - 1)
        *at_us = zone_day_start_us(t->z, zone_days(t->z, *at_us) + 1) - SECOND_US;
    return true;
}

bool promise_kind_asked(str name, enum commitment_kind otherwise, enum commitment_kind *k, err *e) {
    *k = otherwise;
    if (!name.len) return true;
    *k = commitment_kind_of(name);
    return *k || fail(e, ERR_usage,
                      "'%.*s' is no kind of commitment; promise, reply, callback, delivery, fix, price, invoice, "
                      "refund, task, milestone, instalment, renewal and training are",
                      (int)MIN(name.len, 40), name.s);
}

bool promise_customer_asked(str x, int64_t *id, err *e) {
    *id = 0;
    if (str_starts(x, S("customer:"))) x = str_sub(x, 9, x.len);
    return !x.len || cli_id("a customer", x, id, e);
}

str promise_name_of(const promise_task *t, int64_t customer) {
    people_card card = {.id = customer};
    err quiet = {0};
    return customer && people_fill(t->c->life, t->s, &card, 1, &quiet) ? card.name : S("");
}

str promise_when(const promise_task *t, int64_t at_us) {
    return at_us ? say_time(t->c->life, t->z, at_us) : S("");
}

void promise_put_text(json_out *j, const char *key, str v) {
    if (v.len)
        json_put_str(j, key, v);
    else
        json_put_null(j, key);
}

void promise_put_id(json_out *j, const char *key, int64_t id) {
    if (id)
        json_put_int(j, key, id);
    else
        json_put_null(j, key);
}

static bool prepare(promise_task *t, err *e) {
    t->now_us = t->c->w->now_us(t->c->w);
    return settings_read(t->c->life, t->s, &t->set, e) && zone_open(t->c->life, t->set.zone, &t->z, e);
}

static bool promise_reading(cli *c, const promise_opts *o, promise_fn fn, err *e) {
    promise_task t = {.c = c, .o = o};
    if (!place_read(c, &t.s, e)) return false;
    bool ok = store_begin_read(t.s, e) && prepare(&t, e) && fn(&t, e);
    store_close(t.s);
    return ok;
}

static bool promise_writing(cli *c, const promise_opts *o, const char *address, promise_fn fn, err *e) {
    promise_task t = {.c = c, .o = o};
    desk d;
    if (!desk_open(c, str_z(c->life, str_fmt(c->life, "do it by its address %s", address)), &d, e)) return false;
    t.d = &d, t.s = d.s;
    bool ok = prepare(&t, e) && fn(&t, e);
    desk_close(&d);
    return ok;
}

// ---- what follows 'heed promise' ----

static bool run_detect(cli *c, const promise_opts *o, err *e) {
    const char *path = c->args.n > 1 ? str_z(c->life, c->args.v[1]) : "-";
    calendar cal;
    promise_context ctx = {0};
    str text;
    if (o->self_test && c->args.n < 2)
        return fail(e, ERR_usage, "name a labelled set: heed promise detect --self-test FILE");
    if (!read_all(c, path, &text, e)) return false;
    if (o->self_test) return self_test(c, o, text, e);
    return context(c, o, &cal, &ctx, e) && detect(c, &ctx, text);
}

// A verb reads, or writes at an address of the server too. least, most: arguments, the verb among them.
typedef struct {
    const char *verb, *takes;
    promise_fn reads, writes;
    const char *address;
    size_t least, most;
} promise_verb;

#define STEP(name)                                                                                                     \
    { name, " NUMBER [WORDS]", NULL, promise_step, "/api/commitments", 2, SIZE_MAX }
static const promise_verb verbs[] = {
    {"list", "", promise_list, NULL, NULL, 1, 1},
    {"show", " NUMBER", promise_show, NULL, NULL, 2, 2},
    {"add", " WORDS", NULL, promise_add, "/api/commitments", 2, SIZE_MAX},
    STEP("keep"),
    {"move", " NUMBER --due DAY [WORDS]", NULL, promise_step, "/api/commitments", 2, SIZE_MAX},
    STEP("withdraw"),
    STEP("reopen"),
    STEP("void"),
    STEP("confirm"),
    STEP("sorry"),
    {"rates", "", promise_rates, NULL, NULL, 1, 1},
    {"offer", " KIND", promise_offer, NULL, NULL, 2, 2},
    {"watch", "", promise_watch, NULL, NULL, 1, 1},
    {"clocks", " CUSTOMER", promise_clocks, NULL, NULL, 2, 2},
    {"proposals", "", promise_proposals, NULL, NULL, 1, 1},
    {"accept", " NUMBER …", NULL, promise_accept, "/api/promises/proposals", 2, SIZE_MAX},
    {"dismiss", " NUMBER …", NULL, promise_accept, "/api/promises/proposals", 2, SIZE_MAX},
    {"settings", "", promise_settings_show, NULL, NULL, 1, 1},
    {"settings", " page|noticed|silence VALUE", NULL, promise_settings_set, "/api/promises/settings", 3, 3},
};

// Of 'standard' and 'agreement' a second word says what to do.
static const promise_verb rules[] = {
    {"standard", "", promise_standards, NULL, NULL, 1, 1},
    {"standard list", "", promise_standards, NULL, NULL, 2, 2},
    {"standard add", " NAME --kind KIND --starts WHAT --within LENGTH", NULL, promise_standard_change,
     "/api/promises/standards", 3, SIZE_MAX},
    {"standard change", " NUMBER [NAME]", NULL, promise_standard_change, "/api/promises/standards", 3, SIZE_MAX},
    {"standard retire", " NUMBER", NULL, promise_standard_change, "/api/promises/standards", 3, 3},
    {"agreement", "", promise_agreements, NULL, NULL, 1, 1},
    {"agreement list", "", promise_agreements, NULL, NULL, 2, 2},
    {"agreement add", " NAME --hours HOURS", NULL, promise_agreement_change, "/api/promises/agreements", 3, SIZE_MAX},
    {"agreement change", " NUMBER [NAME]", NULL, promise_agreement_change, "/api/promises/agreements", 3, SIZE_MAX},
    {"agreement assign", " NUMBER customer:ID|SEGMENT|everybody", NULL, promise_agreement_change,
     "/api/promises/agreements", 4, SIZE_MAX},
    {"agreement unassign", " NUMBER", NULL, promise_agreement_change, "/api/promises/given", 3, 3},
    {"agreement retire", " NUMBER", NULL, promise_agreement_change, "/api/promises/agreements", 3, 3},
};

// The row for what was typed; *near_row the first of the same name that takes other arguments.
static const promise_verb *verb_of(const cli *c, str name, const promise_verb *rows, size_t n,
                                   const promise_verb **near_row) {
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(name, str_c(rows[i].verb))) continue;
        if (c->args.n >= rows[i].least && c->args.n <= rows[i].most) return &rows[i];
        if (!*near_row) *near_row = &rows[i];
    }
    return NULL;
}

static bool unknown(const cli *c, str typed, err *e) {
    const char *names[COUNT(verbs) + 3] = {"detect", "standard", "agreement"};
    for (size_t i = 0; i < COUNT(verbs); i++) names[i + 3] = verbs[i].verb;
    const char *near_name = c->args.n ? cli_nearest(typed, names, COUNT(names)) : NULL;
    if (near_name)
        return fail(e, ERR_usage, "'%.*s' is none of its words, did you mean %s?", (int)MIN(typed.len, 40), typed.s,
                    near_name);
    return fail(e, ERR_usage,
                "write heed promise list, show, add, keep, move, withdraw, reopen, void, confirm, sorry, "
                "rates, offer, watch, clocks, proposals, accept, dismiss, standard, agreement, settings "
                "or detect");
}

static bool run(cli *c, const void *options, err *e) {
    const promise_opts *o = options;
    str name = c->args.n ? c->args.v[0] : S("list");
    const promise_verb *other = NULL, *v;
    if (str_eq(name, S("detect")) && c->args.n <= 2) return run_detect(c, o, e);
    if (str_eq(name, S("standard")) || str_eq(name, S("agreement"))) {
        if (c->args.n > 1)
            name = str_fmt(c->life, "%.*s %.*s", STR_ARG(name), (int)MIN(c->args.v[1].len, 40), c->args.v[1].s);
        v = verb_of(c, name, rules, COUNT(rules), &other);
        if (!v && !other)
            return fail(e, ERR_usage, "write heed promise %.*s list, add, change, %sretire", STR_ARG(c->args.v[0]),
                        str_starts(name, S("agreement")) ? "assign, unassign, " : "");
    } else
        v = c->args.n ? verb_of(c, name, verbs, COUNT(verbs), &other) : &verbs[0];
    if (!v && other) return fail(e, ERR_usage, "write heed promise %s%s", other->verb, other->takes);
    if (!v) return unknown(c, name, e);
    return v->reads ? promise_reading(c, o, v->reads, e) : promise_writing(c, o, v->address, v->writes, e);
}

const cmd cmd_promise = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(promise_opts),
    .defaults = &defaults,
    .max_args = -1,
    .run = run,
    .more =
        "What we owe: promises, replies, deliveries, fixes. 'list' and 'show' look at them, 'add' notes one and says "
        "by when such a thing is kept with 90 %, 'keep', 'move', 'withdraw' (by the customer), 'reopen', 'void' (noted "
        "by mistake), 'confirm' (the customer says that it is solved) and 'sorry' (we apologised) say what became of "
        "it. 'rates' tells how what fell due was kept, by its lower bound; 'watch' what is due and what will likely be "
        "late; 'clocks' how long a customer waited in each conversation.\n\n"
        "'standard' is what we promise everybody by rule, 'agreement' the hours in which we work for a customer, a "
        "segment or everybody. What is owed by rule follows from the events, and is never noted twice.\n\n"
        "What we write is read for promises: 'proposals' shows what was noticed, 'accept' makes a commitment of it, "
        "'dismiss' forgets it. 'settings' switches the reading and the public page on and off.\n\n"
        "'detect' reads what somebody of ours wrote or said to a customer, from a file or from standard input, and "
        "shows what they promised: of what kind, until when, on which condition, and because of which words. English, "
        "German and Spanish. Days end at 17:00 from Monday to Friday; --country takes its public holidays out. "
        "Nothing is stored. With --self-test the file is a set of labelled sentences, and what is printed is how many "
        "of those noticed are promises (precision) and how many of the promises are noticed (recall), each with its "
        "95 % range, and for how many of these the kind and the time are right. docs/promises.md says how such a file "
        "looks.",
    .examples =
        "heed promise add 'You will have it by Friday' --customer 17 --kind delivery --due 2026-12-04\n"
        "heed promise list --status broken\n"
        "heed promise keep 8990124000583719\n"
        "heed promise rates --by team --since 6m\n"
        "heed promise standard add 'You hear from us within 4 hours' --kind reply --starts message --within 4h\n"
        "heed promise agreement add 'Our hours' --hours 'mon-fri 8-18, sat 10-14' --country DE\n"
        "echo \"I'll call you back tomorrow.\" | heed promise detect\n"
        "heed promise detect --self-test tests/text/data/promises.tsv",
    .json =
        "list: {\"commitments\":[{\"commitment\",\"kind\",\"what\",\"customer\",\"name\",\"owner\",\"team\",\"status\","
        "\"made\",\"due\",\"judged\",\"moves\",\"kept\",\"standard\",\"fix\",\"apologised\"}]}; show: "
        "{\"commitment\",\"steps\":"
        "[{\"at\",\"what\",\"due\",\"words\",\"staff\"}],\"noticed_by\"}; add: {\"commitment\",\"kind\",\"due\","
        "\"kept_with_90\",\"n\",\"manager\",\"sooner\"}; keep, move …, accept: {\"commitment\",\"what\"}; rates: "
        "{\"since\",\"until\",\"rates\":[{\"group\",\"due\",\"kept\",\"renegotiated\",\"late\",\"open\",\"rate\","
        "\"late_days\","
        "\"confirmed\",\"silent\",\"waiting\",\"reopened\"}]}; offer: "
        "{\"kind\",\"chance\",\"date\",\"days\",\"load\",\"n\","
        "\"manager\",\"why\"}; watch: {\"due\",\"oldest\",\"ahead\",\"at_risk\",\"risky\",\"apologies_owed\"}; clocks: "
        "{\"clocks\":[{\"channel\",\"reopened\",\"agreement\",\"from\",\"replied\",\"solved\",\"reply_s\",\"solved_s\","
        "\"waiting_s\",\"team_s\",\"waits\"}]}; proposals: "
        "{\"proposals\":[{\"proposal\",\"what\",\"kind\",\"at\",\"customer\","
        "\"name\",\"words\",\"due\",\"staff\",\"conditional\",\"state\",\"commitment\"}],\"open\",\"accepted\","
        "\"dismissed\","
        "\"share\"}; standard: {\"standards\":[…]}; agreement: {\"agreements\":[…]}; settings: {\"noticed\",\"page\","
        "\"silence_days\"}; detect: "
        "{\"promises\":[{\"kind\",\"words\",\"from\",\"to\",\"language\",\"conditional\",\"due\","
        "\"due_words\",\"sure\",\"why\"}]}; --self-test: {\"rows\":[{\"part\",\"language\",\"sentences\",\"promises\","
        "\"noticed\",\"right\",\"kind_right\",\"due_right\",\"condition_right\"}]}",
};
