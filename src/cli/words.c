#include "cli/words.h"

#include "cli/say.h"
#include "know/stage.h"

static bool show(void *ctx, int64_t done, int64_t total, err *e) {
    (void)e;
    progress_at(ctx, done, done, total);
    return true;
}

bool words_understand(cli *c, store *s, understood *out, err *e) {
    meaning_standing now;
    *out = (understood){0};
    if (!meaning_stands(c->life, s, &now, e)) return false;
    stage_standing staged;
    if (!stage_stands(s, &staged, e)) return false;
    if (!now.waiting && !staged.waiting && !staged.left) return true;
    if (now.waiting > WORDS_MOST) {
        cli_note(c,
                 "%.*s wait to be understood: 'heed serve' does it beside everything else, 'heed jobs run meaning' "
                 "now",
                 STR_ARG(say_n(c->life, now.waiting, "text", "texts")));
        return true;
    }
    const bool tells = staged.waiting + staged.left <= STAGED_MOST;
    if (!now.waiting && !tells) return true;
    progress bar = progress_begin(&c->t, S("understanding what they say"), "texts");
    const understanding x = {.s = s,
                             .now_us = tells ? c->w->now_us(c->w) : 0,
                             .where = place_of(c),
                             .as_before = true,
                             .goes_on = show,
                             .ctx = &bar};
    const bool ok = understand(&x, out, e);
    progress_end(&bar);
    if (ok && out->words && !out->file && c->t.progress) cli_note(c, "%s", pack_missing());
    return ok;
}

void words_tell(const cli *c, const understood *u) {
    arena a = c->scratch;
    if (c->g.json || c->g.quiet || u->words < WORDS_TOLD) return;
    term_say(&c->t, "Understood %.*s of customers, in %.*s.\n", STR_ARG(say_n(&a, u->words, "text", "texts")),
             STR_ARG(term_span(&a, u->seconds)));
}
