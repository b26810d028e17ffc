#include "act/commitment_broken.h"

#include "base/civil.h"
#include "know/lists.h"
#include "sql/act.h"

enum { MOST = 10000 };

typedef struct {
    int64_t profile;
    size_t at; // its place in the caller's list
} place_of_profile;

static int by_profile(const void *a, const void *b) {
    const place_of_profile *x = a, *y = b;
    if (x->profile != y->profile) return x->profile < y->profile ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static void mark(const place_of_profile *all, size_t n, int64_t profile, bool *broken) {
    size_t lo = 0, hi = n;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (all[mid].profile < profile)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < n && all[lo].profile == profile; lo++) broken[all[lo].at] = true;
}

bool commitment_broken_of(store *s, const int64_t *profiles, size_t n, int64_t now_us, bool *broken, err *e) {
    arena life = arena_open(n * 16 + (1 << 20));
    place_of_profile *all = make(&life, place_of_profile, n + 1);
    for (size_t i = 0; i < n; i++) all[i] = (place_of_profile){profiles[i], i}, broken[i] = false;
    if (n) qsort(all, n, sizeof *all, by_profile);
    for (size_t i = 0; i < n && err_ok(e); i += LIST_IDS) {
        arena a = life;
        str list = list_json(&a, profiles + i, MIN((size_t)LIST_IDS, n - i));
        row r = store_query(s, Q_commitment_broken_to, e, "tii", list, now_us - BROKEN_DAYS * DAY_US, now_us);
        while (row_next(&r))
            if (!commitment_is_theirs((enum commitment_kind)row_int(&r, 1))) mark(all, n, row_int(&r, 0), broken);
    }
    arena_close(&life);
    return err_ok(e);
}

bool commitment_broken_list(arena *a, store *s, int64_t now_us, size_t most, commitment_broken **out, size_t *n,
                            err *e) {
    if (!most) most = MOST;
    *out = make(a, commitment_broken, most), *n = 0;
    row r = store_query(s, Q_commitment_broken_list, e, "iii", now_us - BROKEN_DAYS * DAY_US, now_us, (int64_t)most);
    while (row_next(&r)) {
        enum commitment_kind kind = (enum commitment_kind)row_int(&r, 1);
        if (!commitment_is_theirs(kind))
            (*out)[(*n)++] = (commitment_broken){row_int(&r, 0), row_int(&r, 3), row_int(&r, 2), kind};
    }
    return err_ok(e);
}
