// heed alike: who may be the same person although no identifier says so.
#include "cli/care_cmd.h"
#include "know/likeness.h"

typedef struct {
    int64_t limit;
    str join, ask;
} alike_opts;

static const alike_opts defaults = {.limit = 20};

static const opt opts[] = {
    {"limit", 'n', OPT_NUMBER, offsetof(alike_opts, limit), "N", "list: at most so many; 20 unless given"},
    {"join", 0, OPT_TEXT, offsetof(alike_opts, join), "CHANCE",
     "learn: from when on two are one without asking; 0.995 unless given"},
    {"ask", 0, OPT_TEXT, offsetof(alike_opts, ask), "CHANCE",
     "learn: from when on a person is asked; 0.3 unless given"},
};

// ---- shown ----

static const struct {
    const char *name;
    enum likeness_list list;
    const char *none;
} lists[] = {{"asked", LIKENESS_ASKED, "Nobody has to be asked about."},
             {"joined", LIKENESS_JOINED, "Likeness alone has joined nobody."},
             {"same", LIKENESS_SAID_SAME, "Nobody was said to be the same."},
             {"two", LIKENESS_SAID_TWO, "Nobody was said to be two."},
             {"homes", LIKENESS_HOMES, "No home with more than one customer is known."}};

static void put_pair(json_out *j, const char *key, const likeness *p) {
    json_open(j, key, '{');
    json_put_int(j, "a", p->a);
    json_put_int(j, "b", p->b);
    json_open(j, "customers", '[');
    json_put_int(j, NULL, p->customers[0]);
    json_put_int(j, NULL, p->customers[1]);
    json_close(j, ']');
    json_put_num(j, "chance", (double)p->ppm / 1e6);
    json_put_num(j, "bits", (double)p->milli / 1000);
    json_put_raw(j, "parts", p->parts);
    json_put_str(j, "state", str_c(likeness_state_name((enum likeness_state)p->state)));
    json_put_time(j, "at", p->at_us);
    json_put_str(j, "by", p->by);
    json_put_int(j, "version", p->version);
    json_close(j, '}');
}

static str percent_of(arena *a, int64_t ppm) {
    return ppm > 999900    ? S("over 99.99 %")
           : ppm >= 990000 ? str_fmt(a, "%.2f %%", (double)ppm / 1e4)
                           : str_fmt(a, "%.0f %%", (double)ppm / 1e4);
}

// The strongest evidence for, and against, in a few words.
static str why_of(arena *a, const likeness *p) {
    json_t *parts = NULL, *x;
    err quiet = {0};
    size_t i, n = 0;
    buf b = buf_new(a, 4096);
    if (!json_read(p->parts, &parts, &quiet)) return S("");
    json_array_foreach(parts, i, x) {
        str field = json_text(json_object_get(x, "field"));
        double bits = json_number_value(json_object_get(x, "bits"));
        if (!field.len || !json_object_get(x, "a") || (bits < 2 && bits > -2)) continue;
        str how = json_text(json_object_get(x, "how"));
        buf_fmt(&b, "%s%.*s %.*s", n++ ? ", " : "", STR_ARG(field), STR_ARG(how));
    }
    json_decref(parts);
    return buf_str(&b);
}

static bool list_run(care *k, err *e) {
    static const table_col cols[] = {
        {"profiles", false, false}, {"customers", false, false}, {"chance", true, false}, {"because", false, true}};
    cli *c = k->at.c;
    arena *a = c->life;
    const alike_opts *o = k->o;
    str what = c->args.n > 1 ? c->args.v[1] : S("asked");
    likeness *all, zero = {0};
    size_t n, i = 0;
    while (i < COUNT(lists) && !str_eq(what, str_c(lists[i].name))) i++;
    if (i == COUNT(lists)) return fail(e, ERR_usage, "list takes asked, joined, same, two or homes");
    if (!likeness_pairs(a, k->at.s, lists[i].list, &zero, (size_t)MIN(MAX(o->limit, 1), 1000), &all, &n, e))
        return false;
    if (c->g.json) {
        reply r;
        reply_open(&r, c), json_open(&r.j, NULL, '{'), json_open(&r.j, "pairs", '[');
        for (size_t p = 0; p < n; p++) put_pair(&r.j, NULL, &all[p]), reply_some(&r);
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    likeness_standing st;
    if (!likeness_stands(k->at.s, &st, e)) return false;
    if (!st.learnt)
        return term_say(&c->t, "Customers are recognised by their identifiers alone. What being alike says is learnt "
                               "by: heed alike learn\n"),
               true;
    if (!n) return term_say(&c->t, "%s\n", lists[i].none), true;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t p = 0; p < n; p++) {
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64 " %" PRId64, all[p].a, all[p].b));
        table_add(t, STYLE_plain,
                  all[p].customers[0] == all[p].customers[1]
                      ? str_fmt(a, "%" PRId64, all[p].customers[0])
                      : str_fmt(a, "%" PRId64 " %" PRId64, all[p].customers[0], all[p].customers[1]));
        table_add(t, STYLE_bold, percent_of(a, all[p].ppm));
        table_add(t, STYLE_plain, why_of(a, &all[p]));
    }
    table_print(t, &c->t, 0);
    term_say(&c->t,
             "\n%" PRId64 " wait for a person, %" PRId64 " are joined by likeness alone, %" PRId64
             " profiles were not looked at yet.\n",
             st.asked, st.joined, st.waiting);
    return true;
}

static bool two_ids(const care *k, int64_t *x, int64_t *y, err *e) {
    return cli_id("a profile", k->at.c->args.v[1], x, e) && cli_id("a profile", k->at.c->args.v[2], y, e);
}

// The evidence as a waterfall: each part with a bar, and how far the sum has come.
static void show_parts(care *k, const likeness *p) {
    static const table_col cols[] = {{"evidence", false, false},
                                     {"", false, false},
                                     {"bits", true, false},
                                     {"", false, false},
                                     {"sum", true, false}};
    cli *c = k->at.c;
    arena *a = c->life;
    json_t *parts = NULL, *x;
    err quiet = {0};
    size_t i;
    double sum = 0;
    if (!json_read(p->parts, &parts, &quiet)) return;
    table *t = table_new(a, cols, COUNT(cols));
    json_array_foreach(parts, i, x) {
        str field = json_text(json_object_get(x, "field")), how = json_text(json_object_get(x, "how"));
        str va = json_text(json_object_get(x, "a")), vb = json_text(json_object_get(x, "b"));
        double bits = json_number_value(json_object_get(x, "bits"));
        int marks = (int)MIN(bits < 0 ? -bits : bits, 20.0);
        sum += bits;
        table_add(t, STYLE_plain, field.len ? str_fmt(a, "%.*s: %.*s", STR_ARG(field), STR_ARG(how)) : str_dup(a, how));
        table_add(t, STYLE_dim,
                  va.len || vb.len
                      ? str_fmt(a, "%.*s | %.*s", STR_ARG(term_clean(a, va, true)), STR_ARG(term_clean(a, vb, true)))
                      : S(""));
        table_add(t, STYLE_plain, str_fmt(a, "%+.1f", bits));
        table_add(t, STYLE_plain,
                  str_fmt(a, "%.*s", marks, bits < 0 ? "--------------------" : "++++++++++++++++++++"));
        table_add(t, STYLE_bold, str_fmt(a, "%+.1f", sum));
    }
    json_decref(parts);
    table_print(t, &c->t, 2);
}

static bool show_run(care *k, err *e) {
    cli *c = k->at.c;
    int64_t x, y;
    likeness p;
    if (!two_ids(k, &x, &y, e) || !likeness_get(c->life, k->at.s, x, y, &p, e)) return false;
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        put_pair(&r.j, NULL, &p);
        reply_close(&r);
        return true;
    }
    term_put(&c->t, STYLE_bold, str_fmt(c->life, "Profiles %" PRId64 " and %" PRId64, p.a, p.b));
    term_say(&c->t, " are one person with a chance of %.*s; %s.\n\n", STR_ARG(percent_of(c->life, p.ppm)),
             p.customers[0] == p.customers[1] ? "they are one customer" : "they are two customers");
    show_parts(k, &p);
    if (p.state == LIKENESS_SAME || p.state == LIKENESS_TWO)
        term_say(&c->t, "\n%.*s said that they are %s.\n", STR_ARG(term_clean(c->life, p.by, true)),
                 p.state == LIKENESS_SAME ? "the same" : "two");
    else
        term_say(&c->t,
                 "\nSay what you know: heed alike same %" PRId64 " %" PRId64 ", or heed alike two %" PRId64 " %" PRId64
                 "\n",
                 p.a, p.b, p.a, p.b);
    return true;
}

// ---- said and learnt ----

static bool say_run(care *k, err *e) {
    cli *c = k->at.c;
    int64_t x, y;
    str verb = c->args.v[0];
    int same = str_eq(verb, S("same")) ? 1 : str_eq(verb, S("two")) ? -1 : 0;
    likeness *p = make(c->life, likeness, 1);
    k->kept = p;
    return two_ids(k, &x, &y, e) && likeness_say(k->d->k, x, y, same, 0, k->by, e) &&
           likeness_get(c->life, k->d->s, x, y, p, e);
}

static bool said_say(care *k, err *e) {
    cli *c = k->at.c;
    const likeness *p = k->kept;
    (void)e;
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        put_pair(&r.j, NULL, p);
        reply_close(&r);
        return true;
    }
    bool one = p->customers[0] == p->customers[1];
    term_say(&c->t,
             one ? "Profiles %" PRId64 " and %" PRId64 " are customer %" PRId64 ".\n"
                 : "Profiles %" PRId64 " and %" PRId64 " are customers %" PRId64 " and %" PRId64 ".\n",
             p->a, p->b, p->customers[0], p->customers[1]);
    return true;
}

typedef struct {
    int64_t profiles, pairs, looked;
} worked;

static void how_far(void *ctx, const char *what, uint64_t done, uint64_t total) {
    (void)what;
    progress_at(ctx, 0, (int64_t)done, (int64_t)total);
}

static bool look_all(care *k, worked *w, err *e) {
    likeness_looked done = {.waiting = 1};
    progress bar = progress_begin(&k->at.c->t, S("looking"), "profiles");
    bool ok = true;
    while (ok && done.waiting) {
        ok = likeness_look(k->d->k, &done, e);
        w->looked += done.looked;
        progress_at(&bar, w->looked, w->looked, w->looked + done.waiting);
        if (!done.looked) break;
    }
    progress_end(&bar);
    return ok;
}

static bool look_run(care *k, err *e) {
    k->kept = make(k->at.c->life, worked, 1);
    return look_all(k, k->kept, e);
}

static bool chance_in(arena scratch, const char *option, str x, double *out, err *e) {
    char *end;
    if (!x.len) return true;
    *out = strtod(str_z(&scratch, x), &end);
    return (!*end && *out > 0 && *out < 1) || fail(e, ERR_usage, "--%s takes a chance such as 0.995", option);
}

static bool learn_run(care *k, err *e) {
    const alike_opts *o = k->o;
    worked *w = k->kept = make(k->at.c->life, worked, 1);
    likeness_learnt l;
    likeness_opts how = {.progress = how_far};
    if (!chance_in(k->at.c->scratch, "join", o->join, &how.join, e) ||
        !chance_in(k->at.c->scratch, "ask", o->ask, &how.ask, e))
        return false;
    if (!ledger_flush(know_ledger(k->d->k), e)) return false;
    arena a = arena_open((size_t)1 << 38);
    progress bar = progress_begin(&k->at.c->t, S("learning"), "steps");
    how.ctx = &bar;
    bool ok = likeness_learn(&a, k->d->s, &how, &l, e);
    progress_end(&bar);
    ok = ok && likeness_take(k->d->k, &l, k->by, e) && look_all(k, w, e);
    if (ok) w->profiles = l.profiles, w->pairs = (int64_t)l.n;
    arena_close(&a);
    return ok;
}

static bool worked_say(care *k, err *e) {
    cli *c = k->at.c;
    const worked *w = k->kept;
    likeness_standing st;
    if (!likeness_stands(k->at.s, &st, e)) return false;
    if (c->g.json) {
        reply r;
        reply_open(&r, c), json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "profiles", w->profiles);
        json_put_int(&r.j, "pairs", w->pairs);
        json_put_int(&r.j, "looked", w->looked);
        json_put_int(&r.j, "asked", st.asked);
        json_put_int(&r.j, "joined", st.joined);
        json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    if (w->profiles)
        term_say(&c->t, "Learnt from %" PRId64 " profiles with a name: %" PRId64 " pairs are alike or share a home.\n",
                 w->profiles, w->pairs);
    term_say(&c->t,
             "%" PRId64 " pairs are one customer by likeness alone, and %" PRId64 " wait for a person: heed alike\n",
             st.joined, st.asked);
    return true;
}

static const care_verb verbs[] = {
    {"list", " [asked|joined|same|two|homes]", 1, 2, list_run, NULL, NULL, NULL},
    {"show", " PROFILE PROFILE", 3, 3, show_run, NULL, NULL, NULL},
    {"same", " PROFILE PROFILE", 3, 3, NULL, NULL, say_run, said_say},
    {"two", " PROFILE PROFILE", 3, 3, NULL, NULL, say_run, said_say},
    {"undo", " PROFILE PROFILE", 3, 3, NULL, NULL, say_run, said_say},
    {"learn", "", 1, 1, NULL, NULL, learn_run, worked_say},
    {"look", "", 1, 1, NULL, NULL, look_run, worked_say},
};

static bool run(cli *c, const void *options, err *e) {
    return care_run(c, options, verbs, COUNT(verbs), "do it by its address /api/alike", e);
}

const cmd cmd_alike = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(alike_opts),
    .defaults = &defaults,
    .max_args = 3,
    .run = run,
    .more =
        "Profiles that share an identifier are one customer. Others may be alike: 'learn' finds out from the store's "
        "own "
        "profiles what agreement of names, days of birth, addresses, e-mails and phones says, and from then on who "
        "comes "
        "is compared with those that share something with them. Pairs of a high chance are joined, as far as all of a "
        "group agree and no customer number or person speaks against it; less sure ones wait here. What a person says "
        "stands for ever, and can be taken back. Nothing is rewritten by any of it.",
    .examples = "heed alike learn\n"
                "heed alike\n"
                "heed alike show 17 23\n"
                "heed alike same 17 23\n"
                "heed alike undo 17 23",
    .json = "list: "
            "{\"pairs\":[{\"a\",\"b\",\"customers\",\"chance\",\"bits\",\"parts\",\"state\",\"at\",\"by\",\"version\"}]"
            "}; show, same, "
            "two, undo: one of them; learn, look: {\"profiles\",\"pairs\",\"looked\",\"asked\",\"joined\"}",
};
