// site: where people may speak to us and are asked: a website that carries the widget, and a page of ours for it; and
// the questions that are asked there or by a link in a mail.
//
// A site's key stands in its web pages, where everybody can read it: it says which site speaks and opens nothing. Its
// secret stays on the company's own server, which signs who somebody is with it (HMAC-SHA256 of their number, in hex,
// as other vendors ask for it).
#ifndef HEED_SITE_H
#define HEED_SITE_H

#include "ledger/ledger.h"

enum { SITE_NAME = 100, SITE_SLUG = 40, SITE_ORIGINS = 50, SITES_MOST = 200, SITE_SOURCE = SITE_SLUG + 10 };

typedef struct {
    int64_t id, version, at_us;
    str name, slug, key, secret, privacy, lang, by;
    str *origins; // "https://shop.example.org", or "https://*.example.org": every host below it
    size_t n_origins;
    bool button, page, sample;
} site;

must_use bool site_list(arena *a, store *s, site **out, size_t *n, err *e);
must_use bool site_get(arena *a, store *s, int64_t id, site *out, err *e);   // ERR_not_found
must_use bool site_of_key(arena *a, store *s, str key, site *out, err *e);   // id 0: there is none
must_use bool site_of_slug(arena *a, store *s, str slug, site *out, err *e); // id 0: there is none
str site_source(arena *a, const site *x);                                    // the source of what is said there
bool site_allows(const site *x, str origin);                                 // may pages of this origin carry it?
bool site_signed(arena scratch, const site *x, str user, str hash);          // did the website sign this number?
str site_sign(arena *a, const site *x, str user);                            // as the website does it
str site_snippet(arena *a, const site *x, str server_origin);                // what goes into its pages
str site_policy(arena *a, str server_origin);                                // what their CSP has to allow

// In a transaction of the writer. id 0: a new one, which gets its key and secret; its slug never changes after.
// ERR_invalid names the field, ERR_conflict a slug that is taken.
must_use bool site_put(ledger *l, arena *a, site *x, const char **field, err *e);
must_use bool site_secret_new(ledger *l, arena *a, site *x, err *e); // the old one signs no more
must_use bool site_drop(store *s, int64_t id, err *e);               // with its questions; what was said stays

// ---- what is asked ----

enum question_way { QUESTION_widget = 1, QUESTION_mail = 2 };
const char *question_way_name(enum question_way w);
enum question_way question_way_of(str name); // 0: there is none
// The scales that heed asks on itself: nps, csat5, ces7, and none: words alone ("open").
const char *question_scale_name(enum instrument i);
bool question_scale_of(str name, enum instrument *out);

typedef struct {
    int64_t id, version, site_id, days, at_us;
    str name, words, lang, by;
    enum question_way way;
    enum instrument instrument;
    int share; // of a hundred
    bool active, sample;
} question;
enum { QUESTION_WORDS = 300, QUESTION_DAYS = 90, QUESTION_DAYS_MOST = 400 };

must_use bool question_list(arena *a, store *s, int64_t site_id, question **out, size_t *n, err *e); // 0: of all sites
must_use bool question_get(arena *a, store *s, int64_t id, question *out, err *e);                   // ERR_not_found
must_use bool question_find(arena *a, store *s, int64_t id, question *out, err *e); // id 0: there is none
// As site_put. Site, way and scale are those of the beginning: answers on another scale are another question's.
must_use bool question_put(ledger *l, arena *a, question *x, const char **field, err *e);
must_use bool question_drop(store *s, int64_t id, err *e);

#endif
