// wire: events as the JSON Lines that `heed import` reads back (listen/json_heed.h), written from what is stored.
#ifndef HEED_WIRE_H
#define HEED_WIRE_H

#include "ledger/ledger.h"

typedef struct {
    str source, ext, thread;
    enum kind kind;
    enum channel channel;
    int64_t at_us, edited_us, value;
    bool has_value;
    int32_t unit;
    const ident *ids; // the first names the profile
    int n_ids;
    str body; // as event_body makes it; its members are passed on as they stand
} wire;

void wire_line(buf *b, const wire *w); // with a line end
wire wire_of_event(arena *a, str source, const event *ev);
// The external key and the thread are stored as hashes alone: "key:0123456789abcdef".
wire wire_of_record(arena *a, str source, const record *r, const ident *ids, int n_ids);
str wire_key(arena *a, int64_t hash);
str wire_unit(enum kind kind, int32_t unit); // the code of a currency or the name of an instrument; empty when 0

#endif
