// ask: what a site may ask of whoever is in front of it now, and what they say.
//
// How often somebody is asked is decided here and nowhere else: the share and the days of the question, a "not now",
// and for customers that we know the gate, with one budget over everything that asks (act/gate.h). Strangers are held
// to the same limits by what was asked of their browser.
//
// What is said becomes an event whose key is the answer's: said twice it is one, said anew it is an edit.
#ifndef HEED_ASK_H
#define HEED_ASK_H

#include "act/preference.h"
#include "act/site.h"

// Who is in front of it: a browser by the number it keeps (visitor), and a user whose number the website has signed.
enum { ASK_ID = 64, ASK_USER = 200 };
typedef struct {
    str visitor, user;  // empty: not known, or not signed
    int64_t customer;   // of the user; 0: a stranger
    int64_t persons[2]; // keyed hashes of both, the user first
    int n_persons;
} ask_person;
// hash: the website's signature of user; without the right one it is as if nobody had said who it is.
must_use bool ask_person_read(arena *a, store *s, const site *x, str visitor, str user, str hash, ask_person *out,
                              err *e);

// What may be asked of them now; writes nothing. out->id 0: nothing, and *again_s says when to come back.
enum { ASK_AGAIN_LEAST_S = 600, ASK_AGAIN_MOST_S = 21600 };
must_use bool ask_next(arena *a, store *s, const site *x, const ask_person *who, int64_t now_us, question *out,
                       int64_t *again_s, err *e);
// In a transaction of the writer, just before it is asked: asks again, passes the gate and notes it. *asked 0: not any
// more.
must_use bool ask_claim(ledger *l, arena *a, const site *x, const ask_person *who, int64_t *asked, question *out,
                        err *e);

// ---- links ----

// What a token stands for: a question that a widget asked (asked > 0), one in a mail to a profile, or a look at the
// question by ourselves (neither), whose answer goes nowhere.
typedef struct {
    int64_t question, profile, asked;
    int64_t minute; // of a mail: when, since 1970
} ask_link;
enum { ASK_LINK_DAYS = 180 }; // so long a link in a mail takes an answer
str ask_token(arena *a, const unsigned char key[PREFERENCE_KEY], const ask_link *x);
bool ask_open(const unsigned char key[PREFERENCE_KEY], str token, ask_link *out);
// "https://heed.example.org/s/TOKEN": of the question that is asked by mail. Empty when there is none, or heed does not
// know its address yet.
must_use bool ask_url(arena *a, store *s, int64_t profile, int64_t now_us, str *url, err *e);

// ---- what was said ----

enum { ASK_TEXT = 8000, ASK_MAIL = 254, ASK_PAGE = 500 };
typedef struct {
    str id;         // of the answer: 8 to 64 letters, digits, '-' and '_', made by whoever sends it
    str text, mail; // mail: as typed by a stranger
    str page, lang; // where it was said
    int score;
    bool has_score;
    int mood;      // -1, 0, 1; MOOD_UNKNOWN
    int64_t at_us; // by their own clock; 0: now. A later time of the same answer is an edit
} ask_said;
// What it becomes. q NULL: nobody asked. of: by which they are known (kind 0: not). ERR_invalid names the field.
typedef struct {
    const site *x;
    const question *q;
    ident of;
    str link; // of what was asked: the key of its answer
    enum channel channel;
    int64_t now_us;
} ask_about;
must_use bool ask_event(arena *a, const ask_about *about, const ask_said *said, event *out, const char **field, err *e);
// By which an event names them: the user's number, else the browser.
ident ask_ident(const ask_person *who);

// By when we answer what is said there, by the service standard that holds for everybody: 0: nothing is promised.
typedef struct {
    int64_t minutes, due_us;
    bool open_hours;
} ask_promise;
must_use bool ask_promised(arena *a, store *s, enum kind k, enum channel c, int64_t now_us, ask_promise *out, err *e);

// ---- afterwards; in a transaction of the writer ----

must_use bool ask_answered(store *s, int64_t asked, err *e);
// "Not now": this widget leaves them in peace for a month; for_ever: for good.
enum { ASK_NOT_NOW_DAYS = 30 };
must_use bool ask_declined(ledger *l, const ask_person *who, int64_t asked, bool for_ever, err *e);
// What was asked of customers, as events of them; in transactions of its own. *n: so many.
must_use bool ask_tell(ledger *l, arena *a, size_t *n, err *e);

// How often a question was asked and answered since then.
must_use bool ask_counts(store *s, int64_t question_id, int64_t since_us, int64_t *asked, int64_t *answered, err *e);

#endif
