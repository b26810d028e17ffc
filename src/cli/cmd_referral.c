// heed referral: why customers came, who brought whom, and growth that they earned us.
#include "cli/reward_cmd.h"

#include "base/map64.h"
#include "know/figure.h"
#include "know/measure.h"
#include "know/people.h"

typedef struct {
    str what, referrer, words, at, until;
    int64_t limit;
} referral_opts;

static const referral_opts defaults = {.limit = 20};

static const opt opts[] = {
    {"what", 0, OPT_TEXT, offsetof(referral_opts, what), "friend|review|search|ad|other", "add: because of this"},
    {"referrer", 'r', OPT_TEXT, offsetof(referral_opts, referrer), "C", "add: the customer who recommended us"},
    {"words", 0, OPT_TEXT, offsetof(referral_opts, words), "TEXT", "add: in their words"},
    {"at", 0, OPT_TEXT, offsetof(referral_opts, at), "TIME", "add: when they came; now unless given"},
    {"until", 0, OPT_TEXT, offsetof(referral_opts, until), "DAY", "growth: the 365 days before it; now unless given"},
    {"limit", 'n', OPT_NUMBER, offsetof(referral_opts, limit), "N", "list, graph: at most so many; 20 unless given"},
};

typedef struct {
    redline_at at;
    const referral_opts *o;
    referral_link *v;
    size_t n;
    people_card *cards; // of each row's customer
} referral_at;

static bool read_all(referral_at *x, err *e) {
    arena *a = x->at.c->life;
    if (!referral_graph(a, x->at.s, &x->v, &x->n, e)) return false;
    x->cards = make(a, people_card, x->n + 1);
    for (size_t i = 0; i < x->n; i++) x->cards[i].id = x->v[i].customer;
    return people_fill(a, x->at.s, x->cards, x->n, e);
}

// ---- list ----

static bool list_run(referral_at *x, err *e) {
    static const table_col cols[] = {{"customer", false, false},   {"name", false, true},        {"day", false, false},
                                     {"because of", false, false}, {"brought by", false, false}, {"", false, true}};
    cli *c = x->at.c;
    arena *a = c->life;
    reply r;
    if (!read_all(x, e)) return false;
    size_t n = x->o->limit ? MIN(x->n, (size_t)x->o->limit) : x->n;
    if (c->g.json) {
        reply_open(&r, c), json_open(&r.j, NULL, '{'), json_open(&r.j, "referrals", '[');
        for (size_t i = 0; i < n; i++) referral_json(&r.j, NULL, &x->v[i]), reply_some(&r);
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    if (!x->n) return term_say(&c->t, "Nobody has told why they came: heed referral add 17 --what friend\n"), true;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        const referral_link *l = &x->v[i];
        table_add(t, STYLE_plain, str_fmt(a, "customer:%" PRId64, l->customer));
        table_add(t, STYLE_bold, term_clean(a, x->cards[i].name, true));
        table_add(t, STYLE_plain, say_day(a, x->at.z, l->at_us));
        table_add(t, STYLE_plain, str_c(referral_what_name(l->what)));
        table_add(t, STYLE_plain, l->referrer ? str_fmt(a, "customer:%" PRId64, l->referrer) : S(""));
        table_add(t, STYLE_dim, l->flaw ? str_c(referral_flaw_text(l->flaw)) : term_clean(a, l->words, true));
    }
    table_print(t, &c->t, 0);
    if (n < x->n) term_say(&c->t, "There are more: --limit 0 shows all.\n");
    return true;
}

// ---- the tree ----

enum { DEEPEST = 40 };

typedef struct {
    referral_at *x;
    int32_t *first, *next; // by row: its first child, and the next of the same parent
    int64_t left;
} tree;

static void branch(tree *k, int32_t at, int deep, char *rails) {
    cli *c = k->x->at.c;
    for (int32_t i = at; i >= 0 && k->left > 0; i = k->next[i], k->left--) {
        const referral_link *l = &k->x->v[i];
        bool last = k->next[i] < 0;
        term_say(&c->t, "%s%s ", rails, last ? "└─" : "├─");
        term_put(&c->t, STYLE_bold, term_clean(c->life, k->x->cards[i].name, true));
        term_say(&c->t, "  customer:%" PRId64 "  %.*s\n", l->customer, STR_ARG(say_day(c->life, k->x->at.z, l->at_us)));
        if (k->first[i] < 0 || deep == DEEPEST) continue;
        size_t len = strlen(rails);
        memcpy(rails + len, last ? "   " : "│  ", last ? 4 : sizeof "│  ");
        branch(k, k->first[i], deep + 1, rails);
        rails[len] = 0;
    }
}

// Rows hang below their referrer's own row, or below a head for one who never told why they came.
static bool graph_run(referral_at *x, err *e) {
    cli *c = x->at.c;
    arena *a = c->life;
    if (c->g.json) return list_run(x, e);
    if (!read_all(x, e)) return false;
    tree k = {.x = x, .left = x->o->limit ? x->o->limit : INT64_MAX};
    map64 heads = map64_new(a, 64);
    int64_t *names = make(a, int64_t, x->n + 1);
    int32_t *below = make(a, int32_t, x->n + 1), n = 0;
    k.first = make(a, int32_t, x->n + 1), k.next = make(a, int32_t, x->n + 1);
    for (size_t i = 0; i < x->n; i++) k.first[i] = k.next[i] = below[i] = -1;
    for (size_t i = x->n; i-- > 0;) {
        const referral_link *l = &x->v[i];
        bool made;
        if (!l->referrer) continue;
        if (l->parent >= 0) {
            k.next[i] = k.first[l->parent], k.first[l->parent] = (int32_t)i;
            continue;
        }
        int32_t *h = map64_at(&heads, l->referrer, n, &made);
        if (made) names[n] = l->referrer, below[n++] = -1;
        k.next[i] = below[*h], below[*h] = (int32_t)i;
    }
    // Those who told and were brought by nobody are heads as well.
    people_card *cards = make(a, people_card, (size_t)n + 1);
    for (int32_t i = 0; i < n; i++) cards[i].id = names[i];
    if (!people_fill(a, x->at.s, cards, (size_t)n, e)) return false;
    char rails[DEEPEST * 8 + 8] = "";
    int64_t shown = 0;
    for (int32_t i = 0; i < n && k.left > 0; i++, shown++) {
        term_put(&c->t, STYLE_bold, term_clean(a, cards[i].name, true));
        term_say(&c->t, "  customer:%" PRId64 "\n", names[i]);
        branch(&k, below[i], 1, rails);
    }
    for (size_t i = 0; i < x->n && k.left > 0; i++) {
        if (x->v[i].referrer || k.first[i] < 0) continue;
        term_put(&c->t, STYLE_bold, term_clean(a, x->cards[i].name, true));
        term_say(&c->t, "  customer:%" PRId64 "  came by %s\n", x->v[i].customer, referral_what_name(x->v[i].what));
        branch(&k, k.first[i], 1, rails), shown++;
    }
    if (!shown) term_say(&c->t, "Nobody has brought anybody yet, as far as it was told.\n");
    if (k.left <= 0) term_say(&c->t, "There are more: --limit 0 shows all.\n");
    return true;
}

// ---- growth ----

static void say_share(cli *c, const char *label, const estimate *x) {
    arena *a = c->life;
    if (!estimate_shown(x)) {
        term_say(&c->t, "  %-22s not known: %s\n", label, x->why ? x->why : "nothing was measured");
        return;
    }
    term_say(&c->t, "  %-22s %+.1f %%, likely %+.1f %% to %+.1f %%  n %.*s%s%s\n", label, x->value * 100, x->lo * 100,
             x->hi * 100, STR_ARG(term_count(a, x->n)), x->state == ESTIMATE_OK ? "" : "; ",
             x->state == ESTIMATE_OK || !x->why ? "" : x->why);
}

static bool growth_run(referral_at *x, err *e) {
    cli *c = x->at.c;
    arena *a = c->life;
    earned_growth g;
    int64_t until;
    bool historic;
    reply r;
    if (x->o->until.len ? !cli_time(c, x->at.z, "until", x->o->until, &until, e)
                        : !as_of_us(x->at.s, x->at.now_us, &until, &historic, e))
        return false;
    if (!earned_growth_read(a, x->at.s, until, &g, e)) return false;
    if (c->g.json) {
        reply_open(&r, c);
        growth_json(&r.j, NULL, &g);
        reply_close(&r);
        return true;
    }
    term_say(&c->t, "365 days to %.*s, beside the 365 before\n", STR_ARG(say_day(a, x->at.z, until - 1)));
    term_say(&c->t, "  revenue before %.*s; of the same customers %.*s\n", STR_ARG(say_money(a, g.before, g.currency)),
             STR_ARG(say_money(a, g.again, g.currency)));
    term_say(&c->t, "  of new customers: brought by others %.*s, otherwise %.*s, did not tell %.*s\n",
             STR_ARG(say_money(a, g.earned, g.currency)), STR_ARG(say_money(a, g.bought, g.currency)),
             STR_ARG(say_money(a, g.unknown, g.currency)));
    say_share(c, "Revenue with growth", &g.nrr);
    say_share(c, "Earned new customers", &g.enc);
    say_share(c, "Earned growth", &g.growth);
    term_say(&c->t, "  %.*s of %.*s told why they came.\n", STR_ARG(term_count(a, g.told)),
             STR_ARG(say_n(a, g.fresh, "new customer", "new customers")));
    return true;
}

// ---- noting ----

static bool add_run(cli *c, const referral_opts *o, err *e) {
    desk d;
    referral_at x = {.at = {.c = c}, .o = o};
    referral_note n = {.what = referral_what_of(o->what), .words = o->words, .by = redline_me(c)};
    if (!n.what) return fail(e, ERR_usage, "--what takes friend, review, search, ad or other");
    if (!desk_open(c, "note it by its address /api/referrals", &d, e)) return false;
    bool ok = redline_begin(&x.at, d.s, e) && customer_in(&x.at, c->args.v[1], &n.customer, e) &&
              (!o->referrer.len || customer_in(&x.at, o->referrer, &n.referrer, e)) &&
              (!o->at.len || cli_time(c, x.at.z, "at", o->at, &n.at_us, e)) &&
              referral_write(know_ledger(d.k), c->life, &n, e);
    if (ok && c->g.json) {
        if ((ok = read_all(&x, e)))
            for (size_t i = 0; i < x.n; i++) {
                reply r;
                if (x.v[i].customer != n.customer) continue;
                reply_open(&r, c);
                referral_json(&r.j, NULL, &x.v[i]);
                reply_close(&r);
            }
    } else if (ok)
        term_say(&c->t, "Noted: customer:%" PRId64 " came by %s.\n", n.customer, referral_what_name(n.what));
    desk_close(&d);
    return ok;
}

static const struct {
    const char *name, *takes;
    size_t words;
    bool (*read)(referral_at *x, err *e);
} verbs[] = {{"list", "", 1, list_run},
             {"graph", "", 1, graph_run},
             {"growth", "", 1, growth_run},
             {"add", " CUSTOMER --what friend", 2, NULL}};

static bool run(cli *c, const void *options, err *e) {
    referral_at x = {.at = {.c = c}, .o = options};
    str verb = c->args.n ? c->args.v[0] : S("list");
    store *s;
    size_t i = 0;
    while (i < COUNT(verbs) && !str_eq(verb, str_c(verbs[i].name))) i++;
    if (i == COUNT(verbs))
        return fail(e, ERR_usage, "'%.*s' is none of its words: list, graph, growth, add",
                    (int)MIN(verb.len, (size_t)40), verb.s);
    if (c->args.n && c->args.n != verbs[i].words)
        return fail(e, ERR_usage, "write heed referral %s%s", verbs[i].name, verbs[i].takes);
    if (!verbs[i].read) return add_run(c, options, e);
    if (!place_read(c, &s, e)) return false;
    bool ok = store_begin_read(s, e) && redline_begin(&x.at, s, e) && verbs[i].read(&x, e);
    store_close(s);
    return ok;
}

const cmd cmd_referral = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(referral_opts),
    .defaults = &defaults,
    .max_args = 2,
    .run = run,
    .more =
        "Why customers came: recommended by a friend or by what others wrote (earned), by advertising (bought), or "
        "otherwise. 'add' notes it, once for each customer, with the customer who recommended us where that is known; "
        "nobody brings themselves, nor one who brought them. 'graph' draws who brought whom.\n\n"
        "'growth' is what customers themselves make us grow by: of last year's revenue, what the same customers bring "
        "this year, and what new ones bring whom others brought, less 100 %. Who did not tell counts as not earned. "
        "docs/rewards.md explains it.",
    .examples = "heed referral add 17 --what friend --referrer 4 --words 'my sister told me'\n"
                "heed referral graph\n"
                "heed referral growth --until 2026-01-01",
    .json = "list, graph: "
            "{\"referrals\":[{\"customer\",\"at\",\"what\",\"how\",\"referrer\",\"flaw\",\"brought\",\"words\"}]}; "
            "add: one of them; growth: "
            "{\"since\",\"until\",\"before\",\"again\",\"earned\",\"bought\",\"unknown\",\"customers\","
            "\"new_customers\",\"told\",\"nrr\",\"enc\",\"growth\"}",
};
