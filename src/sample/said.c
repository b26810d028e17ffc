#include "sample/sim.h"

enum { DAY_S = 86400, BETWEEN_SURVEYS_DAYS = 150 };

// A score on its scale: what a content person gives on average, the steps per unit of contentment, and chance.
static const struct {
    double mean, per_content, sd;
    double answers;           // response rate
    int low_until, high_from; // a low or a high mark among all that can be given
} scales[] = {
    [INSTRUMENT_nps] = {8.5, 1.3, 1.1, 0.28, 6, 9},
    [INSTRUMENT_csat5] = {4.15, 0.45, 0.75, 0.35, 2, 4},
    [INSTRUMENT_ces7] = {5.7, 0.5, 1.0, 0.22, 3, 6},
    [INSTRUMENT_stars5] = {4.25, 0.65, 0.7, 1, 2, 4},
};

static int score(turn *t, enum instrument on, double extra) {
    int lo, hi;
    bool known = instrument_range(on, &lo, &hi);
    assert(known);
    double mean = scales[on].mean + scales[on].per_content * (contentment(t) + extra);
    double mark = rng_normal(&t->r, mean, scales[on].sd);
    if (t->p.never_top) hi--;
    return mark < lo ? lo : mark > hi ? hi : (int)(mark + 0.5);
}

static int mood_of(enum instrument on, int mark) {
    return mark <= scales[on].low_until ? -1 : mark >= scales[on].high_from ? 1 : 0;
}

static void put_score(event *ev, enum instrument on, int mark) {
    ev->unit = (int32_t)on;
    ev->value = mark * 100;
    ev->has_value = true;
}

static void put_words(turn *t, enum source from, event *ev, enum topic about, int mood, str *intent) {
    says w = {
        .lang = (enum lang)t->p.lang,
        .topic = about,
        .mood = mood,
        .first = person_given(&t->p),
        .staff = staff_at(staff_pick(&t->r))->name,
    };
    enum intent found = INTENT_inform;
    ev->text = words_remark(&t->s->text, &t->r, &w, &found);
    *intent = intent_word(found);
    if (from != SOURCE_cafe) ev->lang = lang_letters(w.lang);
}

// What is on their mind: what hurt them, if it still does.
static enum topic on_mind(turn *t, int mood) {
    if (mood < 0 && is_hurt(t)) return (enum topic)t->c->hurt_topic;
    if (t->p.role == ROLE_wholesale) return rng_chance(&t->r, 0.5) ? TOPIC_wholesale_day : TOPIC_taste;
    return topic_pick(&t->r);
}

void survey_about_us(turn *t) {
    int today = (int)(t->at_s / DAY_S);
    if (t->c->asked_day && today < t->c->asked_day + BETWEEN_SURVEYS_DAYS) return;
    if (!rng_chance(&t->r, 0.5)) return;
    t->c->asked_day = (uint16_t)(today + 1);
    soon(t, later(t, RHYTHM_shop, 8, 20), MOMENT_ask, (moment){.a = INSTRUMENT_nps});
}

void survey_about_talk(turn *t, int staff, int64_t opened_s) {
    if (!rng_chance(&t->r, 0.7)) return;
    uint8_t on = rng_chance(&t->r, 0.7) ? INSTRUMENT_csat5 : INSTRUMENT_ces7;
    int64_t waited_h = (t->at_s - opened_s) / 3600;
    moment m = {.a = on, .b = (uint8_t)(waited_h < 255 ? waited_h : 255), .c = (uint8_t)staff, .arg = t->m.a};
    soon(t, later(t, RHYTHM_shop, 0.05, 1), MOMENT_ask, m);
}

static event survey_event(turn *t, enum kind kind, str prefix) {
    event ev = tell_event(t, SOURCE_survey, kind, prefix);
    tell_id(&ev, IDENT_email, person_email(&t->p, &t->s->text));
    ev.unit = t->m.a;
    ev.thread = pen_word(&t->s->text, S("s"), t->m.thread);
    return ev;
}

void on_ask(turn *t) {
    t->m.thread = (uint32_t)++t->s->surveys;
    event ev = survey_event(t, KIND_ask, S("q"));
    tell(t, SOURCE_survey, &ev);
    if (rng_chance(&t->r, scales[t->m.a].answers)) soon(t, later(t, RHYTHM_shop, 0.02, 6), MOMENT_answer, t->m);
}

// After a conversation, who answered and how long it took count as much as the customer's nature.
static double care(const turn *t) {
    if (t->m.a == INSTRUMENT_nps) return 0;
    return 2.5 * (staff_at(t->m.c)->quality - 0.75) - t->m.b / 90.0;
}

void on_answer(turn *t) {
    enum instrument on = (enum instrument)t->m.a;
    event ev = survey_event(t, KIND_answer, S("a"));
    int mark = score(t, on, care(t)), mood = mood_of(on, mark);
    put_score(&ev, on, mark);
    enum topic about = on == INSTRUMENT_nps ? on_mind(t, mood) : mood < 0 ? (enum topic)t->m.arg : TOPIC_staff;
    str intent = {0};
    if (rng_chance(&t->r, 0.4)) put_words(t, SOURCE_survey, &ev, about, mood, &intent);
    tell(t, SOURCE_survey, &ev);
    if (ev.text.len) truth_text(t, SOURCE_survey, &ev, about, mood, intent);
}

void maybe_review(turn *t, double chance) {
    if (rng_chance(&t->r, chance)) soon(t, later(t, RHYTHM_shop, 4, 25), MOMENT_review, (moment){0});
}

void on_review(turn *t) {
    event ev = tell_event(t, SOURCE_reviews, KIND_review, S("v"));
    tell_id(&ev, IDENT_author, person_author(&t->p, &t->s->text));
    int mark = score(t, INSTRUMENT_stars5, 0), mood = mood_of(INSTRUMENT_stars5, mark);
    put_score(&ev, INSTRUMENT_stars5, mark);
    enum topic about = on_mind(t, mood);
    str intent = {0};
    if (rng_chance(&t->r, 0.85)) put_words(t, SOURCE_reviews, &ev, about, mood, &intent);
    tell(t, SOURCE_reviews, &ev);
    if (ev.text.len) truth_text(t, SOURCE_reviews, &ev, about, mood, intent);
}

void on_card(turn *t) {
    static const enum topic topics[] = {TOPIC_cafe_queue, TOPIC_staff, TOPIC_taste};
    event ev = tell_event(t, SOURCE_cafe, KIND_comment, S("n"));
    tell_id(&ev, IDENT_phone, person_phone(&t->s->all, &t->p, &t->s->text));
    tell_id(&ev, IDENT_card, person_card(&t->p, &t->s->text));
    int mood = t->m.a - 1;
    enum topic about = topics[rng_range(&t->r, 0, COUNT(topics) - 1)];
    str intent = {0};
    put_words(t, SOURCE_cafe, &ev, about, mood, &intent);
    tell(t, SOURCE_cafe, &ev);
    truth_text(t, SOURCE_cafe, &ev, about, mood, intent);
}
