#include "listen/json_feed.h"
#include "base/text.h"

enum { CHUNK = 64 << 10, KEY_MAX = 256, END = -1 };

struct json_feed {
    read_fn read;
    void *ctx;
    err *e; // of the call at hand
    arena mem;
    char *chunk; // text in UTF-8, taken from at to n
    size_t at, n;
    char *raw; // bytes as stored, when they must be turned into UTF-8 first
    size_t raw_n;
    enum text_kind kind;
    bool begun, ended, failed;
    enum json_shape shape;
    str path[4];       // SHAPE_LIST: the keys to the list
    int n_path, level; // level: objects of the path that are open
    bool inside;       // in the list
    bool lost;         // a broken element was left at a guessed place; only '{' begins the next one
    bool done;
    char *item;
    size_t len;
    bool cut; // the element was longer than FEED_ITEM_MAX
    int64_t line, count;
    char key[KEY_MAX];
};

json_feed *feed_open(arena *a, read_fn read, void *ctx, enum json_shape shape, str key) {
    json_feed *f = make(a, json_feed, 1);
    *f = (json_feed){.read = read, .ctx = ctx, .shape = shape, .line = 1};
    f->mem = arena_open(FEED_ITEM_MAX + 8 * CHUNK);
    f->chunk = make(&f->mem, char, 3 * CHUNK);
    f->raw = make(&f->mem, char, CHUNK);
    for (str rest = str_dup(a, key); rest.s && f->n_path < (int)COUNT(f->path);)
        f->path[f->n_path++] = str_cut(&rest, '.');
    f->item = make(&f->mem, char, FEED_ITEM_MAX);
    return f;
}

void feed_close(json_feed *f) {
    arena_close(&f->mem);
}

static void first_bytes(json_feed *f) {
    size_t skip = 0;
    f->kind = text_guess((str){f->raw, f->raw_n}, &skip);
    f->raw_n -= MIN(skip, f->raw_n);
    memmove(f->raw, f->raw + skip, f->raw_n);
    f->begun = true;
}

// The bytes at hand as UTF-8. What is left of a UTF-16 character at the end waits for the next bytes; bad UTF-8 stays
// as it is, so that the parser refuses the one element it stands in.
static void narrow(json_feed *f) {
    str x = {f->raw, f->raw_n};
    switch (f->kind) {
    case TEXT_ASCII:
    case TEXT_UTF8:
        memcpy(f->chunk, x.s, x.len);
        f->n = x.len;
        break;
    case TEXT_LATIN1: f->n = text_from_latin1(f->chunk, x); break;
    case TEXT_UTF16LE:
    case TEXT_UTF16BE:
        f->n = text_from_utf16(f->chunk, &x, f->kind == TEXT_UTF16BE, f->ended);
        memmove(f->raw, x.s, x.len);
        f->raw_n = x.len;
        return;
    }
    f->raw_n = 0;
}

static bool fill(json_feed *f) {
    f->at = f->n = 0;
    while (!f->ended && !f->n) {
        ptrdiff_t got = f->read(f->ctx, f->raw + f->raw_n, CHUNK - f->raw_n, f->e);
        f->failed = got < 0;
        f->ended = got <= 0;
        if (got > 0) f->raw_n += (size_t)got;
        if (!f->begun && !f->ended && f->raw_n < CHUNK) continue; // the encoding is judged by all that can be seen
        if (!f->begun) first_bytes(f);
        narrow(f);
    }
    return f->n > 0;
}

static int look(json_feed *f) {
    if (f->at == f->n && !fill(f)) return END;
    return (unsigned char)f->chunk[f->at];
}

static int take(json_feed *f) {
    int c = look(f);
    if (c == END) return END;
    f->at++;
    f->line += c == '\n';
    return c;
}

static bool is_space(int c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static int skip_space(json_feed *f) {
    while (is_space(look(f))) take(f);
    return look(f);
}

static void keep(json_feed *f, int c) {
    if (f->len < FEED_ITEM_MAX)
        f->item[f->len++] = (char)c;
    else
        f->cut = true;
}

// Takes one value from its first character on. What is wrong with its shape is returned; what is wrong inside is for
// the parser to say. A line end inside a text is never allowed, so there an unclosed text is noticed.
static const char *take_value(json_feed *f) {
    size_t depth = 0;
    bool text = false, escaped = false;
    for (;;) {
        int c = look(f);
        if (c == END) return depth || text ? "the value is cut off; is the file complete?" : NULL;
        if (text && c == '\n') return "a text is not closed before the line ends";
        if (!text && !depth && (c == ',' || c == ']' || c == '}' || is_space(c))) return NULL;
        keep(f, take(f));
        if (text) {
            text = escaped || c != '"';
            escaped = !escaped && c == '\\';
            if (!text && !depth) return NULL;
            continue;
        }
        text = c == '"';
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        if (!text && !depth && (c == '}' || c == ']')) return NULL;
    }
}

static void begin_item(json_feed *f) {
    f->len = 0;
    f->cut = false;
}

static bool hand_out(json_feed *f, feed_item *item, int64_t line, const char *odd) {
    if (f->failed) return false;
    *item = (feed_item){line, {f->item, f->len}, odd};
    if (!odd && f->cut) item->odd = "the element is longer than 16 MiB";
    return true;
}

static bool give_up(json_feed *f, feed_item *item, const char *odd) {
    begin_item(f);
    f->done = true;
    return hand_out(f, item, ++f->count, odd);
}

// After a broken element: goes to the next line that begins an object.
static void find_next(json_feed *f) {
    f->lost = true;
    for (int c = look(f); c != END; c = look(f)) {
        while (look(f) != END && take(f) != '\n') {
        }
        if (skip_space(f) == '{') return;
    }
}

static bool element(json_feed *f, feed_item *item) {
    begin_item(f);
    const char *odd = take_value(f);
    if (odd) find_next(f);
    return hand_out(f, item, ++f->count, odd);
}

// The next element of the list that is open; false at its end. Between elements only commas and space are expected.
static bool in_list(json_feed *f, feed_item *item, bool *got) {
    *got = false;
    for (;;) {
        int c = skip_space(f);
        if (c == END) {
            f->done = true;
            *got = !f->lost && give_up(f, item, "the list does not end; is the file complete?");
            return *got;
        }
        if (c == ',' || (f->lost && c != '{')) {
            take(f);
            continue;
        }
        if (c == ']') return take(f), false;
        if (c == '}' || c == ':') {
            *got = give_up(f, item, "the list is broken here; the rest of the file was not read");
            return *got;
        }
        *got = element(f, item);
        return *got;
    }
}

static bool next_line(json_feed *f, feed_item *item) {
    for (;;) {
        if (look(f) == END) return false;
        begin_item(f);
        int64_t line = f->line;
        for (int c = take(f); c != END && c != '\n'; c = take(f)) keep(f, c);
        str text = str_trim((str){f->item, f->len});
        if (!text.len) continue;
        bool ok = hand_out(f, item, line, NULL);
        item->text = text;
        return ok;
    }
}

static bool next_value(json_feed *f, feed_item *item) {
    while (skip_space(f) == ',') take(f);
    int c = look(f);
    if (c == END) return false;
    if (c != '}' && c != ']') return element(f, item);
    begin_item(f);
    keep(f, take(f));
    return hand_out(f, item, ++f->count, "a bracket is closed that was not opened");
}

static bool next_of_array(json_feed *f, feed_item *item) {
    while (!f->done) {
        bool got = false;
        if (f->inside && in_list(f, item, &got)) return true;
        if (f->done) return false;
        f->inside = skip_space(f) == '[';
        if (f->inside)
            take(f);
        else
            return next_value(f, item);
    }
    return false;
}

static bool take_key(json_feed *f, str *key) {
    size_t n = 0;
    bool escaped = false;
    if (take(f) != '"') return false;
    for (int c = take(f); c != END && (escaped || c != '"'); c = take(f)) {
        escaped = !escaped && c == '\\';
        if (n < KEY_MAX) f->key[n++] = (char)c;
    }
    *key = (str){f->key, n};
    return skip_space(f) == ':' && take(f) == ':';
}

// One step through the object around the list. What = what was met: an element, nothing yet, or the end.
enum step { STEP_ON, STEP_ITEM, STEP_END, STEP_BROKEN };

static enum step member(json_feed *f, feed_item *item) {
    str key;
    if (!take_key(f, &key)) return STEP_BROKEN;
    int c = skip_space(f);
    bool mine = str_eq(key, f->path[f->level - 1]), last = f->level == f->n_path;
    if (mine && last && c == '[') {
        take(f);
        f->inside = true;
        return STEP_ON;
    }
    if (mine && last && c == '{') return element(f, item) ? STEP_ITEM : STEP_END;
    if (mine && !last && c == '{') {
        take(f);
        f->level++;
        return STEP_ON;
    }
    begin_item(f);
    return take_value(f) ? STEP_BROKEN : STEP_ON;
}

static enum step around(json_feed *f, feed_item *item) {
    int c = skip_space(f);
    if (!f->level) {
        if (c == END) return STEP_END;
        if (c != '{') return STEP_BROKEN;
        take(f);
        f->level = 1;
        return STEP_ON;
    }
    if (c == '}') f->level--;
    if (c == '}' || c == ',') return take(f), STEP_ON;
    return c == '"' ? member(f, item) : STEP_BROKEN;
}

static bool next_of_list(json_feed *f, feed_item *item) {
    while (!f->done) {
        bool got = false;
        if (f->inside && in_list(f, item, &got)) return true;
        f->inside = false;
        if (f->done) return false;
        enum step s = around(f, item);
        if (s == STEP_ITEM) return true;
        if (s == STEP_END) return false;
        if (s == STEP_BROKEN) return give_up(f, item, "the object around the list is broken here");
    }
    return false;
}

bool feed_next(json_feed *f, feed_item *item, err *e) {
    f->e = e;
    if (f->done || f->failed) return false;
    switch (f->shape) {
    case SHAPE_VALUES: return next_value(f, item);
    case SHAPE_LINES: return next_line(f, item);
    case SHAPE_ARRAY: return next_of_array(f, item);
    case SHAPE_LIST: return next_of_list(f, item);
    }
    return false;
}
