#include "cli/place.h"
#include "cli/say.h"
#include "cli/today_duties.h"
#include "decide/today.h"
#include "know/figure.h"

#include "base/money.h"
#include "base/unicode.h"

typedef struct {
    int64_t days, most;
} today_options;

static const opt opts[] = {
    {"days", 'd', OPT_NUMBER, offsetof(today_options, days), "N",
     "length of the time looked at, and of the time before it (90)"},
    {"most", 'n', OPT_NUMBER, offsetof(today_options, most), "N", "customers shown of each kind (5)"},
};

// ---- for people ----

static void heading(const cli *c, const char *text) {
    term_say(&c->t, "\n");
    term_head(&c->t, text);
}

static void show_head(const cli *c, const today *t, const zone *z) {
    arena a = c->scratch;
    str from = say_day(&a, z, t->now.since_us), to = say_day(&a, z, t->now.until_us - 1);
    if (t->historic)
        term_put(
            &c->t, STYLE_warn,
            str_fmt(&a, "All data are older than a month, so today is taken to be %.*s, the day of the newest event.\n",
                    STR_ARG(to)));
    int64_t days = (t->now.until_us - t->now.since_us) / DAY_US;
    term_say(&c->t,
             "%.*s customers, %.*s of them active. %" PRId64 " days from %.*s to %.*s, beside the %" PRId64
             " before.\n",
             STR_ARG(term_count(&a, t->customers)), STR_ARG(term_count(&a, t->active)), days, STR_ARG(from),
             STR_ARG(to), days);
}

// What a line of a measure has room for: narrow terminals do without the id, then the value before, then the count.
enum { WIDE = 112, NARROW = 98, NARROWEST = 89 };

static bool room_for(const cli *c, int columns) {
    return !c->t.columns || c->t.columns >= columns;
}

static enum style style_of(enum verdict v) {
    switch (v) {
    case VERDICT_BETTER: return STYLE_good;
    case VERDICT_WORSE: return STYLE_bad;
    case VERDICT_NONE:
    case VERDICT_TOO_FEW:
    case VERDICT_NO_CHANGE: break;
    }
    return STYLE_dim;
}

static void show_measure(const cli *c, arena *a, table *x, const today_measure *m) {
    const measure_info *info = measure_get(m->m);
    table_add(x, STYLE_plain, str_c(info->label));
    table_add(x, STYLE_bold, figure_value(a, info->unit, m->now.value));
    table_add(x, STYLE_plain, figure_range(a, info->unit, &m->now));
    table_add(x, STYLE_dim, room_for(c, NARROWEST) ? str_fmt(a, "n %.*s", STR_ARG(term_count(a, m->now.n))) : S(""));
    bool thin = m->now.state == ESTIMATE_THIN && m->now.why;
    str verdict = str_c(thin ? m->now.why : verdict_text(m->verdict));
    if (estimate_shown(&m->before) && room_for(c, NARROW))
        verdict = str_fmt(a, "%.*s, was %.*s", STR_ARG(verdict), STR_ARG(figure_value(a, info->unit, m->before.value)));
    table_add(x, style_of(m->verdict), verdict);
    table_add(x, STYLE_dim, room_for(c, WIDE) ? m->evidence : S(""));
}

static void show_measures(const cli *c, const today *t) {
    static const table_col cols[] = {{NULL, false, false}, {NULL, true, false}, {NULL, false, false},
                                     {NULL, true, false},  {NULL, false, true}, {NULL, false, false}};
    arena a = c->scratch;
    if (!t->n_measures) return;
    heading(c, "How we are doing");
    table *x = table_new(&a, cols, COUNT(cols));
    for (int i = 0; i < t->n_measures; i++) show_measure(c, &a, x, &t->measures[i]);
    table_print(x, &c->t, 2);
}

static str why_of(arena *a, const zone *z, const today *t, const today_need *n) {
    str ago = say_ago(a, n->since_us, t->now_us);
    (void)z;
    if (n->need != NEED_GONE_QUIET)
        return str_fmt(a, "%s %.*s", n->need == NEED_COMPLAINT ? "for" : "waits", STR_ARG(ago));
    double odds = n->chance > 0 ? 1 / n->chance : 0;
    if (odds >= 1e6) return str_fmt(a, "silent %.*s, usually every %d days", STR_ARG(ago), n->rhythm_days);
    return str_fmt(a, "silent %.*s, usually every %d days: chance 1 in %.0f", STR_ARG(ago), n->rhythm_days, odds);
}

static str words_of(arena *a, const today_need *n) {
    str score = n->has_score ? say_score(a, n->last_score, n->last_instrument) : S("");
    if (n->sounds) score = str_fmt(a, "sounds unhappy, %d %%", n->sounds / 10);
    str words = n->words.len ? str_fmt(a, "\"%.*s\"", STR_ARG(text_clip(a, term_clean(a, n->words, true), 60))) : S("");
    return score.len && words.len ? str_fmt(a, "%.*s, %.*s", STR_ARG(score), STR_ARG(words))
           : score.len            ? score
                                  : words;
}

static void show_needs(const cli *c, const today *t, const zone *z) {
    arena a = c->scratch;
    heading(c, "Who needs us now");
    bool any = false;
    for (int k = 0; k < NEEDS; k++) {
        if (!t->need_counts[k]) continue;
        any = true;
        int shown = 0;
        for (int i = 0; i < t->n_needs; i++) shown += t->needs[i].need == (enum today_kind)k;
        str of = t->need_counts[k] > shown ? str_fmt(&a, ", the %d with most at stake", shown) : S("");
        term_say(&c->t, "  %s (%.*s%.*s)\n", need_label((enum today_kind)k), STR_ARG(term_count(&a, t->need_counts[k])),
                 STR_ARG(of));
        table *x = table_new(&a,
                             (table_col[]){{NULL, false, false},
                                           {NULL, true, false},
                                           {NULL, false, false},
                                           {NULL, false, true},
                                           {NULL, false, false}},
                             5);
        for (int i = 0; i < t->n_needs; i++) {
            const today_need *n = &t->needs[i];
            if (n->need != (enum today_kind)k) continue;
            table_add(x, STYLE_bold, text_clip(&a, term_clean(&a, n->name, true), 28));
            table_add(x, STYLE_plain, n->value ? say_money(&a, n->value, n->currency) : S(""));
            table_add(x, STYLE_plain, why_of(&a, z, t, n));
            table_add(x, STYLE_plain, words_of(&a, n));
            table_add(x, STYLE_dim, n->evidence);
        }
        table_print(x, &c->t, 4);
    }
    if (t->gave_up)
        term_say(&c->t, "  %.*s more have waited for longer than that and have hardly any hope left.\n",
                 STR_ARG(term_count(&a, t->gave_up)));
    if (!any) term_say(&c->t, "  Nobody waits for us, and no good customer has gone quiet.\n");
}

static void show_rising(const cli *c, const today *t) {
    arena a = c->scratch;
    heading(c, "What is rising in what people say");
    table *x = table_new(
        &a,
        (table_col[]){
            {NULL, false, false}, {NULL, true, false}, {NULL, false, false}, {NULL, false, true}, {NULL, false, false}},
        5);
    for (int i = 0; i < t->n_rising; i++) {
        const today_rising *r = &t->rising[i];
        table_add(
            x, STYLE_bold,
            str_fmt(&a, r->is_topic || r->is_theme ? "%.*s" : "\"%.*s\"", STR_ARG(term_clean(&a, r->term, true))));
        table_add(x, STYLE_plain,
                  str_fmt(&a, "%.*s of %s", STR_ARG(figure_value(&a, UNIT_SHARE, r->r.share)),
                          r->of_people ? "people" : "what is said"));
        table_add(x, STYLE_plain,
                  r->before
                      ? str_fmt(&a, "was %.*s (%" PRId64 " %s in 4 weeks)",
                                STR_ARG(figure_value(&a, UNIT_SHARE, r->r.share_before)), r->now,
                                r->of_people ? "people" : "times")
                      : str_fmt(&a, "new (%" PRId64 " %s in 4 weeks)", r->now, r->of_people ? "people" : "times"));
        table_add(x, STYLE_plain,
                  r->example.len ? str_fmt(&a, "\"%.*s\"", STR_ARG(text_clip(&a, term_clean(&a, r->example, true), 50)))
                                 : S(""));
        table_add(x, STYLE_dim, r->evidence);
    }
    table_print(x, &c->t, 2);
    if (t->alarms)
        term_say(&c->t, "  %.*s said by more people than usual: heed priority rising\n",
                 STR_ARG(say_n(&a, t->alarms, "thing is", "things are")));
    if (t->alarms && !t->n_rising) return;
    if (!t->n_rising && t->terms_tested)
        term_say(&c->t,
                 "  Nothing clearly: none of %.*s topics and words is heard more often than in the 13 weeks before.\n",
                 STR_ARG(term_count(&a, t->terms_tested)));
    else if (!t->n_rising)
        term_say(&c->t, "  Nothing could be compared: no topic or word was heard five times in four weeks.\n");
    if (t->texts_sampled) term_say(&c->t, "  An equal share of both times was read, 20,000 texts in all.\n");
}

static void show_unknown(const cli *c, const today *t) {
    if (!t->n_unknown && !t->quarantined) return;
    arena a = c->scratch;
    heading(c, "What heed could not tell");
    table *x = table_new(&a, (table_col[]){{NULL, false, false}, {NULL, false, true}}, 2);
    for (int i = 0; i < t->n_unknown; i++) {
        table_add(x, STYLE_plain, t->unknown[i].what);
        table_add(x, STYLE_dim, t->unknown[i].why);
    }
    table_print(x, &c->t, 2);
    if (t->quarantined)
        term_say(&c->t, "  %.*s rows wait in quarantine: heed quarantine list\n",
                 STR_ARG(term_count(&a, t->quarantined)));
}

// ---- for programs ----

static void answer_measures(reply *r, const today *t) {
    json_open(&r->j, "measures", '[');
    for (int i = 0; i < t->n_measures; i++) {
        const today_measure *m = &t->measures[i];
        const measure_info *info = measure_get(m->m);
        json_open(&r->j, NULL, '{');
        json_put_str(&r->j, "name", str_c(info->name));
        json_put_str(&r->j, "label", str_c(info->label));
        json_put_str(&r->j, "unit", str_c(unit_name(info->unit)));
        json_put_int(&r->j, "better", info->better);
        figure_json(&r->j, "now", &m->now);
        figure_json(&r->j, "before", &m->before);
        figure_change_json(&r->j, "change", &m->moved);
        json_put_str(&r->j, "verdict", str_c(figure_verdict(m->verdict)));
        json_put_str(&r->j, "evidence", m->evidence);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
}

static void answer_need(reply *r, const today_need *n) {
    static const char *const names[] = {"unhappy_waiting", "complaint", "waiting", "gone_quiet"};
    const currency *m = currency_by_number(n->currency);
    json_open(&r->j, NULL, '{');
    json_put_str(&r->j, "need", str_c(names[n->need]));
    json_put_int(&r->j, "customer", n->customer_id);
    json_put_str(&r->j, "name", n->name);
    reply_time(r, "since", n->since_us);
    json_put_int(&r->j, "at_stake", n->value);
    json_put_str(&r->j, "currency", str_c(m ? m->code : ""));
    if (n->need == NEED_GONE_QUIET) {
        json_put_int(&r->j, "rhythm_days", n->rhythm_days);
        json_put_num(&r->j, "chance", n->chance);
    }
    if (n->has_score) {
        json_put_num(&r->j, "last_score", (double)n->last_score / 100);
        json_put_str(&r->j, "last_instrument", instrument_name(n->last_instrument));
    }
    json_put_int(&r->j, "complaints", n->complaints);
    if (n->sounds) json_put_num(&r->j, "sounds_unhappy", n->sounds / 1000.0);
    json_put_str(&r->j, "words", n->words);
    json_put_str(&r->j, "evidence", n->evidence);
    json_close(&r->j, '}');
}

static void answer_rising(reply *r, const today *t) {
    json_open(&r->j, "rising", '[');
    for (int i = 0; i < t->n_rising; i++) {
        const today_rising *x = &t->rising[i];
        json_open(&r->j, NULL, '{');
        json_put_str(&r->j, "term", x->term);
        json_put_str(&r->j, "kind", str_c(today_rising_kind(x)));
        json_put_bool(&r->j, "is_topic", x->is_topic);
        json_put_num(&r->j, "share", x->r.share);
        json_put_num(&r->j, "share_before", x->r.share_before);
        json_put_int(&r->j, "mentions", x->now);
        json_put_int(&r->j, "mentions_before", x->before);
        json_put_num(&r->j, "p", x->p);
        json_put_str(&r->j, "example", x->example);
        json_put_str(&r->j, "evidence", x->evidence);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
}

static void answer(const cli *c, const today *t, const duties *d) {
    reply r;
    reply_open(&r, c);
    json_open(&r.j, NULL, '{');
    reply_time(&r, "now", t->now_us);
    json_put_bool(&r.j, "historic", t->historic);
    json_put_bool(&r.j, "sample", t->sample);
    json_put_str(&r.j, "zone", t->zone);
    reply_time(&r, "since", t->now.since_us);
    reply_time(&r, "before_since", t->before.since_us);
    json_put_int(&r.j, "customers", t->customers);
    json_put_int(&r.j, "active", t->active);
    answer_measures(&r, t);
    json_open(&r.j, "needs", '[');
    for (int i = 0; i < t->n_needs; i++) answer_need(&r, &t->needs[i]);
    json_close(&r.j, ']');
    json_open(&r.j, "need_counts", '{');
    json_put_int(&r.j, "unhappy_waiting", t->need_counts[NEED_UNHAPPY_WAITING]);
    json_put_int(&r.j, "complaint", t->need_counts[NEED_COMPLAINT]);
    json_put_int(&r.j, "waiting", t->need_counts[NEED_WAITING]);
    json_put_int(&r.j, "gone_quiet", t->need_counts[NEED_GONE_QUIET]);
    json_put_int(&r.j, "gave_up", t->gave_up);
    json_close(&r.j, '}');
    answer_rising(&r, t);
    json_put_int(&r.j, "terms_tested", t->terms_tested);
    json_open(&r.j, "could_not_tell", '[');
    for (int i = 0; i < t->n_unknown; i++) {
        json_open(&r.j, NULL, '{');
        json_put_str(&r.j, "what", t->unknown[i].what);
        json_put_str(&r.j, "why", t->unknown[i].why);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']');
    json_put_int(&r.j, "quarantined", t->quarantined);
    duties_json(&r.j, "duties", d, true, t->now_us);
    json_close(&r.j, '}');
    reply_close(&r);
}

static bool show(cli *c, store *s, const today *t, const duties *d, err *e) {
    settings set;
    zone *z;
    if (!settings_read(c->life, s, &set, e) || !zone_open(c->life, t->zone, &z, e)) return false;
    settings_mark(c, &set);
    if (!t->customers && !t->texts_now && !t->n_measures) {
        term_say(&c->t, "The store is empty. Take something in: heed import orders.csv tickets.json, or try the sample "
                        "company: heed demo\n");
        return true;
    }
    show_head(c, t, z);
    show_measures(c, t);
    show_needs(c, t, z);
    today_duties(c, d, t->now_us);
    show_rising(c, t);
    show_unknown(c, t);
    term_put(&c->t, STYLE_dim,
             S("\nThe rows behind a line: heed evidence and its last word, such as heed evidence customer:17\n"));
    return true;
}

static bool run(cli *c, const void *options, err *e) {
    const today_options *o = options;
    store *s;
    today t;
    duties d;
    if (o->days < 7 || o->days > 3650) return fail(e, ERR_usage, "--days must be from 7 to 3650");
    if (o->most < 1 || o->most > 1000) return fail(e, ERR_usage, "--most must be from 1 to 1000");
    if (!place_read(c, &s, e)) return false;
    today_opts how = {.clock_us = c->w->now_us(c->w), .days = (int)o->days, .most = (int)o->most};
    bool ok = store_begin_read(s, e) && today_read(c->life, s, &how, &t, e) &&
              duties_read(c->life, s, t.now_us, (size_t)o->most, &d, e);
    if (ok && c->g.json)
        answer(c, &t, &d);
    else if (ok)
        ok = show(c, s, &t, &d, e);
    store_close(s);
    return ok;
}

static const today_options defaults = {.days = 90, .most = 5};

const cmd cmd_today = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(today_options),
    .defaults = &defaults,
    .run = run,
    .more =
        "One screen: how we are doing (each figure with its likely range, how many it rests on, and whether it clearly "
        "changed "
        "against the time before), who needs us now and what is at stake, what is rising in what people say, and what "
        "the data "
        "cannot tell.\n\n"
        "A change is called clear only when the range of the difference excludes zero and it survives being one of "
        "many on the "
        "page (false discovery rate 5 %). When all data are older than a month, today is the day of the newest event.",
    .examples = "heed today\nheed today --days 30 --most 10\nheed today --json",
    .json = "{\"now\",\"historic\",\"sample\",\"zone\",\"since\",\"before_since\",\"customers\",\"active\","
            "\"measures\":[{\"name\",\"label\","
            "\"unit\",\"better\",\"now\":{\"value\",\"lo\",\"hi\",\"n\",\"method\",\"state\",\"why\"},\"before\","
            "\"change\":{\"diff\",\"lo\",\"hi\",\"p\","
            "\"method\"},\"verdict\",\"evidence\"}],\"needs\":[{\"need\",\"customer\",\"name\",\"since\",\"at_stake\","
            "\"currency\",\"sounds_unhappy\",\"words\","
            "\"evidence\"}],\"need_counts\",\"rising\",\"terms_tested\",\"could_not_tell\":[{\"what\",\"why\"}],"
            "\"quarantined\",\"duties\":{\"due_count\",\"risky_count\",\"apology_count\",\"due\":[{\"commitment\","
            "\"kind\",\"what\","
            "\"customer\",\"name\",\"owner\",\"status\",\"due\",\"late_chance\"}],\"risky\",\"apologies\",\"redlines_"
            "near\":"
            "[{\"redline\",\"name\",\"share\",\"sum\"}],\"approvals\",\"approvals_count\",\"messages\":{\"unsure\","
            "\"failed\","
            "\"bounced\",\"waiting\"}}}",
};
