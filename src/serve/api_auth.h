// api_auth: the handlers of routes_auth.def; what their files share.
#ifndef HEED_API_AUTH_H
#define HEED_API_AUTH_H

#include "serve/accounts.h"
#include "serve/keys.h"
#include "serve/page.h"
#include "serve/session.h"

#define ROUTE(method, path, run, need, mode, asks, gives, flags, most_kb, text) bool run(call *c, err *e);
#include "serve/routes_auth.def"
#undef ROUTE

// How long links work.
enum { WELCOME_MINUTES = 7 * 24 * 60, RESET_MINUTES = 24 * 60 };

// A way in that was found to be right, on its way to the writer: all of it is stored with the session, or nothing.
typedef struct {
    new_session session;
    bool has_session;
    int64_t account_id;
    const char *action; // for the audit log
    str token;          // a link to be used up; empty: none
    bool join;          // the account is opened, with these
    str name, email;
    str password;       // its hash, to be stored; ends all other sessions
    int64_t step;       // of a code, to be used up; 0: none
    str recovery, left; // a list with a recovery code used up; empty: none
    str subject;        // what the identity provider calls them, to be stored
    str address;
    bool fresh; // the account is made first, with this role
    str role;
} admission;
// Sets the cookie and leaves the admission for the writer; goes on to `next` of the form, or to the start.
void admit(call *c, admission *a, str next);
// A path of ours to go on to; "/" when it is none.
str next_path(str next);

// Who is signed in, as stored; id 0 for a key.
must_use bool own_account(call *c, account *out, err *e);

#endif
