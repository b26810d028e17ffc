// rules: by which identifiers profiles become one customer, and up to how many profiles one value may join. Everybody
// begins with those of ledger/tables.def; a company whose tills share an e-mail address changes them. They are a
// setting of the store: everything that groups profiles reads the same ones, so a rebuild gives the same customers.
//
// A limit counts for ever, or within a window: how many profiles a value was first said of within so many days of one
// another. A number typed at a till for three people in a week is nobody's; one that four people had in ten years may
// be a family's.
#ifndef HEED_IDENTITY_RULES_H
#define HEED_IDENTITY_RULES_H

#include "base/json.h"
#include "ledger/event.h"
#include "store/store.h"

enum { RULE_KINDS = 32, RULE_LEAST = 2, RULE_MOST = 1000, RULE_CROWD = 20 };
// Days by name.
enum { RULE_EVER = 0, RULE_WEEK = 7, RULE_MONTH = 31, RULE_YEAR = 366 };

typedef struct {
    bool joins[RULE_KINDS];     // by enum ident_kind
    int32_t limit[RULE_KINDS];  // profiles that may share one value; beyond it the value identifies nobody
    int32_t window[RULE_KINDS]; // that came to it within so many days; RULE_EVER: at any time
    int32_t crowd;              // a customer of more profiles than this is worth a look
    int64_t version;            // 0: those of everybody
} identity_rules;

identity_rules identity_rules_usual(void);
// Only kinds that join for everybody can be changed: names and what strangers typed never join anybody.
bool identity_rules_may(enum ident_kind k);
// Whether a value identifies nobody that was first said of n profiles on these days; reorders them.
bool identity_rules_crowded(const identity_rules *r, enum ident_kind k, uint16_t *days, size_t n);
bool identity_rules_windows(const identity_rules *r); // some limit counts within a window
// "ever", "year", "month", "week".
str identity_window_name(int32_t days);
bool identity_window_of(str name, int32_t *days);
must_use bool identity_rules_read(store *s, identity_rules *out, err *e);
must_use bool identity_rules_write(store *s, const identity_rules *r, err *e); // counts its version up
// From {"crowd":20,"kinds":[{"kind":"email","joins":true,"limit":20,"window":"year"}]}; what it does not name stays.
// ERR_invalid names the place.
must_use bool identity_rules_take(identity_rules *r, const json_t *in, err *e);
void identity_rules_json(json_out *j, const identity_rules *r); // members of an open object: crowd, version, kinds

#endif
