// What somebody says is understood soon after it came, without waiting for the next regular look; what many say at once
// is understood together; and what is turned off stays off.
#include "working.h"

#include "base.h"

static int64_t standing(serve_rig *r, const char *name) {
    json_t *v = ask(r, 200, "GET", "/api/meaning", S(""));
    const int64_t n = number(v, name);
    json_decref(v);
    return n;
}

// Somebody sends the form of the public page.
static void say(serve_rig *r, int nth) {
    const who nobody = {.kind = WHO_NOBODY};
    const pair form = {S("Content-Type"), S("application/x-www-form-urlencoded")};
    const str body = str_fmt(&r->life, "id=%016x&text=The+delivery+number+%d+was+late&mood=-1", nth, nth);
    const response *got = serve_ask_as(r, "POST", "/f/shop", &form, 1, body, &nobody);
    if (got->status != 303) fail_msg("%d %.*s", got->status, STR_ARG(got->body));
}

static int64_t clock_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// How long it takes until so many are understood; 0: they never are. The clock of the server stands still, so no
// regular look comes.
static int64_t understood_in(serve_rig *r, int64_t n, int64_t most_ms) {
    const int64_t began = clock_ms();
    while (clock_ms() - began < most_ms) {
        if (standing(r, "understood") >= n) return MAX(clock_ms() - began, 1);
        usleep(10000);
    }
    return 0;
}

static int64_t meaning_job(serve_rig *r) {
    json_t *page = ask(r, 200, "GET", "/api/jobs?kind=meaning", S(""));
    const int64_t id = number(json_array_get(json_object_get(page, "items"), 0), "id");
    json_decref(page);
    return id;
}

static void open_shop(serve_rig *r) {
    work_open(r, base);
    json_decref(ask(r, 201, "POST", "/api/sites",
                    S("{\"name\":\"Sunrise\",\"slug\":\"shop\",\"privacy\":\"https://www.sunrise.example/privacy\"}")));
}

static void words_are_understood_when_they_come(void **state) {
    enum { AT_ONCE = 15 };
    (void)state;
    serve_rig r;
    open_shop(&r);
    const int64_t all = standing(&r, "understood") + standing(&r, "waiting");
    say(&r, 1);
    const int64_t first = understood_in(&r, all + 1, 20000);
    assert_true(first > 0);
    usleep(1200000);
    say(&r, 2);
    const int64_t one = understood_in(&r, all + 2, 20000);
    assert_true(one > 0);
    usleep(1200000);
    for (int i = 0; i < AT_ONCE; i++) say(&r, 3 + i);
    const int64_t many = understood_in(&r, all + 2 + AT_ONCE, 20000);
    assert_true(many > 0);
    print_message("with all that waited: %d ms; one: %d ms; %d at once: %d ms\n", (int)first, (int)one, AT_ONCE,
                  (int)many);
    serve_close(&r);
}

static void what_is_off_waits(void **state) {
    (void)state;
    serve_rig r;
    open_shop(&r);
    const int64_t was = standing(&r, "understood");
    json_decref(ask(&r, 200, "PATCH", path_of(&r, "/api/jobs/#", meaning_job(&r)), S("{\"on\":false}")));
    say(&r, 1);
    assert_int_equal(understood_in(&r, was + 1, 700), 0);
    assert_true(standing(&r, "waiting") > 0);
    serve_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_understood_when_they_come),
        cmocka_unit_test(what_is_off_waits),
    };
    return cmocka_run_group_tests(tests, make_base, drop_base);
}
