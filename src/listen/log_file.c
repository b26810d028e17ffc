#include <stdarg.h>
#include <sys/mman.h>

#include "listen/log_file.h"

#include "base/input.h"
#include "base/json.h"
#include "listen/columns.h"
#include "listen/words.h"

enum role { CUSTOMER, DATE, AMOUNT, PRICE, QUANTITY, CANCEL, STATUS, KIND, CURRENCY, ROLES };
enum { TOGETHER = 32, INLINE = 15, LONG = 255 };
enum { WINDOW = 4 << 20, MOST_CELLS = 512, CHUNK = 1 << 16 };
static const size_t MOST_ROWS = (size_t)1 << 31, RESERVE = ((size_t)1 << 34) + ((size_t)1 << 30);

static const enum field field_of_role[ROLES] = {FIELD_customer, FIELD_date,     FIELD_amount,
                                                FIELD_price,    FIELD_quantity, FIELD_cancel,
                                                FIELD_status,   FIELD_kind,     FIELD_currency};

// ---- what is kept ----

// A customer in the table. Names of up to 15 bytes stand in it; of longer ones their hash, and the name elsewhere.
typedef struct {
    uint64_t key[2];
    uint32_t hash, number; // number + 1; 0: empty
} slot;

// Each array has an arena of its own, in which it grows without moving.
struct log_store {
    arena who, day, amount, at, bytes, table;
    uint64_t *name_at; // where each name begins in the bytes; one more than there are customers
    char *name;
    slot *slots;
    size_t n_slots;
};

// A name that waits for its number: rows are looked up together, so that memory is fetched for all of them at once.
typedef struct {
    str name;
    uint64_t hash;
    size_t at;
} unnumbered;

typedef struct {
    log_file *f;
    log_store *s;
    const log_opts *o;
    size_t room_rows, room_names, room_bytes;
    int column[ROLES];
    int cells_wanted;
    char sep, mark;
    int day_first;
    bool kind_decides;
    int skip; // rows above the data
    int64_t line;
    const char *label[ROLES];
    const currency *money;
    char last_day[10];
    int32_t last_days;
    unnumbered waiting[TOGETHER];
    int n_waiting;
    uint32_t *to_who;
    int32_t *to_day;
    int64_t *to_amount;
    // the file
    input *in;
    char *window;
    size_t from, len;
    bool ended;
} reader;

// A table that is read at random is faster in large pages; where there are none the advice does nothing.
static void new_table(log_store *s, size_t n) {
    enum { PAGE = 2 << 20 };
    s->table = arena_open(n * sizeof(slot) + 2 * PAGE);
    uintptr_t from = ((uintptr_t)s->table.base + PAGE - 1) / PAGE * PAGE, to = (uintptr_t)s->table.end / PAGE * PAGE;
    if (to > from) madvise((char *)s->table.base + (from - (uintptr_t)s->table.base), to - from, MADV_HUGEPAGE);
    s->n_slots = n;
    s->slots = make(&s->table, slot, n);
}

// One chunk more behind `n` elements. They stay in place where the arena goes on right behind them.
static void *grown(arena *a, void *old, size_t n, size_t size) {
    char *p = arena_alloc(a, 8, 8, CHUNK * size / 8);
    if (!old || p == (char *)old + n * size) return old ? old : p;
    p = arena_alloc(a, 8, 8, (n + CHUNK) * size / 8);
    return memcpy(p, old, n * size);
}

static void open_store(log_store *s) {
    arena *const all[] = {&s->who, &s->day, &s->amount, &s->at, &s->bytes};
    for (size_t i = 0; i < COUNT(all); i++) *all[i] = arena_open(RESERVE);
    new_table(s, 1 << 12);
    s->name_at = grown(&s->at, NULL, 0, sizeof *s->name_at);
    s->name = grown(&s->bytes, NULL, 0, 1);
}

void log_close(log_file *f) {
    log_store *s = f->own;
    if (!s) return;
    arena *const all[] = {&s->who, &s->day, &s->amount, &s->at, &s->bytes, &s->table};
    for (size_t i = 0; i < COUNT(all); i++) arena_close(all[i]);
    *f = (log_file){0};
}

str log_name(const log_file *f, uint32_t who) {
    const log_store *s = f->own;
    assert(who < f->customers);
    return (str){s->name + s->name_at[who], s->name_at[who + 1] - s->name_at[who]};
}

// ---- customers ----

static void grow_table(log_store *s) {
    arena old = s->table;
    const slot *was = s->slots;
    size_t n = s->n_slots;
    new_table(s, n * 2);
    for (size_t i = 0; i < n; i++) {
        if (!was[i].number) continue;
        size_t at = was[i].hash & (s->n_slots - 1);
        while (s->slots[at].number) at = (at + 1) & (s->n_slots - 1);
        s->slots[at] = was[i];
    }
    arena_close(&old);
}

static uint32_t add_name(reader *r, str name) {
    log_store *s = r->s;
    uint32_t who = r->f->customers++;
    uint64_t at = s->name_at[who];
    if ((size_t)who + 2 > r->room_names)
        s->name_at = grown(&s->at, s->name_at, r->room_names, sizeof *s->name_at), r->room_names += CHUNK;
    while (at + name.len > r->room_bytes) s->name = grown(&s->bytes, s->name, r->room_bytes, 1), r->room_bytes += CHUNK;
    memcpy(s->name + at, name.s, name.len);
    s->name_at[who + 1] = at + name.len;
    return who;
}

static slot slot_of(str name, uint64_t hash) {
    slot k = {.key = {hash, (uint64_t)LONG << 56}, .hash = (uint32_t)hash};
    if (name.len > INLINE) return k;
    k.key[0] = k.key[1] = 0;
    memcpy(k.key, name.s, name.len);
    k.key[1] |= (uint64_t)name.len << 56;
    return k;
}

static uint32_t number_of(reader *r, str name, uint64_t hash) {
    log_store *s = r->s;
    slot k = slot_of(name, hash);
    size_t at = k.hash & (s->n_slots - 1);
    for (; s->slots[at].number; at = (at + 1) & (s->n_slots - 1)) {
        const slot *x = &s->slots[at];
        if (x->key[0] != k.key[0] || x->key[1] != k.key[1]) continue;
        if (name.len <= INLINE || str_eq(log_name(r->f, x->number - 1), name)) return x->number - 1;
    }
    uint32_t who = add_name(r, name);
    k.number = who + 1;
    s->slots[at] = k;
    if ((size_t)r->f->customers * 10 > s->n_slots * 7) grow_table(s);
    return who;
}

static void number_all(reader *r) {
    for (int i = 0; i < r->n_waiting; i++) {
        const unnumbered *x = &r->waiting[i];
        r->to_who[x->at] = number_of(r, x->name, x->hash);
    }
    r->n_waiting = 0;
}

// The name must stay where it is until number_all.
static void number_later(reader *r, str name, size_t row) {
    uint64_t hash = str_hash(name);
    const slot *near = &r->s->slots[(uint32_t)hash & (r->s->n_slots - 1)];
    __builtin_prefetch(near);
    r->waiting[r->n_waiting++] = (unnumbered){name, hash, row};
    if (r->n_waiting == TOGETHER) number_all(r);
}

// ---- cells ----

static bool digits(const char *p, int n, int *v) {
    *v = 0;
    for (int i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9') return false;
        *v = *v * 10 + (p[i] - '0');
    }
    return true;
}

// 2026-01-31, alone or before a time without a zone; 20260131.
static bool quick_day(str x, int32_t *day) {
    int y, m, d, t;
    bool compact = x.len == 8;
    if (!compact && (x.len < 10 || x.s[4] != '-' || x.s[7] != '-')) return false;
    if (!digits(x.s, 4, &y) || !digits(x.s + (compact ? 4 : 5), 2, &m) || !digits(x.s + (compact ? 6 : 8), 2, &d))
        return false;
    if (x.len > 10) {
        if ((x.len != 16 && x.len != 19) || (x.s[10] != ' ' && x.s[10] != 'T') || x.s[13] != ':') return false;
        if (!digits(x.s + 11, 2, &t) || t > 23 || !digits(x.s + 14, 2, &t) || t > 59) return false;
        if (x.len == 19 && (x.s[16] != ':' || !digits(x.s + 17, 2, &t) || t > 60)) return false;
    }
    ymd date = {y, (int8_t)m, (int8_t)d};
    if (!ymd_ok(date)) return false;
    *day = days_of(date);
    return true;
}

// Logs are mostly in the order of their days, so that the last one comes again.
static bool read_day(reader *r, str x, int32_t *day) {
    int64_t at_us;
    if (x.len == 10 && memcmp(x.s, r->last_day, 10) == 0) {
        *day = r->last_days;
        return true;
    }
    if (quick_day(x, day)) {
        if (x.len == 10) memcpy(r->last_day, x.s, 10), r->last_days = *day;
        return true;
    }
    if (!x.len || !time_parse(x, NULL, r->day_first, &at_us)) return false;
    *day = (int32_t)floor_div(at_us, DAY_US);
    return true;
}

// Digits and one decimal mark, no more decimals than the currency has.
static bool quick_amount(str x, char mark, int exponent, int64_t *minor) {
    size_t i = x.len && (x.s[0] == '-' || x.s[0] == '+'), first = i;
    int decimals = -1;
    int64_t v = 0;
    if (x.len > 16) return false;
    for (; i < x.len; i++) {
        char c = x.s[i];
        if (c >= '0' && c <= '9') {
            v = v * 10 + (c - '0');
            decimals += decimals >= 0;
        } else if (c == mark && decimals < 0) {
            decimals = 0;
        } else {
            return false;
        }
    }
    if (i == first || decimals > exponent) return false;
    for (int k = MAX(decimals, 0); k < exponent; k++) v *= 10;
    *minor = x.s[0] == '-' ? -v : v;
    return true;
}

static bool read_amount(const reader *r, str x, int64_t *minor) {
    double v;
    int exponent = r->money ? r->money->exponent : 2;
    if (quick_amount(x, r->mark, exponent, minor)) return true;
    // More decimals than money has, and 1e3, are for programs; all else is for people.
    if (r->mark == '.' && str_f64(x, &v) && v > -1e13 && v < 1e13) {
        for (int k = 0; k < exponent; k++) v *= 10;
        *minor = (int64_t)(v < 0 ? v - 0.5 : v + 0.5);
        return true;
    }
    return money_parse(x, r->money, minor, NULL) && *minor > -(INT64_C(1) << 53) && *minor < INT64_C(1) << 53;
}

// ---- rows ----

__attribute__((format(printf, 2, 3))) static void leave_out(reader *r, const char *fmt, ...) {
    log_file *f = r->f;
    f->bad++;
    if (f->n_first == LOG_SHOWN) return;
    log_left_out *x = &f->first[f->n_first++];
    va_list ap;
    x->line = r->line;
    va_start(ap, fmt);
    vsnprintf(x->why, sizeof x->why, fmt, ap);
    va_end(ap);
}

static str cell_of(const reader *r, const str *cells, int n, enum role role) {
    int k = r->column[role];
    if (k < 0 || k >= n || !cells[k].len) return S("");
    unsigned char first = (unsigned char)cells[k].s[0], last = (unsigned char)cells[k].s[cells[k].len - 1];
    bool bare = first > ' ' && first < 0x80 && last > ' ' && last < 0x80; // nearly all are
    return bare ? cells[k] : str_trim(cells[k]);
}

static bool has(const reader *r, enum role role) {
    return r->column[role] >= 0;
}

#define SHOW(x) (int)MIN((x).len, 40), (x).s

// The row's amount without its sign for what was sent back; false when the row was left out.
static bool amount_of(reader *r, const str *cells, int n, int64_t *minor) {
    enum role role = has(r, AMOUNT) ? AMOUNT : PRICE;
    str x = cell_of(r, cells, n, role), q = cell_of(r, cells, n, QUANTITY);
    double pieces = 1;
    if (!has(r, role)) return true;
    if (!read_amount(r, x, minor)) {
        leave_out(r, "\"%s\" is \"%.*s\"; write an amount as 1234.50", r->label[role], SHOW(x));
        return false;
    }
    if (role == AMOUNT || !has(r, QUANTITY)) return true;
    if (!str_f64(q, &pieces) || pieces < -1e9 || pieces > 1e9) {
        leave_out(r, "\"%s\" is \"%.*s\"; write how many as a number", r->label[QUANTITY], SHOW(q));
        return false;
    }
    double v = (double)*minor * pieces;
    if (v < -9e15 || v > 9e15) {
        leave_out(r, "price times quantity is too large");
        return false;
    }
    *minor = (int64_t)(v < 0 ? v - 0.5 : v + 0.5);
    return true;
}

// Is the row about a purchase in our currency, and was what it says sent back?
static bool is_ours(const reader *r, const str *cells, int n, bool *back) {
    *back = has(r, CANCEL) && says_yes(cell_of(r, cells, n, CANCEL));
    if (has(r, CURRENCY) && r->money) {
        const currency *c = currency_of(cell_of(r, cells, n, CURRENCY));
        if (c && c != r->money) return false;
    }
    if (has(r, STATUS)) {
        enum order_state state = order_state_of(cell_of(r, cells, n, STATUS));
        if (state == ORDER_FAILED || state == ORDER_CANCELLED || state == ORDER_REFUNDED) return false;
    }
    if (!has(r, KIND)) return true;
    enum kind kind = money_kind_of(cell_of(r, cells, n, KIND));
    *back = *back || kind == KIND_refund || kind == KIND_cancel || kind == KIND_return_;
    return kind != KIND_none || !r->kind_decides;
}

static void keep(reader *r, str name, int32_t day, int64_t amount) {
    log_file *f = r->f;
    if (f->n == r->room_rows) {
        r->to_who = grown(&r->s->who, r->to_who, f->n, sizeof *r->to_who);
        r->to_day = grown(&r->s->day, r->to_day, f->n, sizeof *r->to_day);
        r->to_amount = grown(&r->s->amount, r->to_amount, f->n, sizeof *r->to_amount);
        r->room_rows += CHUNK;
        f->who = r->to_who, f->day = r->to_day, f->amount = r->to_amount;
    }
    r->to_day[f->n] = day, r->to_amount[f->n++] = amount;
    number_later(r, name, f->n - 1);
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_blank(const str *cells, int n) {
    for (int i = 0; i < n; i++)
        if (str_trim(cells[i]).len) return false;
    return true;
}

static void take_row(reader *r, const str *cells, int n) {
    int32_t day = 0;
    int64_t amount = 0;
    bool back;
    str date = cell_of(r, cells, n, DATE), name = cell_of(r, cells, n, CUSTOMER);
    if (!date.len && is_blank(cells, n)) return;
    if (r->skip > 0) {
        r->skip--;
        return;
    }
    r->f->rows++;
    if (!is_ours(r, cells, n, &back)) {
        r->f->others++;
    } else if (!read_day(r, date, &day)) {
        leave_out(r, "\"%s\" is \"%.*s\"; write a day as 2026-01-31", r->label[DATE], SHOW(date));
    } else if (!amount_of(r, cells, n, &amount)) {
        return;
    } else if (!name.len || (!is_digit(name.s[0]) && says_nothing(name))) {
        leave_out(r, "\"%s\" is empty, so that nobody knows who bought", r->label[CUSTOMER]);
    } else if (r->f->n + 1 >= MOST_ROWS) {
        leave_out(r, "the file has more than 2 billion rows; split it");
    } else {
        keep(r, name, day, back && amount > 0 ? -amount : amount);
    }
}

// ---- reading: plain lines here, all else by the general reader ----

static int split_blanks(str line, str *cells, int most) {
    int n = 0;
    size_t i = 0;
    while (n < most) {
        while (i < line.len && line.s[i] == ' ') i++;
        if (i == line.len) break;
        size_t from = i;
        while (i < line.len && line.s[i] != ' ') i++;
        cells[n++] = (str){line.s + from, i - from};
    }
    return n;
}

static int split_plain(str line, char sep, str *cells, int most) {
    const char *p = line.s, *end = line.s + line.len;
    int n = 0;
    for (;;) {
        const char *q = p;
        while (q < end && *q != sep) q++;
        cells[n++] = (str){p, (size_t)(q - p)};
        if (q == end || n == most) return n;
        p = q + 1;
    }
}

// Whole cells between quotes without quotes inside; -1: something else.
static int split_quoted(str line, char sep, str *cells, int most) {
    const char *p = line.s, *end = line.s + line.len;
    int n = 0;
    for (;;) {
        const char *q;
        if (p < end && *p == '"') {
            q = memchr(p + 1, '"', (size_t)(end - p - 1));
            if (!q || (q + 1 < end && q[1] != sep)) return -1;
            cells[n++] = (str){p + 1, (size_t)(q - p - 1)};
            q++;
        } else {
            q = p;
            while (q < end && *q != sep) {
                if (*q == '"') return -1;
                q++;
            }
            cells[n++] = (str){p, (size_t)(q - p)};
        }
        if (q == end) return n;
        if (n == most) {
            p = q + 1; // quotes further on must be whole too
            n--;
            continue;
        }
        p = q + 1;
    }
}

// False when the line needs the general reader.
static bool take_line(reader *r, str line) {
    str cells[MOST_CELLS];
    int n;
    if (line.len && line.s[line.len - 1] == '\r') line.len--;
    if (memchr(line.s, '\r', line.len) || memchr(line.s, '\0', line.len)) return false;
    bool quotes = memchr(line.s, '"', line.len) != NULL;
    if (r->sep == ' ') {
        if (quotes) return false;
        n = split_blanks(line, cells, r->cells_wanted);
    } else if (quotes) {
        // One place more than wanted takes in turn what is not.
        n = split_quoted(line, r->sep, cells, r->cells_wanted + 1);
        if (n < 0) return false;
    } else {
        n = split_plain(line, r->sep, cells, r->cells_wanted);
    }
    int k = r->column[CUSTOMER];
    if (k < n && str_ascii(cells[k]) < cells[k].len && !str_utf8_ok(cells[k])) return false;
    if (line.len) take_row(r, cells, n);
    return true;
}

static bool fill(reader *r, err *e) {
    number_all(r);
    if (r->from) memmove(r->window, r->window + r->from, r->len - r->from);
    r->len -= r->from, r->from = 0;
    ptrdiff_t got = input_read(r->in, r->window + r->len, WINDOW - r->len, e);
    if (got < 0) return false;
    r->len += (size_t)got;
    r->ended = got == 0;
    if (r->o->progress) r->o->progress(r->o->ctx, r->f->rows, input_done(r->in), input_total(r->in));
    return true;
}

static ptrdiff_t read_rest(void *ctx, char *p, size_t n, err *e) {
    reader *r = ctx;
    if (r->from == r->len) {
        if (r->o->progress) r->o->progress(r->o->ctx, r->f->rows, input_done(r->in), input_total(r->in));
        return input_read(r->in, p, n, e);
    }
    n = MIN(n, r->len - r->from);
    memcpy(p, r->window + r->from, n);
    r->from += n;
    return (ptrdiff_t)n;
}

static bool read_general(reader *r, err *e) {
    arena a = arena_open((size_t)64 << 20);
    csv *c = csv_open(&a, read_rest, r, (csv_opts){.sep = r->sep});
    int64_t before = r->line;
    number_all(r);
    for (csv_row row; csv_next(c, &row, e);) {
        r->line = before + row.line;
        if (row.n == 0 && row.odd) {
            r->f->rows++;
            leave_out(r, "the row is %s", row.odd);
        } else {
            take_row(r, row.cells, row.n);
            number_all(r);
        }
    }
    arena_close(&a);
    return err_ok(e);
}

static bool read_all(reader *r, bool plain, err *e) {
    if (!fill(r, e)) return false;
    if (str_starts((str){r->window, r->len}, S("\xEF\xBB\xBF"))) r->from = 3;
    while (plain) {
        char *at = r->window + r->from, *end = memchr(at, '\n', r->len - r->from);
        if (!end && !r->ended) {
            if (r->from == 0 && r->len == WINDOW) break;
            if (!fill(r, e)) return false;
            continue;
        }
        if (!end && r->from == r->len) return number_all(r), true;
        size_t len = end ? (size_t)(end - at) : r->len - r->from;
        r->line++;
        if (!take_line(r, (str){at, len})) {
            r->line--;
            break;
        }
        r->from += len + (end != NULL);
    }
    return read_general(r, e);
}

// ---- which column holds what ----

static str columns_named(arena *a, const glance *g, const columns *c) {
    str all = S("");
    for (int i = 0; i < MIN(g->n_header, 30); i++)
        all = str_fmt(a, "%.*s%s%.*s", STR_ARG(all), i ? ", " : "", c->no_header ? 0 : SHOW(g->header[i]));
    return c->no_header ? str_fmt(a, "%d columns without names", g->n_header) : all;
}

static bool role_named(reader *r, arena *a, const glance *g, const columns *c, const char *key, str x, err *e) {
    int64_t n = 0;
    int role = 0;
    while (role < ROLES && strcmp(key, field_id(field_of_role[role])) != 0) role++;
    if (role == ROLES)
        return fail(e, ERR_usage,
                    "--map names '%s'; it takes customer, date, amount, price, quantity, cancel, status, kind_of, "
                    "currency, header and day_first",
                    key);
    r->column[role] = -1;
    if (!x.len) return true;
    for (int i = 0; i < g->n_header && !c->no_header; i++)
        if (str_eq_ci(g->header[i], x)) n = i + 1;
    if (!n && (!str_i64(x, &n) || n < 1 || n > g->n_header)) {
        str all = columns_named(a, g, c);
        return fail(e, ERR_usage, "the file has no column \"%.*s\"; it has %.*s", SHOW(x), (int)MIN(all.len, 300),
                    all.s);
    }
    for (int i = 0; i < ROLES; i++)
        if (r->column[i] == n - 1) r->column[i] = -1;
    r->column[role] = (int)n - 1;
    return true;
}

static bool take_map(reader *r, arena *a, const glance *g, columns *c, err *e) {
    json_t *map = NULL;
    bool ok = true;
    if (!r->o->map.len) return true;
    if (!json_read(r->o->map, &map, e)) return false;
    if (!json_is_object(map)) ok = fail(e, ERR_usage, "--map takes an object: {\"customer\": \"COLUMN\"}");
    str header = json_text(json_object_get(map, "header")), first = json_text(json_object_get(map, "day_first"));
    if (header.len) c->no_header = str_eq(header, S("none"));
    if (first.len) r->day_first = says_yes(first) ? 1 : -1;
    for (void *it = json_object_iter(map); it; it = json_object_iter_next(map, it)) {
        const char *key = json_object_iter_key(it);
        const json_t *v = json_object_iter_value(it);
        if (!ok || strcmp(key, "header") == 0 || strcmp(key, "day_first") == 0) continue;
        ok = role_named(r, a, g, c, key, json_scalar(a, v), e);
    }
    json_decref(map);
    return ok;
}

// Who bought: a customer's number; else an address; else a number that comes again and again.
static int customer_column(const columns *c) {
    static const enum field ways[] = {FIELD_customer, FIELD_email, FIELD_id, FIELD_phone, FIELD_name, FIELD_author};
    for (size_t i = 0; i < COUNT(ways); i++) {
        int k = c->column[ways[i]];
        if (k >= 0 && (ways[i] != FIELD_id || c->look[k].repeats)) return k;
    }
    return -1;
}

static const currency *most_common(const glance *g, int column) {
    const currency *best = NULL;
    int most = 0;
    for (int i = 0; i < g->n_rows; i++) {
        const currency *c = currency_of(glance_cell(g, i, column));
        int n = 0;
        for (int k = 0; c && k < g->n_rows; k++) n += currency_of(glance_cell(g, k, column)) == c;
        if (n > most) best = c, most = n;
    }
    return best;
}

static void look_closer(reader *r, arena *a, const glance *g, const columns *c) {
    str *days = make(a, str, g->n_rows + 1);
    int money = r->column[has(r, AMOUNT) ? AMOUNT : PRICE];
    for (int i = 0; i < g->n_rows; i++) days[i] = glance_cell(g, i, r->column[DATE]);
    if (!r->day_first) r->day_first = time_day_first(days, (size_t)g->n_rows);
    if (!r->day_first && g->n_rows && str_find(days[0], '/') > 0)
        r->f->notes = S("days such as 01/02/2026 are read month first; --map '{\"day_first\": \"yes\"}' turns that "
                        "round");
    r->mark = money >= 0 && c->look[money].comma && !c->look[money].point ? ',' : '.';
    if (has(r, CURRENCY) && !r->money) r->money = most_common(g, r->column[CURRENCY]);
    for (int i = 0; has(r, KIND) && i < g->n_rows; i++) {
        enum kind k = money_kind_of(glance_cell(g, i, r->column[KIND]));
        r->kind_decides = r->kind_decides || k == KIND_order || k == KIND_payment;
    }
}

static void tell(reader *r, arena *a, const glance *g, const columns *c) {
    str said = S("");
    for (int i = 0; i < ROLES; i++) {
        int k = r->column[i];
        if (k < 0) continue;
        str name = c->no_header ? str_fmt(a, "column %d", k + 1) : g->header[k];
        r->label[i] = str_z(a, name);
        said =
            str_fmt(a, "%.*s%s%s: %.*s", STR_ARG(said), said.len ? ", " : "", field_id(field_of_role[i]), SHOW(name));
        r->cells_wanted = MAX(r->cells_wanted, k + 1);
    }
    r->f->columns = said;
}

static bool find_columns(reader *r, arena *a, const glance *g, err *e) {
    columns c = columns_guess(a, g);
    for (int i = 0; i < ROLES; i++) r->column[i] = c.column[field_of_role[i]];
    r->column[CUSTOMER] = customer_column(&c);
    if (!take_map(r, a, g, &c, e)) return false;
    if (!has(r, CUSTOMER) || !has(r, DATE)) {
        str all = columns_named(a, g, &c);
        const char *lacks = has(r, CUSTOMER) ? "date" : "customer";
        return fail(e, ERR_invalid, "no column says %s; name it: --map '{\"%s\": \"COLUMN\"}', of: %.*s",
                    has(r, CUSTOMER) ? "when it was bought" : "who bought", lacks, (int)MIN(all.len, 300), all.s);
    }
    if (has(r, AMOUNT)) r->column[PRICE] = r->column[QUANTITY] = -1;
    r->sep = g->sep;
    r->skip = g->preamble + !c.no_header;
    look_closer(r, a, g, &c);
    tell(r, a, g, &c);
    if (r->cells_wanted >= MOST_CELLS) return fail(e, ERR_too_large, "the file has more than %d columns", MOST_CELLS);
    return true;
}

static bool look_and_read(reader *r, arena *a, err *e) {
    glance g = {0};
    str head = input_peek(r->in, GLANCE_BYTES, e);
    bool plain = !memchr(head.s ? head.s : "", '\0', head.len);
    if (!err_ok(e) || !glance_look(a, head, head.len < GLANCE_BYTES, &g, e)) return false;
    bool is_csv = g.header != NULL;
    glance_close(&g);
    if (!is_csv)
        return fail(e, ERR_invalid, "the file is JSON; 'heed import' takes it in, and 'heed value' reads the store");
    if (!find_columns(r, a, &g, e)) return false;
    arena window = arena_open(WINDOW);
    r->window = make(&window, char, WINDOW);
    bool ok = read_all(r, plain, e);
    arena_close(&window);
    return ok;
}

bool log_read(arena *a, const char *path, const log_opts *o, log_file *out, err *e) {
    *out = (log_file){.own = make(a, log_store, 1)};
    reader r = {.f = out, .s = out->own, .o = o, .room_names = CHUNK, .room_bytes = CHUNK};
    if (o->currency.len && !(r.money = currency_of(o->currency))) {
        *out = (log_file){0};
        return fail(e, ERR_usage, "\"%.*s\" is no currency; write its ISO 4217 code, such as EUR", SHOW(o->currency));
    }
    if (!input_open(&r.in, path, e)) return false;
    open_store(out->own);
    bool ok = look_and_read(&r, a, e);
    input_close(r.in);
    out->money = r.money;
    if (ok && !has(&r, AMOUNT) && !has(&r, PRICE)) out->amount = NULL;
    if (ok && !out->n)
        ok = fail(e, ERR_invalid, "no row could be read%s%s; name the columns by --map", out->n_first ? ": " : "",
                  out->n_first ? out->first[0].why : "");
    if (!ok) log_close(out);
    return ok;
}
