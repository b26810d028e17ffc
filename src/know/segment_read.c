// Rules from JSON and back.
#include "base/money.h"

#include "know/feedback.h"
#include "know/segment_private.h"

enum { NEITHER = 0, WINDOW = 1, PAST = 2, BOTH = 3, MOST_LIST = 100, MOST_TEXT = 200, MOST_CHAIN = 16 };

#define WORD_NUMBER "number"
#define WORD_MONEY  "money"
#define WORD_DAYS   "days"
#define WORD_TIME   "time"
#define WORD_FLAG   "flag"
#define WORD_SCORE  "score"
#define WORD_SET    "set"

static const field_info infos[] = {
#define SEGMENT_FIELD(name, type, from, column, may, text)                                                             \
    {{#name, WORD_##type, text, ((may)&WINDOW) != 0, ((may)&PAST) != 0}, TYPE_##type, FROM_##from, COLUMN_##column},
#include "know/segment_fields.def"
};

const field_info *segment_field_of(str name) {
    for (size_t i = 0; i < COUNT(infos); i++)
        if (str_eq(name, str_c(infos[i].shown.name))) return &infos[i];
    return NULL;
}

const segment_field *segment_field_at(size_t i) {
    return i < COUNT(infos) ? &infos[i].shown : NULL;
}

const char *rule_op_name(enum rule_op o) {
    static const char *const names[] = {"=", "!=", "<", "<=", ">", ">=", "in", "known", "unknown"};
    return names[o];
}

// ---- reading ----

typedef struct {
    arena *a;
    store *s;
    segment_rule *r;
    int32_t room_nodes, room_tests;
    char *field;
    size_t len; // of the place so far
    int depth;
    int64_t chain[MOST_CHAIN]; // segments that lead here
    int n_chain;
    err *e;
} reader;

static size_t enter(reader *k, const char *name) {
    size_t before = k->len;
    int n = snprintf(k->field + k->len, SEGMENT_FIELD_LEN - k->len, "%s%s", k->len ? "." : "", name);
    k->len = MIN(k->len + (size_t)n, (size_t)SEGMENT_FIELD_LEN - 1);
    return before;
}

static void leave(reader *k, size_t before) {
    k->len = before;
    k->field[before] = 0;
}

__attribute__((format(printf, 3, 4))) static bool wrong(reader *k, const char *at, const char *fmt, ...) {
    char text[sizeof k->e->msg];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (at) enter(k, at);
    return fail(k->e, ERR_invalid, "%s", text);
}

static int32_t add_node(reader *k, rule_node x) {
    segment_rule *r = k->r;
    if (r->n_nodes == k->room_nodes) {
        rule_node *more = make(k->a, rule_node, k->room_nodes = k->room_nodes ? k->room_nodes * 2 : 8);
        if (r->n_nodes) memcpy(more, r->nodes, (size_t)r->n_nodes * sizeof *more);
        r->nodes = more;
    }
    x.child = x.next = -1;
    r->nodes[r->n_nodes] = x;
    return r->n_nodes++;
}

static int32_t add_test(reader *k, rule_test x) {
    segment_rule *r = k->r;
    if (r->n_tests == k->room_tests) {
        rule_test *more = make(k->a, rule_test, k->room_tests = k->room_tests ? k->room_tests * 2 : 8);
        if (r->n_tests) memcpy(more, r->tests, (size_t)r->n_tests * sizeof *more);
        r->tests = more;
    }
    r->tests[r->n_tests] = x;
    return r->n_tests++;
}

static bool read_op(reader *k, const json_t *v, rule_test *t) {
    if (!v && t->field->type == TYPE_FLAG) return t->op = OP_EQ, true;
    if (!v) return wrong(k, "is", "'is' is missing: write one of = != < <= > >= in known unknown");
    str x = json_text(v);
    for (int o = 0; o < OPS; o++)
        if (json_is_string(v) && str_eq(x, str_c(rule_op_name((enum rule_op)o)))) {
            t->op = (enum rule_op)o;
            bool set = t->field->type == TYPE_SET, flag = t->field->type == TYPE_FLAG;
            bool fits = o == OP_EQ || ((o == OP_NE || o >= OP_KNOWN) && !flag) || (o == OP_IN && set) ||
                        (o >= OP_LT && o <= OP_GE && !set && !flag);
            return fits || wrong(k, "is", "'%s' cannot be asked of '%s'; %s", rule_op_name(t->op), t->field->shown.name,
                                 set    ? "take = != in known or unknown"
                                 : flag ? "it is true or false"
                                        : "take = != < <= > >= known or unknown");
        }
    return wrong(k, "is", "'is' must be one of = != < <= > >= in known unknown");
}

static bool read_whole(reader *k, const json_t *v, rule_test *t) {
    if (!json_is_integer(v)) return wrong(k, "value", "'%s' is compared with a whole number", t->field->shown.name);
    t->value = json_integer_value(v);
    bool days = t->field->type == TYPE_DAYS;
    return !days || (t->value >= -MOST_DAYS && t->value <= MOST_DAYS) ||
           wrong(k, "value", "'%s' goes to %d days", t->field->shown.name, MOST_DAYS);
}

static bool read_money(reader *k, const json_t *v, rule_test *t) {
    const json_t *minor = json_object_get(v, "value"), *code = json_object_get(v, "currency");
    const currency *c = json_is_string(code) ? currency_of(json_text(code)) : NULL;
    if (!json_is_integer(minor) || json_object_size(v) != 2 || !c)
        return wrong(k, "value",
                     "'%s' is compared with money: {\"value\": 10000, \"currency\": \"EUR\"} are 100.00 EUR",
                     t->field->shown.name);
    t->value = json_integer_value(minor), t->unit = c->number;
    return true;
}

static bool read_score(reader *k, const json_t *v, rule_test *t) {
    double x = json_number_value(v);
    if (!json_is_number(v) || x < -1000 || x > 1000)
        return wrong(k, "value", "'%s' is compared with a score, such as 9", t->field->shown.name);
    t->value = (int64_t)(x * 100 + (x < 0 ? -0.5 : 0.5));
    return true;
}

static bool read_time(reader *k, const json_t *v, rule_test *t) {
    int64_t at;
    str x = json_text(v);
    if (!json_is_string(v) || x.len < 10 || x.len > 40 || x.s[4] != '-' || !time_parse(x, NULL, 0, &at))
        return wrong(k, "value",
                     "'%s' is compared with a day like \"2026-01-31\" or a time like \"2026-01-31T09:30:00Z\"",
                     t->field->shown.name);
    t->text = str_dup(k->a, x);
    return true;
}

static const char *const moods[] = {"unhappy", "neither", "happy"};

// A text of a set in its one form; of a closed list it must be one of it.
static bool read_text(reader *k, const json_t *v, rule_test *t, str *out) {
    str x = json_text(v);
    const char *name = t->field->shown.name;
    if (!json_is_string(v) || !x.len || x.len > MOST_TEXT)
        return wrong(k, "value", "'%s' is compared with text of at most %d bytes", name, MOST_TEXT);
    switch (t->field->from) {
    case FROM_CHANNEL:
        for (int c = 0; c < 64; c++)
            if (str_eq(x, channel_name((enum channel)c)))
                return t->bits |= (uint64_t)1 << c, *out = channel_name((enum channel)c), true;
        return wrong(k, "value", "there is no channel '%.*s'; take email, chat, phone, shop, reviews, survey …",
                     STR_ARG(x));
    case FROM_IDENT:
        for (int i = 1; i < 64; i++)
            if (str_eq(x, ident_name((enum ident_kind)i)))
                return t->bits |= (uint64_t)1 << i, *out = ident_name((enum ident_kind)i), true;
        return wrong(k, "value", "there is no kind of identifier '%.*s'; take email, phone, user_id …", STR_ARG(x));
    case FROM_MOOD:
        for (int i = 0; i < 3; i++)
            if (str_eq(x, str_c(moods[i]))) return t->bits |= (uint64_t)1 << i, *out = str_c(moods[i]), true;
        return wrong(k, "value", "there is no mood '%.*s'; take unhappy, neither or happy", STR_ARG(x));
    case FROM_CURRENCY: {
        const currency *c = currency_of(x);
        if (!c) return wrong(k, "value", "there is no currency '%.*s'; take its code, such as EUR", STR_ARG(x));
        return *out = str_c(c->code), true;
    }
    default: return *out = str_dup(k->a, x), true;
    }
}

static bool read_set(reader *k, const json_t *v, rule_test *t) {
    bool list = t->op == OP_IN;
    if (list != json_is_array(v) || (list && (!json_array_size(v) || json_array_size(v) > MOST_LIST)))
        return wrong(k, "value",
                     list ? "'in' takes a list of 1 to %d texts"
                          : "'value' must be one text; 'in' takes a list (of at most %d)",
                     MOST_LIST);
    t->n_list = list ? json_array_size(v) : 1;
    t->list = make(k->a, str, t->n_list);
    for (size_t i = 0; i < t->n_list; i++)
        if (!read_text(k, list ? json_array_get(v, i) : v, t, &t->list[i])) return false;
    return true;
}

static bool read_value(reader *k, const json_t *v, rule_test *t) {
    if (t->op == OP_KNOWN || t->op == OP_UNKNOWN)
        return !v || wrong(k, "value", "'%s' needs no value", rule_op_name(t->op));
    if (!v && t->field->type != TYPE_FLAG)
        return wrong(k, "value", "'value' is missing: what is '%s' compared with?", t->field->shown.name);
    switch (t->field->type) {
    case TYPE_NUMBER:
    case TYPE_DAYS: return read_whole(k, v, t);
    case TYPE_MONEY: return read_money(k, v, t);
    case TYPE_SCORE: return read_score(k, v, t);
    case TYPE_TIME: return read_time(k, v, t);
    case TYPE_SET: return read_set(k, v, t);
    case TYPE_FLAG:
        t->value = !v || json_is_true(v);
        return !v || json_is_boolean(v) || wrong(k, "value", "'%s' is true or false", t->field->shown.name);
    }
    return false;
}

static bool read_window(reader *k, const json_t *v, rule_test *t) {
    if (!v) return true;
    if (!t->field->shown.window)
        return wrong(k, "in_days", "'%s' is not counted by day; leave 'in_days' out", t->field->shown.name);
    if (t->op >= OP_KNOWN) return wrong(k, "in_days", "a count of some days is always known");
    if (!json_is_integer(v) || json_integer_value(v) < 1 || json_integer_value(v) > MOST_DAYS)
        return wrong(k, "in_days", "'in_days' must be a whole number from 1 to %d", MOST_DAYS);
    t->in_days = (int32_t)json_integer_value(v);
    return true;
}

static bool read_instrument(reader *k, const json_t *v, rule_test *t) {
    bool wanted = t->field->type == TYPE_SCORE;
    if (!v && !wanted) return true;
    if (!wanted) return wrong(k, "instrument", "'%s' has no instrument; leave it out", t->field->shown.name);
    t->unit = json_is_string(v) ? (int32_t)instrument_of(json_text(v)) : 0;
    return t->unit ||
           wrong(k, "instrument", "'instrument' must be one of nps, csat5, ces7, stars5, csat3, csat7, thumbs, …");
}

static bool only_known(reader *k, const json_t *v) {
    static const char *const known[] = {"field", "is", "value", "in_days", "instrument"};
    const char *key;
    json_t *x;
    json_object_foreach((json_t *)(uintptr_t)v, key, x) {
        bool found = false;
        for (size_t i = 0; i < COUNT(known); i++) found |= !strcmp(key, known[i]);
        if (!found)
            return wrong(k, NULL, "'%.40s' is not known here: a condition has field, is, value, in_days and instrument",
                         key);
    }
    return true;
}

static bool read_test(reader *k, const json_t *v, int32_t *out) {
    str name = json_text(json_object_get(v, "field"));
    rule_test t = {.field = segment_field_of(name), .side = -1};
    if (!only_known(k, v)) return false;
    if (!t.field)
        return wrong(k, "field", "there is no field '%.*s'; 'heed segment fields' and /api/segments/fields list them",
                     (int)MIN(name.len, 60), name.s);
    if (!read_op(k, json_object_get(v, "is"), &t) || !read_instrument(k, json_object_get(v, "instrument"), &t) ||
        !read_value(k, json_object_get(v, "value"), &t) || !read_window(k, json_object_get(v, "in_days"), &t))
        return false;
    *out = add_node(k, (rule_node){.kind = NODE_TEST, .test = add_test(k, t)});
    return true;
}

static bool read_node(reader *k, const json_t *v, int32_t *out);

static bool read_list(reader *k, const json_t *v, enum node_kind kind, const char *name, int32_t *out) {
    size_t before = enter(k, name);
    if (!json_is_array(v)) return wrong(k, NULL, "'%s' takes a list of conditions", name);
    int32_t node = *out = add_node(k, (rule_node){.kind = kind}), last = -1, child;
    for (size_t i = 0; i < json_array_size(v); i++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", i);
        size_t here = enter(k, number);
        if (!read_node(k, json_array_get(v, i), &child)) return false;
        leave(k, here);
        *(last < 0 ? &k->r->nodes[node].child : &k->r->nodes[last].next) = child;
        last = child;
    }
    leave(k, before);
    return true;
}

static bool read_not(reader *k, const json_t *v, int32_t *out) {
    size_t before = enter(k, "not");
    int32_t node = *out = add_node(k, (rule_node){.kind = NODE_NOT}), child;
    if (!read_node(k, v, &child)) return false;
    k->r->nodes[node].child = child;
    leave(k, before);
    return true;
}

// What a named segment says stands in its place.
static bool read_named(reader *k, const json_t *v, int32_t *out) {
    segment_row x;
    json_t *rule = NULL;
    int64_t id = json_integer_value(v);
    int32_t child;
    if (!json_is_integer(v) || id <= 0) return wrong(k, "segment", "'segment' must be the number of a segment");
    for (int i = 0; i < k->n_chain; i++)
        if (k->chain[i] == id) return wrong(k, "segment", "segment %" PRId64 " leads back to itself; take it out", id);
    if (k->n_chain == MOST_CHAIN)
        return wrong(k, "segment", "segments name one another %d deep; say it more plainly", MOST_CHAIN);
    if (!segment_get_id(k->a, k->s, id, &x, k->e))
        return err_ok(k->e) ? wrong(k, "segment", "there is no segment %" PRId64, id) : false;
    if (!json_read(x.rule, &rule, k->e)) return false;
    size_t before = enter(k, "segment"), len = k->len;
    int32_t node = *out = add_node(k, (rule_node){.kind = NODE_SEGMENT, .segment = id, .name = x.name});
    k->chain[k->n_chain++] = id;
    bool ok = read_node(k, rule, &child);
    json_decref(rule);
    if (!ok) return leave(k, len), false; // the place is here, not within the other one
    k->n_chain--;
    k->r->nodes[node].child = child;
    leave(k, before);
    return true;
}

static bool one_member(reader *k, const json_t *v, const char *name) {
    return json_object_size(v) == 1 || wrong(k, NULL, "'%s' stands alone; put the rest into an \"all\"", name);
}

static bool read_node(reader *k, const json_t *v, int32_t *out) {
    bool ok = false;
    if (!json_is_object(v))
        return wrong(k, NULL,
                     "a rule is {\"all\": […]}, {\"any\": […]}, {\"not\": …}, {\"segment\": 7} or {\"field\": …}");
    if (k->depth == MOST_DEPTH) return wrong(k, NULL, "the rule is nested more than %d deep", MOST_DEPTH);
    if (k->r->n_nodes >= MOST_NODES) return wrong(k, NULL, "the rule has more than %d parts", MOST_NODES);
    k->depth++;
    const json_t *all = json_object_get(v, "all"), *any = json_object_get(v, "any"), *no = json_object_get(v, "not"),
                 *named = json_object_get(v, "segment");
    if (json_object_get(v, "field"))
        ok = read_test(k, v, out);
    else if (all)
        ok = one_member(k, v, "all") && read_list(k, all, NODE_ALL, "all", out);
    else if (any)
        ok = one_member(k, v, "any") && read_list(k, any, NODE_ANY, "any", out);
    else if (no)
        ok = one_member(k, v, "not") && read_not(k, no, out);
    else if (named)
        ok = one_member(k, v, "segment") && read_named(k, named, out);
    else
        ok = wrong(k, NULL,
                   "a rule is {\"all\": […]}, {\"any\": […]}, {\"not\": …}, {\"segment\": 7} or {\"field\": …}");
    k->depth--;
    return ok;
}

bool segment_read(arena *a, store *s, const json_t *rule, int64_t self, segment_rule **out,
                  char field[SEGMENT_FIELD_LEN], err *e) {
    reader k = {.a = a, .s = s, .r = make(a, segment_rule, 1), .field = field, .e = e};
    field[0] = 0;
    if (self) k.chain[k.n_chain++] = self;
    if (!read_node(&k, rule, &k.r->root)) return false;
    segment_compile(k.r);
    *out = k.r;
    return true;
}

// ---- writing ----

// What a test compares with.
static void segment_put_value(json_out *j, const char *key, const rule_test *t) {
    const currency *c = currency_by_number(t->unit);
    switch (t->field->type) {
    case TYPE_NUMBER:
    case TYPE_DAYS: json_put_int(j, key, t->value); return;
    case TYPE_FLAG: json_put_bool(j, key, t->value != 0); return;
    case TYPE_SCORE: json_put_num(j, key, (double)t->value / 100); return;
    case TYPE_TIME: json_put_str(j, key, t->text); return;
    case TYPE_MONEY:
        json_open(j, key, '{');
        json_put_int(j, "value", t->value);
        json_put_str(j, "currency", str_c(c ? c->code : ""));
        json_close(j, '}');
        return;
    case TYPE_SET: break;
    }
    if (t->op != OP_IN) return json_put_str(j, key, t->list[0]);
    json_open(j, key, '[');
    for (size_t i = 0; i < t->n_list; i++) json_put_str(j, NULL, t->list[i]);
    json_close(j, ']');
}

void segment_put_test(json_out *j, const rule_test *t) {
    json_put_str(j, "field", str_c(t->field->shown.name));
    if (t->field->type == TYPE_SCORE) json_put_str(j, "instrument", instrument_name((enum instrument)t->unit));
    if (t->in_days) json_put_int(j, "in_days", t->in_days);
    json_put_str(j, "is", str_c(rule_op_name(t->op)));
    if (t->op < OP_KNOWN) segment_put_value(j, "value", t);
}

static void put_node(json_out *j, const char *key, const segment_rule *r, int32_t i, bool expand) {
    const rule_node *n = &r->nodes[i];
    switch (n->kind) {
    case NODE_TEST:
        json_open(j, key, '{');
        segment_put_test(j, &r->tests[n->test]);
        json_close(j, '}');
        return;
    case NODE_NOT:
        json_open(j, key, '{');
        put_node(j, "not", r, n->child, expand);
        json_close(j, '}');
        return;
    case NODE_SEGMENT:
        json_open(j, key, '{');
        json_put_int(j, "segment", n->segment);
        if (expand) put_node(j, "rule", r, n->child, expand);
        json_close(j, '}');
        return;
    case NODE_ALL:
    case NODE_ANY: break;
    }
    json_open(j, key, '{');
    json_open(j, n->kind == NODE_ALL ? "all" : "any", '[');
    for (int32_t c = n->child; c >= 0; c = r->nodes[c].next) put_node(j, NULL, r, c, expand);
    json_close(j, ']');
    json_close(j, '}');
}

void segment_json(json_out *j, const char *key, const segment_rule *r) {
    put_node(j, key, r, r->root, false);
}

uint64_t segment_print(const segment_rule *r) {
    arena a = arena_open((size_t)1 << 26);
    buf b = buf_new(&a, (size_t)1 << 25);
    json_out j = json_to(&b);
    put_node(&j, NULL, r, r->root, true);
    uint64_t print = str_hash(buf_str(&b));
    arena_close(&a);
    return print;
}
