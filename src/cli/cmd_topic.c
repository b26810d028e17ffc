// heed topic: what the team calls the things that customers speak of, and how it is changed and learned.
#include "cli/topic_cmd.h"

#include <math.h>

#include "act/topic_answer.h"
#include "cli/words.h"
#include "jobs/tagging.h"

static const topic_opts defaults = {.days = 90, .limit = 10};

static const opt opts[] = {
    {"axis", 0, OPT_TEXT, offsetof(topic_opts, axis), "what|why|intent",
     "list: only of this axis; add, ask: what unless given"},
    {"days", 0, OPT_NUMBER, offsetof(topic_opts, days), "N",
     "list, show: what was said in so many days; 90 unless given"},
    {"limit", 'n', OPT_NUMBER, offsetof(topic_opts, limit), "N",
     "show, names, history: at most so many rows; 10 unless given"},
    {"all", 0, OPT_FLAG, offsetof(topic_opts, all), NULL, "list: archived and merged ones too"},
    {"name", 0, OPT_TEXT, offsetof(topic_opts, name), "NAME", "edit: its new name; the old one still leads to it"},
    {"about", 0, OPT_TEXT, offsetof(topic_opts, about), "TEXT",
     "add, edit: one sentence, from which it is learned too"},
    {"phrase", 0, OPT_LIST, offsetof(topic_opts, phrases), "TEXT", "add, edit: what people say who mean it"},
    {"called", 0, OPT_LIST, offsetof(topic_opts, called), "NAME", "add: what sources and people called it until now"},
    {"parent", 0, OPT_TEXT, offsetof(topic_opts, parent), "TOPIC", "add, edit: the topic under which it stands"},
    {"top", 0, OPT_FLAG, offsetof(topic_opts, top), NULL, "edit: it stands under none"},
    {"least", 0, OPT_TEXT, offsetof(topic_opts, least), "CHANCE",
     "add, edit: given from this chance on, 0.05 to 1; 0: as learned"},
    {"yes", 0, OPT_LIST, offsetof(topic_opts, yes), "TOPIC", "answer, judge: the words are about this"},
    {"no", 0, OPT_LIST, offsetof(topic_opts, no), "TOPIC", "answer: they are not about this"},
    {"undo", 0, OPT_TEXT, offsetof(topic_opts, undo), "STEP", "answer: takes back the answer that told this"},
    {"month", 0, OPT_TEXT, offsetof(topic_opts, month), "YYYY-MM",
     "audit, judge: of which month; the newest unless given"},
};

// ---- what is asked ----

bool topic_asked(const care *k, const topics *t, str which, const topic **out, err *e) {
    int64_t id = 0;
    (void)k;
    if (!str_i64(which, &id)) id = topics_named(t, which);
    const topic *x = topics_by_id(t, id);
    *out = x && x->state == TOPIC_merged ? topics_now(t, id) : x;
    return *out ||
           fail(e, ERR_not_found, "there is no topic '%.*s'; heed topic lists them", (int)MIN(which.len, 60), which.s);
}

bool topic_axis_in(const care *k, enum topic_axis otherwise, enum topic_axis *out, err *e) {
    const topic_opts *o = k->o;
    *out = otherwise;
    return !o->axis.len || topic_axis_of(o->axis, out) || fail(e, ERR_usage, "--axis takes what, why or intent");
}

static bool topic_words_arg(const care *k, str text, int64_t *feedback, err *e) {
    (void)k;
    return cli_id("words", text, feedback, e);
}

static str phrases_of(arena *a, const str *v, size_t n) {
    buf b = buf_new(a, 1 << 16);
    json_out j = json_to(&b);
    json_open(&j, NULL, '[');
    for (size_t i = 0; i < n; i++) json_put_str(&j, NULL, v[i]);
    json_close(&j, ']');
    return buf_str(&b);
}

// "Late: came too late; still waiting"
static topic part_of(arena *a, str text) {
    str rest = text, name = str_cut(&rest, ':'), phrases[TOPIC_PHRASES_MOST];
    size_t n = 0;
    while (rest.s && rest.len && n < COUNT(phrases)) {
        str one = str_trim(str_cut(&rest, ';'));
        if (one.len) phrases[n++] = one;
    }
    return (topic){.name = str_trim(name), .phrases = phrases_of(a, phrases, n)};
}

static bool least_in(const topic_opts *o, int *least, err *e) {
    double x;
    if (!o->least.len) return true;
    if (!str_f64(o->least, &x) || (x != 0 && !(x >= 0.05 && x <= 1)))
        return fail(e, ERR_usage, "--least takes a chance from 0.05 to 1, or 0: as learned");
    *least = (int)lrint(x * 1000);
    return true;
}

static bool fill_row(care *k, const topics *t, topic *x, err *e) {
    const topic_opts *o = k->o;
    const topic *parent;
    if (o->name.len) x->name = o->name;
    if (o->about.len) x->about = o->about;
    if (o->phrases.n) x->phrases = phrases_of(k->at.c->life, o->phrases.v, o->phrases.n);
    if (o->top) x->parent = 0;
    if (o->parent.len) {
        if (!topic_asked(k, t, o->parent, &parent, e)) return false;
        x->parent = parent->id;
    }
    return least_in(o, &x->least, e);
}

bool topic_proposal(care *k, const topics *t, str act, size_t first, topic_change *c, err *e) {
    const strs *args = &k->at.c->args;
    const topic_opts *o = k->o;
    const topic *x, *into;
    int i = 0;
    while (i < TOPIC_undo && !str_eq(act, str_c(topic_act_name((enum topic_act)i)))) i++;
    if (i == TOPIC_undo)
        return fail(e, ERR_usage, "'%.*s' is no change: add, edit, merge, split, archive, restore", STR_ARG(act));
    *c = (topic_change){.act = (enum topic_act)i, .by = str_fmt(k->at.c->life, "person:%.*s", STR_ARG(k->by))};
    if (args->n <= first) return fail(e, ERR_usage, "say which topic");
    if (c->act == TOPIC_add) {
        c->t.name = args->v[first];
        c->names = o->called.v, c->n_names = o->called.n;
        return topic_axis_in(k, TOPIC_what, &c->t.axis, e) && fill_row(k, t, &c->t, e);
    }
    if (!topic_asked(k, t, args->v[first], &x, e)) return false;
    c->t = *x;
    if (c->act == TOPIC_edit) return fill_row(k, t, &c->t, e);
    if (c->act == TOPIC_merge) {
        if (args->n != first + 2) return fail(e, ERR_usage, "say into which topic");
        if (!topic_asked(k, t, args->v[first + 1], &into, e)) return false;
        c->into = into->id;
    }
    if (c->act == TOPIC_split) {
        topic *parts = make(k->at.c->life, topic, args->n + 1);
        for (size_t p = first + 1; p < args->n; p++) parts[c->n_parts++] = part_of(k->at.c->life, args->v[p]);
        c->parts = parts;
    }
    return true;
}

bool topic_month_in(const care *k, store *s, int *month, err *e) {
    const topic_opts *o = k->o;
    if (o->month.len) return topic_month_of(o->month, month) || fail(e, ERR_usage, "--month takes a month as 2026-11");
    if (!topic_audit_newest(s, month, e)) return false;
    return *month ||
           fail(e, ERR_not_found,
                "no sample was drawn yet; 'heed topic learn' draws the month's once there are topics and words enough");
}

// ---- changes ----

typedef struct {
    int64_t id, change;
    str act;
} changed;

static bool change_run(care *k, err *e) {
    topics *t;
    topic_change c;
    const char *field = NULL;
    arena *a = k->at.c->life;
    changed *x = k->kept = make(a, changed, 1);
    ledger *l = know_ledger(k->d->k);
    x->act = k->at.c->args.v[0];
    if (!topics_read(a, k->d->s, &t, e) || !topic_proposal(k, t, x->act, 1, &c, e) ||
        !topic_do(l, a, &c, &x->id, &x->change, &field, e))
        return false;
    if (c.act == TOPIC_add && !topic_intents(l, a, c.by, false, e)) return false;
    return care_note(k, str_z(a, str_fmt(a, "topic.%.*s", STR_ARG(x->act))), str_fmt(a, "topic:%" PRId64, x->id), e);
}

static bool undo_run(care *k, err *e) {
    int64_t of;
    arena *a = k->at.c->life;
    changed *x = k->kept = make(a, changed, 1);
    x->act = S("undo");
    return cli_id("a change", k->at.c->args.v[1], &of, e) &&
           topic_undo(know_ledger(k->d->k), a, of, str_fmt(a, "person:%.*s", STR_ARG(k->by)), &x->change, e) &&
           care_note(k, "topic.undo", str_fmt(a, "topic_change:%" PRId64, of), e);
}

static bool change_say(care *k, err *e) {
    const changed *x = k->kept;
    cli *c = k->at.c;
    topics *t;
    if (!topics_read(c->life, k->at.s, &t, e)) return false;
    const topic *now = topics_by_id(t, x->id);
    if (c->g.json) {
        reply r;
        reply_open(&r, c), json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "topic", x->id);
        json_put_int(&r.j, "change", x->change);
        json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    if (now)
        term_say(&c->t, "Topic %" PRId64 " '%.*s' is %s. ", now->id, STR_ARG(term_clean(c->life, now->name, true)),
                 now->state == TOPIC_used ? "in use" : topic_state_name(now->state));
    term_say(&c->t, "This was change %" PRId64 "; heed topic undo %" PRId64 " takes it back.\n", x->change, x->change);
    return true;
}

// ---- learning ----

static bool how_far(void *ctx, int64_t done, int64_t total, err *e) {
    (void)e;
    progress_at(ctx, done, done, total);
    return true;
}

static bool learn_run(care *k, err *e) {
    cli *c = k->at.c;
    understood read;
    reader *r = NULL;
    tagged *sum = k->kept = make(c->life, tagged, 1);
    arena a = arena_open(64 << 20);
    if (!ledger_flush(know_ledger(k->d->k), e) || !words_understand(c, k->d->s, &read, e)) return false;
    progress bar = progress_begin(&c->t, S("learning topics"), "texts");
    bool ok = reader_open(&a, &r, place_of(c), e);
    const tagging x = {.s = k->d->s, .k = k->d->k, .now_us = k->at.now_us, .r = r, .goes_on = how_far, .ctx = &bar};
    ok = ok && tag_learn(&x, true, sum, e) && tag_new(&x, sum, e) && tag_again(&x, sum, e) && tag_audit(&x, e);
    progress_end(&bar);
    reader_close(r);
    arena_close(&a);
    return ok;
}

static bool learn_say(care *k, err *e) {
    const tagged *sum = k->kept;
    cli *c = k->at.c;
    (void)e;
    if (c->g.json) {
        reply r;
        reply_open(&r, c), json_open(&r.j, NULL, '{');
        json_put_int(&r.j, "axes", sum->learned);
        json_put_int(&r.j, "looked", sum->looked);
        json_put_int(&r.j, "gained", sum->gained);
        json_put_int(&r.j, "lost", sum->lost);
        json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    if (!sum->learned)
        return term_say(&c->t, "There are no topics yet: heed topic names shows what sources call things.\n"), true;
    term_say(&c->t,
             "Learned; %.*s looked at: %" PRId64 " labels more, %" PRId64
             " fewer. See heed topic, and heed topic ask.\n",
             STR_ARG(say_n(c->life, sum->looked, "text", "texts")), sum->gained, sum->lost);
    return true;
}

// ---- answers ----

static bool ids_of(care *k, const topics *t, const strs *list, int64_t **out, err *e) {
    *out = make(k->at.c->life, int64_t, list->n + 1);
    for (size_t i = 0; i < list->n; i++) {
        const topic *x;
        if (!topic_asked(k, t, list->v[i], &x, e)) return false;
        (*out)[i] = x->id;
    }
    return true;
}

typedef struct {
    topic_corrected x;
    int64_t feedback;
    str undo; // empty: it was taken back
} answered;

static bool note_answer(care *k, const char *what, int64_t feedback, err *e) {
    return store_begin(k->d->s, e) && care_note(k, what, str_fmt(k->at.c->life, "feedback:%" PRId64, feedback), e) &&
           ledger_commit(know_ledger(k->d->k), e);
}

static bool answer_back(care *k, answered *out, const inbox_hand *h, err *e) {
    const topic_opts *o = k->o;
    if (o->yes.n || o->no.n) return fail(e, ERR_usage, "--undo takes an answer back and says nothing else");
    return topic_words_arg(k, k->at.c->args.v[1], &out->feedback, e) &&
           topic_answer_back(k->d->k, k->at.c->life, out->feedback, o->undo, place_of(k->at.c), h, &out->x, e) &&
           note_answer(k, "topic.answer_undo", out->feedback, e);
}

static bool answer_run(care *k, err *e) {
    const topic_opts *o = k->o;
    arena *a = k->at.c->life;
    topics *t;
    int64_t *yes, *no;
    topic_answer x = {.where = place_of(k->at.c)};
    answered *out = k->kept = make(a, answered, 1);
    const inbox_hand h = {.by = str_fmt(a, "person:%.*s", STR_ARG(k->by)), .name = k->by};
    if (o->undo.len) return answer_back(k, out, &h, e);
    if (!o->yes.n && !o->no.n) return fail(e, ERR_usage, "say --yes TOPIC what they are about, or --no TOPIC what not");
    if (!topics_read(a, k->d->s, &t, e) || !topic_words_arg(k, k->at.c->args.v[1], &x.feedback, e) ||
        !ids_of(k, t, &o->yes, &yes, e) || !ids_of(k, t, &o->no, &no, e))
        return false;
    x.yes = yes, x.n_yes = o->yes.n, x.no = no, x.n_no = o->no.n;
    out->feedback = x.feedback;
    return topic_answer_take(k->d->k, a, &x, &h, &out->x, &out->undo, e) &&
           note_answer(k, "topic.answer", x.feedback, e);
}

static bool answered_say(care *k, err *e) {
    static const table_col cols[] = {{"topic", false, true}, {"gained", true, false}, {"lost", true, false}};
    const answered *kept = k->kept;
    const topic_corrected *out = &kept->x;
    cli *c = k->at.c;
    topics *t;
    reply r;
    if (!topics_read(c->life, k->at.s, &t, e)) return false;
    table *rows = table_new(c->life, cols, COUNT(cols));
    if (c->g.json) reply_open(&r, c), json_open(&r.j, NULL, '{'), json_open(&r.j, "effects", '[');
    for (size_t i = 0; i < out->n; i++) {
        const topic_effect *f = &out->effects[i];
        const topic *of = topics_by_id(t, f->of);
        if (!of) continue;
        if (c->g.json) {
            json_open(&r.j, NULL, '{');
            json_put_int(&r.j, "topic", of->id);
            json_put_int(&r.j, "gained", f->gained);
            json_put_int(&r.j, "lost", f->lost);
            json_close(&r.j, '}');
        } else if (f->gained || f->lost) {
            table_add(rows, STYLE_bold, term_clean(c->life, of->name, true));
            table_add(rows, STYLE_plain, term_count(c->life, f->gained));
            table_add(rows, STYLE_plain, term_count(c->life, f->lost));
        }
    }
    if (c->g.json) {
        json_close(&r.j, ']');
        json_put_int(&r.j, "looked", out->looked);
        json_put_int(&r.j, "later", out->later);
        json_put_bool(&r.j, "learned", out->learned);
        if (kept->undo.len) json_put_str(&r.j, "undo", kept->undo);
        json_close(&r.j, '}'), reply_close(&r);
        return true;
    }
    if (table_rows(rows)) table_print(rows, &c->t, 0);
    term_say(&c->t, out->learned ? "%.*s looked at again.\n" : "Kept; nothing was learned yet: heed topic learn\n",
             STR_ARG(say_n(c->life, out->looked, "text", "texts")));
    if (kept->undo.len)
        term_say(&c->t, "heed topic answer %" PRId64 " --undo %.*s takes it back.\n", kept->feedback,
                 STR_ARG(kept->undo));
    return true;
}

static bool judge_run(care *k, err *e) {
    const topic_opts *o = k->o;
    arena *a = k->at.c->life;
    topics *t;
    topic_word w;
    int64_t *yes, feedback;
    bool there;
    int month;
    topic_judgement j = {.by = str_fmt(a, "person:%.*s", STR_ARG(k->by)), .n = o->yes.n};
    if (o->yes.n > AUDIT_TOPICS) return fail(e, ERR_usage, "%d topics are enough", AUDIT_TOPICS);
    if (!topic_month_in(k, k->d->s, &month, e) || !topics_read(a, k->d->s, &t, e) ||
        !topic_words_arg(k, k->at.c->args.v[1], &feedback, e) || !ids_of(k, t, &o->yes, &yes, e) ||
        !topic_word_of(a, k->d->s, feedback, &w, &there, e))
        return false;
    if (!there) return fail(e, ERR_not_found, "there are no words %" PRId64, feedback);
    if (j.n) memcpy(j.topics, yes, j.n * sizeof *yes);
    return topic_audit_judge(k->d->s, month, w.profile, w.key, &j, e) &&
           care_note(k, "topic.judge", str_fmt(a, "feedback:%" PRId64, feedback), e);
}

static const care_verb verbs[] = {
    {"list", "", 1, 1, topic_list_run, NULL, NULL, NULL},
    {"show", " TOPIC", 2, 2, topic_show_run, NULL, NULL, NULL},
    {"names", "", 1, 1, topic_names_run, NULL, NULL, NULL},
    {"history", "", 1, 1, topic_history_run, NULL, NULL, NULL},
    {"add", " NAME", 2, 2, NULL, change_run, NULL, change_say},
    {"edit", " TOPIC --name NAME", 2, 2, NULL, change_run, NULL, change_say},
    {"merge", " TOPIC INTO", 3, 3, NULL, change_run, NULL, change_say},
    {"split", " TOPIC 'NAME: PHRASE; PHRASE' …", 4, 22, NULL, change_run, NULL, change_say},
    {"archive", " TOPIC", 2, 2, NULL, change_run, NULL, change_say},
    {"restore", " TOPIC", 2, 2, NULL, change_run, NULL, change_say},
    {"undo", " CHANGE", 2, 2, NULL, undo_run, NULL, change_say},
    {"preview", " add|edit|merge|split|archive|restore TOPIC …", 3, 24, topic_preview_run, NULL, NULL, NULL},
    {"ask", " [TOPIC]", 1, 2, topic_ask_run, NULL, NULL, NULL},
    {"answer", " WORDS --yes TOPIC --no TOPIC | --undo STEP", 2, 2, NULL, NULL, answer_run, answered_say},
    {"audit", "", 1, 1, topic_audit_run, NULL, NULL, NULL},
    {"judge", " WORDS --yes TOPIC", 2, 2, NULL, judge_run, NULL, NULL},
    {"learn", "", 1, 1, NULL, NULL, learn_run, learn_say},
};

static bool run(cli *c, const void *options, err *e) {
    return care_run(c, options, verbs, COUNT(verbs), "do it by its address /api/topics", e);
}

const cmd cmd_topic = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(topic_opts),
    .defaults = &defaults,
    .max_args = 24,
    .run = run,
    .more =
        "What your team calls the things that customers speak of (what), why they speak of them (why), and what they "
        "want (intent). Topics are learned from their sentence and phrases, from what sources call things, and from "
        "answers of people; what a person says stands. A topic is named by its number or by any name it ever had.\n\n"
        "'names' shows what sources and people call things already. 'preview' says what a change would do to the words "
        "that are "
        "stored; every change can be taken back. 'ask' shows the words of which an answer teaches most, 'audit' the "
        "month's "
        "sample that people judge without seeing heed's labels, and how good they are. docs/topics.md tells more.",
    .examples = "heed topic\n"
                "heed topic add Delivery --called delivery --phrase 'my parcel is late'\n"
                "heed topic preview merge Shipping Delivery\n"
                "heed topic split Delivery 'Late: came too late; still waiting' 'Damaged: arrived torn'\n"
                "heed topic ask\n"
                "heed topic answer 4711 --yes Delivery --no Price\n"
                "heed topic answer 4711 --undo 6449ac2f1c000",
    .json = "list: "
            "{\"since\",\"people\",\"words\",\"unassigned\",\"topics\":[{\"id\",\"axis\",\"parent\",\"name\",\"state\","
            "\"people\",\"mentions\","
            "\"negative\",\"positive\",\"unsure\",\"balance\",\"trend\",\"given_from\",\"precision\"}]}; show: "
            "{\"topic\",\"mentions\":[…]}; names: "
            "{\"names\":[{\"name\",\"people\",\"messages\",\"by\"}]}; changes: {\"topic\",\"change\"}; preview: "
            "{\"moves\":[…]}; ask: "
            "{\"questions\":[…]}; answer: {\"effects\":[…],\"undo\"}; audit: "
            "{\"month\",\"sample\",\"judged\",\"topics\":[…]}; "
            "learn: {\"axes\",\"looked\",\"gained\",\"lost\"}",
};
