// Rules of stages in words.
#include "know/stage.h"

#include <math.h>

static const stage_fact_row facts[] = {
#define STAGE_FACT(name, kind, text) {#name, text, FACT_##kind},
#include "know/stage_facts.def"
};

static const char *const ops[STAGE_OPS] = {"=", "!=", "<", "<=", ">", ">="};

const stage_fact_row *stage_fact_at(size_t i) {
    return i < COUNT(facts) ? &facts[i] : NULL;
}

// ---- words ----

static bool is_sign(char c) {
    return c == '<' || c == '>' || c == '=' || c == '!';
}

// Signs need no blanks around them.
static str next_word(str *rest) {
    *rest = str_trim(*rest);
    size_t n = 0;
    const bool sign = rest->len && is_sign(rest->s[0]);
    while (n < rest->len && rest->s[n] != ' ' && rest->s[n] != '\n' && rest->s[n] != '\t' &&
           is_sign(rest->s[n]) == sign)
        n++;
    const str word = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n, rest->len - n);
    return word;
}

static bool ends_early(err *e) {
    return fail(e, ERR_invalid, "the rule ends too early; write it as orders >= 1 and days_since_order < 5");
}

static bool read_fact(str word, enum stage_fact *out, err *e) {
    for (size_t i = 0; i < COUNT(facts); i++)
        if (str_eq(word, str_c(facts[i].name))) return *out = (enum stage_fact)i, true;
    if (!word.len) return ends_early(e);
    return fail(e, ERR_invalid, "'%.*s' is no fact that a stage can ask; 'heed stage facts' lists them",
                (int)MIN(word.len, (size_t)60), word.s);
}

static bool read_op(str word, enum stage_op *out, err *e) {
    if (!word.len) return ends_early(e);
    for (size_t i = 0; i < STAGE_OPS; i++)
        if (str_eq(word, str_c(ops[i]))) return *out = (enum stage_op)i, true;
    return fail(e, ERR_invalid, "'%.*s' is no comparison; write =, !=, <, <=, > or >=", (int)MIN(word.len, (size_t)60),
                word.s);
}

static bool read_value(str word, int64_t *out, err *e) {
    double v;
    if (!word.len) return ends_early(e);
    if (!str_f64(word, &v) || !(v >= 0 && v <= 1e6))
        return fail(e, ERR_invalid, "'%.*s' is no number from 0 to 1000000", (int)MIN(word.len, (size_t)60), word.s);
    *out = (int64_t)llrint(v * 1000);
    return true;
}

bool stage_rule_read(str words, stage_rule *out, err *e) {
    str rest = str_trim(words);
    *out = (stage_rule){0};
    if (rest.len > STAGE_RULE_LEN) return fail(e, ERR_invalid, "a rule has at most %d letters", STAGE_RULE_LEN);
    while (rest.len) {
        stage_test *t = &out->v[out->n];
        if (out->n == STAGE_TESTS) return fail(e, ERR_invalid, "a rule has at most %d comparisons", STAGE_TESTS);
        if (!read_fact(next_word(&rest), &t->fact, e) || !read_op(next_word(&rest), &t->op, e) ||
            !read_value(next_word(&rest), &t->value, e))
            return false;
        out->n++, rest = str_trim(rest);
        if (!rest.len) break;
        const str link = next_word(&rest);
        const bool is_or = str_eq(link, S("or"));
        if (!is_or && !str_eq(link, S("and")))
            return fail(e, ERR_invalid, "after a comparison stands 'and' or 'or', not '%.*s'",
                        (int)MIN(link.len, (size_t)60), link.s);
        if (!str_trim(rest).len) return fail(e, ERR_invalid, "the rule ends with '%.*s'", STR_ARG(link));
        if (out->n < STAGE_TESTS) out->or_before[out->n] = is_or;
    }
    return true;
}

str stage_rule_words(arena *a, const stage_rule *r) {
    buf b = buf_new(a, STAGE_TESTS * 64 + 64);
    for (size_t i = 0; i < r->n; i++) {
        const stage_test *t = &r->v[i];
        if (i) buf_fmt(&b, " %s ", r->or_before[i] ? "or" : "and");
        buf_fmt(&b, "%s %s %" PRId64, facts[t->fact].name, ops[t->op], t->value / 1000);
        char part[8];
        snprintf(part, sizeof part, ".%03d", (int)(t->value % 1000));
        size_t n = 4;
        while (n > 1 && part[n - 1] == '0') n--;
        if (n > 1) buf_fmt(&b, "%.*s", (int)n, part);
    }
    return buf_str(&b);
}
