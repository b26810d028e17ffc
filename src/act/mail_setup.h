// mail_setup: by which server we send, as whom, how fast, and with which keys; and a row of the outbox as the message
// that goes over the wire.
#ifndef HEED_MAIL_SETUP_H
#define HEED_MAIL_SETUP_H

#include "act/dkim.h"
#include "act/mail.h"
#include "act/outbox.h"

typedef struct {
    str host, tls; // tls: "starttls", "tls", "none"
    int64_t port;
    str login, password; // of the server; empty: it asks for none
    str from_address, from_name, reply_to;
    str bounce_address;             // where bounces go; empty: to from_address
    str postal;                     // the company's name and address
    int64_t per_minute, per_domain; // messages a minute, all together and for each receiving domain; 0: no limit
    int64_t resend_min;             // answers and service messages that are unsure go again after so long; 0: never
    bool on;                        // what is due is sent
    int64_t changed_us, version;    // version 0: nothing is set up
    str by;
} mail_setup;
enum { MAIL_PER_DOMAIN = 120, MAIL_PORT = 587 };

must_use bool mail_setup_read(arena *a, store *s, mail_setup *out, err *e);
// In an open transaction. ERR_invalid names the setting and the remedy.
must_use bool mail_setup_write(arena *a, store *s, const world *w, const mail_setup *m, str by, err *e);
bool mail_setup_done(const mail_setup *m); // there is what sending needs

typedef struct {
    int64_t id, state, created_us;
    dkim_key key;
    str record, by;
} mail_key;
enum mail_key_state { MAIL_KEY_MADE, MAIL_KEY_SIGNS, MAIL_KEY_RETIRED };
const char *mail_key_state_name(int64_t state); // "made", "signs", "retired"
must_use bool mail_keys_read(arena *a, store *s, mail_key **out, size_t *n, err *e);
// In an open transaction of the writer. A key that was made waits until its record is published and somebody says so.
must_use bool mail_key_make(ledger *l, arena *a, str domain, str selector, bool ed25519, str by, mail_key *out, err *e);
must_use bool mail_key_state(store *s, int64_t id, enum mail_key_state state, err *e); // ERR_not_found
// Those that sign for the domain of the sender.
must_use bool mail_signers(arena *a, store *s, const mail_setup *m, dkim **out, err *e);

// What a row is made into; the from address is empty when nothing is set up.
must_use bool mail_from_row(arena *a, store *s, const mail_setup *m, const outbox_row *o, int64_t now_us, const zone *z,
                            mail *out, err *e);
// The message of a row, unsigned. z: the company's zone. ERR_conflict when it may be refused and there is no address
// for the link by which.
must_use bool mail_of_row(arena *a, store *s, const mail_setup *m, const outbox_row *o, int64_t now_us, const zone *z,
                          str *out, err *e);

#endif
