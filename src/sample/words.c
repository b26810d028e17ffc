#include "sample/words.h"

enum part {
    PART_hello,
    PART_bye,
    PART_letter,
    PART_remark,
    PART_more,
    PART_wish,
    PART_again,
    PART_staff_hello,
    PART_reply,
    PART_reply_again,
    PART_thanks,
    PART_staff_bye,
    PART_bot
};
enum { neg = -1, neu = 0, pos = 1, all = 2 }; // moods by the names they have in the tables

typedef struct {
    int8_t part, topic, mood, intent;
    str text;
} fragment;

static const fragment english[] = {
#include "sample/words.def"
#include "sample/words_en.def"
};
static const fragment german[] = {
#include "sample/words.def"
#include "sample/words_de.def"
};
static const fragment spanish[] = {
#include "sample/words.def"
#include "sample/words_es.def"
};
static const struct {
    const fragment *rows;
    size_t n;
    str days[7];
} tongues[LANGS] = {
    [LANG_en] = {english,
                 COUNT(english),
                 {S("Monday"), S("Tuesday"), S("Wednesday"), S("Thursday"), S("Friday"), S("Saturday"), S("Sunday")}},
    [LANG_de] = {german,
                 COUNT(german),
                 {S("Montag"), S("Dienstag"), S("Mittwoch"), S("Donnerstag"), S("Freitag"), S("Samstag"),
                  S("Sonntag")}},
    [LANG_es] = {spanish,
                 COUNT(spanish),
                 {S("lunes"), S("martes"), S("miércoles"), S("jueves"), S("viernes"), S("sábado"), S("domingo")}},
};
static const str coffees[] = {
#define COFFEE(name) S(name),
#include "sample/coffees.def"
};
static const struct {
    str name, category;
} topics[] = {
#define TOPIC(name, category, weight) {S(#name), S(category)},
#include "sample/topics.def"
};
static const double topic_weights[] = {
#define TOPIC(name, category, weight) weight,
#include "sample/topics.def"
};

str topic_name(enum topic t) {
    return topics[t].name;
}
str topic_category(enum topic t) {
    return topics[t].category;
}
enum topic topic_pick(rng *r) {
    return (enum topic)rng_pick(r, topic_weights, COUNT(topic_weights));
}

str intent_word(enum intent i) {
    static const str names[INTENTS] = {
        [INTENT_complain] = S("complain"), [INTENT_request] = S("request"), [INTENT_ask] = S("ask"),
        [INTENT_inform] = S("inform"),     [INTENT_praise] = S("praise"),   [INTENT_cancel] = S("cancel"),
    };
    return names[i];
}

// A fragment fits one of two parts (twice the same for one), its own topic or any, and its mood.
typedef struct {
    enum part part, or_part;
    enum topic topic;
    bool or_any;
    int mood;
} wanted;

static bool fits(const fragment *f, const wanted *w) {
    return (f->part == (int)w->part || f->part == (int)w->or_part) &&
           (f->topic == (int)w->topic || (w->or_any && f->topic == TOPIC_any)) &&
           (f->mood == all || f->mood == w->mood);
}

static const fragment *choose(rng *r, enum lang lang, wanted w) {
    const fragment *rows = tongues[lang].rows;
    size_t n = tongues[lang].n, fitting = 0;
    for (size_t i = 0; i < n; i++) fitting += fits(&rows[i], &w);
    if (!fitting) return NULL;
    int64_t nth = rng_range(r, 0, (int64_t)fitting - 1);
    for (size_t i = 0;; i++)
        if (fits(&rows[i], &w) && nth-- == 0) return &rows[i];
}

static void put_hole(pen *to, rng *r, const says *w, str hole) {
    if (str_eq(hole, S("order"))) {
        assert(w->order);
        pen_num(to, w->order);
    } else if (str_eq(hole, S("days"))) {
        pen_num(to, (uint64_t)rng_range(r, 3, 12));
    } else if (str_eq(hole, S("coffee"))) {
        pen_put(to, coffees[rng_range(r, 0, COUNT(coffees) - 1)]);
    } else if (str_eq(hole, S("day"))) {
        pen_put(to, tongues[w->lang].days[rng_range(r, 0, 4)]);
    } else {
        assert(str_eq(hole, S("first")) || str_eq(hole, S("staff")));
        pen_put(to, hole.s[0] == 'f' ? w->first : w->staff);
    }
}

static void put_text(pen *to, rng *r, const says *w, str text) {
    for (str rest = text; rest.s;) {
        str plain = str_cut(&rest, '{');
        pen_put(to, plain);
        if (rest.s) put_hole(to, r, w, str_cut(&rest, '}'));
    }
}

static void put_part(pen *to, rng *r, const says *w, enum part part) {
    const fragment *f = choose(r, w->lang, (wanted){part, part, w->topic, true, w->mood});
    assert(f);
    put_text(to, r, w, f->text);
}

// What it is about, and half of the time a second sentence. A question among the neutral ones takes a second sentence
// only in a letter: "it is not urgent" says nothing in public.
static void put_core(pen *to, rng *r, const says *w, bool in_public, enum intent *intent) {
    enum part part = in_public ? PART_remark : PART_letter;
    const fragment *f = choose(r, w->lang, (wanted){part, PART_remark, w->topic, false, w->mood});
    assert(f);
    if (intent) *intent = (enum intent)f->intent;
    put_text(to, r, w, f->text);
    if (!rng_chance(r, 0.5) || (in_public && w->mood == neu)) return;
    const fragment *more = choose(r, w->lang, (wanted){PART_more, PART_more, w->topic, true, w->mood});
    if (!more) return;
    pen_putc(to, ' ');
    put_text(to, r, w, more->text);
}

str words_letter(pen *to, rng *r, const says *w, enum intent *intent) {
    const char *mark = pen_mark(to);
    put_part(to, r, w, PART_hello);
    pen_put(to, S("\n\n"));
    put_core(to, r, w, false, intent);
    if (rng_chance(r, 0.5)) {
        pen_putc(to, ' ');
        put_part(to, r, w, PART_wish);
    }
    pen_put(to, S("\n\n"));
    put_part(to, r, w, PART_bye);
    return pen_since(to, mark);
}

str words_chat(pen *to, rng *r, const says *w, enum intent *intent) {
    const char *mark = pen_mark(to);
    put_core(to, r, w, false, intent);
    return pen_since(to, mark);
}

str words_remark(pen *to, rng *r, const says *w, enum intent *intent) {
    const char *mark = pen_mark(to);
    put_core(to, r, w, true, intent);
    return pen_since(to, mark);
}

str words_again(pen *to, rng *r, const says *w) {
    const char *mark = pen_mark(to);
    put_part(to, r, w, PART_again);
    return pen_since(to, mark);
}

static enum part reply_part(const says *w, bool first) {
    if (w->mood > 0) return PART_thanks;
    return first ? PART_reply : PART_reply_again;
}

str words_reply(pen *to, rng *r, const says *w, bool first) {
    const char *mark = pen_mark(to);
    put_part(to, r, w, PART_staff_hello);
    pen_put(to, S("\n\n"));
    put_part(to, r, w, reply_part(w, first));
    if (w->promise.len) pen_putc(to, ' ');
    pen_put(to, w->promise);
    pen_put(to, S("\n\n"));
    put_part(to, r, w, PART_staff_bye);
    return pen_since(to, mark);
}

str words_bot(pen *to, rng *r, const says *w) {
    const char *mark = pen_mark(to);
    put_part(to, r, w, PART_bot);
    return pen_since(to, mark);
}
