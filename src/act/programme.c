#include "act/programme.h"

#include "act/gate.h"
#include "decide/redline.h"
#include "sql/act_reward.h"

enum { NAME_MOST = 100, WORDS_MOST = 1000, SAMPLE_UNITS = 100 };
#define RATE_MOST  INT64_C(1000000000) // a million points for each
#define WORTH_MOST INT64_C(1000000000)

static const char *const by_names[EARNED_BY] = {"", "order", "review", "answer", "referral"};
static const char *const roundings[ROUNDINGS] = {"down", "nearest", "up"};

// "order".
static const char *earned_by_name(enum earned_by b) {
    return b > EARNED_NONE && b < EARNED_BY ? by_names[b] : "";
}

enum earned_by earned_by_of(str name) {
    for (int i = EARNED_NONE + 1; i < EARNED_BY; i++)
        if (str_eq(name, str_c(by_names[i]))) return (enum earned_by)i;
    return EARNED_NONE;
}

// "down", "nearest", "up".
static const char *rounding_name(enum rounding r) {
    return r < ROUNDINGS ? roundings[r] : "";
}

bool rounding_of(str name, enum rounding *r) {
    for (int i = 0; i < ROUNDINGS; i++)
        if (str_eq(name, str_c(roundings[i]))) return *r = (enum rounding)i, true;
    return false;
}

// ---- sums ----

static int decimals(const programme *x) {
    const currency *c = currency_by_number(x->currency);
    return c ? c->exponent : 2;
}

static int64_t ten_to(int n) {
    int64_t v = 1;
    while (n-- > 0) v *= 10;
    return v;
}

// n/d for n >= 0 and d > 0.
static int64_t rounded(__int128 n, __int128 d, enum rounding how) {
    __int128 q = n / d, rest = n % d;
    if (how == ROUND_UP && rest) q++;
    if (how == ROUND_NEAREST && (rest * 2 > d || (rest * 2 == d && q % 2))) q++;
    return q > INT64_C(1000000000000) ? INT64_C(1000000000000) : (int64_t)q;
}

int64_t programme_points(const programme *x, int64_t minor) {
    if (x->earned_by != EARNED_ORDER) return rounded(x->rate, 1000, x->rounding);
    if (minor <= 0) return 0;
    return rounded((__int128)minor * x->rate, (__int128)1000 * ten_to(decimals(x)), x->rounding);
}

int64_t programme_worth(const programme *x, int64_t points) {
    return points <= 0 ? 0 : rounded((__int128)points * x->worth, 1000, ROUND_NEAREST);
}

void programme_times(const programme *x, const zone *z, int64_t at_us, int64_t *from_us, int64_t *until_us) {
    int32_t day = zone_days(z, at_us);
    *from_us = x->wait_days ? zone_day_start_us(z, day + x->wait_days) : at_us;
    *until_us = x->expiry_days ? zone_day_start_us(z, day + x->expiry_days + 1) : 0;
}

// ---- in words ----

static str thousandths(arena *a, int64_t v) {
    if (v % 1000 == 0) return str_fmt(a, "%" PRId64, v / 1000);
    str x = str_fmt(a, "%" PRId64 ".%03" PRId64, v / 1000, v % 1000);
    while (x.len && x.s[x.len - 1] == '0') x.len--;
    return x;
}

str programme_words(arena *a, const programme *x) {
    const currency *c = currency_by_number(x->currency);
    buf b = buf_new(a, 1 << 12);
    buf_fmt(&b, "%.*s point%s for ", STR_ARG(thousandths(a, x->rate)), x->rate == 1000 ? "" : "s");
    if (x->earned_by == EARNED_ORDER)
        buf_fmt(&b, "1 %s of an order", c ? c->code : "unit");
    else
        buf_fmt(&b, "%s %s", x->earned_by == EARNED_ANSWER ? "an" : "a", earned_by_name(x->earned_by));
    buf_add(&b, S(", 1,000 of them worth "));
    buf_money(&b, x->worth, c);
    if (x->wait_days) buf_fmt(&b, ", to be spent after %d days", (int)x->wait_days);
    if (x->expiry_days) buf_fmt(&b, ", for %d days", (int)x->expiry_days);
    if (x->day_points) buf_fmt(&b, ", at most %" PRId64 " a day", x->day_points);
    if (x->day_times) buf_fmt(&b, ", at most %d times a day", (int)x->day_times);
    if (x->condition.len) buf_fmt(&b, ", where %.*s", STR_ARG(x->condition));
    return buf_str(&b);
}

void programme_json(json_out *j, const char *key, const programme *x) {
    const currency *c = currency_by_number(x->currency);
    json_open(j, key, '{');
    json_put_int(j, "id", x->id);
    json_put_int(j, "version", x->version);
    json_put_str(j, "name", x->name);
    json_put_str(j, "earned_by", str_c(earned_by_name(x->earned_by)));
    json_put_str(j, "currency", str_c(c ? c->code : ""));
    json_put_num(j, "rate", (double)x->rate / 1000);
    json_put_str(j, "rounding", str_c(rounding_name(x->rounding)));
    json_put_num(j, "worth", (double)x->worth / 1000);
    json_put_int(j, "wait_days", x->wait_days);
    json_put_int(j, "expiry_days", x->expiry_days);
    json_put_int(j, "day_points", x->day_points);
    json_put_int(j, "day_times", x->day_times);
    json_put_str(j, "condition", x->condition);
    json_put_str(j, "disclosure", x->disclosure);
    json_put_time(j, "from", x->from_us);
    json_put_time(j, "until", x->until_us);
    json_put_bool(j, "on", x->on);
    json_put_str(j, "by", x->by);
    json_put_time(j, "made", x->made_us);
    json_close(j, '}');
}

// ---- what may stand in one ----

bool reward_words_fair(const char *field, str words, err *e) {
    str why;
    return gate_words_ok(words, &why) || fail(e, ERR_invalid, "'%s': %.*s", field, (int)MIN(why.len, 220), why.s);
}

// What people said, or how they said it, must not decide whether they are rewarded.
static bool fair_condition(arena *a, store *s, str condition, err *e) {
    static const char *const said[] = {"score",      "mean_score",      "mood", "complaints", "feedback",
                                       "last_score", "days_since_score"};
    segment_rule *r;
    char field[SEGMENT_FIELD_LEN];
    if (!condition.len) return true;
    if (!segment_read_text(a, s, condition, 0, &r, field, e)) return false;
    for (size_t i = 0; i < COUNT(said); i++)
        if (segment_asks(r, said[i]))
            return fail(e, ERR_invalid,
                        "'condition' asks for %s: a reward never depends on what somebody said (16 CFR 465.4); ask for "
                        "what they bought or how long they are here",
                        said[i]);
    return true;
}

static bool wrong(err *e, const char **field, const char *name, const char *text) {
    *field = name;
    return fail(e, ERR_invalid, "'%s' %s", name, text);
}

static bool sound(const programme *x, const char **field, err *e) {
    if (!x->name.len || x->name.len > NAME_MOST) return wrong(e, field, "name", "needs 1 to 100 letters");
    if (x->disclosure.len > WORDS_MOST) return wrong(e, field, "disclosure", "is longer than 1,000 letters");
    if (!x->earned_by) return wrong(e, field, "earned_by", "is order, review, answer or referral");
    if (!currency_by_number(x->currency)) return wrong(e, field, "currency", "is none that is known");
    if (x->rate <= 0 || x->rate > RATE_MOST)
        return wrong(e, field, "rate", "must be above 0 and at most a million points");
    if (x->worth < 0 || x->worth > WORTH_MOST) return wrong(e, field, "worth", "must not be below 0");
    if (x->wait_days < 0 || x->wait_days > 3660) return wrong(e, field, "wait_days", "must be 0 to 3660");
    if (x->expiry_days < 0 || x->expiry_days > 36600)
        return wrong(e, field, "expiry_days", "must be 0 (never) to 36600");
    if (x->expiry_days && x->expiry_days <= x->wait_days)
        return wrong(e, field, "expiry_days", "must leave time after the days to wait");
    if (x->day_points < 0 || x->day_times < 0)
        return wrong(e, field, "day_points", "and day_times must not be below 0");
    if (x->until_us && x->until_us <= x->from_us) return wrong(e, field, "until", "must be after 'from'");
    if (x->earned_by == EARNED_REVIEW && !x->disclosure.len)
        return wrong(e, field, "disclosure",
                     "must say what stands beside a review that was rewarded (16 CFR 465.7): \"I got 50 points for "
                     "writing this, whatever I wrote\"");
    return true;
}

// What is given back of an order is a discount to the lines: of 100 units this much.
static bool within_lines(ledger *l, arena *a, const programme *x, err *e) {
    const world *w = ledger_world(l);
    redline_answer answer;
    if (x->earned_by != EARNED_ORDER || !x->on) return true;
    int64_t price = SAMPLE_UNITS * ten_to(decimals(x)), gives = programme_worth(x, programme_points(x, price));
    concession_ask ask = {.kind = CONCEDE_reward,
                          .by = x->by,
                          .currency = x->currency,
                          .price = price,
                          .discount = gives,
                          .amount = gives,
                          .cost = -1,
                          .reason = x->name};
    if (!redline_check(a, ledger_store(l), &ask, w->now_us(w), &answer, e)) return false;
    if (answer.verdict != REDLINE_REFUSED) return true;
    return fail(e, ERR_conflict, "a red line says no: %.*s",
                answer.n_asked ? (int)MIN(answer.asked[0].sum.len, 200) : 0,
                answer.n_asked ? answer.asked[0].sum.s : "");
}

// ---- in the store ----

static programme programme_read(arena *a, const row *r) {
    return (programme){.id = row_int(r, 0),
                       .version = row_int(r, 1),
                       .name = str_dup(a, row_str(r, 2)),
                       .earned_by = (enum earned_by)row_int(r, 3),
                       .currency = (int32_t)row_int(r, 4),
                       .rate = row_int(r, 5),
                       .rounding = (enum rounding)row_int(r, 6),
                       .worth = row_int(r, 7),
                       .wait_days = (int32_t)row_int(r, 8),
                       .expiry_days = (int32_t)row_int(r, 9),
                       .day_points = row_int(r, 10),
                       .day_times = (int32_t)row_int(r, 11),
                       .condition = str_dup(a, row_str(r, 12)),
                       .disclosure = str_dup(a, row_str(r, 13)),
                       .from_us = row_int(r, 14),
                       .until_us = row_int(r, 15),
                       .on = row_int(r, 16) != 0,
                       .by = str_dup(a, row_str(r, 17)),
                       .made_us = row_int(r, 18),
                       .sample = row_int(r, 19) != 0};
}

static void push(arena *a, programme **list, size_t *n, size_t *room, programme x) {
    if (*n == *room) {
        programme *more = make(a, programme, *room = *room ? *room * 2 : 8);
        if (*n) memcpy(more, *list, *n * sizeof *more);
        *list = more;
    }
    (*list)[(*n)++] = x;
}

bool programme_list(arena *a, store *s, programme **out, size_t *n, err *e) {
    size_t room = 0;
    *out = NULL, *n = 0;
    for (row r = store_query(s, Q_programme_list, e, ""); row_next(&r);)
        if (!*n || (*out)[*n - 1].id != row_int(&r, 0)) push(a, out, n, &room, programme_read(a, &r));
    return err_ok(e);
}

bool programme_versions(arena *a, store *s, int64_t id, programme **out, size_t *n, err *e) {
    size_t room = 0;
    *out = NULL, *n = 0;
    for (row r = store_query(s, Q_programme_get, e, "i", id); row_next(&r);)
        push(a, out, n, &room, programme_read(a, &r));
    return err_ok(e) && *n > 0;
}

bool programme_get(arena *a, store *s, int64_t id, programme *out, err *e) {
    programme *list;
    size_t n;
    if (!programme_versions(a, s, id, &list, &n, e))
        return err_ok(e) ? fail(e, ERR_not_found, "there is no programme %" PRId64, id) : false;
    *out = list[0];
    return true;
}

bool programme_put(ledger *l, arena *a, programme *x, const char **field, err *e) {
    const world *w = ledger_world(l);
    programme was = {0};
    *field = "";
    if (!sound(x, field, e)) return false;
    *field = "condition";
    if (!fair_condition(a, ledger_store(l), x->condition, e)) return false;
    *field = "name";
    if (!reward_words_fair("name", x->name, e)) return false;
    *field = "disclosure";
    if (!reward_words_fair("disclosure", x->disclosure, e)) return false;
    *field = "rate";
    if (!within_lines(l, a, x, e)) return false;
    *field = "";
    if (x->id && !programme_get(a, ledger_store(l), x->id, &was, e)) return false;
    if (!x->id && !ledger_id(l, &x->id, e)) return false;
    x->version = was.version + 1, x->made_us = w->now_us(w);
    if (was.id && (was.earned_by != x->earned_by || was.currency != x->currency))
        return fail(e, ERR_conflict, "what a programme rewards and its currency stay as they are; write another one");
    if (was.id) x->sample = was.sample;
    if (!x->from_us) x->from_us = was.id ? was.from_us : x->made_us;
    return store_run(ledger_store(l), Q_programme_put, NULL, e, "iitiiiiiiiiittiiitii", x->id, x->version, x->name,
                     (int64_t)x->earned_by, (int64_t)x->currency, x->rate, (int64_t)x->rounding, x->worth,
                     (int64_t)x->wait_days, (int64_t)x->expiry_days, x->day_points, (int64_t)x->day_times, x->condition,
                     x->disclosure, x->from_us, x->until_us, (int64_t)x->on, x->by, x->made_us, (int64_t)x->sample);
}
