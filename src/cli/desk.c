#include "cli/desk.h"

#include "cli/inside.h"

bool desk_open(cli *c, const char *instead, desk *d, err *e) {
    err why = {0};
    if (c->in) {
        *d = c->in->d, d->a = c->life;
        return true;
    }
    *d = (desk){.w = c->w, .a = c->life};
    if (place_know(c, place_of(c), false, &d->s, &d->k, &why)) return true;
    if (why.code == ERR_busy && inside_ask(c, str_z(c->life, place_of(c)))) {
        *e = why;
        return false;
    }
    if (why.code == ERR_busy)
        return fail(e, ERR_busy, "another program holds the store; if it is 'heed serve', %s, or stop it first",
                    instead);
    *e = why;
    return false;
}

void desk_close(desk *d) {
    if (d->owner) {           // the server's
        store_rollback(d->s); // what failed in the middle
        return;
    }
    know_close(d->k);
    store_close(d->s);
}

bool desk_run(desk *d, piece_fn fn, void *ctx, err *e) {
    if (!store_begin(d->s, e)) return false;
    bool ok = fn(ctx, d, e) && ledger_commit(know_ledger(d->k), e);
    if (!ok) store_rollback(d->s);
    return ok;
}
