#include "store/backend.h"

static const struct {
    int64_t number;
    const char *name, *text;
} migrations[] = {
#define MIGRATION(number, name, text) {number, name, text},
#include "migrations.h"
};

int64_t migrate_newest(void) {
    return migrations[COUNT(migrations) - 1].number;
}

// What stands at the start of x: a comment or a quoted text with its end, a word, or a single character.
static str piece(str x) {
    size_t n = 1;
    if (str_starts(x, S("--"))) {
        while (n < x.len && x.s[n] != '\n') n++;
    } else if (str_starts(x, S("/*"))) {
        for (n = 2; n < x.len && !str_starts(str_sub(x, n, 2), S("*/"));) n++;
        n = MIN(n + 2, x.len);
    } else if (x.s[0] == '\'' || x.s[0] == '"') { // a doubled quote reads as two texts in a row, which splits as well
        while (n < x.len && x.s[n] != x.s[0]) n++;
        n = MIN(n + 1, x.len);
    } else {
        bool word = true;
        for (n = 0; n < x.len && word; n += word) {
            char c = x.s[n];
            word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
        }
        n = MAX(n, 1);
    }
    return str_sub(x, 0, n);
}

static str type_word(enum store_kind kind, str word) {
    static const struct {
        enum store_kind kind;
        const char *from, *to;
    } rows[] = {
        {STORE_SQLITE, "BIGINT", "INTEGER"}, {STORE_SQLITE, "SMALLINT", "INTEGER"},
        {STORE_SQLITE, "BYTEA", "BLOB"},     {STORE_SQLITE, "DOUBLE", "REAL"},
        {STORE_SQLITE, "PRECISION", ""},     {STORE_POSTGRES, "TEXT", "TEXT COLLATE \"C\""},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        if (kind == rows[i].kind && str_eq(word, str_c(rows[i].from))) return str_c(rows[i].to);
    return word;
}

static bool blank(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// One statement up to its semicolon. `only` is set when a line before it names the back end it is for.
static str cut_statement(arena *a, str *rest, enum store_kind kind, int *only) {
    buf b = buf_new(a, 1 << 20);
    *only = -1;
    while (rest->len) {
        str p = piece(*rest);
        *rest = str_sub(*rest, p.len, rest->len);
        if (p.s[0] == ';') break;
        bool comment = str_starts(p, S("--")) || str_starts(p, S("/*"));
        if (b.len == 0 && comment) {
            if (str_eq(str_trim(p), S("-- sqlite:"))) *only = STORE_SQLITE;
            if (str_eq(str_trim(p), S("-- postgres:"))) *only = STORE_POSTGRES;
        }
        if (b.len == 0 && (comment || blank(p.s[0]))) continue;
        bool table = str_starts(buf_str(&b), S("CREATE TABLE")) || str_starts(buf_str(&b), S("ALTER TABLE"));
        buf_add(&b, table ? type_word(kind, p) : p);
    }
    assert(!b.full);
    return str_trim(buf_str(&b));
}

bool migrate_statement(arena *a, str *rest, enum store_kind kind, char **sql) {
    while (rest->len) {
        int only = -1;
        str text = cut_statement(a, rest, kind, &only);
        if (!text.len || (only >= 0 && only != (int)kind)) continue;
        *sql = str_z(a, text);
        return true;
    }
    return false;
}

static bool run_statements(store *s, arena scratch, const char *text, err *e) {
    str rest = str_c(text);
    for (char *sql = NULL; migrate_statement(&scratch, &rest, s->ops->kind, &sql);)
        if (!s->ops->exec(s, sql, e)) return false;
    return true;
}

// One step in one transaction. Whoever came first may have taken it already.
static bool step(store *s, arena scratch, size_t i, err *e) {
    int64_t version = 0;
    if (!store_begin(s, e)) return false;
    bool ok = s->ops->version(s, &version, e);
    if (ok && version < migrations[i].number)
        ok = run_statements(s, scratch, migrations[i].text, e) && s->ops->set_version(s, migrations[i].number, e);
    return tx_end(s, true, ok, e);
}

static bool behind(const store *s, int64_t version, err *e) {
    if (version == 0)
        return fail(e, ERR_not_found, "\"%.*s\" is empty and was opened for reading only", STR_ARG(s->where));
    return fail(e, ERR_conflict,
                "\"%.*s\" has schema %" PRId64 ", this program needs %" PRId64 ": open it once for writing",
                STR_ARG(s->where), version, migrate_newest());
}

bool migrate(store *s, err *e) {
    enum { LOCK_MS = 10000 };
    int64_t version = 0, newest = migrate_newest();
    if (!s->ops->version(s, &version, e)) return false;
    if (version == newest) return true;
    if (version > newest)
        return fail(e, ERR_conflict,
                    "\"%.*s\" has schema %" PRId64 ", this program knows %" PRId64 ": use a newer heed",
                    STR_ARG(s->where), version, newest);
    if (s->opts.read_only) return behind(s, version, e);
    // A process that still writes with the old schema must not have it changed under its feet. Who holds the lock may
    // also be on the same way as we, and done soon.
    bool lock = version > 0 && !s->locked;
    if (lock && !store_lock(s, LOCK_MS, e)) return false;
    arena scratch = arena_open(16 << 20);
    bool ok = true;
    for (size_t i = 0; ok && i < COUNT(migrations); i++)
        if (migrations[i].number > version) ok = step(s, scratch, i, e);
    arena_close(&scratch);
    if (lock) store_unlock(s);
    return ok;
}
