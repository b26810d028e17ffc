#include "act/inbox_tell.h"

#include "base/civil.h"
#include "know/told.h"

enum { MORE = 1 << 16 };

static str sort_of(enum kind k) {
    return k == KIND_handled ? S("step") : kind_name(k);
}

str inbox_sort_of_event(const record *r, const json_t *doc) {
    return r->kind == KIND_handled ? json_at(doc, "sort") : kind_name((enum kind)r->kind);
}

str inbox_ext(arena *a, const inbox_item *x, int64_t at_us, str sort) {
    return str_fmt(a, "inbox:%" PRId64 ":%" PRId64 ":%.*s", x->id, at_us, STR_ARG(sort));
}

static str extra_of(arena *a, const inbox_item *x, const inbox_saying *k, const inbox_hand *h, str sort) {
    buf b = buf_new(a, MORE);
    buf_add(&b, S("\"by\":"));
    buf_json_str(&b, h->by);
    if (k->kind == KIND_handled) buf_add(&b, S(",\"sort\":")), buf_json_str(&b, sort);
    if (k->subject.len) buf_add(&b, S(",\"subject\":")), buf_json_str(&b, k->subject);
    if (x->what == INBOX_voice && k->kind == KIND_handled) buf_fmt(&b, ",\"of\":\"%016" PRIx64 "\"", (uint64_t)x->key);
    if (k->more.len) buf_addc(&b, ','), buf_add(&b, k->more);
    return buf_str(&b);
}

event inbox_event(arena *a, const inbox_item *x, const inbox_saying *k, const inbox_hand *h, int64_t at_us) {
    str sort = sort_of(k->kind);
    bool step = k->kind == KIND_handled;
    return (event){.kind = k->kind,
                   .channel = k->kind == KIND_message_out ? x->channel : CHANNEL_staff,
                   .at_us = at_us,
                   .ext = inbox_ext(a, x, at_us, sort),
                   .of_profile = x->profile,
                   .of_thread = x->what == INBOX_talk || kind_class(k->kind) == CLASS_TALK ? inbox_thread(x) : 0,
                   .value = k->value,
                   .has_value = step && k->value != 0,
                   .text = k->words,
                   .lang = k->lang,
                   .topic = step ? str_c(inbox_step_name(k->step)) : S(""),
                   .mood = MOOD_UNKNOWN,
                   .staff = step || k->kind == KIND_labelled ? h->by : h->name,
                   .extra = extra_of(a, x, k, h, sort)};
}

bool inbox_place(ledger *l, const inbox_item *x, int64_t *source, int64_t *import, err *e) {
    int64_t customer;
    return inbox_customer(ledger_store(l), x, &customer, e) && told_place(l, S("inbox"), customer, source, import, e);
}

// What is said now comes after what was said before, however coarse the clock.
static bool moment(ledger *l, arena *a, const inbox_item *x, int64_t *at_us, err *e) {
    const world *w = ledger_world(l);
    inbox_step *steps;
    size_t n;
    *at_us = w->now_us(w);
    if (!inbox_steps(a, ledger_store(l), x->id, &steps, &n, e)) return false;
    if (x->last_us - *at_us < SECOND_US) *at_us = MAX(*at_us, x->last_us + 1);
    if (n) *at_us = MAX(*at_us, steps[n - 1].at_us + 1);
    return true;
}

bool inbox_tell(ledger *l, arena *a, const inbox_item *x, const inbox_saying *list, int32_t n, const inbox_hand *h,
                str *undo, err *e) {
    event evs[3];
    int32_t rows[3];
    int64_t source, import, at_us;
    tally t;
    assert(n <= (int32_t)COUNT(evs));
    if (!inbox_place(l, x, &source, &import, e) || !moment(l, a, x, &at_us, e)) return false;
    for (int32_t i = 0; i < n; i++) evs[i] = inbox_event(a, x, &list[i], h, at_us + i), rows[i] = i;
    intake in = {.events = evs, .row_of = rows, .n = (size_t)n, .rows = n};
    if (undo) *undo = str_fmt(a, "%" PRIx64, (uint64_t)at_us);
    return ledger_write(l, import, &in, &t, e) && ledger_settle(l, e);
}
