#include "listen/json_item.h"

#include "ledger/ident.h"
#include "listen/html_text.h"

bool head_has(const glance *g, const char *word, const char *another) {
    return !g->first && !g->header && str_has(g->head, str_c(word)) && str_has(g->head, str_c(another));
}

str item_text(reading *r, const json_t *o, const char *path) {
    return str_trim(json_scalar(&r->row, json_find(o, path)));
}

str item_html(reading *r, const json_t *o, const char *path) {
    return html_text(&r->row, json_at(o, path));
}

bool item_is(const json_t *o, const char *path, const char *value) {
    return str_eq_ci(json_at(o, path), str_c(value));
}

bool item_same(const json_t *o, const char *path, str text) {
    const json_t *const v = json_find(o, path);
    char number[24];
    if (!json_is_integer(v)) return json_is_string(v) && str_eq(str_trim(json_text(v)), text);
    return str_eq(text,
                  (str){number, (size_t)snprintf(number, sizeof number, "%" PRId64, (int64_t)json_integer_value(v))});
}

bool item_true(const json_t *o, const char *path) {
    return json_is_true(json_find(o, path));
}

bool item_false(const json_t *o, const char *path) {
    return json_is_false(json_find(o, path));
}

int64_t item_int(const json_t *o, const char *path) {
    const json_t *const v = json_find(o, path);
    int64_t n = 0;
    if (json_is_string(v)) return str_i64(str_trim(json_text(v)), &n) ? n : 0;
    return json_integer_value(v);
}

bool item_has(const json_t *o, const char *keys) {
    for (str rest = str_c(keys); rest.s;) {
        const str key = str_cut(&rest, ' ');
        if (!json_object_getn(o, key.s, key.len)) return false;
    }
    return true;
}

bool item_gone(const json_t *o) {
    return json_object_size(o) == 1 && item_has(o, "id");
}

str item_first(reading *r, const json_t *o, const char *paths) {
    for (str rest = str_c(paths); rest.s;) {
        const str x = item_text(r, o, str_z(&r->row, str_cut(&rest, ' ')));
        if (x.len) return x;
    }
    return S("");
}

bool item_id(reading *r, const json_t *o, const char *path, str *id) {
    *id = item_text(r, o, path);
    if (!id->len) reject(r, path, "is missing; without it the same thing cannot be known again");
    return id->len > 0;
}

bool item_time(reading *r, const json_t *o, const char *path, int64_t *at_us) {
    return read_time(r, path, item_text(r, o, path), at_us);
}

bool item_time_if(reading *r, const json_t *o, const char *path, int64_t *at_us) {
    const str x = item_text(r, o, path);
    return !x.len || read_time(r, path, x, at_us);
}

bool item_time_utc(reading *r, const json_t *o, const char *path, int64_t *at_us) {
    const str x = item_text(r, o, path);
    if (!x.len || time_parse(x, r->utc, r->day_first, at_us)) return true;
    return read_time(r, path, x, at_us); // says what is wrong with it
}

// Digits after the point that the currency does not have: -1 less than half, 0 half, 1 more.
static int tail_of(str digits) {
    if (!digits.len || digits.s[0] < '5') return -1;
    for (size_t i = 1; i < digits.len; i++)
        if (digits.s[i] != '0') return 1;
    return digits.s[0] > '5';
}

bool decimal_minor(str x, int exponent, int64_t *minor) {
    const bool minus = str_starts(x, S("-"));
    str decimals = str_sub(x, minus, x.len);
    const str units = str_cut(&decimals, '.');
    int64_t v = 0;
    if (!units.len || units.len + (size_t)exponent > 15 || (decimals.s && !decimals.len)) return false;
    for (size_t i = 0; i < units.len + decimals.len; i++) {
        const char c = i < units.len ? units.s[i] : decimals.s[i - units.len];
        if (c < '0' || c > '9') return false;
        if (i < units.len + (size_t)exponent) v = v * 10 + (c - '0');
    }
    for (size_t i = decimals.len; i < (size_t)exponent; i++) v *= 10;
    const int tail = tail_of(str_sub(decimals, (size_t)exponent, decimals.len));
    if (tail > 0 || (tail == 0 && v % 2)) v++;
    *minor = minus ? -v : v;
    return true;
}

int64_t add_up(int64_t a, int64_t b) {
    int64_t sum = 0;
    if (!__builtin_add_overflow(a, b, &sum)) return sum;
    return a < 0 ? -INT64_MAX : INT64_MAX;
}

int64_t multiply(int64_t a, int64_t b) {
    int64_t product = 0;
    if (!__builtin_mul_overflow(a, b, &product)) return product;
    return (a < 0) != (b < 0) ? -INT64_MAX : INT64_MAX;
}

bool item_minor(reading *r, const json_t *o, const char *path, const currency *c, int64_t *minor) {
    const str x = item_text(r, o, path);
    if (decimal_minor(x, c->exponent, minor)) return true;
    reject(r, path, "\"%.*s\" is no amount; it should look like 1234.50", (int)MIN(x.len, 60), x.s ? x.s : "");
    return false;
}

// How many events out->events can hold by now.
typedef struct {
    int n;
} room;

static bool make_room(reading *r) {
    heard *const h = r->out;
    if (!r->own) {
        r->own = make(r->life, room, 1);
        ((room *)r->own)->n = ROW_EVENTS;
    }
    room *const has = r->own;
    if (h->n < has->n) return true;
    if (has->n >= ITEM_EVENTS) return false;
    event *const more = make(r->life, event, 2 * has->n); // what is given up is less than what is kept
    memcpy(more, h->events, (size_t)h->n * sizeof *more);
    h->events = more;
    has->n *= 2;
    return true;
}

event item_template(const reading *r) {
    return (event){.channel = r->as->channel, .mood = MOOD_UNKNOWN};
}

event *item_say(reading *r, const event *like, enum kind kind, int64_t at_us, str ext) {
    heard *const h = r->out;
    if (!make_room(r)) {
        reject(r, "row", "says more than %d things; split it", ITEM_EVENTS);
        h->n--;
    }
    event *const ev = &h->events[h->n++];
    *ev = *like;
    ev->kind = kind;
    ev->at_us = at_us;
    ev->ext = ext;
    return ev;
}

void item_money(event *ev, int64_t minor, const currency *c) {
    ev->value = minor;
    ev->has_value = true;
    ev->unit = c->number;
}

void item_score(event *ev, int64_t score_x100, enum instrument i) {
    ev->value = score_x100;
    ev->has_value = true;
    ev->unit = (int32_t)i;
}

void item_phone(reading *r, event *ev, str raw, str country) {
    if (raw.len) event_add_ident(&r->row, ev, IDENT_phone, raw, country.len == 2 ? country : r->opts->country);
}

str item_list(reading *r, const json_t *list, const char *member) {
    enum { LONG = 4096 };
    buf b = buf_new(&r->row, LONG);
    for (size_t i = 0; i < json_array_size(list) && !b.full; i++) {
        const json_t *const v = json_array_get(list, i);
        const str x = member ? json_at(v, member) : json_text(v);
        if (!x.len) continue;
        if (b.len) buf_add(&b, S(", "));
        buf_add(&b, x);
    }
    return buf_str(&b);
}

str item_label(str x) {
    size_t n = MIN(x.len, (size_t)ITEM_LABEL);
    while (n && n < x.len && ((unsigned char)x.s[n] & 0xC0) == 0x80) n--;
    return str_sub(x, 0, n);
}

str item_join(reading *r, str a, const char *between, str b) {
    if (!a.len || !b.len) return a.len ? a : b;
    return str_cat(&r->row, str_cat(&r->row, a, str_c(between)), b);
}

void item_user_id(reading *r, event *ev, const json_t *o) {
    const str id = item_first(r, o, "user_id userId external_id externalId customer_id customerId uid");
    add_ident(r, ev, IDENT_user_id, id);
}

static bool is_letter(char c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

bool says_complaint(str label) {
    bool denied = false;
    for (size_t i = 0; i < label.len;) {
        size_t n = 0;
        while (i + n < label.len && is_letter(label.s[i + n])) n++;
        const str word = str_sub(label, i, n);
        if (str_eq_ci(word, S("complaint")) || str_eq_ci(word, S("complaints"))) return !denied;
        if (n) denied = str_eq_ci(word, S("no")) || str_eq_ci(word, S("not")) || str_eq_ci(word, S("non"));
        i += n ? n : 1;
    }
    return false;
}
