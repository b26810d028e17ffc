// mail: a message as it goes over the wire (RFC 5322, RFC 2045 to 2049), made from plain words. GMime writes the MIME;
// nothing that a caller hands in can add a field, a line or a part.
#ifndef HEED_MAIL_H
#define HEED_MAIL_H

#include "base/civil.h"

typedef struct {
    str from_address, from_name; // addresses as mail_address made them
    str to_address, to_name, reply_to;
    str subject, text, html;                     // html empty: made from the text
    str lang;                                    // ISO 639-1; empty: English
    str message_id, in_reply_to;                 // without < and >
    str list_unsubscribe, list_unsubscribe_post; // values; empty: it cannot be refused
    str unsubscribe_url;                         // the same for people, under the words
    str postal;                                  // who we are and where, under the words; empty: a reply
    str feedback_id;                             // groups complaints at the receiver; empty: none
    bool automatic;                              // a machine sends it (RFC 3834)
    int64_t date_us;
    const zone *z; // the sender's; NULL: UTC
} mail;

enum { MAIL_MOST = 1 << 20, MAIL_SUBJECT_MOST = 400, MAIL_NAME_MOST = 200, MAIL_ADDRESS_MOST = 254 };

// The message with CRLF, ready to be signed. ERR_invalid when an address is none, ERR_too_large beyond MAIL_MOST.
must_use bool mail_compose(arena *a, const mail *m, str *out, err *e);

// The words as an HTML page: escaped, links made of what looks like one, in the reader's own colours, with nothing
// that would be fetched from elsewhere. More is put under them.
str mail_html(arena *a, const mail *m);
// Whether HTML that somebody wrote may go out: no scripts, forms or frames, and nothing that would be fetched.
must_use bool mail_html_check(str html, err *e);
// The text with what stands under it.
str mail_text(arena *a, const mail *m);

// An address in the form in which we send to it: the host in ASCII and lower case (IDNA), the part before it as it is,
// perhaps not ASCII (RFC 6531). ERR_invalid names it.
must_use bool mail_address(arena *a, str raw, str *out, err *e);
str mail_domain(str address);
// "bounce@example.org" and a token: "bounce+TOKEN@example.org", so that what comes back says of what it speaks.
str mail_return_path(arena *a, str bounce_address, str token);
str mail_token_of(str address);                     // the token in such an address; empty when there is none
str mail_message_id(arena *a, str token, str from); // "out.TOKEN@example.org"
str mail_token_of_id(str message_id);               // the token in one of ours

// GMime has to be started once in a process; harmless again.
void mail_ready(void);

#endif
