// The API of keys.
#include "serve/api_auth.h"
#include "serve/roles.h"
#include "sql/serve_auth.h"

static void key_json(json_out *j, const char *key, const api_key *k) {
    json_open(j, key, '{');
    json_put_int(j, "id", k->id);
    json_put_str(j, "name", k->name);
    json_put_str(j, "hint", k->hint);
    needs_json(j, "scopes", k->needs & ~N(signed_in));
    if (k->source.len)
        json_put_str(j, "source", k->source);
    else
        json_put_null(j, "source");
    json_put_int(j, "per_minute", k->per_minute);
    out_time(j, "created", k->created_us);
    json_put_str(j, "created_by", k->created_by);
    out_time(j, "seen", k->seen_us);
    out_time(j, "revoked", k->revoked_us);
    json_put_int(j, "version", k->version);
    json_close(j, '}');
}

static bool key_of_path(call *c, api_key *k, err *e) {
    int64_t id;
    return param_id(c, 0, &id, e) && key_get(c->a, c->s, id, k, e);
}

bool keys_list(call *c, err *e) {
    paging p;
    api_key k;
    int64_t n = 0, last = 0;
    if (!page_open(c, &p, e)) return false;
    for (row r = store_query(c->s, Q_key_list, e, "ii", p.after[0], p.limit + 1); row_next(&r);) {
        if (++n > p.limit) continue;
        key_row(c->a, &r, &k);
        last = k.id;
        key_json(&c->out, NULL, &k);
    }
    page_close(c, &p, n > p.limit, last, 0);
    return err_ok(e);
}

bool keys_show(call *c, err *e) {
    api_key k;
    if (!key_of_path(c, &k, e)) return false;
    key_json(&c->out, NULL, &k);
    call_etag(c, k.version);
    return true;
}

// A key may do no more than whoever makes it; sending events, which no role holds, excepted.
static bool check_scopes(call *c, const json_t *names, err *e) {
    uint64_t needs;
    err why = {0};
    if (!needs_of(names, &needs, &why)) return fail_field(c, e, "scopes", "%s", why.msg);
    uint64_t more = needs & ~(c->who.needs | N(intake) | N(signed_in));
    if (!more) return true;
    return fail(e, ERR_denied, "you may not do that yourself: %.*s", STR_ARG(needs_text(c->a, more)));
}

static const char *const *scope_names(call *c, const json_t *names, size_t *n) {
    *n = json_array_size(names);
    const char **out = make(c->a, const char *, *n + 1);
    for (size_t i = 0; i < *n; i++) out[i] = str_z(c->a, json_text(json_array_get(names, i)));
    return out;
}

bool keys_make(call *c, err *e) {
    const json_t *scopes = json_object_get(c->in, "scopes");
    int64_t id;
    str token;
    api_key k;
    new_key ask = {.name = str_trim(in_str(c, "name")),
                   .source = str_trim(in_str(c, "source")),
                   .per_minute = in_int(c, "per_minute", 0),
                   .by = who_text(c->a, &c->who),
                   .address = c->q->peer};
    ask.scopes = scope_names(c, scopes, &ask.n_scopes);
    if (!check_scopes(c, scopes, e) || !key_make(c->d, &ask, &id, &token, e) || !key_get(c->a, c->s, id, &k, e))
        return false;
    json_open(&c->out, NULL, '{');
    key_json(&c->out, "key", &k);
    json_put_str(&c->out, "token", token);
    json_close(&c->out, '}');
    call_status(c, 201);
    call_etag(c, k.version);
    call_location(c, str_fmt(c->a, "/api/keys/%" PRId64, id));
    response_header(c->r, "Cache-Control", S("no-store"));
    return true;
}

// Memory is emptied after the commit: a reader that looked before it cannot put back what it saw.
static bool commit_change(call *c, bool ok, err *e) {
    ok = ok && ledger_commit(know_ledger(c->d->k), e);
    if (!ok) store_rollback(c->s);
    if (ok) keys_changed(c->sv);
    return ok;
}

static str scopes_text(call *c, const api_key *k, const json_t *names) {
    buf b = buf_new(c->a, 4096);
    json_out j = json_to(&b);
    uint64_t needs = k->needs;
    err ignored = {0}; // checked before
    if (names && !needs_of(names, &needs, &ignored)) needs = 0;
    needs_json(&j, NULL, needs & ~N(signed_in));
    return buf_str(&b);
}

bool keys_change(call *c, err *e) {
    api_key k;
    const json_t *names = in_has(c, "scopes") ? json_object_get(c->in, "scopes") : NULL;
    if (!key_of_path(c, &k, e) || !call_if_match(c, k.version, e)) return false;
    str name = in_has(c, "name") ? str_trim(in_str(c, "name")) : k.name;
    int64_t per_minute = in_int(c, "per_minute", k.per_minute);
    if (k.revoked_us) return fail(e, ERR_conflict, "this key was revoked; make another one");
    if (!name.len) return fail_field(c, e, "name", "'name' is empty; say what the key is for");
    if (per_minute < 0) return fail_field(c, e, "per_minute", "'per_minute' cannot be negative");
    if (names && k.source_id) return fail_field(c, e, "scopes", "a write key sends events and nothing else");
    if (names && !json_array_size(names))
        return fail_field(c, e, "scopes", "'scopes' is empty; revoke the key instead");
    if (names && !check_scopes(c, names, e)) return false;
    str scopes = scopes_text(c, &k, names), subject = str_fmt(c->a, "key:%" PRId64, k.id);
    str detail = str_fmt(c->a, "{\"scopes\":%.*s,\"per_minute\":%" PRId64 "}", STR_ARG(scopes), per_minute);
    if (!store_begin(c->s, e)) return false;
    bool ok = store_run(c->s, Q_key_change, NULL, e, "itti", k.id, name, scopes, per_minute) &&
              audit(c, "key.change", subject, detail, e);
    if (!commit_change(c, ok, e) || !key_get(c->a, c->s, k.id, &k, e)) return false;
    key_json(&c->out, NULL, &k);
    call_etag(c, k.version);
    return true;
}

bool keys_revoke(call *c, err *e) {
    api_key k;
    if (!key_of_path(c, &k, e)) return false;
    if (k.revoked_us) return true;
    if (!store_begin(c->s, e)) return false;
    bool ok = store_run(c->s, Q_key_revoke, NULL, e, "ii", k.id, c->now_us) &&
              audit(c, "key.revoke", str_fmt(c->a, "key:%" PRId64, k.id), S(""), e);
    return commit_change(c, ok, e);
}
