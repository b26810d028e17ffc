// story: a customer's success, told with their approval.
//
// Nothing of it is shown, not even to staff, before the customer has approved this very wording for this very place,
// nor after the approval has ended. Who changes a word or a place has to ask again.
#ifndef HEED_STORY_H
#define HEED_STORY_H

#include "base/json.h"
#include "ledger/ledger.h"

enum story_state { STORY_DRAFT, STORY_ASKED, STORY_APPROVED, STORY_DECLINED, STORY_WITHDRAWN, STORY_STATES };
const char *story_state_name(enum story_state s); // "draft"
int story_state_of(str name);                     // -1 if there is none
enum story_place { PLACE_staff, PLACE_website, PLACE_newsletter, PLACE_social, PLACE_sales, STORY_PLACES };
const char *story_place_name(enum story_place p);
int story_place_of(str name); // -1

typedef struct {
    int64_t id, profile_id, customer; // customer: whose it is now; 0: not known any more
    str title, words;
    int64_t wording; // from 1; each change is another
    enum story_state state;
    int64_t approved, approved_us; // the wording that was approved
    int64_t until_us;              // 0: until it is withdrawn
    uint32_t places;               // bits 1 << enum story_place
    str by;
    int64_t made_us, version;
    bool sample;
} story;
typedef struct {
    int64_t at_us, wording;
    str what; // written, asked, approved, declined, withdrawn
    str words, by;
} story_step;

bool story_shown(const story *x, enum story_place place, int64_t now_us);    // may it be shown there?
must_use bool story_get(arena *a, store *s, int64_t id, story *out, err *e); // ERR_not_found
must_use bool story_steps(arena *a, store *s, int64_t id, story_step **out, size_t *n, err *e);
// Newest first, with smaller numbers than below; customer 0, state -1: any.
must_use bool story_list(arena *a, store *s, int64_t below, int64_t customer, int state, size_t most, story **out,
                         size_t *n, err *e);
// What may be shown in a place, the newest first.
must_use bool story_feed(arena *a, store *s, enum story_place place, int64_t now_us, size_t most, story **out,
                         size_t *n, err *e);
void story_json(json_out *j, const char *key, const story *x, int64_t now_us);

// ---- in an open transaction of the writer ----

// A new one (id 0), or other words, another title or other places: approval ends. ERR_invalid names the field.
must_use bool story_write(ledger *l, arena *a, story *x, str by, const char **field, err *e);
must_use bool story_ask(ledger *l, arena *a, int64_t id, str how, str by, story *out, err *e);
// The customer's word about a wording: approved until a time (0: until withdrawn), or declined. ERR_conflict when the
// wording has changed since they were asked.
must_use bool story_answer(ledger *l, arena *a, int64_t id, int64_t wording, bool yes, int64_t until_us, str how,
                           str by, story *out, err *e);
must_use bool story_withdraw(ledger *l, arena *a, int64_t id, str how, str by, story *out, err *e);

#endif
