#include "sample/sim.h"

// A conversation's moments carry: thread its number, arg when it was opened, a the topic, b what follows, c who
// answers.
enum { OFFICE_HOURS_A_DAY = 7, MOOD_BITS = 3, CHAT = 4, REOPENED = 8, ROUND = 16, UNTOUCHED = 255 };

static int mood_in(const turn *t) {
    return (t->m.b & MOOD_BITS) - 1;
}
static moment with_mood(moment m, int mood) {
    m.b = (uint8_t)((m.b & ~MOOD_BITS) | (mood + 1));
    return m;
}

void contact_about(turn *t, int64_t at_s, enum topic about, int mood) {
    soon(t, at_s, MOMENT_contact, with_mood((moment){.a = (uint8_t)about}, mood));
}

void contact_mostly(turn *t, int64_t at_s, enum topic about) {
    int mood = (int)rng_pick(&t->r, (double[]){0.45, 0.45, 0.10}, 3) - 1;
    contact_about(t, at_s, about, mood);
}

static says words_of(const turn *t, int mood) {
    return (says){
        .lang = (enum lang)t->p.lang,
        .topic = (enum topic)t->m.a,
        .mood = mood,
        .order = t->c->order,
        .first = person_given(&t->p),
        .staff = staff_at(t->m.c < staff_count() ? t->m.c : 0)->name,
    };
}

static event talk_event(turn *t, enum kind kind) {
    event ev = tell_event(t, SOURCE_helpdesk, kind, S("m"));
    if (t->m.b & CHAT) ev.channel = CHANNEL_chat;
    tell_help_ids(t, &ev);
    ev.thread = pen_word(&t->s->text, S("t"), t->m.thread);
    return ev;
}

// Most tickets are filed by hand, and some wrongly.
static str category(turn *t) {
    if (!rng_chance(&t->r, SAMPLE_LABELLED)) return S("");
    if (rng_chance(&t->r, SAMPLE_MISLABELLED)) return topic_category((enum topic)rng_range(&t->r, 0, TOPICS - 1));
    return topic_category((enum topic)t->m.a);
}

static void on_phone(turn *t) {
    event ev = tell_event(t, SOURCE_helpdesk, KIND_call, S("m"));
    ev.channel = CHANNEL_phone;
    str phone = person_phone(&t->s->all, &t->p, &t->s->text);
    if (phone.len)
        tell_id(&ev, IDENT_phone, phone);
    else
        tell_help_ids(t, &ev);
    t->m.c = (uint8_t)staff_pick(&t->r);
    ev.staff = staff_at(t->m.c)->name;
    ev.topic = category(t);
    const char *mark = pen_mark(&t->s->text);
    pen_put(&t->s->text, S("\"seconds\":"));
    pen_num(&t->s->text, 60 + (uint64_t)rng_exp(&t->r, 1.0 / 180));
    ev.extra = pen_since(&t->s->text, mark);
    tell(t, SOURCE_helpdesk, &ev);
    owe(t, owe_pick(t));
    if (mood_in(t) >= 0 || !rng_chance(&t->r, 0.5)) return;
    event down = ev; // what was said is written down as a complaint
    down.kind = KIND_complaint;
    down.ext = pen_word(&t->s->text, S("m"), ++t->s->told[SOURCE_helpdesk]);
    down.extra = S("");
    says w = words_of(t, -1);
    enum intent intent = INTENT_complain;
    down.text = words_remark(&t->s->text, &t->r, &w, &intent);
    tell(t, SOURCE_helpdesk, &down);
    truth_text(t, SOURCE_helpdesk, &down, w.topic, -1, intent_word(intent));
}

// Staff have office hours and a pace; while the carrier is down everything takes twice as long.
static int64_t when_answered(turn *t) {
    double hours = staff_at(t->m.c)->hours;
    if (t->m.b & CHAT) hours /= 3;
    if (in_episode(t->s, EPISODE_carrier, t->at_s)) hours *= 2;
    double days = (0.1 + rng_exp(&t->r, 1 / hours)) / OFFICE_HOURS_A_DAY;
    return season_after(&t->s->year, RHYTHM_office, t->at_s, days);
}

static void customer_writes(turn *t, str text, int mood, str intent, bool opens) {
    event ev = talk_event(t, KIND_message_in);
    ev.text = text;
    if (opens) ev.topic = category(t);
    tell(t, SOURCE_helpdesk, &ev);
    truth_text(t, SOURCE_helpdesk, &ev, (enum topic)t->m.a, mood, intent);
}

void on_contact(turn *t) {
    int mood = mood_in(t);
    if (mood < 0 && !is_hurt(t)) hurt(t, 0.6, (enum topic)t->m.a);
    if (rng_chance(&t->r, 0.17)) {
        on_phone(t);
        return;
    }
    t->m.thread = (uint32_t)++t->s->tickets;
    t->m.arg = (uint32_t)t->at_s;
    t->m.c = UNTOUCHED;
    if (rng_chance(&t->r, 0.35)) t->m.b |= CHAT;
    says w = words_of(t, mood);
    w.staff = staff_at(staff_pick(&t->r))->name;
    enum intent intent = INTENT_inform;
    pen *to = &t->s->text;
    str text = t->m.b & CHAT ? words_chat(to, &t->r, &w, &intent) : words_letter(to, &t->r, &w, &intent);
    customer_writes(t, text, mood, intent_word(intent), true);
    if (rng_chance(&t->r, t->m.b & CHAT ? 0.9 : 0.3)) soon(t, t->at_s + rng_range(&t->r, 3, 50), MOMENT_bot, t->m);
    if (rng_chance(&t->r, 0.025)) return; // nobody ever takes it
    t->m.c = (uint8_t)staff_pick(&t->r);
    soon(t, when_answered(t), MOMENT_reply, t->m);
}

void on_bot(turn *t) {
    event ev = talk_event(t, KIND_message_auto);
    says w = words_of(t, 0);
    ev.text = words_bot(&t->s->text, &t->r, &w);
    tell(t, SOURCE_helpdesk, &ev);
}

void on_reply(turn *t) {
    event ev = talk_event(t, KIND_message_out);
    says w = words_of(t, mood_in(t));
    int promised = owe_pick(t);
    ev.staff = w.staff;
    w.promise = owe_words(t, promised);
    ev.text = words_reply(&t->s->text, &t->r, &w, t->m.b < ROUND);
    tell(t, SOURCE_helpdesk, &ev);
    double quality = staff_at(t->m.c)->quality;
    bool settled = mood_in(t) > 0 || rng_chance(&t->r, quality);
    owe(t, promised);
    if (t->m.b < 3 * ROUND && !settled) {
        int mood = rng_chance(&t->r, 0.5) ? 0 : -1;
        moment m = with_mood(t->m, mood);
        m.b = (uint8_t)(m.b + ROUND);
        soon(t, later(t, RHYTHM_shop, 0.05, 1.5), MOMENT_again, m);
        return;
    }
    if (rng_chance(&t->r, 0.15)) { // says thank you, and that message is the last
        moment m = with_mood(t->m, 1);
        soon(t, later(t, RHYTHM_shop, 0.02, 0.6), MOMENT_again, m);
    }
    soon(t, later(t, RHYTHM_office, 0.6, 2.5), MOMENT_solve, t->m);
}

void on_again(turn *t) {
    static const enum intent intents[] = {INTENT_complain, INTENT_inform, INTENT_praise};
    int mood = mood_in(t);
    says w = words_of(t, mood);
    str text = words_again(&t->s->text, &t->r, &w);
    customer_writes(t, text, mood, intent_word(intents[mood + 1]), false);
    if (mood < 0) hurt(t, 0.3, (enum topic)t->m.a);
    if (mood <= 0) soon(t, when_answered(t), MOMENT_reply, t->m);
}

void on_reopen(turn *t) {
    event ev = talk_event(t, KIND_conversation_opened);
    tell(t, SOURCE_helpdesk, &ev);
    on_again(t);
}

void on_solve(turn *t) {
    event ev = talk_event(t, KIND_conversation_solved);
    ev.staff = staff_at(t->m.c)->name;
    tell(t, SOURCE_helpdesk, &ev);
    double quality = staff_at(t->m.c)->quality;
    if (!(t->m.b & REOPENED) && rng_chance(&t->r, 0.02 + 0.2 * (1 - quality))) {
        moment m = with_mood(t->m, -1);
        m.b = (uint8_t)((m.b | REOPENED) + ROUND);
        soon(t, later(t, RHYTHM_shop, 0.3, 4), MOMENT_reopen, m);
    } else {
        survey_about_talk(t, t->m.c, t->m.arg);
    }
}
