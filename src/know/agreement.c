#include "know/agreement.h"

#include "know/fold.h"
#include "know/in_versions.h"
#include "know/settings.h"
#include "sql/act_promise.h"
#include "sql/know.h"

enum { OPENS_S = 9 * 3600, CLOSES_S = 17 * 3600, FIRST_YEAR = 2000, YEARS = 80, HOLIDAYS = 32, NAME_MOST = 200 };

typedef struct made made;
struct made {
    const agreement *row;
    agreement_terms terms;
    made *next;
};

struct agreements {
    arena *a;
    agreement *rows;
    agreement_given *given;
    size_t n, n_given;
    zone *z;     // the store's
    str country; // the store's
    made *made;
};

// ---- reading ----

static agreement read_row(arena *a, const row *r) {
    return (agreement){.id = row_int(r, 0),
                       .version = row_int(r, 1),
                       .name = str_dup(a, row_str(r, 2)),
                       .zone = str_dup(a, row_str(r, 3)),
                       .hours = str_dup(a, row_str(r, 4)),
                       .country = str_dup(a, row_str(r, 5)),
                       .closed = str_dup(a, row_str(r, 6)),
                       .promises = str_dup(a, row_str(r, 7)),
                       .from_us = row_int(r, 8),
                       .until_us = row_int(r, 9),
                       .created_us = row_int(r, 10),
                       .by = str_dup(a, row_str(r, 11)),
                       .sample = row_int(r, 12) != 0};
}

static bool read_rows(agreements *x, store *s, err *e) {
    size_t room = 0;
    for (row r = store_query(s, Q_agreement_all, e, ""); row_next(&r);) {
        if (x->n == room) {
            agreement *more = make(x->a, agreement, room = room ? room * 2 : 16);
            if (x->n) memcpy(more, x->rows, x->n * sizeof *more);
            x->rows = more;
        }
        x->rows[x->n++] = read_row(x->a, &r);
    }
    return err_ok(e);
}

static bool read_given(agreements *x, store *s, err *e) {
    size_t room = 0;
    for (row r = store_query(s, Q_agreement_of_all, e, ""); row_next(&r);) {
        if (x->n_given == room) {
            agreement_given *more = make(x->a, agreement_given, room = room ? room * 2 : 16);
            if (x->n_given) memcpy(more, x->given, x->n_given * sizeof *more);
            x->given = more;
        }
        x->given[x->n_given++] = (agreement_given){.id = row_int(&r, 0),
                                                   .agreement_id = row_int(&r, 1),
                                                   .profile_id = row_int(&r, 2),
                                                   .segment = str_dup(x->a, row_str(&r, 3)),
                                                   .from_us = row_int(&r, 4),
                                                   .until_us = row_int(&r, 5),
                                                   .by = str_dup(x->a, row_str(&r, 6)),
                                                   .sample = row_int(&r, 7) != 0};
    }
    return err_ok(e);
}

bool agreements_read(arena *a, store *s, agreements **out, err *e) {
    agreements *x = *out = make(a, agreements, 1);
    *x = (agreements){.a = a};
    return store_zone(s, a, &x->z, e) && settings_get(a, s, "country", &x->country, e) && read_rows(x, s, e) &&
           read_given(x, s, e);
}

const agreement *agreements_rows(const agreements *x, size_t *n) {
    return *n = x->n, x->rows;
}

const agreement_given *agreements_given(const agreements *x, size_t *n) {
    return *n = x->n_given, x->given;
}

static bool holds(int64_t from_us, int64_t until_us, int64_t at_us) {
    return from_us <= at_us && (!until_us || at_us < until_us);
}

const agreement *agreement_now(const agreements *x, int64_t id, int64_t now_us) {
    const agreement *found = NULL;
    for (size_t i = 0; i < x->n; i++)
        if (x->rows[i].id == id && holds(x->rows[i].from_us, x->rows[i].until_us, now_us)) found = &x->rows[i];
    return found;
}

// ---- what holds for whom ----

static void add_holidays(agreements *x, calendar *cal, str country, const int32_t *days, int n) {
    int32_t *all = make(x->a, int32_t, YEARS * HOLIDAYS + (size_t)n);
    int k = 0;
    for (int i = 0; country.len && i < YEARS; i++) k += holidays_of(country, FIRST_YEAR + i, all + k, HOLIDAYS);
    for (int i = 0; i < n; i++) {
        int at = k++;
        for (; at > 0 && all[at - 1] > days[i]; at--) all[at] = all[at - 1];
        all[at] = days[i];
    }
    cal->holidays = all, cal->n_holidays = k;
}

// What is stored was checked when it was written; what cannot be read any more is left out.
static const agreement_terms *terms_of(agreements *x, const agreement *own) {
    for (made *m = x->made; m; m = m->next)
        if (m->row == own) return &m->terms;
    made *m = make(x->a, made, 1);
    *m = (made){.row = own, .next = x->made, .terms = {.row = own}};
    x->made = m;
    int32_t *days = NULL;
    int n = 0;
    err quiet = {0};
    zone *z = x->z;
    m->terms.cal = calendar_weekdays(z, OPENS_S, CLOSES_S);
    if (own) {
        if (own->zone.len && !zone_open(x->a, own->zone, &z, &quiet)) quiet = (err){0};
        if (own->hours.len && !hours_read(own->hours, &m->terms.cal, &quiet)) {
            quiet = (err){0};
            m->terms.cal = calendar_weekdays(z, OPENS_S, CLOSES_S);
        }
        m->terms.cal.z = z;
        if (!hours_days_read(x->a, own->closed, &days, &n, &quiet)) n = 0, quiet = (err){0};
        if (!hours_promises_read(own->promises, m->terms.minutes, &quiet))
            memset(m->terms.minutes, 0, sizeof m->terms.minutes);
    }
    add_holidays(x, &m->terms.cal, own ? own->country : x->country, days, n);
    return &m->terms;
}

// 3: the customer's own, 2: its segment's, 1: everybody's, 0: not theirs.
static int rank_of(const agreement_given *g, const int64_t *profiles, size_t n, str segment) {
    if (!g->profile_id) return !g->segment.len ? 1 : str_eq_ci(g->segment, segment) ? 2 : 0;
    for (size_t i = 0; i < n; i++)
        if (profiles[i] == g->profile_id) return 3;
    return 0;
}

const agreement_terms *agreements_for(agreements *x, const int64_t *profiles, size_t n, str segment, int64_t at_us) {
    const agreement *best = NULL;
    int best_rank = 0;
    int64_t best_us = 0;
    for (size_t i = 0; i < x->n_given; i++) {
        const agreement_given *g = &x->given[i];
        int rank = rank_of(g, profiles, n, segment);
        const agreement *now =
            rank && holds(g->from_us, g->until_us, at_us) ? agreement_now(x, g->agreement_id, at_us) : NULL;
        if (!now || rank < best_rank || (rank == best_rank && g->from_us < best_us)) continue;
        best = now, best_rank = rank, best_us = g->from_us;
    }
    return terms_of(x, best);
}

bool agreement_of_customer(arena *a, store *s, agreements *x, int64_t customer, int64_t at_us,
                           const agreement_terms **out, err *e) {
    int64_t ids[256];
    size_t n = 0;
    str segment = {0};
    int64_t said_us = INT64_MIN;
    row r = store_query(s, Q_profile_of_customer, e, "i", customer);
    while (customer && row_next(&r))
        if (n < COUNT(ids)) ids[n++] = row_int(&r, 0);
    row_end(&r);
    for (size_t i = 0; i < n; i++)
        for (row p = store_query(s, Q_profile_segment, e, "i", ids[i]); row_next(&p);)
            if (row_str(&p, 0).len && row_int(&p, 1) > said_us)
                segment = str_dup(a, row_str(&p, 0)), said_us = row_int(&p, 1);
    *out = agreements_for(x, ids, n, segment, at_us);
    return err_ok(e);
}

// ---- changing ----

static bool bad(const char **field, const char *name) {
    return *field = name, false;
}

static str upper(arena *a, str x) {
    char *to = make(a, char, x.len + 1);
    for (size_t i = 0; i < x.len; i++) to[i] = (char)(x.s[i] >= 'a' && x.s[i] <= 'z' ? x.s[i] - 32 : x.s[i]);
    return (str){to, x.len};
}

// "AT, AU, BE"
static const char *known_countries(arena *a) {
    const char *all[HOLIDAY_COUNTRIES];
    const size_t n = holiday_countries(all, COUNT(all));
    buf b = buf_new(a, n * 4 + 1);
    for (size_t i = 0; i < n; i++) buf_fmt(&b, "%s%s", i ? ", " : "", all[i]);
    return str_z(a, buf_str(&b));
}

bool agreement_check(arena *a, agreement *x, const char **field, err *e) {
    calendar cal = {0};
    zone *z;
    int32_t *days;
    int n;
    int64_t minutes[COMMITMENT_KINDS];
    x->name = str_trim(x->name), x->zone = str_trim(x->zone), x->country = str_trim(x->country);
    if (!x->name.len || x->name.len > NAME_MOST)
        return fail(e, ERR_invalid, "an agreement needs a name of at most 200 bytes") || bad(field, "name");
    if (x->zone.len && !zone_open(a, x->zone, &z, e)) return bad(field, "zone");
    if (str_trim(x->hours).len) {
        if (!hours_read(x->hours, &cal, e)) return bad(field, "hours");
        x->hours = hours_words(a, &cal);
    }
    if (x->country.len) {
        int32_t room[HOLIDAYS];
        x->country = upper(a, x->country);
        if (!holidays_of(x->country, 2026, room, HOLIDAYS)) {
            *field = "country";
            return fail(e, ERR_invalid,
                        "the public holidays of \"%.*s\" are not known; those of %s are, and of their regions, such as "
                        "DE-BY; single days can be closed",
                        (int)MIN(x->country.len, 20), x->country.s, known_countries(a));
        }
    }
    if (!hours_days_read(a, x->closed, &days, &n, e)) return bad(field, "closed");
    buf b = buf_new(a, (size_t)n * 12 + 16);
    for (int i = 0; i < n; i++) {
        if (i) buf_addc(&b, ' ');
        buf_date(&b, days[i]);
    }
    x->closed = buf_str(&b);
    if (!hours_promises_read(x->promises, minutes, e)) return bad(field, "promises");
    x->promises = hours_promises_words(a, minutes);
    return true;
}

bool agreement_end(store *s, const agreement *x, int64_t until_us, err *e) {
    return store_run(s, Q_agreement_until, NULL, e, "iii", x->id, x->version, MAX(until_us, x->from_us));
}

bool agreement_put(ledger *l, agreement *x, err *e) {
    static const in_versions table = {Q_agreement_all, 8, 9, Q_agreement_until};
    store *s = ledger_store(l);
    if (!in_versions_next(l, &table, x->from_us, &x->id, &x->version, e)) return false;
    return store_run(s, Q_agreement_put, NULL, e, "iittttttiIiti", x->id, x->version, x->name, x->zone, x->hours,
                     x->country, x->closed, x->promises, x->from_us, x->until_us ? &x->until_us : NULL, x->created_us,
                     x->by, (int64_t)x->sample);
}

bool agreement_give(ledger *l, agreement_given *x, err *e) {
    return ledger_id(l, &x->id, e) &&
           store_run(ledger_store(l), Q_agreement_of_put, NULL, e, "iiitiIti", x->id, x->agreement_id, x->profile_id,
                     x->segment, x->from_us, x->until_us ? &x->until_us : NULL, x->by, (int64_t)x->sample);
}

bool agreement_take(store *s, int64_t given_id, int64_t until_us, err *e) {
    return store_run(s, Q_agreement_of_until, NULL, e, "ii", given_id, until_us);
}
