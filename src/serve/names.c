#include "serve/names.h"

#include "base/buf.h"
#include "base/map64.h"
#include "know/people.h"
#include "serve/server.h"
#include "sql/know.h"

static bool find_customers(call *c, customer_named *list, size_t n, err *e) {
    buf ids = buf_new(c->a, n * 24 + 8);
    map64 at = map64_new(c->a, n * 2);
    int64_t *of = make(c->a, int64_t, n);
    for (size_t i = 0; i < n; i++) buf_fmt(&ids, "%c%" PRId64, i ? ',' : '[', list[i].profile);
    buf_addc(&ids, ']');
    size_t k = 0;
    for (row r = store_query(c->s, Q_profile_some, e, "t", buf_str(&ids)); row_next(&r);)
        if (k < n) map64_put(&at, row_int(&r, 0), (int32_t)k), of[k++] = row_int(&r, 1);
    for (size_t i = 0; i < n; i++) {
        int32_t place = map64_get(&at, list[i].profile);
        list[i].customer = place < 0 ? 0 : of[place];
    }
    return err_ok(e);
}

bool names_fill(call *c, customer_named *list, size_t n, err *e) {
    if (!n) return true;
    if (!find_customers(c, list, n, e)) return false;
    if (!(c->who.needs & N(customers_read))) return true;
    people_card *cards = make(c->a, people_card, n);
    map64 at = map64_new(c->a, n * 2);
    bool made;
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (!list[i].customer) continue;
        map64_at(&at, list[i].customer, (int32_t)k, &made);
        if (made) cards[k++].id = list[i].customer;
    }
    if (!people_fill(c->a, c->s, cards, k, e)) return false;
    for (size_t i = 0; i < n; i++)
        if (list[i].customer) list[i].name = cards[map64_get(&at, list[i].customer)].name;
    return true;
}

void put_name(json_out *j, const char *key, str name) {
    if (name.len)
        json_put_str(j, key, name);
    else
        json_put_null(j, key);
}
