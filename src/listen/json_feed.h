// json_feed: elements out of JSON of any size, one at a time, in the memory of the longest element.
//
// Reads arrays, an array inside an object ("tickets", "feed.entry"), one value per line, and values one after the
// other. An element that is no JSON is handed out with what is wrong, and reading goes on with the next one.
#ifndef HEED_JSON_FEED_H
#define HEED_JSON_FEED_H

#include "listen/adapter.h"

enum { FEED_ITEM_MAX = 16 << 20 }; // longest element, in bytes

typedef struct json_feed json_feed;

typedef struct {
    int64_t line;    // the element's number, from 1; for SHAPE_LINES its line in the file
    str text;        // until the next feed_next; of a broken element, what is there (at most FEED_ITEM_MAX)
    const char *odd; // NULL, or what is wrong with it and how to mend it
} feed_item;

// How the elements stand, judged by the beginning of the text. *key lives in a; empty unless SHAPE_LIST.
enum json_shape feed_shape(arena *a, str head, str *key);

json_feed *feed_open(arena *a, read_fn read, void *ctx, enum json_shape shape, str key);
void feed_close(json_feed *f);
bool feed_next(json_feed *f, feed_item *item, err *e); // false at the end, or with e filled if reading failed

#endif
