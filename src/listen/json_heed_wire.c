#include "listen/json_heed.h"

#include <math.h>

// The line from p on. A reader takes what it knows and says no to everything else; nothing is reported, because the
// thorough reader looks next.
typedef struct {
    const char *p, *end;
    arena *a;
} scan;

enum what { TEXT, WHOLE, IDS, EXTRA };

#define AT(member) offsetof(heed_wire, member)
// In the order in which they are written, so that the search for the next name usually ends at its first comparison.
static const struct member {
    str name;
    enum what what;
    size_t at, has;
} members[] = {
    {S("kind"), TEXT, AT(kind), 0},
    {S("at"), TEXT, AT(at), 0},
    {S("ext"), TEXT, AT(ext), 0},
    {S("source"), TEXT, AT(source), 0},
    {S("channel"), TEXT, AT(channel), 0},
    {S("ids"), IDS, 0, 0},
    {S("value"), WHOLE, AT(value), AT(has_value)},
    {S("unit"), TEXT, AT(unit), 0},
    {S("thread"), TEXT, AT(thread), 0},
    {S("text"), TEXT, AT(text), 0},
    {S("lang"), TEXT, AT(lang), 0},
    {S("topic"), TEXT, AT(topic), 0},
    {S("mood"), WHOLE, AT(mood), AT(has_mood)},
    {S("name"), TEXT, AT(name), 0},
    {S("country"), TEXT, AT(country), 0},
    {S("postal_address"), TEXT, AT(address), 0},
    {S("born"), TEXT, AT(born), 0},
    {S("segment"), TEXT, AT(segment), 0},
    {S("staff"), TEXT, AT(staff), 0},
    {S("quantity"), WHOLE, AT(quantity), 0},
    {S("edited"), TEXT, AT(edited), 0},
    {S("extra"), EXTRA, 0, 0},
};

static bool same(str x, str y) {
    return x.len == y.len && memcmp(x.s, y.s, x.len) == 0;
}

static void blanks(scan *s) {
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\n')) s->p++;
}

static bool take(scan *s, char c) {
    blanks(s);
    if (s->p == s->end || *s->p != c) return false;
    s->p++;
    return true;
}

// One escaped character; \u and whatever is wrong are left to the thorough reader.
static char unescaped(char c) {
    switch (c) {
    case '"':
    case '\\':
    case '/': return c;
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    }
    return 0;
}

static bool decode(arena *a, str raw, str *out) {
    char *s = arena_alloc(a, 1, 1, raw.len);
    size_t n = 0;
    for (size_t i = 0; i < raw.len; i++) {
        char c = raw.s[i];
        if (c == '\\' && !(c = unescaped(raw.s[++i]))) return false;
        s[n++] = c;
    }
    *out = (str){s, n};
    return true;
}

// What ends a run of plain characters in a string.
static bool stops(unsigned char c) {
    return c < 0x20 || c == '"' || c == '\\';
}

// True when one of eight bytes stops the run or is not ASCII. A byte below n shows as a borrow into its high bit
// (Hacker's Delight, 6-1); bytes above 0x7F may show too, which is what is asked for.
static bool eight_stop(const char *p) {
    static const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
    uint64_t x;
    memcpy(&x, p, sizeof x);
    const uint64_t quote = x ^ ones * '"', slash = x ^ ones * '\\';
    return ((x | (x - ones * 0x20) | (quote - ones) | (slash - ones)) & high) != 0;
}

static bool text(scan *s, str *out, bool *escaped) {
    const char *const from = s->p;
    const char *p = from;
    unsigned seen = 0;
    *escaped = false;
    for (;; p++) {
        while (s->end - p >= 8 && !eight_stop(p)) p += 8;
        while (p < s->end && !stops((unsigned char)*p)) seen |= (unsigned char)*p++;
        if (p == s->end || (unsigned char)*p < 0x20) return false;
        if (*p == '"') break;
        *escaped = true;
        if (++p == s->end) return false;
    }
    s->p = p + 1;
    *out = (str){from, (size_t)(p - from)};
    if (seen >= 0x80 && !str_utf8_ok(*out)) return false;
    return !*escaped || decode(s->a, *out, out);
}

static bool string(scan *s, str *out) {
    bool escaped;
    return take(s, '"') && text(s, out, &escaped);
}

static bool word(scan *s, str w) {
    if ((size_t)(s->end - s->p) < w.len || memcmp(s->p, w.s, w.len) != 0) return false;
    s->p += w.len;
    return true;
}

// A whole number of at most 18 digits; "-0" has two spellings of one value and is left to the other reader.
static bool whole(scan *s, int64_t *v) {
    const bool minus = s->p < s->end && *s->p == '-';
    const char *const from = s->p += minus;
    *v = 0;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9' && s->p - from < 18) *v = *v * 10 + (*s->p++ - '0');
    if (s->p == from || (*from == '0' && (s->p - from > 1 || minus))) return false;
    if (minus) *v = -*v;
    return s->p == s->end || !strchr(".eE0123456789", *s->p);
}

static bool more(scan *s, char close, bool *again) {
    blanks(s);
    if (s->p == s->end || (*s->p != ',' && *s->p != close)) return false;
    *again = *s->p++ == ',';
    return true;
}

static bool keep_id(heed_wire *w, str kind, str value) {
    if (!kind.len || w->n_ids == EVENT_IDENTS) return false;
    for (int i = 0; i < w->n_ids; i++)
        if (!w->ids_ranked && same(w->ids[i].kind, kind)) return false; // a name given twice
    w->ids[w->n_ids].kind = kind;
    w->ids[w->n_ids++].value = value;
    return true;
}

static bool ids_object(scan *s, heed_wire *w) {
    if (take(s, '}')) return true;
    for (bool again = true; again;) {
        str kind, value;
        if (!string(s, &kind) || !take(s, ':') || !string(s, &value) || !keep_id(w, kind, value)) return false;
        if (!more(s, '}', &again)) return false;
    }
    return true;
}

static bool ids_array(scan *s, heed_wire *w) {
    w->ids_ranked = true;
    if (take(s, ']')) return true;
    for (bool again = true; again;) {
        str kind, value;
        if (!take(s, '[') || !string(s, &kind) || !take(s, ',') || !string(s, &value) || !take(s, ']')) return false;
        if (!keep_id(w, kind, value) || !more(s, ']', &again)) return false;
    }
    return true;
}

// The extra object as it stands, if it stands as it would be printed: flat, no blanks, no escapes, whole numbers.
static bool extra(scan *s, heed_wire *w) {
    enum { NAMES = 16 };
    str names[NAMES];
    int n = 0;
    const char *const from = s->p;
    if (s->p < s->end && *s->p == '}') {
        s->p++;
        return true;
    }
    for (bool again = true; again; n++) {
        bool escaped = false;
        int64_t number;
        str value;
        if (n == NAMES || !word(s, S("\"")) || !text(s, &names[n], &escaped) || escaped || !word(s, S(":")))
            return false;
        for (int i = 0; i < n; i++)
            if (same(names[i], names[n])) return false;
        const bool ok = word(s, S("\""))
                            ? text(s, &value, &escaped) && !escaped
                            : word(s, S("true")) || word(s, S("false")) || word(s, S("null")) || whole(s, &number);
        if (!ok || s->p == s->end || (*s->p != ',' && *s->p != '}')) return false;
        again = *s->p++ == ',';
    }
    w->extra = (str){from, (size_t)(s->p - 1 - from)};
    return true;
}

static bool value(scan *s, heed_wire *w, const struct member *m) {
    blanks(s);
    if (word(s, S("null"))) return true;
    char *const base = (char *)w;
    switch (m->what) {
    case TEXT: return string(s, (str *)(void *)(base + m->at));
    case WHOLE:
        if (m->has) *(bool *)(base + m->has) = true;
        return whole(s, (int64_t *)(void *)(base + m->at));
    case IDS: return take(s, '{') ? ids_object(s, w) : take(s, '[') && ids_array(s, w);
    case EXTRA: return take(s, '{') && extra(s, w);
    }
    return false;
}

static size_t member_of(str name, size_t likely) {
    for (size_t i = 0; i < COUNT(members); i++) {
        const size_t k = likely + i < COUNT(members) ? likely + i : likely + i - COUNT(members);
        if (same(members[k].name, name)) return k;
    }
    return COUNT(members);
}

bool heed_wire_fast(arena *a, str line, heed_wire *w) {
    *w = (heed_wire){0};
    scan s = {line.s, line.s + line.len, a};
    uint32_t seen = 0;
    if (!take(&s, '{')) return false;
    size_t k = 0;
    for (bool again = true; again; k++) {
        str name;
        if (!string(&s, &name) || !take(&s, ':')) return false;
        k = member_of(name, k % COUNT(members));
        if (k == COUNT(members) || seen & 1u << k) return false;
        seen |= 1u << k;
        if (!value(&s, w, &members[k]) || !more(&s, '}', &again)) return false;
    }
    blanks(&s);
    return s.p == s.end;
}

static bool refuse(reading *r, const char *field, const char *must) {
    reject(r, field, "must be %s", must);
    return false;
}

static bool is_id(const json_t *v) {
    return json_is_string(v) || json_is_integer(v);
}

static bool slow_whole(reading *r, const char *field, const json_t *v, int64_t *out) {
    const double d = json_number_value(v);
    if (!json_is_number(v) || d != nearbyint(d) || fabs(d) >= 0x1p63)
        return refuse(r, field, "a whole number: minor units, or score x 100");
    *out = json_is_integer(v) ? json_integer_value(v) : (int64_t)d;
    return true;
}

static bool slow_id(reading *r, heed_wire *w, str kind, const json_t *v) {
    if (json_is_null(v)) return true;
    if (!kind.len || !is_id(v)) return refuse(r, "ids", "{\"kind\":\"value\", …} or [[\"kind\",\"value\"], …]");
    if (w->n_ids == EVENT_IDENTS) return refuse(r, "ids", "eight at most");
    w->ids[w->n_ids].kind = str_dup(&r->row, kind);
    w->ids[w->n_ids++].value = str_dup(&r->row, json_scalar(&r->row, v));
    return true;
}

static bool slow_ids(reading *r, heed_wire *w, const json_t *v) {
    if (!json_is_array(v) && !json_is_object(v)) return slow_id(r, w, S(""), v);
    w->ids_ranked = json_is_array(v);
    for (size_t i = 0; i < json_array_size(v); i++) {
        const json_t *pair = json_array_get(v, i);
        if (!slow_id(r, w, json_text(json_array_get(pair, 0)), json_array_get(pair, 1))) return false;
    }
    for (void *at = json_object_iter((json_t *)(uintptr_t)v); at;
         at = json_object_iter_next((json_t *)(uintptr_t)v, at))
        if (!slow_id(r, w, str_c(json_object_iter_key(at)), json_object_iter_value(at))) return false;
    return true;
}

static bool slow_extra(reading *r, const json_t *v, json_t *extra) {
    if (!json_is_object(v)) return refuse(r, "extra", "an object");
    json_object_update_missing(extra, (json_t *)(uintptr_t)v);
    return true;
}

static bool slow_member(reading *r, heed_wire *w, const struct member *m, const json_t *v, json_t *extra) {
    char *const base = (char *)w;
    switch (m->what) {
    case TEXT:
        if (!is_id(v)) return refuse(r, m->name.s, "a text");
        *(str *)(void *)(base + m->at) = str_dup(&r->row, json_scalar(&r->row, v));
        return true;
    case WHOLE:
        if (m->has) *(bool *)(base + m->has) = true;
        return slow_whole(r, m->name.s, v, (int64_t *)(void *)(base + m->at));
    case IDS: return slow_ids(r, w, v);
    case EXTRA: return slow_extra(r, v, extra);
    }
    return false;
}

static bool slow_members(reading *r, json_t *item, heed_wire *w, json_t *extra) {
    for (void *at = json_object_iter(item); at; at = json_object_iter_next(item, at)) {
        json_t *const v = json_object_iter_value(at);
        const str name = {json_object_iter_key(at), json_object_iter_key_len(at)};
        const size_t k = member_of(name, 0);
        if (json_is_null(v)) continue;
        if (k == COUNT(members))
            json_object_setn(extra, name.s, name.len, v);
        else if (!slow_member(r, w, &members[k], v, extra))
            return false;
    }
    return true;
}

// The shortest text that reads back to the same number, and as a real one still.
static void put_real(buf *b, double v) {
    const size_t from = b->len;
    buf_f64(b, v);
    const str x = {b->s + from, b->len - from};
    if (str_find(x, '.') < 0 && str_find(x, 'e') < 0) buf_add(b, S(".0"));
}

static void put_members(buf *b, json_t *object);

static void put_value(buf *b, json_t *v) {
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        buf_addc(b, '{');
        put_members(b, v);
        buf_addc(b, '}');
        break;
    case JSON_ARRAY:
        buf_addc(b, '[');
        for (size_t i = 0; i < json_array_size(v); i++) {
            if (i) buf_addc(b, ',');
            put_value(b, json_array_get(v, i));
        }
        buf_addc(b, ']');
        break;
    case JSON_STRING: buf_json_str(b, json_text(v)); break;
    case JSON_INTEGER: buf_i64(b, json_integer_value(v)); break;
    case JSON_REAL: put_real(b, json_real_value(v)); break;
    case JSON_TRUE: buf_add(b, S("true")); break;
    case JSON_FALSE: buf_add(b, S("false")); break;
    case JSON_NULL: buf_add(b, S("null")); break;
    }
}

// jansson would print 18.99 with seventeen digits, so that an event that was exported and read again said another
// price.
static void put_members(buf *b, json_t *object) {
    bool more = false;
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at), more = true) {
        if (more) buf_addc(b, ',');
        buf_json_str(b, (str){json_object_iter_key(at), json_object_iter_key_len(at)});
        buf_addc(b, ':');
        put_value(b, json_object_iter_value(at));
    }
}

bool heed_wire_slow(reading *r, const json_t *item, heed_wire *w) {
    *w = (heed_wire){0};
    if (!json_is_object(item)) return refuse(r, "event", "an object with kind, at and ext");
    json_t *const extra = json_object();
    const bool ok = slow_members(r, (json_t *)(uintptr_t)item, w, extra);
    buf b = buf_new(&r->row, (size_t)128 << 20);
    if (ok) put_members(&b, extra);
    w->extra = buf_str(&b);
    json_decref(extra);
    return ok;
}
