#include "listen/plan.h"

static bool has(const columns *c, enum field f) {
    return c->column[f] >= 0;
}

static void drop(columns *c, enum field f) {
    c->column[f] = -1;
    c->points[f] = 0;
}

static bool name_has(const columns *c, int column, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (column >= 0 && str_has(c->names[column], str_c(words[i]))) return true;
    return false;
}

static bool any_name(const columns *c, const char *const *words, size_t n) {
    for (int i = 0; i < c->n; i++)
        if (name_has(c, i, words, n)) return true;
    return false;
}

#define NAMED(column, ...)                                                                                             \
    name_has(c, column, (const char *const[]){__VA_ARGS__}, COUNT(((const char *const[]){__VA_ARGS__})))
#define ANY_NAMED(...) any_name(c, (const char *const[]){__VA_ARGS__}, COUNT(((const char *const[]){__VA_ARGS__})))

// What the rows are

static bool is_money(const columns *c) {
    if (!has(c, FIELD_date) || (!has(c, FIELD_amount) && !(has(c, FIELD_price) && has(c, FIELD_quantity))))
        return false;
    bool trade = has(c, FIELD_order) || has(c, FIELD_quantity) || has(c, FIELD_memo) || c->points[FIELD_amount] >= 95;
    bool words = has(c, FIELD_score) || has(c, FIELD_text);
    return trade || !words;
}

static bool is_contract(const columns *c) {
    bool by_tenure = has(c, FIELD_tenure) && (has(c, FIELD_churn) || has(c, FIELD_monthly));
    bool by_dates = has(c, FIELD_start) && (has(c, FIELD_end) || has(c, FIELD_monthly));
    return by_tenure || by_dates;
}

static enum rows_are rows_are(const columns *c) {
    if (is_contract(c) && !(has(c, FIELD_date) && has(c, FIELD_amount) && has(c, FIELD_order))) return ROWS_CONTRACTS;
    if (is_money(c)) return ROWS_MONEY;
    if (has(c, FIELD_score) || (has(c, FIELD_text) && !has(c, FIELD_email)) ||
        (has(c, FIELD_text) && has(c, FIELD_date)))
        return ROWS_SAID;
    return ROWS_FACTS;
}

// Columns that mean something else, or nothing, in rows of this sort.
static void drop_foreign(columns *c, enum rows_are are) {
    static const enum field said[] = {FIELD_text,  FIELD_title, FIELD_score, FIELD_mood,
                                      FIELD_topic, FIELD_lang,  FIELD_thread};
    static const enum field trade[] = {FIELD_amount, FIELD_price, FIELD_quantity, FIELD_cancel,
                                       FIELD_kind,   FIELD_memo,  FIELD_status};
    static const enum field terms[] = {FIELD_tenure, FIELD_monthly, FIELD_churn, FIELD_end};
    for (size_t i = 0; i < COUNT(said) && are != ROWS_SAID; i++) drop(c, said[i]);
    for (size_t i = 0; i < COUNT(trade) && are != ROWS_MONEY; i++)
        if (are != ROWS_CONTRACTS || trade[i] != FIELD_amount || !has(c, FIELD_monthly)) drop(c, trade[i]);
    for (size_t i = 0; i < COUNT(terms) && are != ROWS_CONTRACTS; i++) drop(c, terms[i]);
    if (are == ROWS_MONEY || are == ROWS_SAID) drop(c, FIELD_start);
    if (are == ROWS_CONTRACTS && has(c, FIELD_monthly)) drop(c, FIELD_amount);
    if (are == ROWS_FACTS) drop(c, FIELD_currency);
    if (are == ROWS_FACTS && !has(c, FIELD_date) && has(c, FIELD_start))
        columns_set(c, FIELD_date, c->column[FIELD_start]);
}

static bool repeats(const columns *c, int column) {
    return column >= 0 && c->look[column].repeats * 20 > c->look[column].filled;
}

// A bare "id" is the customer's number where rows share it or are about people, else the row's own.
static void settle_id(columns *c, enum rows_are are) {
    int id = c->column[FIELD_id];
    if (id < 0 || has(c, FIELD_customer)) return;
    bool people = are == ROWS_FACTS || are == ROWS_CONTRACTS;
    bool bare = c->no_header || str_eq(c->names[id], S("id"));
    if (people || (bare && (repeats(c, id) || has(c, FIELD_order)))) columns_set(c, FIELD_customer, id);
}

static enum kind money_kind(const columns *c) {
    bool nobody = !has(c, FIELD_customer) && !has(c, FIELD_email) && !has(c, FIELD_order);
    if (has(c, FIELD_memo) && nobody) return KIND_payment;
    int cols[] = {c->column[FIELD_amount], c->column[FIELD_date], c->column[FIELD_id]};
    for (size_t i = 0; i < COUNT(cols) && !has(c, FIELD_order); i++)
        if (NAMED(cols[i], "payment", "zahlung", "pago", "charge")) return KIND_payment;
    return KIND_order;
}

static bool is_review(const columns *c) {
    return has(c, FIELD_author) || ANY_NAMED("review", "rezension", "resena", "stars", "sterne", "estrellas", "rating");
}

static enum kind said_kind(const columns *c) {
    if (has(c, FIELD_thread) && has(c, FIELD_text) && !has(c, FIELD_score)) return KIND_message_in;
    if (has(c, FIELD_score)) return is_review(c) ? KIND_review : KIND_answer;
    return KIND_comment;
}

static void set_instrument(plan *p, const columns *c) {
    int s = c->column[FIELD_score];
    p->factor = 1;
    if (s < 0) return;
    int hi = c->look[s].filled ? scale_top(&c->look[s]) : 5;
    if (NAMED(s, "nps", "recommend", "weiterempf", "recomend"))
        p->instrument = INSTRUMENT_nps;
    else if (NAMED(s, "ces", "effort", "easy", "aufwand", "einfach", "esfuerzo", "facil"))
        p->instrument = hi <= 5 ? INSTRUMENT_ces5 : INSTRUMENT_ces7;
    else if (NAMED(s, "csat", "satisf", "zufrieden"))
        p->instrument = hi <= 5 ? INSTRUMENT_csat5 : hi <= 7 ? INSTRUMENT_csat7 : INSTRUMENT_scale100;
    else if (p->kind == KIND_review)
        p->instrument = hi <= 5 ? INSTRUMENT_stars5 : INSTRUMENT_scale100;
    else
        p->instrument = hi <= 5    ? INSTRUMENT_csat5
                        : hi <= 7  ? INSTRUMENT_csat7
                        : hi <= 10 ? INSTRUMENT_nps
                                   : INSTRUMENT_scale100;
    if (p->instrument == INSTRUMENT_scale100 && hi <= 10) p->factor = 10;
}

static enum channel channel_guess(const columns *c, const plan *p) {
    if (p->are == ROWS_SAID && ANY_NAMED("tweet", "hashtag", "retweet")) return CHANNEL_social;
    if (p->kind == KIND_review) return CHANNEL_reviews;
    if (p->kind == KIND_answer) return CHANNEL_survey;
    return CHANNEL_import;
}

// Columns that only make sense together with others.
static double how_sure(const plan *p, const columns *c) {
    bool person = has(c, FIELD_customer) || has(c, FIELD_email) || has(c, FIELD_phone);
    bool named = has(c, FIELD_name) || has(c, FIELD_last);
    if (ANY_NAMED("employee", "hiredate", "mitarbeiternummer", "reportingto")) return 0.2;
    switch (p->are) {
    case ROWS_MONEY: return person || has(c, FIELD_order) || c->points[FIELD_amount] >= 90 ? 0.6 : 0.4;
    case ROWS_CONTRACTS: return person ? 0.6 : 0.3;
    case ROWS_SAID: return has(c, FIELD_date) ? 0.6 : 0.3;
    case ROWS_FACTS: return has(c, FIELD_email) || (person && named) ? 0.55 : 0.2;
    }
    return 0;
}

static void finish(plan *p, columns *c) {
    drop_foreign(c, p->are);
    settle_id(c, p->are);
    if (!p->kind) {
        switch (p->are) {
        case ROWS_FACTS: p->kind = KIND_identify; break;
        case ROWS_MONEY: p->kind = money_kind(c); break;
        case ROWS_CONTRACTS: p->kind = KIND_contract_start; break;
        case ROWS_SAID: p->kind = said_kind(c); break;
        }
    }
    set_instrument(p, c);
    p->channel = channel_guess(c, p);
    p->lines = p->are == ROWS_MONEY && (repeats(c, c->column[FIELD_order]) ||
                                        (has(c, FIELD_order) && has(c, FIELD_product) && has(c, FIELD_price)));
    int money = has(c, FIELD_amount) ? c->column[FIELD_amount] : c->column[FIELD_price];
    if (p->are == ROWS_CONTRACTS && has(c, FIELD_monthly)) money = c->column[FIELD_monthly];
    if (money >= 0 && c->look[money].point != c->look[money].comma) p->mark = c->look[money].point ? '.' : ',';
    p->no_header = c->no_header;
    p->sure = how_sure(p, c);
    memcpy(p->column, c->column, sizeof p->column);
}

plan plan_guess(arena *a, const glance *g, columns *c) {
    *c = columns_guess(a, g);
    plan p = {.are = rows_are(c)};
    finish(&p, c);
    return p;
}

// What was asked for

static int column_asked(const reading *r, str x) {
    int64_t n = 0;
    for (int i = 0; i < r->n_header; i++)
        if (str_eq_ci(r->header[i], x)) return i;
    if (str_starts_ci(x, S("column "))) x = str_sub(x, 7, x.len);
    return str_i64(x, &n) && n >= 1 && n <= r->n_header ? (int)n - 1 : -1;
}

// How the mapping names a column: by its header, or by its place if that says nothing or stands above another one too.
static str told_name(const reading *r, int column) {
    str x = r->header[column];
    bool own = x.len > 0;
    for (int i = 0; i < column && own; i++) own = !str_eq_ci(r->header[i], x);
    return own ? x : str_fmt(r->life, "column %d", column + 1);
}

static bool is_setting(const char *key) {
    static const char *const names[] = {"kind",  "as_of",  "instrument", "channel_is", "keep",
                                        "lines", "header", "mark",       "factor"};
    for (size_t i = 0; i < COUNT(names); i++)
        if (!strcmp(key, names[i])) return true;
    return false;
}

static bool ask_columns(const reading *r, columns *c, err *e) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)r->map, key, value) {
        enum field f = field_of(str_c(key));
        if (is_setting(key)) continue;
        if (f == FIELDS)
            return fail(e, ERR_invalid,
                        "\"%s\" is no field of the mapping; there are date, customer, email, "
                        "amount, order, score, text and others",
                        key);
        str name = json_scalar(r->life, value);
        int column = name.len ? column_asked(r, name) : -1;
        if (name.len && column < 0) return fail(e, ERR_invalid, "the file has no column \"%.*s\"", STR_ARG(name));
        columns_set(c, f, column);
    }
    return true;
}

static enum rows_are are_of(enum kind k) {
    switch (kind_class(k)) {
    case CLASS_MONEY: return ROWS_MONEY;
    case CLASS_CONTRACT: return ROWS_CONTRACTS;
    case CLASS_SAID:
    case CLASS_TALK: return ROWS_SAID;
    case CLASS_NONE:
    case CLASS_FACT:
    case CLASS_USE: return ROWS_FACTS;
    }
    return ROWS_FACTS;
}

static bool ask_kind(const reading *r, plan *p, const columns *c, err *e) {
    str x = map_text(r, "kind");
    p->are = rows_are(c);
    if (!x.len) return true;
    p->kind = kind_of(x);
    p->are = are_of(p->kind);
    return p->kind != KIND_none || fail(e, ERR_invalid,
                                        "\"%.*s\" is no kind of event; there are order, payment, answer, "
                                        "review, comment, identify and others",
                                        STR_ARG(x));
}

static bool ask_settings(const reading *r, plan *p, err *e) {
    str instrument = map_text(r, "instrument"), channel = map_text(r, "channel_is"), lines = map_text(r, "lines");
    str mark = map_text(r, "mark");
    int64_t factor = 0;
    if (instrument.len) {
        p->instrument = instrument_of(instrument);
        p->factor = 1;
        if (!p->instrument)
            return fail(e, ERR_invalid, "\"%.*s\" is no scale; there are nps, csat5, ces7, stars5 and others",
                        STR_ARG(instrument));
    }
    if (str_i64(map_text(r, "factor"), &factor) && factor >= 1 && factor <= 100) p->factor = (int)factor;
    if (channel.len) p->channel = channel_of(channel);
    if (channel.len && !p->channel) return fail(e, ERR_invalid, "\"%.*s\" is no channel", STR_ARG(channel));
    if (lines.len) p->lines = says_yes(lines);
    if (mark.len) p->mark = mark.s[0] == '.' || mark.s[0] == ',' ? mark.s[0] : 0;
    return true;
}

// "keep" is a list of names, or as text one name, several with commas between, or "*" for all.
static bool is_kept(const reading *r, str name) {
    const json_t *asked = json_object_get(r->map, "keep");
    str text = json_text(asked);
    for (size_t i = 0; i < json_array_size(asked); i++)
        if (str_eq_ci(json_text(json_array_get(asked, i)), name)) return true;
    if (str_eq(text, S("*")) || (text.len && str_eq_ci(text, name))) return true;
    for (str rest = text; rest.s && rest.len;)
        if (str_eq_ci(str_trim(str_cut(&rest, ',')), name)) return true;
    return false;
}

// The rest of what a row says goes into the event's extra; for orders only what is asked for, since they are many.
static void keep_columns(reading *r, plan *p) {
    bool asked = json_object_get(r->map, "keep"), all = !asked && r->guess && p->are != ROWS_MONEY;
    if (!asked && !all) return;
    for (int i = 0; i < r->n_header && p->n_keep < KEEP_MAX; i++) {
        bool used = !r->header[i].len;
        for (int f = 0; f < FIELDS; f++) used = used || p->column[f] == i;
        if (used || !(all || is_kept(r, told_name(r, i)))) continue;
        p->keep[p->n_keep] = i;
        p->keep_name[p->n_keep++] = str_z(r->life, told_name(r, i));
    }
}

// What is told about it

static bool uses_as_of(const plan *p) {
    if (p->are == ROWS_CONTRACTS) return p->column[FIELD_start] < 0;
    return p->column[FIELD_date] < 0 && p->column[FIELD_edited] < 0;
}

// Everything that reading a single row again needs to come to the same result.
static void tell_mapping(reading *r, const plan *p, heard_as *how) {
    buf b = buf_new(r->life, 256 << 10);
    json_out j = json_to(&b);
    json_open(&j, NULL, '{');
    for (int f = 0; f < FIELDS; f++)
        if (p->column[f] >= 0) json_put_str(&j, field_id((enum field)f), told_name(r, p->column[f]));
    json_put_str(&j, "kind", kind_name(p->kind));
    json_put_str(&j, "channel_is", channel_name(p->channel));
    if (p->column[FIELD_score] >= 0) json_put_str(&j, "instrument", instrument_name(p->instrument));
    if (p->factor > 1) json_put_int(&j, "factor", p->factor);
    if (p->lines) json_put_str(&j, "lines", S("yes"));
    if (p->mark) json_put_str(&j, "mark", (str){&p->mark, 1});
    if (p->no_header) json_put_str(&j, "header", S("none"));
    if (uses_as_of(p) || r->as_of_given) json_put_str(&j, "as_of", date_str(r->life, zone_days(r->z, r->as_of_us)));
    if (p->n_keep) json_open(&j, "keep", '[');
    for (int i = 0; i < p->n_keep; i++) json_put_str(&j, NULL, str_c(p->keep_name[i]));
    if (p->n_keep) json_close(&j, ']');
    json_close(&j, '}');
    how->mapping = buf_str(&b);
}

static void tell_ignored(reading *r, const plan *p, buf *b) {
    bool any = false;
    for (int i = 0; i < r->n_header; i++) {
        bool used = !r->header[i].len;
        for (int f = 0; f < FIELDS; f++) used = used || p->column[f] == i;
        for (int k = 0; k < p->n_keep; k++) used = used || p->keep[k] == i;
        if (used) continue;
        buf_fmt(b, "%s%.*s",
                any ? ", " : "columns not read (name them in \"keep\" to store them): ", STR_ARG(r->header[i]));
        any = true;
    }
    if (any) buf_addc(b, '\n');
}

static void tell_notes(reading *r, const plan *p, heard_as *how, bool unclear_days) {
    buf b = buf_new(r->life, 64 << 10);
    str kind = kind_text(p->kind);
    buf_fmt(&b, "each row is read as %.*s: %.*s\n", STR_ARG(kind_name(p->kind)), STR_ARG(kind));
    if (p->column[FIELD_score] >= 0)
        buf_fmt(&b, "scores are read as \"%.*s\"\n", STR_ARG(instrument_label(p->instrument)));
    if (uses_as_of(p))
        buf_fmt(&b, "the file has no dates: it is read as of %.*s; say the day it was made with \"as_of\"\n",
                STR_ARG(date_str(r->life, zone_days(r->z, r->as_of_us))));
    if (unclear_days) buf_add(&b, S("no date shows whether the day or the month comes first: read month first\n"));
    if (p->no_header) buf_add(&b, S("the file has no header: its columns are called column 1, column 2, …\n"));
    if (p->lines) buf_add(&b, S("several rows share an order number: each row is one line of an order\n"));
    tell_ignored(r, p, &b);
    how->notes = buf_str(&b);
}

// 1 or -1 when the column shows it; 0 and true in *unclear when it could be either and matters.
static int day_order(reading *r, const glance *g, const plan *p, bool *unclear) {
    int column = p->column[FIELD_date] >= 0 ? p->column[FIELD_date] : p->column[FIELD_start];
    str *examples = make(r->life, str, g->n_rows + 1);
    size_t n = 0, slashed = 0;
    for (int i = 0; i < g->n_rows && column >= 0; i++) {
        str x = glance_cell(g, i, column);
        if (!x.len) continue;
        examples[n++] = x;
        slashed += str_find(x, '/') == 1 || str_find(x, '/') == 2;
    }
    int order = n ? time_day_first(examples, n) : 0;
    *unclear = !order && slashed > 0;
    return order;
}

static void name_columns(reading *r, const plan *p) {
    if (!p->no_header) return;
    str *names = make(r->life, str, MAX(r->n_header, 1));
    for (int i = 0; i < r->n_header; i++) names[i] = str_fmt(r->life, "column %d", i + 1);
    r->header = names;
    r->header_rows = -1;
}

bool plan_make(reading *r, const glance *g, plan *p, heard_as *how, err *e) {
    columns c = columns_guess(r->life, g);
    *p = (plan){.factor = 1};
    str header = map_text(r, "header");
    if (header.len) c.no_header = str_eq(header, S("none"));
    for (int f = 0; f < FIELDS && !r->guess; f++) drop(&c, (enum field)f);
    p->no_header = c.no_header;
    name_columns(r, p);
    if (!ask_columns(r, &c, e) || !ask_kind(r, p, &c, e)) return false;
    columns asked = c;
    finish(p, &c);
    if (!r->guess) memcpy(p->column, asked.column, sizeof p->column), p->mark = 0, p->lines = false;
    if (!ask_settings(r, p, e)) return false;
    keep_columns(r, p);
    bool unclear = false;
    if (!r->day_first && r->guess) r->day_first = day_order(r, g, p, &unclear);
    for (int f = 0; f < FIELDS; f++)
        p->label[f] = p->column[f] >= 0 ? str_z(r->life, r->header[p->column[f]]) : field_id((enum field)f);
    tell_mapping(r, p, how);
    tell_notes(r, p, how, unclear);
    how->channel = p->channel;
    return true;
}
