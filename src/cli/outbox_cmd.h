// What the files of `heed outbox` share.
#ifndef HEED_OUTBOX_CMD_H
#define HEED_OUTBOX_CMD_H

#include "act/bounce.h"
#include "act/mail_setup.h"
#include "cli/desk.h"

typedef struct {
    str state, kind, template, occasion, address, to_name, from_name, subject, lang, text_file, html_file, not_before;
    str host, tls, login, password_file, from, bounce, reply_to, postal, switch_to, selector;
    int64_t customer, most, port, per_minute, per_domain, resend;
    bool text, html, raw, ed25519;
} outbox_opts;
enum { NOT_SAID = -1 };

// Showing; where a command has --json, one value.
must_use bool outbox_list_show(cli *c, const outbox_opts *o, err *e);
must_use bool outbox_one_show(cli *c, const outbox_opts *o, err *e);
must_use bool outbox_setup_print(cli *c, store *s, err *e);
must_use bool outbox_keys_print(cli *c, store *s, err *e);
void outbox_put_print(cli *c, const outbox_put_answer *x);
void outbox_bounce_print(cli *c, const bounce_taken *x);

#endif
