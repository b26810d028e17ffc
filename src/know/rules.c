#include "know/rules.h"

#include "know/settings.h"

static const char setting[] = "identity_rules";

bool identity_rules_may(enum ident_kind k) {
    return ident_strength(k) != STRENGTH_WEAK;
}

identity_rules identity_rules_usual(void) {
    identity_rules r = {.crowd = RULE_CROWD};
    for (int k = 0; k < RULE_KINDS; k++)
        r.joins[k] = identity_rules_may((enum ident_kind)k), r.limit[k] = ident_limit((enum ident_kind)k);
    return r;
}

static const struct {
    const char *name;
    int32_t days;
} windows[] = {{"ever", RULE_EVER}, {"year", RULE_YEAR}, {"month", RULE_MONTH}, {"week", RULE_WEEK}};

str identity_window_name(int32_t days) {
    for (size_t i = 0; i < COUNT(windows); i++)
        if (windows[i].days == days) return str_c(windows[i].name);
    return S("");
}

bool identity_window_of(str name, int32_t *days) {
    for (size_t i = 0; i < COUNT(windows); i++)
        if (str_eq(name, str_c(windows[i].name))) return *days = windows[i].days, true;
    return false;
}

static int by_day(const void *p, const void *q) {
    return *(const uint16_t *)p - *(const uint16_t *)q;
}

bool identity_rules_crowded(const identity_rules *r, enum ident_kind k, uint16_t *days, size_t n) {
    const size_t limit = (size_t)r->limit[k];
    if (n <= limit || !r->window[k]) return n > limit;
    qsort(days, n, sizeof *days, by_day);
    for (size_t i = limit; i < n; i++)
        if (days[i] - days[i - limit] < r->window[k]) return true;
    return false;
}

bool identity_rules_windows(const identity_rules *r) {
    for (int k = 0; k < RULE_KINDS; k++)
        if (r->window[k] != RULE_EVER) return true;
    return false;
}

static bool number_in(const json_t *x, str what, int32_t *out, err *e) {
    if (!x) return true;
    json_int_t v = json_integer_value(x);
    if (!json_is_integer(x) || v < RULE_LEAST || v > RULE_MOST)
        return fail(e, ERR_invalid, "%.*s: a whole number of profiles from %d to %d", STR_ARG(what), RULE_LEAST,
                    RULE_MOST);
    *out = (int32_t)v;
    return true;
}

static bool kind_in(identity_rules *r, const json_t *in, err *e) {
    const str name = json_text(json_object_get(in, "kind"));
    const enum ident_kind k = ident_of(name);
    const json_t *joins = json_object_get(in, "joins");
    if (!identity_rules_may(k))
        return fail(e, ERR_invalid, "kinds: \"%.*s\" is no identifier that joins; `heed identity` lists them",
                    STR_ARG(name));
    if (joins && !json_is_boolean(joins))
        return fail(e, ERR_invalid, "kinds: %.*s joins or does not: true or false", STR_ARG(name));
    const json_t *window = json_object_get(in, "window");
    if (window && !identity_window_of(json_text(window), &r->window[k]))
        return fail(e, ERR_invalid, "kinds: the window of %.*s is one of ever, year, month, week", STR_ARG(name));
    if (joins) r->joins[k] = json_is_true(joins);
    return number_in(json_object_get(in, "limit"), name, &r->limit[k], e);
}

bool identity_rules_take(identity_rules *r, const json_t *in, err *e) {
    size_t i;
    json_t *one;
    if (!number_in(json_object_get(in, "crowd"), S("crowd"), &r->crowd, e)) return false;
    json_array_foreach(json_object_get(in, "kinds"), i, one) {
        if (!kind_in(r, one, e)) return false;
    }
    return true;
}

void identity_rules_json(json_out *j, const identity_rules *r) {
    const identity_rules usual = identity_rules_usual();
    json_put_int(j, "crowd", r->crowd);
    json_put_int(j, "version", r->version);
    json_open(j, "kinds", '[');
    for (int k = 0; k < RULE_KINDS; k++) {
        if (!identity_rules_may((enum ident_kind)k)) continue;
        json_open(j, NULL, '{');
        json_put_str(j, "kind", ident_name((enum ident_kind)k));
        json_put_str(j, "label", ident_label((enum ident_kind)k));
        json_put_bool(j, "joins", r->joins[k]);
        json_put_int(j, "limit", r->limit[k]);
        json_put_int(j, "usual", usual.limit[k]);
        json_put_str(j, "window", identity_window_name(r->window[k]));
        json_close(j, '}');
    }
    json_close(j, ']');
}

bool identity_rules_read(store *s, identity_rules *out, err *e) {
    arena a = arena_open(1 << 16);
    str kept;
    json_t *doc = NULL;
    *out = identity_rules_usual();
    bool ok = settings_get(&a, s, setting, &kept, e);
    if (ok && kept.len) {
        ok = json_read(kept, &doc, e) && identity_rules_take(out, doc, e);
        out->version = ok ? json_integer_value(json_object_get(doc, "version")) : 0;
        json_decref(doc);
    }
    arena_close(&a);
    return ok;
}

bool identity_rules_write(store *s, const identity_rules *r, err *e) {
    arena a = arena_open(1 << 16);
    buf b = buf_new(&a, 1 << 15);
    json_out j = json_to(&b);
    identity_rules next = *r;
    next.version++;
    json_open(&j, NULL, '{');
    identity_rules_json(&j, &next);
    json_close(&j, '}');
    bool ok = settings_put(s, setting, buf_str(&b), e);
    arena_close(&a);
    return ok;
}
