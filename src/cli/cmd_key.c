#include "cli/desk.h"
#include "cli/say.h"
#include "serve/keys.h"
#include "serve/roles.h"
#include "sql/serve_auth.h"

typedef struct {
    str name, source;
    bool write;
    strs scopes;
    int64_t per_minute;
} key_opts;

static const opt opts[] = {
    {"name", 'n', OPT_TEXT, offsetof(key_opts, name), "NAME", "add: what the key is for"},
    {"write", 'w', OPT_FLAG, offsetof(key_opts, write), NULL, "add: a key that sends events, and may do nothing else"},
    {"source", 0, OPT_TEXT, offsetof(key_opts, source), "NAME",
     "add: the source of the events it sends; made when new (the name of the key)"},
    {"scope", 0, OPT_LIST, offsetof(key_opts, scopes), "SCOPE", "add: what it may do; several times for several"},
    {"per-minute", 0, OPT_NUMBER, offsetof(key_opts, per_minute), "N",
     "add: how often it may ask (no limit of its own)"},
};

static void key_reply(reply *r, const api_key *k) {
    json_put_int(&r->j, "id", k->id);
    json_put_str(&r->j, "name", k->name);
    json_put_str(&r->j, "hint", k->hint);
    needs_json(&r->j, "scopes", k->needs & ~N(signed_in));
    json_put_str(&r->j, "source", k->source);
    json_put_int(&r->j, "per_minute", k->per_minute);
    reply_time(r, "created", k->created_us);
    reply_time(r, "seen", k->seen_us);
    reply_time(r, "revoked", k->revoked_us);
}

static void tell(cli *c, const api_key *k, str token) {
    if (c->g.json) {
        reply r;
        reply_open(&r, c);
        json_open(&r.j, NULL, '{');
        key_reply(&r, k);
        if (token.len) json_put_str(&r.j, "key", token);
        json_close(&r.j, '}');
        reply_close(&r);
        return;
    }
    if (!token.len) {
        term_say(&c->t, "Key %" PRId64 ", %.*s, is revoked.\n", k->id, STR_ARG(term_clean(c->life, k->name, true)));
        return;
    }
    term_say(&c->t, "Key %" PRId64 ", %.*s. It is shown this once:\n  %.*s\n", k->id,
             STR_ARG(term_clean(c->life, k->name, true)), STR_ARG(token));
    if (k->source.len)
        term_say(&c->t, "It is a write key of Segment's SDKs and sends events of the source \"%.*s\".\n",
                 STR_ARG(term_clean(c->life, k->source, true)));
}

// ---- add ----

static bool read_ask(cli *c, const key_opts *o, new_key *k, err *e) {
    const char **names = make(c->life, const char *, o->scopes.n + 1);
    uint64_t needs = 0;
    bool write = o->write || o->source.len;
    json_t *list = json_array();
    for (size_t i = 0; i < o->scopes.n; i++) {
        names[i] = str_z(c->life, o->scopes.v[i]);
        json_array_append_new(list, json_stringn(o->scopes.v[i].s, o->scopes.v[i].len));
    }
    err unknown = {0};
    bool ok = needs_of(list, &needs, &unknown);
    json_decref(list);
    *k = (new_key){
        .name = o->name, .scopes = names, .n_scopes = o->scopes.n, .per_minute = o->per_minute, .by = S("system")};
    if (write) k->source = o->source.len ? o->source : o->name;
    if (!o->name.len) return fail(e, ERR_usage, "say what the key is for: --name");
    if (write && o->scopes.n) return fail(e, ERR_usage, "a write key sends events and nothing else; leave --scope out");
    if (!write && !o->scopes.n)
        return fail(e, ERR_usage,
                    "say --write for a key that sends events, or by --scope what it may do; 'heed key scopes' lists "
                    "what there is");
    return ok || fail(e, ERR_usage, "there is no such scope; 'heed key scopes' lists what there is");
}

static bool add(cli *c, const key_opts *o, err *e) {
    desk d;
    new_key ask;
    api_key k;
    int64_t id;
    str token;
    if (!read_ask(c, o, &ask, e) || !desk_open(c, "make the key by its address /api/keys", &d, e)) return false;
    bool ok = key_make(&d, &ask, &id, &token, e) && key_get(c->life, d.s, id, &k, e);
    desk_close(&d);
    if (ok) tell(c, &k, token);
    return ok;
}

// ---- revoke ----

typedef struct {
    int64_t id;
} revoked;

static bool revoke_piece(void *ctx, desk *d, err *e) {
    const revoked *x = ctx;
    str subject = str_fmt(d->a, "key:%" PRId64, x->id);
    return store_run(d->s, Q_key_revoke, NULL, e, "ii", x->id, d->w->now_us(d->w)) &&
           audit_put(d, S("system"), "key.revoke", subject, S(""), S(""), e);
}

static bool revoke(cli *c, err *e) {
    desk d;
    api_key k;
    revoked x;
    if (c->args.n != 2) return fail(e, ERR_usage, "heed key revoke ID; 'heed key list' shows the IDs");
    if (!cli_id("a key", c->args.v[1], &x.id, e) || !desk_open(c, "revoke it by its address /api/keys", &d, e))
        return false;
    bool ok = key_get(c->life, d.s, x.id, &k, e) && (k.revoked_us || desk_run(&d, revoke_piece, &x, e)) &&
              key_get(c->life, d.s, x.id, &k, e);
    desk_close(&d);
    if (ok) tell(c, &k, S(""));
    return ok;
}

// ---- list ----

static void list_row(table *t, cli *c, const api_key *k) {
    enum style look = k->revoked_us ? STYLE_dim : STYLE_plain;
    table_add(t, look, str_fmt(c->life, "%" PRId64, k->id));
    table_add(t, look, term_clean(c->life, k->name, true));
    table_add(t, look, str_fmt(c->life, "%.*s…", STR_ARG(k->hint)));
    table_add(t, look,
              k->source.len ? str_fmt(c->life, "events of %.*s", STR_ARG(term_clean(c->life, k->source, true)))
                            : needs_text(c->life, k->needs & ~N(signed_in)));
    table_add(t, look, k->revoked_us ? S("revoked") : k->seen_us ? say_day(c->life, NULL, k->seen_us) : S("never"));
}

static bool list(cli *c, err *e) {
    static const table_col cols[] = {{"id", true, false},
                                     {"name", false, false},
                                     {"begins", false, false},
                                     {"may", false, true},
                                     {"last used", false, false}};
    store *s;
    reply r = {0};
    if (!place_read(c, &s, e)) return false;
    table *t = table_new(c->life, cols, COUNT(cols));
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '[');
    for (row q = store_query(s, Q_key_list, e, "ii", INT64_C(0), INT64_C(100000)); row_next(&q);) {
        api_key k;
        key_row(c->life, &q, &k);
        if (!c->g.json) {
            list_row(t, c, &k);
            continue;
        }
        json_open(&r.j, NULL, '{');
        key_reply(&r, &k);
        json_close(&r.j, '}');
    }
    store_close(s);
    if (c->g.json) json_close(&r.j, ']'), reply_close(&r);
    if (!c->g.json && table_rows(t)) table_print(t, &c->t, 0);
    if (!c->g.json && !table_rows(t))
        term_say(&c->t, "There are no keys yet: heed key add --write --name 'web shop'\n");
    return err_ok(e);
}

// ---- scopes ----

static bool scopes(cli *c) {
    size_t n;
    const role_row *needs = needs_all(&n);
    table *t = table_new(c->life, (table_col[]){{NULL, false, false}, {NULL, false, true}}, 2);
    reply r = {0};
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '[');
    for (size_t i = NEED_signed_in + 1; i < n; i++) {
        table_add(t, STYLE_bold, str_c(needs[i].name));
        table_add(t, STYLE_plain, str_c(needs[i].text));
        if (!c->g.json) continue;
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "name", str_c(needs[i].name));
        json_put_str(&r.j, "text", str_c(needs[i].text));
        json_close(&r.j, '}');
    }
    if (c->g.json) json_close(&r.j, ']'), reply_close(&r);
    if (!c->g.json) table_print(t, &c->t, 0);
    return true;
}

static bool run(cli *c, const void *options, err *e) {
    str verb = c->args.n ? c->args.v[0] : S("list");
    if (str_eq(verb, S("list"))) return list(c, e);
    if (str_eq(verb, S("scopes"))) return scopes(c);
    if (str_eq(verb, S("add")) && c->args.n == 1) return add(c, options, e);
    if (str_eq(verb, S("revoke"))) return revoke(c, e);
    return fail(e, ERR_usage, "heed key add, list, revoke or scopes; not '%.*s'", (int)MIN(verb.len, 60), verb.s);
}

const cmd cmd_key = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(key_opts),
    .max_args = 2,
    .run = run,
    .more = "Keys of programs that speak to 'heed serve'. A write key is what SDKs of Segment, RudderStack and PostHog "
            "are given: it sends events of one source and may do nothing else. Other keys may do what their scopes "
            "say ('heed key scopes'), and are sent as 'Authorization: Bearer KEY'. A key is printed once; the store "
            "keeps its hash.\n\n"
            "It works while a server runs, too.",
    .examples = "heed key add --write --name 'web shop'\n"
                "heed key add --name reports --scope measures_read --scope customers_read\n"
                "heed key revoke 17",
    .json = "list: [{\"id\",\"name\",\"hint\",\"scopes\",\"source\",\"per_minute\",\"created\",\"seen\",\"revoked\"}]; "
            "revoke: one of these; add: one of these with \"key\"; scopes: [{\"name\",\"text\"}]",
};
