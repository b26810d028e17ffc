#include "base/civil.h"
#include "sample/sim.h"

static const struct {
    str name;
    enum channel channel;
} sources[] = {
#define SOURCE(name, channel) {S(#name), CHANNEL_##channel},
#include "sample/sources.def"
};

event tell_event(turn *t, enum source from, enum kind kind, str ext_prefix) {
    event ev = {
        .kind = kind,
        .channel = sources[from].channel,
        .at_us = t->s->year.start_us + t->at_s * SECOND_US,
        .ext = pen_word(&t->s->text, ext_prefix, ++t->s->told[from]),
        .mood = MOOD_UNKNOWN,
    };
    return ev;
}

void tell_id(event *ev, enum ident_kind kind, str value) {
    if (!value.len) return;
    assert(ev->n_ids < EVENT_IDENTS);
    ev->ids[ev->n_ids++] = (ident){kind, value};
}

void tell_shop_ids(turn *t, event *ev) {
    if (!t->p.guest) tell_id(ev, IDENT_user_id, person_user_id(&t->p, &t->s->text));
    tell_id(ev, IDENT_email, person_email(&t->p, &t->s->text));
}

void tell_help_ids(turn *t, event *ev) {
    tell_id(ev, IDENT_email, person_help_email(&t->s->all, &t->p, &t->s->text));
}

void tell_money(turn *t, event *ev, int64_t cents) {
    ev->value = cents;
    ev->has_value = true;
    ev->unit = person_currency(&t->p);
}

void tell(turn *t, enum source from, const event *ev) {
    sim *s = t->s;
    if (s->failed) return;
    s->failed = !s->to->event(s->to->ctx, sources[from].name, sources[from].channel, ev, s->e);
}

// A truth line is an object; {"truth":"person",…}.
static buf line_of(arena *a, const char *what) {
    buf b = buf_new(a, 1 << 16);
    buf_fmt(&b, "{\"truth\":\"%s\"", what);
    return b;
}

static void put_str(buf *b, const char *key, str v) {
    if (!v.len) return;
    buf_fmt(b, ",\"%s\":", key);
    buf_json_str(b, v);
}

static void put_int(buf *b, const char *key, int64_t v) {
    buf_fmt(b, ",\"%s\":", key);
    buf_i64(b, v);
}

static void put_num(buf *b, const char *key, double v) {
    buf_fmt(b, ",\"%s\":", key);
    buf_f64(b, v);
}

static void put_flag(buf *b, const char *key, bool v) {
    if (v) buf_fmt(b, ",\"%s\":true", key);
}

static void put_time(buf *b, const sim *s, const char *key, int64_t at_s) {
    buf_fmt(b, ",\"%s\":\"", key);
    buf_iso(b, s->year.start_us + at_s * SECOND_US);
    buf_addc(b, '"');
}

static void send(sim *s, buf *b) {
    buf_addc(b, '}');
    if (!s->failed) s->failed = !s->to->truth(s->to->ctx, buf_str(b), s->e);
}

static void truth_episode(sim *s, const char *name, enum episode ep, enum topic about) {
    arena a = s->scratch;
    buf b = line_of(&a, "episode");
    put_str(&b, "name", str_c(name));
    put_str(&b, "topic", topic_name(about));
    put_time(&b, s, "from", s->from_s[ep]);
    put_time(&b, s, "until", s->until_s[ep]);
    send(s, &b);
}

static void truth_model(sim *s, const char *process, const double v[7]) {
    static const char *const names[] = {"r", "alpha", "a", "b", "p", "q", "gamma"};
    arena a = s->scratch;
    buf b = line_of(&a, "model");
    put_str(&b, "process", str_c(process));
    for (size_t i = 0; i < COUNT(names); i++)
        if (v[i] > 0) put_num(&b, names[i], v[i]);
    send(s, &b);
}

static void truth_staff(sim *s) {
    for (int i = 0; i < staff_count(); i++) {
        arena a = s->scratch;
        buf b = line_of(&a, "staff");
        put_str(&b, "name", staff_at(i)->name);
        put_num(&b, "hours", staff_at(i)->hours);
        put_num(&b, "quality", staff_at(i)->quality);
        send(s, &b);
    }
}

void truth_company(sim *s) {
    if (!s->to->truth) return;
    arena a = s->scratch;
    buf b = line_of(&a, "company");
    put_str(&b, "name", S("Kastanie Coffee Roasters"));
    put_int(&b, "customers", s->o->customers);
    put_int(&b, "years", s->o->years);
    buf_fmt(&b, ",\"seed\":\"%" PRIu64 "\"", s->o->seed);
    put_time(&b, s, "from", 0);
    put_time(&b, s, "until", s->year.end_s);
    send(s, &b);
    truth_model(s, "shop", (double[7]){SAMPLE_R, SAMPLE_ALPHA, SAMPLE_A, SAMPLE_B, SAMPLE_P, SAMPLE_Q, SAMPLE_GAMMA});
    truth_model(s, "cafe", (double[7]){SAMPLE_CAFE_R, SAMPLE_CAFE_ALPHA, SAMPLE_CAFE_A, SAMPLE_CAFE_B});
    truth_episode(s, "carrier breakdown", EPISODE_carrier, TOPIC_late_delivery);
    truth_episode(s, "price rise", EPISODE_price, TOPIC_price);
    truth_episode(s, "grinder out of order", EPISODE_grinder, TOPIC_grind);
    truth_staff(s);
}

static void put_profiles(turn *t, buf *b) {
    const person *p = &t->p;
    pen *to = &t->s->text;
    if (p->role == ROLE_shop) {
        if (!p->guest) put_str(b, "user_id", person_user_id(p, to));
        put_str(b, "stripe_id", person_stripe_id(p, to));
        put_str(b, "pay_email", person_pay_email(p, to));
    }
    if (p->role == ROLE_wholesale) put_str(b, "hubspot_id", person_hubspot_id(p, to));
    if (p->role == ROLE_cafe || p->cafe) put_str(b, "card", person_card(p, to));
    if (p->role != ROLE_cafe) {
        put_str(b, "email", person_email(p, to));
        put_str(b, "help_email", person_help_email(&t->s->all, p, to));
        put_str(b, "author", person_author(p, to));
    }
    put_str(b, "phone", person_phone(&t->s->all, p, to));
}

void truth_person(turn *t) {
    static const char *const roles[] = {"shop", "cafe", "wholesale"};
    if (!t->s->to->truth) return;
    arena a = t->s->scratch;
    buf b = line_of(&a, "person");
    put_int(&b, "person", t->p.number);
    put_str(&b, "role", str_c(roles[t->p.role]));
    put_time(&b, t->s, "since", t->at_s);
    put_str(&b, "name", person_name(&t->p, &t->s->text));
    put_str(&b, "lang", lang_letters((enum lang)t->p.lang));
    put_profiles(t, &b);
    if (t->p.head >= 0) put_int(&b, "household_of", t->p.head);
    put_num(&b, "content", person_content(&t->s->all, t->p.number));
    put_flag(&b, "shares_email", t->p.shared_mail);
    put_flag(&b, "shares_phone", t->p.shared_phone);
    put_flag(&b, "never_top", t->p.never_top);
    put_flag(&b, "abuser", t->p.abuser);
    if (t->p.role == ROLE_shop) {
        put_num(&b, "weekly_rate", (double)t->c->rate * 7);
        put_num(&b, "drop", (double)t->c->drop);
        put_num(&b, "mean_order", SAMPLE_P / (double)t->c->nu);
    }
    send(t->s, &b);
}

void truth_left(turn *t, const char *process, const char *cause) {
    if (!t->s->to->truth) return;
    arena a = t->s->scratch;
    buf b = line_of(&a, "left");
    put_int(&b, "person", t->p.number);
    put_str(&b, "process", str_c(process));
    put_time(&b, t->s, "at", t->at_s);
    put_str(&b, "cause", str_c(cause));
    send(t->s, &b);
}

void truth_hurt(turn *t, enum topic topic, double how_much) {
    if (!t->s->to->truth) return;
    arena a = t->s->scratch;
    buf b = line_of(&a, "hurt");
    put_int(&b, "person", t->p.number);
    put_str(&b, "topic", topic_name(topic));
    put_time(&b, t->s, "at", t->at_s);
    put_num(&b, "lost", how_much);
    send(t->s, &b);
}

void truth_text(turn *t, enum source from, const event *ev, enum topic topic, int mood, str intent) {
    if (!t->s->to->truth) return;
    arena a = t->s->scratch;
    buf b = line_of(&a, "text");
    put_str(&b, "source", sources[from].name);
    put_str(&b, "ext", ev->ext);
    put_int(&b, "person", t->p.number);
    put_str(&b, "topic", topic_name(topic));
    put_int(&b, "mood", mood);
    put_str(&b, "intent", intent);
    put_str(&b, "lang", lang_letters((enum lang)t->p.lang));
    send(t->s, &b);
}
