#include <locale.h>
#include <stdarg.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#include "base/civil.h"
#include "cli/say.h"
#include "cli/versions.h"
#include "sql/cli.h"
#include "sql/ledger.h"
#include "sql/store.h"

enum { OK, WARN, BAD };

// What is found, line by line.
typedef struct {
    cli *c;
    table *t;
    reply r;
    int64_t warnings, failures;
} doctor;

__attribute__((format(printf, 4, 5))) static void finding(doctor *d, int how, const char *what, const char *fmt, ...) {
    static const char *const words[] = {"ok", "warn", "fail"};
    static const enum style styles[] = {STYLE_good, STYLE_warn, STYLE_bad};
    char text[600];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    d->warnings += how == WARN, d->failures += how == BAD;
    if (d->c->g.json) {
        json_open(&d->r.j, NULL, '{');
        json_put_str(&d->r.j, "check", str_c(what));
        json_put_str(&d->r.j, "state", str_c(words[how]));
        json_put_str(&d->r.j, "text", str_c(text));
        json_close(&d->r.j, '}');
        return;
    }
    table_add(d->t, styles[how], str_c(words[how]));
    table_add(d->t, STYLE_plain, str_c(what));
    table_add(d->t, STYLE_plain, term_clean(d->c->life, str_c(text), true));
}

// ---- the machine ----

static void look_at_program(doctor *d) {
    struct utsname u;
    finding(d, OK, "program", "heed %s, %s", HEED_VERSION, uname(&u) == 0 ? u.machine : "unknown machine");
    buf b = buf_new(d->c->life, 1024);
    versions(&b);
    finding(d, OK, "libraries", "%.*s", STR_ARG(buf_str(&b)));
}

static void look_at_world(doctor *d) {
    zone *z;
    err e = {0};
    const char *locale = setlocale(LC_CTYPE, "");
    bool utf8 = locale && (strstr(locale, "UTF-8") || strstr(locale, "utf8"));
    if (zone_open(d->c->life, S("Europe/Berlin"), &z, &e) && zone_offset_s(z, INT64_C(1751328000) * SECOND_US) == 7200)
        finding(d, OK, "time zones", "ICU knows them");
    else
        finding(d, BAD, "time zones", "ICU's data are missing or wrong: install libicu and its data");
    if (utf8)
        finding(d, OK, "locale", "%s", locale);
    else
        finding(d, WARN, "locale", "%s is not UTF-8, and names may look broken: export LC_ALL=C.UTF-8",
                locale ? locale : "it");
    setlocale(LC_CTYPE, "C");
}

// ---- the store ----

static void look_at_space(doctor *d, str where, int64_t bytes) {
    struct statvfs v;
    arena a = d->c->scratch;
    if (statvfs(str_z(&a, where), &v) != 0) return;
    int64_t left = (int64_t)v.f_bavail * (int64_t)v.f_frsize, mb = 1 << 20;
    bool little = left < MAX(bytes, 512 * mb);
    finding(d,
            left < 64 * mb ? BAD
            : little       ? WARN
                           : OK,
            "disk", "the store takes %.*s MB, %.*s MB are left%s", STR_ARG(term_count(&a, bytes / mb)),
            STR_ARG(term_count(&a, left / mb)), little ? "; a backup or a rebuild needs as much again: free some" : "");
}

static void look_at_lock(doctor *d) {
    store *s;
    err e = {0};
    if (store_open(&s, place_of(d->c), (store_opts){0}, &e) && store_lock(s, 0, &e))
        finding(d, OK, "writer", "nobody is writing");
    else if (e.code == ERR_busy)
        finding(d, OK, "writer", "%s", e.msg);
    else
        finding(d, WARN, "writer", "%s; it can be read, not written", e.msg);
    store_close(s);
}

static void look_at_upkeep(doctor *d, store *s) {
    err e = {0};
    int64_t tail = 0, waiting = 0;
    str due = S("");
    for (row r = store_query(s, Q_meta_get, &e, "t", S("rebuild")); row_next(&r);) due = S("due");
    if (!store_int(s, Q_tail_due, &tail, 0, &e, "") ||
        !store_int(s, Q_quarantine_count, &waiting, 0, &e, "i", INT64_C(0))) {
        finding(d, BAD, "tables", "%s", e.msg);
        return;
    }
    if (due.len) finding(d, WARN, "rebuild", "an undo was interrupted; the next import, or 'heed verify', finishes it");
    if (tail)
        finding(d, WARN, "merging", "the last import did not end; the next command that reads finishes it");
    else
        finding(d, OK, "merging", "everything that came in is merged");
    if (waiting)
        finding(d, WARN, "quarantine", "%.*s could not be read: see 'heed quarantine list'",
                STR_ARG(say_n(d->c->life, waiting, "row", "rows")));
    else
        finding(d, OK, "quarantine", "nothing waits in it");
}

static void look_at_imports(doctor *d, store *s) {
    enum { MOST = 100000 };
    err e = {0};
    int64_t n = 0, broken = 0, last_us = 0;
    sources *all;
    size_t n_sources = 0;
    arena a = d->c->scratch;
    for (row r = store_query(s, Q_import_list, &e, "i", (int64_t)MOST); row_next(&r);) {
        n++, broken += row_int(&r, 3) == 3;
        last_us = MAX(last_us, row_int(&r, 4));
    }
    if (!sources_read(d->c->life, s, &all, &e)) {
        finding(d, BAD, "imports", "%s", e.msg);
        return;
    }
    sources_list(all, &n_sources);
    if (!n)
        finding(d, WARN, "imports", "nothing was imported yet: heed import FILE");
    else
        finding(d, broken ? WARN : OK, "imports", "%.*s from %.*s, the last on %.*s%s",
                STR_ARG(say_n(&a, n, "import", "imports")), STR_ARG(say_n(&a, (int64_t)n_sources, "source", "sources")),
                STR_ARG(say_day(&a, NULL, last_us)),
                broken ? "; some were interrupted: see 'heed import --list' and repeat them" : "");
}

static void look_at_settings(doctor *d, store *s) {
    err e = {0};
    settings set;
    zone *z;
    if (!settings_read(d->c->life, s, &set, &e)) {
        finding(d, BAD, "settings", "%s", e.msg);
        return;
    }
    if (!zone_open(d->c->life, set.zone, &z, &e))
        finding(d, BAD, "settings", "%s; set it with 'heed init --zone'", e.msg);
    else if (!set.zone.len)
        finding(d, WARN, "settings", "days are counted in UTC; say yours with 'heed init --zone Europe/Berlin'");
    else
        finding(d, OK, "settings", "zone %.*s, country %.*s, currency %.*s", STR_ARG(set.zone),
                STR_ARG(set.country.len ? set.country : S("none")),
                STR_ARG(set.currency.len ? set.currency : S("EUR")));
    if (set.sample.len) finding(d, WARN, "sample", "made-up customers are in it; 'heed demo --remove' takes them away");
}

static str engine_of(arena *a, store *s, err *e) {
    str name = S("");
    for (row r = store_query(s, Q_engine_version, e, ""); row_next(&r);) name = str_dup(a, row_str(&r, 0));
    str first = str_cut(&name, '(');
    return str_trim(first);
}

static void look_at_store(doctor *d) {
    store *s;
    err e = {0};
    int64_t bytes = 0, events = 0;
    str where = place_of(d->c);
    arena a = d->c->scratch;
    if (!store_open(&s, where, (store_opts){.read_only = true}, &e)) {
        finding(d, BAD, "store", "%s%s", e.msg,
                e.code == ERR_not_found ? ": make one with 'heed init', or name it with --store" : "");
        return;
    }
    if (!store_sizes(s, &bytes, &e) || !store_int(s, Q_event_count, &events, 0, &e, ""))
        finding(d, BAD, "store", "%s", e.msg);
    else
        finding(d, OK, "store", "\"%.*s\", %.*s, %.*s events", STR_ARG(store_where(s)), STR_ARG(engine_of(&a, s, &e)),
                STR_ARG(term_count(&a, events)));
    if (store_kind_of(s) == STORE_SQLITE) look_at_space(d, where, bytes);
    look_at_lock(d);
    look_at_settings(d, s);
    look_at_upkeep(d, s);
    look_at_imports(d, s);
    store_close(s);
}

static bool run(cli *c, const void *options, err *e) {
    static const table_col cols[] = {{NULL, false, false}, {NULL, false, false}, {NULL, false, false}};
    doctor d = {.c = c, .t = table_new(c->life, cols, COUNT(cols))};
    (void)options;
    if (c->g.json) reply_open(&d.r, c), json_open(&d.r.j, NULL, '{'), json_open(&d.r.j, "findings", '[');
    look_at_program(&d);
    look_at_world(&d);
    look_at_store(&d);
    if (c->g.json) {
        json_close(&d.r.j, ']');
        json_put_int(&d.r.j, "warnings", d.warnings);
        json_put_int(&d.r.j, "failures", d.failures);
        json_close(&d.r.j, '}');
        reply_close(&d.r);
    } else
        table_print(d.t, &c->t, 0);
    return !d.failures || fail(e, ERR_unavailable, "%" PRId64 " of these checks failed", d.failures);
}

const cmd cmd_doctor = {
    .run = run,
    .more = "Checks what heed rests on: its libraries, time zones and locale, the store, its disk, who is writing, "
            "what waits "
            "to be merged, and the quarantine. Each line is ok, warn or fail and says what to do.",
    .examples = "heed doctor",
    .json = "{\"findings\":[{\"check\",\"state\",\"text\"}],\"warnings\",\"failures\"}",
};
