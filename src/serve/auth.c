#include "serve/auth.h"

#include "serve/keys.h"
#include "serve/session.h"
#include "serve/token.h"

// What "Authorization" carries: a token after Bearer, or the name of Basic (some leave its colon out).
static str token_of(arena *a, str header) {
    str rest = str_trim(header), scheme = str_cut(&rest, ' '), plain;
    rest = str_trim(rest);
    if (str_eq_ci(scheme, S("bearer"))) return rest;
    if (!str_eq_ci(scheme, S("basic")) || !base64_bytes(a, rest, &plain)) return S("");
    return str_cut(&plain, ':');
}

// "https://heed.example.org:8443" against the Host that was asked.
static bool our_origin(const call *c, str origin) {
    str known = server_options(c->sv)->origin, host = request_header(c->q, "host");
    ptrdiff_t at = str_find(origin, '/');
    str authority = at < 0 ? S("") : str_sub(origin, (size_t)at + 2, origin.len);
    return (known.len && str_eq_ci(origin, known)) || (host.len && str_eq_ci(authority, host));
}

// Browsers say where a request comes from; what another site sends never changes anything with our cookie, nor signs
// anybody in.
static bool from_ourselves(const call *c, err *e) {
    str site = request_header(c->q, "sec-fetch-site"), origin = request_header(c->q, "origin");
    bool ours = !site.len || str_eq(site, S("same-origin")) || str_eq(site, S("none"));
    if (origin.len) ours = ours && our_origin(c, origin);
    return ours || fail(e, ERR_denied, "this was sent by the page of another site");
}

static bool changes(const call *c) {
    enum method m = c->q->method;
    return m != METHOD_GET && m != METHOD_HEAD && m != METHOD_OPTIONS;
}

bool auth_who(call *c, err *e) {
    str header = request_header(c->q, "authorization");
    bool form = c->route->flags & ROUTE_FORM;
    c->who = (who){0};
    if (header.len && !form) {
        str token = token_of(c->a, header);
        err why = {0};
        if (token.len && key_who(c, token, &c->who, &why)) return true;
        c->who = (who){0};
        if (!token.len) fail(&why, ERR_signed_out, "send 'Authorization: Bearer KEY', or Basic with the key as name");
        // What is open to everybody may bring a key of another kind, and says itself what it needs.
        if (c->route->need == NEED_nothing && why.code == ERR_signed_out) return true;
        *e = why;
        return false;
    }
    if (!session_who(c, &c->who, e)) return false;
    return !changes(c) || (c->who.kind == WHO_NOBODY && !form) || from_ourselves(c, e);
}
