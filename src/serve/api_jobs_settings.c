// What heed is told of the company, and the sample company.
#include <sys/stat.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/money.h"
#include "jobs/company.h"
#include "jobs/runner.h"
#include "jobs/work.h"
#include "know/kept.h"
#include "know/settings.h"
#include "serve/handlers.h"
#include "serve/work.h"

typedef struct {
    settings set;
    str backup_folder;
    int64_t backup_keep;
} told;

static bool read_told(call *c, told *t, err *e) {
    str keep;
    if (!settings_read(c->a, c->s, &t->set, e) || !settings_get(c->a, c->s, "backup_folder", &t->backup_folder, e) ||
        !settings_get(c->a, c->s, "backup_keep", &keep, e))
        return false;
    if (!str_i64(keep, &t->backup_keep)) t->backup_keep = BACKUP_KEEP;
    return true;
}

static str zone_of(const told *t) {
    return t->set.zone.len ? t->set.zone : S("UTC");
}

// Settings change by commands too, which keep no version: what they are is their version.
static int64_t version_of(const told *t) {
    const str texts[] = {t->set.zone, t->set.country, t->set.currency, t->backup_folder};
    uint64_t h = (uint64_t)t->backup_keep;
    for (size_t i = 0; i < COUNT(texts); i++) h = str_hash2(h, texts[i]);
    return (int64_t)(h >> 24);
}

static bool show(call *c, err *e) {
    told t;
    int64_t id;
    if (!read_told(c, &t, e) || !job_underway(c->s, "rebuild", S(""), &id, e)) return false;
    json_out *j = &c->out;
    call_etag(c, version_of(&t));
    json_open(j, NULL, '{');
    json_put_str(j, "zone", zone_of(&t));
    json_put_str(j, "country", t.set.country);
    json_put_str(j, "currency", t.set.currency.len ? t.set.currency : S("EUR"));
    json_put_bool(j, "sample", t.set.sample.len > 0);
    if (c->who.needs & N(settings_write))
        json_put_str(j, "backup_folder", t.backup_folder);
    else
        json_put_null(j, "backup_folder");
    json_put_int(j, "backup_keep", t.backup_keep);
    if (id)
        json_put_int(j, "rebuild", id);
    else
        json_put_null(j, "rebuild");
    json_put_int(j, "version", version_of(&t));
    json_close(j, '}');
    return true;
}

bool settings_show(call *c, err *e) {
    return show(c, e);
}

// ---- changing ----

static bool check_words(call *c, err *e) {
    str name = in_str(c, "zone"), country = in_str(c, "country"), money = in_str(c, "currency");
    zone *z;
    err why = {0};
    arena scratch = *c->a;
    if (in_has(c, "zone") && (!name.len || !zone_open(&scratch, name, &z, &why)))
        return fail_field(c, e, "zone", "'zone' must be an IANA name such as Europe/Berlin, not \"%.*s\"",
                          (int)MIN(name.len, 60), name.s);
    bool letters =
        country.len == 2 && country.s[0] >= 'A' && country.s[0] <= 'Z' && country.s[1] >= 'A' && country.s[1] <= 'Z';
    if (country.len && !letters) return fail_field(c, e, "country", "'country' must be two capital letters such as DE");
    if (in_has(c, "currency") && !currency_of(money))
        return fail_field(c, e, "currency", "'currency' must be an ISO 4217 code such as EUR");
    return true;
}

// A folder inside of the store would be copied into itself for ever.
static bool check_backup(call *c, err *e) {
    str dir = in_str(c, "backup_folder"), where = store_where(c->s);
    struct stat st;
    arena scratch = *c->a;
    int64_t keep = in_int(c, "backup_keep", 1);
    if (keep < 1 || keep > 1000) return fail_field(c, e, "backup_keep", "'backup_keep' must be 1 to 1000");
    if (!dir.len) return true;
    if (store_kind_of(c->s) != STORE_SQLITE)
        return fail_field(c, e, "backup_folder", "PostgreSQL makes its own back-ups, with pg_dump");
    const char *path = str_z(&scratch, dir);
    if (dir.s[0] != '/' || stat(path, &st) != 0 || !S_ISDIR(st.st_mode) || access(path, W_OK | X_OK) != 0)
        return fail_field(c, e, "backup_folder",
                          "'backup_folder' must be a folder that heed can write to, from '/' on");
    char real[4096 + 2], own[4096 + 2];
    bool both = realpath(path, real) && realpath(str_z(&scratch, where), own);
    if (both && str_starts(str_fmt(&scratch, "%s/", real), str_fmt(&scratch, "%s/", own)))
        return fail_field(c, e, "backup_folder", "'backup_folder' must be outside of the store");
    return true;
}

static bool put_text(call *c, const char *name, str value, err *e) {
    return !in_has(c, name) || settings_put(c->s, name, value, e);
}

bool settings_change(call *c, err *e) {
    told was;
    int64_t id = 0;
    if (!read_told(c, &was, e) || !call_if_match(c, version_of(&was), e) || !check_words(c, e) || !check_backup(c, e))
        return false;
    str name = in_str(c, "zone");
    const currency *money = currency_of(in_str(c, "currency"));
    bool moved = name.len && !str_eq(name, zone_of(&was));
    str keep = str_fmt(c->a, "%" PRId64, in_int(c, "backup_keep", BACKUP_KEEP));
    bool ok = put_text(c, "zone", name, e) && put_text(c, "country", in_str(c, "country"), e) &&
              put_text(c, "currency", money ? str_c(money->code) : S(""), e) &&
              put_text(c, "backup_folder", in_str(c, "backup_folder"), e) && put_text(c, "backup_keep", keep, e) &&
              kept_void(c->s, e);
    // Days are counted in the zone, so what was folded in another is folded again.
    if (ok && moved) {
        new_job n = {.kind = "rebuild", .by = who_text(c->a, &c->who)};
        ok = job_underway(c->s, "rebuild", S(""), &id, e) && settings_put(c->s, "rebuild", S("due"), e) &&
             (id || job_make(c->s, c->d->w, &n, &id, e));
    }
    char *asked = json_dumps(c->in, JSON_COMPACT);
    ok = ok && audit(c, "settings.change", S("settings"), str_c(asked), e) && show(c, e);
    free(asked);
    if (ok && moved) runner_wake(server_jobs(c->sv));
    return ok;
}

// ---- the sample company ----

static bool read_stamp(call *c, json_t **v, err *e) {
    settings set;
    *v = NULL;
    return settings_read(c->a, c->s, &set, e) && (!set.sample.len || json_read(set.sample, v, e));
}

static bool sample_job(call *c, int64_t *id, err *e) {
    int64_t other;
    if (!job_underway(c->s, "sample_make", S(""), id, e) || !job_underway(c->s, "sample_remove", S(""), &other, e))
        return false;
    if (!*id) *id = other;
    return true;
}

bool sample_show(call *c, err *e) {
    static const char *const names[] = {"customers", "years", "seed"};
    json_t *v;
    int64_t id;
    json_out *j = &c->out;
    if (!read_stamp(c, &v, e) || !sample_job(c, &id, e)) return false;
    json_open(j, NULL, '{');
    json_put_bool(j, "present", v != NULL);
    json_put_bool(j, "complete", json_is_true(json_object_get(v, "done")));
    for (size_t i = 0; i < COUNT(names); i++)
        if (v)
            json_put_int(j, names[i], json_integer_value(json_object_get(v, names[i])));
        else
            json_put_null(j, names[i]);
    int64_t as_of = json_integer_value(json_object_get(v, "now_us"));
    if (v)
        json_put_str(j, "as_of", date_str(c->a, (int32_t)floor_div(as_of, DAY_US)));
    else
        json_put_null(j, "as_of");
    if (id)
        json_put_int(j, "job", id);
    else
        json_put_null(j, "job");
    json_close(j, '}');
    json_decref(v);
    return true;
}

static bool none_underway(call *c, err *e) {
    return job_none(c, "sample_make", e) && job_none(c, "sample_remove", e);
}

bool sample_begin(call *c, err *e) {
    settings set;
    bool done;
    int64_t id, customers = in_int(c, "customers", 500), years = in_int(c, "years", 3), seed = in_int(c, "seed", 1);
    sample_opts how = {.customers = customers, .years = (int)years, .seed = (uint64_t)seed};
    if (customers < 1 || customers > 100000) return fail_field(c, e, "customers", "'customers' must be 1 to 100000");
    if (years < 1 || years > 20) return fail_field(c, e, "years", "'years' must be 1 to 20");
    if (seed < 0) return fail_field(c, e, "seed", "'seed' must be 0 or more");
    if (!none_underway(c, e) || !settings_read(c->a, c->s, &set, e) || !company_compare(set.sample, &how, &done, e))
        return false;
    if (done) return fail(e, ERR_conflict, "the sample company is in the store already");
    str args =
        str_fmt(c->a, "{\"customers\":%" PRId64 ",\"years\":%" PRId64 ",\"seed\":%" PRId64 "}", customers, years, seed);
    return audit(c, "sample.make", S("sample"), args, e) && job_begin(c, "sample_make", args, &id, e);
}

bool sample_drop(call *c, err *e) {
    settings set;
    int64_t id;
    if (!none_underway(c, e) || !settings_read(c->a, c->s, &set, e)) return false;
    if (!set.sample.len) return fail(e, ERR_not_found, "there is no sample company in the store");
    return audit(c, "sample.remove", S("sample"), S(""), e) && job_begin(c, "sample_remove", S("{}"), &id, e);
}
