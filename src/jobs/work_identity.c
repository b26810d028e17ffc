// Work about the rules of who is who.
#include "jobs/work.h"
#include "know/identity.h"

static void how_far(void *ctx, int64_t done, int64_t total) {
    job_at(ctx, done, total);
}

static bool asked(const job *j, store *s, identity_rules *r, err *e) {
    return identity_rules_read(s, r, e) && identity_rules_take(r, j->in, e);
}

bool job_identity_try(job *j, err *e) {
    enum { MOST = 50 };
    store *s;
    identity_rules r;
    identity_effect x;
    if (!job_snapshot(j, &s, e) || !asked(j, s, &r, e)) return false;
    if (!identity_try(j->a, s, &r, MOST, how_far, j, &x, e)) return false;
    identity_effect_json(j->out, &x);
    return true;
}

static bool write_rules(void *ctx, desk *d, err *e) {
    identity_rules r;
    return store_begin(d->s, e) && asked(ctx, d->s, &r, e) && identity_rules_write(d->s, &r, e) &&
           store_commit(d->s, e);
}

bool job_identity_rules(job *j, err *e) {
    rebuilt_report r = {0};
    if (!writer_rebuild(j->w, write_rules, j, how_far, j, &r, e)) return false;
    json_put_int(j->out, "profiles", r.profiles);
    json_put_int(j->out, "customers", r.customers);
    return true;
}
