#include "base/log.h"

#include "base/json.h"

#include <stdarg.h>

enum { LINE = 8 << 10 };

static void put_time(buf *b, const logger *l) {
    if (!l->now_us) return;
    int64_t us = l->now_us(l->ctx);
    time_t s = (time_t)(us / 1000000 - (us % 1000000 < 0));
    struct tm t;
    char text[40] = "";
    if (gmtime_r(&s, &t)) strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &t);
    buf_fmt(b, "%s.%03dZ", text, (int)((us - (int64_t)s * 1000000) / 1000));
}

// Bare if a reader can still see where it ends; quoted as in JSON otherwise, so that a value never looks like a line.
static void put_value(buf *b, str v) {
    bool bare = v.len > 0;
    for (size_t i = 0; i < v.len; i++) bare &= v.s[i] > ' ' && v.s[i] < 0x7F && v.s[i] != '"' && v.s[i] != '=';
    if (bare)
        buf_add(b, v);
    else
        buf_json_str(b, v);
}

static void put_text(buf *b, const logger *l, const char *level, const char *what, va_list fields) {
    put_time(b, l);
    buf_fmt(b, "%s%-5s %s", b->len ? " " : "", level, what);
    for (const char *key; (key = va_arg(fields, const char *));) {
        buf_fmt(b, " %s=", key);
        put_value(b, str_c(va_arg(fields, const char *)));
    }
}

static void put_json(buf *b, arena *scratch, const logger *l, const char *level, const char *what, va_list fields) {
    json_out j = json_to(b);
    json_open(&j, NULL, '{');
    if (l->now_us) {
        buf at = buf_new(scratch, 64);
        put_time(&at, l);
        json_put_str(&j, "at", buf_str(&at));
    }
    json_put_str(&j, "level", str_c(level));
    json_put_str(&j, "what", str_c(what));
    for (const char *key; (key = va_arg(fields, const char *));)
        json_put_str(&j, key, str_c(va_arg(fields, const char *)));
    json_close(&j, '}');
}

void log_line(const logger *l, enum log_level level, const char *what, ...) {
    static const char *const names[] = {"debug", "info", "warn", "error"};
    if (level < l->least) return;
    arena a = arena_open(4 * LINE);
    buf b = buf_new(&a, LINE - 1);
    va_list fields;
    va_start(fields, what);
    if (l->json)
        put_json(&b, &a, l, names[level], what, fields);
    else
        put_text(&b, l, names[level], what, fields);
    va_end(fields);
    FILE *out = l->out ? l->out : stderr;
    if (b.full) {
        // Half a line of JSON is no line; one that says so is.
        buf_reset(&b);
        buf_fmt(&b,
                l->json ? "{\"level\":\"%s\",\"what\":\"a line longer than %d bytes\"}"
                        : "%s a line longer than %d bytes",
                names[level], LINE);
    }
    buf_addc(&b, '\n');
    fwrite(b.s, 1, b.len, out); // in one piece, so that lines of several threads do not mix
    fflush(out);
    arena_close(&a);
}
