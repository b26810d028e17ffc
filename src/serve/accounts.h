// accounts: people of ours who sign in, and the links by which they come in for the first time.
#ifndef HEED_ACCOUNTS_H
#define HEED_ACCOUNTS_H

#include "serve/auth.h"

enum account_state { ACCOUNT_INVITED, ACCOUNT_ACTIVE, ACCOUNT_DISABLED };

typedef struct {
    int64_t id, totp_step, created_us, seen_us, version; // id 0: nobody
    str email, name, role;
    str password, totp, recovery, subject; // empty: none. Secrets: never shown, never logged
    enum account_state state;
} account;
void account_row(arena *a, const row *r, account *out); // of Q_account_…
const char *account_state_name(enum account_state s);

must_use bool account_get(arena *a, store *s, int64_t id, account *out, err *e);         // ERR_not_found
must_use bool account_find(arena *a, store *s, str email, account *out, err *e);         // id 0: nobody
must_use bool account_of_subject(arena *a, store *s, str subject, account *out, err *e); // id 0: nobody
// The form in which an e-mail is stored; empty when it is none.
str email_of(arena *a, str raw);

// Name, role and state, in a transaction. The last owner who can sign in stays one: ERR_conflict. Who is disabled is
// signed out everywhere at once.
must_use bool account_set(desk *d, const account *was, str name, str role, enum account_state state, err *e);
// In a transaction: takes a password out of use, or the second factor, so that a link is the only way in.
must_use bool account_forget_totp(desk *d, int64_t id, err *e);

// Whose link this is and what for; account id 0: it does not work, or no more.
must_use bool invite_get(arena *a, store *s, str token, int64_t now_us, int64_t *account_id, str *purpose, err *e);
// In a transaction: ERR_conflict when it was used meanwhile.
must_use bool invite_use(desk *d, str token, err *e);

#endif
