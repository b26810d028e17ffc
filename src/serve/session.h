// session: signed-in browsers. The token stands in a cookie, its hash in the store.
#ifndef HEED_SESSION_H
#define HEED_SESSION_H

#include "serve/accounts.h"

// A session ends so long after its last use, and so long after it began.
enum { SESSION_IDLE_H = 7 * 24, SESSION_MOST_H = 30 * 24 };

// A new one for an account, made on any thread: the cookie is set on the answer, and session_put stores it.
typedef struct {
    int64_t account_id;
    str token, csrf, agent, address, former; // former: of this browser until now, ends; empty: none
    int64_t now_us;
} new_session;
new_session session_new(call *c, int64_t account_id);
must_use bool session_put(desk *d, const new_session *n, err *e); // in a transaction

// Who the cookie says; kind WHO_NOBODY when there is none, or it ended.
must_use bool session_who(call *c, who *out, err *e);
str session_token(const call *c);   // of the cookie; empty: none
void session_forget(call *c);       // the browser's cookie
str session_id(arena *a, str hash); // what a session is called in the API: it opens nothing

// A cookie of ours: HttpOnly, SameSite=Lax, for the whole site, and with __Host- and Secure when the request came so.
// seconds 0: until it is taken away; below 0: take it away.
void cookie_put(call *c, const char *name, str value, int64_t seconds);
str cookie_get(const call *c, const char *name);

#endif
