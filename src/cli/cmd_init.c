#include "base/civil.h"
#include "base/money.h"
#include "cli/place.h"
#include "sql/ledger.h"

typedef struct {
    str zone, country, currency;
} init_opts;

static const opt opts[] = {
    {"zone", 'z', OPT_TEXT, offsetof(init_opts, zone), "ZONE", "time zone of the business, such as Europe/Berlin"},
    {"country", 0, OPT_TEXT, offsetof(init_opts, country), "CC", "country of phone numbers without one, such as DE"},
    {"currency", 0, OPT_TEXT, offsetof(init_opts, currency), "CODE", "currency of amounts without one, such as EUR"},
};

static bool check_settings(arena scratch, const init_opts *o, err *e) {
    zone *z;
    if (!zone_open(&scratch, o->zone, &z, e)) return false;
    bool letters = o->country.len == 2;
    for (size_t i = 0; letters && i < 2; i++) letters = o->country.s[i] >= 'A' && o->country.s[i] <= 'Z';
    if (o->country.len && !letters)
        return fail(e, ERR_usage, "'--country' takes two capital letters such as DE, not '%.*s'",
                    (int)MIN(o->country.len, 30), o->country.s);
    if (o->currency.len && !currency_of(o->currency))
        return fail(e, ERR_usage, "'--currency' takes an ISO 4217 code such as EUR, not '%.*s'",
                    (int)MIN(o->currency.len, 30), o->currency.s);
    return true;
}

static bool put_settings(store *s, const init_opts *o, err *e) {
    const currency *money = o->currency.len ? currency_of(o->currency) : NULL;
    return (!o->zone.len || settings_put(s, "zone", o->zone, e)) &&
           (!o->country.len || settings_put(s, "country", o->country, e)) &&
           (!money || settings_put(s, "currency", str_c(money->code), e));
}

// Days are counted in the store's zone, so what was folded in another is folded again.
static bool move_zone(store *s, const init_opts *o, const settings *before, err *e) {
    int64_t first;
    str was = before->zone.len ? before->zone : S("UTC");
    if (!o->zone.len || str_eq(o->zone, was)) return true;
    if (!store_int(s, Q_event_period_first, &first, INT64_MIN, e, "")) return false;
    return first == INT64_MIN || place_rebuild_due(s, e);
}

static void tell_settings(const cli *c, store *s, const settings *set) {
    bool at = set->zone.len, from = set->country.len, money = set->currency.len;
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "store", store_where(s));
        json_put_str(&r.j, "zone", at ? set->zone : S("UTC"));
        json_put_str(&r.j, "country", set->country);
        json_put_str(&r.j, "currency", money ? set->currency : S("EUR"));
        json_close(&r.j, '}');
        reply_close(&r);
        return;
    }
    term_say(&c->t, "The store is in %.*s.\n", STR_ARG(store_where(s)));
    term_say(&c->t, "  time zone  %.*s%s\n", STR_ARG(at ? set->zone : S("UTC")),
             at ? "" : "  (of times that name none; change it with --zone Europe/Berlin)");
    term_say(&c->t, "  country    %.*s%s\n", STR_ARG(from ? set->country : S("none")),
             from ? "" : "  (of phone numbers that name none; set it with --country DE)");
    term_say(&c->t, "  currency   %.*s%s\n", STR_ARG(money ? set->currency : S("EUR")),
             money ? "" : "  (of amounts that name none; change it with --currency USD)");
}

static bool run(cli *c, const void *options, err *e) {
    const init_opts *o = options;
    str where = c->args.n ? c->args.v[0] : place_of(c);
    settings before, after;
    store *s;
    if (!check_settings(c->scratch, o, e) || !place_write(c, where, true, &s, e)) return false;
    bool ok = settings_read(c->life, s, &before, e) && store_begin(s, e);
    if (ok) ok = put_settings(s, o, e) && move_zone(s, o, &before, e) && store_commit(s, e);
    ok = ok && settings_read(c->life, s, &after, e) && place_finish(c, s, e);
    if (ok) tell_settings(c, s, &after);
    store_close(s);
    return ok;
}

const cmd cmd_init = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(init_opts),
    .max_args = 1,
    .run = run,
    .more = "Makes a store: a folder that holds everything heed knows, or a PostgreSQL database named by its URL "
            "(postgres://USER@HOST/DATABASE?schema=NAME). Given again for a store that exists, it changes the settings "
            "named; a new time zone counts all days anew.",
    .examples = "heed init heed-data --zone Europe/Berlin --country DE --currency EUR\n"
                "heed init 'postgres://heed@db.example/heed?schema=acme'",
    .json = "{\"store\",\"zone\",\"country\",\"currency\"}",
};
