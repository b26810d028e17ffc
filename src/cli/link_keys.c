#include "base/csv.h"
#include "base/input.h"
#include "cli/link_cmd.h"
#include "cli/say.h"
#include "link/keys.h"

enum { MOST_SECRET = 4096 };

static bool read_secret(cli *c, const link_opts *o, str *secret, err *e) {
    str whole;
    if (!o->secret_file.len)
        return fail(e, ERR_usage, "--secret-file names a file with what you and your partner agreed on");
    const char *path = str_eq(o->secret_file, S("-")) ? "/dev/stdin" : str_z(c->life, o->secret_file);
    if (!c->w->read_file(c->w, c->life, path, MOST_SECRET, &whole, e)) return false;
    *secret = str_trim(whole);
    return true;
}

// ---- keys FILE ----

static bool write_keys(link_job *j, const link_keys *k, str name, err *e) {
    link_sheet s;
    if ((j->o->ids && !link_ids(j, e)) || !link_sheet_open(&s, j->a, j->o->out, e)) return false;
    arena scratch = arena_open((size_t)1 << 20);
    buf_add(&s.b, S("id,"));
    csv_write_cell(&s.b, name, ',');
    buf_add(&s.b, k->block >= 0 ? S(",block\n") : S("\n"));
    for (uint32_t i = 0; i < j->t.rows; i++) {
        const bloom_key key = link_keys_of(scratch, k, i);
        if (j->o->ids)
            csv_write_cell(&s.b, link_id(j, i), ',');
        else
            buf_fmt(&s.b, "%u", i + 1);
        buf_addc(&s.b, ',');
        bloom_write(&key, &s.b);
        if (k->block >= 0) buf_addc(&s.b, ',');
        const uint64_t block = link_keys_block(k, i);
        if (block) buf_fmt(&s.b, "%016" PRIx64, block);
        buf_addc(&s.b, '\n');
        link_sheet_row(&s, false);
    }
    arena_close(&scratch);
    return link_sheet_close(&s, e);
}

// What keys are made of, without the mark of the secret.
static str made_of(str name) {
    (void)str_cut(&name, ' ');
    (void)str_cut(&name, ' ');
    return name;
}

static void tell_keys(const link_job *j, str name) {
    if (j->c->g.json) {
        reply r;
        reply_open(&r, j->c);
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "file", str_c(j->file));
        json_put_int(&r.j, "records", j->t.rows);
        json_put_str(&r.j, "made_of", made_of(name));
        json_put_str(&r.j, "out", j->o->out);
        json_close(&r.j, '}');
        reply_close(&r);
        return;
    }
    arena a = arena_open(1 << 20);
    term_say(&j->c->t, "%s: keys of %.*s, made of %.*s\n", str_z(&a, term_clean(&a, j->o->out, true)),
             STR_ARG(say_n(&a, j->t.rows, "record", "records")), STR_ARG(term_clean(&a, made_of(name), true)));
    term_say(&j->c->t, "%s",
             "They are personal data: give them to whom you have a contract with, and never the secret.\n");
    arena_close(&a);
}

static bool keys_of_file(link_job *j, str secret, err *e) {
    const link_opts *o = j->o;
    link_keys k;
    const link_read read = {.path = j->file, .by = o->by};
    const link_keys_ask ask = {secret, o->salt, o->block, o->plain, (double)o->flip / 100};
    if (!link_table_read(j->a, &j->t, &read, e) || !link_keys_plan(&k, &j->t, &ask, e)) return false;
    const str name = link_keys_name(j->a, &k);
    if (!write_keys(j, &k, name, e)) return false;
    tell_keys(j, name);
    return true;
}

bool link_keys_verb(cli *c, const link_opts *o, err *e) {
    str secret;
    if (c->args.n != 2) return fail(e, ERR_usage, "name one file: heed link keys FILE --secret-file F --out keys.csv");
    if (!o->out.len) return fail(e, ERR_usage, "--out names the file for the keys");
    if (!read_secret(c, o, &secret, e)) return false;
    arena a = arena_open((size_t)64 << 30);
    link_job j = {.c = c, .o = o, .a = &a, .file = str_z(&a, c->args.v[1])};
    const bool ok = keys_of_file(&j, secret, e);
    link_table_close(&j.t);
    intern_close(&j.ids);
    free(j.id_of);
    free(j.row_of);
    arena_close(&a);
    return ok;
}

// ---- match KEYS [KEYS] ----

typedef struct {
    const link_opts *o;
    arena *a;
    link_keys_file f[2];
    const char *path[2];
    int n_files;
    bloom_pairs found;
    uint32_t *cluster;
    uint64_t together; // pairs put together
} match;

static bool read_keys(match *m, int i, err *e) {
    input *in;
    if (!input_open(&in, m->path[i], e)) return false;
    arena mine = arena_open((size_t)64 << 20);
    err why = {0};
    const bool ok = link_keys_read(m->a, csv_open(&mine, input_read, in, (csv_opts){.sep = ','}), &m->f[i], &why);
    arena_close(&mine);
    input_close(in);
    return ok || fail(e, why.code, "\"%s\": %s", m->path[i], why.msg);
}

static bool compare(match *m, err *e) {
    const link_keys_file *x = &m->f[0], *y = &m->f[1];
    const uint32_t n = x->n + y->n;
    if (m->n_files == 2 && !link_keys_alike(x, y, e)) return false;
    bloom_key *key = make(m->a, bloom_key, (size_t)n + 1);
    uint64_t *block = make(m->a, uint64_t, (size_t)n + 1);
    uint8_t *clean = make(m->a, uint8_t, (size_t)n + 1);
    for (uint32_t i = 0; i < n; i++) {
        const link_keys_file *f = i < x->n ? x : y;
        const uint32_t at = i < x->n ? i : i - x->n;
        key[i] = f->key[at], block[i] = f->block[at], clean[i] = i < x->n ? 1 : 2;
    }
    if (!bloom_match(m->a, key, n, m->n_files == 2 ? x->n : 0, block, &m->found, e)) return false;
    if (m->o->clean) {
        arena scratch = arena_open((size_t)n * 4 + m->found.n * 4 + 65536);
        bloom_one_to_one(scratch, key, n, x->n, &m->found);
        arena_close(&scratch);
    }
    m->cluster = make(m->a, uint32_t, (size_t)n + 1);
    const link_cluster_opts how = {.clean = m->o->clean ? clean : NULL};
    if (!link_cluster(m->a, m->found.p, m->found.n, n, &how, m->cluster, e)) return false;
    for (size_t i = 0; i < m->found.n; i++) m->together += m->cluster[m->found.p[i].a] == m->cluster[m->found.p[i].b];
    return true;
}

static str id_at(const match *m, uint32_t i) {
    const link_keys_file *f = &m->f[i >= m->f[0].n];
    return intern_text(&f->v, f->id[i < m->f[0].n ? i : i - m->f[0].n]);
}

static bool write_pairs(match *m, str path, bool all, err *e) {
    link_sheet s;
    if (!link_sheet_open(&s, m->a, path, e)) return false;
    buf_add(&s.b, all ? S("a,b,weight,chance,together\n") : S("a,b,chance\n"));
    for (size_t i = 0; i < m->found.n; i++) {
        const link_pair *p = &m->found.p[i];
        const bool together = m->cluster[p->a] == m->cluster[p->b];
        if (!all && !together) continue;
        csv_write_cell(&s.b, id_at(m, p->a), ',');
        buf_addc(&s.b, ',');
        csv_write_cell(&s.b, id_at(m, p->b), ',');
        if (all) buf_fmt(&s.b, ",%.8g", (double)p->weight);
        buf_fmt(&s.b, ",%.6f", link_chance(NULL, (double)p->weight));
        buf_add(&s.b, !all ? S("\n") : together ? S(",yes\n") : S(",no\n"));
        link_sheet_row(&s, false);
    }
    return link_sheet_close(&s, e);
}

static void tell_match_json(cli *c, const match *m) {
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    json_open(&r.j, "files", '[');
    for (int i = 0; i < m->n_files; i++) json_put_str(&r.j, NULL, str_c(m->path[i]));
    json_close(&r.j, ']');
    json_open(&r.j, "keys", '[');
    for (int i = 0; i < m->n_files; i++) json_put_int(&r.j, NULL, m->f[i].n);
    json_close(&r.j, ']');
    json_put_str(&r.j, "made_of", made_of(m->f[0].how));
    json_put_int(&r.j, "pairs", (int64_t)m->found.n);
    json_put_int(&r.j, "together", (int64_t)m->together);
    json_put_num(&r.j, "likeness", m->found.mean);
    json_put_num(&r.j, "least", m->found.least);
    json_close(&r.j, '}');
    reply_close(&r);
}

static void tell_match(cli *c, const match *m) {
    arena a = arena_open(1 << 20);
    for (int i = 0; i < m->n_files; i++)
        term_say(&c->t, "%s: %.*s\n", str_z(&a, term_clean(&a, str_c(m->path[i]), true)),
                 STR_ARG(say_n(&a, m->f[i].n, "key", "keys")));
    term_say(&c->t, "made of %.*s\n\n", STR_ARG(term_clean(&a, made_of(m->f[0].how), true)));
    term_say(&c->t, "Keys of strangers are %.0f %% alike; %.*s of at least %.0f %% may be the same\n",
             100 * m->found.mean, STR_ARG(say_n(&a, (int64_t)m->found.n, "pair", "pairs")), 100 * m->found.least);
    term_say(&c->t, "%.*s put together\n", STR_ARG(say_n(&a, (int64_t)m->together, "pair is", "pairs are")));
    arena_close(&a);
}

static bool match_all(cli *c, match *m, err *e) {
    for (int i = 0; i < m->n_files; i++)
        if (!read_keys(m, i, e)) return false;
    if (!compare(m, e)) return false;
    if (m->o->out.len && !write_pairs(m, m->o->out, false, e)) return false;
    if (m->o->pairs.len && !write_pairs(m, m->o->pairs, true, e)) return false;
    if (c->g.json)
        tell_match_json(c, m);
    else
        tell_match(c, m);
    return true;
}

bool link_match_verb(cli *c, const link_opts *o, err *e) {
    if (c->args.n < 2) return fail(e, ERR_usage, "name files of keys: heed link match KEYS [KEYS]");
    if (o->clean && c->args.n < 3)
        return fail(e, ERR_usage,
                    "a file that holds everybody once has no duplicates; --clean goes with a second file");
    arena a = arena_open((size_t)256 << 30);
    match m = {.o = o, .a = &a, .n_files = (int)c->args.n - 1};
    for (int i = 0; i < m.n_files; i++) m.path[i] = str_z(&a, c->args.v[i + 1]);
    const bool ok = match_all(c, &m, e);
    link_keys_close(&m.f[0]);
    link_keys_close(&m.f[1]);
    arena_close(&a);
    return ok;
}
