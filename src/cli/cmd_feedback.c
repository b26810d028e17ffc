#include <math.h>

#include "cli/place.h"
#include "cli/say.h"
#include "know/meaning.h"
#include "know/voices.h"

typedef struct {
    str since, until, channel, source, kind;
    bool unhappy, meaning;
    int64_t limit, like;
} feedback_opts;

static const feedback_opts defaults = {.limit = 20};

static const opt opts[] = {
    {"since", 0, OPT_TEXT, offsetof(feedback_opts, since), "DAY", "from this day on; 30d, 8w, 6m, 1y: that long ago"},
    {"until", 0, OPT_TEXT, offsetof(feedback_opts, until), "DAY", "before this day"},
    {"channel", 0, OPT_TEXT, offsetof(feedback_opts, channel), "NAME", "one channel, such as email or reviews"},
    {"source", 0, OPT_TEXT, offsetof(feedback_opts, source), "NAME", "one source, as 'heed import --list' names it"},
    {"kind", 'k', OPT_TEXT, offsetof(feedback_opts, kind), "KIND",
     "one kind: answer, review, complaint, comment, message_in, call"},
    {"unhappy", 'u', OPT_FLAG, offsetof(feedback_opts, unhappy), NULL, "only the unhappy"},
    {"meaning", 'm', OPT_FLAG, offsetof(feedback_opts, meaning), NULL,
     "also what means the same in other words; of copies of one person the best"},
    {"like", 0, OPT_NUMBER, offsetof(feedback_opts, like), "ID", "more like this one; --json names their numbers"},
    {"limit", 'n', OPT_NUMBER, offsetof(feedback_opts, limit), "N", "at most so many; 20 unless given, 0: all"},
};

// What is asked for.
typedef struct {
    cli *c;
    store *s;
    sources *all;
    zone *z;
    voices_ask want;
    int64_t shown;
    reply r;
    const meaning_hit *hit; // of the one that is shown, when it was looked for by meaning
} ask;

// ---- the question ----

static str search_of(cli *c) {
    buf b = buf_new(c->life, 1 << 16);
    for (size_t i = 0; i < c->args.n; i++) {
        if (i) buf_addc(&b, ' ');
        buf_add(&b, c->args.v[i]);
    }
    for (size_t i = 0; i < b.len; i++)
        if (b.s[i] == '\n' || b.s[i] == '\t') b.s[i] = ' ';
    return buf_str(&b);
}

static bool read_times(ask *q, const feedback_opts *o, err *e) {
    return (!o->since.len || cli_time(q->c, q->z, "since", o->since, &q->want.since_us, e)) &&
           (!o->until.len || cli_time(q->c, q->z, "until", o->until, &q->want.until_us, e));
}

static bool read_names(ask *q, const feedback_opts *o, err *e) {
    q->want.channel = -1;
    if (o->channel.len) {
        q->want.channel = channel_of(o->channel);
        if (q->want.channel == CHANNEL_unknown && !str_eq(o->channel, S("unknown")))
            return fail(e, ERR_usage, "there is no channel '%.*s'", (int)MIN(o->channel.len, 60), o->channel.s);
    }
    if (o->source.len) {
        const origin *from = source_by_name(q->all, o->source);
        if (!from)
            return fail(e, ERR_not_found, "there is no source '%.*s'; 'heed import --list' names them",
                        (int)MIN(o->source.len, 60), o->source.s);
        q->want.source_id = from->id;
    }
    if (o->kind.len) {
        q->want.kind = kind_of(o->kind);
        if (!q->want.kind) return fail(e, ERR_usage, "there is no kind '%.*s'", (int)MIN(o->kind.len, 60), o->kind.s);
    }
    return true;
}

// ---- the answer ----

static void voice_json_as(json_out *j, const voice *v, const meaning_hit *hit) {
    const int class = hit ? meaning_class(&hit->known) : MOOD_UNKNOWN;
    voice_json_open(j, v);
    if (hit) {
        json_open(j, "match", '{');
        json_put_num(j, "score", round(1e6 * hit->score) / 1e6);
        if (hit->words) json_put_int(j, "words", hit->words);
        if (!isnan(hit->meaning)) json_put_num(j, "meaning", round(1000 * hit->meaning) / 1000);
        if (hit->known.lang.len) json_put_str(j, "language", hit->known.lang);
        if (class != MOOD_UNKNOWN) json_put_int(j, "felt", class);
        json_close(j, '}');
    }
    json_close(j, '}');
}

static enum style mood_style(const voice *v) {
    return !v->has_mood ? STYLE_plain : v->mood < 0 ? STYLE_bad : v->mood > 0 ? STYLE_good : STYLE_plain;
}

static str said_how(arena *a, const voice *v) {
    static const char *const moods[] = {"unhappy", "neither", "happy"};
    if (v->has_score) return say_score(a, v->score, v->instrument);
    if (v->kind == KIND_complaint) return S("complaint");
    return v->has_mood && v->mood >= -1 && v->mood <= 1 ? str_c(moods[v->mood + 1]) : S("");
}

static void show_felt(const ask *q, const meaning *m) {
    const int class = meaning_class(m);
    if (class != -1 && class != 1) return;
    term_say(&q->c->t, "  ");
    term_put(&q->c->t, class < 0 ? STYLE_bad : STYLE_good, class < 0 ? S("sounds unhappy") : S("sounds happy"));
}

static void show_voice(const ask *q, const voice *v) {
    const term *t = &q->c->t;
    arena a = q->c->scratch;
    str how = said_how(&a, v), words = term_clean(&a, v->words, false), who = term_clean(&a, v->name, true);
    term_put(t, STYLE_bold, say_time(&a, q->z, v->at_us));
    term_say(t, "  %.*s, %.*s", STR_ARG(v->from->name), STR_ARG(say_kind(&a, v->kind)));
    if (how.len) term_say(t, "  "), term_put(t, mood_style(v), how);
    if (!how.len && q->hit && q->hit->known.key) show_felt(q, &q->hit->known);
    if (v->topic.len) term_say(t, "  about: %.*s", STR_ARG(term_clean(&a, v->topic, true)));
    if (v->customer) term_say(t, "  %.*s (customer:%" PRId64 ")", STR_ARG(who), v->customer);
    if (q->hit && !isnan(q->hit->meaning)) term_say(t, "  %.2f like it", q->hit->meaning);
    if (q->hit) term_say(t, "  feedback %" PRId64, v->id);
    term_say(t, "\n");
    while (words.s && words.len) {
        str line = str_trim(str_cut(&words, '\n'));
        if (line.len) term_say(t, "    %.*s\n", STR_ARG(line));
    }
}

// ---- by meaning ----

static bool take(void *ctx, const voice *x, err *e);

static bool take_hit(ask *q, const meaning_hit *hit, err *e) {
    arena a = arena_open((size_t)1 << 28);
    voice v;
    bool ok = true;
    q->hit = hit;
    if (voice_get(&a, q->s, q->all, hit->feedback, &v, e)) {
        const bool fits =
            (!q->want.source_id || v.from->id == q->want.source_id) && (!q->want.kind || v.kind == q->want.kind);
        ok = !fits || (q->want.limit && q->shown == q->want.limit) || take(q, &v, e);
    }
    arena_close(&a);
    return ok && err_ok(e);
}

static bool each_like(ask *q, const feedback_opts *o, err *e) {
    enum { MOST = 300 };
    voice v;
    struct meaning_place like;
    reader *r;
    meaning_hit *hits;
    size_t n;
    arena *a = q->c->life;
    meaning_question question = {.words = q->want.words,
                                 .since_us = q->want.since_us,
                                 .until_us = q->want.until_us,
                                 .channel = q->want.channel,
                                 .mood = o->unhappy ? -1 : MOOD_UNKNOWN,
                                 .most = MOST};
    if (o->like) {
        if (!voice_get(a, q->s, q->all, o->like, &v, e))
            return err_ok(e) && fail(e, ERR_not_found, "there is no feedback %" PRId64, o->like);
        like = (struct meaning_place){v.profile, v.key, v.at_us};
        question.like = &like, question.n_like = 1;
    }
    if (!question.words.len && !o->like) return fail(e, ERR_usage, "--meaning needs words to look for, or --like ID");
    if (!reader_open(a, &r, place_of(q->c), e)) return false;
    if (!reader_embeds(r)) cli_note(q->c, "%s", pack_missing());
    meaning_index *x = meaning_index_open();
    bool ok = meaning_find(a, q->s, x, r, &question, &hits, &n, e);
    for (size_t i = 0; ok && i < n; i++) ok = take_hit(q, &hits[i], e);
    meaning_index_close(x);
    reader_close(r);
    return ok;
}

static bool take(void *ctx, const voice *x, err *e) {
    ask *q = ctx;
    arena a = arena_open((size_t)1 << 28);
    voice v = *x;
    bool ok = voice_fill(&a, q->s, &v, e);
    if (ok && q->c->g.json)
        voice_json_as(&q->r.j, &v, q->hit), reply_some(&q->r);
    else if (ok)
        show_voice(q, &v);
    q->shown++;
    arena_close(&a);
    return ok;
}

static bool run_ask(ask *q, const feedback_opts *o, err *e) {
    settings set;
    str search = search_of(q->c);
    if (!settings_read(q->c->life, q->s, &set, e) || !zone_open(q->c->life, set.zone, &q->z, e)) return false;
    if (!sources_read(q->c->life, q->s, &q->all, e) || !read_times(q, o, e) || !read_names(q, o, e)) return false;
    q->want.words = search, q->want.mood = MOOD_UNKNOWN;
    q->want.unhappy = o->unhappy, q->want.limit = o->limit;
    if (!store_begin_read(q->s, e)) return false;
    if (q->c->g.json) {
        reply_open(&q->r, q->c);
        json_open(&q->r.j, NULL, '{');
        json_put_bool(&q->r.j, "sample", set.sample.len > 0);
        json_open(&q->r.j, "feedback", '[');
    } else
        settings_mark(q->c, &set);
    bool ok = o->meaning || o->like ? each_like(q, o, e) : voices_each(q->s, q->all, &q->want, take, q, e);
    if (q->c->g.json)
        json_close(&q->r.j, ']'), json_close(&q->r.j, '}'), reply_close(&q->r);
    else if (ok && !q->shown)
        term_say(&q->c->t, "Nobody said anything like that.\n");
    return ok;
}

static bool run(cli *c, const void *options, err *e) {
    ask q = {.c = c};
    if (!place_read(c, &q.s, e)) return false;
    bool ok = run_ask(&q, options, e);
    store_close(q.s);
    return ok;
}

const cmd cmd_feedback = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(feedback_opts),
    .defaults = &defaults,
    .max_args = -1,
    .run = run,
    .more =
        "Shows what customers said, in every channel: ratings, remarks, messages, complaints. With words to look for "
        "it shows the best matches that hold all of them; deliver* finds all words that begin so. Without, the newest "
        "come first.\n\n"
        "With --meaning it also finds what says the same in other words (docs/text.md): a thousand that lie nearest by "
        "meaning are ranked, together with the best matches by words. --like ID finds what is like one of them.",
    .examples = "heed feedback --unhappy --since 30d\n"
                "heed feedback late deliver*\n"
                "heed feedback --meaning my parcel never arrived\n"
                "heed feedback --like 35\n"
                "heed feedback --channel reviews --json",
    .json = "{\"sample\",\"feedback\":[{\"feedback\",\"at\",\"kind\",\"channel\",\"source\",\"customer\",\"name\","
            "\"instrument\",\"score\",\"mood\",\"topic\",\"lang\",\"words\",\"match\"}]}; "
            "with --meaning or --like match is {\"score\",\"words\",\"meaning\",\"language\",\"felt\"}",
};
