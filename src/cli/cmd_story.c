// heed story: customers' success, told with their approval.
#include "act/story.h"
#include "cli/redline_cmd.h"

typedef struct {
    str words, title, how, until, state, place, customer;
    strs places;
    int64_t limit, wording;
} story_opts;

static const story_opts defaults = {.limit = 20};

static const opt opts[] = {
    {"title", 0, OPT_TEXT, offsetof(story_opts, title), "TEXT", "add, edit: its title"},
    {"words", 0, OPT_TEXT, offsetof(story_opts, words), "TEXT", "add, edit: the story"},
    {"place", 0, OPT_LIST, offsetof(story_opts, places), "staff|website|newsletter|social|sales",
     "add, edit: where it is to be shown; feed: where"},
    {"how", 0, OPT_TEXT, offsetof(story_opts, how), "TEXT", "ask, approve, decline, withdraw: as 'mail of 3 May'"},
    {"until", 0, OPT_TEXT, offsetof(story_opts, until), "DAY",
     "approve: until the end of that day; else until withdrawn"},
    {"wording", 0, OPT_NUMBER, offsetof(story_opts, wording), "N", "approve, decline: the wording that they saw"},
    {"state", 0, OPT_TEXT, offsetof(story_opts, state), "draft|asked|approved|declined|withdrawn", "list: these alone"},
    {"customer", 'c', OPT_TEXT, offsetof(story_opts, customer), "C", "list: of this customer"},
    {"limit", 'n', OPT_NUMBER, offsetof(story_opts, limit), "N", "list, feed: at most so many; 20 unless given"},
};

typedef struct {
    redline_at at;
    const story_opts *o;
    story x;
    ledger *l;
} story_at;

// ---- shown ----

static str places_words(arena *a, const story *x, bool shown, int64_t now_us) {
    buf b = buf_new(a, 256);
    for (int i = 0; i < STORY_PLACES; i++)
        if (shown ? story_shown(x, (enum story_place)i, now_us) : (x->places >> i & 1) != 0)
            buf_fmt(&b, "%s%s", b.len ? ", " : "", story_place_name((enum story_place)i));
    return b.len ? buf_str(&b) : S("nowhere");
}

static bool stories_say(story_at *k, const story *list, size_t n) {
    static const table_col cols[] = {{"story", true, false},  {"customer", false, false}, {"title", false, true},
                                     {"state", false, false}, {"shown", false, false},    {"until", false, false}};
    cli *c = k->at.c;
    arena *a = c->life;
    reply r;
    if (c->g.json) {
        reply_open(&r, c), json_open(&r.j, NULL, '{'), json_open(&r.j, "stories", '[');
        for (size_t i = 0; i < n; i++) story_json(&r.j, NULL, &list[i], k->at.now_us), reply_some(&r);
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    if (!n)
        return term_say(&c->t, "There are no stories: heed story add 17 --title '…' --words '…' --place staff\n"), true;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        const story *x = &list[i];
        table_add(t, STYLE_plain, str_fmt(a, "%" PRId64, x->id));
        table_add(t, STYLE_plain, x->customer ? str_fmt(a, "customer:%" PRId64, x->customer) : S(""));
        table_add(t, STYLE_bold, term_clean(a, x->title, true));
        table_add(t, STYLE_plain, str_c(story_state_name(x->state)));
        table_add(t, STYLE_plain, places_words(a, x, true, k->at.now_us));
        table_add(t, STYLE_plain, x->until_us ? say_day(a, k->at.z, x->until_us - 1) : S(""));
    }
    table_print(t, &c->t, 0);
    return true;
}

static bool list_run(story_at *k, err *e) {
    story *list;
    size_t n;
    int64_t customer = 0;
    int state = story_state_of(k->o->state);
    if (k->o->state.len && state < 0)
        return fail(e, ERR_usage, "--state takes draft, asked, approved, declined or withdrawn");
    if (k->o->customer.len && !customer_in(&k->at, k->o->customer, &customer, e)) return false;
    return story_list(k->at.c->life, k->at.s, 0, customer, state, (size_t)MIN(k->o->limit, (int64_t)1000), &list, &n,
                      e) &&
           stories_say(k, list, n);
}

static bool feed_run(story_at *k, err *e) {
    cli *c = k->at.c;
    story *list;
    size_t n;
    int place = k->o->places.n ? story_place_of(k->o->places.v[0]) : PLACE_staff;
    if (place < 0) return fail(e, ERR_usage, "--place takes staff, website, newsletter, social or sales");
    if (!story_feed(c->life, k->at.s, (enum story_place)place, k->at.now_us, (size_t)MIN(k->o->limit, (int64_t)1000),
                    &list, &n, e))
        return false;
    if (c->g.json) return stories_say(k, list, n);
    for (size_t i = 0; i < n; i++) {
        term_put(&c->t, STYLE_bold, term_clean(c->life, list[i].title, true));
        term_say(&c->t, "\n%.*s\n\n", STR_ARG(term_clean(c->life, list[i].words, false)));
    }
    if (!n) term_say(&c->t, "No story is approved for %s.\n", story_place_name((enum story_place)place));
    return true;
}

static bool show_run(story_at *k, err *e) {
    cli *c = k->at.c;
    story x;
    story_step *steps;
    size_t n;
    int64_t id;
    if (!cli_id("a story", c->args.v[1], &id, e) || !story_get(c->life, k->at.s, id, &x, e) ||
        !story_steps(c->life, k->at.s, id, &steps, &n, e))
        return false;
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        story_json(&r.j, NULL, &x, k->at.now_us);
        reply_close(&r);
        return true;
    }
    term_put(&c->t, STYLE_bold, term_clean(c->life, x.title, true));
    term_say(&c->t, "\n%.*s\n", STR_ARG(term_clean(c->life, x.words, false)));
    term_say(&c->t, "Wording %" PRId64 ", %s. To be shown: %.*s. May be shown: %.*s.\n", x.wording,
             story_state_name(x.state), STR_ARG(places_words(c->life, &x, false, 0)),
             STR_ARG(places_words(c->life, &x, true, k->at.now_us)));
    for (size_t i = 0; i < n; i++)
        term_say(&c->t, "  %.*s  wording %" PRId64 " %.*s by %.*s%s%.*s\n",
                 STR_ARG(say_time(c->life, k->at.z, steps[i].at_us)), steps[i].wording, STR_ARG(steps[i].what),
                 STR_ARG(term_clean(c->life, steps[i].by, true)),
                 str_eq(steps[i].what, S("written")) || !steps[i].words.len ? "" : ": ",
                 STR_ARG(str_eq(steps[i].what, S("written")) ? S("") : term_clean(c->life, steps[i].words, true)));
    return true;
}

// ---- written ----

static bool places_in(const story_opts *o, uint32_t *bits, err *e) {
    if (o->places.n) *bits = 0;
    for (size_t i = 0; i < o->places.n; i++) {
        int p = story_place_of(o->places.v[i]);
        if (p < 0) return fail(e, ERR_usage, "--place takes staff, website, newsletter, social or sales");
        *bits |= 1u << p;
    }
    return true;
}

static bool write_it(story_at *k, bool fresh, err *e) {
    cli *c = k->at.c;
    const char *field;
    int64_t id;
    if (fresh ? !customer_in(&k->at, c->args.v[1], &k->x.customer, e)
              : !cli_id("a story", c->args.v[1], &id, e) || !story_get(c->life, k->at.s, id, &k->x, e))
        return false;
    if (k->o->title.len) k->x.title = k->o->title;
    if (k->o->words.len) k->x.words = k->o->words;
    return places_in(k->o, &k->x.places, e) && story_write(k->l, c->life, &k->x, redline_me(c), &field, e);
}

static bool until_in(story_at *k, int64_t *at_us, err *e) {
    if (!k->o->until.len) return true;
    if (!cli_time(k->at.c, k->at.z, "until", k->o->until, at_us, e)) return false;
    if (k->o->until.len == sizeof "2026-11-06" - 1) *at_us = zone_day_start_us(k->at.z, zone_days(k->at.z, *at_us) + 1);
    return true;
}

static bool step(story_at *k, str verb, err *e) {
    cli *c = k->at.c;
    str by = redline_me(c), how = k->o->how;
    int64_t id, until = 0;
    bool yes = str_eq(verb, S("approve"));
    if (!cli_id("a story", c->args.v[1], &id, e)) return false;
    if (str_eq(verb, S("ask"))) return story_ask(k->l, c->life, id, how, by, &k->x, e);
    if (str_eq(verb, S("withdraw"))) return story_withdraw(k->l, c->life, id, how, by, &k->x, e);
    if (!how.len) return fail(e, ERR_usage, "say --how the customer answered, as 'mail of 3 May'");
    return until_in(k, &until, e) && story_answer(k->l, c->life, id, k->o->wording, yes, until, how, by, &k->x, e);
}

static bool piece(void *ctx, desk *d, err *e) {
    story_at *k = ctx;
    str verb = k->at.c->args.v[0];
    k->l = know_ledger(d->k);
    if (!redline_begin(&k->at, d->s, e)) return false;
    if (str_eq(verb, S("add")) || str_eq(verb, S("edit"))) return write_it(k, str_eq(verb, S("add")), e);
    return step(k, verb, e);
}

static bool write_run(story_at *k, err *e) {
    cli *c = k->at.c;
    desk d;
    reply r;
    if (!desk_open(c, "do it by its address /api/stories", &d, e)) return false;
    bool ok = desk_run(&d, piece, k, e);
    if (ok && c->g.json) {
        reply_open(&r, c);
        story_json(&r.j, NULL, &k->x, k->at.now_us);
        reply_close(&r);
    } else if (ok)
        term_say(&c->t, "Story %" PRId64 ", %.*s: wording %" PRId64 " is %s. Shown: %.*s.\n", k->x.id,
                 STR_ARG(term_clean(c->life, k->x.title, true)), k->x.wording, story_state_name(k->x.state),
                 STR_ARG(places_words(c->life, &k->x, true, k->at.now_us)));
    desk_close(&d);
    return ok;
}

// ---- the command ----

static const struct {
    const char *name, *takes;
    size_t words;
    bool (*read)(story_at *k, err *e);
} verbs[] = {{"list", "", 1, list_run},
             {"feed", "", 1, feed_run},
             {"show", " ID", 2, show_run},
             {"add", " CUSTOMER --title TEXT --words TEXT --place PLACE", 2, NULL},
             {"edit", " ID …", 2, NULL},
             {"ask", " ID", 2, NULL},
             {"approve", " ID --how TEXT", 2, NULL},
             {"decline", " ID --how TEXT", 2, NULL},
             {"withdraw", " ID", 2, NULL}};

static bool run(cli *c, const void *options, err *e) {
    story_at k = {.at = {.c = c}, .o = options};
    str verb = c->args.n ? c->args.v[0] : S("list");
    store *s;
    size_t i = 0;
    while (i < COUNT(verbs) && !str_eq(verb, str_c(verbs[i].name))) i++;
    if (i == COUNT(verbs))
        return fail(e, ERR_usage,
                    "'%.*s' is none of its words: list, feed, show, add, edit, ask, approve, decline, withdraw",
                    (int)MIN(verb.len, (size_t)40), verb.s);
    if (c->args.n && c->args.n != verbs[i].words)
        return fail(e, ERR_usage, "write heed story %s%s", verbs[i].name, verbs[i].takes);
    if (!verbs[i].read) return write_run(&k, e);
    if (!place_read(c, &s, e)) return false;
    bool ok = store_begin_read(s, e) && redline_begin(&k.at, s, e) && verbs[i].read(&k, e);
    store_close(s);
    return ok;
}

const cmd cmd_story = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(story_opts),
    .defaults = &defaults,
    .max_args = 2,
    .run = run,
    .more =
        "A story of a customer's success. Nothing of it is shown, not even to colleagues, before the customer has "
        "approved "
        "this very wording for these very places, nor after the approval has ended; 'edit' makes another wording, "
        "which "
        "has to be asked for again. 'feed' shows what may be shown in a place, to staff unless --place says otherwise.",
    .examples = "heed story add 17 --title 'A café in a week' --words 'They opened within a week.' --place staff "
                "--place website\n"
                "heed story ask 184 --how 'mail of 2 November'\n"
                "heed story approve 184 --how 'mail of 3 November' --until 2027-11-02\n"
                "heed story feed",
    .json = "list, feed: {\"stories\":[{\"id\",\"customer\",\"title\",\"words\",\"wording\",\"state\",\"approved\","
            "\"approved_at\",\"until\",\"places\",\"shown\",\"by\",\"made\",\"version\"}]}; the others: one of them",
};
