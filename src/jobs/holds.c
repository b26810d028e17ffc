#include "jobs/holds.h"

void holds_know(hold_book *h, const char *as) {
    int free_one = -1;
    for (int i = 0; i < HOLD_THREADS; i++) {
        if (!h->known[i].as) {
            if (free_one < 0) free_one = i;
        } else if (pthread_equal(h->known[i].thread, pthread_self())) {
            h->known[i].as = as;
            return;
        }
    }
    if (as && free_one >= 0) h->known[free_one].thread = pthread_self(), h->known[free_one].as = as;
}

const char *holds_me(const hold_book *h) {
    for (int i = 0; i < HOLD_THREADS; i++)
        if (h->known[i].as && pthread_equal(h->known[i].thread, pthread_self())) return h->known[i].as;
    return "other";
}

void holds_note(hold_book *h, const char *by, int64_t took_us) {
    size_t i = 0;
    while (i < h->n && strcmp(h->of[i].by, by) != 0) i++;
    if (i == HOLDERS) return;
    if (i == h->n) h->of[h->n++] = (hold_row){.by = by};
    hold_row *x = &h->of[i];
    x->n++, x->total_us += took_us, x->n_long += took_us > HOLD_LONG_US;
    if (took_us > x->longest_us) x->longest_us = took_us;
}
