// signature: does a webhook come from whom it says?
//
// How each sender signs is a row (schemes.def); one engine reads the rows. Whatever is wrong has a reason that helps
// whoever sets it up and tells a stranger nothing: never the secret, never the signature that was expected. Signatures
// are compared in constant time, over the bytes as they came.
#ifndef HEED_SIGNATURE_H
#define HEED_SIGNATURE_H

#include "ledger/event.h"

enum sign_kind { SIGN_sha1, SIGN_sha256, SIGN_ed25519, SIGN_token };
enum sign_time { TIME_seconds, TIME_millis, TIME_iso };
enum sign_key { KEY_plain, KEY_whsec, KEY_whpk };
enum hook_answer { ANSWER_empty, ANSWER_twiml };
enum hook_hello { HELLO_none, HELLO_meta, HELLO_slack };

typedef struct {
    const char *name, *label, *about;
    enum sign_kind kind;
    const char *header, *prefix, *base;
    char apart;
    bool base64;
    const char *time, *time_prefix;
    enum sign_time time_as;
    int oldest_s, ahead_s;
    const char *id;
    enum sign_key key;
    const char *also, *delivery, *adapter;
    enum channel channel;
    enum hook_answer answer;
    enum hook_hello hello;
} scheme;

const scheme *scheme_get(str name); // NULL if there is none
const scheme *schemes_all(size_t *n);
bool scheme_signs_url(const scheme *s); // the public address must be known exactly

typedef struct {
    str name, value;
} sent_header;

// A request as it came.
typedef struct {
    str method, url; // url: the public address as the sender called it, with its query
    const sent_header *headers;
    size_t n_headers;
    str body; // untouched
    int64_t now_us;
} sent;
str sent_get(const sent *q, const char *header); // any case; empty when absent, the first of several

// True when one of the secrets made a signature of it, and it is not too old. Otherwise ERR_signed_out (nothing there
// to check) or ERR_denied (it does not match, or is too old). scratch: at least twice the body's length and 1 MiB.
must_use bool signature_check(arena scratch, const scheme *s, const sent *q, const str *secrets, size_t n, err *e);

// Whether a secret can be one of this scheme; ERR_invalid with the remedy.
must_use bool signature_secret_ok(const scheme *s, str secret, err *e);

// What the sender would send in the scheme's header for this request ("v1,…"; with .apart the item alone); its time and
// id stand in q's headers. Empty for public keys. Lives in a.
str signature_make(arena *a, const scheme *s, const sent *q, str secret);

// What a sender that asks back before it calls (HELLO_meta) must repeat: made from the secret, and not the secret.
str signature_hello(arena *a, str secret);

// The sender's own id of the delivery; empty when it has none. Lives in a.
str signature_delivery(arena *a, const scheme *s, const sent *q);

// The fields of a form as one JSON object, or the JSON that is its field "payload"; other bodies come back as they are.
str sent_json(arena *a, const sent *q);

#endif
