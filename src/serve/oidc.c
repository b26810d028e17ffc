#include <pthread.h>

#include "serve/oidc.h"

struct oidc_memory {
    pthread_mutex_t lock;
};

oidc_memory *oidc_memory_open(void) {
    oidc_memory *m = calloc(1, sizeof *m);
    if (!m) abort();
    pthread_mutex_init(&m->lock, NULL);
    return m;
}

void oidc_memory_close(oidc_memory *m) {
    pthread_mutex_destroy(&m->lock);
    free(m);
}
