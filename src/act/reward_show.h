// reward_show: points, what they cost, referrals and growth as JSON, the same for the API and for commands.
#ifndef HEED_REWARD_SHOW_H
#define HEED_REWARD_SHOW_H

#include "act/referral_note.h"
#include "act/reward_liability.h"
#include "act/reward_note.h"

void reward_json(json_out *j, const char *key, const reward_entry *x, int64_t customer); // customer 0: null
// Where a customer stands, and their lots in the order in which they are spent.
must_use bool reward_account_json(json_out *j, const char *key, store *s, int64_t customer, int64_t now_us, err *e);
void reward_done_json(json_out *j, const char *key, const reward_done *d, int64_t customer);
void liability_json(json_out *j, const char *key, const liability *x);
void referral_json(json_out *j, const char *key, const referral_link *l);
void growth_json(json_out *j, const char *key, const earned_growth *g);

#endif
