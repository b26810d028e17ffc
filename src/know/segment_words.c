// Rules in words: what people type and read. Words become JSON, so that one reader judges both.
//
//   rule  = side {"or" side}          side = part {("and" | ",") part}
//   part  = "not" part | "(" rule ")" | "everybody" | "nobody" | "segment" NUMBER | FIELD rest
//   rest  = ["in" NUMBER "days"] [INSTRUMENT] [IS VALUE | "in" "(" VALUE {"," VALUE} ")" | "known" | "unknown"]
#include "base/money.h"

#include "know/segment_private.h"

enum { MOST_RULE = 64 << 10 };

typedef struct {
    arena *a;
    str rest;
    str word; // the token at hand, without its quotes; empty at the end
    bool quoted, end;
    int depth;
    err *e;
} words;

static bool is_part(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) ||
           (c && strchr("_.:+-/@'&", c));
}

static bool take_quoted(words *w) {
    buf b = buf_new(w->a, MOST_RULE);
    size_t i = 1;
    for (; i < w->rest.len && w->rest.s[i] != '"'; i++) {
        if (w->rest.s[i] == '\\' && i + 1 < w->rest.len) i++;
        buf_addc(&b, w->rest.s[i]);
    }
    if (i >= w->rest.len) return fail(w->e, ERR_invalid, "a quotation mark is not closed");
    w->word = buf_str(&b), w->quoted = true;
    w->rest = str_sub(w->rest, i + 1, w->rest.len);
    return true;
}

static bool next(words *w) {
    w->rest = str_trim(w->rest), w->quoted = false;
    w->end = !w->rest.len, w->word = S("");
    if (w->end) return true;
    if (w->rest.s[0] == '"') return take_quoted(w);
    size_t n = 0;
    while (n < w->rest.len && is_part(w->rest.s[n])) n++;
    if (!n) n = w->rest.len > 1 && w->rest.s[1] == '=' && strchr("<>!", w->rest.s[0]) ? 2 : 1;
    w->word = str_sub(w->rest, 0, n);
    w->rest = str_sub(w->rest, n, w->rest.len);
    return true;
}

static bool is(const words *w, const char *what) {
    return !w->quoted && str_eq_ci(w->word, str_c(what));
}

static bool strange(words *w, const char *wanted) {
    if (w->end) return fail(w->e, ERR_invalid, "the rule ends where %s should follow", wanted);
    return fail(w->e, ERR_invalid, "'%.*s' stands where %s should", (int)MIN(w->word.len, 60), w->word.s, wanted);
}

static bool take_word(words *w, const char *what) {
    if (!is(w, what)) return strange(w, what);
    return next(w);
}

static json_t *text_json(str x) {
    return json_stringn(x.len ? x.s : "", x.len);
}

static json_t *list_of(const char *name, json_t *list) {
    json_t *v = json_object();
    json_object_set_new(v, name, list);
    return v;
}

static json_t *read_rule(words *w);

// ---- a value ----

// "100.00 EUR": an amount and its currency are two words.
static json_t *money_json(words *w) {
    str amount = w->word;
    int64_t minor;
    if (!next(w)) return NULL;
    const currency *c = currency_of(w->word);
    if (!c) return strange(w, "a currency, as in 100.00 EUR,"), NULL;
    if (!money_parse(amount, c, &minor, NULL))
        return fail(w->e, ERR_invalid, "'%.*s' is not an amount", (int)MIN(amount.len, 60), amount.s), NULL;
    json_t *v = json_object();
    json_object_set_new(v, "value", json_integer(minor));
    json_object_set_new(v, "currency", json_string(c->code));
    return next(w) ? v : (json_decref(v), NULL);
}

static json_t *value_json(words *w, const field_info *f) {
    int64_t i;
    double d;
    json_t *v = NULL;
    if (w->end) return strange(w, "a value"), NULL;
    if (f->type == TYPE_MONEY) return money_json(w);
    if (f->type == TYPE_FLAG && is(w, "true")) v = json_true();
    if (f->type == TYPE_FLAG && is(w, "false")) v = json_false();
    bool number = f->type == TYPE_NUMBER || f->type == TYPE_DAYS || f->type == TYPE_SCORE;
    if (number && str_i64(w->word, &i)) v = json_integer(i);
    if (!v && f->type == TYPE_SCORE && str_f64(w->word, &d)) v = json_real(d);
    if (!v) v = text_json(w->word);
    return next(w) ? v : (json_decref(v), NULL);
}

static json_t *values_json(words *w, const field_info *f) {
    json_t *list = json_array();
    bool ok = take_word(w, "(");
    while (ok) {
        json_t *v = value_json(w, f);
        ok = v && !json_array_append_new(list, v);
        if (!ok || !is(w, ",")) break;
        ok = next(w);
    }
    if (ok && take_word(w, ")")) return list;
    json_decref(list);
    return NULL;
}

// ---- a condition ----

static bool read_in(words *w, const field_info *f, json_t *v) {
    int64_t n;
    if (!next(w)) return false;
    if (!str_i64(w->word, &n)) {
        json_t *list = values_json(w, f);
        if (!list) return false;
        json_object_set_new(v, "is", json_string("in"));
        return !json_object_set_new(v, "value", list);
    }
    json_object_set_new(v, "in_days", json_integer(n));
    return next(w) && (is(w, "days") || is(w, "day") ? next(w) : strange(w, "'days'"));
}

static bool read_is(words *w, const field_info *f, json_t *v) {
    for (int o = OP_KNOWN; o <= OP_UNKNOWN; o++)
        if (is(w, rule_op_name((enum rule_op)o)))
            return !json_object_set_new(v, "is", json_string(rule_op_name((enum rule_op)o))) && next(w);
    for (int o = 0; o < OP_IN; o++)
        if (is(w, rule_op_name((enum rule_op)o))) {
            json_object_set_new(v, "is", json_string(rule_op_name((enum rule_op)o)));
            json_t *x = next(w) ? value_json(w, f) : NULL;
            return x && !json_object_set_new(v, "value", x);
        }
    return f->type == TYPE_FLAG || json_object_get(v, "is") || strange(w, "one of = != < <= > >= in known unknown");
}

static json_t *read_condition(words *w) {
    const field_info *f = w->quoted ? NULL : segment_field_of(w->word);
    if (!f) {
        if (w->end) return strange(w, "a field"), NULL;
        return fail(w->e, ERR_invalid,
                    "there is no field '%.*s'; 'heed segment fields' and /api/segments/fields list them",
                    (int)MIN(w->word.len, 60), w->word.s),
               NULL;
    }
    json_t *v = json_object();
    json_object_set_new(v, "field", json_string(f->shown.name));
    bool ok = next(w) && (!is(w, "in") || read_in(w, f, v));
    if (ok && f->type == TYPE_SCORE && !w->quoted && instrument_of(w->word)) {
        json_object_set_new(v, "instrument", text_json(w->word));
        ok = next(w);
    }
    if (ok && read_is(w, f, v)) return v;
    json_decref(v);
    return NULL;
}

static json_t *read_segment(words *w) {
    words ahead = *w;
    int64_t id;
    if (!next(&ahead) || ahead.quoted || !str_i64(ahead.word, &id)) return read_condition(w);
    *w = ahead;
    return next(w) ? list_of("segment", json_integer(id)) : NULL;
}

static json_t *read_part(words *w) {
    json_t *v = NULL;
    if (w->depth == MOST_DEPTH)
        return fail(w->e, ERR_invalid, "the rule is nested more than %d deep", MOST_DEPTH), NULL;
    w->depth++;
    if (is(w, "not")) {
        v = next(w) ? read_part(w) : NULL;
        if (v) v = list_of("not", v);
    } else if (is(w, "(")) {
        v = next(w) ? read_rule(w) : NULL;
        if (v && !take_word(w, ")")) json_decref(v), v = NULL;
    } else if (is(w, "everybody") || is(w, "nobody")) {
        v = list_of(is(w, "everybody") ? "all" : "any", json_array());
        if (!next(w)) json_decref(v), v = NULL;
    } else
        v = is(w, "segment") ? read_segment(w) : read_condition(w);
    w->depth--;
    return v;
}

// Several parts joined by one word become a list; one stays what it is.
static json_t *read_joined(words *w, const char *name, const char *word, const char *sign, json_t *part(words *)) {
    json_t *first = part(w), *list = NULL;
    while (first && (is(w, word) || (sign && is(w, sign)))) {
        if (!list) list = json_array(), json_array_append_new(list, first);
        json_t *more = next(w) ? part(w) : NULL;
        if (!more || json_array_size(list) >= MOST_NODES) {
            json_decref(more), json_decref(list);
            return fail(w->e, ERR_invalid, "the rule has more than %d parts", MOST_NODES), NULL;
        }
        json_array_append_new(list, more);
    }
    return list ? list_of(name, list) : first;
}

static json_t *read_side(words *w) {
    return read_joined(w, "all", "and", ",", read_part);
}

static json_t *read_rule(words *w) {
    return read_joined(w, "any", "or", NULL, read_side);
}

bool segment_read_text(arena *a, store *s, str rule, int64_t self, segment_rule **out, char field[SEGMENT_FIELD_LEN],
                       err *e) {
    json_t *v = NULL;
    field[0] = 0;
    rule = str_trim(rule);
    if (rule.len > MOST_RULE) return fail(e, ERR_invalid, "the rule is longer than %d bytes", MOST_RULE);
    if (str_starts(rule, S("{"))) {
        if (!json_read(rule, &v, e)) return false;
    } else {
        words w = {.a = a, .rest = rule, .e = e};
        if (!str_utf8_ok(rule)) return fail(e, ERR_invalid, "the rule is not UTF-8");
        v = next(&w) ? read_rule(&w) : NULL;
        if (v && !w.end) strange(&w, "'and', 'or' or the end");
        if (!v || !err_ok(e)) return json_decref(v), false;
    }
    bool ok = segment_read(a, s, v, self, out, field, e);
    json_decref(v);
    return ok;
}

// ---- writing ----

static bool is_plain(str x) {
    for (size_t i = 0; i < x.len; i++)
        if (!is_part(x.s[i])) return false;
    return x.len > 0 && !str_has(x, S("\xC2\xA0")); // a blank that does not break: words are trimmed of it
}

static void put_word(buf *b, str x) {
    if (is_plain(x)) {
        buf_add(b, x);
        return;
    }
    buf_addc(b, '"');
    for (size_t i = 0; i < x.len; i++) {
        if (x.s[i] == '"' || x.s[i] == '\\') buf_addc(b, '\\');
        buf_addc(b, x.s[i]);
    }
    buf_addc(b, '"');
}

// "1234.50 EUR", without a mark for thousands.
static void put_money(buf *b, int64_t minor, int32_t unit) {
    const currency *c = currency_by_number(unit);
    uint64_t v = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor, one = 1;
    for (int i = 0; i < c->exponent; i++) one *= 10;
    buf_fmt(b, "%s%" PRIu64, minor < 0 ? "-" : "", v / one);
    if (c->exponent) buf_fmt(b, ".%0*" PRIu64, c->exponent, v % one);
    buf_fmt(b, " %s", c->code);
}

static void put_value(buf *b, const rule_test *t) {
    switch (t->field->type) {
    case TYPE_NUMBER:
    case TYPE_DAYS: buf_i64(b, t->value); return;
    case TYPE_SCORE: buf_f64(b, (double)t->value / 100); return;
    case TYPE_MONEY: put_money(b, t->value, t->unit); return;
    case TYPE_FLAG: buf_add(b, t->value ? S("true") : S("false")); return;
    case TYPE_TIME: put_word(b, t->text); return;
    case TYPE_SET: break;
    }
    if (t->op == OP_IN) buf_addc(b, '(');
    for (size_t i = 0; i < t->n_list; i++) {
        if (i) buf_add(b, S(", "));
        put_word(b, t->list[i]);
    }
    if (t->op == OP_IN) buf_addc(b, ')');
}

static void put_test(buf *b, const rule_test *t) {
    buf_add(b, str_c(t->field->shown.name));
    if (t->field->type == TYPE_FLAG && t->value) return;
    if (t->in_days) buf_fmt(b, " in %d days", t->in_days);
    if (t->field->type == TYPE_SCORE) buf_fmt(b, " %.*s", STR_ARG(instrument_name((enum instrument)t->unit)));
    buf_fmt(b, " %s", rule_op_name(t->op));
    if (t->op >= OP_KNOWN) return;
    buf_addc(b, ' ');
    put_value(b, t);
}

static void put_node(buf *b, const segment_rule *r, int32_t i, bool inner) {
    const rule_node *n = &r->nodes[i];
    bool all = n->kind == NODE_ALL;
    switch (n->kind) {
    case NODE_TEST: put_test(b, &r->tests[n->test]); return;
    case NODE_SEGMENT: buf_fmt(b, "segment %" PRId64, n->segment); return;
    case NODE_NOT:
        buf_add(b, S("not "));
        put_node(b, r, n->child, true);
        return;
    case NODE_ALL:
    case NODE_ANY: break;
    }
    if (n->child < 0) return buf_add(b, all ? S("everybody") : S("nobody"));
    bool several = r->nodes[n->child].next >= 0, brackets = inner && several;
    if (brackets) buf_addc(b, '(');
    for (int32_t c = n->child; c >= 0; c = r->nodes[c].next) {
        if (c != n->child) buf_add(b, all ? S(" and ") : S(" or "));
        put_node(b, r, c, several || inner);
    }
    if (brackets) buf_addc(b, ')');
}

str segment_words(arena *a, const segment_rule *r) {
    buf b = buf_new(a, (size_t)1 << 24);
    put_node(&b, r, r->root, false);
    return buf_str(&b);
}
