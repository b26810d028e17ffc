#include <sodium.h>

#include "act/site.h"

#include "act/gate.h"
#include "act/preference.h"
#include "base/json.h"
#include "sql/widget.h"

// ---- reading ----

static void read_origins(arena *a, str text, site *x) {
    json_t *list = NULL;
    err quiet = {0};
    if (!json_read(text, &list, &quiet)) return;
    x->origins = make(a, str, SITE_ORIGINS);
    for (size_t i = 0; i < json_array_size(list) && i < SITE_ORIGINS; i++)
        x->origins[x->n_origins++] = str_dup(a, json_text(json_array_get(list, i)));
    json_decref(list);
}

static site read_site(arena *a, const row *r) {
    site x = {.id = row_int(r, 0),
              .version = row_int(r, 1),
              .name = str_dup(a, row_str(r, 2)),
              .slug = str_dup(a, row_str(r, 3)),
              .key = str_dup(a, row_str(r, 4)),
              .secret = str_dup(a, row_str(r, 5)),
              .button = row_int(r, 7) != 0,
              .page = row_int(r, 8) != 0,
              .privacy = str_dup(a, row_str(r, 9)),
              .lang = str_dup(a, row_str(r, 10)),
              .at_us = row_int(r, 11),
              .by = str_dup(a, row_str(r, 12)),
              .sample = row_int(r, 13) != 0};
    read_origins(a, row_str(r, 6), &x);
    return x;
}

bool site_list(arena *a, store *s, site **out, size_t *n, err *e) {
    *out = make(a, site, SITES_MOST);
    *n = 0;
    for (row r = store_query(s, Q_site_list, e, ""); row_next(&r);)
        if (*n < SITES_MOST) (*out)[(*n)++] = read_site(a, &r);
    return err_ok(e);
}

bool site_get(arena *a, store *s, int64_t id, site *out, err *e) {
    *out = (site){0};
    for (row r = store_query(s, Q_site_get, e, "i", id); row_next(&r);) *out = read_site(a, &r);
    return err_ok(e) && (out->id || fail(e, ERR_not_found, "there is no site %" PRId64, id));
}

static bool find(arena *a, store *s, enum query q, str by, site *out, err *e) {
    *out = (site){0};
    if (!by.len || by.len > 100) return true;
    for (row r = store_query(s, q, e, "t", by); row_next(&r);) *out = read_site(a, &r);
    return err_ok(e);
}

bool site_of_key(arena *a, store *s, str key, site *out, err *e) {
    return find(a, s, Q_site_of_key, key, out, e);
}

bool site_of_slug(arena *a, store *s, str slug, site *out, err *e) {
    return find(a, s, Q_site_of_slug, slug, out, e);
}

str site_source(arena *a, const site *x) {
    return str_fmt(a, "feedback-%.*s", STR_ARG(x->slug));
}

// ---- who may, and who is it ----

// "https://*.example.org" stands for every host below it, and not for example.org itself.
static bool origin_is(str allowed, str origin) {
    ptrdiff_t star = str_find(allowed, '*');
    if (star < 0) return str_eq_ci(allowed, origin);
    str head = str_sub(allowed, 0, (size_t)star), tail = str_sub(allowed, (size_t)star + 1, allowed.len);
    if (origin.len <= head.len + tail.len || !str_starts_ci(origin, head)) return false;
    str end = str_sub(origin, origin.len - tail.len, tail.len);
    str between = str_sub(origin, head.len, origin.len - head.len - tail.len);
    return str_eq_ci(end, tail) && str_find(between, '/') < 0 && str_find(between, '@') < 0;
}

bool site_allows(const site *x, str origin) {
    for (size_t i = 0; i < x->n_origins; i++)
        if (origin.len && origin_is(x->origins[i], origin)) return true;
    return false;
}

str site_sign(arena *a, const site *x, str user) {
    enum { HEX = 2 * crypto_auth_hmacsha256_BYTES + 1 };
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state st;
    char *hex = make(a, char, HEX);
    crypto_auth_hmacsha256_init(&st, (const unsigned char *)(x->secret.len ? x->secret.s : ""), x->secret.len);
    crypto_auth_hmacsha256_update(&st, (const unsigned char *)(user.len ? user.s : ""), user.len);
    crypto_auth_hmacsha256_final(&st, mac);
    sodium_bin2hex(hex, HEX, mac, sizeof mac);
    return (str){hex, HEX - 1};
}

bool site_signed(arena scratch, const site *x, str user, str hash) {
    if (!user.len || user.len > 200 || hash.len != 2 * crypto_auth_hmacsha256_BYTES || !x->secret.len) return false;
    str right = site_sign(&scratch, x, user), said = str_lower(&scratch, hash);
    return sodium_memcmp(right.s, said.s, right.len) == 0;
}

str site_snippet(arena *a, const site *x, str server_origin) {
    return str_fmt(a, "<script src=\"%.*s/w.js\" data-key=\"%.*s\" async></script>", STR_ARG(server_origin),
                   STR_ARG(x->key));
}

str site_policy(arena *a, str server_origin) {
    return str_fmt(a, "script-src %.*s; connect-src %.*s", STR_ARG(server_origin), STR_ARG(server_origin));
}

// ---- checking ----

static bool one_line(str x, size_t most) {
    for (size_t i = 0; i < x.len; i++)
        if ((unsigned char)x.s[i] < ' ' || x.s[i] == 0x7F) return false;
    return x.len <= most && str_utf8_ok(x);
}

static bool is_small(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool slug_ok(str x) {
    for (size_t i = 0; i < x.len; i++)
        if (!is_small(x.s[i]) && !(x.s[i] == '-' && i && i + 1 < x.len)) return false;
    return x.len > 0 && x.len <= SITE_SLUG;
}

// Scheme, host and perhaps a port, as browsers send it; a star only as the first part of the host.
static bool origin_ok(str x) {
    bool secure = str_starts(x, S("https://")), plain = str_starts(x, S("http://"));
    str host = str_sub(x, secure ? 8 : plain ? 7 : 0, x.len);
    if (!secure && !plain) return false;
    if (str_starts(host, S("*."))) host = str_sub(host, 2, host.len);
    str name = str_cut(&host, ':');
    for (size_t i = 0; i < name.len; i++)
        if (!is_small(name.s[i]) && !(strchr(".-[]", name.s[i]) && name.s[i])) return false;
    for (size_t i = 0; host.s && i < host.len; i++)
        if (host.s[i] < '0' || host.s[i] > '9') return false;
    return name.len > 0 && name.len <= 253 && (!host.s || (host.len > 0 && host.len <= 5));
}

static bool lang_ok(str x) {
    return !x.len || str_eq(x, S("en")) || str_eq(x, S("de")) || str_eq(x, S("es"));
}

static bool privacy_ok(str x) {
    return !x.len || ((str_starts(x, S("https://")) || str_starts(x, S("http://"))) && one_line(x, 500));
}

static bool check_origins(arena *a, site *x, err *e) {
    if (x->n_origins > SITE_ORIGINS) return fail(e, ERR_invalid, "'origins' has more than %d websites", SITE_ORIGINS);
    for (size_t i = 0; i < x->n_origins; i++) {
        str o = str_lower(a, str_trim(x->origins[i]));
        if (str_ends(o, S("/"))) o.len--;
        x->origins[i] = o;
        if (!origin_ok(o))
            return fail(e, ERR_invalid, "'%.*s' is no website; write it as https://www.example.org",
                        (int)MIN(o.len, 80), o.s);
    }
    return true;
}

static bool check(arena *a, site *x, const char **field, err *e) {
    *field = "name";
    x->name = str_trim(x->name), x->slug = str_trim(x->slug), x->privacy = str_trim(x->privacy);
    if (!x->name.len || !one_line(x->name, SITE_NAME))
        return fail(e, ERR_invalid, "'name' is one line of 1 to %d bytes, as visitors know the site", SITE_NAME);
    *field = "slug";
    if (!slug_ok(x->slug))
        return fail(e, ERR_invalid, "'slug' is 1 to %d small letters, digits and hyphens, such as shop", SITE_SLUG);
    *field = "privacy";
    if (!privacy_ok(x->privacy)) return fail(e, ERR_invalid, "'privacy' is the address of a page, with https://");
    *field = "lang";
    if (!lang_ok(x->lang)) return fail(e, ERR_invalid, "'lang' is en, de or es; nothing: the reader's own");
    *field = "origins";
    return check_origins(a, x, e);
}

// ---- writing ----

static str random_hex(arena *a, const world *w, const char *prefix, size_t bytes) {
    unsigned char raw[32];
    char hex[2 * sizeof raw + 1];
    assert(bytes <= sizeof raw);
    w->random(w, raw, bytes);
    sodium_bin2hex(hex, sizeof hex, raw, bytes);
    str out = str_fmt(a, "%s%s", prefix, hex);
    sodium_memzero(raw, sizeof raw), sodium_memzero(hex, sizeof hex);
    return out;
}

static str origins_text(arena *a, const site *x) {
    buf b = buf_new(a, 1 << 16);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (size_t i = 0; i < x->n_origins; i++) json_put_str(&j, NULL, x->origins[i]);
    json_close(&j, ']');
    return buf_str(&b);
}

static bool store_site(ledger *l, arena *a, site *x, err *e) {
    const world *w = ledger_world(l);
    x->at_us = w->now_us(w), x->version++;
    return store_run(ledger_store(l), Q_site_put, NULL, e, "iitttttiittit", x->id, x->version, x->name, x->slug, x->key,
                     x->secret, origins_text(a, x), (int64_t)x->button, (int64_t)x->page,
                     x->privacy.s ? x->privacy : S(""), x->lang.s ? x->lang : S(""), x->at_us, x->by.s ? x->by : S(""));
}

bool site_put(ledger *l, arena *a, site *x, const char **field, err *e) {
    const world *w = ledger_world(l);
    site same;
    site *all;
    size_t n;
    if (!check(a, x, field, e)) return false;
    if (x->id) return store_site(l, a, x, e);
    *field = "slug";
    if (!site_of_slug(a, ledger_store(l), x->slug, &same, e) || !site_list(a, ledger_store(l), &all, &n, e))
        return false;
    if (same.id) return fail(e, ERR_conflict, "there is a site '%.*s' already", STR_ARG(x->slug));
    if (n == SITES_MOST) return fail(e, ERR_conflict, "there are %d sites already; take one away first", SITES_MOST);
    x->key = random_hex(a, w, "w_", 12), x->secret = random_hex(a, w, "", 32), x->version = 0;
    return ledger_id(l, &x->id, e) && store_site(l, a, x, e) && preference_key_make(l, e);
}

bool site_secret_new(ledger *l, arena *a, site *x, err *e) {
    x->secret = random_hex(a, ledger_world(l), "", 32);
    return store_site(l, a, x, e);
}

bool site_drop(store *s, int64_t id, err *e) {
    int64_t n = 0;
    if (!store_run(s, Q_question_drop_of, NULL, e, "i", id) || !store_run(s, Q_site_drop, &n, e, "i", id)) return false;
    return n || fail(e, ERR_not_found, "there is no site %" PRId64, id);
}

// ---- questions ----

const char *question_way_name(enum question_way w) {
    return w == QUESTION_mail ? "mail" : "widget";
}

enum question_way question_way_of(str name) {
    return str_eq(name, S("widget")) ? QUESTION_widget : str_eq(name, S("mail")) ? QUESTION_mail : 0;
}

static const struct {
    const char *name;
    enum instrument i;
} scales[] = {
    {"nps", INSTRUMENT_nps}, {"csat5", INSTRUMENT_csat5}, {"ces7", INSTRUMENT_ces7}, {"open", INSTRUMENT_none}};

const char *question_scale_name(enum instrument i) {
    for (size_t k = 0; k < COUNT(scales); k++)
        if (scales[k].i == i) return scales[k].name;
    return "open";
}

bool question_scale_of(str name, enum instrument *out) {
    for (size_t k = 0; k < COUNT(scales); k++)
        if (str_eq(name, str_c(scales[k].name))) return *out = scales[k].i, true;
    return false;
}

static question read_question(arena *a, const row *r) {
    return (question){.id = row_int(r, 0),
                      .version = row_int(r, 1),
                      .site_id = row_int(r, 2),
                      .name = str_dup(a, row_str(r, 3)),
                      .way = (enum question_way)row_int(r, 4),
                      .instrument = (enum instrument)row_int(r, 5),
                      .words = str_dup(a, row_str(r, 6)),
                      .lang = str_dup(a, row_str(r, 7)),
                      .share = (int)row_int(r, 8),
                      .days = row_int(r, 9),
                      .active = row_int(r, 10) != 0,
                      .at_us = row_int(r, 11),
                      .by = str_dup(a, row_str(r, 12)),
                      .sample = row_int(r, 13) != 0};
}

enum { QUESTIONS_MOST = 500 };

bool question_list(arena *a, store *s, int64_t site_id, question **out, size_t *n, err *e) {
    *out = make(a, question, QUESTIONS_MOST);
    *n = 0;
    for (row r = store_query(s, Q_question_list, e, "i", site_id); row_next(&r);)
        if (*n < QUESTIONS_MOST) (*out)[(*n)++] = read_question(a, &r);
    return err_ok(e);
}

bool question_find(arena *a, store *s, int64_t id, question *out, err *e) {
    *out = (question){0};
    for (row r = store_query(s, Q_question_get, e, "i", id); row_next(&r);) *out = read_question(a, &r);
    return err_ok(e);
}

bool question_get(arena *a, store *s, int64_t id, question *out, err *e) {
    return question_find(a, s, id, out, e) && (out->id || fail(e, ERR_not_found, "there is no question %" PRId64, id));
}

static bool check_words(question *x, err *e) {
    str why;
    x->words = str_trim(x->words);
    if (!one_line(x->words, QUESTION_WORDS))
        return fail(e, ERR_invalid, "'words' is one line of at most %d bytes", QUESTION_WORDS);
    if (x->words.len && !gate_words_ok(x->words, &why))
        return fail(e, ERR_invalid, "%.*s", (int)MIN(why.len, 240), why.s);
    return true;
}

static bool check_question(question *x, const char **field, err *e) {
    *field = "name";
    x->name = str_trim(x->name);
    if (!x->name.len || !one_line(x->name, SITE_NAME))
        return fail(e, ERR_invalid, "'name' is one line of 1 to %d bytes", SITE_NAME);
    *field = "words";
    if (!check_words(x, e)) return false;
    *field = "lang";
    if (!lang_ok(x->lang)) return fail(e, ERR_invalid, "'lang' is en, de or es");
    *field = "share";
    if (x->share < 1 || x->share > 100) return fail(e, ERR_invalid, "'share' is 1 to 100 of a hundred");
    *field = "days";
    if (x->days < 1 || x->days > QUESTION_DAYS_MOST)
        return fail(e, ERR_invalid, "'days' is 1 to %d between two times that somebody is asked", QUESTION_DAYS_MOST);
    *field = "";
    return true;
}

bool question_put(ledger *l, arena *a, question *x, const char **field, err *e) {
    const world *w = ledger_world(l);
    site of;
    if (!check_question(x, field, e)) return false;
    if (!x->id && (!site_get(a, ledger_store(l), x->site_id, &of, e) || !ledger_id(l, &x->id, e))) return false;
    x->at_us = w->now_us(w), x->version++;
    return store_run(ledger_store(l), Q_question_put, NULL, e, "iiitiittiiiit", x->id, x->version, x->site_id, x->name,
                     (int64_t)x->way, (int64_t)x->instrument, x->words.s ? x->words : S(""),
                     x->lang.s ? x->lang : S(""), (int64_t)x->share, x->days, (int64_t)x->active, x->at_us,
                     x->by.s ? x->by : S(""));
}

bool question_drop(store *s, int64_t id, err *e) {
    int64_t n = 0;
    if (!store_run(s, Q_question_drop, &n, e, "i", id)) return false;
    return n || fail(e, ERR_not_found, "there is no question %" PRId64, id);
}
