#include "listen/json_feed.h"

// Names under which systems put the list of what was asked for; the first that is there wins.
static const char *const list_names[] = {
    "tickets", "conversations", "contacts", "orders",   "customers", "reviews", "responses", "items",
    "events",  "charges",       "payments", "entry",    "entries",   "data",    "results",   "records",
    "rows",    "list",          "users",    "messages", "batch",     "value",   "refunds",   "subscriptions",
};
// Objects that only wrap the one that holds the list.
static const char *const wrappers[] = {"feed", "data", "response", "result", "payload", "_embedded", "body"};
// An object with one of these is a thing of its own: what it lists belongs to it.
static const char *const identities[] = {
    "id", "_id", "uuid", "guid", "token", "key", "event_id", "ticket_id", "order_id", "response_id", "number", "gid",
};
// What else stands beside a list of answers to a question.
static const char *const company[] = {
    "count",      "total",    "total_count",   "total_items",   "page",          "pages",
    "page_count", "per_page", "next",          "next_page",     "previous",      "previous_page",
    "has_more",   "links",    "meta",          "paging",        "url",           "object",
    "type",       "cursor",   "after_cursor",  "before_cursor", "after_url",     "before_url",
    "status",     "success",  "end_of_stream", "end_time",      "nextPageToken", "tokenPagination",
};

static bool one_of(str x, const char *const *names, size_t n, size_t *at) {
    for (size_t i = 0; i < n; i++)
        if (str_eq(x, str_c(names[i]))) {
            if (at) *at = i;
            return true;
        }
    return false;
}

typedef struct {
    str x;
    size_t i;
} scan;

static char peek(scan *s) {
    while (s->i < s->x.len && strchr(" \t\r\n", s->x.s[s->i])) s->i++;
    return s->i < s->x.len ? s->x.s[s->i] : '\0';
}

// After the closing quote; false when the text ends before.
static bool pass_string(scan *s) {
    for (s->i++; s->i < s->x.len; s->i++) {
        if (s->x.s[s->i] == '\\')
            s->i++;
        else if (s->x.s[s->i] == '"') {
            s->i++;
            return true;
        }
    }
    return false;
}

static bool pass_value(scan *s) {
    size_t depth = 0;
    if (!peek(s)) return false;
    while (s->i < s->x.len) {
        char c = s->x.s[s->i];
        if (c == '"') {
            if (!pass_string(s)) return false;
        } else {
            if ((c == '}' || c == ']' || c == ',') && !depth) return true;
            depth += c == '{' || c == '[';
            depth -= c == '}' || c == ']';
            s->i++;
        }
        if (!depth && (c == '"' || c == '}' || c == ']')) return true;
    }
    return false;
}

// The next member of the object that s stands in: its key, and s at its value. False after the last.
static bool next_member(scan *s, str *key) {
    while (peek(s) == ',') s->i++;
    if (peek(s) != '"') return false;
    size_t from = s->i + 1;
    if (!pass_string(s)) return false;
    *key = str_sub(s->x, from, s->i - 1 - from);
    if (peek(s) != ':') return false;
    s->i++;
    return peek(s) != '\0';
}

typedef struct {
    str key, inside; // inside: the wrapper's key, or empty
    size_t rank;
    bool found, identity;
    int strangers; // members that are neither lists nor known company
    int unknown;   // lists under a name we do not know
} search;

static bool list_of_objects(scan s, bool *empty) {
    s.i++;
    char c = peek(&s);
    *empty = c == ']';
    return c == '{' || c == ']';
}

static void consider(search *f, str key, str inside, size_t rank) {
    if (f->found && f->rank <= rank) return;
    *f = (search){key, inside, rank, true, f->identity, f->strangers, f->unknown};
}

static void look_inside(search *f, scan s, str wrapper) {
    str key;
    size_t rank = 0;
    s.i++;
    do {
        if (!next_member(&s, &key)) return;
        bool empty = false, single = str_eq(key, S("entry")) && s.x.s[s.i] == '{';
        bool list = s.x.s[s.i] == '[' && list_of_objects(s, &empty);
        if ((list || single) && one_of(key, list_names, COUNT(list_names), &rank))
            consider(f, key, wrapper, 100 + rank);
    } while (pass_value(&s));
}

static void look_at(search *f, scan *s, str key) {
    size_t rank = 0;
    bool empty = false;
    char c = s->x.s[s->i];
    if (c == '[' && list_of_objects(*s, &empty)) {
        if (one_of(key, list_names, COUNT(list_names), &rank))
            consider(f, key, S(""), rank);
        else if (!empty) {
            f->unknown++;
            consider(f, key, S(""), 1000);
        }
        return;
    }
    if (c == '{' && one_of(key, wrappers, COUNT(wrappers), NULL)) look_inside(f, *s, key);
    if (c != '{' && c != '[' && one_of(key, identities, COUNT(identities), NULL)) f->identity = true;
    f->strangers += !one_of(key, company, COUNT(company), NULL);
}

// The list inside the object at the beginning of x, if it is but an envelope. sole, and so where another value follows:
// only a list of a known name with nothing beside it but what is known to go with lists.
static bool find_list(arena *a, str x, bool sole, str *path) {
    scan s = {x, 1};
    search f = {0};
    str key;
    do {
        if (!next_member(&s, &key)) break;
        look_at(&f, &s, key);
    } while (pass_value(&s));
    if (!f.found || f.identity) return false;
    if (peek(&s) == '}') s.i++, sole = sole || peek(&s);
    bool unknown = f.rank == 1000;
    if (unknown && (sole || f.unknown > 1)) return false;
    if ((unknown || sole) && f.strangers) return false;
    *path = f.inside.len ? str_fmt(a, "%.*s.%.*s", STR_ARG(f.inside), STR_ARG(f.key)) : str_dup(a, f.key);
    return true;
}

// One value per line: most lines begin an object at the margin, at least two do, and most of those end it. In pretty
// text objects begin lines too, but those are indented.
static bool one_per_line(str head) {
    int begun = 0, ended = 0, other = 0;
    for (str rest = head; rest.s && begun + other < 200;) {
        str line = str_cut(&rest, '\n'), inner = str_trim(line);
        if (!inner.len) continue;
        bool begins = str_starts(line, S("{")) && inner.len > 1;
        begun += begins;
        ended += begins && str_ends(inner, S("}"));
        other += !begins;
    }
    return begun >= 2 && ended * 2 > begun && begun > other;
}

enum json_shape feed_shape(arena *a, str head, str *key) {
    *key = S("");
    str x = str_trim(head);
    if (str_starts(x, S("\xEF\xBB\xBF"))) x = str_trim(str_sub(x, 3, x.len));
    if (str_starts(x, S("["))) return SHAPE_ARRAY;
    if (!str_starts(x, S("{"))) return SHAPE_VALUES;
    bool lines = one_per_line(x); // of records, or of pages of a list
    if (find_list(a, x, lines, key)) return SHAPE_LIST;
    return lines ? SHAPE_LINES : SHAPE_VALUES;
}
