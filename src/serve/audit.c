#include "serve/auth.h"
#include "serve/later.h"
#include "sql/serve_auth.h"

bool audit_put(desk *d, str by, const char *action, str subject, str detail, str address, err *e) {
    int64_t id;
    return ledger_id(know_ledger(d->k), &id, e) &&
           store_run(d->s, Q_audit_put, NULL, e, "iittttt", id, d->w->now_us(d->w), by, str_c(action), subject,
                     detail.len ? detail : S("{}"), address);
}

// An entry on its way to the writer: its texts one after the other.
enum { NOTE_WHO, NOTE_ACTION, NOTE_SUBJECT, NOTE_DETAIL, NOTE_ADDRESS, NOTES };
typedef struct {
    size_t len[NOTES];
    char text[];
} note;

static bool put_note(void *ctx, desk *d, err *e) {
    note *n = ctx;
    str part[NOTES];
    char *at = n->text;
    for (int i = 0; i < NOTES; i++) part[i] = (str){at, n->len[i]}, at += n->len[i] + 1;
    return audit_put(d, part[NOTE_WHO], part[NOTE_ACTION].s, part[NOTE_SUBJECT], part[NOTE_DETAIL], part[NOTE_ADDRESS],
                     e);
}

static bool post_note(call *c, const char *action, str subject, str detail, err *e) {
    str part[NOTES] = {who_text(c->a, &c->who), str_c(action), subject, detail, c->q->peer};
    size_t size = sizeof(note);
    for (int i = 0; i < NOTES; i++) size += part[i].len + 1;
    note *n = (note *)make(c->a, max_align_t, size / sizeof(max_align_t) + 1);
    char *at = n->text;
    for (int i = 0; i < NOTES; i++) {
        n->len[i] = part[i].len;
        if (part[i].len) memcpy(at, part[i].s, part[i].len);
        at += part[i].len + 1;
    }
    return later_post(c->sv, put_note, n, size, e);
}

bool audit(call *c, const char *action, str subject, str detail, err *e) {
    c->noted = true;
    if (c->d) return audit_put(c->d, who_text(c->a, &c->who), action, subject, detail, c->q->peer, e);
    return post_note(c, action, subject, detail, e);
}
