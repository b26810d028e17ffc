#include <sodium.h>

#include "link/keys.h"

// How a kind is encoded. Names and birth dates identify most and set most bits.
static bool encoding_of(enum link_kind kind, bloom_field *f) {
    switch (kind) {
    case LINK_given:
    case LINK_family: *f = (bloom_field){BLOOM_LETTERS, 10}; return true;
    case LINK_full: *f = (bloom_field){BLOOM_LETTERS, 8}; return true;
    case LINK_middle: *f = (bloom_field){BLOOM_LETTERS, 4}; return true;
    case LINK_birth: *f = (bloom_field){BLOOM_DIGITS, 8}; return true;
    case LINK_address:
    case LINK_locality:
    case LINK_city:
    case LINK_email: *f = (bloom_field){BLOOM_LETTERS, 5}; return true;
    case LINK_postcode: *f = (bloom_field){BLOOM_LETTERS, 6}; return true;
    case LINK_phone: *f = (bloom_field){BLOOM_DIGITS, 6}; return true;
    case LINK_national: *f = (bloom_field){BLOOM_LETTERS, 8}; return true;
    case LINK_sex:
    case LINK_state:
    case LINK_word: *f = (bloom_field){BLOOM_WHOLE, 4}; return true;
    case LINK_ignore:
    case LINK_id:
    case LINK_house:
    case LINK_text:
    case LINK_amount:
    case LINK_year:
    case LINK_date:
    case LINK_KINDS: return false;
    }
    return false;
}

static bool column_called(const link_table *t, str name, const char *what, int *at, err *e) {
    *at = -1;
    for (int i = 0; i < t->n_fields && name.len; i++)
        if (str_eq_ci(t->field[i].col.name, name)) *at = i;
    if (name.len && *at < 0)
        return fail(e, ERR_usage, "%s: no column that is compared is called '%.*s'", what,
                    STR_ARG(str_sub(name, 0, 60)));
    return true;
}

static bool goes_before(const link_column *x, const link_column *y) {
    return x->kind != y->kind ? x->kind < y->kind : x->part < y->part;
}

// By kind, so that the order of columns does not matter; fields of one kind stay in the order of the file.
static void take_field(link_keys *k, int field) {
    const link_column *c = &k->t->field[field].col;
    int at = k->n++;
    for (; at && goes_before(c, &k->t->field[k->column[at - 1]].col); at--) k->column[at] = k->column[at - 1];
    k->column[at] = field;
}

bool link_keys_plan(link_keys *k, const link_table *t, const link_keys_ask *ask, err *e) {
    bloom_field how;
    *k = (link_keys){.t = t, .flip = ask->flip};
    if (!(ask->flip >= 0 && ask->flip < 0.5))
        return fail(e, ERR_usage, "half of all bits turned say nothing; turn fewer than 50 %%");
    if (!column_called(t, ask->salt, "--salt", &k->salt, e) || !column_called(t, ask->block, "--block", &k->block, e))
        return false;
    if (k->block < 0) k->block = k->salt; // records of two salts are strangers to one another
    for (int i = 0; i < t->n_fields && k->n < BLOOM_FIELDS; i++)
        if (encoding_of(t->field[i].col.kind, &how)) take_field(k, i);
    if (!k->n) return fail(e, ERR_invalid, "no column holds anything that keys are made of; name some with --by");
    k->r = (bloom_rules){.n = k->n, .salt_less_1 = k->salt >= 0 ? k->n + 1 : 0, .balanced = !ask->plain};
    for (int i = 0; i < k->n; i++) (void)encoding_of(t->field[k->column[i]].col.kind, &k->r.field[i]);
    return bloom_secret(&k->r, ask->agreed, e);
}

static str kind_text(arena *a, const link_column *c) {
    const str kind = str_c(link_kind_name(c->kind));
    return c->part == LINK_WHOLE ? kind : str_fmt(a, "%.*s%d", STR_ARG(kind), (int)c->part);
}

str link_keys_name(arena *a, const link_keys *k) {
    str how = S("");
    for (int i = 0; i < k->n; i++)
        how =
            str_fmt(a, "%.*s%s%.*s", STR_ARG(how), i ? "+" : "", STR_ARG(kind_text(a, &k->t->field[k->column[i]].col)));
    how = str_fmt(a, "%.*s %s", STR_ARG(how), k->r.balanced ? "balanced" : "plain");
    if (k->salt >= 0)
        how = str_fmt(a, "%.*s salt:%.*s", STR_ARG(how), STR_ARG(kind_text(a, &k->t->field[k->salt].col)));
    if (k->block >= 0)
        how = str_fmt(a, "%.*s block:%.*s", STR_ARG(how), STR_ARG(kind_text(a, &k->t->field[k->block].col)));
    unsigned char mark[16];
    crypto_generichash(mark, sizeof mark, (const unsigned char *)how.s, how.len, k->r.secret, sizeof k->r.secret);
    char hex[17];
    sodium_bin2hex(hex, sizeof hex, mark, 8);
    return str_fmt(a, "key %s %.*s", hex, STR_ARG(how));
}

// What seldom changes of a value: of a birth date its year.
static str lasting(const link_keys *k, int field, uint32_t row) {
    const link_field *f = &k->t->field[field];
    const str x = intern_text(&f->v, link_row(k->t, row)[field]);
    return f->col.kind == LINK_birth ? str_sub(x, 0, MIN(x.len, 4)) : x;
}

static void turn_bits(bloom_key *k, double share) {
    k->ones = 0;
    for (unsigned i = 0; i < k->bits; i++) {
        if (randombytes_random() < share * 4294967296.0) k->w[i / 64] ^= 1ull << (i % 64);
        k->ones = (uint16_t)(k->ones + (k->w[i / 64] >> (i % 64) & 1));
    }
}

bloom_key link_keys_of(arena scratch, const link_keys *k, uint32_t row) {
    str value[BLOOM_FIELDS + 1] = {{0}};
    for (int i = 0; i < k->n; i++)
        value[i] = intern_text(&k->t->field[k->column[i]].v, link_row(k->t, row)[k->column[i]]);
    if (k->salt >= 0) value[k->n] = lasting(k, k->salt, row);
    bloom_key key = bloom_encode(scratch, &k->r, value);
    if (k->flip > 0) turn_bits(&key, k->flip);
    return key;
}

uint64_t link_keys_block(const link_keys *k, uint32_t row) {
    uint64_t out = 0;
    const str x = k->block >= 0 ? lasting(k, k->block, row) : (str){0};
    if (!x.len) return 0;
    unsigned char hash[16];
    crypto_generichash_state h;
    crypto_generichash_init(&h, k->r.secret, sizeof k->r.secret, sizeof hash);
    crypto_generichash_update(&h, (const unsigned char *)"block", 5);
    crypto_generichash_update(&h, (const unsigned char *)x.s, x.len);
    crypto_generichash_final(&h, hash, sizeof hash);
    for (int i = 0; i < 8; i++) out = out << 8 | hash[i];
    return out | 1;
}

// ---- reading ----

static bool read_block(str x, uint64_t *block) {
    *block = 0;
    if (x.len > 16) return false;
    for (size_t i = 0; i < x.len; i++) {
        const char c = x.s[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
        *block = *block << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return true;
}

static bool read_one(link_keys_file *f, const csv_row *row, err *e) {
    bloom_key key;
    uint64_t block;
    if (row->n < 2 || !str_trim(row->cells[0]).len)
        return fail(e, ERR_invalid, "line %" PRId64 " has no id and key", row->line);
    err why = {0};
    if (!bloom_read(row->cells[1], &key, &why)) return fail(e, ERR_invalid, "line %" PRId64 ": %s", row->line, why.msg);
    if (f->n && key.bits != f->key[0].bits)
        return fail(e, ERR_invalid, "line %" PRId64 ": the key has %u bits and those before it %u", row->line, key.bits,
                    f->key[0].bits);
    if (!read_block(row->n > 2 ? str_trim(row->cells[2]) : (str){0}, &block))
        return fail(e, ERR_invalid, "line %" PRId64 ": the block is not made of up to 16 hexadecimal digits",
                    row->line);
    ROOM_FOR(f->id, &f->cap_id, (size_t)f->n + 1);
    ROOM_FOR(f->key, &f->cap_key, (size_t)f->n + 1);
    ROOM_FOR(f->block, &f->cap_block, (size_t)f->n + 1);
    f->id[f->n] = intern_put(&f->v, str_trim(row->cells[0]));
    f->key[f->n] = key, f->block[f->n++] = block;
    return true;
}

bool link_keys_read(arena *a, csv *in, link_keys_file *out, err *e) {
    csv_row row;
    *out = (link_keys_file){.v = intern_open()};
    const bool any = csv_next(in, &row, e);
    const str name = any && row.n > 1 ? str_trim(row.cells[1]) : (str){0};
    bool ok = err_ok(e);
    if (ok && !str_starts(name, S("key ")))
        ok = fail(e, ERR_invalid,
                  "this is no file of keys: its second column is not called \"key …\"; "
                  "heed link keys makes one");
    if (ok) out->how = str_dup(a, name);
    while (ok && csv_next(in, &row, e)) ok = read_one(out, &row, e);
    ok = ok && err_ok(e);
    if (!ok) link_keys_close(out);
    return ok;
}

void link_keys_close(link_keys_file *f) {
    intern_close(&f->v);
    free(f->id);
    free(f->key);
    free(f->block);
    *f = (link_keys_file){0};
}

// The name without the mark: what keys are made of.
static str made_of(str how) {
    (void)str_cut(&how, ' ');
    (void)str_cut(&how, ' ');
    return str_sub(how, 0, MIN(how.len, 200));
}

bool link_keys_alike(const link_keys_file *x, const link_keys_file *y, err *e) {
    if (str_eq(x->how, y->how)) return true;
    const str p = made_of(x->how), q = made_of(y->how);
    if (str_eq(p, q)) return fail(e, ERR_conflict, "the two files were made with two secrets; agree on one");
    return fail(e, ERR_conflict,
                "the keys of one file are \"%.*s\" and those of the other \"%.*s\"; make both alike, "
                "with --by for the columns",
                STR_ARG(p), STR_ARG(q));
}
