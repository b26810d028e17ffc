// send_smtp: one message to one mail server, by libcurl; several go over one connection. Private to send.c.
#ifndef HEED_SEND_SMTP_H
#define HEED_SEND_SMTP_H

#include "base/base.h"

typedef struct {
    str host, tls; // tls: "starttls", "tls", "none"
    int64_t port;
    str hello;           // what we call ourselves
    str login, password; // empty: none is asked for
    int timeout_ms;      // for one answer of the server; 0: 60,000
    const bool *cancel;  // atomic: breaks it off while nothing can have arrived; NULL: nobody does
} smtp_server;

typedef struct {
    str from, to, message; // the message with CRLF
    // Called once, when the server has everything but the end. What it has written must be durable when it returns;
    // false breaks off, and nothing has arrived.
    bool (*mark)(void *ctx);
    void *ctx;
} smtp_ask;

// How far it came. What fails before MAIL concerns the server and no message.
enum smtp_stage { SMTP_CONNECT, SMTP_MAIL, SMTP_RCPT, SMTP_DATA, SMTP_END };
const char *smtp_stage_name(enum smtp_stage s); // "connect", "mail", "rcpt", "data", "end"

typedef struct {
    enum smtp_stage stage;
    bool marked; // mark was called and agreed
    bool taken;
    int status; // of the server's last answer at that stage; 0: none
    str reply;  // its words, or why there are none
    int64_t took_us;
} smtp_answer;

typedef struct smtp smtp;
smtp *smtp_open(arena *life); // NULL: there is no memory for it
void smtp_close(smtp *c);     // says goodbye; NULL is fine
void smtp_send(smtp *c, arena *a, const smtp_server *to, const smtp_ask *ask, smtp_answer *out);

#endif
