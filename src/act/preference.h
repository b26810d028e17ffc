// preference: what a person lets us send, said by a link that stands in every message they may refuse.
//
// The link holds a token: whom it is for and which purpose, sealed with a key that never leaves the store. It needs no
// look-up to be read and tells nothing to whoever else sees it. It opens one page: what we may send them, and nothing
// of what we know of them.
#ifndef HEED_PREFERENCE_H
#define HEED_PREFERENCE_H

#include "act/gate.h"
#include "base/words.h"

// What a person can refuse, or allow, as a whole: rows of purposes.def. Their names are those of know/consent.h.
enum purpose {
    PURPOSE_none,
#define PURPOSE(name, id, opt_in) PURPOSE_##name = id,
#include "act/purposes.def"
    PURPOSES,
};
typedef struct {
    const char *name;
    bool opt_in;    // nothing is sent unless they allowed it; else nothing once they refused
    enum word word; // what it is called
} purpose_row;
const purpose_row *purpose_of(enum purpose p); // NULL: there is no such purpose
enum purpose purpose_named(str name);
// What a kind is sent for by a channel; PURPOSE_none: it cannot be refused (an answer, an order's news).
enum purpose purpose_of_kind(enum gate_kind k, enum channel c);

// ---- the link ----

enum { PREFERENCE_KEY = 32 };
// The key of all tokens, made with the first message that needs one: in an open transaction of the writer. gate_pass
// does it, so whoever sends what the gate allowed finds it.
must_use bool preference_key_make(ledger *l, err *e);
must_use bool preference_key(store *s, unsigned char key[PREFERENCE_KEY], err *e); // ERR_not_found before that

str preference_token(arena *a, const unsigned char key[PREFERENCE_KEY], int64_t profile, enum purpose p);
bool preference_open(const unsigned char key[PREFERENCE_KEY], str token, int64_t *profile, enum purpose *p);

// "https://heed.example.org/u/TOKEN". The address is the setting "origin", which `heed serve --origin` keeps. Without
// it ERR_conflict says so: what may be refused must not be sent without a way to refuse it.
must_use bool preference_url(arena *a, store *s, int64_t profile, str purpose, str *url, err *e);
// `heed serve` keeps its public address there when it begins: in an open transaction. One by HTTPS is not replaced by
// one without.
must_use bool preference_origin(store *s, str origin, err *e);
// What a message of a kind carries (RFC 8058, RFC 2369): the values of List-Unsubscribe ("<https://…>", on one line)
// and List-Unsubscribe-Post, both to be signed by DKIM. Empty for what cannot be refused.
typedef struct {
    str url, list_unsubscribe, list_unsubscribe_post;
} preference_headers;
must_use bool preference_header(arena *a, store *s, const gate_ask *ask, preference_headers *out, err *e);

// A link by which a customer says whether a fix of ours is one (commitment_confirm), sealed in the same way:
// "https://heed.example.org/fix/TOKEN". ERR_conflict without a public address, ERR_not_found before the key is made.
must_use bool fix_url(arena *a, store *s, int64_t commitment, str *url, err *e);
must_use bool fix_open(store *s, str token, int64_t *commitment, err *e); // ERR_not_found

// ---- what the page is sent ----

enum preference_what {
    PREFER_nothing,   // not understood
    PREFER_one_click, // RFC 8058: the token's purpose is refused
    PREFER_save,      // as the form says, purpose by purpose
    PREFER_all_off,
    PREFER_pause, // nothing that asks or offers for `days`
    PREFER_wake,  // the pause is over
    PREFER_undo,  // what the one click did is taken back
};
typedef struct {
    enum preference_what what;
    uint32_t on, shown; // PREFER_save: bits of enum purpose
    int days;
} preference_said;
// A body as application/x-www-form-urlencoded or multipart/form-data.
preference_said preference_read(arena *a, str content_type, str body);

typedef struct {
    bool given, said; // said: they ever said anything of it
    int64_t at_us;
} preference_state;
typedef struct {
    int64_t customer;
    preference_state of[PURPOSES];
    int64_t paused_until_us; // 0: not; INT64_MAX: for ever
    str lang, name;
} preferences;
must_use bool preferences_read(arena *a, store *s, int64_t profile, int64_t now_us, preferences *out, err *e);
// Writes it as events of consent, in transactions of its own. What stands as it is wanted is not written again.
must_use bool preference_write(ledger *l, arena *a, int64_t profile, enum purpose p, const preference_said *said,
                               err *e);

#endif
