#include "act/bounce.h"

static const struct {
    const char *part;
    enum bounce_kind kind;
} words[] = {
#define WORDS(part, kind) {part, BOUNCE_##kind},
#include "act/bounce_words.def"
};

const char *bounce_kind_name(enum bounce_kind k) {
    static const char *const names[] = {"none", "hard", "soft", "delayed", "complaint"};
    return names[k];
}

// RFC 3463: what says that there is no such address or host: 5.1.1, 5.1.2, 5.1.3, 5.1.6, 5.1.10, 5.4.4.
static bool gone(str status) {
    static const char *const dead[] = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"};
    for (size_t i = 0; i < COUNT(dead); i++)
        if (str_eq(status, str_c(dead[i]))) return true;
    return false;
}

bool bounce_says(str said) {
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_has_ci(said, str_c(words[i].part))) return true;
    return false;
}

enum bounce_kind bounce_judge(str action, str status, int code, str said) {
    action = str_trim(action);
    if (str_eq_ci(action, S("delivered")) || str_eq_ci(action, S("relayed")) || str_eq_ci(action, S("expanded")))
        return BOUNCE_NONE;
    if (str_eq_ci(action, S("delayed"))) return BOUNCE_DELAYED;
    // What may get better is not dead, whatever else is said.
    if (str_starts(status, S("4.")) || (!status.len && code / 100 == 4)) return BOUNCE_SOFT;
    for (size_t i = 0; i < COUNT(words); i++)
        if (str_has_ci(said, str_c(words[i].part))) return words[i].kind;
    return gone(status) ? BOUNCE_HARD : BOUNCE_SOFT;
}
