#include "cli/customer.h"
#include "cli/desk.h"
#include "sql/cli.h"

typedef struct {
    int64_t limit;
} customer_opts;

static const customer_opts defaults = {.limit = 20};

static const opt opts[] = {
    {"limit", 'n', OPT_NUMBER, offsetof(customer_opts, limit), "N", "moments of the timeline; 20 unless given, 0: all"},
};

enum { MOST_FOUND = 50 };

// ---- several who may be meant ----

static int newest_first(const void *x, const void *y) {
    const person *p = x, *q = y;
    if (p->sum.last_us != q->sum.last_us) return p->sum.last_us < q->sum.last_us ? 1 : -1;
    return (p->id > q->id) - (p->id < q->id);
}

static bool read_all(page *g, const int64_t *ids, size_t n, person **out, err *e) {
    person *list = *out = make(g->c->life, person, n);
    for (size_t i = 0; i < n; i++)
        if (!person_read(g->c->life, g->s, g->all, ids[i], &list[i], e))
            return err_ok(e) ? fail(e, ERR_not_found, "customer %" PRId64 " is gone", ids[i]) : false;
    qsort(list, n, sizeof *list, newest_first);
    return true;
}

static void show_several(const page *g, const person *list, size_t n) {
    static const table_col cols[] = {{"customer", false, false}, {"name", false, true},  {"known by", false, true},
                                     {"orders", true, false},    {"worth", true, false}, {"last seen", false, false}};
    arena a = g->c->scratch;
    table *t = table_new(&a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        const person *p = &list[i];
        str by = p->profiles[0].n_ids ? p->profiles[0].ids[0].value : S("");
        table_add(t, STYLE_plain, str_fmt(&a, "customer:%" PRId64, p->id));
        table_add(t, STYLE_bold, term_clean(&a, p->name, true));
        table_add(t, STYLE_plain, term_clean(&a, by, true));
        table_add(t, STYLE_plain, p->has_summary ? term_count(&a, p->sum.orders) : S(""));
        table_add(t, STYLE_plain, p->sum.order_value ? say_money(&a, p->sum.order_value, p->sum.currency) : S(""));
        table_add(t, STYLE_plain, p->has_summary ? say_day(&a, g->z, p->sum.last_us) : S(""));
    }
    table_print(t, &g->c->t, 0);
    if (n == MOST_FOUND) term_say(&g->c->t, "There are more; say more of the name.\n");
}

// ---- commands ----

static bool answer(page *g, str what, err *e) {
    int64_t ids[MOST_FOUND];
    size_t n = 0;
    person *list;
    if (!person_find(g->c->scratch, g->s, g->set.country, what, ids, &n, MOST_FOUND, e)) return false;
    if (!n) return fail(e, ERR_not_found, "nobody is known as '%.*s'", (int)MIN(what.len, 80), what.s);
    if (!read_all(g, ids, n, &list, e)) return false;
    g->p = n == 1 ? list : NULL;
    if (g->p && !page_read(g, e)) return false;
    if (g->c->g.json) {
        page_reply(g, list, n);
        return true;
    }
    settings_mark(g->c, &g->set);
    if (g->p)
        page_show(g);
    else
        show_several(g, list, n);
    return true;
}

static str words_of(cli *c) {
    buf b = buf_new(c->life, 1 << 16);
    for (size_t i = 0; i < c->args.n; i++) {
        if (i) buf_addc(&b, ' ');
        buf_add(&b, c->args.v[i]);
    }
    return buf_str(&b);
}

static bool find(cli *c, const customer_opts *o, err *e) {
    page g = {.c = c, .limit = o->limit};
    if (!place_read(c, &g.s, e)) return false;
    bool ok = store_begin_read(g.s, e) && settings_read(c->life, g.s, &g.set, e) &&
              zone_open(c->life, g.set.zone, &g.z, e) && sources_read(c->life, g.s, &g.all, e) &&
              answer(&g, words_of(c), e);
    store_close(g.s);
    return ok;
}

static str without_kind(str x) {
    return str_starts(x, S("customer:")) ? str_sub(x, 9, x.len) : x;
}

// Verdicts of a person: split, join, undo.
static bool decide(cli *c, str verb, err *e) {
    desk d;
    int64_t x, y, cx = 0, cy = 0;
    const char *user = getenv("USER");
    str by = str_c(user && *user ? user : "a person");
    if (!cli_id("a customer", without_kind(c->args.v[1]), &x, e) ||
        !cli_id("a profile", without_kind(c->args.v[2]), &y, e))
        return false;
    if (!desk_open(c, "do it by its address /api/customers", &d, e)) return false;
    bool ok = store_int(d.s, Q_people_by_profile, &cx, 0, e, "i", x) &&
              store_int(d.s, Q_people_by_profile, &cy, 0, e, "i", y);
    if (ok && (!cx || !cy))
        ok = fail(e, ERR_not_found, "there is no profile %" PRId64 "; 'heed customer FIND' names them", cx ? y : x);
    if (ok && str_eq(verb, S("split"))) ok = know_split(d.k, x, y, by, e);
    if (ok && str_eq(verb, S("join"))) ok = know_join(d.k, x, y, by, e);
    if (ok && str_eq(verb, S("undo"))) ok = know_verdict_undo(d.k, x, y, e);
    ok = ok && store_int(d.s, Q_people_by_profile, &cx, 0, e, "i", x) &&
         store_int(d.s, Q_people_by_profile, &cy, 0, e, "i", y);
    desk_close(&d);
    if (!ok) return false;
    if (c->g.json)
        term_say(&c->t, "{\"customers\":[%" PRId64 ",%" PRId64 "],\"one\":%s}\n", cx, cy, cx == cy ? "true" : "false");
    else if (cx == cy)
        term_say(&c->t, "They are one: customer:%" PRId64 ".\n", cx);
    else
        term_say(&c->t, "They are two: customer:%" PRId64 " and customer:%" PRId64 ".\n", cx, cy);
    return true;
}

static bool run(cli *c, const void *options, err *e) {
    static const char *const verbs[] = {"split", "join", "undo"};
    for (size_t i = 0; c->args.n == 3 && i < COUNT(verbs); i++)
        if (str_eq(c->args.v[0], str_c(verbs[i]))) return decide(c, c->args.v[0], e);
    return find(c, options, e);
}

const cmd cmd_customer = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(customer_opts),
    .defaults = &defaults,
    .min_args = 1,
    .max_args = -1,
    .run = run,
    .more =
        "Shows one customer on one page: who it is and how heed knows, what was bought, what waits for an answer, what "
        "was said last, and the timeline, newest first. FIND is an e-mail, a phone number, your own customer number, "
        "customer:NUMBER as heed prints it, or a part of a name. When several may be meant, they are listed.\n\n"
        "When heed is wrong about who is who: 'customer split CUSTOMER PROFILE' says that a profile is somebody else, "
        "'customer join A B' that two profiles are the same person, and 'customer undo A B' takes such a word back. "
        "Nothing is lost by any of them.",
    .examples = "heed customer ada@example.org\n"
                "heed customer ada okafor\n"
                "heed customer split 12 480",
    .json =
        "{\"sample\",\"matches\",\"customers\":[{\"customer\",\"name\",\"profiles\":[{\"profile\",\"source\",\"ids\"}],"
        "\"first\",\"last\",\"currency\",\"orders\",…}]}; with one match also \"links\", \"waiting\", \"said\", "
        "\"needs\" and "
        "\"timeline\":[{\"at\",\"kind\",\"channel\",\"source\",\"profile\",\"value\",\"unit\",\"body\"}]",
};
