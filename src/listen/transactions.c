#include "listen/columns.h"

// Plain purchase logs: a customer number, a day, how many, how much, with or without a header, mostly between blanks.
// Where two numbers stand before the day (the CDNOW sample), the first is the customer's.
typedef struct {
    int customer, date, quantity, amount;
    bool header;
} roles;

static bool is_number(str x) {
    double v = 0;
    return str_f64(x, &v);
}

// A row of data as such a log has it: numbers and one day.
static bool is_data(const str *cells, int n, int date) {
    for (int i = 0; i < n; i++)
        if (i == date ? !looks_date(str_trim(cells[i])) : i > 0 && !is_number(str_trim(cells[i]))) return false;
    return true;
}

static bool all_data(const glance *g, int date) {
    for (int i = 0; i < g->n_rows; i++)
        if (g->rows[i].n != g->n_header || !is_data(g->rows[i].cells, g->rows[i].n, date)) return false;
    return true;
}

// Whole numbers in every row: a count, not an amount.
static bool whole(const glance *g, int column) {
    for (int i = 0; i < g->n_rows; i++)
        if (str_find(glance_cell(g, i, column), '.') >= 0) return false;
    return true;
}

static bool find_roles(const glance *g, roles *t) {
    int n = g->n_header;
    if (n < 3 || n > 6 || g->n_rows < 1) return false;
    for (int date = 1; date <= 2 && date < n - 1; date++) {
        if (!all_data(g, date)) continue;
        *t = (roles){.customer = 0, .date = date, .quantity = -1, .amount = n - 1};
        if (n - 1 > date + 1 && whole(g, date + 1)) t->quantity = date + 1;
        t->header = !is_data(g->header, n, date);
        return true;
    }
    return false;
}

static double transactions_sure(const glance *g) {
    roles t;
    if (!find_roles(g, &t)) return 0;
    return g->sep == ' ' || !t.header ? 0.9 : 0;
}

static void tell(reading *r, const roles *t, heard_as *as) {
    buf b = buf_new(r->life, 4096);
    json_out j = json_to(&b);
    const struct {
        const char *key;
        int column;
    } said[] = {{"customer", t->customer}, {"date", t->date}, {"quantity", t->quantity}, {"amount", t->amount}};
    json_open(&j, NULL, '{');
    for (size_t i = 0; i < COUNT(said); i++)
        if (said[i].column >= 0) json_put_int(&j, said[i].key, said[i].column + 1);
    json_put_str(&j, "header", t->header ? S("yes") : S("none"));
    json_close(&j, '}');
    as->mapping = buf_str(&b);
    as->notes = S("each row is read as one purchase; the mapping gives the numbers of the columns\n");
}

// A column by its number or, where there is a header, by its name.
static bool ask(reading *r, const char *field, int *column, err *e) {
    str x = map_text(r, field);
    int64_t n = 0;
    if (!x.len) return true;
    if (!str_i64(x, &n)) n = column_of(r, str_z(r->life, x)) + 1;
    if (n < 1 || n > r->n_header) return fail(e, ERR_invalid, "the file has no column \"%.*s\"", STR_ARG(x));
    *column = (int)n - 1;
    return true;
}

static bool transactions_begin(reading *r, const glance *g, heard_as *as, err *e) {
    roles *t = make(r->life, roles, 1);
    r->own = t;
    *t = (roles){-1, -1, -1, -1, false};
    if (r->guess) find_roles(g, t);
    if (!ask(r, "customer", &t->customer, e) || !ask(r, "date", &t->date, e) || !ask(r, "quantity", &t->quantity, e) ||
        !ask(r, "amount", &t->amount, e))
        return false;
    str header = map_text(r, "header");
    if (header.len) t->header = !str_eq(header, S("none"));
    if (t->date < 0 || t->amount < 0)
        return fail(e, ERR_invalid,
                    "say which columns hold what: --column customer=1 --column date=2 --column amount=4");
    r->header_rows = t->header ? 1 : -1;
    tell(r, t, as);
    return true;
}

static const char *column_label(reading *r, int column) {
    const roles *t = r->own;
    return t->header ? str_z(&r->row, r->header[column]) : str_fmt(&r->row, "column %d", column + 1).s;
}

// The key is made of what is read, not of the row as it stands, so that a sample of a log repeats the log's keys.
static void transactions_row(reading *r) {
    const roles *t = r->own;
    event *ev = event_new(r, KIND_order, CHANNEL_shop);
    str date = cell(r, t->date), amount = cell(r, t->amount), customer = cell(r, t->customer);
    if (!read_time(r, column_label(r, t->date), date, &ev->at_us)) return;
    if (!read_money(r, column_label(r, t->amount), amount, r->money, ev)) return;
    if (t->quantity >= 0 && !str_i64(cell(r, t->quantity), &ev->quantity)) {
        str x = cell(r, t->quantity);
        reject(r, column_label(r, t->quantity), "\"%.*s\" is no whole number", (int)MIN(x.len, 40), x.len ? x.s : "");
        return;
    }
    int64_t said[] = {ev->at_us, ev->value, ev->unit, ev->quantity};
    str content = str_cat(&r->row, (str){(const char *)said, sizeof said}, customer);
    add_ident(r, ev, IDENT_user_id, customer);
    if (ev->value < 0) ev->kind = KIND_refund, ev->value = -ev->value;
    ev->ext = row_key(r, ev->kind == KIND_refund ? "refund" : "order", content);
}

const adapter ADAPTER_transactions = {
    .name = "transactions",
    .label = "purchase log (customer, day, quantity, amount)",
    .source = "transactions",
    .channel = CHANNEL_shop,
    .format = FORMAT_CSV,
    .sure = transactions_sure,
    .begin = transactions_begin,
    .row = transactions_row,
};
