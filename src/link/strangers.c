#include <math.h>

#include "base/radix.h"
#include "base/rng.h"
#include "link/fit.h"

// Random pairs, and random pairs that agree on one field each (or on the user of their e-mail): together they show what
// is rare. A pair stands for the inverse of how often it was to be drawn from all of these (balance heuristic, Veach
// and Guibas 1995).
enum { AT_RANDOM = 150000, PER_FIELD = 16000, FEW = 600000, LISTS = LINK_FIELDS + 1 };

// Rows by what they have of a field. What is the same is a class; class 0 has nothing.
typedef struct {
    uint32_t *row;
    uint32_t *from; // [n + 1] where those of a class begin
    double *upto;   // [n] agreeing pairs of all classes so far
    uint32_t n;     // classes
    double agree;   // pairs that agree
} list_of;

typedef struct {
    const link_table *t;
    uint32_t *canon; // rows in an order that only what they say decides
    list_of list[LISTS];
    int n_lists; // as many as fields, and one more of the users of e-mail addresses if there are any
    double all;
    double alike; // share of strangers whose names are alike
} index_of;

static double pairs_of(const link_table *t, const uint32_t *rows, uint32_t n) {
    if (!t->two) return (double)n * ((double)n - 1) / 2;
    uint32_t first = 0;
    while (first < n && rows[first] < t->rows_a) first++;
    return (double)first * (double)(n - first);
}

static uint64_t text_hash(const link_field *f, uint32_t v) {
    return str_hash2(str_hash(f->col.name), intern_text(&f->v, v));
}

static uint64_t *text_hashes(const link_field *f) {
    size_t had = 0;
    uint64_t *h = room_for(NULL, &had, f->v.n, sizeof *h);
    h[0] = 0;
    for (uint32_t v = 1; v < f->v.n; v++) h[v] = text_hash(f, v);
    return h;
}

static void order_rows(index_of *x, uint64_t *const *hash, arena scratch) {
    const link_table *t = x->t;
    keyed *k = make(&scratch, keyed, t->rows);
    for (uint32_t r = 0; r < t->rows; r++) {
        k[r] = (keyed){0, r};
        for (int i = 0; i < t->n_fields; i++) k[r].key += hash[i][link_row(t, r)[i]];
        if (t->two) k[r].key = k[r].key >> 1 | (uint64_t)(r >= t->rows_a) << 63; // the first file's before the second's
    }
    radix_sort(scratch, k, t->rows);
    for (uint32_t r = 0; r < t->rows; r++) x->canon[r] = k[r].at;
}

static uint64_t *user_hashes(const link_field *f) {
    size_t had = 0;
    uint64_t *h = room_for(NULL, &had, f->v.n, sizeof *h);
    for (uint32_t v = 0; v < f->v.n; v++) h[v] = v ? f->trait[v].email.user : 0;
    return h;
}

// Classes in an order that the texts of the values decide; those without a hash are class 0.
static uint32_t *classes(const link_field *f, const uint64_t *hash, arena *scratch, uint32_t *n) {
    keyed *order = make(scratch, keyed, f->v.n);
    uint32_t *of = make(scratch, uint32_t, f->v.n);
    for (uint32_t v = 0; v < f->v.n; v++) order[v] = (keyed){hash[v], v};
    radix_sort(*scratch, order, f->v.n);
    *n = 1;
    for (uint32_t k = 0; k < f->v.n; k++) {
        if (order[k].key && (!k || order[k].key != order[k - 1].key)) ++*n;
        of[order[k].at] = order[k].key ? *n - 1 : 0;
    }
    return of;
}

static list_of index_field(const index_of *x, int field, const uint64_t *hash, arena scratch) {
    const link_table *t = x->t;
    list_of l = {0};
    const uint32_t *of = classes(&t->field[field], hash, &scratch, &l.n);
    size_t had = 0;
    l.row = room_for(NULL, &had, (size_t)t->rows + 1, sizeof *l.row);
    l.from = room_for(NULL, (had = 0, &had), (size_t)l.n + 2, sizeof *l.from);
    l.upto = room_for(NULL, (had = 0, &had), l.n, sizeof *l.upto);
    memset(l.from, 0, ((size_t)l.n + 2) * sizeof *l.from);
    for (uint32_t r = 0; r < t->rows; r++) l.from[of[link_row(t, r)[field]] + 2]++;
    for (uint32_t c = 0; c < l.n; c++) l.from[c + 2] += l.from[c + 1];
    for (uint32_t r = 0; r < t->rows; r++) l.row[l.from[of[link_row(t, x->canon[r])[field]] + 1]++] = x->canon[r];
    for (uint32_t c = 0; c < l.n; c++) {
        if (c) l.agree += pairs_of(t, l.row + l.from[c], l.from[c + 1] - l.from[c]);
        l.upto[c] = l.agree;
    }
    return l;
}

static void index_all(index_of *x) {
    const link_table *t = x->t;
    uint64_t *hash[LINK_FIELDS];
    arena scratch = arena_open((size_t)t->rows * 64 + ((size_t)1 << 20));
    size_t had = 0;
    x->canon = room_for(NULL, &had, (size_t)t->rows + 1, sizeof *x->canon);
    for (int i = 0; i < t->n_fields; i++) hash[i] = text_hashes(&t->field[i]);
    order_rows(x, hash, scratch);
    for (int i = 0; i < t->n_fields; i++) {
        x->list[i] = index_field(x, i, hash[i], scratch);
        free(hash[i]);
    }
    x->n_lists = t->n_fields;
    if (t->email >= 0) {
        hash[0] = user_hashes(&t->field[t->email]);
        x->list[x->n_lists++] = index_field(x, t->email, hash[0], scratch);
        free(hash[0]);
    }
    arena_close(&scratch);
}

static bool random_pair(const index_of *x, rng *r, uint32_t *a, uint32_t *b) {
    const link_table *t = x->t;
    if (t->two) {
        *a = x->canon[rng_range(r, 0, (int64_t)t->rows_a - 1)];
        *b = x->canon[rng_range(r, t->rows_a, (int64_t)t->rows - 1)];
        return true;
    }
    *a = x->canon[rng_range(r, 0, (int64_t)t->rows - 1)];
    *b = x->canon[rng_range(r, 0, (int64_t)t->rows - 1)];
    return *a != *b;
}

static bool agreeing_pair(const index_of *x, int i, rng *r, uint32_t *a, uint32_t *b) {
    const list_of *l = &x->list[i];
    const double want = rng_unit(r) * l->agree;
    uint32_t lo = 1, hi = l->n - 1;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (l->upto[mid] > want)
            hi = mid;
        else
            lo = mid + 1;
    }
    const uint32_t *rows = l->row + l->from[lo], n = l->from[lo + 1] - l->from[lo];
    uint32_t first = 0;
    while (x->t->two && first < n && rows[first] < x->t->rows_a) first++;
    if (x->t->two) {
        if (!first || first == n) return false;
        *a = rows[rng_range(r, 0, (int64_t)first - 1)], *b = rows[rng_range(r, first, (int64_t)n - 1)];
        return true;
    }
    *a = rows[rng_range(r, 0, (int64_t)n - 1)], *b = rows[rng_range(r, 0, (int64_t)n - 1)];
    return *a != *b;
}

static bool agrees(const index_of *x, int list, const uint32_t *a, const uint32_t *b) {
    const link_table *t = x->t;
    if (list < t->n_fields) return a[list] == b[list] && a[list];
    const link_trait *of = t->field[t->email].trait;
    return a[t->email] && b[t->email] && of[a[t->email]].email.user == of[b[t->email]].email.user;
}

static void count_pattern(link_fit *f, index_of *x, uint64_t pattern, double share) {
    for (int g = 0; g < f->n_groups; g++) f->total[g][link_code(&f->group[g], pattern)] += share;
    if (link_names_alike(x->t, pattern)) x->alike += share;
}

static void count_pair(link_fit *f, link_comparer *c, index_of *x, uint32_t a, uint32_t b) {
    const uint32_t *ra = link_row(x->t, a), *rb = link_row(x->t, b);
    double often = AT_RANDOM / x->all;
    for (int i = 0; i < x->n_lists; i++)
        if (agrees(x, i, ra, rb)) often += PER_FIELD / x->list[i].agree;
    count_pattern(f, x, link_pattern(c, ra, rb), 1 / often / x->all);
}

// Few enough pairs are all counted.
static void count_all(link_fit *f, index_of *x) {
    const link_table *t = x->t;
    link_comparer c = link_comparer_open(t);
    for (uint32_t a = 0; a < (t->two ? t->rows_a : t->rows); a++)
        for (uint32_t b = t->two ? t->rows_a : a + 1; b < t->rows; b++) {
            count_pattern(f, x, link_pattern(&c, link_row(t, a), link_row(t, b)), 1 / x->all);
        }
    link_comparer_close(&c);
}

static void draw(link_fit *f, index_of *x, uint64_t seed) {
    link_comparer c = link_comparer_open(x->t);
    rng r = rng_seed(seed);
    uint32_t a, b;
    for (int k = 0; k < AT_RANDOM; k++)
        if (random_pair(x, &r, &a, &b)) count_pair(f, &c, x, a, b);
    for (int i = 0; i < x->n_lists; i++) {
        r = rng_fork(seed, i < x->t->n_fields ? str_hash(x->t->field[i].col.name) : 1);
        for (int k = 0; k < PER_FIELD && x->list[i].agree > 0; k++)
            if (agreeing_pair(x, i, &r, &a, &b)) count_pair(f, &c, x, a, b);
    }
    link_comparer_close(&c);
}

// Whole codes from counts in which things are missing; what was never seen gets what independence would give it, and a
// little of a pair more.
static void settle(const link_group *g, double *counted, double pairs) {
    size_t had = 0;
    double *p = room_for(NULL, &had, (size_t)g->codes, sizeof *p),
           *apart = room_for(NULL, (had = 0, &had), (size_t)g->codes, sizeof *p);
    double *now = room_for(NULL, (had = 0, &had), (size_t)g->codes, sizeof *p);
    for (int k = 0; k < g->codes; k++) p[k] = 1;
    cells_scale(g, p);
    for (int round = 0; round < 12; round++) {
        memcpy(now, counted, (size_t)g->codes * sizeof *now);
        now[0] = 0; // all is missing
        cells_spread(g, p, now);
        double sum = 0;
        for (int k = 0; k < g->codes; k++) sum += now[k];
        cells_apart(g, now, apart);
        for (int k = 0; k < g->codes; k++)
            p[k] = cells_whole(g, k) ? now[k] / fmax(sum, 1e-30) + 0.25 * apart[k] + 0.1 / pairs / g->codes : 0;
        cells_scale(g, p);
    }
    memcpy(counted, p, (size_t)g->codes * sizeof *p);
    free(p);
    free(apart);
    free(now);
}

// How often strangers whose names are alike have addresses made of them: those whose names are not never do.
static void among_alike(link_fit *f, int g) {
    const link_group *q = &f->group[g];
    if (q->kind[0] != LINK_email) return;
    double *p = f->total[g];
    const double more = fmin(p[LINK_EMAIL_OF_NAMES] / f->alike, 0.5 * p[1]) - p[LINK_EMAIL_OF_NAMES];
    p[LINK_EMAIL_OF_NAMES] += more, p[1] -= more;
    cells_scale(q, p);
}

void link_fit_strangers(link_fit *f, const link_table *t, uint64_t seed) {
    *f = (link_fit){0};
    f->n_groups = link_groups(t, f->group);
    for (int g = 0; g < f->n_groups; g++) {
        double **const tables[] = {&f->m[g], &f->u[g], &f->h[g], &f->total[g]};
        for (size_t k = 0; k < COUNT(tables); k++) {
            size_t had = 0;
            const size_t n = (size_t)f->group[g].codes;
            *tables[k] = room_for(NULL, &had, n, sizeof **tables[k]);
            memset(*tables[k], 0, n * sizeof **tables[k]);
        }
    }
    index_of x = {.t = t};
    x.all = f->pairs =
        t->two ? (double)t->rows_a * (double)(t->rows - t->rows_a) : (double)t->rows * ((double)t->rows - 1) / 2;
    if (f->pairs <= FEW)
        count_all(f, &x);
    else
        index_all(&x), draw(f, &x, seed);
    free(x.canon);
    for (int i = 0; i < x.n_lists; i++) {
        free(x.list[i].row);
        free(x.list[i].from);
        free(x.list[i].upto);
    }
    f->alike = fmin(fmax(x.alike, 1e-6), 1);
    for (int g = 0; g < f->n_groups; g++) {
        settle(&f->group[g], f->total[g], fmax(f->pairs, 1));
        among_alike(f, g);
        memcpy(f->u[g], f->total[g], (size_t)f->group[g].codes * sizeof(double));
    }
}

void link_fit_close(link_fit *f) {
    for (int g = 0; g < f->n_groups; g++) {
        free(f->m[g]);
        free(f->u[g]);
        free(f->h[g]);
        free(f->total[g]);
    }
    *f = (link_fit){0};
}
