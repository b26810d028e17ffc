// What heed topic shows.
#include <math.h>

#include "base/unicode.h"
#include "cli/topic_cmd.h"

enum { SNIPPET = 110, MONTHS = 24 };

static str percent(arena *a, const estimate *x) {
    return estimate_shown(x) ? str_fmt(a, "%.0f %%", 100 * x->value) : S("-");
}

static str name_of(care *k, const topics *t, const topic *x) {
    size_t depth = 0;
    for (const topic *p = x->parent ? topics_by_id(t, x->parent) : NULL; p && depth < 8; depth++)
        p = p->parent ? topics_by_id(t, p->parent) : NULL;
    return str_fmt(k->at.c->life, "%*s%.*s", (int)(2 * depth), "", STR_ARG(term_clean(k->at.c->life, x->name, true)));
}

static str trend_of(arena *a, const topic_trend *t) {
    if (t->verdict == VERDICT_BETTER) return str_fmt(a, "rises %.1f ×", t->ratio);
    if (t->verdict == VERDICT_WORSE) return str_fmt(a, "falls to %.1f ×", t->ratio);
    return S("");
}

// ---- list ----

static void list_json(care *k, const topic *x, const topic_figures *f, const topic_quality *q, json_out *j) {
    (void)k;
    json_open(j, NULL, '{');
    json_put_int(j, "id", x->id);
    json_put_str(j, "axis", str_c(topic_axis_name(x->axis)));
    json_put_int(j, "parent", x->parent);
    json_put_str(j, "name", x->name);
    json_put_str(j, "state", str_c(topic_state_name(x->state)));
    json_put_int(j, "people", f->people);
    json_put_int(j, "mentions", f->mentions);
    json_put_int(j, "negative", f->negative);
    json_put_int(j, "positive", f->positive);
    json_put_int(j, "unsure", f->unsure);
    json_put_num(j, "balance", estimate_shown(&f->balance) ? f->balance.value : NAN);
    json_put_num(j, "trend", f->trend.ratio);
    json_put_num(j, "given_from", q->give);
    json_put_num(j, "precision", estimate_shown(&q->precision) ? q->precision.value : NAN);
    json_close(j, '}');
}

static void list_row(care *k, table *rows, const topics *t, const topic *x, const topic_figures *f,
                     const topic_quality *q) {
    arena *a = k->at.c->life;
    table_add(rows, STYLE_dim, str_fmt(a, "%" PRId64, x->id));
    table_add(rows, STYLE_bold, name_of(k, t, x));
    table_add(rows, STYLE_plain, term_count(a, f->people));
    table_add(rows, STYLE_plain, estimate_shown(&f->balance) ? str_fmt(a, "%+.0f", f->balance.value) : S("-"));
    table_add(rows, STYLE_dim,
              estimate_shown(&f->balance) ? str_fmt(a, "%+.0f to %+.0f", f->balance.lo, f->balance.hi) : S(""));
    table_add(rows, STYLE_plain, f->unsure ? term_count(a, f->unsure) : S("-"));
    table_add(rows, STYLE_plain, percent(a, &q->precision));
    table_add(rows, STYLE_dim, x->state == TOPIC_used ? trend_of(a, &f->trend) : str_c(topic_state_name(x->state)));
}

// Below a parent, in the order of names.
static void list_under(care *k, table *rows, const topics *t, int64_t parent, enum topic_axis axis,
                       const topic_counts *c, const topic_quality *q) {
    size_t n;
    const topic *all = topics_all(t, &n);
    const topic_opts *o = k->o;
    for (size_t i = 0; i < n; i++) {
        if (all[i].parent != parent || all[i].axis != axis || (!o->all && all[i].state != TOPIC_used)) continue;
        list_row(k, rows, t, &all[i], &c->of[i], &q[i]);
        list_under(k, rows, t, all[i].id, axis, c, q);
    }
}

bool topic_list_run(care *k, err *e) {
    static const table_col cols[] = {{"topic", true, false},   {"name", false, true},    {"people", true, false},
                                     {"balance", true, false}, {"likely", false, false}, {"to ask", true, false},
                                     {"right", true, false},   {"", false, false}};
    const topic_opts *o = k->o;
    cli *c = k->at.c;
    topics *t;
    topic_counts counts;
    topic_quality *q;
    enum topic_axis only;
    size_t n;
    const int64_t since = k->at.now_us - MAX(o->days, (int64_t)1) * DAY_US;
    if (!topic_axis_in(k, (enum topic_axis)0, &only, e) || !topics_read(c->life, k->at.s, &t, e) ||
        !topic_count(c->life, k->at.s, t, since, k->at.now_us + 1, &counts, e) ||
        !topic_qualities(c->life, k->at.s, t, &q, e))
        return false;
    const topic *all = topics_all(t, &n);
    if (c->g.json) {
        reply r;
        reply_open(&r, c), json_open(&r.j, NULL, '{');
        reply_time(&r, "since", since);
        json_put_int(&r.j, "people", counts.people);
        json_put_int(&r.j, "words", counts.words);
        json_put_int(&r.j, "unassigned", counts.unassigned);
        json_open(&r.j, "topics", '[');
        for (size_t i = 0; i < n; i++)
            if ((!only || all[i].axis == only) && (o->all || all[i].state == TOPIC_used))
                list_json(k, &all[i], &counts.of[i], &q[i], &r.j);
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    if (!topics_used(t))
        return term_say(&c->t, "There are no topics yet. 'heed topic names' shows what your sources call things; heed "
                               "topic add NAME --called THAT\n"),
               true;
    for (int x = TOPIC_what; x < TOPIC_AXES; x++) {
        if (only && only != (enum topic_axis)x) continue;
        table *rows = table_new(c->life, cols, COUNT(cols));
        list_under(k, rows, t, 0, (enum topic_axis)x, &counts, q);
        if (!table_rows(rows)) continue;
        term_head(&c->t, topic_axis_name((enum topic_axis)x));
        table_print(rows, &c->t, 0);
        term_say(&c->t, "\n");
    }
    term_say(&c->t,
             "%.*s said %.*s in %" PRId64
             " days; %.*s of them have no topic. Balance: people who are pleased less those who are not.\n",
             STR_ARG(say_n(c->life, counts.people, "person", "people")),
             STR_ARG(say_n(c->life, counts.words, "text", "texts")), o->days,
             STR_ARG(counts.words
                         ? str_fmt(c->life, "%.0f %%", 100.0 * (double)counts.unassigned / (double)counts.words)
                         : S("none")));
    return true;
}

// ---- one ----

static str snippet(care *k, str words) {
    return text_clip(k->at.c->life, term_clean(k->at.c->life, words, true), SNIPPET);
}

static bool mention_row(care *k, table *rows, json_out *j, const topic_mention *x, err *e) {
    arena *a = k->at.c->life;
    int64_t feedback;
    enum channel channel;
    if (!topic_word_place(k->at.s, &x->w, &feedback, &channel, e)) return false;
    if (j) {
        json_open(j, NULL, '{');
        json_put_int(j, "feedback", feedback);
        json_put_int(j, "customer", x->customer);
        json_put_time(j, "at", x->w.at_us);
        json_put_str(j, "how", str_c(topic_how_name(x->tag.how)));
        json_put_num(j, "sure", x->tag.sure / 1000.0);
        json_put_num(j, "mood", x->tag.has_mood ? x->tag.mood / 1000.0 : NAN);
        json_put_str(j, "words", x->w.text);
        json_close(j, '}');
        return true;
    }
    table_add(rows, STYLE_dim, str_fmt(a, "%" PRId64, feedback));
    table_add(rows, STYLE_plain, say_day(a, k->at.z, x->w.at_us));
    table_add(rows, STYLE_plain, str_c(topic_how_name(x->tag.how)));
    table_add(rows, STYLE_plain, x->tag.has_mood ? str_fmt(a, "%+.1f", x->tag.mood / 1000.0) : S("-"));
    table_add(rows, STYLE_plain, snippet(k, x->w.text));
    return true;
}

bool topic_show_run(care *k, err *e) {
    static const table_col cols[] = {
        {"words", true, false}, {"said", false, false}, {"by", false, false}, {"mood", true, false}, {"", false, true}};
    const topic_opts *o = k->o;
    cli *c = k->at.c;
    topics *t;
    const topic *x;
    topic_mention *v;
    str *names;
    size_t n;
    bool more;
    reply r;
    if (!topics_read(c->life, k->at.s, &t, e) || !topic_asked(k, t, c->args.v[1], &x, e)) return false;
    const topic_mentions_ask q = {.id = x->id,
                                  .since_us = k->at.now_us - MAX(o->days, (int64_t)1) * DAY_US,
                                  .feeling = MOOD_UNKNOWN,
                                  .below = true,
                                  .most = (size_t)MAX(o->limit, (int64_t)1)};
    if (!topic_mentions(c->life, k->at.s, t, &q, &v, &n, &more, e)) return false;
    table *rows = table_new(c->life, cols, COUNT(cols));
    if (c->g.json) {
        reply_open(&r, c), json_open(&r.j, NULL, '{'), json_open(&r.j, "topic", '{');
        json_put_int(&r.j, "id", x->id);
        json_put_str(&r.j, "name", x->name);
        json_put_str(&r.j, "about", x->about);
        json_put_raw(&r.j, "phrases", x->phrases);
        json_put_int(&r.j, "version", x->version);
        json_close(&r.j, '}'), json_open(&r.j, "mentions", '[');
    }
    for (size_t i = 0; i < n; i++)
        if (!mention_row(k, rows, c->g.json ? &r.j : NULL, &v[i], e))
            return c->g.json ? (reply_drop(&r), false) : false;
    if (c->g.json) {
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    term_say(&c->t, "%.*s (%s)%s%.*s\n", STR_ARG(term_clean(c->life, x->name, true)), topic_axis_name(x->axis),
             x->about.len ? ": " : "", STR_ARG(term_clean(c->life, x->about, true)));
    const size_t m = topics_names(c->life, t, x->id, &names);
    for (size_t i = 0; i < m && m > 1; i++)
        term_say(&c->t, "%s%.*s%s", i ? ", " : "Also called: ", STR_ARG(term_clean(c->life, names[i], true)),
                 i + 1 == m ? "\n" : "");
    term_say(&c->t, "\n");
    table_print(rows, &c->t, 0);
    if (!n) term_say(&c->t, "Nobody spoke of it in %" PRId64 " days.\n", o->days);
    if (more) term_say(&c->t, "and more: -n shows them\n");
    return true;
}

// ---- names, history ----

bool topic_names_run(care *k, err *e) {
    static const table_col cols[] = {
        {"name", false, true}, {"people", true, false}, {"texts", true, false}, {"by", false, false}};
    const topic_opts *o = k->o;
    cli *c = k->at.c;
    topics *t;
    topic_begin *v;
    size_t n;
    reply r;
    if (!topics_read(c->life, k->at.s, &t, e) || !topic_suggestions(c->life, k->at.s, t, k->at.now_us, &v, &n, e))
        return false;
    const size_t shown = MIN(n, (size_t)MAX(o->limit, (int64_t)1));
    table *rows = table_new(c->life, cols, COUNT(cols));
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '{'), json_open(&r.j, "names", '[');
    for (size_t i = 0; i < shown; i++) {
        str by = v[i].said ? S("person") : S("source");
        if (c->g.json) {
            json_open(&r.j, NULL, '{');
            json_put_str(&r.j, "name", v[i].name);
            json_put_int(&r.j, "people", v[i].people);
            json_put_int(&r.j, "messages", v[i].messages);
            json_put_str(&r.j, "by", by);
            json_close(&r.j, '}');
            continue;
        }
        table_add(rows, STYLE_bold, term_clean(c->life, v[i].name, true));
        table_add(rows, STYLE_plain, term_count(c->life, v[i].people));
        table_add(rows, STYLE_plain, term_count(c->life, v[i].messages));
        table_add(rows, STYLE_dim, by);
    }
    if (c->g.json) {
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    table_print(rows, &c->t, 0);
    if (!n) term_say(&c->t, "Every name in use is a topic.\n");
    if (shown < n) term_say(&c->t, "and %zu more: -n shows them\n", n - shown);
    return true;
}

bool topic_history_run(care *k, err *e) {
    static const table_col cols[] = {{"change", true, false},
                                     {"when", false, false},
                                     {"who", false, false},
                                     {"what", false, false},
                                     {"topics", false, true}};
    const topic_opts *o = k->o;
    cli *c = k->at.c;
    topic_changed *v;
    size_t n;
    reply r;
    if (!topic_changes(c->life, k->at.s, INT64_MAX, (size_t)MAX(o->limit, (int64_t)1), &v, &n, e)) return false;
    table *rows = table_new(c->life, cols, COUNT(cols));
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '{'), json_open(&r.j, "changes", '[');
    for (size_t i = 0; i < n; i++) {
        json_t *detail = NULL;
        size_t j;
        const json_t *x;
        buf names = buf_new(c->life, 1 << 16);
        if (!json_read(v[i].detail, &detail, e)) return c->g.json ? (reply_drop(&r), false) : false;
        json_array_foreach(json_object_get(detail, "after"), j, x) {
            if (names.len) buf_add(&names, S(", "));
            buf_add(&names, json_at(x, "name"));
        }
        json_decref(detail);
        if (c->g.json) {
            json_open(&r.j, NULL, '{');
            json_put_int(&r.j, "change", v[i].id);
            json_put_time(&r.j, "at", v[i].at_us);
            json_put_str(&r.j, "by", v[i].by);
            json_put_str(&r.j, "act", v[i].act);
            json_put_str(&r.j, "topics", buf_str(&names));
            json_put_int(&r.j, "undone", v[i].undone_id);
            json_close(&r.j, '}');
            continue;
        }
        table_add(rows, STYLE_dim, str_fmt(c->life, "%" PRId64, v[i].id));
        table_add(rows, STYLE_plain, say_time(c->life, k->at.z, v[i].at_us));
        table_add(rows, STYLE_plain, v[i].by);
        table_add(rows, STYLE_bold,
                  v[i].undone_id ? str_fmt(c->life, "%.*s (taken back)", STR_ARG(v[i].act)) : v[i].act);
        table_add(rows, STYLE_plain, term_clean(c->life, buf_str(&names), true));
    }
    if (c->g.json) {
        json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    table_print(rows, &c->t, 0);
    if (!n) term_say(&c->t, "Nothing was changed yet.\n");
    return true;
}

// ---- preview ----

static void move_json(json_out *j, const topic_move *m) {
    json_open(j, NULL, '{');
    json_put_int(j, "topic", MAX(m->topic, (int64_t)0));
    json_put_str(j, "name", m->name);
    json_put_int(j, "gains", m->gains);
    json_put_int(j, "loses", m->loses);
    json_put_int(j, "stays", m->stays);
    json_put_int(j, "doubts", m->doubts);
    json_put_int(j, "people", m->people);
    json_close(j, '}');
}

static void outlook_say(care *k, const topic_outlook *x) {
    static const table_col cols[] = {{"topic", false, true}, {"gains", true, false},  {"loses", true, false},
                                     {"stays", true, false}, {"to ask", true, false}, {"people", true, false}};
    cli *c = k->at.c;
    arena *a = c->life;
    table *rows = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < x->n; i++) {
        const topic_move *m = &x->moves[i];
        const int64_t n[] = {m->gains, m->loses, m->stays, m->doubts, m->people};
        table_add(rows, STYLE_bold, term_clean(a, m->name, true));
        for (size_t v = 0; v < COUNT(n); v++) table_add(rows, STYLE_plain, term_count(a, n[v]));
    }
    table_print(rows, &c->t, 0);
    for (size_t i = 0; i < x->n; i++)
        for (size_t m = 0; m < x->moves[i].n; m++)
            term_say(&c->t, "  %.*s: %.*s\n", STR_ARG(term_clean(a, x->moves[i].name, true)),
                     STR_ARG(snippet(k, x->moves[i].examples[m].w.text)));
    term_say(&c->t, "\n%.*s looked at", STR_ARG(say_n(a, x->looked, "text", "texts")));
    if (estimate_shown(&x->precision))
        term_say(&c->t, "; of what is given then, likely %.0f to %.0f %% is right", 100 * x->precision.lo,
                 100 * x->precision.hi);
    if (x->without) term_say(&c->t, "; %.*s without any topic then", STR_ARG(say_n(a, x->without, "text", "texts")));
    term_say(&c->t, ". Nothing was changed.\n");
    for (size_t i = 0; i < x->n_notes; i++) term_say(&c->t, "Note: %s.\n", x->notes[i]);
}

bool topic_preview_run(care *k, err *e) {
    cli *c = k->at.c;
    topics *t;
    topic_change x;
    topic_outlook out;
    const char *field;
    reader *r = NULL;
    reply j;
    bool ok = topics_read(c->life, k->at.s, &t, e) && topic_proposal(k, t, c->args.v[1], 2, &x, e) &&
              reader_open(c->life, &r, place_of(c), e) && topic_try(c->life, k->at.s, t, r, &x, &out, &field, e);
    reader_close(r);
    if (!ok) return false;
    if (!c->g.json) return outlook_say(k, &out), true;
    reply_open(&j, c), json_open(&j.j, NULL, '{'), json_open(&j.j, "moves", '[');
    for (size_t i = 0; i < out.n; i++) move_json(&j.j, &out.moves[i]);
    json_close(&j.j, ']');
    json_put_int(&j.j, "looked", out.looked);
    json_put_int(&j.j, "without", out.without);
    json_put_num(&j.j, "precision", estimate_shown(&out.precision) ? out.precision.value : NAN);
    json_close(&j.j, '}'), reply_close(&j);
    return true;
}

// ---- questions ----

static bool question(care *k, const topics *t, const topic_question *q, json_out *j, err *e) {
    cli *c = k->at.c;
    int64_t feedback;
    enum channel channel;
    if (!topic_word_place(k->at.s, &q->w, &feedback, &channel, e)) return false;
    if (j) {
        json_open(j, NULL, '{');
        json_put_int(j, "feedback", feedback);
        json_put_str(j, "words", q->w.text);
        json_open(j, "guesses", '[');
        for (size_t i = 0; i < q->n; i++) {
            json_open(j, NULL, '{');
            json_put_int(j, "topic", q->guesses[i].topic);
            json_put_str(j, "name", topics_by_id(t, q->guesses[i].topic)->name);
            json_put_num(j, "sure", q->guesses[i].sure / 1000.0);
            json_close(j, '}');
        }
        json_close(j, ']'), json_close(j, '}');
        return true;
    }
    term_say(&c->t, "%" PRId64 "  %.*s\n   ", feedback, STR_ARG(snippet(k, q->w.text)));
    for (size_t i = 0; i < q->n; i++)
        term_say(&c->t, "%s%.*s %d %%", i ? ", " : " about ",
                 STR_ARG(term_clean(c->life, topics_by_id(t, q->guesses[i].topic)->name, true)),
                 (q->guesses[i].sure + 5) / 10);
    term_say(&c->t, "?\n");
    return true;
}

bool topic_ask_run(care *k, err *e) {
    cli *c = k->at.c;
    topics *t;
    topic_question *v;
    enum topic_axis axis;
    const topic *root = NULL;
    size_t n;
    int64_t waiting;
    reply r;
    bool ok = true;
    if (!topic_axis_in(k, TOPIC_what, &axis, e) || !topics_read(c->life, k->at.s, &t, e) ||
        (c->args.n > 1 && !topic_asked(k, t, c->args.v[1], &root, e)))
        return false;
    if (root) axis = root->axis;
    if (!topic_ask(c->life, k->at.s, t, axis, root ? root->id : 0, &v, &n, &waiting, e)) return false;
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '{'), json_open(&r.j, "questions", '[');
    for (size_t i = 0; ok && i < n; i++) ok = question(k, t, &v[i], c->g.json ? &r.j : NULL, e);
    if (c->g.json) {
        json_close(&r.j, ']');
        json_put_int(&r.j, "waiting", waiting);
        json_close(&r.j, '}'), reply_close(&r);
        return ok;
    }
    if (!n) term_say(&c->t, "There is nothing worth asking.\n");
    if (n)
        term_say(&c->t, "\n%" PRId64 " wait in all. Answer by: heed topic answer %s --yes TOPIC --no TOPIC\n", waiting,
                 "WORDS");
    return ok;
}

// ---- audit ----

static bool audit_json(care *k, const topics *t, int month, const topic_audit_report *x) {
    reply r;
    reply_open(&r, k->at.c), json_open(&r.j, NULL, '{');
    json_put_str(&r.j, "month", topic_month_text(k->at.c->life, month));
    json_put_int(&r.j, "sample", x->sample);
    json_put_int(&r.j, "judged", x->judged);
    json_put_num(&r.j, "alpha", x->alpha);
    json_put_num(&r.j, "precision", estimate_shown(&x->precision) ? x->precision.value : NAN);
    json_put_num(&r.j, "recall", estimate_shown(&x->recall) ? x->recall.value : NAN);
    json_put_num(&r.j, "abstained", estimate_shown(&x->abstained) ? x->abstained.value : NAN);
    json_put_num(&r.j, "unassigned", estimate_shown(&x->unassigned) ? x->unassigned.value : NAN);
    json_put_num(&r.j, "coverage", x->coverage);
    json_open(&r.j, "topics", '[');
    for (size_t i = 0; i < x->n; i++) {
        json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "topic", x->lines[i].topic);
        json_put_str(&r.j, "name", topics_by_id(t, x->lines[i].topic)->name);
        json_put_int(&r.j, "given", x->lines[i].given);
        json_put_int(&r.j, "meant", x->lines[i].meant);
        json_put_int(&r.j, "both", x->lines[i].both);
        json_close(&r.j, '}');
    }
    json_close(&r.j, ']'), json_close(&r.j, '}'), reply_close(&r);
    return true;
}

// What waits to be judged, without what heed gave.
static bool waiting_words(care *k, int month, err *e) {
    cli *c = k->at.c;
    const topic_opts *o = k->o;
    topic_audited *v;
    size_t n;
    int64_t shown = 0;
    if (!topic_audit_read(c->life, k->at.s, month, &v, &n, e)) return false;
    for (size_t i = 0; i < n && shown < MAX(o->limit, (int64_t)1); i++) {
        topic_word w;
        bool there;
        int64_t feedback;
        enum channel channel;
        if (v[i].n_judged) continue;
        if (!topic_word_get(c->life, k->at.s, v[i].profile, v[i].key, &w, &there, e)) return false;
        if (!there) continue;
        if (!topic_word_place(k->at.s, &w, &feedback, &channel, e)) return false;
        term_say(&c->t, "%" PRId64 "  %.*s\n", feedback, STR_ARG(snippet(k, w.text)));
        shown++;
    }
    if (shown)
        term_say(&c->t, "\nJudge by: heed topic judge WORDS --yes TOPIC, or without --yes: about none of them.\n");
    return true;
}

bool topic_audit_run(care *k, err *e) {
    static const table_col cols[] = {{"topic", false, true},
                                     {"given", true, false},
                                     {"meant", true, false},
                                     {"precision", true, false},
                                     {"recall", true, false}};
    cli *c = k->at.c;
    arena *a = c->life;
    topics *t;
    topic_audit_report x;
    int month;
    if (!topic_month_in(k, k->at.s, &month, e) || !topics_read(a, k->at.s, &t, e) ||
        !topic_audit_tell(a, k->at.s, t, month, &x, e))
        return false;
    if (c->g.json) return audit_json(k, t, month, &x);
    term_say(&c->t, "Sample of %.*s: %" PRId64 " of %" PRId64 " judged.\n\n", STR_ARG(topic_month_text(a, month)),
             x.judged, x.sample);
    table *rows = table_new(a, cols, COUNT(cols));
    for (size_t i = 0; i < x.n; i++) {
        table_add(rows, STYLE_bold, term_clean(a, topics_by_id(t, x.lines[i].topic)->name, true));
        table_add(rows, STYLE_plain, term_count(a, x.lines[i].given));
        table_add(rows, STYLE_plain, term_count(a, x.lines[i].meant));
        table_add(rows, STYLE_plain, percent(a, &x.lines[i].precision));
        table_add(rows, STYLE_plain, percent(a, &x.lines[i].recall));
    }
    if (table_rows(rows)) table_print(rows, &c->t, 0), term_say(&c->t, "\n");
    if (x.judged)
        term_say(&c->t, "Right of what is given: %.*s. Found of what there is: %.*s. ",
                 STR_ARG(percent(a, &x.precision)), STR_ARG(percent(a, &x.recall)));
    if (!isnan(x.alpha)) term_say(&c->t, "Agreement between people (alpha): %.2f. ", x.alpha);
    term_say(&c->t, "Without any topic: %.*s.\n\n", STR_ARG(percent(a, &x.unassigned)));
    return waiting_words(k, month, e);
}
