#include "act/reward_show.h"

#include "know/figure.h"

static void put_number(json_out *j, const char *key, int64_t v) {
    if (v)
        json_put_int(j, key, v);
    else
        json_put_null(j, key);
}

static void put_money(json_out *j, const char *key, int64_t minor, int32_t unit) {
    const currency *c = currency_by_number(unit);
    json_open(j, key, '{');
    json_put_int(j, "value", minor);
    json_put_str(j, "currency", str_c(c ? c->code : ""));
    json_close(j, '}');
}

void reward_json(json_out *j, const char *key, const reward_entry *x, int64_t customer) {
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    put_number(j, "customer", customer);
    json_put_time(j, "at", x->at_us);
    json_put_str(j, "what", str_c(reward_what_name(x->what)));
    json_put_int(j, "points", x->unit ? 0 : x->points);
    if (x->unit)
        put_money(j, "voucher", x->points, x->unit);
    else
        json_put_null(j, "voucher");
    json_put_int(j, "counts", x->counts);
    json_put_int(j, "left", x->lot);
    json_put_int(j, "taken_back", x->taken);
    put_number(j, "of", x->names);
    json_put_time(j, "from", x->from_us);
    json_put_time(j, "until", x->until_us);
    put_number(j, "programme", x->programme);
    json_put_str(j, "why", x->why);
    json_put_str(j, "disclosure", x->disclosure);
    json_close(j, '}');
}

static void put_account(json_out *j, const reward_account *x) {
    json_put_int(j, "balance", x->balance);
    json_put_int(j, "usable", x->usable);
    json_put_int(j, "waiting", x->waiting);
    json_put_int(j, "next", x->next);
    json_put_time(j, "next_until", x->next_us);
    json_put_int(j, "given", x->given);
    json_put_int(j, "spent", x->spent);
    json_put_int(j, "lapsed", x->lapsed);
    json_put_int(j, "missing", x->missing);
}

bool reward_account_json(json_out *j, const char *key, store *s, int64_t customer, int64_t now_us, err *e) {
    arena a = arena_open((size_t)1 << 30);
    reward_entry *v;
    size_t n;
    bool ok = reward_entries(&a, s, customer, &v, &n, e);
    reward_account x = ok ? reward_account_of(v, n, now_us) : (reward_account){0};
    json_open(j, key, '{');
    json_put_int(j, "customer", customer);
    put_account(j, &x);
    json_open(j, "lots", '[');
    for (size_t i = 0; ok && i < n; i++) {
        if (!v[i].lot || v[i].unit) continue;
        json_open(j, NULL, '{');
        json_put_int(j, "id", v[i].id);
        json_put_time(j, "at", v[i].at_us);
        json_put_int(j, "left", v[i].lot);
        json_put_time(j, "from", v[i].from_us);
        json_put_time(j, "until", v[i].until_us);
        json_put_str(j, "why", v[i].why);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
    arena_close(&a);
    return ok;
}

void reward_done_json(json_out *j, const char *key, const reward_done *d, int64_t customer) {
    json_open(j, key, '{');
    if (d->entry.id)
        reward_json(j, "entry", &d->entry, customer);
    else
        json_put_null(j, "entry");
    json_put_bool(j, "again", d->again);
    put_number(j, "approval", d->waits ? d->approval : 0);
    json_put_str(j, "key", d->key);
    json_put_int(j, "balance", d->account.balance);
    json_put_int(j, "usable", d->account.usable);
    json_close(j, '}');
}

void liability_json(json_out *j, const char *key, const liability *x) {
    json_open(j, key, '{');
    json_put_int(j, "customers", x->customers);
    json_open(j, "programmes", '[');
    for (size_t i = 0; i < x->n; i++) {
        const liability_row *r = &x->rows[i];
        json_open(j, NULL, '{');
        put_number(j, "programme", r->programme);
        json_put_str(j, "name", r->name);
        json_put_int(j, "points", r->points);
        put_money(j, "most", r->most, r->currency);
        figure_json(j, "share", &r->share);
        figure_json(j, "cost", &r->cost);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_open(j, "vouchers", '[');
    for (size_t i = 0; i < x->n_vouchers; i++) {
        const liability_vouchers *v = &x->vouchers[i];
        json_open(j, NULL, '{');
        json_put_int(j, "open", v->vouchers);
        put_money(j, "most", v->most, v->currency);
        figure_json(j, "share", &v->share);
        figure_json(j, "cost", &v->cost);
        json_close(j, '}');
    }
    json_close(j, ']');
    json_close(j, '}');
}

void referral_json(json_out *j, const char *key, const referral_link *l) {
    static const char *const how[] = {[CAME_OTHER] = "other", [CAME_EARNED] = "earned", [CAME_BOUGHT] = "bought"};
    json_open(j, key, '{');
    json_put_int(j, "customer", l->customer);
    json_put_time(j, "at", l->at_us);
    json_put_str(j, "what", str_c(referral_what_name(l->what)));
    json_put_str(j, "how", str_c(how[referral_how(l->what)]));
    put_number(j, "referrer", l->referrer);
    json_put_str(j, "flaw", str_c(referral_flaw_text(l->flaw)));
    json_put_int(j, "brought", l->brought);
    json_put_str(j, "words", l->words);
    json_close(j, '}');
}

void growth_json(json_out *j, const char *key, const earned_growth *g) {
    json_open(j, key, '{');
    json_put_time(j, "since", g->since_us);
    json_put_time(j, "until", g->until_us);
    put_money(j, "before", g->before, g->currency);
    put_money(j, "again", g->again, g->currency);
    put_money(j, "earned", g->earned, g->currency);
    put_money(j, "bought", g->bought, g->currency);
    put_money(j, "unknown", g->unknown, g->currency);
    json_put_int(j, "customers", g->customers);
    json_put_int(j, "new_customers", g->fresh);
    json_put_int(j, "told", g->told);
    figure_json(j, "nrr", &g->nrr);
    figure_json(j, "enc", &g->enc);
    figure_json(j, "growth", &g->growth);
    json_close(j, '}');
}
