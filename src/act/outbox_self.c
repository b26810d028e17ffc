#include "act/outbox_self.h"

#include "act/mail.h"
#include "base/civil.h"
#include "ledger/ident.h"
#include "sql/act.h"
#include "sql/know.h"

static bool find(store *s, str address, int64_t *customer, err *e) {
    *customer = 0;
    int64_t hash = (int64_t)ident_hash(IDENT_email, address);
    for (row r = store_query(s, Q_identifier_find, e, "i", hash); row_next(&r);)
        if (!*customer) *customer = row_int(&r, 1);
    return err_ok(e);
}

static bool introduce(ledger *l, arena *a, str address, err *e) {
    const world *w = ledger_world(l);
    int64_t source, import;
    tally t;
    event ev = {.kind = KIND_identify, .channel = CHANNEL_staff, .at_us = w->now_us(w), .mood = MOOD_UNKNOWN};
    ev.ids[0] = (ident){IDENT_email, address}, ev.n_ids = 1;
    ev.ext = str_fmt(a, "try:%.*s", STR_ARG(address));
    intake in = {.events = &ev, .row_of = &(int32_t){0}, .n = 1, .rows = 1};
    if (!ledger_source(l, S("heed"), S("heed"), CHANNEL_staff, false, &source, e) ||
        !store_int(ledger_store(l), Q_import_of_name, &import, 0, e, "it", source, S("outbox")) ||
        (!import && !ledger_import_begin(l, source, S("outbox"), S(""), &import, e)))
        return false;
    return ledger_write(l, import, &in, &t, e);
}

bool outbox_self(ledger *l, arena *a, str raw, const locale *lang, str by, outbox_put_answer *out, err *e) {
    const world *w = ledger_world(l);
    store *s = ledger_store(l);
    const char *why = NULL;
    int64_t customer;
    str checked, address = ident_canonical(a, IDENT_email, raw, S(""), &why);
    if (!mail_address(a, raw, &checked, e)) return false;
    if (!address.len)
        return fail(e, ERR_invalid, "\"%.*s\" stands for nobody: %s", (int)MIN(raw.len, 100), raw.s,
                    why ? why : "choose another");
    if (!find(s, address, &customer, e) ||
        (!customer && (!introduce(l, a, address, e) || !find(s, address, &customer, e))))
        return false;
    outbox_new n = {.gate = {.kind = GATE_service,
                             .customer = customer,
                             .address = checked,
                             .template = S("try"),
                             .occasion = str_fmt(a, "try:%" PRId64, w->now_us(w)),
                             .by = by},
                    .subject = word_of(lang, WORD_mail_try_subject),
                    .text = word_of(lang, WORD_mail_try_words),
                    .lang = str_c(lang_code(lang->lang))};
    if (store_begin(s, e) && outbox_put(l, a, &n, out, e) && ledger_commit(l, e)) return true;
    return store_rollback(s), false;
}
