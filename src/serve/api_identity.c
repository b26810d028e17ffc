// Who is who by rules: how well it goes, what other rules would change, and changing them.
#include "know/identity.h"

#include "serve/handlers.h"
#include "serve/kept.h"
#include "serve/names.h"
#include "serve/work.h"

enum { MOST = 50 };

static bool put_state(call *c, err *e) {
    identity_state x;
    if (!identity_look(c->a, c->s, MOST, &x, e)) return false;
    identity_state_json(&c->out, NULL, &x);
    return true;
}

bool identity_show(call *c, err *e) {
    if (!store_begin_read(c->s, e) || !kept_whole(c, S(""), put_state, e)) return false;
    return c->renews || audit(c, "identity.look", S("identity"), S("{}"), e);
}

bool identity_rules_show(call *c, err *e) {
    identity_rules r;
    if (!identity_rules_read(c->s, &r, e)) return false;
    call_etag(c, r.version);
    json_open(&c->out, NULL, '{');
    identity_rules_json(&c->out, &r);
    json_close(&c->out, '}');
    return true;
}

// What the body asks for, checked before any work begins.
static bool terms(call *c, str *args, identity_rules *r, err *e) {
    if (!identity_rules_read(c->s, r, e) || !identity_rules_take(r, c->in, e)) return false;
    char *text = json_dumps(c->in, JSON_COMPACT);
    *args = str_dup(c->a, str_c(text));
    free(text);
    return true;
}

bool identity_try_start(call *c, err *e) {
    str args;
    identity_rules r;
    int64_t id;
    return terms(c, &args, &r, e) && job_none(c, "identity_try", e) && job_begin(c, "identity_try", args, &id, e);
}

bool identity_rules_put(call *c, err *e) {
    str args;
    identity_rules r;
    int64_t id;
    return terms(c, &args, &r, e) && call_if_match(c, r.version, e) && job_none(c, "identity_rules", e) &&
           job_begin(c, "identity_rules", args, &id, e) && audit(c, "identity.rules", S("identity"), args, e);
}
