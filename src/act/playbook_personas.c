// The lives of made-up customers, in a store in memory, with a playbook switched on: every step is the real one.
#include "act/outbox.h"
#include "act/playbook_private.h"
#include "act/playbook_try.h"
#include "know/settings.h"
#include "know/stages.h"
#include "sql/act_playbook.h"
#include "sql/know.h"
#include "sql/serve_know.h"

enum { DAYS = 45, LOOKS_A_DAY = 4, MOST_MOMENTS = 1000 };

static const persona people[] = {
#define PERSONA(key, name, about) {name, about},
#include "act/personas.def"
};
enum who {
#define PERSONA(key, name, about) WHO_##key,
#include "act/personas.def"
    WHOS,
};

typedef struct {
    enum who who;
    int day, hour;
    enum kind kind;
    int64_t value;
    int32_t unit;
    const char *topic;
} life;

static const life lives[] = {
#define LIFE(key, day, hour, kind, value, unit, topic) {WHO_##key, day, hour, KIND_##kind, value, unit, topic},
#include "act/personas.def"
};

const persona *personas(size_t *n) {
    *n = WHOS;
    return people;
}

typedef struct {
    arena *a;
    store *real, *s;
    knowing *k;
    world w;
    int64_t now_us, start_us, source, import;
    str lang;
    try_personas *out;
} playing;

// ---- events ----

static event event_of(playing *x, enum who who, enum kind kind, int64_t at_us, const char *ext) {
    event ev = {
        .kind = kind, .channel = CHANNEL_shop, .at_us = at_us, .mood = MOOD_UNKNOWN, .n_ids = 2, .lang = x->lang};
    ev.ext = str_fmt(x->a, "%d:%s", (int)who, ext);
    ev.ids[0] = (ident){IDENT_user_id, str_fmt(x->a, "persona-%d", (int)who)};
    ev.ids[1] = (ident){IDENT_email, str_fmt(x->a, "persona%d@example.org", (int)who)};
    ev.name = str_c(people[who].name);
    return ev;
}

static bool put(playing *x, const event *ev, err *e) {
    tally t;
    intake in = {.events = ev, .row_of = &(int32_t){0}, .n = 1, .rows = 1};
    return ledger_write(know_ledger(x->k), x->import, &in, &t, e);
}

static bool put_life(playing *x, int i, err *e) {
    const life *v = &lives[i];
    event ev = event_of(x, v->who, v->kind, x->start_us + v->day * DAY_US + v->hour * HOUR_US, "");
    ev.ext = str_fmt(x->a, "life:%d", i);
    ev.value = v->value, ev.has_value = v->value != 0, ev.unit = v->unit, ev.topic = str_c(v->topic);
    if (kind_class(v->kind) == CLASS_CONTRACT) ev.thread = str_fmt(x->a, "contract:%d", (int)v->who);
    return put(x, &ev, e);
}

// What is known of each before: consent of all but Clara, Anna's birthday, the promise to Elif.
static bool put_before(playing *x, err *e) {
    for (int who = 0; who < WHOS; who++) {
        event ev = event_of(x, (enum who)who, KIND_consent, x->start_us - 420 * DAY_US, "consent");
        ev.topic = S("marketing_email"), ev.value = who != WHO_clara, ev.has_value = true;
        if (!put(x, &ev, e)) return false;
    }
    event born = event_of(x, WHO_anna, KIND_identify, x->start_us - 10 * DAY_US, "born");
    ymd day = ymd_of(zone_days(NULL, x->start_us + 10 * DAY_US));
    born.extra = str_fmt(x->a, "\"traits\":{\"birthday\":\"--%02d-%02d\"}", (int)day.month, (int)day.day);
    event word = event_of(x, WHO_elif, KIND_commitment_made, x->start_us - HOUR_US, "promise");
    word.topic = S("callback"), word.text = S("I will call you back by Thursday."), word.thread = S("promise");
    word.value = x->start_us + 3 * DAY_US, word.has_value = true, word.staff = S("Tom");
    return put(x, &born, e) && put(x, &word, e);
}

static bool live_until(playing *x, int64_t until_us, err *e) {
    for (size_t i = 0; i < COUNT(lives); i++) {
        int64_t at = x->start_us + lives[i].day * DAY_US + lives[i].hour * HOUR_US;
        bool now = until_us > x->start_us ? at > until_us - DAY_US / LOOKS_A_DAY && at <= until_us && at > x->start_us
                                          : at <= x->start_us;
        if (now && !put_life(x, (int)i, e)) return false;
    }
    return ledger_settle(know_ledger(x->k), e);
}

// ---- the store in memory ----

static bool copy_segments(playing *x, err *e) {
    for (row r = store_query(x->real, Q_segment_list, e, ""); row_next(&r);)
        if (!store_run(x->s, Q_segment_new, NULL, e, "itttit", row_int(&r, 0), row_str(&r, 1), row_str(&r, 2),
                       row_str(&r, 3), row_int(&r, 4), row_str(&r, 5)))
            row_end(&r);
    return err_ok(e);
}

static bool copy_templates(playing *x, err *e) {
    for (row r = store_query(x->real, Q_template_list, e, ""); row_next(&r);)
        if (!store_run(x->s, Q_template_put, NULL, e, "ttittit", row_str(&r, 0), row_str(&r, 1), row_int(&r, 2),
                       row_str(&r, 3), row_str(&r, 4), row_int(&r, 5), row_str(&r, 6)))
            row_end(&r);
    return err_ok(e);
}

// Everybody goes through it here, and somebody stands behind it.
static bool switch_on(playing *x, const playbook_row *p, err *e) {
    char field[PLAY_FIELD];
    json_t *v = NULL;
    if (!json_read(p->definition, &v, e)) return false;
    json_object_set_new(v, "hold", json_integer(0));
    json_object_set_new(v, "sample", json_integer(1));
    if (!json_at(v, "from").len) json_object_set_new(v, "from", json_string("Maria Lopez"));
    char *text = json_dumps(v, JSON_COMPACT);
    playbook_row mine = *p;
    mine.definition = str_dup(x->a, str_c(text)), mine.on = true, mine.id = 0, mine.name = S("tried"),
    mine.by = S("a try");
    free(text);
    json_decref(v);
    return playbook_put(know_ledger(x->k), &mine, field, e);
}

static bool prepare(playing *x, const playbook_row *p, err *e) {
    ledger *l = know_ledger(x->k);
    return ledger_source(l, S("personas"), S("personas"), CHANNEL_shop, false, &x->source, e) &&
           ledger_import_begin(l, x->source, S("lives"), S("{}"), &x->import, e) && put_before(x, e) &&
           live_until(x, x->start_us, e) && store_begin(x->s, e) && copy_segments(x, e) && copy_templates(x, e) &&
           settings_put(x->s, "origin", S("https://heed.example"), e) && switch_on(x, p, e) && ledger_commit(l, e);
}

static bool play_days(playing *x, err *e) {
    playbook_tally t = {0};
    ledger *l = know_ledger(x->k);
    if (!playbook_minute(l, x->now_us, &t, e)) return false;
    for (int i = 1; i <= DAYS * LOOKS_A_DAY; i++) {
        x->now_us = x->start_us + i * (DAY_US / LOOKS_A_DAY);
        if (!live_until(x, x->now_us, e) || !playbook_minute(l, x->now_us, &t, e)) return false;
    }
    return true;
}

// ---- what came of it ----

static int persona_of(playing *x, int64_t profile, err *e) {
    int who = -1;
    for (row r = store_query(x->s, Q_identifier_of_profile, e, "i", profile); row_next(&r);) {
        int64_t n;
        if (row_int(&r, 0) == IDENT_user_id && str_i64(str_sub(row_str(&r, 1), 8, 4), &n)) who = (int)n;
    }
    return who;
}

static void tell(playing *x, try_moment m) {
    if (x->out->n < MOST_MOMENTS) x->out->of[x->out->n++] = m;
}

static bool tell_run(playing *x, const playbook_run *r, err *e) {
    int who = persona_of(x, r->profile, e);
    for (row q = store_query(x->s, Q_playbook_notes, e, "i", r->id); row_next(&q);) {
        try_moment m = {.persona = who, .at_us = row_int(&q, 1), .what = str_dup(x->a, row_str(&q, 2))};
        m.words = str_dup(x->a, row_str(&q, 3));
        outbox_row sent;
        if (str_eq(m.what, S("message"))) {
            if (!outbox_get(x->a, x->s, row_int(&q, 4), &sent, e)) return row_end(&q), false;
            m.subject = sent.subject, m.words = sent.text;
        }
        tell(x, m);
    }
    if (r->state == RUN_stopped || r->state == RUN_failed)
        tell(x, (try_moment){
                    .persona = who, .at_us = r->ended_us, .what = str_c(run_state_name(r->state)), .words = r->why});
    return err_ok(e);
}

static int by_time(const void *a, const void *b) {
    const try_moment *p = a, *q = b;
    if (p->at_us != q->at_us) return p->at_us < q->at_us ? -1 : 1;
    return p->persona - q->persona;
}

static bool tell_all(playing *x, err *e) {
    x->out->of = make(x->a, try_moment, MOST_MOMENTS), x->out->days = DAYS;
    for (row r = store_query(x->s, Q_playbook_run_list, e, "iiiii", INT64_MAX, INT64_C(0), INT64_C(-1), INT64_C(0),
                             INT64_C(1000));
         row_next(&r);) {
        playbook_run run = playbook_run_read(x->a, &r);
        if (!tell_run(x, &run, e)) return row_end(&r), false;
    }
    if (x->out->n) qsort(x->out->of, x->out->n, sizeof *x->out->of, by_time);
    return err_ok(e);
}

bool playbook_try_personas(arena *a, store *s, const playbook_row *p, str lang, int64_t now_us, try_personas *out,
                           err *e) {
    *out = (try_personas){0};
    int64_t start = zone_day_start_us(NULL, zone_days(NULL, now_us));
    playing x = {.a = a, .real = s, .now_us = start, .start_us = start, .lang = lang.len ? lang : S("en"), .out = out};
    x.w = world_fixed(&x.now_us);
    if (!store_open(&x.s, S(":memory:"), (store_opts){.create = true}, e)) return false;
    bool ok = store_lock(x.s, 0, e) && know_open(&x.k, x.s, &x.w, NULL, e);
    ok = ok && prepare(&x, p, e) && play_days(&x, e) && tell_all(&x, e);
    if (x.k) know_close(x.k);
    store_close(x.s);
    return ok;
}
