#include "json_rows.h"

#include "base/money.h"
#include "base/rng.h"
#include "listen/json_heed.h"

extern const adapter ADAPTER_heed_events;

static heard_rows rows;

// A reading without a file: one line at a time, by either way.
typedef struct {
    arena life;
    listen_opts opts;
    heard out;
    reading r;
} bench;

static void bench_open(bench *b) {
    err e = {0};
    zone *z = NULL;
    *b = (bench){.life = arena_open(64 << 20)};
    b->out.events = make(&b->life, event, ROW_EVENTS);
    assert_ok(zone_open(&b->life, S(""), &z, &e), e);
    b->r = (reading){.opts = &b->opts, .as = &ADAPTER_heed_events, .life = &b->life, .z = z, .utc = z, .out = &b->out};
    b->r.money = currency_of(S("EUR"));
    b->r.row = arena_open(16 << 20);
}

static void bench_close(bench *b) {
    arena_close(&b->r.row);
    arena_close(&b->life);
}

static void start(bench *b, str line) {
    arena_reset(&b->r.row);
    b->out = (heard){.events = b->out.events, .raw = line};
}

static void by_line(bench *b, str line) {
    start(b, line);
    ADAPTER_heed_events.row(&b->r);
}

// The way that a value takes which was parsed by somebody else: jansson alone.
static void by_value(bench *b, str line) {
    json_t *v = NULL;
    err e = {0};
    start(b, line);
    if (json_read(line, &v, &e))
        ADAPTER_heed_events.item(&b->r, v);
    else
        reject(&b->r, "event", "%s", e.msg);
    json_decref(v);
}

static bool same_event(const event *x, const event *y) {
    const str xs[] = {x->ext,  x->thread,  x->text,    x->lang,  x->topic,
                      x->name, x->country, x->segment, x->staff, x->extra};
    const str ys[] = {y->ext,  y->thread,  y->text,    y->lang,  y->topic,
                      y->name, y->country, y->segment, y->staff, y->extra};
    for (size_t i = 0; i < COUNT(xs); i++)
        if (!str_eq(xs[i], ys[i])) return false;
    if (x->n_ids != y->n_ids) return false;
    for (int i = 0; i < x->n_ids; i++)
        if (x->ids[i].kind != y->ids[i].kind || !str_eq(x->ids[i].value, y->ids[i].value)) return false;
    return x->kind == y->kind && x->channel == y->channel && x->at_us == y->at_us && x->edited_us == y->edited_us &&
           x->value == y->value && x->has_value == y->has_value && x->unit == y->unit && x->mood == y->mood &&
           x->quantity == y->quantity;
}

static void compare(bench *fast, bench *slow, str line) {
    by_line(fast, line);
    by_value(slow, line);
    const heard *const x = &fast->out, *const y = &slow->out;
    const bool same = x->rejected == y->rejected && x->n == y->n && str_eq(x->field, y->field) &&
                      str_eq(x->reason, y->reason) &&
                      (x->rejected || (same_event(&x->events[0], &y->events[0]) && str_eq(x->source, y->source)));
    if (!same) fail_msg("the two ways differ on %.*s", STR_ARG(line));
}

// Random lines

static const char *pick(rng *r, const char *const *list, size_t n) {
    return list[rng_range(r, 0, (int64_t)n - 1)];
}
#define PICK(r, ...) pick(r, (const char *const[]){__VA_ARGS__}, COUNT(((const char *const[]){__VA_ARGS__})))

static void put_blank(rng *r, buf *b) {
    if (rng_chance(r, 0.03)) buf_add(b, str_c(PICK(r, " ", "  ", "\t", " \n")));
}

static void put_text(rng *r, buf *b) {
    buf_addc(b, '"');
    for (int64_t n = rng_range(r, 0, 12); n > 0; n--)
        buf_add(b, str_c(rng_chance(r, 0.985)
                             ? PICK(r, "a", "Z", "7", " ", "-", ":", "@", ".", "{", "}", "[", "]", ",", "é", "日", "🚀",
                                    "\x7F")
                             : PICK(r, "\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\ud83d\\ude80", "\\t", "\\b", "\\f",
                                    "\\r", "\\u0041", "\\x", "\t", "\xFF", "\xED\xA0\x80", "\\u0000", "\\ud83d")));
    buf_addc(b, '"');
}

static void put_number(rng *r, buf *b) {
    if (rng_chance(r, 0.9))
        buf_i64(b, rng_range(r, -1000, 100000));
    else
        buf_add(b, str_c(PICK(r, "1.0", "1.5", "1e3", "-0", "01", "999999999999999999", "9223372036854775807",
                              "9223372036854775808", "-", "--1", "1e999", "0", "123456789012345678901")));
}

static void put_strange(rng *r, buf *b) {
    buf_add(b, str_c(PICK(r, "null", "true", "false", "{}", "[]", "[1,\"a\"]", "{\"a\":{\"b\":1}}", "nul", "\"\"",
                          "1.25")));
}

static void put_ids(rng *r, buf *b) {
    const bool list = rng_chance(r, 0.3);
    buf_addc(b, list ? '[' : '{');
    for (int64_t i = 0, n = rng_range(r, 0, rng_chance(r, 0.05) ? 12 : 3); i < n; i++) {
        if (i) buf_addc(b, ',');
        put_blank(r, b);
        const char *const kind =
            PICK(r, "user_id", "email", "phone", "shopify_id", "name", "anonymous_id", "nobody", "");
        buf_fmt(b, list ? "[\"%s\"," : "\"%s\":", kind);
        if (rng_chance(r, 0.05))
            put_strange(r, b);
        else if (rng_chance(r, 0.3))
            buf_add(b, str_c(PICK(r, "\"Ana@Example.com\"", "\"+4915155501234\"", "\"null\"", "7")));
        else
            put_text(r, b);
        if (list) buf_addc(b, ']');
    }
    buf_addc(b, list ? ']' : '}');
}

static void put_extra(rng *r, buf *b) {
    buf_addc(b, '{');
    for (int64_t i = 0, n = rng_range(r, 0, rng_chance(r, 0.05) ? 20 : 4); i < n; i++) {
        if (i) buf_addc(b, ',');
        if (rng_chance(r, 0.8))
            buf_fmt(b, "\"k%d\"", (int)i);
        else
            put_text(r, b);
        buf_addc(b, ':');
        put_blank(r, b);
        if (rng_chance(r, 0.5))
            put_text(r, b);
        else if (rng_chance(r, 0.7))
            put_number(r, b);
        else
            put_strange(r, b);
    }
    buf_addc(b, '}');
}

static void put_value(rng *r, buf *b, str name) {
    const bool odd = rng_chance(r, 0.02);
    if (odd)
        put_strange(r, b);
    else if (str_eq(name, S("ids")))
        put_ids(r, b);
    else if (str_eq(name, S("extra")))
        put_extra(r, b);
    else if (str_eq(name, S("kind")))
        buf_fmt(b, "\"%s\"",
                PICK(r, "order", "answer", "message_in", "return", "identify", "contract_start", "usage", "x"));
    else if (str_eq(name, S("at")) || str_eq(name, S("edited")))
        buf_add(b, str_c(PICK(r, "\"2026-01-02T03:04:05Z\"", "\"2026-02-29T03:04:05Z\"", "\"2026-01-02T03:04:05.5Z\"",
                              "\"2024-02-29T23:59:59Z\"", "\"2026-01-02\"", "1767312245", "\"1999-12-31T23:59:60Z\"")));
    else if (str_eq(name, S("channel")))
        buf_fmt(b, "\"%s\"", PICK(r, "shop", "web", "store", "unknown", "pigeon"));
    else if (str_eq(name, S("unit")))
        buf_fmt(b, "\"%s\"", PICK(r, "EUR", "jpy", "nps", "csat5", "XXY", "USD"));
    else if (str_eq(name, S("mood")))
        buf_i64(b, rng_range(r, -2, 2));
    else if (str_eq(name, S("value")) || str_eq(name, S("quantity")))
        put_number(r, b);
    else
        put_text(r, b);
}

static str random_line(rng *r, arena *a) {
    static const char *const names[] = {"kind",    "at",    "ext",      "channel", "ids",   "value", "unit",
                                        "thread",  "text",  "lang",     "topic",   "mood",  "name",  "country",
                                        "segment", "staff", "quantity", "edited",  "extra", "source"};
    buf b = buf_new(a, 1 << 16);
    bool first = true;
    buf_addc(&b, '{');
    for (size_t i = 0; i < COUNT(names); i++) {
        if (rng_chance(r, i < 3 ? 0.02 : 0.6)) continue;
        if (!first) buf_addc(&b, ',');
        first = false;
        const char *const name = rng_chance(r, 0.01) ? PICK(r, "kind", "text", "colour", "Kind", "") : names[i];
        put_blank(r, &b);
        buf_fmt(&b, "\"%s\"", name);
        put_blank(r, &b);
        buf_addc(&b, ':');
        put_blank(r, &b);
        put_value(r, &b, str_c(name));
        put_blank(r, &b);
    }
    buf_add(&b, str_c(rng_chance(r, 0.98) ? "}" : PICK(r, "", "}}", "} x", ",}", "}\n")));
    return buf_str(&b);
}

static void both_ways_say_the_same(void **state) {
    (void)state;
    enum { ROUNDS = 200000 };
    bench fast, slow;
    bench_open(&fast);
    bench_open(&slow);
    rng r = rng_seed(2026);
    int quick = 0, said_something = 0;
    arena a = arena_open(4 << 20);
    for (int i = 0; i < ROUNDS; i++) {
        arena_reset(&a);
        heed_wire w;
        const str line = random_line(&r, &a);
        compare(&fast, &slow, line);
        quick += heed_wire_fast(&a, line, &w);
        said_something += !fast.out.rejected;
    }
    assert_in_range(quick, ROUNDS / 4, ROUNDS * 3 / 4); // both ways were taken, and both outcomes seen
    assert_in_range(said_something, ROUNDS / 10, ROUNDS * 9 / 10);
    arena_close(&a);
    bench_close(&slow);
    bench_close(&fast);
}

// Each prefix and each single changed byte of a good line.
static void damaged_lines_are_the_same_both_ways(void **state) {
    (void)state;
    static const char good[] = "{\"kind\":\"order\",\"at\":\"2026-01-02T03:04:05Z\",\"ext\":\"order:7\",\"channel\":"
                               "\"shop\",\"ids\":{\"user_id\":"
                               "\"7\",\"email\":\"a@b.de\"},\"value\":1234,\"unit\":\"EUR\",\"text\":\"a\\nb\","
                               "\"extra\":{\"k\":1,\"l\":\"m\"}}";
    static const char bytes[] = "\"\\{}[]:, 09-xn\n\x80";
    bench fast, slow;
    bench_open(&fast);
    bench_open(&slow);
    for (size_t n = 0; n < sizeof good; n++) compare(&fast, &slow, (str){good, n});
    for (size_t i = 0; i + 1 < sizeof good; i++)
        for (size_t k = 0; k + 1 < sizeof bytes; k++) {
            char line[sizeof good];
            memcpy(line, good, sizeof good);
            line[i] = bytes[k];
            compare(&fast, &slow, (str){line, sizeof good - 1});
        }
    bench_close(&slow);
    bench_close(&fast);
}

static void a_file_of_events(void **state) {
    (void)state;
    hear(&rows, "tests/listen/data/heed-events.json", (listen_opts){.zone = S("Europe/Berlin")});
    assert_str(rows.as.adapter, S("heed-events"));
    assert_int_equal(rows.rows, 21);
    assert_int_equal(rows.n, 4);
    assert_int_equal(rows.rejected, 17);
    const event *const order = said(&rows, "order:1");
    assert_at(&rows, order->at_us, "2026-01-02T03:04:05Z");
    assert_value(order, 1234, 978);
    assert_int_equal(order->ids[0].kind, IDENT_user_id); // the strongest first, however the object lists them
    assert_str(id_of(order, IDENT_email), S("ana@example.com"));
    assert_str(order->extra, S("\"sku\":\"B-1\",\"gift\":true"));
    assert_str(order->name, S("Ana Ruiz"));
    assert_str(order->segment, S("gold"));
    assert_int_equal(order->quantity, 2);
    const event *const answer = said(&rows, "a:1");
    assert_int_equal(answer->ids[0].kind, IDENT_email); // an array says which one names the profile
    assert_value(answer, 900, INSTRUMENT_nps);
    assert_str(answer->text, S("Great \xF0\x9F\x9A\x80\n\"coffee\""));
    assert_int_equal(answer->mood, 1);
    assert_at(&rows, answer->edited_us, "2026-01-04T00:00:00Z");
    const event *const back = said(&rows, "7");
    assert_kind(back, return_);
    assert_value(back, 500, 978);
    assert_str(back->extra, S("\"colour\":\"red\"")); // a member that heed does not know is kept
    assert_str(id_of(back, IDENT_phone), S("+4915155501234"));
    assert_at(&rows, said(&rows, "m:1")->at_us, "2026-01-02T02:04:05Z"); // no zone: the one asked for
    forget(&rows);
}

static void refusals_name_the_field(void **state) {
    (void)state;
    static const char *const fields[] = {"kind", "at",      "ext",  "at",   "unit",  "value",  "unit", "value", "value",
                                         "ids",  "channel", "mood", "text", "extra", "edited", "ids",  "event"};
    hear(&rows, "tests/listen/data/heed-events.json", (listen_opts){0});
    assert_int_equal(rows.n_kept, COUNT(fields));
    for (size_t i = 0; i < COUNT(fields); i++) assert_str(rows.kept[i].field, str_c(fields[i]));
    assert_str(rows.kept[0].reason, S("'ordre' is no kind of event"));
    forget(&rows);
}

// What is exported comes back as it was: every kind, channel, instrument and identifier by its name.
static void every_name_is_understood(void **state) {
    (void)state;
    bench b;
    bench_open(&b);
    for (int k = 1; k < 64; k++) {
        const str name = kind_name((enum kind)k);
        if (!name.len) continue;
        by_line(&b,
                str_fmt(&b.life, "{\"kind\":\"%.*s\",\"at\":\"2026-01-02T03:04:05Z\",\"ext\":\"x\"}", STR_ARG(name)));
        assert_false(b.out.rejected);
        assert_int_equal(b.out.events[0].kind, k);
    }
    for (int c = 0; c < 32; c++) {
        const str name = channel_name((enum channel)c);
        if (!name.len) continue;
        by_line(&b, str_fmt(&b.life,
                            "{\"kind\":\"usage\",\"at\":\"2026-01-02T03:04:05Z\",\"ext\":\"x\",\"channel\":\"%.*s\"}",
                            STR_ARG(name)));
        assert_false(b.out.rejected);
        assert_int_equal(b.out.events[0].channel, c);
    }
    for (int i = 1; i < 32; i++) {
        int lo = 0, hi = 0;
        if (!instrument_range((enum instrument)i, &lo, &hi)) continue;
        for (int over = 0; over < 2; over++) {
            by_line(&b, str_fmt(&b.life,
                                "{\"kind\":\"answer\",\"at\":\"2026-01-02T03:04:05Z\",\"ext\":\"x\",\"value\":%d,"
                                "\"unit\":\"%.*s\"}",
                                hi * 100 + over, STR_ARG(instrument_name((enum instrument)i))));
            assert_int_equal(b.out.rejected, over);
        }
    }
    bench_close(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_say_the_same),   cmocka_unit_test(damaged_lines_are_the_same_both_ways),
        cmocka_unit_test(a_file_of_events),         cmocka_unit_test(refusals_name_the_field),
        cmocka_unit_test(every_name_is_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
