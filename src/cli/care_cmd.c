#include <math.h>

#include "cli/care_cmd.h"

#include "serve/auth.h"

static bool names_of(const care_verb *verbs, size_t n, str verb, err *e) {
    char list[400] = "";
    size_t len = 0;
    for (size_t i = 0; i < n && len < sizeof list; i++)
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%s", i ? ", " : "", verbs[i].name);
    return fail(e, ERR_usage, "'%.*s' is none of its words: %s", (int)MIN(verb.len, (size_t)40), verb.s, list);
}

static bool read_with(care *k, const care_verb *v, err *e) {
    store *s;
    if (!place_read(k->at.c, &s, e)) return false;
    bool ok = store_begin_read(s, e) && redline_begin(&k->at, s, e) && v->read(k, e);
    store_close(s);
    return ok;
}

typedef struct {
    care *k;
    const care_verb *v;
} piece;

static bool write_piece(void *ctx, desk *d, err *e) {
    piece *x = ctx;
    x->k->d = d;
    return redline_begin(&x->k->at, d->s, e) && x->v->write(x->k, e);
}

static bool write_with(care *k, const care_verb *v, const char *instead, err *e) {
    desk *d = make(k->at.c->life, desk, 1); // k keeps it
    piece x = {k, v};
    if (!desk_open(k->at.c, instead, d, e)) return false;
    bool ok = false;
    if (v->write)
        ok = desk_run(d, write_piece, &x, e);
    else {
        k->d = d;
        ok = redline_begin(&k->at, d->s, e) && v->alone(k, e);
    }
    if (ok && v->say) k->d = d, k->at.s = d->s, ok = v->say(k, e);
    desk_close(d);
    return ok;
}

bool care_run(cli *c, const void *o, const care_verb *verbs, size_t n, const char *instead, err *e) {
    static const redline_opts none = {0};
    care k = {.at = {.c = c, .o = &none}, .o = o, .by = redline_me(c)};
    str verb = c->args.n ? c->args.v[0] : str_c(verbs[0].name);
    size_t i = 0;
    while (i < n && !str_eq(verb, str_c(verbs[i].name))) i++;
    if (i == n) return names_of(verbs, n, verb, e);
    if (MAX(c->args.n, (size_t)1) < verbs[i].least || c->args.n > verbs[i].most)
        return fail(e, ERR_usage, "write heed %s %s%s", c->command->name, verbs[i].name, verbs[i].takes);
    return verbs[i].read ? read_with(&k, &verbs[i], e) : write_with(&k, &verbs[i], instead, e);
}

bool care_id(const care *k, const char *what, int64_t *id, err *e) {
    return cli_id(what, k->at.c->args.v[1], id, e);
}

bool care_day(const care *k, const char *option, str x, int64_t *at_us, err *e) {
    *at_us = 0;
    return !x.len || cli_time(k->at.c, k->at.z, option, x, at_us, e);
}

void care_figure(const care *k, table *t, const estimate *x, int32_t unit) {
    arena *a = k->at.c->life;
    if (!estimate_shown(x)) {
        table_add(t, STYLE_dim, S("-"));
        table_add(t, STYLE_dim, str_dup(a, str_c(x->why ? x->why : "")));
        return;
    }
    str lo = say_money(a, llround(x->lo), unit), hi = say_money(a, llround(x->hi), unit);
    table_add(t, STYLE_bold, say_money(a, llround(x->value), unit));
    table_add(t, STYLE_plain, str_fmt(a, "likely %.*s to %.*s", STR_ARG(lo), STR_ARG(hi)));
}

bool care_note(care *k, const char *action, str subject, err *e) {
    return audit_put(k->d, str_fmt(k->at.c->life, "person:%.*s", STR_ARG(k->by)), action, subject, S(""), S(""), e);
}
