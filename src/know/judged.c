#include "know/judged.h"

#include "base/json.h"
#include "sql/decide_dissatisfied.h"

static const char *const names[] = {"", "yes", "no", "unsure", "settled"};

const char *judged_name(enum judged_says s) {
    return names[s];
}

enum judged_says judged_of(str name) {
    for (enum judged_says s = JUDGED_yes; s < JUDGED_SAYS; s++)
        if (str_eq(name, str_c(names[s]))) return s;
    return JUDGED_nothing;
}

// Texts live as long as doc.
static judgement read_event(const record *r, const json_t *doc) {
    return (judgement){.profile = r->profile_id,
                       .at_us = r->at_us,
                       .key = r->key,
                       .says = judged_of(json_at(doc, "topic")),
                       .month = r->has_value ? (int)r->value : 0,
                       .who = json_at(doc, "staff")};
}

bool judged_take(store *s, const record *r, int sign, err *e) {
    json_t *doc = NULL;
    err quiet = {0};
    if (!r->body.len || !json_read(r->body, &doc, &quiet)) return true;
    const judgement j = read_event(r, doc);
    bool ok = true;
    if (sign < 0)
        ok = store_run(s, Q_judged_drop, NULL, e, "iii", j.profile, j.at_us, j.key);
    else if (j.says && j.profile)
        ok = store_run(s, Q_judged_put, NULL, e, "iiiiit", j.profile, j.at_us, j.key, (int64_t)j.says, (int64_t)j.month,
                       j.who);
    json_decref(doc);
    return ok;
}

bool judged_clear(store *s, err *e) {
    return store_run(s, Q_judged_clear, NULL, e, "");
}

bool judged_erase(store *s, int64_t profile, err *e) {
    return store_run(s, Q_judged_erase, NULL, e, "i", profile) &&
           store_run(s, Q_judged_sample_erase, NULL, e, "i", profile);
}

static uint64_t hash_of(const judgement *j) {
    const int64_t v[] = {j->profile, j->at_us, j->key, j->says, j->month};
    return str_hash2(str_hash((str){(const char *)v, sizeof v}), j->who);
}

void judged_check_event(uint64_t *sum, const record *r) {
    json_t *doc = NULL;
    err quiet = {0};
    if (!r->body.len || !json_read(r->body, &doc, &quiet)) return;
    const judgement j = read_event(r, doc);
    if (j.says && j.profile) *sum += hash_of(&j);
    json_decref(doc);
}

bool judged_check_all(uint64_t sum, arena *a, store *s, int64_t *differences, str *first, err *e) {
    for (row r = store_query(s, Q_judged_scan, e, ""); row_next(&r);) {
        const judgement j = {.profile = row_int(&r, 0),
                             .at_us = row_int(&r, 1),
                             .key = row_int(&r, 2),
                             .says = (enum judged_says)row_int(&r, 3),
                             .month = (int)row_int(&r, 4),
                             .who = row_str(&r, 5)};
        sum -= hash_of(&j);
    }
    if (err_ok(e) && sum && !(*differences)++)
        *first = str_dup(a, S("what people said of customers being dissatisfied differs from the events"));
    return err_ok(e);
}
