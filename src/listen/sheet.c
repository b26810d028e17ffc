#include "listen/sheet.h"
#include "ledger/ident.h"

typedef struct {
    int n;
    int at[];
} sheet;

static int find_column(const reading *r, const char *names) {
    for (str rest = str_c(names); rest.s;) {
        str name = str_cut(&rest, '|');
        for (int i = 0; i < r->n_header; i++)
            if (str_eq_ci(r->header[i], name)) return i;
    }
    return -1;
}

void sheet_begin(reading *r, const char *const *names, int n) {
    sheet *s = arena_alloc(r->life, sizeof *s + (size_t)n * sizeof s->at[0], _Alignof(sheet), 1);
    s->n = n;
    for (int i = 0; i < n; i++) s->at[i] = find_column(r, names[i]);
    r->own = s;
}

static int column(const reading *r, int which) {
    const sheet *s = r->own;
    return which >= 0 && which < s->n ? s->at[which] : -1;
}

bool sheet_has(const reading *r, int which) {
    return column(r, which) >= 0;
}

str at(const reading *r, int which) {
    return cell(r, column(r, which));
}

const char *label(reading *r, int which) {
    int c = column(r, which);
    return c >= 0 && c < r->n_header ? str_z(&r->row, r->header[c]) : "row";
}

bool time_at(reading *r, int which, int64_t *at_us) {
    return read_time(r, label(r, which), at(r, which), at_us);
}

bool time_at_if(reading *r, int which, int64_t *at_us) {
    return !at(r, which).len || time_at(r, which, at_us);
}

bool utc_at_if(reading *r, int which, int64_t *at_us) {
    const zone *z = r->z, *utc = r->utc;
    r->z = r->utc = NULL;
    bool ok = time_at_if(r, which, at_us);
    r->z = z;
    r->utc = utc;
    return ok;
}

bool minor_at_if(reading *r, int which, const currency *c, int64_t *minor) {
    event ev = {0};
    str x = at(r, which);
    *minor = 0;
    if (!x.len) return true;
    if (!read_money(r, label(r, which), x, c, &ev)) return false;
    *minor = ev.value;
    return true;
}

event sheet_template(const reading *r) {
    return (event){.channel = r->as->channel, .mood = MOOD_UNKNOWN};
}

event *say(reading *r, const event *like, enum kind kind, int64_t at_us, str ext) {
    event *ev = event_new(r, kind, like->channel);
    *ev = *like;
    ev->kind = kind;
    ev->at_us = at_us;
    ev->ext = ext;
    return ev;
}

void set_money(event *ev, int64_t minor, const currency *c) {
    ev->value = minor;
    ev->has_value = true;
    ev->unit = c->number;
}

void set_score(event *ev, int64_t score_x100, enum instrument i) {
    ev->value = score_x100;
    ev->has_value = true;
    ev->unit = (int32_t)i;
}

str two_names(reading *r, str first, str last) {
    if (!first.len || !last.len) return first.len ? first : last;
    return str_fmt(&r->row, "%.*s %.*s", STR_ARG(first), STR_ARG(last));
}

void add_phone(reading *r, event *ev, str raw, str country) {
    if (raw.len) event_add_ident(&r->row, ev, IDENT_phone, raw, country.len == 2 ? country : r->opts->country);
}

str language_of(str locale) {
    ptrdiff_t end = str_find(locale, '-');
    if (end < 0) end = str_find(locale, '_');
    return end > 0 ? str_sub(locale, 0, (size_t)end) : locale;
}

double all_there(const glance *g, const char *const *columns, int n, double sure) {
    return glance_count(g, columns, n) == n ? sure : 0;
}
