#include "listen/plan.h"
#include "listen/tally.h"
#include "listen/words.h"

static const plan *plan_of(const reading *r) {
    return r->own;
}

static bool has(const plan *p, enum field f) {
    return p->column[f] >= 0;
}

// The cell of a field; empty when it says nothing ("N/A", "null").
static str get(const reading *r, enum field f) {
    int column = plan_of(r)->column[f];
    if (column < 0) return S("");
    str x = cell(r, column);
    return x.len <= 6 && says_nothing(x) ? S("") : x;
}

static void add_person(reading *r, event *ev) {
    add_ident(r, ev, IDENT_user_id, get(r, FIELD_customer));
    add_ident(r, ev, IDENT_email, get(r, FIELD_email));
    add_ident(r, ev, IDENT_phone, get(r, FIELD_phone));
    ev->name = get(r, FIELD_name);
    str first = get(r, FIELD_first), last = get(r, FIELD_last);
    if (!ev->name.len && (first.len || last.len))
        ev->name = str_trim(str_fmt(&r->row, "%.*s %.*s", STR_ARG(first), STR_ARG(last)));
    str author = get(r, FIELD_author);
    if (author.len) add_ident(r, ev, IDENT_author, author);
    if (!ev->name.len) ev->name = author;
}

static event *new_event(reading *r, enum kind kind) {
    const plan *p = plan_of(r);
    event *ev = event_new(r, kind, p->channel);
    enum channel said = channel_said(get(r, FIELD_channel));
    if (said) ev->channel = said;
    add_person(r, ev);
    ev->country = get(r, FIELD_country);
    ev->address = event_address(&r->row, get(r, FIELD_street), get(r, FIELD_postcode), get(r, FIELD_city));
    ev->born = event_born(&r->row, get(r, FIELD_born), r->day_first);
    ev->segment = get(r, FIELD_segment);
    ev->staff = get(r, FIELD_staff);
    return ev;
}

static void add_kept(reading *r, event *ev) {
    const plan *p = plan_of(r);
    for (int i = 0; i < p->n_keep; i++) add_extra(r, ev, p->keep_name[i], cell(r, p->keep[i]));
}

static const char *column_name(const reading *r, enum field f) {
    return plan_of(r)->label[f];
}

// The column says when; where it says nothing, the day the whole file holds for.
static bool when(reading *r, enum field f, int64_t *at_us) {
    str x = get(r, f);
    *at_us = r->as_of_us;
    return !x.len || read_time(r, column_name(r, f), x, at_us);
}

// Amounts

// Digits with the mark that the whole column was seen to use; extra decimals are rounded half to even.
static bool decimal(str x, char mark, int exponent, int64_t *minor) {
    int64_t v = 0, rest = 0, unit = 1;
    int decimals = -1;
    size_t i = x.len && x.s[0] == '-';
    bool minus = i, digits = false;
    for (; i < x.len; i++) {
        if (x.s[i] == mark && decimals < 0) {
            decimals = 0;
            continue;
        }
        unsigned digit = (unsigned char)x.s[i] - '0';
        if (digit > 9 || i > 32) return false;
        digits = true;
        if (decimals >= 0 && ++decimals > exponent) {
            if (unit < 1000000000) rest = rest * 10 + digit, unit *= 10;
            continue;
        }
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, digit, &v)) return false;
    }
    for (int k = MAX(decimals, 0); k < exponent; k++)
        if (__builtin_mul_overflow(v, 10, &v)) return false;
    v += rest * 2 > unit || (unit > 1 && rest * 2 == unit && v % 2);
    *minor = minus ? -v : v;
    return digits;
}

static bool read_amount(reading *r, enum field f, const currency *c, event *ev) {
    char mark = plan_of(r)->mark;
    str x = get(r, f);
    if (mark && decimal(x, mark, c->exponent, &ev->value)) {
        ev->has_value = true;
        ev->unit = c->number;
        return true;
    }
    return read_money(r, column_name(r, f), x, c, ev);
}

static bool whole_number(str x, int64_t *v) {
    double d = 0;
    if (str_i64(x, v)) return true;
    if (!str_f64(x, &d) || d != (double)(int64_t)d || d > 1e15 || d < -1e15) return false;
    *v = (int64_t)d;
    return true;
}

// The amount of the row; without one, unit price times quantity.
static bool row_amount(reading *r, event *ev) {
    const plan *p = plan_of(r);
    const currency *c = row_currency(r, "currency", get(r, FIELD_currency));
    int64_t quantity = 0;
    str q = get(r, FIELD_quantity);
    if (!c) return false;
    if (q.len && whole_number(q, &quantity)) ev->quantity = quantity;
    if (has(p, FIELD_amount)) return read_amount(r, FIELD_amount, c, ev);
    if (!read_amount(r, FIELD_price, c, ev)) return false;
    if (!q.len || !whole_number(q, &quantity)) {
        reject(r, column_name(r, FIELD_quantity), "\"%.*s\" is no whole number", (int)MIN(q.len, 40), q.s);
        return false;
    }
    if (__builtin_mul_overflow(ev->value, quantity, &ev->value))
        reject(r, "amount", "price times quantity is too large");
    return !r->out->rejected;
}

// Rows of money

static const char *money_noun(enum kind k) {
    if (k == KIND_order) return "order";
    if (k == KIND_payment) return "payment";
    if (k == KIND_refund) return "refund";
    return k == KIND_cancel ? "cancel" : "return";
}

// An order number names its order. A second row with it is another line of that order, unless it says the same again.
static bool order_key(reading *r, event *ev, str id) {
    const char *noun = money_noun(ev->kind);
    str content = row_content(r);
    if (!id.len || plan_of(r)->lines) {
        ev->ext = row_key(r, noun, id.len ? str_cat(&r->row, id, content) : content);
        return true;
    }
    if (!r->keys) r->keys = tally_open(r->life);
    ev->ext = key_of(r, noun, id);
    enum tally_was was = tally_first(r->keys, str_hash(ev->ext), str_hash(content));
    if (was == TALLY_SAME) skip_row(r, "a row above says the same");
    if (was == TALLY_OTHER) ev->ext = str_fmt(&r->row, "%.*s:%016" PRIx64, STR_ARG(ev->ext), str_hash(content));
    return was != TALLY_SAME;
}

static str row_id(const reading *r) {
    str id = get(r, FIELD_order);
    return id.len ? id : get(r, FIELD_id);
}

static void add_taken_back(reading *r, const event *order, enum kind kind) {
    event *ev = event_new(r, kind, order->channel);
    str ext = order->ext;
    ptrdiff_t colon = str_find(ext, ':');
    *ev = *order;
    ev->kind = kind;
    ev->quantity = 0;
    ev->extra = S("");
    ev->ext = key_of(r, money_noun(kind), str_sub(ext, (size_t)colon + 1, ext.len));
}

static enum kind money_row_kind(reading *r, const event *ev, enum order_state state) {
    const plan *p = plan_of(r);
    enum kind said = money_kind_of(get(r, FIELD_kind));
    if (said) return said;
    if (ev->value >= 0) return p->kind;
    return state == ORDER_CANCELLED ? KIND_cancel : KIND_refund;
}

static void money_row(reading *r) {
    event *ev = new_event(r, plan_of(r)->kind);
    str status = get(r, FIELD_status), id = row_id(r), memo = get(r, FIELD_memo);
    enum order_state state = order_state_of(status);
    if (says_yes(get(r, FIELD_cancel))) state = ORDER_CANCELLED;
    if (state == ORDER_FAILED) {
        skip_row(r, "it was never paid");
        return;
    }
    if (!row_amount(r, ev) || !read_time(r, column_name(r, FIELD_date), get(r, FIELD_date), &ev->at_us)) return;
    str edited = get(r, FIELD_edited);
    if (edited.len && !read_time(r, column_name(r, FIELD_edited), edited, &ev->edited_us)) return;
    bool back = ev->value < 0;
    ev->kind = money_row_kind(r, ev, state);
    if (back) ev->value = -ev->value;
    if (ev->quantity < 0) ev->quantity = -ev->quantity;
    if (!order_key(r, ev, id)) return;
    if (has(plan_of(r), FIELD_order) && id.len) ev->thread = key_of(r, "order", id);
    add_extra(r, ev, "product", get(r, FIELD_product));
    add_extra(r, ev, "memo", memo);
    add_kept(r, ev);
    if (back || (ev->kind != KIND_order && ev->kind != KIND_payment)) return;
    if (state == ORDER_CANCELLED) add_taken_back(r, ev, KIND_cancel);
    if (state == ORDER_REFUNDED) add_taken_back(r, ev, KIND_refund);
}

// Rows of contracts

static bool contract_worth(reading *r, event *ev) {
    enum field f = has(plan_of(r), FIELD_monthly) ? FIELD_monthly : FIELD_amount;
    const currency *c = row_currency(r, "currency", get(r, FIELD_currency));
    if (!c) return false;
    return !get(r, f).len || read_amount(r, f, c, ev);
}

// Months with the company, counted back from the day the file holds for.
static bool start_by_tenure(reading *r, event *ev) {
    str x = get(r, FIELD_tenure);
    double months = 0;
    if (!str_f64(x, &months) || months < 0 || months > 1200) {
        reject(r, column_name(r, FIELD_tenure), "\"%.*s\" is no number of months", (int)MIN(x.len, 40), x.s);
        return false;
    }
    int32_t day = add_months(zone_days(r->z, r->as_of_us), -(int)(months + 0.5));
    ev->at_us = zone_day_start_us(r->z, day);
    return true;
}

static bool contract_over(reading *r, int64_t *at_us) {
    str end = get(r, FIELD_end);
    *at_us = r->as_of_us;
    if (has(plan_of(r), FIELD_churn) && !says_yes(get(r, FIELD_churn))) return false;
    if (!has(plan_of(r), FIELD_end)) return has(plan_of(r), FIELD_churn);
    if (!end.len || str_starts(end, S("9999"))) return false;
    return read_time(r, column_name(r, FIELD_end), end, at_us);
}

static str contract_id(reading *r) {
    str id = row_id(r), customer = get(r, FIELD_customer);
    if (!customer.len) customer = get(r, FIELD_email);
    if (id.len || !has(plan_of(r), FIELD_start)) return id.len ? id : customer;
    return customer.len ? str_fmt(&r->row, "%.*s@%.*s", STR_ARG(customer), STR_ARG(get(r, FIELD_start))) : customer;
}

static void contract_row(reading *r) {
    event *ev = new_event(r, KIND_contract_start);
    str id = contract_id(r);
    int64_t over_us = 0;
    if (!id.len) {
        reject(r, column_name(r, FIELD_customer), "empty; a contract needs its own or its customer's number");
        return;
    }
    if (!contract_worth(r, ev)) return;
    if (has(plan_of(r), FIELD_start) ? !read_time(r, column_name(r, FIELD_start), get(r, FIELD_start), &ev->at_us)
                                     : !start_by_tenure(r, ev))
        return;
    ev->ext = key_part(r, "contract", id, "start");
    ev->thread = key_of(r, "contract", id);
    add_kept(r, ev);
    if (!contract_over(r, &over_us)) return;
    event *end = event_new(r, KIND_contract_end, ev->channel);
    *end = *ev;
    end->kind = KIND_contract_end;
    end->at_us = MAX(over_us, ev->at_us);
    end->has_value = false;
    end->value = end->unit = 0;
    end->extra = S("");
    end->ext = key_part(r, "contract", id, "end");
}

// Rows of words and scores

static bool said_score(reading *r, event *ev) {
    const plan *p = plan_of(r);
    str x = get(r, FIELD_score);
    double v = 0;
    if (!x.len) return true;
    if (p->factor > 1 && str_f64(x, &v)) x = str_fmt(&r->row, "%g", v * p->factor);
    return read_score(r, column_name(r, FIELD_score), x, p->instrument, ev);
}

static bool said_when(reading *r, event *ev) {
    const plan *p = plan_of(r);
    str edited = get(r, FIELD_edited);
    enum field f = has(p, FIELD_date) || !has(p, FIELD_edited) ? FIELD_date : FIELD_edited;
    if (!get(r, f).len && !r->as_of_given) {
        reject(r, column_name(r, f), "empty; map a column of dates to \"date\", or give the day as \"as_of\"");
        return false;
    }
    if (edited.len && !read_time(r, column_name(r, FIELD_edited), edited, &ev->edited_us)) return false;
    return when(r, f, &ev->at_us);
}

static void said_row(reading *r) {
    const plan *p = plan_of(r);
    str id = row_id(r), title = get(r, FIELD_title), thread = get(r, FIELD_thread);
    const char *noun = p->kind == KIND_message_in ? "message" : str_z(&r->row, kind_name(p->kind));
    event *ev = new_event(r, p->kind);
    ev->text = cell(r, p->column[FIELD_text]);
    if (title.len) ev->text = ev->text.len ? str_fmt(&r->row, "%.*s\n%.*s", STR_ARG(title), STR_ARG(ev->text)) : title;
    if (!said_score(r, ev)) return;
    if (!ev->has_value && !ev->text.len) {
        skip_row(r, "neither a score nor words");
        return;
    }
    if (!ev->has_value && (p->kind == KIND_answer || p->kind == KIND_review)) ev->kind = KIND_comment;
    if (!said_when(r, ev)) return;
    ev->mood = mood_of(get(r, FIELD_mood));
    ev->topic = get(r, FIELD_topic);
    ev->lang = get(r, FIELD_lang);
    if (thread.len) ev->thread = key_of(r, "ticket", thread);
    ev->ext = id.len ? key_of(r, noun, id) : row_key(r, noun, row_content(r));
    add_kept(r, ev);
}

// Rows about people

static void fact_row(reading *r) {
    const plan *p = plan_of(r);
    event *ev = new_event(r, p->kind);
    str edited = get(r, FIELD_edited), id = get(r, FIELD_customer);
    if (edited.len && !read_time(r, column_name(r, FIELD_edited), edited, &ev->edited_us)) return;
    if (!edited.len && r->as_of_given) ev->edited_us = r->as_of_us;
    if (!when(r, has(p, FIELD_date) || !has(p, FIELD_edited) ? FIELD_date : FIELD_edited, &ev->at_us)) return;
    if (!ev->n_ids) {
        skip_row(r, "no number, e-mail or phone says who it is");
        return;
    }
    if (!id.len) id = row_id(r);
    if (!id.len) id = ev->ids[0].value;
    ev->ext = key_of(r, "contact", id);
    add_kept(r, ev);
}

static void generic_row(reading *r) {
    switch (plan_of(r)->are) {
    case ROWS_FACTS: fact_row(r); break;
    case ROWS_MONEY: money_row(r); break;
    case ROWS_CONTRACTS: contract_row(r); break;
    case ROWS_SAID: said_row(r); break;
    }
}

static double generic_sure(const glance *g) {
    arena a = arena_open(64 << 20);
    columns c;
    double sure = g->n_header > 1 ? plan_guess(&a, g, &c).sure : 0;
    arena_close(&a);
    return sure;
}

static bool generic_begin(reading *r, const glance *g, heard_as *as, err *e) {
    plan *p = make(r->life, plan, 1);
    r->own = p;
    if (!plan_make(r, g, p, as, e)) return false;
    if (p->are == ROWS_MONEY && (!has(p, FIELD_date) || (!has(p, FIELD_amount) && !has(p, FIELD_price))))
        return fail(e, ERR_invalid,
                    "an order needs a date and an amount: say which columns hold them with "
                    "--column date=NAME and --column amount=NAME");
    return true;
}

const adapter ADAPTER_generic_csv = {
    .name = "generic-csv",
    .label = "any CSV, columns guessed by name and content",
    .source = "csv",
    .channel = CHANNEL_import,
    .format = FORMAT_CSV,
    .sure = generic_sure,
    .begin = generic_begin,
    .row = generic_row,
};
