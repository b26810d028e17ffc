// customer: the page of one customer.
#ifndef HEED_CUSTOMER_H
#define HEED_CUSTOMER_H

#include "cli/place.h"
#include "cli/say.h"
#include "know/page.h"

typedef struct {
    cli *c;
    store *s;
    settings set;
    zone *z;
    sources *all;
    int64_t limit; // moments of the timeline; 0: all
    person *p;
    page_wait *waits; // the longest first
    size_t n_waits;
    record *moments; // newest first
    size_t n_moments;
    bool more; // there are older ones
    struct page_needs *needs;
} page;

must_use bool page_read(page *g, err *e);
must_use bool page_needs_read(page *g, err *e);
void page_needs_show(const page *g);
void page_needs_reply(const page *g, reply *r);
void page_show(const page *g);
void page_reply(const page *g, const person *list, size_t n); // list: who was found

#endif
