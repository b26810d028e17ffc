#include "ledger/event.h"
#include "base/civil.h"

typedef struct {
    int id;
    const char *name, *text;
    int a, b; // class and sign, range, or strength and limit
} list_row;

#define FACT     CLASS_FACT
#define MONEY    CLASS_MONEY
#define CONTRACT CLASS_CONTRACT
#define TALK     CLASS_TALK
#define SAID     CLASS_SAID
#define USE      CLASS_USE
static const list_row kinds[] = {
#define KIND(name, id, class, sign, text) {id, #name, text, class, sign},
#include "ledger/kinds.def"
};
#undef FACT
#undef MONEY
#undef CONTRACT
#undef TALK
#undef SAID
#undef USE
static const list_row channels[] = {
#define CHANNEL(name, id, label) {id, #name, label, 0, 0},
#include "ledger/tables.def"
};
static const list_row instruments[] = {
#define INSTRUMENT(name, id, lo, hi, label) {id, #name, label, lo, hi},
#include "ledger/tables.def"
};
static const list_row idents[] = {
#define IDENT(name, id, strength, limit, label) {id, #name, label, STRENGTH_##strength, limit},
#include "ledger/tables.def"
};

static const list_row *by_id(const list_row *rows, size_t n, int id) {
    for (size_t i = 0; i < n; i++)
        if (rows[i].id == id) return &rows[i];
    return NULL;
}

// C words such as return and import carry a trailing underscore in the lists; people never see it.
static str row_name(const list_row *r) {
    str name = r ? str_c(r->name) : S("");
    return str_ends(name, S("_")) ? str_sub(name, 0, name.len - 1) : name;
}

static int by_name(const list_row *rows, size_t n, str name) {
    for (size_t i = 0; i < n; i++)
        if (str_eq_ci(row_name(&rows[i]), name)) return rows[i].id;
    return 0;
}

#define ROW(table, id) by_id(table, COUNT(table), (int)(id))

str kind_name(enum kind k) {
    return row_name(ROW(kinds, k));
}
enum kind kind_of(str name) {
    return (enum kind)by_name(kinds, COUNT(kinds), name);
}
str channel_name(enum channel c) {
    return row_name(ROW(channels, c));
}
enum channel channel_of(str name) {
    return (enum channel)by_name(channels, COUNT(channels), name);
}
str instrument_name(enum instrument i) {
    return row_name(ROW(instruments, i));
}
enum instrument instrument_of(str name) {
    return (enum instrument)by_name(instruments, COUNT(instruments), name);
}
str ident_name(enum ident_kind k) {
    return row_name(ROW(idents, k));
}
enum ident_kind ident_of(str name) {
    return (enum ident_kind)by_name(idents, COUNT(idents), name);
}

str kind_text(enum kind k) {
    const list_row *r = ROW(kinds, k);
    return r ? str_c(r->text) : S("");
}

enum kind_class kind_class(enum kind k) {
    const list_row *r = ROW(kinds, k);
    return r ? (enum kind_class)r->a : CLASS_NONE;
}

int kind_sign(enum kind k) {
    const list_row *r = ROW(kinds, k);
    return r ? r->b : 0;
}

str channel_label(enum channel c) {
    const list_row *r = ROW(channels, c);
    return r ? str_c(r->text) : S("");
}

str instrument_label(enum instrument i) {
    const list_row *r = ROW(instruments, i);
    return r ? str_c(r->text) : S("");
}

bool instrument_range(enum instrument i, int *lo, int *hi) {
    const list_row *r = ROW(instruments, i);
    if (!r || i == INSTRUMENT_none) return false;
    *lo = r->a, *hi = r->b;
    return true;
}

str ident_label(enum ident_kind k) {
    const list_row *r = ROW(idents, k);
    return r ? str_c(r->text) : S("");
}

enum strength ident_strength(enum ident_kind k) {
    const list_row *r = ROW(idents, k);
    return r ? (enum strength)r->a : STRENGTH_WEAK;
}

int ident_limit(enum ident_kind k) {
    const list_row *r = ROW(idents, k);
    return r ? r->b : 0;
}

int32_t event_period(int64_t at_us) {
    int64_t day = at_us / DAY_US - (at_us % DAY_US < 0);
    ymd d = ymd_of((int32_t)day);
    return (d.year - 1970) * 12 + d.month - 1;
}

int64_t period_start_us(int32_t period) {
    int32_t year = period >= 0 ? period / 12 : -((11 - period) / 12);
    ymd d = {.year = 1970 + year, .month = (int8_t)(period - year * 12 + 1), .day = 1};
    return days_of(d) * DAY_US;
}

uint64_t event_key(int64_t source_id, str ext) {
    return str_hash2((uint64_t)source_id, ext);
}

static void put_text(buf *b, const char *key, str v) {
    if (!v.len) return;
    buf_addc(b, b->len ? ',' : '{');
    buf_json_str(b, str_c(key));
    buf_addc(b, ':');
    buf_json_str(b, v);
}

static void put_int(buf *b, const char *key, int64_t v) {
    buf_addc(b, b->len ? ',' : '{');
    buf_json_str(b, str_c(key));
    buf_addc(b, ':');
    buf_i64(b, v);
}

// One line of an address: breaks within it become commas.
static void put_line(buf *b, str x, bool last) {
    bool gap = false;
    x = str_trim(x);
    if (str_starts(x, S("'"))) x = str_sub(x, 1, x.len - 1); // a spreadsheet's mark of text
    for (size_t i = 0; i < x.len; i++) {
        bool end = x.s[i] == '\n' || x.s[i] == '\r';
        if (!end && gap) buf_add(b, S(", "));
        if (!end) buf_addc(b, x.s[i]);
        gap = end;
    }
    if (!last) buf_addc(b, '\n');
}

str event_address(arena *a, str street, str postcode, str city) {
    if (!str_trim(street).len && !str_trim(postcode).len) return S("");
    buf b = buf_new(a, 2 * (street.len + postcode.len + city.len) + 16);
    put_line(&b, street, false);
    put_line(&b, postcode, false);
    put_line(&b, city, true);
    return buf_str(&b);
}

// The three numbers of a date, and the mark between them; what follows after a blank or a "T" is a time of day.
static bool three_numbers(str x, int32_t v[3], char *mark) {
    size_t at = 0;
    for (int k = 0; k < 3; k++) {
        size_t from = at;
        for (v[k] = 0; at < x.len && x.s[at] >= '0' && x.s[at] <= '9' && at - from < 4; at++)
            v[k] = 10 * v[k] + x.s[at] - '0';
        if (at == from) return false;
        if (k == 2) break;
        if (at == x.len || (k && x.s[at] != *mark)) return false;
        *mark = x.s[at++];
    }
    return (at == x.len || x.s[at] == ' ' || x.s[at] == 'T') && (*mark == '-' || *mark == '.' || *mark == '/');
}

str event_born(arena *a, str raw, int day_first) {
    int32_t v[3];
    char mark = 0;
    if (!three_numbers(str_trim(raw), v, &mark)) return S("");
    bool year_first = v[0] > 99, day = mark == '.' || day_first > 0 || v[0] > 12;
    int32_t year = year_first ? v[0] : v[2], month = year_first ? v[1] : v[day ? 1 : 0],
            date = year_first ? v[2] : v[day ? 0 : 1];
    if (month > 12 || date > 31) return S("");
    ymd d = {.year = year, .month = (int8_t)month, .day = (int8_t)date};
    return d.year < 1880 || !ymd_ok(d) ? S("") : date_str(a, days_of(d));
}

str event_body(arena *a, const event *ev) {
    size_t words = ev->text.len + ev->lang.len + ev->topic.len + ev->name.len + ev->country.len + ev->segment.len +
                   ev->staff.len + ev->address.len + ev->born.len;
    buf b = buf_new(a, 6 * words + ev->extra.len + 256); // JSON may need six bytes for one
    put_text(&b, "text", ev->text);
    put_text(&b, "lang", ev->lang);
    put_text(&b, "topic", ev->topic);
    if (ev->mood != MOOD_UNKNOWN) put_int(&b, "mood", ev->mood);
    put_text(&b, "name", ev->name);
    put_text(&b, "country", ev->country);
    put_text(&b, "postal_address", ev->address);
    put_text(&b, "born", ev->born);
    put_text(&b, "segment", ev->segment);
    put_text(&b, "staff", ev->staff);
    if (ev->quantity) put_int(&b, "quantity", ev->quantity);
    if (ev->extra.len) {
        buf_addc(&b, b.len ? ',' : '{');
        buf_add(&b, ev->extra);
    }
    if (b.len) buf_addc(&b, '}');
    return buf_str(&b);
}
