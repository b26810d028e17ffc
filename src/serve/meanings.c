#include "serve/meanings.h"

#include <pthread.h>

struct meanings {
    pthread_mutex_t lock;
    arena life;
    const char *where;
    reader *read;
    meaning_index *index;
};

meanings *meanings_open(const char *where) {
    arena life = arena_open((size_t)64 << 20);
    meanings *m = make(&life, meanings, 1);
    m->where = str_z(&life, str_c(where));
    m->index = meaning_index_open();
    m->life = life;
    pthread_mutex_init(&m->lock, NULL);
    return m;
}

void meanings_close(meanings *m) {
    if (!m) return;
    reader_close(m->read);
    meaning_index_close(m->index);
    pthread_mutex_destroy(&m->lock);
    arena life = m->life;
    arena_close(&life);
}

meaning_index *meanings_index(meanings *m) {
    return m->index;
}

bool meanings_reader(meanings *m, const reader **out, err *e) {
    pthread_mutex_lock(&m->lock);
    const bool ok = m->read || reader_open(&m->life, &m->read, str_c(m->where), e);
    *out = m->read;
    pthread_mutex_unlock(&m->lock);
    return ok;
}
