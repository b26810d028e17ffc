#include "link/live.h"

#include "base/radix.h"
#include "link/block_private.h"
#include "link/taking.h"

enum { HEADS = 1 << 18, HOT = 400, SPARE = 1 << 16 };

// Rows of the table by their key, and those that came later in chains.
typedef struct {
    uint32_t *row;  // by key
    uint32_t *from; // [2^bits + 1] where rows begin whose keys begin with these bits
    int bits;
    uint32_t *head; // [HEADS] place in later, plus 1
} shelf;

typedef struct {
    uint32_t row, next;
} later;

typedef struct {
    uint32_t other, next; // place, plus 1
    float weight;
} tie;

struct link_live {
    link_table *t;
    link_model *m;
    link_comparer c;
    standard s;
    link_names *names;
    shelf shelf[LINK_CHOSEN];
    later *later;
    size_t n_later, cap_later;
    uint32_t *head, *cluster; // [rows] ties of a row, plus 1; its cluster
    bool *gone;
    tie *tie;
    size_t n_tie, cap_tie, cap_head, cap_cluster, cap_gone, cap_row, cap_trait[LINK_FIELDS], cap_rare[LINK_FIELDS],
        cap_other[LINK_FIELDS];
    uint32_t *found, *part; // candidates; records of what is decided again
    size_t n_found, cap_found, n_part, cap_part;
    uint32_t *mark; // [rows] round in which a row was met
    size_t cap_mark;
    uint32_t round;
    link_pair *pair; // of what is decided again, and of the record that came
    size_t cap_pair, cap_own;
    link_pair *own;
    arena scratch;
};

// ---- shelves ----

static uint32_t bucket_of(const shelf *s, uint64_t key) {
    return (uint32_t)(key >> (64 - s->bits));
}

static void fill_shelf(const link_blocks *b, const link_rule *r, shelf *s) {
    s->bits = 8;
    while (s->bits < 28 && (1u << s->bits) < b->t->rows) s->bits++;
    const size_t n = (size_t)1 << s->bits;
    size_t had = 0;
    s->from = room_for(NULL, &had, n + 2, sizeof *s->from);
    memset(s->from, 0, (n + 2) * sizeof *s->from);
    for (uint32_t i = 0; i < b->t->rows; i++) {
        const uint64_t key = block_key(r, block_row(b, i));
        if (key) s->from[bucket_of(s, key) + 2]++;
    }
    for (size_t k = 0; k < n; k++) s->from[k + 2] += s->from[k + 1];
    s->row = room_for(NULL, (had = 0, &had), (size_t)s->from[n + 1] + 1, sizeof *s->row);
    for (uint32_t i = 0; i < b->t->rows; i++) {
        const uint64_t key = block_key(r, block_row(b, i));
        if (key) s->row[s->from[bucket_of(s, key) + 1]++] = i;
    }
    s->head = room_for(NULL, (had = 0, &had), HEADS, sizeof *s->head);
    memset(s->head, 0, HEADS * sizeof *s->head);
}

static void put_later(link_live *l, shelf *s, uint64_t key, uint32_t row) {
    uint32_t *head = &s->head[key % HEADS];
    ROOM_FOR(l->later, &l->cap_later, l->n_later + 1);
    l->later[l->n_later++] = (later){row, *head};
    *head = (uint32_t)l->n_later;
}

// ---- ties ----

static void add_tie(link_live *l, uint32_t a, uint32_t b, float weight) {
    ROOM_FOR(l->tie, &l->cap_tie, l->n_tie + 1);
    l->tie[l->n_tie++] = (tie){b, l->head[a], weight};
    l->head[a] = (uint32_t)l->n_tie;
}

static void room_for_rows(link_live *l, size_t rows) {
    const size_t had = l->cap_head;
    ROOM_FOR(l->head, &l->cap_head, rows);
    ROOM_FOR(l->cluster, &l->cap_cluster, rows);
    ROOM_FOR(l->gone, &l->cap_gone, rows);
    ROOM_FOR(l->mark, &l->cap_mark, rows);
    for (size_t i = had; i < rows; i++) l->head[i] = l->mark[i] = 0, l->gone[i] = false;
}

// ---- opening ----

static bool has_texts(const link_table *t) {
    for (int i = 0; i < t->n_fields; i++)
        if (t->field[i].col.kind == LINK_text || t->field[i].col.kind == LINK_full) return true;
    return false;
}

static void open_values(link_live *l) {
    for (int i = 0; i < l->t->n_fields; i++) {
        link_field *f = &l->t->field[i];
        intern_again(&f->v);
        ROOM_FOR(f->trait, &l->cap_trait[i], (size_t)f->v.n + SPARE);
        ROOM_FOR(l->m->score.rare[i], &l->cap_rare[i], (size_t)f->v.n + SPARE);
        if (f->other) ROOM_FOR(f->other, &l->cap_other[i], (size_t)f->v.n + SPARE);
    }
}

bool link_live_open(link_live **out, link_table *t, link_model *m, const link_pairs *p, const uint32_t *cluster,
                    err *e) {
    *out = NULL;
    if (has_texts(t))
        return fail(e, ERR_conflict,
                    "records of full names or texts are linked all at once; link the whole file again");
    if (t->two) return fail(e, ERR_conflict, "records come to one file, not to two; link them all at once");
    link_live *l = calloc(1, sizeof *l);
    if (!l) return fail(e, ERR_full, "no memory to keep %u records at hand", t->rows);
    *l = (link_live){.t = t, .m = m, .c = link_comparer_open(t), .s = standard_open(), .names = link_names_open()};
    l->s.month_first = t->plan.month_first;
    memcpy(l->s.country, t->plan.country, sizeof l->s.country);
    l->scratch = arena_open((size_t)1 << 30);
    open_values(l);
    for (int r = 0; r < m->blocks.n_rules; r++)
        if (!m->blocks.rule[r].words) fill_shelf(&m->blocks, &m->blocks.rule[r], &l->shelf[r]);
    room_for_rows(l, (size_t)t->rows + SPARE);
    ROOM_FOR(t->cell, &t->cap_cell, ((size_t)t->rows + SPARE) * (size_t)t->n_fields);
    ROOM_FOR(m->blocks.row, &l->cap_row, ((size_t)t->rows + SPARE) * (size_t)m->blocks.width + 1);
    memset(l->head, 0, ((size_t)t->rows + SPARE) * sizeof *l->head);
    memset(l->mark, 0, ((size_t)t->rows + SPARE) * sizeof *l->mark);
    memset(l->gone, 0, ((size_t)t->rows + SPARE) * sizeof *l->gone);
    if (t->rows) memcpy(l->cluster, cluster, t->rows * sizeof *cluster);
    ROOM_FOR(l->tie, &l->cap_tie, p->n * 2 + SPARE);
    for (size_t i = p->n; i-- > 0;) {
        add_tie(l, p->p[i].a, p->p[i].b, p->p[i].weight);
        add_tie(l, p->p[i].b, p->p[i].a, p->p[i].weight);
    }
    *out = l;
    return true;
}

void link_live_close(link_live *l) {
    if (!l) return;
    for (int r = 0; r < LINK_CHOSEN; r++) {
        free(l->shelf[r].row);
        free(l->shelf[r].from);
        free(l->shelf[r].head);
    }
    link_comparer_close(&l->c);
    standard_close(&l->s);
    link_names_close(l->names);
    arena_close(&l->scratch);
    free(l->later);
    free(l->head);
    free(l->cluster);
    free(l->gone);
    free(l->tie);
    free(l->found);
    free(l->part);
    free(l->mark);
    free(l->pair);
    free(l->own);
    free(l);
}

// ---- the record that comes ----

// A name that is new in one of the two fields of names may stand in the other.
static void cross_one(link_table *t, int field, uint32_t v) {
    const int second = field == t->given ? t->family : field == t->family ? t->given : -1;
    if (second < 0 || !t->field[field].other || !t->field[second].other) return;
    const uint32_t w = intern_find(&t->field[second].v, intern_text(&t->field[field].v, v));
    t->field[field].other[v] = w;
    if (w) t->field[second].other[w] = v;
}

// The standard forms of a record, one after the other.
typedef struct {
    str form[LINK_FIELDS];
    uint64_t hash[LINK_FIELDS];
    char room[LINK_FIELDS * (STANDARD_MOST + 64)];
} forms;

static void forms_of(link_live *l, const str *cells, int n, forms *x) {
    size_t used = 0;
    for (int i = 0; i < l->t->n_fields; i++) {
        const link_column *c = &l->t->plan.field[i];
        const str cell = c->col >= 0 && c->col < n ? cells[c->col] : (str){0},
                  house = c->house >= 0 && c->house < n ? cells[c->house] : (str){0},
                  form = standard_form(&l->s, c->kind, c->part, cell, house);
        if (form.len) memcpy(x->room + used, form.s, form.len);
        x->form[i] = (str){x->room + used, form.len};
        x->hash[i] = form.len ? intern_hash(form) : 0;
        used += form.len;
    }
    for (int step = 0; step < 3; step++)
        for (int i = 0; i < l->t->n_fields; i++) intern_ask(&l->t->field[i].v, x->hash[i], step);
}

static uint32_t value_of(link_live *l, int field, str form, uint64_t hash) {
    link_field *f = &l->t->field[field];
    if (!form.len) return 0;
    const uint32_t had = f->v.n, v = intern_put_hashed(&f->v, form, hash);
    if (v < had) return v;
    ROOM_FOR(f->trait, &l->cap_trait[field], (size_t)f->v.n);
    ROOM_FOR(l->m->score.rare[field], &l->cap_rare[field], (size_t)f->v.n);
    link_trait_of(f, v, l->names);
    l->m->score.rare[field][v] = l->m->score.fresh[field];
    if (f->other) {
        ROOM_FOR(f->other, &l->cap_other[field], (size_t)f->v.n);
        cross_one(l->t, field, v);
    }
    return v;
}

static uint32_t new_row(link_live *l, const str *cells, int n) {
    link_table *t = l->t;
    link_blocks *b = &l->m->blocks;
    const uint32_t row = t->rows;
    uint32_t value[LINK_FIELDS] = {0};
    forms x;
    forms_of(l, cells, n, &x);
    for (int i = 0; i < t->n_fields; i++) value[i] = value_of(l, i, x.form[i], x.hash[i]);
    ROOM_FOR(t->cell, &t->cap_cell, ((size_t)row + 1) * (size_t)t->n_fields);
    memcpy(t->cell + (size_t)row * (size_t)t->n_fields, value, (size_t)t->n_fields * sizeof *value);
    ROOM_FOR(b->row, &l->cap_row, ((size_t)row + 1) * (size_t)b->width + 1);
    for (int i = 0; i < b->n_atoms; i++) b->row[(size_t)row * (size_t)b->width + (size_t)i] = block_atom(b, i, value);
    room_for_rows(l, (size_t)row + 1);
    l->head[row] = l->mark[row] = 0, l->gone[row] = false, l->cluster[row] = row;
    t->rows++, t->rows_a++;
    return row;
}

// ---- candidates ----

static void put_found(link_live *l, uint32_t row) {
    ROOM_FOR(l->found, &l->cap_found, l->n_found + 1);
    l->found[l->n_found++] = row;
}

// Those of one key, as the batch would have them: a block too large is narrowed by agreement in further atoms.
static void narrow(link_live *l, const link_rule *r, uint32_t row, size_t from) {
    const link_blocks *b = &l->m->blocks;
    const uint32_t *mine = block_row(b, row);
    for (int at = 0; l->n_found - from >= HOT; at++) {
        while (at < b->n_atoms && (r->need >> at & 1 || b->atom[at].how == LINK_HOW_words)) at++;
        size_t n = from;
        for (size_t i = from; at < b->n_atoms && mine[at] && i < l->n_found; i++)
            if (block_row(b, l->found[i])[at] == mine[at]) l->found[n++] = l->found[i];
        l->n_found = n;
        if (at >= b->n_atoms) return;
    }
}

// Shelves are larger than any cache: what all of them will be asked is fetched before the first is.
static void fetch_shelves(const link_live *l, uint32_t row) {
    enum { FEW = 8 };
    const link_blocks *b = &l->m->blocks;
    for (int step = 0; step < 3; step++)
        for (int r = 0; r < b->n_rules; r++) {
            const uint64_t key = b->rule[r].words ? 0 : block_key(&b->rule[r], block_row(b, row));
            const shelf *s = &l->shelf[r];
            if (!key) continue;
            const uint32_t *from = &s->from[bucket_of(s, key)];
            if (step == 0) __builtin_prefetch(from), __builtin_prefetch(&s->head[key % HEADS]);
            if (step == 1) __builtin_prefetch(&s->row[*from]);
            for (uint32_t i = from[0]; step == 2 && i < MIN(from[1], from[0] + FEW); i++)
                __builtin_prefetch(block_row(b, s->row[i]));
        }
}

static void gather(link_live *l, uint32_t row, int rule) {
    const link_blocks *b = &l->m->blocks;
    const link_rule *r = &b->rule[rule];
    const shelf *s = &l->shelf[rule];
    const uint64_t key = block_key(r, block_row(b, row));
    const size_t first = l->n_found;
    if (!key) return;
    for (uint32_t i = s->from[bucket_of(s, key)]; i < s->from[bucket_of(s, key) + 1]; i++) put_found(l, s->row[i]);
    for (uint32_t i = s->head[key % HEADS]; i; i = l->later[i - 1].next) put_found(l, l->later[i - 1].row);
    size_t n = first;
    for (size_t i = first; i < l->n_found; i++) __builtin_prefetch(block_row(b, l->found[i]));
    for (size_t i = first; i < l->n_found; i++) {
        const uint32_t other = l->found[i];
        if (other == row || l->gone[other]) continue;
        const uint64_t agree = block_agree(block_row(b, row), block_row(b, other), b->width);
        if ((agree & r->need) == r->need) l->found[n++] = other;
    }
    l->n_found = n;
    if (r->n) narrow(l, r, row, first);
}

static int by_row(const void *p, const void *q) {
    const uint32_t x = *(const uint32_t *)p, y = *(const uint32_t *)q;
    return (x > y) - (x < y);
}

static uint32_t score_found(link_live *l, uint32_t row, size_t *n_own) {
    const link_table *t = l->t;
    uint32_t n = 0;
    if (l->n_found) qsort(l->found, l->n_found, sizeof *l->found, by_row);
    for (size_t i = 0; i < l->n_found; i++)
        if (!i || l->found[i] != l->found[i - 1]) l->found[n++] = l->found[i];
    for (uint32_t i = 0; i < n; i++) __builtin_prefetch(link_row(t, l->found[i]));
    *n_own = 0;
    for (uint32_t i = 0; i < n; i++)
        for (int f = 0; f < t->n_fields; f++) {
            const uint32_t v = link_row(t, l->found[i])[f];
            if (v == link_row(t, row)[f]) continue;
            __builtin_prefetch(&t->field[f].trait[v]);
            __builtin_prefetch(&t->field[f].v.at[v]);
        }
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *a = link_row(t, l->found[i]), *b = link_row(t, row);
        const float w = link_weight(&l->m->score, link_pattern(&l->c, a, b), a, b);
        if (w < l->m->o.floor) continue;
        ROOM_FOR(l->own, &l->cap_own, *n_own + 1);
        l->own[(*n_own)++] = (link_pair){l->found[i], row, w};
    }
    return n;
}

// ---- deciding again ----

static void reach(link_live *l, uint32_t row) {
    if (l->mark[row] == l->round) return;
    l->mark[row] = l->round;
    ROOM_FOR(l->part, &l->cap_part, l->n_part + 1);
    l->part[l->n_part++] = row;
}

static uint32_t place_of(const link_live *l, uint32_t row) {
    size_t lo = 0, hi = l->n_part;
    while (lo + 1 < hi) {
        const size_t mid = (lo + hi) / 2;
        if (l->part[mid] <= row)
            lo = mid;
        else
            hi = mid;
    }
    return (uint32_t)lo;
}

// The component of a row: what pairs of even odds and more connect.
static size_t component(link_live *l, uint32_t row) {
    size_t n = 0;
    l->round++, l->n_part = 0;
    reach(l, row);
    for (size_t i = 0; i < l->n_part; i++)
        for (uint32_t k = l->head[l->part[i]]; k; k = l->tie[k - 1].next)
            if (l->tie[k - 1].weight >= 0) reach(l, l->tie[k - 1].other);
    qsort(l->part, l->n_part, sizeof *l->part, by_row);
    for (size_t i = 0; i < l->n_part; i++)
        for (uint32_t k = l->head[l->part[i]]; k; k = l->tie[k - 1].next) {
            const tie *t = &l->tie[k - 1];
            if (t->other <= l->part[i] || l->mark[t->other] != l->round) continue;
            ROOM_FOR(l->pair, &l->cap_pair, n + 1);
            l->pair[n++] = (link_pair){(uint32_t)i, place_of(l, t->other), t->weight};
        }
    return n;
}

static bool decide(link_live *l, uint32_t row, err *e) {
    arena a = l->scratch;
    const size_t n = component(l, row);
    uint32_t *of = make(&a, uint32_t, l->n_part);
    if (!link_cluster(&a, l->pair, n, (uint32_t)l->n_part, NULL, of, e)) return false;
    for (size_t i = 0; i < l->n_part; i++) l->cluster[l->part[i]] = l->part[of[i]];
    return true;
}

bool link_live_add(link_live *l, const str *cells, int n, link_arrival *out, err *e) {
    const link_blocks *b = &l->m->blocks;
    const uint32_t row = new_row(l, cells, n);
    size_t n_own;
    l->n_found = 0;
    fetch_shelves(l, row);
    for (int r = 0; r < b->n_rules; r++)
        if (!b->rule[r].words) gather(l, row, r);
    const uint32_t compared = score_found(l, row, &n_own);
    for (int r = 0; r < b->n_rules; r++) {
        const uint64_t key = block_key(&b->rule[r], block_row(b, row));
        if (!b->rule[r].words && key) put_later(l, &l->shelf[r], key, row);
    }
    bool any = false;
    for (size_t i = n_own; i-- > 0;) {
        add_tie(l, l->own[i].a, row, l->own[i].weight), add_tie(l, row, l->own[i].a, l->own[i].weight);
        any |= l->own[i].weight >= 0;
    }
    if (any && !decide(l, row, e)) return false;
    *out = (link_arrival){row, l->own, n_own, compared, l->cluster[row]};
    return true;
}

size_t link_live_explain(link_live *l, arena *a, const link_pair *p, link_part **parts) {
    const uint32_t *x = link_row(l->t, p->a), *y = link_row(l->t, p->b);
    return link_explain(a, &l->m->score, &l->m->fit, link_pattern(&l->c, x, y), x, y, p->weight, parts);
}

static void untie(link_live *l, uint32_t from, uint32_t row) {
    for (uint32_t *at = &l->head[from]; *at; at = &l->tie[*at - 1].next)
        if (l->tie[*at - 1].other == row) {
            *at = l->tie[*at - 1].next;
            return;
        }
}

bool link_live_drop(link_live *l, uint32_t row, err *e) {
    if (row >= l->t->rows) return fail(e, ERR_not_found, "there is no record %u", row);
    size_t n = 0;
    for (uint32_t k = l->head[row]; k; k = l->tie[k - 1].next) {
        ROOM_FOR(l->found, &l->cap_found, n + 1);
        untie(l, l->found[n++] = l->tie[k - 1].other, row);
    }
    l->head[row] = 0, l->gone[row] = true, l->cluster[row] = row;
    const uint32_t began = l->round; // what was decided with one neighbour need not be with the next
    for (size_t i = 0; i < n; i++)
        if (l->mark[l->found[i]] <= began && !decide(l, l->found[i], e)) return false;
    return true;
}

uint32_t link_live_cluster(const link_live *l, uint32_t row) {
    return l->cluster[row];
}
