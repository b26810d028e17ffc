// talk: a conversation as the sorted set of what happened in it, and the clocks that follow from it.
//
// Like a timeline it is a set: the order in which messages arrive does not matter.
#ifndef HEED_TALK_H
#define HEED_TALK_H

#include "ledger/event.h"

enum talk_who { TALK_opened, TALK_customer, TALK_machine, TALK_person, TALK_solved, TALK_note };

typedef struct {
    int64_t at_us;
    uint8_t who; // enum talk_who; at the same instant the smaller comes first
} talk_step;

typedef struct {
    talk_step *steps;
    int32_t n, room;
    uint8_t channel; // where it began: of the earliest step
} talk;

typedef struct {
    int64_t opened_us, last_us;
    int64_t waiting_us;     // the first message that no person has answered since; 0: nobody waits
    int64_t solved_us;      // 0: open
    int64_t first_reply_us; // the first human answer of the newest clock that has one; 0: none
} talk_state;

// What a customer's list of waits knows a conversation by: two profiles of one customer may use one thread.
int64_t talk_wait_key(int64_t profile, int64_t thread);

enum talk_who talk_who_of(enum kind k);
void talk_take(arena *a, talk *t, int64_t at_us, enum talk_who who, int channel);
talk_state talk_now(const talk *t);
void talk_encode(buf *b, const talk *t);
must_use bool talk_decode(arena *a, str state, talk *t, err *e);

#endif
