#include "store/pg.h"

enum { OLDEST_VERSION = 130000, SCHEMA_LOCK = 0x68656564 }; // "heed"

static const struct backend ops;

// --- errors, by SQLSTATE

static const struct {
    const char *state; // a class of two letters or a whole code
    enum err_code code;
} states[] = {
    {"08P01", ERR_internal}, {"08", ERR_unavailable}, {"21000", ERR_invalid},  {"22", ERR_invalid},
    {"23", ERR_conflict},    {"25006", ERR_denied},   {"25P02", ERR_conflict}, {"28", ERR_denied},
    {"3D", ERR_not_found},   {"3F", ERR_not_found},   {"40", ERR_busy},        {"42501", ERR_denied},
    {"42704", ERR_internal}, {"53100", ERR_full},     {"53", ERR_unavailable}, {"54", ERR_too_large},
    {"55P03", ERR_busy},     {"57", ERR_unavailable}, {"58", ERR_unavailable}, {"XX001", ERR_corrupt},
    {"XX002", ERR_corrupt},
};

static enum err_code code_of(const char *state) {
    for (size_t i = 0; state && i < COUNT(states); i++)
        if (str_starts(str_c(state), str_c(states[i].state))) return states[i].code;
    return ERR_internal;
}

static str first_line(const char *text) {
    str rest = str_c(text);
    return str_trim(str_cut(&rest, '\n'));
}

bool pg_broken(postgres *p, const PGresult *res, const char *what, err *e) {
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    const char *text = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    str why = first_line(text ? text : PQerrorMessage(p->conn)), where = p->s.where;
    if (PQstatus(p->conn) == CONNECTION_BAD)
        return fail(e, ERR_unavailable, "the connection to \"%.*s\" is lost (%.*s)", STR_ARG(where), STR_ARG(why));
    enum err_code code = code_of(state);
    switch (code) {
    case ERR_full:
        return fail(e, code, "no space left on the server of \"%.*s\": free some and repeat", STR_ARG(where));
    case ERR_corrupt:
        return fail(e, code, "\"%.*s\" is damaged (%.*s): bring back the last backup", STR_ARG(where), STR_ARG(why));
    default: return fail(e, code, "%s: %.*s", what, STR_ARG(why));
    }
}

// Rows as text, or NULL.
static PGresult *pg_ask(postgres *p, const char *sql, err *e) {
    pg_settle(p);
    PGresult *res = PQexec(p->conn, sql);
    ExecStatusType st = PQresultStatus(res);
    if (st == PGRES_COMMAND_OK || st == PGRES_TUPLES_OK) return res;
    pg_broken(p, res, sql, e);
    PQclear(res);
    return NULL;
}

bool pg_do(postgres *p, const char *sql, err *e) {
    PGresult *res = pg_ask(p, sql, e);
    PQclear(res);
    return res != NULL;
}

// The whole number in the first row's first column; `otherwise` when there is none.
static bool ask_number(postgres *p, const char *sql, int64_t otherwise, int64_t *v, err *e) {
    PGresult *res = pg_ask(p, sql, e);
    if (!res) return false;
    if (PQntuples(res) < 1 || !str_i64(str_c(PQgetvalue(res, 0, 0)), v)) *v = otherwise;
    PQclear(res);
    return true;
}

// Asks the catalogue itself: to_regclass may answer from a cache that does not know what another session just made.
static bool table_there(postgres *p, const char *name, bool *there, err *e) {
    char sql[160];
    int64_t n = 0;
    snprintf(sql, sizeof sql,
             "SELECT COUNT(*) FROM pg_class WHERE relname = '%s' AND relnamespace = current_schema()::regnamespace",
             name);
    if (!ask_number(p, sql, 0, &n, e)) return false;
    *there = n > 0;
    return true;
}

// --- transactions

static bool exec(store *s, const char *sql, err *e) {
    return pg_do(pg_of(s), sql, e);
}

static bool begin(store *s, bool read, err *e) {
    return exec(s, read ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN", e);
}

static void rollback(store *s) {
    postgres *p = pg_of(s);
    err ignored = {0};
    p->n_periods = 0; // partitions made in this transaction are gone
    if (!pg_do(p, "ROLLBACK", &ignored)) return;
}

// The server answers COMMIT with ROLLBACK, and no error, when a statement of the transaction had failed.
static bool commit(store *s, err *e) {
    postgres *p = pg_of(s);
    PGresult *res = pg_ask(p, "COMMIT", e);
    bool ok = res && str_eq(str_c(PQcmdStatus(res)), S("COMMIT"));
    if (res && !ok) fail(e, ERR_conflict, "the transaction was undone, because a statement in it failed");
    PQclear(res);
    if (!ok) p->n_periods = 0;
    return ok;
}

// Two programs that open a new store at the same moment migrate one after the other.
static bool version(store *s, int64_t *v, err *e) {
    postgres *p = pg_of(s);
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT pg_advisory_xact_lock(%" PRId64 ")", p->lock_key ^ 1);
    if (s->in_tx && !pg_do(p, sql, e)) return false;
    bool there = false;
    *v = 0;
    if (!table_there(p, "heed_schema", &there, e)) return false;
    return !there || ask_number(p, "SELECT MAX(version) FROM heed_schema", 0, v, e);
}

static bool set_version(store *s, int64_t v, err *e) {
    char sql[256];
    snprintf(sql, sizeof sql,
             "CREATE TABLE IF NOT EXISTS heed_schema (version BIGINT NOT NULL PRIMARY KEY);"
             "INSERT INTO heed_schema (version) VALUES (%" PRId64 ")",
             v);
    return exec(s, sql, e);
}

// --- the writer's lock: held by the session, so that it ends with the connection

static bool say_holder(postgres *p, err *e) {
    char sql[512];
    snprintf(sql, sizeof sql,
             "SELECT a.pid, a.application_name, COALESCE(host(a.client_addr), 'this machine') FROM pg_locks l "
             "JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
             "AND l.classid = %u AND l.objid = %u LIMIT 1",
             (unsigned)((uint64_t)p->lock_key >> 32), (unsigned)(uint64_t)p->lock_key);
    PGresult *res = pg_ask(p, sql, e);
    if (!res) return false;
    if (PQntuples(res) == 1)
        fail(e, ERR_busy, "\"%.*s\" is being written by %s on %s (session %s)", STR_ARG(p->s.where),
             PQgetvalue(res, 0, 1), PQgetvalue(res, 0, 2), PQgetvalue(res, 0, 0));
    PQclear(res);
    return fail(e, ERR_busy, "\"%.*s\" is being written by another process", STR_ARG(p->s.where));
}

static bool lock(store *s, int wait_ms, err *e) {
    enum { STEP_MS = 50 };
    postgres *p = pg_of(s);
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT pg_try_advisory_lock(%" PRId64 ")::int", p->lock_key);
    for (int waited = 0;; waited += STEP_MS) {
        int64_t got = 0;
        if (!ask_number(p, sql, 0, &got, e)) return false;
        if (got) return true;
        if (waited >= wait_ms) return say_holder(p, e);
        nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
    }
}

static void unlock(store *s) {
    char sql[80];
    err ignored = {0};
    snprintf(sql, sizeof sql, "SELECT pg_advisory_unlock(%" PRId64 ")", pg_of(s)->lock_key);
    if (!pg_do(pg_of(s), sql, &ignored)) return;
}

// --- upkeep

static bool make_period(postgres *p, int32_t period, err *e) {
    char name[32], sql[256];
    bool ours = false, there = false;
    snprintf(name, sizeof name, "event_p%s%d", period < 0 ? "m" : "", abs(period));
    if (!table_there(p, name, &there, e)) return false;
    if (there) return true;
    // Attached, not created as a partition: that would wait for every report that reads events.
    snprintf(sql, sizeof sql,
             "CREATE TABLE %s (LIKE event INCLUDING DEFAULTS INCLUDING CONSTRAINTS);"
             "ALTER TABLE event ATTACH PARTITION %s FOR VALUES FROM (%d) TO (%d)",
             name, name, period, period + 1);
    return tx_begin(&p->s, &ours, e) && tx_end(&p->s, ours, pg_do(p, sql, e), e);
}

static bool ensure_period(store *s, int32_t period, err *e) {
    enum { KEPT = 4096 };
    postgres *p = pg_of(s);
    for (int i = p->n_periods; i-- > 0;)
        if (p->periods[i] == period) return true;
    if (!make_period(p, period, e)) return false;
    if (!p->periods) p->periods = make(&s->a, int32_t, KEPT);
    if (p->n_periods < KEPT) p->periods[p->n_periods++] = period;
    return true;
}

static bool backup(store *s, str to, void (*progress)(void *, int64_t, int64_t), void *ctx, err *e) {
    (void)progress, (void)ctx;
    return fail(e, ERR_invalid, "PostgreSQL makes its own backups: pg_dump --format=custom --file=%.*s '%.*s'",
                STR_ARG(to), STR_ARG(s->where));
}

// The server guards its own pages (pg_amcheck examines them); what can be asked cheaply is whether an index was left
// half built.
static bool check(store *s, arena *a, str *problem, err *e) {
    PGresult *res =
        pg_ask(pg_of(s),
               "SELECT string_agg(i.indexrelid::regclass::text, ', ') FROM pg_index i JOIN pg_class c "
               "ON c.oid = i.indexrelid WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace",
               e);
    if (!res) return false;
    if (!PQgetisnull(res, 0, 0)) *problem = str_fmt(a, "index not valid: %s", PQgetvalue(res, 0, 0));
    PQclear(res);
    return true;
}

static bool optimize(store *s, err *e) {
    postgres *p = pg_of(s);
    PGresult *res =
        pg_ask(p,
               "SELECT format('ANALYZE %I.%I', current_schema(), relname) FROM pg_class WHERE relkind IN ('r', 'p') "
               // Events are found by their key alone; their statistics would cost more than the import's last batch.
               "AND NOT relispartition AND relname <> 'event' AND relnamespace = current_schema()::regnamespace",
               e);
    bool ok = res != NULL;
    for (int i = 0; ok && i < PQntuples(res); i++) ok = pg_do(p, PQgetvalue(res, i, 0), e);
    PQclear(res);
    return ok;
}

static bool wipe(store *s, bool on, err *e) {
    postgres *p = pg_of(s);
    if (on) return true;
    PGresult *res = pg_ask(p,
                           "SELECT format('VACUUM %I.%I', current_schema(), relname) FROM pg_class "
                           "WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace",
                           e);
    bool ok = res != NULL;
    for (int i = 0; ok && i < PQntuples(res); i++) ok = pg_do(p, PQgetvalue(res, i, 0), e);
    PQclear(res);
    return ok;
}

static bool sizes(store *s, int64_t *bytes, err *e) {
    return ask_number(pg_of(s),
                      "SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0)::bigint FROM pg_class "
                      "WHERE relkind IN ('r', 'm') AND relnamespace = current_schema()::regnamespace",
                      0, bytes, e);
}

// --- opening

// Takes "schema=NAME" out of the address, since it is ours and libpq refuses it.
static str without_schema(arena *a, str url, str *schema) {
    str rest = url, head = str_cut(&rest, '?');
    buf b = buf_new(a, url.len + 1);
    buf_add(&b, head);
    *schema = S("");
    for (char sep = '?'; rest.s;) {
        str one = str_cut(&rest, '&');
        if (str_starts(one, S("schema="))) {
            *schema = str_sub(one, 7, one.len);
            continue;
        }
        if (one.len) buf_addc(&b, sep);
        if (one.len) sep = '&';
        buf_add(&b, one);
    }
    return buf_str(&b);
}

// Lower case letters, digits and _ need no quotes, and no escapes in the address.
static bool schema_ok(str schema, err *e) {
    for (size_t i = 0; i < schema.len; i++) {
        char c = schema.s[i];
        if (!(c == '_' || (c >= 'a' && c <= 'z') || (i && c >= '0' && c <= '9')) || i >= 60)
            return fail(e, ERR_invalid, "the schema \"%.*s\" must be lower case letters, digits and _",
                        STR_ARG(schema));
    }
    return true;
}

static str option(const PQconninfoOption *o, const char *keyword) {
    for (; o->keyword; o++)
        if (str_eq(str_c(o->keyword), str_c(keyword))) return str_c(o->val);
    return S("");
}

// The address as people may see it: without the password and the other options.
static str shown(arena *a, const PQconninfoOption *o, str schema) {
    str user = option(o, "user"), host = option(o, "host"), port = option(o, "port"), db = option(o, "dbname");
    bool socket = str_starts(host, S("/"));
    buf b = buf_new(a, 4096);
    buf_fmt(&b, "postgres://%.*s%s", STR_ARG(user), user.len ? "@" : "");
    if (!socket) buf_add(&b, host);
    if (port.len) buf_fmt(&b, ":%.*s", STR_ARG(port));
    buf_fmt(&b, "/%.*s", STR_ARG(db));
    if (socket) buf_fmt(&b, "?host=%.*s", STR_ARG(host));
    if (schema.len) buf_fmt(&b, "%cschema=%.*s", socket ? '&' : '?', STR_ARG(schema));
    return buf_str(&b);
}

static void be_quiet(void *ctx, const char *message) {
    (void)ctx, (void)message;
}

// libpq gives no code for a connection that failed, so a server that answers and yet refuses is told by asking again.
static bool refused(postgres *p, const char *const *keys, const char *const *values, err *e) {
    str why = first_line(PQerrorMessage(p->conn));
    bool there = PQconnectionNeedsPassword(p->conn) || PQpingParams(keys, values, 0) == PQPING_OK;
    return fail(e, there ? ERR_denied : ERR_unavailable, "\"%.*s\" cannot be opened (%.*s)", STR_ARG(p->s.where),
                STR_ARG(why));
}

static bool connect_to(postgres *p, const PQconninfoOption *o, err *e) {
    enum { MOST = 64 };
    const char *keys[MOST] = {"client_encoding", "fallback_application_name", "connect_timeout"};
    const char *values[MOST] = {"UTF8", "heed", "10"};
    int n = 3;
    for (; o->keyword && n < MOST - 1; o++) // a later one counts
        if (o->val && !str_eq(str_c(o->keyword), S("client_encoding"))) keys[n] = o->keyword, values[n++] = o->val;
    p->conn = PQconnectdbParams(keys, values, 0);
    if (!p->conn) return fail(e, ERR_unavailable, "no memory for a connection to PostgreSQL");
    PQsetNoticeProcessor(p->conn, be_quiet, NULL);
    if (PQstatus(p->conn) != CONNECTION_OK) return refused(p, keys, values, e);
    int v = PQserverVersion(p->conn);
    return v >= OLDEST_VERSION || fail(e, ERR_unavailable, "PostgreSQL %d is too old: %d or newer is needed", v / 10000,
                                       OLDEST_VERSION / 10000);
}

// Reads the address. libpq's own words about one it cannot read may quote the password, so ours stand in.
static bool dial(postgres *p, str where, str *schema, err *e) {
    arena *a = &p->s.a;
    char *url = str_z(a, without_schema(a, where, schema)), *why = NULL;
    PQconninfoOption *o = PQconninfoParse(url, &why);
    PQfreemem(why);
    if (!o)
        return fail(e, ERR_invalid,
                    "the address of the store is not understood; it is postgres://USER:PASSWORD@HOST:PORT/DATABASE");
    p->s.where = shown(a, o, *schema);
    bool ok = schema_ok(*schema, e) && connect_to(p, o, e);
    PQconninfoFree(o);
    return ok;
}

static bool use_schema(postgres *p, str schema, err *e) {
    char sql[256];
    int64_t there = 0;
    bool make_new = p->s.opts.create && !p->s.opts.read_only;
    snprintf(sql, sizeof sql, "SELECT COUNT(to_regnamespace('\"%.*s\"'))", STR_ARG(schema));
    if (!ask_number(p, sql, 0, &there, e)) return false;
    if (!there && !make_new) return fail(e, ERR_not_found, "there is no store in \"%.*s\"", STR_ARG(p->s.where));
    // One at a time: IF NOT EXISTS alone fails when two programs try at the same moment.
    snprintf(sql, sizeof sql, "SELECT pg_advisory_xact_lock(%d); CREATE SCHEMA IF NOT EXISTS \"%.*s\"", SCHEMA_LOCK,
             STR_ARG(schema));
    if (!there && !pg_do(p, sql, e)) return false;
    snprintf(sql, sizeof sql, "SET search_path TO \"%.*s\"", STR_ARG(schema));
    return pg_do(p, sql, e);
}

static bool set_up(postgres *p, str schema, err *e) {
    if (schema.len && !use_schema(p, schema, e)) return false;
    if (!pg_do(p, "SET lock_timeout = '30s'; SET jit = off; SET TimeZone = 'UTC'; SET standard_conforming_strings = on",
               e))
        return false;
    if (p->s.opts.read_only && !pg_do(p, "SET default_transaction_read_only = on", e)) return false;
    PGresult *res = pg_ask(p, "SELECT current_database() || '/' || COALESCE(current_schema(), '')", e);
    if (!res) return false;
    p->lock_key = (int64_t)(str_hash(str_c(PQgetvalue(res, 0, 0))) & ~(uint64_t)1);
    PQclear(res);
    int64_t v = 0;
    if (p->s.opts.create || !version(&p->s, &v, e)) return err_ok(e);
    return v > 0 || fail(e, ERR_not_found, "there is no store in \"%.*s\"", STR_ARG(p->s.where));
}

static void close_conn(store *s) {
    postgres *p = pg_of(s);
    if (s->locked) unlock(s); // the server notices a closed connection only some time later
    pg_settle(p);
    pg_cursors_close(p);
    PQfinish(p->conn);
    arena_close(&p->work);
}

bool postgres_open(store **out, str where, store_opts opts, err *e) {
    arena a = arena_open(4 << 20);
    postgres *p = make(&a, postgres, 1);
    *out = &p->s;
    p->s = (store){.ops = &ops, .a = a, .opts = opts, .where = S("postgres://")};
    p->work = arena_open(4 * (size_t)MAX_ROW);
    str schema = S("");
    return dial(p, where, &schema, e) && set_up(p, schema, e);
}

static const struct backend ops = {
    .kind = STORE_POSTGRES,
    .close = close_conn,
    .lock = lock,
    .unlock = unlock,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .query = pg_query,
    .next = pg_next,
    .end = pg_end,
    .get_int = pg_get_int,
    .get_double = pg_get_double,
    .get_str = pg_get_str,
    .get_null = pg_get_null,
    .run = pg_run,
    .bulk = pg_bulk,
    .prepare = pg_try,
    .ensure_period = ensure_period,
    .backup = backup,
    .check = check,
    .optimize = optimize,
    .wipe = wipe,
    .sizes = sizes,
    .exec = exec,
    .version = version,
    .set_version = set_version,
};
