// totp: the second factor: six digits that an app computes from a shared secret and the time (RFC 6238), and the codes
// for the day when the phone is gone.
#ifndef HEED_TOTP_H
#define HEED_TOTP_H

#include "base/world.h"

enum { TOTP_SECRET = 20, TOTP_STEP_S = 30, TOTP_DIGITS = 6, RECOVERY_CODES = 10 };

str totp_secret(arena *a, const world *w); // TOTP_SECRET random bytes
str base32(arena *a, str bytes);           // RFC 4648, without padding: how a secret is typed
// "otpauth://totp/heed:ada@example.org?secret=…": what apps read. issuer: the address of this heed.
str totp_address(arena *a, str secret, str email, str issuer);

uint32_t totp_code(str secret, int64_t step, int digits); // RFC 4226 for a counter
// The step of a code that is right at this time, or one step early or late; 0 when it is wrong, or when this step or a
// later one was used already: a code counts once.
int64_t totp_check(str secret, str code, int64_t now_us, int64_t used_step);

// Ten codes that work once each. *stored: their hashes, as JSON.
void recovery_new(arena *a, const world *w, str codes[RECOVERY_CODES], str *stored);
// True when it is one of them; *left: the others. Blanks, dashes and capitals do not matter.
bool recovery_use(arena *a, str stored, str code, str *left);
int recovery_left(str stored);

#endif
