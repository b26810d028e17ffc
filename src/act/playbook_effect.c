#include "act/playbook_effect.h"

#include "act/playbook_private.h"
#include "know/figure.h"
#include "sql/act_playbook.h"
#include "sql/serve_know.h"
#include "stats/confseq.h"
#include "stats/proportion.h"

#include <math.h>

#define BIT(kind) (UINT64_C(1) << KIND_##kind)

static const uint64_t shows[OUTCOMES] = {
    [OUTCOME_active] = BIT(message_in) | BIT(call) | BIT(order) | BIT(payment) | BIT(contract_start) |
                       BIT(contract_change) | BIT(usage) | BIT(answer) | BIT(review) | BIT(comment),
    [OUTCOME_order] = BIT(order) | BIT(payment),
    [OUTCOME_renewal] = BIT(contract_end),
    [OUTCOME_answer] = BIT(answer) | BIT(message_in),
    [OUTCOME_complaint] = BIT(complaint),
};

typedef struct {
    happened at;
    bool held, hit;
} subject;

typedef struct {
    arena *a;
    store *s;
    const play *d;
    int64_t now_us;
    subject *of; // ripe, by time of entering
    size_t n, room;
    playbook_effect *out;
} reading;

static void add(reading *k, subject x) {
    if (k->n == k->room) {
        subject *more = make(k->a, subject, k->room = k->room ? k->room * 2 : 256);
        if (k->n) memcpy(more, k->of, k->n * sizeof *more);
        k->of = more;
    }
    k->of[k->n++] = x;
}

static bool read_runs(reading *k, const playbook_row *p, err *e) {
    int64_t ripe_us = k->now_us - k->d->outcome_days * DAY_US;
    row r = store_query(k->s, Q_playbook_run_arms, e, "iii", p->id, (int64_t)k->d->hold, INT64_MIN);
    while (k->n < EFFECT_MOST && row_next(&r)) {
        subject x = {.at = {.customer = row_int(&r, 0), .since_us = row_int(&r, 2)}, .held = row_int(&r, 1) != 0};
        (x.held ? &k->out->held : &k->out->treated)->runs++;
        if (x.at.since_us <= ripe_us) add(k, x);
    }
    row_end(&r);
    return err_ok(e);
}

// The first of its kinds within the days decides; of a renewal, that no contract ended.
static bool hit(const reading *k, const happened *x) {
    int64_t until = x->since_us + k->d->outcome_days * DAY_US;
    bool seen = false;
    for (int kind = 0; kind < 64; kind++)
        seen |= (shows[k->d->outcome] >> kind & 1) && x->first_us[kind] && x->first_us[kind] <= until;
    return seen != (k->d->outcome == OUTCOME_renewal);
}

static bool read_outcomes(reading *k, err *e) {
    for (size_t from = 0; from < k->n; from += PLAY_CHUNK) {
        size_t n = MIN(k->n - from, (size_t)PLAY_CHUNK);
        arena scratch = *k->a;
        happened *of = make(&scratch, happened, n);
        for (size_t i = 0; i < n; i++) of[i] = k->of[from + i].at;
        if (!playbook_happened(&scratch, k->s, of, n, shows[k->d->outcome], k->now_us, e)) return false;
        for (size_t i = 0; i < n; i++) k->of[from + i].hit = hit(k, &of[i]);
    }
    for (size_t i = 0; i < k->n; i++) {
        effect_arm *arm = k->of[i].held ? &k->out->held : &k->out->treated;
        arm->ripe++, arm->hits += k->of[i].hit;
    }
    return true;
}

// ---- the difference ----

// Two shares told apart with 80 % at 5 % on both sides (Fleiss, Levin & Paik 2003, ch. 4), arms of unequal size; times
// 2.25 because the interval that holds at all times is half again as wide.
int64_t effect_needs(double hold, double share, double difference) {
    const double z = Z95 + 0.8416212335729143, wider = 1.5 * 1.5;
    double other = MIN(MAX(share + difference, 0.0), 1.0);
    double v = share * (1 - share) / hold + other * (1 - other) / (1 - hold);
    return (int64_t)ceil(wider * z * z * v / (difference * difference));
}

static void compare(reading *k) {
    playbook_effect *o = k->out;
    double hold = (double)k->d->hold / PLAY_MILLION;
    confseq_effect c = {.low = 0, .high = 1, .chance = 1 - hold};
    o->treated.share = proportion(k->a, o->treated.hits, o->treated.ripe, (sampling){.of = "customer"});
    o->held.share = proportion(k->a, o->held.hits, o->held.ripe, (sampling){.of = "customer"});
    o->effect = o->planned = change_none();
    if (!k->d->hold) {
        o->why = "nobody is held out, so there is nobody to compare with";
        return;
    }
    for (size_t i = 0; i < k->n; i++) confseq_try(&c, !k->of[i].held, k->of[i].hit);
    double base = o->held.ripe >= ENOUGH ? o->held.share.value : 0.5;
    int64_t needed = effect_needs(hold, MIN(MAX(base, 0.05), 0.95), EFFECT_POINTS / 100.0);
    o->needed = MAX(needed - (int64_t)k->n, INT64_C(0)) ? needed : 0;
    if (!o->held.ripe || !o->treated.ripe) {
        o->why =
            o->treated.runs + o->held.runs ? "nobody's time has passed in both arms yet" : "nobody has entered yet";
        return;
    }
    o->effect = confseq_effect_now(&c);
    o->planned = proportion_change(&o->treated.share, &o->held.share);
    o->sure = o->effect.method && (o->effect.lo > 0 || o->effect.hi < 0);
    if (!o->sure) o->why = "the likely range of the difference holds 0: it cannot be told yet whether it makes one";
}

// ---- whom it helps ----

enum { COLUMNS = 4 };

// As it was known before: what they had bought by the day on which they entered.
static bool features_before(reading *k, size_t i, double *columns[COLUMNS], err *e) {
    arena scratch = *k->a;
    const subject *x = &k->of[i];
    int32_t day = (int32_t)floor_div(x->at.since_us, DAY_US), last = INT32_MIN, n = 0;
    double money = 0;
    timeline t = {0};
    for (row r = store_query(k->s, Q_segment_one, e, "i", x->at.customer); row_next(&r);)
        if (!timeline_decode(&scratch, row_str(&r, 1), &t, e)) return row_end(&r), false;
    for (int32_t p = 0; p < t.n_purse; p++) {
        if (t.purse[p].day >= day || !timeline_is_purchase(&t, &t.purse[p])) continue;
        last = MAX(last, t.purse[p].day), n += t.purse[p].count, money += (double)t.purse[p].value;
    }
    columns[0][i] = n, columns[1][i] = n ? (double)(day - last) : (double)NAN,
    columns[2][i] = n ? money / n : (double)NAN;
    columns[3][i] = t.first_us && t.first_us < x->at.since_us ? (double)(x->at.since_us - t.first_us) / (double)DAY_US
                                                              : (double)NAN;
    return err_ok(e);
}

static bool learn(reading *k, err *e) {
    static const char *const names[COLUMNS] = {"purchases", "days since the last", "value of a purchase",
                                               "days with us"};
    playbook_effect *o = k->out;
    double *columns[COLUMNS];
    feature *of = make(k->a, feature, COLUMNS);
    bool *treated = make(k->a, bool, k->n + 1), *left = make(k->a, bool, k->n + 1);
    o->who = (uplift){.state = ESTIMATE_REFUSED, .why = "there are too few in one arm to learn whom it helps"};
    if (o->held.ripe < 200 || o->treated.ripe < 200) return true;
    for (size_t c = 0; c < COLUMNS; c++)
        of[c] = (feature){.name = names[c], .number = columns[c] = make(k->a, double, k->n)};
    for (size_t i = 0; i < k->n; i++) {
        treated[i] = !k->of[i].held, left[i] = k->of[i].hit == (k->d->outcome == OUTCOME_complaint);
        if (!features_before(k, i, columns, e)) return false;
    }
    int64_t span = k->of[k->n - 1].at.since_us - k->of[0].at.since_us;
    uplift_data d = {.table = {of, COLUMNS, k->n},
                     .treated = treated,
                     .left = left,
                     .waves = span >= k->d->outcome_days * DAY_US ? UPLIFT_WAVES : 1,
                     .seed = 1};
    o->who = uplift_fit(k->a, &d);
    return true;
}

bool playbook_effect_read(arena *a, store *s, const playbook_row *p, const play *d, int64_t now_us,
                          playbook_effect *out, err *e) {
    *out = (playbook_effect){.outcome = d->outcome, .days = d->outcome_days};
    reading k = {.a = a, .s = s, .d = d, .now_us = now_us, .out = out};
    if (!read_runs(&k, p, e) || !read_outcomes(&k, e)) return false;
    compare(&k);
    return learn(&k, e);
}

// ---- as JSON ----

static void put_arm(json_out *j, const char *key, const effect_arm *x) {
    json_open(j, key, '{');
    json_put_int(j, "runs", x->runs);
    json_put_int(j, "ripe", x->ripe);
    json_put_int(j, "hits", x->hits);
    figure_json(j, "share", &x->share);
    json_close(j, '}');
}

void playbook_effect_json(json_out *j, const char *key, const playbook_effect *x) {
    json_open(j, key, '{');
    json_put_str(j, "outcome", str_c(play_outcome_name(x->outcome)));
    json_put_int(j, "days", x->days);
    put_arm(j, "treated", &x->treated);
    put_arm(j, "held", &x->held);
    figure_change_json(j, "effect", &x->effect);
    figure_change_json(j, "planned", &x->planned);
    json_put_bool(j, "sure", x->sure);
    json_put_int(j, "needed", x->needed);
    if (x->why)
        json_put_str(j, "why", str_c(x->why));
    else
        json_put_null(j, "why");
    json_open(j, "uplift", '{');
    json_put_str(j, "state", str_c(figure_state(x->who.state)));
    if (x->who.why)
        json_put_str(j, "why", str_c(x->who.why));
    else
        json_put_null(j, "why");
    bool shown = x->who.state == ESTIMATE_OK || x->who.state == ESTIMATE_THIN;
    if (shown)
        figure_json(j, "qini", &x->who.qini);
    else
        json_put_null(j, "qini");
    json_close(j, '}');
    json_close(j, '}');
}
