// What is written as heed's own events is read back as the same events, and members keep their text.
#include "test.h"

#include "base/rng.h"
#include "know/members.h"
#include "know/wire.h"
#include "listen/listen.h"

typedef struct {
    arena a;
    event ev;
    str source, why;
    int n;
} taken;

static bool take_row(void *ctx, const heard *h, err *e) {
    taken *t = ctx;
    (void)e;
    t->n += h->n;
    t->why = str_dup(&t->a, h->reason);
    if (!h->n) return true;
    t->source = str_dup(&t->a, h->source);
    t->ev = h->events[0];
    str *const texts[] = {&t->ev.ext,  &t->ev.thread,  &t->ev.text,    &t->ev.lang,  &t->ev.topic,
                          &t->ev.name, &t->ev.country, &t->ev.segment, &t->ev.staff, &t->ev.extra};
    for (size_t i = 0; i < COUNT(texts); i++) *texts[i] = str_dup(&t->a, *texts[i]);
    for (int i = 0; i < t->ev.n_ids; i++) t->ev.ids[i].value = str_dup(&t->a, t->ev.ids[i].value);
    return true;
}

static const char *const bits[] = {"a", "B", " ", "7", "\"", "\\", "\n", "\t", "{",
                                   "}", "[", ",", ":", "é",  "日", "🚀",  "'"};

static str random_text(arena *a, rng *r, int most) {
    buf b = buf_new(a, 1000);
    for (int64_t n = rng_range(r, 0, most); n > 0; n--) buf_add(&b, str_c(bits[rng_range(r, 0, COUNT(bits) - 1)]));
    return buf_str(&b);
}

static str word(arena *a, rng *r) {
    return str_fmt(a, "w%d", (int)rng_range(r, 0, 999));
}

static event random_event(arena *a, rng *r) {
    static const enum kind kinds[] = {
        KIND_order, KIND_refund,         KIND_answer,   KIND_review,    KIND_message_in,
        KIND_usage, KIND_contract_start, KIND_identify, KIND_complaint, KIND_conversation_solved};
    event ev = {.kind = kinds[rng_range(r, 0, COUNT(kinds) - 1)],
                .channel = (enum channel)rng_range(r, 0, 16),
                .at_us = rng_range(r, 1, INT64_C(2000000000000000)),
                .ext = word(a, r),
                .mood = rng_chance(r, 0.5) ? MOOD_UNKNOWN : (int)rng_range(r, -1, 1)};
    if (rng_chance(r, 0.3)) ev.edited_us = ev.at_us + rng_range(r, 1, 1000000000);
    if (kind_class(ev.kind) == CLASS_MONEY || kind_class(ev.kind) == CLASS_CONTRACT)
        ev.has_value = true, ev.value = rng_range(r, -100000, 100000), ev.unit = rng_chance(r, 0.5) ? 978 : 392;
    if (ev.kind == KIND_answer || ev.kind == KIND_review)
        ev.has_value = true, ev.value = 100 * rng_range(r, 1, 5), ev.unit = INSTRUMENT_stars5;
    if (rng_chance(r, 0.5)) ev.thread = word(a, r);
    ev.text = random_text(a, r, 30), ev.topic = random_text(a, r, 4), ev.name = random_text(a, r, 8);
    if (rng_chance(r, 0.5)) ev.lang = S("de"), ev.country = S("AT"), ev.segment = random_text(a, r, 3);
    if (rng_chance(r, 0.3)) ev.quantity = rng_range(r, 1, 99);
    if (rng_chance(r, 0.4)) ev.extra = S("\"k\":1.50,\"text\":\"mine\",\"deep\":{\"a\":[1,\"}\"]},\"source\":\"web\"");
    if (rng_chance(r, 0.7)) ev.ids[ev.n_ids++] = (ident){IDENT_user_id, word(a, r)};
    if (rng_chance(r, 0.7)) ev.ids[ev.n_ids++] = (ident){IDENT_email, str_fmt(a, "u%d@x.org", (int)rng_range(r, 0, 9))};
    return ev;
}

static void check_same(const event *x, const event *y, str line) {
    const str xs[] = {x->ext, x->thread, x->text, x->lang, x->topic, x->name, x->country, x->segment, x->staff};
    const str ys[] = {y->ext, y->thread, y->text, y->lang, y->topic, y->name, y->country, y->segment, y->staff};
    bool same = x->kind == y->kind && x->channel == y->channel && x->at_us == y->at_us &&
                x->edited_us == y->edited_us && x->has_value == y->has_value && x->value == y->value &&
                x->unit == y->unit && x->mood == y->mood && x->quantity == y->quantity && x->n_ids == y->n_ids &&
                (x->extra.len > 0) == (y->extra.len > 0);
    for (size_t i = 0; i < COUNT(xs); i++) same &= str_eq(xs[i], ys[i]);
    for (int i = 0; same && i < x->n_ids; i++)
        same = x->ids[i].kind == y->ids[i].kind && str_eq(x->ids[i].value, y->ids[i].value);
    if (!same) fail_msg("not the same again: %.*s", STR_ARG(line));
}

static void lines_are_read_back(void **state) {
    (void)state;
    rng r = rng_seed(11);
    for (int i = 0; i < 4000; i++) {
        arena a = arena_open(1 << 22);
        taken t = {.a = arena_open(1 << 22)};
        err e = {0};
        event ev = random_event(&a, &r);
        buf line = buf_new(&a, 1 << 20);
        wire w = wire_of_event(&a, S("sho\"p"), &ev);
        wire_line(&line, &w);
        str text = str_sub(buf_str(&line), 0, line.len - 1);
        assert_true(str_find(text, '\n') < 0);
        sink to = {.row = take_row, .ctx = &t};
        listen_opts how = {0};
        assert_ok(listen_again(&t.a, S("heed-events"), S(""), text, &how, &to, &e), e);
        if (t.n != 1) fail_msg("%.*s: %.*s", STR_ARG(t.why), STR_ARG(text));
        assert_str(t.source, S("sho\"p"));
        check_same(&ev, &t.ev, text);
        arena_close(&t.a);
        arena_close(&a);
    }
}

static void members_keep_their_text(void **state) {
    (void)state;
    static const struct {
        const char *name, *value;
    } want[] = {{"a", "1.50"}, {"b\\\"", "\"x,}\\\"\""}, {"c", "{\"d\":[1,\"]\"]}"}, {"e", "null"}};
    str rest = members_of(S(" { \"a\" : 1.50 ,\"b\\\"\":\"x,}\\\"\", \"c\":{\"d\":[1,\"]\"]},\"e\":null} "));
    member m;
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_true(member_next(&rest, &m));
        assert_str(m.name, str_c(want[i].name));
        assert_str(m.value, str_c(want[i].value));
    }
    assert_false(member_next(&rest, &m));
}

// Broken text ends the walk; nothing is read beyond it.
static void broken_members_end_the_walk(void **state) {
    (void)state;
    static const char *const texts[] = {"",          "{",           "}",     "{\"",       "{\"a", "{\"a\"",   "{\"a\":",
                                        "{\"a\":\"", "{\"a\":\"\\", "{a:1}", "{\"a\":1,", "{,}",  "{\"a\" 1}"};
    arena a = arena_open(1 << 20);
    for (size_t i = 0; i < COUNT(texts); i++) {
        str rest = str_dup(&a, members_of(str_c(texts[i])));
        member m;
        int n = 0;
        while (member_next(&rest, &m)) assert_true(++n < 3);
    }
    arena_close(&a);
}

static void keys_are_hashes(void **state) {
    (void)state;
    arena a = arena_open(1 << 16);
    assert_str(wire_key(&a, -1), S("key:ffffffffffffffff"));
    assert_str(wire_key(&a, 255), S("key:00000000000000ff"));
    arena_close(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_read_back),
        cmocka_unit_test(members_keep_their_text),
        cmocka_unit_test(broken_members_end_the_walk),
        cmocka_unit_test(keys_are_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
