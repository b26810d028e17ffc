#include "cli/place.h"

#include "cli/inside.h"
#include "sql/cli.h"
#include "sql/ledger.h"

str place_of(const cli *c) {
    const char *env = getenv("HEED_STORE");
    if (c->in) return str_c(c->in->where);
    if (c->g.store.len) return c->g.store;
    return env && *env ? str_c(env) : S("heed-data");
}

bool place_named(const cli *c) {
    const char *env = getenv("HEED_STORE");
    return c->g.store.len || (env && *env);
}

void settings_mark(const cli *c, const settings *set) {
    if (!set->sample.len) return;
    term_put(&c->t, STYLE_warn, S("SAMPLE: these customers are made up; 'heed demo --remove' takes them away."));
    term_say(&c->t, "\n\n");
}

// ---- rebuilding ----

bool place_rebuild_due(store *s, err *e) {
    return settings_put(s, "rebuild", S("due"), e);
}

static void count_up(void *ctx, int64_t done, int64_t total) {
    progress_at(ctx, done, done, total);
}

bool place_rebuild(cli *c, store *s, rebuilt_report *out, err *e) {
    progress p = progress_begin(&c->t, S("writing customers anew"), "events");
    bool ok = place_rebuild_due(s, e) && know_rebuild(c->life, s, c->w, count_up, &p, out, e) &&
              settings_put(s, "rebuild", S(""), e);
    progress_end(&p);
    return ok;
}

// ---- opening ----

typedef struct {
    bool tail, rebuild; // something is left to be merged; to be rebuilt
} unfinished;

static bool look(arena scratch, store *s, unfinished *u, err *e) {
    str due;
    int64_t tail = 0;
    if (!store_int(s, Q_tail_due, &tail, 0, e, "") || !settings_get(&scratch, s, "rebuild", &due, e)) return false;
    *u = (unfinished){tail != 0, due.len != 0};
    return true;
}

bool place_finish(cli *c, store *s, err *e) {
    unfinished u;
    rebuilt_report report = {0};
    if (!look(c->scratch, s, &u, e) || !u.rebuild) return err_ok(e);
    return place_rebuild(c, s, &report, e);
}

bool place_write(cli *c, str where, bool create, store **s, err *e) {
    if (c->in) return fail(e, ERR_busy, "this cannot be done while a server holds the store; stop it first");
    bool ok = store_open(s, where, (store_opts){.create = create}, e) && store_lock(*s, 0, e) &&
              store_run(*s, Q_import_interrupted, NULL, e, "i", c->w->now_us(c->w)) && place_finish(c, *s, e);
    if (!ok) store_close(*s), *s = NULL;
    return ok;
}

bool place_know(cli *c, str where, bool create, store **s, knowing **k, err *e) {
    int64_t replayed = 0;
    *k = NULL;
    if (!place_write(c, where, create, s, e)) return false;
    if (!know_open(k, *s, c->w, &replayed, e)) {
        store_close(*s);
        *s = NULL;
        return false;
    }
    return true;
}

// A program that wants to read meets a store that was not closed well, or has an older schema: a writer mends that.
static void mend(cli *c, err *e) {
    store *s;
    knowing *k;
    if (!place_know(c, place_of(c), false, &s, &k, e)) return;
    know_close(k);
    store_close(s);
}

bool place_read(cli *c, store **s, err *e) {
    str where = place_of(c);
    err first = {0}, why = {0};
    unfinished u = {0};
    bool ok = store_open(s, where, (store_opts){.read_only = true}, &first);
    if (!ok && first.code == ERR_conflict) {
        mend(c, &why);
        ok = store_open(s, where, (store_opts){.read_only = true}, e);
    } else if (!ok)
        *e = first;
    if (!ok || !look(c->scratch, *s, &u, e)) return store_close(*s), *s = NULL, false;
    if (!u.tail && !u.rebuild) return true;
    store_close(*s);
    mend(c, &why);
    if (!err_ok(&why)) cli_note(c, "the newest events may be missing: %s", why.msg);
    return store_open(s, where, (store_opts){.read_only = true}, e);
}
