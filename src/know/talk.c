#include "know/talk.h"

enum talk_who talk_who_of(enum kind k) {
    switch (k) {
    case KIND_message_in: return TALK_customer;
    case KIND_message_auto: return TALK_machine;
    case KIND_message_out:
    case KIND_call: return TALK_person;
    case KIND_conversation_solved: return TALK_solved;
    case KIND_conversation_opened: return TALK_opened;
    default: return TALK_note;
    }
}

int64_t talk_wait_key(int64_t profile, int64_t thread) {
    return (int64_t)((uint64_t)thread ^ (uint64_t)profile * 0x9E3779B97F4A7C15u);
}

static bool after(const talk_step *x, int64_t at_us, enum talk_who who) {
    return x->at_us != at_us ? x->at_us > at_us : x->who > who;
}

void talk_take(arena *a, talk *t, int64_t at_us, enum talk_who who, int channel) {
    bool first = !t->n || at_us < t->steps[0].at_us;
    if (first || (at_us == t->steps[0].at_us && channel < t->channel)) t->channel = (uint8_t)channel;
    if (t->n == t->room) {
        talk_step *more = make(a, talk_step, t->room = t->room ? t->room * 2 : 8);
        if (t->n) memcpy(more, t->steps, (size_t)t->n * sizeof *more);
        t->steps = more;
    }
    int32_t i = t->n++;
    for (; i > 0 && after(&t->steps[i - 1], at_us, who); i--) t->steps[i] = t->steps[i - 1];
    t->steps[i] = (talk_step){at_us, (uint8_t)who};
}

// The clocks of stats/clock.h without a "now": what comes after a solution starts a new one.
talk_state talk_now(const talk *t) {
    talk_state s = {0};
    bool running = false, replied = false;
    for (int32_t i = 0; i < t->n; i++) {
        const talk_step *x = &t->steps[i];
        if (!s.opened_us) s.opened_us = x->at_us;
        s.last_us = x->at_us;
        switch ((enum talk_who)x->who) {
        case TALK_opened:
        case TALK_customer:
            if (!s.waiting_us && (!running || x->who == TALK_customer)) s.waiting_us = x->at_us;
            if (!running) running = true, replied = false;
            s.solved_us = 0;
            break;
        case TALK_person:
            if (running && !replied) s.first_reply_us = x->at_us, replied = true;
            s.waiting_us = 0;
            break;
        case TALK_solved: s.solved_us = x->at_us, s.waiting_us = 0, running = false; break;
        case TALK_machine:
        case TALK_note: break;
        }
    }
    return s;
}

void talk_encode(buf *b, const talk *t) {
    int64_t last = 0;
    buf_varint(b, (uint64_t)t->n);
    buf_varint(b, t->channel);
    for (int32_t i = 0; i < t->n; i++) {
        buf_varint(b, zigzag(t->steps[i].at_us - last) << 3 | t->steps[i].who);
        last = t->steps[i].at_us;
    }
}

// Whatever the bytes are, what comes out has the order that taking steps gives; all else is damage.
bool talk_decode(arena *a, str state, talk *t, err *e) {
    uint64_t n, v = 0;
    bool ok = buf_read_varint(&state, &n) && n <= state.len && buf_read_varint(&state, &v) && v <= UINT8_MAX;
    *t = (talk){.channel = (uint8_t)v};
    if (!ok) return fail(e, ERR_corrupt, "a conversation's stored state is damaged");
    t->steps = make(a, talk_step, n + 4);
    t->n = (int32_t)n, t->room = (int32_t)n + 4;
    uint64_t last = 0; // unsigned, because damage may take it anywhere
    for (int32_t i = 0; ok && i < t->n; i++) {
        ok = buf_read_varint(&state, &v) && (v & 7) <= TALK_note;
        last += (uint64_t)unzigzag(v >> 3);
        t->steps[i] = (talk_step){(int64_t)last, (uint8_t)(v & 7)};
        ok = ok && (!i || !after(&t->steps[i - 1], (int64_t)last, (enum talk_who)(v & 7)));
    }
    return (ok && !state.len) || fail(e, ERR_corrupt, "a conversation's stored state is damaged");
}
