// What the handlers of themes and priorities share.
#ifndef HEED_API_THEMES_H
#define HEED_API_THEMES_H

#include "decide/theme_view.h"
#include "know/measure.h"
#include "serve/api_customers.h"

bool may_read_words(const call *c); // who asks may see what customers said
void put_quotes(json_out *j, const char *key, const quoted *q, size_t n);
// A list of alarms of one theme or topic; id 0: of all.
must_use bool put_bursts(call *c, const char *key, const abouts *names, int state, enum about_kind k, int64_t id,
                         err *e);
// Everything that a theme's page shows, as the answer. change 0: a mere look.
must_use bool put_theme_page(call *c, int64_t id, int64_t said_id, err *e);
void put_number(json_out *j, const char *key, int64_t id); // null when 0
// Ends a change: noted, stored, told to open pages. The transaction was begun by store_begin.
must_use bool themes_told(call *c, const char *action, str subject, str detail, err *e);

#endif
