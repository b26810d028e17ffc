// Sending, with a server that refuses, is slow, drops, says nothing, and kills.
#include "jobs/smtp_sink.h"

#include "act/mail_setup.h"
#include "act/outbox_tell.h"
#include "jobs/send.h"
#include "ledger/ident.h"
#include "sql/act_gate.h"
#include "sql/act_outbox.h"
#include "sql/know.h"
#include "sql/store.h"

#define NOW INT64_C(1795262400000000) // 2026-11-21 12:00 UTC

typedef struct {
    char dir[100], where[120];
    int64_t now;
    world w;
    arena life;
    smtp_sink sink;
    writer *wr;
    sender *sd;
} mailer;

static void dir_of(mailer *m) {
    const char *tmp = access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm";
    snprintf(m->dir, sizeof m->dir, "%s/heed-send.XXXXXX", tmp);
    if (!mkdtemp(m->dir)) fail_msg("no folder");
    snprintf(m->where, sizeof m->where, "%s/acme", m->dir);
}

typedef struct {
    int n;
    int port;
    const char *kind;
} filling;

// Customers with an order and an address each, and how to send.
static bool add_people(void *ctx, desk *d, err *e) {
    const filling *f = ctx;
    ledger *l = know_ledger(d->k);
    int64_t source, import;
    tally t;
    event *evs = make(d->a, event, f->n);
    int32_t *rows = make(d->a, int32_t, f->n);
    for (int i = 0; i < f->n; i++) {
        evs[i] = (event){.kind = KIND_order, .channel = CHANNEL_shop, .at_us = NOW - 86400000000, .mood = MOOD_UNKNOWN};
        evs[i].ext = str_fmt(d->a, "o%d", i), evs[i].value = 1000, evs[i].has_value = true, evs[i].unit = 978;
        evs[i].ids[0] = (ident){IDENT_user_id, str_fmt(d->a, "%d", i + 1)};
        evs[i].ids[1] = (ident){IDENT_email, str_fmt(d->a, "p%d@d%d.example.org", i + 1, i % 7)};
        evs[i].n_ids = 2;
        rows[i] = i;
    }
    intake in = {.events = evs, .row_of = rows, .n = (size_t)f->n, .rows = f->n};
    return ledger_source(l, S("shop"), S("test"), CHANNEL_shop, false, &source, e) &&
           ledger_import_begin(l, source, S("t"), S("{}"), &import, e) && ledger_write(l, import, &in, &t, e);
}

static bool add_setup(void *ctx, desk *d, err *e) {
    const filling *f = ctx;
    mail_setup m = {.host = S("127.0.0.1"),
                    .port = f->port,
                    .tls = S("none"),
                    .from_address = S("shop@example.com"),
                    .from_name = S("Kastanie"),
                    .bounce_address = S("bounce@example.com"),
                    .postal = S("Kastanie, Berlin"),
                    .on = true};
    return mail_setup_write(d->a, d->s, d->w, &m, S("test"), e) &&
           store_run(d->s, Q_meta_put, NULL, e, "tt", S("origin"), S("https://heed.example"));
}

static int64_t customer_of(store *s, int nth, err *e) {
    int64_t customer = 0;
    char value[20];
    snprintf(value, sizeof value, "%d", nth);
    for (row r = store_query(s, Q_identifier_find, e, "i", (int64_t)ident_hash(IDENT_user_id, str_c(value)));
         row_next(&r);)
        if (!customer) customer = row_int(&r, 0);
    int64_t whose = 0;
    if (customer && !store_int(s, Q_gate_customer_of, &whose, 0, e, "i", customer)) return 0;
    return whose;
}

static bool put_one(desk *d, int nth, enum gate_kind kind, const char *occasion, outbox_put_answer *out, err *e) {
    outbox_new n = {.gate = {.kind = kind,
                             .customer = customer_of(d->s, nth, e),
                             .template = S("test"),
                             .occasion = str_c(occasion),
                             .by = S("test")},
                    .subject = S("Ihre Bestellung"),
                    .text = S("Liebe Kundin,\n\nsie ist unterwegs.\n.\nIhre Ada"),
                    .lang = S("de")};
    return outbox_put(know_ledger(d->k), d->a, &n, out, e);
}

static bool add_messages(void *ctx, desk *d, err *e) {
    const filling *f = ctx;
    outbox_put_answer out;
    for (int i = 1; i <= f->n; i++)
        if (!put_one(d, i, GATE_service, "order:1", &out, e) || !out.id)
            return fail(e, ERR_internal, "message %d: %.*s", i, STR_ARG(out.gate.reason));
    return true;
}

static void open_writer(mailer *m) {
    err e = {0};
    assert_ok(writer_open(&m->wr, (writer_opts){.where = m->where, .create = true, .w = &m->w}, &e), e);
}

static void open_sender(mailer *m, int timeout_ms) {
    m->sd = send_open((send_opts){.where = m->where, .w = m->wr, .world = &m->w, .timeout_ms = timeout_ms});
}

static void fill(mailer *m, int n) {
    err e = {0};
    filling f = {.n = n, .port = m->sink.port};
    assert_ok(writer_alone(m->wr, add_people, &f, &e), e);
    assert_ok(writer_do(m->wr, add_setup, &f, &e), e);
    assert_ok(writer_do(m->wr, add_messages, &f, &e), e);
}

static void mailer_open(mailer *m, int n) {
    *m = (mailer){.now = NOW, .life = arena_open((size_t)1 << 28), .sink = sink_open()};
    m->w = world_fixed(&m->now);
    dir_of(m);
    open_writer(m);
    fill(m, n);
    open_sender(m, 0);
}

static void mailer_close(mailer *m) {
    char command[200];
    send_close(m->sd);
    writer_close(m->wr);
    sink_close(&m->sink);
    arena_close(&m->life);
    snprintf(command, sizeof command, "rm -rf %s", m->dir);
    assert_int_equal(system(command), 0);
}

static int64_t send_now(mailer *m) {
    err e = {0};
    int64_t n = 0;
    assert_ok(send_due(m->sd, &n, &e), e);
    return n;
}

// The store as others see it.
static outbox_counts counts_of(const mailer *m) {
    err e = {0};
    store *s;
    outbox_counts c;
    assert_ok(store_open(&s, str_c(m->where), (store_opts){.read_only = true}, &e), e);
    assert_ok(outbox_count(s, &c, &e), e);
    store_close(s);
    return c;
}

static outbox_row row_of(mailer *m, int64_t nth) {
    err e = {0};
    store *s;
    outbox_row o = {0};
    assert_ok(store_open(&s, str_c(m->where), (store_opts){.read_only = true}, &e), e);
    for (row r = store_query(s, Q_outbox_list, &e, "iiii", INT64_C(-1), INT64_C(0), INT64_MAX, INT64_C(1000));
         row_next(&r);)
        if (nth-- == 0) o = outbox_read(&m->life, &r);
    store_close(s);
    return o;
}

typedef struct {
    enum kind kind;
    int64_t n;
} tallying;

static bool count_event(void *ctx, const record *r, err *e) {
    tallying *t = ctx;
    (void)e;
    t->n += r->kind == t->kind;
    return true;
}

static int64_t events_of(const mailer *m, enum kind kind) {
    err e = {0};
    store *s;
    tallying t = {.kind = kind};
    assert_ok(store_open(&s, str_c(m->where), (store_opts){.read_only = true}, &e), e);
    assert_ok(ledger_all_events(s, count_event, &t, &e), e);
    store_close(s);
    return t.n;
}

// ---- cases ----

static void what_is_due_is_sent_and_told_once(void **state) {
    (void)state;
    mailer m;
    int most;
    mailer_open(&m, 20);
    assert_int_equal(send_now(&m), 20);
    assert_int_equal(counts_of(&m).of[OUTBOX_SENT], 20);
    assert_int_equal(sink_different(&m.sink, &most), 20);
    assert_int_equal(most, 1);
    assert_int_equal(atomic_load(&m.sink.sh->connections), 1); // several over one connection
    assert_int_equal(send_now(&m), 0);
    assert_int_equal(events_of(&m, KIND_message_auto), 20);
    outbox_row o = row_of(&m, 0);
    assert_true(o.told);
    assert_str(o.reply, S("250 2.0.0 taken as 1A2B"));
    char want[100];
    snprintf(want, sizeof want, "bounce+%.*s@example.com", STR_ARG(o.token));
    assert_string_equal(m.sink.sh->from, want);
    assert_non_null(strstr(m.sink.sh->last, "\r\n..\r\n")); // dot-stuffed
    mailer_close(&m);
}

static void refusals_end_or_wait_as_the_rules_say(void **state) {
    static const struct {
        enum sink_step step;
        int status;
        enum outbox_state want;
    } cases[] = {{SINK_GREET, 421, OUTBOX_WAITING}, {SINK_GREET, 554, OUTBOX_WAITING}, {SINK_EHLO, 421, OUTBOX_WAITING},
                 {SINK_MAIL, 451, OUTBOX_WAITING},  {SINK_MAIL, 530, OUTBOX_WAITING},  {SINK_MAIL, 552, OUTBOX_FAILED},
                 {SINK_RCPT, 450, OUTBOX_WAITING},  {SINK_RCPT, 550, OUTBOX_FAILED},   {SINK_RCPT, 421, OUTBOX_WAITING},
                 {SINK_DATA, 451, OUTBOX_WAITING},  {SINK_DATA, 554, OUTBOX_FAILED},   {SINK_DOT, 452, OUTBOX_WAITING},
                 {SINK_DOT, 554, OUTBOX_FAILED},    {SINK_DOT, 421, OUTBOX_WAITING}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        mailer m;
        mailer_open(&m, 1);
        sink_script(&m.sink, cases[i].step, SINK_ANSWER, 2, cases[i].status);
        send_now(&m);
        outbox_row o = row_of(&m, 0);
        if (o.state != cases[i].want || sink_received(&m.sink))
            fail_msg("%d at step %d: %s, received %d, \"%.*s\"", cases[i].status, cases[i].step,
                     outbox_state_name(o.state), sink_received(&m.sink), STR_ARG(o.reply));
        // Refused at EHLO, libcurl tries HELO, which nobody answers then.
        if (cases[i].step != SINK_EHLO && !str_has(o.reply, S("as the script says")))
            fail_msg("%d at step %d: lost its words: %.*s", cases[i].status, cases[i].step, STR_ARG(o.reply));
        // What waits is sent when its time has come.
        sink_script(&m.sink, SINK_NONE, SINK_ANSWER, 0, 0);
        m.now += 20 * 60 * SECOND_US;
        send_now(&m);
        assert_int_equal(row_of(&m, 0).state, cases[i].want == OUTBOX_FAILED ? OUTBOX_FAILED : OUTBOX_SENT);
        assert_int_equal(sink_received(&m.sink), cases[i].want != OUTBOX_FAILED);
        mailer_close(&m);
    }
}

static void a_drop_before_the_end_is_tried_again(void **state) {
    static const struct {
        enum sink_step step;
        int bytes;
    } cases[] = {{SINK_GREET, 0}, {SINK_EHLO, 0}, {SINK_MAIL, 0},  {SINK_RCPT, 0},
                 {SINK_DATA, 0},  {SINK_BODY, 1}, {SINK_BODY, 100}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        mailer m;
        mailer_open(&m, 1);
        sink_script(&m.sink, cases[i].step, SINK_DROP, 2, cases[i].bytes);
        send_now(&m);
        outbox_row o = row_of(&m, 0);
        // A short message is in the network's hands whole before the server drops: then nobody knows.
        bool body = cases[i].step == SINK_BODY;
        if (o.state != OUTBOX_WAITING && !(body && o.state == OUTBOX_UNSURE))
            fail_msg("drop at %d: %s \"%.*s\"", cases[i].step, outbox_state_name(o.state), STR_ARG(o.reply));
        assert_int_equal(sink_received(&m.sink), 0);
        sink_script(&m.sink, SINK_NONE, SINK_ANSWER, 0, 0);
        m.now += 20 * 60 * SECOND_US;
        send_now(&m);
        assert_int_equal(sink_received(&m.sink), o.state == OUTBOX_WAITING);
        mailer_close(&m);
    }
}

static void no_answer_at_the_end_is_unsure_for_good(void **state) {
    (void)state;
    for (int slow = 0; slow < 2; slow++) {
        mailer m;
        mailer_open(&m, 1);
        send_close(m.sd);
        open_sender(&m, 3000);
        sink_script(&m.sink, SINK_DOT, slow ? SINK_SLOW : SINK_DROP, 1, 60000);
        send_now(&m);
        outbox_row o = row_of(&m, 0);
        assert_int_equal(o.state, OUTBOX_UNSURE);
        assert_int_equal(sink_received(&m.sink), 1);
        m.now += 10 * DAY_US;
        assert_int_equal(send_now(&m), 0); // never by itself
        err e = {0};
        store *s;
        outbox_troubles t;
        assert_ok(store_open(&s, str_c(m.where), (store_opts){.read_only = true}, &e), e);
        assert_ok(outbox_trouble(s, m.now, &t, &e), e);
        store_close(s);
        assert_int_equal(t.unsure, 1);
        mailer_close(&m);
    }
}

static bool set_resend(void *ctx, desk *d, err *e) {
    mail_setup m;
    (void)ctx;
    if (!mail_setup_read(d->a, d->s, &m, e)) return false;
    m.resend_min = 30;
    return mail_setup_write(d->a, d->s, d->w, &m, S("test"), e);
}

static void where_it_is_wanted_an_unsure_one_goes_again_under_the_same_name(void **state) {
    (void)state;
    mailer m;
    err e = {0};
    int most;
    mailer_open(&m, 1);
    assert_ok(writer_do(m.wr, set_resend, NULL, &e), e);
    sink_script(&m.sink, SINK_DOT, SINK_DROP, 1, 0);
    send_now(&m);
    assert_int_equal(row_of(&m, 0).state, OUTBOX_UNSURE);
    m.now += 10 * 60 * SECOND_US;
    assert_int_equal(send_now(&m), 0);
    m.now += 30 * 60 * SECOND_US;
    assert_int_equal(send_now(&m), 1);
    assert_int_equal(row_of(&m, 0).state, OUTBOX_SENT);
    assert_int_equal(sink_different(&m.sink, &most), 1); // a reader that knows Message-IDs shows it once
    assert_int_equal(most, 2);
    mailer_close(&m);
}

static void slow_answers_are_waited_for(void **state) {
    (void)state;
    mailer m;
    mailer_open(&m, 3);
    sink_script(&m.sink, SINK_RCPT, SINK_SLOW, 3, 300);
    assert_int_equal(send_now(&m), 3);
    assert_int_equal(counts_of(&m).of[OUTBOX_SENT], 3);
    mailer_close(&m);
}

static void nobody_is_tried_for_longer_than_five_days(void **state) {
    (void)state;
    mailer m;
    mailer_open(&m, 1);
    sink_script(&m.sink, SINK_RCPT, SINK_ANSWER, -1, 450);
    int tries = 0;
    for (int hour = 0; hour < 24 * 8; hour++, m.now += HOUR_US) tries += (int)send_now(&m);
    assert_int_equal(row_of(&m, 0).state, OUTBOX_FAILED);
    if (tries < 20 || tries > 60) fail_msg("%d tries", tries);
    mailer_close(&m);
}

static void a_server_that_is_down_costs_no_message(void **state) {
    (void)state;
    mailer m;
    mailer_open(&m, 5);
    kill(m.sink.pid, SIGSTOP);
    kill(m.sink.pid, SIGKILL);
    waitpid(m.sink.pid, NULL, 0);
    for (int minute = 0; minute < 300; minute++, m.now += 60 * SECOND_US) send_now(&m);
    assert_int_equal(counts_of(&m).of[OUTBOX_WAITING] + counts_of(&m).of[OUTBOX_SENDING], 5);
    int64_t tries = 0;
    for (int i = 0; i < 5; i++) tries += row_of(&m, i).tries;
    if (tries > 60) fail_msg("%d tries within five hours", (int)tries);
    m.sink.pid = fork();
    if (!m.sink.pid) pause();
    mailer_close(&m);
}

static bool withdraw(void *ctx, desk *d, err *e) {
    ledger *l = know_ledger(d->k);
    int64_t source, import;
    tally t;
    event ev = {.kind = KIND_identify, .channel = CHANNEL_shop, .at_us = NOW, .mood = MOOD_UNKNOWN, .ext = S("gone")};
    (void)ctx;
    ev.ids[0] = (ident){IDENT_user_id, S("2")}, ev.n_ids = 1;
    intake in = {.events = &ev, .row_of = &(int32_t){0}, .n = 1, .rows = 1};
    return ledger_source(l, S("shop"), S("test"), CHANNEL_shop, false, &source, e) &&
           ledger_import_begin(l, source, S("t2"), S("{}"), &import, e) && ledger_write(l, import, &in, &t, e);
}

static bool forge(void *ctx, desk *d, err *e) {
    (void)ctx;
    // The gate's word is taken back behind the outbox, as nobody should.
    int64_t gate = 0;
    for (row r = store_query(d->s, Q_outbox_list, e, "iiii", INT64_C(-1), INT64_C(0), INT64_MAX, INT64_C(1));
         row_next(&r);)
        gate = row_int(&r, 1);
    return gate_unsent(know_ledger(d->k), gate, e);
}

static void without_a_record_of_the_gate_nothing_is_sent(void **state) {
    (void)state;
    mailer m;
    err e = {0};
    mailer_open(&m, 2);
    assert_ok(writer_alone(m.wr, withdraw, NULL, &e), e);
    assert_ok(writer_do(m.wr, forge, NULL, &e), e);
    send_now(&m);
    assert_int_equal(sink_received(&m.sink), 1);
    outbox_row o = row_of(&m, 0);
    assert_int_equal(o.state, OUTBOX_CANCELLED);
    assert_str(o.reply, S("no record of the gate lets it pass"));
    mailer_close(&m);
}

// ---- threads ----

static void four_threads_send_each_message_once(void **state) {
    (void)state;
    static const int64_t until[] = {40, 80, 150};
    mailer m;
    err e = {0};
    int most;
    mailer_open(&m, 150);
    for (size_t round = 0; round < COUNT(until); round++) { // broken off in between
        assert_ok(send_start(m.sd, &e), e);
        await(counts_of(&m).of[OUTBOX_SENT] >= until[round]);
        send_stop(m.sd);
        send_close(m.sd);
        open_sender(&m, 0);
    }
    assert_int_equal(sink_different(&m.sink, &most), 150);
    assert_int_equal(most, 1);
    assert_true(atomic_load(&m.sink.sh->connections) >= 4);
    assert_int_equal(send_now(&m), 0);
    assert_int_equal(events_of(&m, KIND_message_auto), 150);
    mailer_close(&m);
}

static bool slow_down(void *ctx, desk *d, err *e) {
    mail_setup m;
    (void)ctx;
    if (!mail_setup_read(d->a, d->s, &m, e)) return false;
    m.per_domain = 2, m.per_minute = 6;
    return mail_setup_write(d->a, d->s, d->w, &m, S("test"), e);
}

static void the_pace_is_kept_and_nobody_waits_for_a_slow_domain(void **state) {
    (void)state;
    mailer m;
    err e = {0};
    int64_t sent = 0, minutes = 0;
    mailer_open(&m, 28); // four of each of seven domains
    assert_ok(writer_do(m.wr, slow_down, NULL, &e), e);
    for (; sent < 28 && minutes < 60; minutes++) {
        int64_t now = 0;
        for (int s = 0; s < 60; s++, m.now += SECOND_US) now += send_now(&m);
        if (now > 7) fail_msg("%d within a minute", (int)now);
        sent += now;
    }
    assert_int_equal(sent, 28);
    if (minutes > 10) fail_msg("it took %d minutes", (int)minutes);
    mailer_close(&m);
}

// ---- crashes ----

enum { KILLS = 1000, MESSAGES = 1200 };

// What a server process does: opens everything, sends what is due with two threads, ends.
static void child(const mailer *parent) {
    mailer m = *parent;
    int64_t n;
    err e = {0};
    m.w = world_fixed(&m.now);
    if (!writer_open(&m.wr, (writer_opts){.where = m.where, .w = &m.w}, &e)) _exit(3);
    open_sender(&m, 0);
    if (!send_due(m.sd, &n, &e)) _exit(4);
    send_close(m.sd);
    writer_close(m.wr);
    _exit(0);
}

static void run_child(mailer *m, bool *killed) {
    int status;
    pid_t pid = fork();
    if (!pid) {
        while (atomic_load(&m->sink.sh->victim) < 0) usleep(50);
        child(m);
    }
    atomic_store(&m->sink.sh->victim, pid);
    waitpid(pid, &status, 0);
    *killed = WIFSIGNALED(status);
    if (!*killed && WEXITSTATUS(status)) fail_msg("the sender ended with %d", WEXITSTATUS(status));
}

static void check_rows(mailer *m) {
    err e = {0};
    store *s;
    int64_t n = 0, sent = 0, unsure = 0, unsure_there = 0;
    assert_ok(store_open(&s, str_c(m->where), (store_opts){.read_only = true}, &e), e);
    for (row r = store_query(s, Q_outbox_list, &e, "iiii", INT64_C(-1), INT64_C(0), INT64_MAX, (int64_t)10 * MESSAGES);
         row_next(&r); n++) {
        int there = sink_count(&m->sink, row_str(&r, 17));
        enum outbox_state state = (enum outbox_state)row_int(&r, 6);
        if (state == OUTBOX_SENT && there == 1)
            sent++;
        else if (state == OUTBOX_UNSURE && there <= 1)
            unsure++, unsure_there += there;
        else
            fail_msg("message %d is %s and was received %d times", (int)row_int(&r, 0), outbox_state_name(state),
                     there);
    }
    store_close(s);
    assert_int_equal(n, MESSAGES);
    print_message("%d messages: %d sent, %d unsure (%d of them received)\n", (int)n, (int)sent, (int)unsure,
                  (int)unsure_there);
    assert_int_equal(events_of(m, KIND_message_auto), sent);
}

static void a_thousand_kills_send_nothing_twice_and_lose_nothing(void **state) {
    (void)state;
    mailer m = {.now = NOW, .life = arena_open((size_t)1 << 28), .sink = sink_open()};
    static const enum sink_step moments[] = {SINK_DOT,   SINK_AFTER, SINK_DOT,  SINK_BODY,
                                             SINK_AFTER, SINK_RCPT,  SINK_DATA, SINK_MAIL};
    const char *asked = getenv("KILLS");
    int64_t want = KILLS;
    if (asked) assert_true(str_i64(str_c(asked), &want));
    m.w = world_fixed(&m.now);
    dir_of(&m);
    open_writer(&m);
    fill(&m, MESSAGES);
    writer_close(m.wr);
    int kills = 0;
    for (int i = 0; kills < want && i < 2 * want; i++) {
        bool killed;
        enum sink_step at = moments[i % (int)COUNT(moments)];
        sink_script(&m.sink, at, SINK_KILL, 1, at == SINK_BODY ? 50 + i % 900 : 0);
        atomic_store(&m.sink.sh->victim, -1);
        run_child(&m, &killed);
        kills += killed;
        if (!killed) break; // nothing is left to send
    }
    print_message("%d kills\n", kills);
    bool killed;
    sink_script(&m.sink, SINK_NONE, SINK_ANSWER, 0, 0);
    run_child(&m, &killed);
    assert_false(killed);
    check_rows(&m);
    if (kills < want * 9 / 10) fail_msg("only %d kills", kills);
    m.sd = NULL, m.wr = NULL;
    mailer_close(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due_is_sent_and_told_once),
        cmocka_unit_test(refusals_end_or_wait_as_the_rules_say),
        cmocka_unit_test(a_drop_before_the_end_is_tried_again),
        cmocka_unit_test(no_answer_at_the_end_is_unsure_for_good),
        cmocka_unit_test(where_it_is_wanted_an_unsure_one_goes_again_under_the_same_name),
        cmocka_unit_test(slow_answers_are_waited_for),
        cmocka_unit_test(nobody_is_tried_for_longer_than_five_days),
        cmocka_unit_test(a_server_that_is_down_costs_no_message),
        cmocka_unit_test(without_a_record_of_the_gate_nothing_is_sent),
        cmocka_unit_test(four_threads_send_each_message_once),
        cmocka_unit_test(the_pace_is_kept_and_nobody_waits_for_a_slow_domain),
        cmocka_unit_test(a_thousand_kills_send_nothing_twice_and_lose_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
