// inbox: one queue over all channels: what customers said, who of ours deals with it, and what became of it.
//
// An item is a conversation, or a single word: a review, a remark, an answer to a survey with words, a complaint. It is
// folded from what is stored of them and from what people of ours did (events of kind handled). A year of them is kept;
// what is older is found among the answers and on customers' pages.
//
// An item is open while somebody waits for us: the customer wrote and no person has answered since, or said something
// that nobody has dealt with. After 90 days nobody waits any more, as in decide/today.h; a single word that is not
// unhappy is old news after 30, praise after 14. It waits while the customer
// is to answer, while an answer of ours is on its way, or until the time that somebody put it aside for. Else it is
// done. Whoever writes again is open again.
#ifndef HEED_INBOX_H
#define HEED_INBOX_H

#include "base/map64.h"
#include "know/feedback.h"
#include "know/segment.h"
#include "know/talk.h"
#include "ledger/sources.h"

enum {
    INBOX_DAYS = 90,
    INBOX_REMARK_DAYS = 30,
    INBOX_PRAISE_DAYS = 14,
    INBOX_COUNTED_DAYS = 30,
    INBOX_KEPT_DAYS = 366
};
enum inbox_what { INBOX_talk = 1, INBOX_voice = 2 };
enum inbox_step_what {
    INBOX_none,
#define STEP(name, id, text) INBOX_##name = id,
#include "know/inbox_steps.def"
    INBOX_STEPS,
};
const char *inbox_step_name(enum inbox_step_what w); // "" if there is none
enum inbox_step_what inbox_step_of(str name);        // INBOX_none if there is none

typedef struct {
    int64_t id, profile, thread, key;
    enum inbox_what what;
    enum kind kind; // of a conversation message_in
    enum channel channel;
    int64_t source_id;
    enum instrument instrument;
    bool has_score;
    int64_t score; // x 100
    int mood;      // MOOD_UNKNOWN
    int64_t opened_us, last_us, said_us, since_us, answered_us, solved_us, done_us, replied_us, later_us, later_at_us;
    int64_t assignee; // account; 0: nobody
} inbox_item;

// 53 bits of what it is: the same whenever and wherever it is computed. place: the thread, or the key of the event.
int64_t inbox_id_of(enum inbox_what what, int64_t profile, int64_t place);

// The conversation that what we say to it belongs to: its own; of a single word one that its event names.
int64_t inbox_thread(const inbox_item *x);

enum inbox_tab { INBOX_OPEN, INBOX_WAITING, INBOX_DONE, INBOX_TABS };
const char *inbox_tab_name(enum inbox_tab t);
bool inbox_tab_of(str name, enum inbox_tab *out);
// Why it stands there.
enum inbox_state {
    INBOX_UNANSWERED, // open: nobody has answered
    INBOX_THEIRS,     // waiting: the customer is to answer
    INBOX_SENDING,    // waiting: an answer is on its way
    INBOX_LATER,      // waiting: put aside
    INBOX_SOLVED,     // done: a person called it solved, or dealt with it
    INBOX_ANSWERED,   // done: a person answered what was said
    INBOX_LAPSED,     // done: 90 days went by
    INBOX_STATES,
};
const char *inbox_state_name(enum inbox_state s);
enum inbox_state inbox_state_now(const inbox_item *x, int64_t now_us);
enum inbox_tab inbox_tab_now(const inbox_item *x, int64_t now_us);

// ---- reading ----

enum inbox_sort {
    INBOX_by_wait,    // open: who waits longest first; waiting: silent for the longest first; done: the last first
    INBOX_by_new,     // the last word first
    INBOX_by_value,   // the most valuable customer first
    INBOX_by_promise, // what we promised them that is due first; those without a promise after them
    INBOX_SORTS,
};
bool inbox_sort_of(str name, enum inbox_sort *out);

enum { INBOX_ANYBODY = -1 };
typedef struct {
    enum inbox_tab tab;
    enum inbox_sort sort;
    int64_t channel;  // -1: any
    int64_t assignee; // INBOX_ANYBODY, 0: nobody, or an account
    enum kind kind;   // KIND_none: any; message_in: conversations
    int mood;         // MOOD_UNKNOWN: any
    bool scored;      // only with a score from score_lo to score_hi (x 100)
    int64_t score_lo, score_hi;
    const segment_rule *rule; // NULL: everybody
    bool promise;             // only of customers to whom we owe something that is open
    str topic, words;         // empty: any
    int64_t customer;         // 0: any
    int64_t said_after_us;    // the customer said something after this; 0: whenever
    int64_t now_us;
    bool next; // the page after this row
    int64_t key, id;
    int64_t limit; // 0: all
} inbox_ask;

typedef struct {
    inbox_item x;
    int64_t key;      // what the list is sorted by
    int64_t customer; // 0: nobody known
} inbox_found;
// ERR_invalid when there is no word in the words.
must_use bool inbox_list(arena *a, store *s, const sources *all, const inbox_ask *ask, inbox_found **out, size_t *n,
                         bool *more, err *e);
// How many there are in each tab, the tab of the question left aside.
typedef struct {
    int64_t n[INBOX_TABS]; // done: that moved in the last INBOX_COUNTED_DAYS
    int64_t oldest_us;     // since when who is open waits longest; 0: nobody
    int64_t newer;         // open ones of which the last word came after said_after_us
} inbox_counts;
must_use bool inbox_count(arena *a, store *s, const sources *all, const inbox_ask *ask, inbox_counts *out, err *e);

// For who asks who waits: conversations that are put aside or have an answer on its way, by talk_wait_key.
must_use bool inbox_quiet_waits(arena *a, store *s, int64_t now_us, map64 *out, err *e);
// Is a single word dealt with here, put aside, or is an answer on its way?
must_use bool inbox_voice_quiet(store *s, int64_t profile, int64_t key, int64_t now_us, bool *quiet, err *e);

// ERR_not_found names the remedy.
must_use bool inbox_get(store *s, int64_t id, inbox_item *out, err *e);
// What else stands in the inbox of a customer, the newest first, at most `most`.
must_use bool inbox_of_customer(arena *a, store *s, int64_t customer, inbox_item *out, size_t most, size_t *n, err *e);
must_use bool inbox_customer(store *s, const inbox_item *x, int64_t *customer, err *e); // 0: nobody known
bool inbox_key_of(str hex, int64_t *key); // an event's key as 16 hexadecimal digits
// A state of it: another number after anything that somebody who answers should know.
int64_t inbox_version(const inbox_item *x);

// The words of an item, as a list shows them: the customer's last. Texts live in a.
typedef struct {
    str words, lang, topic;
    record last; // the event
} inbox_words;
must_use bool inbox_words_of(arena *a, store *s, const inbox_item *x, inbox_words *out, err *e);
// Everything in it, in order of time, at most `most`, the last ones; *more: there was more before.
must_use bool inbox_messages(arena *a, store *s, const inbox_item *x, size_t most, record **out, size_t *n, bool *more,
                             err *e);

// The mood it speaks of; of a conversation that of the last score that the customer gave. MOOD_UNKNOWN: not known.
must_use bool inbox_mood(store *s, const inbox_item *x, int64_t customer, int *mood, err *e);
// What the customer is likely to bring in a year by the last fit (know/value.h); without one, what they brought in a
// usual year, or twelve months of contract. Minor units; currency 0: nothing is known.
must_use bool inbox_worth(arena *a, store *s, int64_t customer, int64_t *minor, int32_t *currency, err *e);

// What people of ours did, the first first.
typedef struct {
    int64_t id, at_us, key, profile;
    enum inbox_step_what what;
    int64_t value;
    str who, words;
} inbox_step;
must_use bool inbox_steps(arena *a, store *s, int64_t id, inbox_step **out, size_t *n, err *e);

// Topics that people of ours gave to it or took from it, of all its words.
typedef struct {
    str topic, who;
    bool said;                        // else it is not about this
    int64_t id, at_us, key, label_us; // of the item; of the event that it speaks of; when that was said
} inbox_label;
must_use bool inbox_labels(arena *a, store *s, int64_t id, inbox_label **out, size_t *n, err *e);

// ---- the fold ----

// Rows on their way into the store, which keeps what moved in the last year: from the time on that inbox_tidy says.
typedef struct inbox_rows inbox_rows;
inbox_rows *inbox_rows_new(arena *life, store *s);
must_use bool inbox_rows_talk(inbox_rows *w, int64_t profile, int64_t thread, int64_t source_id, const talk *t, err *e);
// A single word, of which are filled: profile, key, kind, channel, source, score, mood and when it was said. What is no
// matter for the inbox is left out.
must_use bool inbox_rows_said(inbox_rows *w, const inbox_item *one, bool has_words, err *e);
must_use bool inbox_rows_send(inbox_rows *w, err *e);
void inbox_rows_forget(inbox_rows *w); // what was put since: its transaction failed

must_use bool inbox_forget_talks(store *s, int64_t profile, err *e);      // before they are folded anew
must_use bool inbox_forget_voice(store *s, const record *r, err *e);      // the event is gone
must_use bool inbox_handled(store *s, const record *r, int sign, err *e); // an event of kind handled or labelled
must_use bool inbox_erase(store *s, int64_t profile, err *e);
must_use bool inbox_clear(store *s, err *e); // before all is folded anew; drafts stay
// The first time, from what is stored already: in a transaction of its own. Later it does nothing.
must_use bool inbox_begin(store *s, int64_t now_us, err *e);
// A set of what should be there, to be compared with what is.
typedef struct inbox_check inbox_check;
must_use bool inbox_check_new(arena *a, store *s, inbox_check **out, err *e);
void inbox_check_event(inbox_check *c, const record *r); // of kind handled or labelled
void inbox_check_said(inbox_check *c, const record *r, const said *s, int64_t source_id);
void inbox_check_talk(inbox_check *c, int64_t profile, int64_t thread, int64_t source_id, const talk *t);
must_use bool inbox_check_all(inbox_check *c, arena *a, store *s, int64_t *differences, str *first, err *e);
must_use bool inbox_tidy(store *s, int64_t now_us, err *e); // what has not moved for a year goes

#endif
