#include <openssl/evp.h>

#include "jobs/privacy_private.h"

#include "base/civil.h"
#include "know/erase.h"
#include "know/lists.h"
#include "ledger/ident.h"
#include "sql/know.h"
#include "sql/know_privacy.h"

enum { ANSWER_DAYS = 30, MOST_SUBJECTS = 1000 };

static const char *const STATES[] = {"asked", "pending", "in_progress", "completed", "cancelled"};

const char *privacy_state_name(enum privacy_state s) {
    return STATES[s];
}

privacy_request privacy_row(arena *a, const row *r) {
    return (privacy_request){.id = row_int(r, 0),
                             .ext = str_dup(a, row_str(r, 1)),
                             .kind = str_dup(a, row_str(r, 2)),
                             .regulation = str_dup(a, row_str(r, 3)),
                             .origin = str_dup(a, row_str(r, 4)),
                             .state = (enum privacy_state)row_int(r, 5),
                             .subjects = str_dup(a, row_str(r, 6)),
                             .callbacks = str_dup(a, row_str(r, 7)),
                             .received_us = row_int(r, 8),
                             .due_us = row_int(r, 9),
                             .ended_us = row_int(r, 10),
                             .result = str_dup(a, row_str(r, 11)),
                             .by = str_dup(a, row_str(r, 12)),
                             .version = row_int(r, 13)};
}

bool privacy_get(arena *a, store *s, int64_t id, privacy_request *out, err *e) {
    bool found = false;
    for (row r = store_query(s, Q_request_get, e, "i", id); row_next(&r);) *out = privacy_row(a, &r), found = true;
    return found || fail(e, ERR_not_found, "there is no request %" PRId64, id);
}

bool privacy_make(store *s, const world *w, const new_privacy_request *n, int64_t *id, err *e) {
    int64_t now = w->now_us(w), job_id;
    char args[48];
    if (!store_int(s, Q_request_last, id, 0, e, "")) return false;
    ++*id;
    snprintf(args, sizeof args, "{\"request\":%" PRId64 "}", *id);
    str callbacks = n->callbacks.len ? n->callbacks : S("[]");
    return store_run(s, Q_request_put, NULL, e, "ittttittiit", *id, n->ext, n->kind, n->regulation, n->origin,
                     (int64_t)PRIVACY_PENDING, n->subjects, callbacks, now, now + ANSWER_DAYS * DAY_US, n->by) &&
           job_make(s, w, &(new_job){.kind = "privacy", .args = str_c(args), .by = n->by}, &job_id, e);
}

bool privacy_set(store *s, const privacy_request *r, enum privacy_state state, int64_t ended_us, str result,
                 str subjects, err *e) {
    return store_run(s, Q_request_state, NULL, e, "iiItt", r->id, (int64_t)state, ended_us ? &ended_us : NULL, result,
                     subjects);
}

bool privacy_cancel(store *s, const world *w, const privacy_request *r, err *e) {
    if (r->state != PRIVACY_PENDING && r->state != PRIVACY_ASKED)
        return fail(e, ERR_conflict, "request %" PRId64 " is %s; it cannot be cancelled any more", r->id,
                    privacy_state_name(r->state));
    return privacy_set(s, r, PRIVACY_CANCELLED, w->now_us(w), r->result, r->subjects, e);
}

// ---- whom a request means ----

static enum ident_kind kind_of_type(str type) {
    static const struct {
        const char *type;
        enum ident_kind kind;
    } other[] = {{"controller_customer_id", IDENT_user_id}, {"USER_ID", IDENT_user_id}, {"phone_number", IDENT_phone}};
    for (size_t i = 0; i < COUNT(other); i++)
        if (str_eq(type, str_c(other[i].type))) return other[i].kind;
    return ident_of(type);
}

static bool subject_of(arena *a, const json_t *v, str country, subject *out, err *e) {
    str type = json_text(json_object_get(v, "type")), format = json_text(json_object_get(v, "format"));
    str value = json_scalar(a, json_object_get(v, "value"));
    const char *why = NULL;
    *out = (subject){kind_of_type(type), value, format.len ? format : S("raw")};
    if (str_eq(type, S("customer"))) return true;
    if (out->kind == IDENT_none)
        return fail(e, ERR_invalid, "there is no identifier '%.*s'; write email, phone, user_id or customer",
                    (int)MIN(type.len, 40), type.s);
    if (!str_eq(out->format, S("raw"))) return out->value = str_lower(a, value), true;
    out->value = ident_canonical(a, out->kind, value, country, &why);
    return out->value.len > 0 || fail(e, ERR_invalid, "'%.*s' is no %.*s: %s", (int)MIN(value.len, 60), value.s,
                                      STR_ARG(type), why ? why : "it identifies nobody");
}

static bool digest(arena *a, str format, str value, str *hex, err *e) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    const EVP_MD *md = EVP_get_digestbyname(str_z(a, format));
    if (!md || !EVP_Digest(value.s, value.len, out, &n, md, NULL))
        return fail(e, ERR_invalid, "'%.*s' is no format; write raw, md5, sha1 or sha256", (int)MIN(format.len, 20),
                    format.s);
    char *text = make(a, char, n * 2 + 1);
    for (unsigned i = 0; i < n; i++) snprintf(text + i * 2, 3, "%02x", out[i]);
    *hex = (str){text, n * 2};
    return true;
}

typedef struct {
    arena *a;
    store *s;
    int64_t *list;
    size_t n, room;
} found;

static void add(found *f, int64_t customer) {
    for (size_t i = 0; i < f->n; i++)
        if (f->list[i] == customer) return;
    list_push(f->a, &f->list, &f->n, &f->room, customer);
}

// What a crowd shares (office@, a switchboard) is nobody's: whoever asked by it would be told of others, or forget
// them.
static bool theirs_alone(store *s, enum ident_kind kind, str value, err *e) {
    int64_t crowd = 0;
    if (!store_int(s, Q_demoted_has, &crowd, 0, e, "i", (int64_t)ident_hash(kind, value))) return false;
    str name = ident_name(kind);
    return !crowd ||
           fail(e, ERR_invalid,
                "%.*s '%.*s' is shared by many and identifies nobody; name the customer, or what is theirs alone",
                STR_ARG(name), (int)MIN(value.len, 60), value.s);
}

// A hash can only be compared with the hash of everything there is.
static bool find_hashed(found *f, const subject *x, err *e) {
    arena scratch = arena_open((size_t)1 << 30);
    str known = S("");
    for (row r = store_query(f->s, Q_identifier_of_kind, e, "i", (int64_t)x->kind); row_next(&r);) {
        arena one = scratch;
        if (!digest(&one, x->format, row_str(&r, 1), &known, e)) {
            row_end(&r);
            break;
        }
        if (!str_eq(known, x->value)) continue;
        if (!theirs_alone(f->s, x->kind, row_str(&r, 1), e)) {
            row_end(&r);
            break;
        }
        add(f, row_int(&r, 0));
    }
    arena_close(&scratch);
    return err_ok(e);
}

static bool find_one(found *f, const subject *x, err *e) {
    int64_t *customers, id = 0;
    size_t n;
    if (x->kind == IDENT_none) {
        if (!str_i64(x->value, &id))
            return fail(e, ERR_invalid, "a customer is a number, not '%.*s'", STR_ARG(x->value));
        for (row r = store_query(f->s, Q_profile_of_customer, e, "i", id); row_next(&r);) add(f, id);
        return err_ok(e);
    }
    if (!str_eq(x->format, S("raw"))) return find_hashed(f, x, e);
    if (!theirs_alone(f->s, x->kind, x->value, e) || !erase_find(f->a, f->s, x->kind, x->value, &customers, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) add(f, customers[i]);
    return true;
}

bool privacy_subjects(arena *a, str subjects, str country, bool (*fn)(void *, const subject *, err *), void *ctx,
                      err *e) {
    json_t *doc = NULL, *v;
    size_t i;
    if (!json_read(subjects, &doc, e)) return false;
    bool ok = json_array_size(doc) <= MOST_SUBJECTS || fail(e, ERR_too_large, "more than %d people", MOST_SUBJECTS);
    json_array_foreach(doc, i, v) {
        subject x;
        ok = ok && subject_of(a, v, country, &x, e) && fn(ctx, &x, e);
    }
    json_decref(doc);
    return ok;
}

static bool find_subject(void *ctx, const subject *x, err *e) {
    return find_one(ctx, x, e);
}

bool privacy_customers(arena *a, store *s, str subjects, str country, int64_t **customers, size_t *n, err *e) {
    found f = {.a = a, .s = s};
    if (!privacy_subjects(a, subjects, country, find_subject, &f, e)) return false;
    *customers = f.list, *n = f.n;
    return true;
}

// ---- how long things are kept ----

const keeping *keepings(size_t *n) {
    static const keeping all[] = {
#define KEEP(what, kinds, text) {#what, text},
#include "jobs/retention.def"
    };
    *n = COUNT(all);
    return all;
}

int64_t keeping_otherwise(const char *what) {
    static const struct {
        const char *what;
        int64_t days;
    } sweeps[] = {
#define SWEEP(what, days, run, text) {#what, days},
#include "jobs/sweeps.def"
    };
    for (size_t i = 0; i < COUNT(sweeps); i++)
        if (!strcmp(what, sweeps[i].what)) return sweeps[i].days > 0 ? sweeps[i].days : 0;
    return 0;
}
