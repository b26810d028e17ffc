// Links that stand in mails, and the notes by which a widget says which question is answered.
#include <sodium.h>

#include "act/ask.h"
#include "act/seal.h"

#include "base/civil.h"
#include "know/settings.h"
#include "sql/widget.h"

// The note is version, question, profile, asked and minute.
enum { NUMBERS = 4, NOTE = 1 + 8 * NUMBERS, VERSION = 1 };

static const char use[] = "heedasks";

str ask_token(arena *a, const unsigned char key[PREFERENCE_KEY], const ask_link *x) {
    const int64_t numbers[NUMBERS] = {x->question, x->profile, x->asked, x->minute};
    unsigned char note[NOTE] = {VERSION};
    for (int n = 0; n < NUMBERS; n++)
        for (int i = 0; i < 8; i++) note[1 + 8 * n + i] = (unsigned char)((uint64_t)numbers[n] >> (8 * i));
    return seal_text(a, key, use, note, NOTE);
}

static bool sensible(const ask_link *x) {
    bool widget = x->asked > 0 && !x->profile && !x->minute, mail = !x->asked && x->profile > 0 && x->minute > 0;
    bool preview = !x->asked && !x->profile && !x->minute;
    return x->question > 0 && (widget || mail || preview);
}

bool ask_open(const unsigned char key[PREFERENCE_KEY], str token, ask_link *out) {
    unsigned char note[NOTE];
    uint64_t v[NUMBERS] = {0};
    if (!seal_open(key, use, token, note, NOTE) || note[0] != VERSION) return false;
    for (int i = 0; i < NUMBERS; i++)
        for (int b = 7; b >= 0; b--) v[i] = v[i] << 8 | note[1 + 8 * i + b];
    *out = (ask_link){(int64_t)v[0], (int64_t)v[1], (int64_t)v[2], (int64_t)v[3]};
    return sensible(out);
}

bool ask_url(arena *a, store *s, int64_t profile, int64_t now_us, str *url, err *e) {
    unsigned char key[PREFERENCE_KEY];
    str origin;
    ask_link x = {.profile = profile, .minute = floor_div(now_us, 60 * SECOND_US)};
    *url = S("");
    if (!store_int(s, Q_question_of_mail, &x.question, 0, e, "") || !settings_get(a, s, "origin", &origin, e))
        return false;
    if (!x.question || !origin.len || profile <= 0) return true;
    if (!preference_key(s, key, e)) return false;
    *url = str_fmt(a, "%.*s/s/%.*s", STR_ARG(origin), STR_ARG(ask_token(a, key, &x)));
    sodium_memzero(key, sizeof key);
    return true;
}
