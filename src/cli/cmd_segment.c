// heed segment: kept rules over customers.
#include "base/money.h"
#include "cli/desk.h"
#include "cli/place.h"
#include "cli/say.h"
#include "know/fold.h"
#include "know/people.h"
#include "know/segment.h"

typedef struct {
    str about, as_of;
    int64_t limit;
} segment_opts;

static const segment_opts defaults = {.limit = 20};

static const opt opts[] = {
    {"about", 0, OPT_TEXT, offsetof(segment_opts, about), "TEXT", "what a new segment is for"},
    {"as-of", 0, OPT_TEXT, offsetof(segment_opts, as_of), "DAY",
     "members and preview: as it was at the end of this day"},
    {"limit", 'n', OPT_NUMBER, offsetof(segment_opts, limit), "N",
     "at most so many customers; 20 unless given, 0: all"},
};

// A command at hand, with a store to read.
typedef struct {
    cli *c;
    const segment_opts *o;
    store *s;
    settings set;
    zone *z;
    int64_t now_us;
    bool past;
} asked;

// ---- rules ----

// The words after the first `from`, as they were typed.
static str words_from(const cli *c, size_t from) {
    buf b = buf_new(c->life, 1 << 17);
    for (size_t i = from; i < c->args.n; i++) {
        if (i > from) buf_addc(&b, ' ');
        buf_add(&b, c->args.v[i]);
    }
    return buf_str(&b);
}

static bool read_rule(const cli *c, store *s, str text, int64_t self, segment_rule **r, err *e) {
    char field[SEGMENT_FIELD_LEN];
    err why = {0};
    if (segment_read_text(c->life, s, text, self, r, field, &why)) return true;
    if (why.code != ERR_invalid || !field[0]) return *e = why, false;
    return fail(e, ERR_invalid, "at '%s': %s", field, why.msg);
}

static bool find(const asked *k, str which, segment_row *x, segment_rule **r, err *e) {
    if (!segment_get(k->c->life, k->s, which, x, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no segment '%.*s'; 'heed segment list' names them",
                                (int)MIN(which.len, 60), which.s)
                         : false;
    return read_rule(k->c, k->s, x->rule, x->id, r, e);
}

static void put_segment(json_out *j, arena *a, const segment_row *x, const segment_rule *r) {
    json_open(j, NULL, '{');
    json_put_int(j, "segment", x->id);
    json_put_str(j, "name", x->name);
    json_put_str(j, "about", x->about);
    segment_json(j, "rule", r);
    json_put_str(j, "words", segment_words(a, r));
    json_close(j, '}');
}

// ---- list, show, fields ----

typedef struct {
    const asked *k;
    table *t;
    reply *r;
    int64_t n;
} listing;

static bool list_one(void *ctx, const segment_row *x, err *e) {
    listing *l = ctx;
    arena *a = l->k->c->life;
    segment_rule *r = NULL;
    char field[SEGMENT_FIELD_LEN];
    err why = {0};
    bool sound = segment_read_text(a, l->k->s, x->rule, x->id, &r, field, &why);
    (void)e;
    l->n++;
    if (l->r && sound) put_segment(&l->r->j, a, x, r);
    if (l->r) return true;
    table_add(l->t, STYLE_plain, str_fmt(a, "%" PRId64, x->id));
    table_add(l->t, STYLE_bold, term_clean(a, x->name, true));
    table_add(l->t, STYLE_plain, sound ? term_clean(a, segment_words(a, r), true) : str_dup(a, str_c(why.msg)));
    return true;
}

static bool list(const asked *k, err *e) {
    static const table_col cols[] = {{NULL, true, false}, {NULL, false, false}, {NULL, false, true}};
    listing l = {.k = k, .t = table_new(k->c->life, cols, COUNT(cols))};
    reply r;
    if (k->c->g.json) {
        reply_open(&r, k->c);
        json_open(&r.j, NULL, '{');
        json_open(&r.j, "segments", '[');
        l.r = &r;
    }
    if (!segment_list(k->s, list_one, &l, e)) return false;
    if (k->c->g.json) {
        json_close(&r.j, ']');
        json_close(&r.j, '}');
        reply_close(&r);
    } else if (l.n)
        table_print(l.t, &k->c->t, 0);
    else
        term_say(&k->c->t, "There are no segments yet: heed segment add regulars 'orders >= 3'\n");
    return true;
}

static bool show_fields(const cli *c) {
    static const table_col cols[] = {{NULL, false, false}, {NULL, false, false}, {NULL, false, true}};
    const segment_field *f;
    table *t = table_new(c->life, cols, COUNT(cols));
    reply r;
    if (c->g.json) {
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_open(&r.j, "fields", '[');
    }
    for (size_t i = 0; (f = segment_field_at(i)); i++) {
        if (c->g.json) {
            json_open(&r.j, NULL, '{');
            json_put_str(&r.j, "name", str_c(f->name));
            json_put_str(&r.j, "type", str_c(f->type));
            json_put_bool(&r.j, "window", f->window);
            json_put_bool(&r.j, "past", f->past);
            json_put_str(&r.j, "text", str_c(f->text));
            json_close(&r.j, '}');
            continue;
        }
        table_add(t, STYLE_bold, str_c(f->name));
        table_add(t, STYLE_dim, str_c(f->type));
        table_add(t, STYLE_plain, str_c(f->text));
    }
    if (c->g.json) {
        json_close(&r.j, ']');
        json_close(&r.j, '}');
        reply_close(&r);
    } else
        table_print(t, &c->t, 0);
    return true;
}

// ---- who is in it ----

typedef struct {
    int64_t *ids;
    size_t n, most;
} some;

static bool take(void *ctx, const summary *x, err *e) {
    some *k = ctx;
    (void)e;
    if (k->n < k->most) k->ids[k->n++] = x->customer_id;
    return true;
}

static void show_cards(const asked *k, const people_card *cards, size_t n) {
    static const table_col cols[] = {{"customer", false, false}, {"name", false, true},  {"known by", false, true},
                                     {"orders", true, false},    {"worth", true, false}, {"last seen", false, false}};
    arena *a = k->c->life;
    table *t = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < n; i++) {
        const people_card *p = &cards[i];
        table_add(t, STYLE_plain, str_fmt(a, "customer:%" PRId64, p->id));
        table_add(t, STYLE_bold, term_clean(a, p->name, true));
        table_add(t, STYLE_plain, term_clean(a, p->known_by, true));
        table_add(t, STYLE_plain, term_count(a, p->sum.orders));
        table_add(t, STYLE_plain, p->sum.order_value ? say_money(a, p->sum.order_value, p->sum.currency) : S(""));
        table_add(t, STYLE_plain, say_day(a, k->z, p->sum.last_us));
    }
    if (n) table_print(t, &k->c->t, 2);
}

static void put_cards(json_out *j, const people_card *cards, size_t n) {
    json_open(j, "customers", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(j, NULL, '{');
        json_put_int(j, "customer", cards[i].id);
        json_put_str(j, "name", cards[i].name);
        json_close(j, '}');
    }
    json_close(j, ']');
}

// How many there are, and the first of them.
static bool answer(const asked *k, const segment_row *x, const segment_rule *rule, err *e) {
    int64_t members, of;
    arena *a = k->c->life;
    size_t most = k->o->limit ? (size_t)MIN(k->o->limit, INT64_C(1) << 22) : (size_t)1 << 22;
    some found = {.ids = make(a, int64_t, most), .most = most};
    segment_ask ask = {.rule = rule,
                       .now_us = k->now_us,
                       .past = k->past,
                       .take = take,
                       .ctx = &found,
                       .members = &members,
                       .seen = &of};
    if (!segment_scan(k->s, &ask, e)) return false;
    people_card *cards = make(a, people_card, found.n + 1);
    for (size_t i = 0; i < found.n; i++) cards[i].id = found.ids[i];
    if (!people_fill(a, k->s, cards, found.n, e)) return false;
    if (k->c->g.json) {
        reply r;
        reply_open(&r, k->c);
        json_open(&r.j, NULL, '{');
        if (x) json_put_str(&r.j, "name", x->name);
        segment_json(&r.j, "rule", rule);
        json_put_str(&r.j, "words", segment_words(a, rule));
        json_put_int(&r.j, "members", members);
        json_put_int(&r.j, "of", of);
        put_cards(&r.j, cards, found.n);
        json_close(&r.j, '}');
        reply_close(&r);
        return true;
    }
    settings_mark(k->c, &k->set);
    if (x) term_put(&k->c->t, STYLE_bold, term_clean(a, x->name, true)), term_say(&k->c->t, "  ");
    term_say(&k->c->t, "%.*s\n", STR_ARG(term_clean(a, segment_words(a, rule), true)));
    if (x && x->about.len) term_say(&k->c->t, "%.*s\n", STR_ARG(term_clean(a, x->about, true)));
    term_say(&k->c->t, "%.*s of %.*s%s%.*s\n", STR_ARG(term_count(a, members)),
             STR_ARG(say_n(a, of, "customer", "customers")), k->past ? " at the end of " : "",
             STR_ARG(k->past ? say_day(a, k->z, k->now_us) : S("")));
    show_cards(k, cards, found.n);
    if ((int64_t)found.n < members) term_say(&k->c->t, "  There are more: --limit 0 shows all.\n");
    return true;
}

static bool members(const asked *k, err *e) {
    segment_row x;
    segment_rule *r;
    return find(k, k->c->args.v[1], &x, &r, e) && answer(k, &x, r, e);
}

static bool preview(const asked *k, err *e) {
    segment_rule *r;
    return read_rule(k->c, k->s, words_from(k->c, 1), 0, &r, e) && answer(k, NULL, r, e);
}

// ---- why ----

static str actual_text(arena *a, const json_t *v) {
    const json_t *code = json_object_get(v, "currency");
    if (!v || json_is_null(v)) return S("not known");
    if (code) return money_str(a, json_integer_value(json_object_get(v, "value")), currency_of(json_text(code)));
    if (!json_is_array(v)) return json_is_string(v) ? str_dup(a, json_text(v)) : json_scalar(a, v);
    buf b = buf_new(a, 4096);
    for (size_t i = 0; i < json_array_size(v); i++) {
        if (i) buf_add(&b, S(", "));
        buf_add(&b, json_text(json_array_get(v, i)));
    }
    return json_array_size(v) ? buf_str(&b) : S("none");
}

// A condition as it was asked, without what stands there.
static str test_words(const asked *k, json_t *v) {
    arena *a = k->c->life;
    segment_rule *r;
    char field[SEGMENT_FIELD_LEN];
    err quiet = {0};
    json_t *plain = json_copy(v);
    json_object_del(plain, "actual"), json_object_del(plain, "holds");
    bool ok = segment_read(a, k->s, plain, 0, &r, field, &quiet);
    json_decref(plain);
    return ok ? segment_words(a, r) : S("");
}

static void show_reason(const asked *k, table *t, json_t *v, int deep) {
    static const struct { const char *key, *words; } lists[] = {{"all", "all of"}, {"any", "any of"}};
    arena *a = k->c->life;
    json_t *no = json_object_get(v, "not"), *inner = json_object_get(v, "rule"), *list = NULL;
    str what = S(""), actual = S("");
    bool holds = json_is_true(json_object_get(v, "holds"));
    for (size_t i = 0; i < COUNT(lists); i++)
        if (json_object_get(v, lists[i].key)) list = json_object_get(v, lists[i].key), what = str_c(lists[i].words);
    if (no) what = S("not");
    if (inner) what = str_fmt(a, "segment %.*s", STR_ARG(json_text(json_object_get(v, "name"))));
    if (!what.len) what = test_words(k, v), actual = actual_text(a, json_object_get(v, "actual"));
    table_add(t, holds ? STYLE_good : STYLE_bad, holds ? S("yes") : S("no"));
    table_add(t, STYLE_plain, str_fmt(a, "%*s%.*s", 2 * deep, "", STR_ARG(term_clean(a, what, true))));
    table_add(t, STYLE_bold, term_clean(a, actual, true));
    for (size_t i = 0; i < json_array_size(list); i++) show_reason(k, t, json_array_get(list, i), deep + 1);
    if (no) show_reason(k, t, no, deep + 1);
    if (inner) show_reason(k, t, inner, deep + 1);
}

static bool explain(const asked *k, str json, const segment_row *x, int64_t customer, bool member, err *e) {
    static const table_col cols[] = {{NULL, false, false}, {NULL, false, false}, {NULL, false, true}};
    json_t *v = NULL;
    people_card card = {.id = customer};
    table *t = table_new(k->c->life, cols, COUNT(cols));
    if (!json_read(json, &v, e) || !people_fill(k->c->life, k->s, &card, 1, e)) return json_decref(v), false;
    show_reason(k, t, json_object_get(v, "rule"), 0);
    term_put(&k->c->t, STYLE_bold, term_clean(k->c->life, card.name, true));
    term_say(&k->c->t, " (customer:%" PRId64 ") is %s %.*s\n", customer, member ? "in" : "not in",
             STR_ARG(term_clean(k->c->life, x->name, true)));
    table_print(t, &k->c->t, 2);
    json_decref(v);
    return true;
}

static bool why(const asked *k, err *e) {
    segment_row x;
    segment_rule *r;
    int64_t customer;
    bool member;
    str id = k->c->args.v[2];
    if (str_starts(id, S("customer:"))) id = str_sub(id, 9, id.len);
    if (!cli_id("a customer", id, &customer, e) || !find(k, k->c->args.v[1], &x, &r, e)) return false;
    buf b = buf_new(k->c->life, 16 << 20);
    json_out j = json_to(&b);
    if (!segment_why(k->c->life, k->s, r, k->now_us, customer, &j, &member, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no customer %" PRId64, customer) : false;
    if (k->c->g.json) return term_say(&k->c->t, "%.*s\n", STR_ARG(buf_str(&b))), true;
    settings_mark(k->c, &k->set);
    return explain(k, buf_str(&b), &x, customer, member, e);
}

// ---- keeping ----

static bool add(cli *c, const segment_opts *o, err *e) {
    const char *user = getenv("USER");
    desk d;
    segment_rule *r;
    segment_row x = {.name = c->args.v[1], .about = o->about, .by = str_c(user && *user ? user : "a person")};
    if (!desk_open(c, "add it by its address /api/segments", &d, e)) return false;
    bool ok = store_begin(d.s, e) && read_rule(c, d.s, words_from(c, 2), 0, &r, e) &&
              segment_put(know_ledger(d.k), &x, r, c->w->now_us(c->w), e) && ledger_commit(know_ledger(d.k), e);
    if (ok && c->g.json) {
        reply out;
        reply_open(&out, c);
        put_segment(&out.j, c->life, &x, r);
        reply_close(&out);
    } else if (ok)
        term_say(&c->t, "Segment %" PRId64 ", %.*s: %.*s\n", x.id, STR_ARG(term_clean(c->life, x.name, true)),
                 STR_ARG(term_clean(c->life, segment_words(c->life, r), true)));
    desk_close(&d);
    return ok;
}

static bool drop(cli *c, err *e) {
    desk d;
    segment_row x;
    if (!desk_open(c, "remove it by its address /api/segments", &d, e)) return false;
    bool ok = store_begin(d.s, e);
    if (ok && !segment_get(c->life, d.s, c->args.v[1], &x, e))
        ok = err_ok(e) ? fail(e, ERR_not_found, "there is no segment '%.*s'; 'heed segment list' names them",
                              (int)MIN(c->args.v[1].len, 60), c->args.v[1].s)
                       : false;
    ok = ok && segment_remove(c->scratch, d.s, x.id, e) && store_commit(d.s, e);
    desk_close(&d);
    if (ok && c->g.json) term_say(&c->t, "{\"removed\":%" PRId64 "}\n", x.id);
    if (ok && !c->g.json) term_say(&c->t, "Removed: %.*s\n", STR_ARG(term_clean(c->life, x.name, true)));
    return ok;
}

// ---- the command ----

static bool read_day(asked *k, err *e) {
    int64_t at;
    k->now_us = k->c->w->now_us(k->c->w);
    if (!k->o->as_of.len) return true;
    if (!cli_time(k->c, k->z, "as-of", k->o->as_of, &at, e)) return false;
    if (zone_days(k->z, at) >= zone_days(k->z, k->now_us))
        return fail(e, ERR_usage, "--as-of takes a day that is over");
    k->now_us = at, k->past = true;
    return true;
}

enum verb { VERB_LIST, VERB_ADD, VERB_SHOW, VERB_MEMBERS, VERB_WHY, VERB_PREVIEW, VERB_REMOVE, VERB_FIELDS, VERBS };
static const struct {
    const char *name, *takes;
    size_t least, most;
} verbs[] = {{"list", "", 1, 1},
             {"add", " NAME RULE", 3, SIZE_MAX},
             {"show", " NAME", 2, 2},
             {"members", " NAME", 2, 2},
             {"why", " NAME CUSTOMER", 3, 3},
             {"preview", " RULE", 2, SIZE_MAX},
             {"remove", " NAME", 2, 2},
             {"fields", "", 1, 1}};

static bool verb_of(const cli *c, enum verb *v, err *e) {
    const char *names[VERBS];
    if (!c->args.n) return *v = VERB_LIST, true;
    for (int i = 0; i < VERBS; i++) {
        names[i] = verbs[i].name;
        if (!str_eq(c->args.v[0], str_c(verbs[i].name))) continue;
        *v = (enum verb)i;
        return (c->args.n >= verbs[i].least && c->args.n <= verbs[i].most) ||
               fail(e, ERR_usage, "write heed segment %s%s", verbs[i].name, verbs[i].takes);
    }
    const char *near = cli_nearest(c->args.v[0], names, VERBS);
    return fail(e, ERR_usage, "'%.*s' is none of its words%s%s: list, add, show, members, why, preview, remove, fields",
                (int)MIN(c->args.v[0].len, 40), c->args.v[0].s, near ? ", did you mean " : "", near ? near : "");
}

static bool ask(asked *k, enum verb v, err *e) {
    if (!store_begin_read(k->s, e) || !settings_read(k->c->life, k->s, &k->set, e) ||
        !zone_open(k->c->life, k->set.zone, &k->z, e) || !read_day(k, e))
        return false;
    switch (v) {
    case VERB_LIST: return list(k, e);
    case VERB_SHOW:
    case VERB_MEMBERS: return members(k, e);
    case VERB_WHY: return why(k, e);
    case VERB_PREVIEW: return preview(k, e);
    case VERB_ADD:
    case VERB_REMOVE:
    case VERB_FIELDS:
    case VERBS: break;
    }
    return true;
}

static bool run(cli *c, const void *options, err *e) {
    segment_opts o = *(const segment_opts *)options;
    asked k = {.c = c, .o = &o};
    enum verb v = VERB_LIST;
    if (!verb_of(c, &v, e)) return false;
    if (v == VERB_FIELDS) return show_fields(c);
    if (v == VERB_ADD) return add(c, &o, e);
    if (v == VERB_REMOVE) return drop(c, e);
    if (v == VERB_SHOW) o.limit = MIN(o.limit, 5);
    if (!place_read(c, &k.s, e)) return false;
    bool ok = ask(&k, v, e);
    store_close(k.s);
    return ok;
}

const cmd cmd_segment = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(segment_opts),
    .defaults = &defaults,
    .max_args = -1,
    .run = run,
    .more = "A segment is a named rule over what customers are, such as 'orders >= 3 and not country = DE'. Nobody is "
            "put into it: who is a member is asked of what is known, so it is never out of date, and 'why' tells of "
            "any customer which conditions hold, and what stands there.\n\n"
            "Conditions are joined by 'and', 'or', 'not' and brackets; 'segment NUMBER' stands for another segment. "
            "'orders in 90 days >= 2' counts what happened lately, 'score nps <= 6' asks for the last score on a "
            "scale, 'country known' whether there is one. 'fields' lists what can be asked; docs/segments.md explains "
            "all of it. Instead of words a rule may be JSON.",
    .examples = "heed segment add regulars 'orders >= 3 and days_since_order <= 90'\n"
                "heed segment preview 'order_value in 365 days >= 500 EUR and complaints in 90 days > 0'\n"
                "heed segment members regulars --as-of 2026-06-30\n"
                "heed segment why regulars customer:17",
    .json =
        "list: {\"segments\":[{\"segment\",\"name\",\"about\",\"rule\",\"words\"}]}; add: one of them; show, members "
        "and preview: {\"name\",\"rule\",\"words\",\"members\",\"of\",\"customers\":[{\"customer\",\"name\"}]}; why: "
        "{\"member\",\"rule\"}, each part of the rule with \"holds\", each condition with \"actual\"; remove: "
        "{\"removed\"}; fields: {\"fields\":[{\"name\",\"type\",\"window\",\"past\",\"text\"}]}",
};
