#include <math.h>

#include "base/json.h"

#include "link/keep.h"

#include "base/radix.h"

// GRAINS_MOST: no weight is beyond it (link_grain).
enum { VERSION = 2, GRAINS_MOST = 4096 * 256 };

// ---- writing ----

static void put_numbers(json_out *j, const char *key, const double *v, int n) {
    json_open(j, key, '[');
    for (int i = 0; i < n; i++) json_put_num(j, NULL, (double)(float)v[i]);
    json_close(j, ']');
}

static void put_group(json_out *j, const link_fit *f, int g) {
    const link_group *q = &f->group[g];
    json_open(j, NULL, '{');
    json_open(j, "fields", '[');
    for (int i = 0; i < q->n; i++) json_put_int(j, NULL, q->field[i]);
    json_close(j, ']');
    put_numbers(j, "m", f->m[g], q->codes);
    put_numbers(j, "u", f->u[g], q->codes);
    if (f->homes) put_numbers(j, "h", f->h[g], q->codes);
    json_close(j, '}');
}

static int64_t grains_of(float bits) {
    return (int64_t)lrintf(bits / LINK_GRAIN);
}

// Values that weigh less than what nobody knows, the commonest first.
static void put_values(json_out *j, const link_model *m, int i) {
    const link_field *f = &m->t->field[i];
    const float *rare = m->score.rare[i];
    float most = 0;
    for (uint32_t v = 1; v < f->v.n; v++) most = v == 1 || rare[v] > most ? rare[v] : most;
    arena a = arena_open((size_t)f->v.n * 2 * sizeof(keyed) + 65536);
    keyed *k = make(&a, keyed, f->v.n);
    size_t n = 0;
    for (uint32_t v = 1; v < f->v.n; v++)
        if (rare[v] < most) k[n++] = (keyed){UINT32_MAX - f->v.count[v], v};
    if (n) radix_sort(a, k, n);
    json_put_int(j, "unknown", grains_of(most));
    json_open(j, "values", '[');
    for (size_t r = 0; r < MIN(n, (size_t)LINK_KEPT_VALUES); r++) {
        json_put_str(j, NULL, intern_text(&f->v, k[r].at));
        json_put_int(j, NULL, grains_of(rare[k[r].at]));
    }
    json_close(j, ']');
    arena_close(&a);
}

void link_keep_write(const link_model *m, float join, float ask, buf *out) {
    const link_fit *f = &m->fit;
    json_out j = json_to(out);
    json_open(&j, NULL, '{');
    json_put_int(&j, "version", VERSION);
    json_put_int(&j, "rows", m->t->rows);
    json_put_num(&j, "pairs", f->pairs);
    json_put_num(&j, "same", f->same);
    json_put_num(&j, "home", f->home);
    json_put_bool(&j, "homes", f->homes);
    json_put_num(&j, "join", (double)join);
    json_put_num(&j, "ask", (double)ask);
    json_open(&j, "fields", '[');
    for (int i = 0; i < m->t->n_fields; i++) {
        const link_column *c = &m->t->field[i].col;
        json_open(&j, NULL, '{');
        json_put_str(&j, "kind", str_c(link_kind_name(c->kind)));
        json_put_int(&j, "part", c->part);
        put_values(&j, m, i);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_open(&j, "groups", '[');
    for (int g = 0; g < f->n_groups; g++) put_group(&j, f, g);
    json_close(&j, ']');
    json_close(&j, '}');
}

// ---- reading ----

static bool none_of_ours(err *e) {
    return fail(e, ERR_invalid, "this is no kept model of likeness, or one of another version; learn it again");
}

static double *numbers_of(const json_t *v, int n) {
    if (!json_is_array(v) || json_array_size(v) != (size_t)n) return NULL;
    size_t had = 0;
    double *out = room_for(NULL, &had, (size_t)n, sizeof *out);
    for (int i = 0; i < n; i++) {
        const json_t *x = json_array_get(v, (size_t)i);
        const double d = json_is_number(x) ? json_number_value(x) : -1;
        if (!(d >= 0) || d > 1e18) return free(out), NULL;
        out[i] = d;
    }
    return out;
}

static bool read_field(arena *a, const json_t *v, link_keep *k, int i) {
    const json_t *values = json_object_get(v, "values"), *part = json_object_get(v, "part");
    const int64_t unknown = json_integer_value(json_object_get(v, "unknown"));
    if (!link_kind_of(json_text(json_object_get(v, "kind")), &k->kind[i]) || !json_is_array(values)) return false;
    if (!json_is_integer(part) || json_integer_value(part) < LINK_WHOLE || json_integer_value(part) > LINK_LAST)
        return false;
    const size_t n = json_array_size(values);
    if (n > 2 * (size_t)LINK_KEPT_VALUES || llabs(unknown) > GRAINS_MOST) return false;
    k->part[i] = (enum link_part)json_integer_value(part), k->unknown[i] = (float)unknown * LINK_GRAIN;
    k->rare[i] = map64_new(a, n + 8);
    for (size_t r = 0; r + 1 < n; r += 2) {
        const json_t *grains = json_array_get(values, r + 1);
        if (!json_is_integer(grains) || llabs(json_integer_value(grains)) > GRAINS_MOST) return false;
        map64_put(&k->rare[i], (int64_t)str_hash(json_text(json_array_get(values, r))),
                  (int32_t)json_integer_value(grains) + GRAINS_MOST); // a map holds no negative numbers
    }
    return true;
}

// The groups follow from the kinds; that they are the kept ones is checked.
static bool read_groups(const json_t *v, link_keep *k) {
    link_table t = {.n_fields = k->n_fields};
    link_fit *f = &k->fit;
    for (int i = 0; i < k->n_fields; i++) t.field[i].col.kind = k->kind[i];
    const int n = link_groups(&t, f->group);
    if (!json_is_array(v) || json_array_size(v) != (size_t)n) return false;
    for (int g = 0; g < n; g++) {
        const json_t *one = json_array_get(v, (size_t)g);
        f->n_groups = g + 1;
        f->m[g] = numbers_of(json_object_get(one, "m"), f->group[g].codes);
        f->u[g] = numbers_of(json_object_get(one, "u"), f->group[g].codes);
        if (f->homes) f->h[g] = numbers_of(json_object_get(one, "h"), f->group[g].codes);
        if (!f->m[g] || !f->u[g] || (f->homes && !f->h[g])) return false;
    }
    return true;
}

static bool number_at(const json_t *doc, const char *name, double *out) {
    const json_t *v = json_object_get(doc, name);
    *out = json_number_value(v);
    return json_is_number(v) && fabs(*out) < 1e18;
}

static bool read_all(arena *a, const json_t *doc, link_keep *k) {
    const json_t *fields = json_object_get(doc, "fields");
    double rows, join, ask;
    if (json_integer_value(json_object_get(doc, "version")) != VERSION || !json_is_array(fields)) return false;
    if (!number_at(doc, "rows", &rows) || !number_at(doc, "join", &join) || !number_at(doc, "ask", &ask)) return false;
    if (!number_at(doc, "pairs", &k->fit.pairs) || !number_at(doc, "same", &k->fit.same) ||
        !number_at(doc, "home", &k->fit.home))
        return false;
    if (rows < 0 || rows > UINT32_MAX || k->fit.same <= 0 || k->fit.pairs <= 0 || k->fit.home < 0) return false;
    k->rows = (uint32_t)rows, k->join = (float)join, k->ask = (float)ask;
    k->fit.homes = json_is_true(json_object_get(doc, "homes"));
    if (!json_array_size(fields) || json_array_size(fields) > LINK_FIELDS) return false;
    k->n_fields = (int)json_array_size(fields);
    for (int i = 0; i < k->n_fields; i++)
        if (!read_field(a, json_array_get(fields, (size_t)i), k, i)) return false;
    return read_groups(json_object_get(doc, "groups"), k);
}

bool link_keep_read(arena *a, str text, link_keep *out, err *e) {
    json_t *doc = NULL;
    *out = (link_keep){0};
    if (!json_read(text, &doc, e)) return false;
    const bool ok = read_all(a, doc, out);
    json_decref(doc);
    if (!ok) link_keep_close(out);
    return ok || none_of_ours(e);
}

void link_keep_close(link_keep *k) {
    link_fit_close(&k->fit);
    *k = (link_keep){0};
}

// ---- judging ----

bool link_keep_score(const link_keep *k, const link_table *t, link_score *s, err *e) {
    bool same = t->n_fields == k->n_fields;
    for (int i = 0; same && i < k->n_fields; i++)
        same = t->field[i].col.kind == k->kind[i] && t->field[i].col.part == k->part[i];
    if (!same) return fail(e, ERR_conflict, "the fields are not those that the model was learnt from; learn it again");
    link_score_open(s, t, &k->fit);
    for (int i = 0; i < k->n_fields; i++) s->fresh[i] = k->unknown[i];
    for (int i = 0; i < k->n_fields; i++)
        for (uint32_t v = 1; v < t->field[i].v.n; v++) {
            const int32_t grains = map64_get(&k->rare[i], (int64_t)str_hash(intern_text(&t->field[i].v, v)));
            s->rare[i][v] = grains < 0 ? k->unknown[i] : (float)(grains - GRAINS_MOST) * LINK_GRAIN;
        }
    return true;
}
