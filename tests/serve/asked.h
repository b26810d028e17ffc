// asked: what tests of the API share: a sample company made once, answers as JSON, events sent to it.
#ifndef HEED_ASKED_H
#define HEED_ASKED_H

#include "rig.h"

static char sample_base[260];

static inline int make_sample(void **state) {
    (void)state;
    char dir[200];
    rig_dir(dir, sizeof dir);
    snprintf(sample_base, sizeof sample_base, "%s/base", dir);
    rig_fill(sample_base);
    return 0;
}

static inline int drop_sample(void **state) {
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%.*s'", (int)(strrchr(sample_base, '/') - sample_base), sample_base);
    return system(command);
}

// The answer as JSON (the caller owns it); another status than wanted fails.
static inline json_t *ask_json(serve_rig *r, const char *method, str path, const char *body, int status) {
    char text[2000];
    snprintf(text, sizeof text, "%.*s", STR_ARG(path));
    const response *got = serve_ask(r, method, text, body, "owner");
    if (got->status != status) fail_msg("%.*s answered %d %.*s", STR_ARG(path), got->status, STR_ARG(got->body));
    return got->body.len ? serve_json(r) : NULL;
}

static inline json_t *get_json(serve_rig *r, str path) {
    return ask_json(r, "GET", path, "", 200);
}

// A tracking call of a program, brought up to date.
static inline void send_event(serve_rig *r, const char *path, const char *body) {
    who w = {.kind = WHO_KEY, .id = 1, .name = S("web"), .needs = N(intake), .source_id = 1, .source = S("web")};
    const response *got = serve_ask_as(r, "POST", path, NULL, 0, str_c(body), &w);
    if (got->status != 200) fail_msg("%s answered %d %.*s", path, got->status, STR_ARG(got->body));
    serve_settle(r);
}

// Follows a list to its end: calls back for every item.
static inline size_t each_item(serve_rig *r, str path, void (*fn)(void *ctx, const json_t *item), void *ctx) {
    size_t n = 0, i;
    json_t *item;
    char next[80] = "", text[1000];
    do {
        snprintf(text, sizeof text, "%.*s%s%s%s", STR_ARG(path), *next ? str_has(path, S("?")) ? "&" : "?" : "",
                 *next ? "after=" : "", next);
        json_t *page = get_json(r, str_c(text));
        json_array_foreach(json_object_get(page, "items"), i, item) fn(ctx, item), n++;
        str more = json_text(json_object_get(page, "next"));
        snprintf(next, sizeof next, "%.*s", STR_ARG(more));
        json_decref(page);
    } while (*next);
    return n;
}

#endif
