// All events, with the identifiers of whoever they are from.
#include "base/civil.h"
#include "base/money.h"
#include "cli/export.h"
#include "cli/say.h"
#include "know/members.h"
#include "know/person.h"
#include "know/wire.h"
#include "ledger/ident.h"
#include "sql/cli.h"
#include "sql/know.h"

enum { LINE = 64 << 20 };

typedef struct {
    export_to *x;
    buf line;
    arena text, row, people; // of the line, of one event, of the profile at hand
    int64_t profile, max_id;
    person_ident *known;
    size_t n_known;
    ident ids[EVENT_IDENTS];
    int n_ids;
    unsigned char *told; // per profile: some event was written
    unsigned char *many; // per profile: it has more identifiers than an event can carry
} writer;

// ---- who ----

// The key first: it names the profile when it is read back.
static int fill_ids(ident *ids, const person_ident *known, size_t n, size_t from) {
    int k = 0;
    if (n) ids[k++] = (ident){known[0].kind, known[0].value};
    for (size_t i = MAX(from, 1); i < n && k < EVENT_IDENTS; i++) ids[k++] = (ident){known[i].kind, known[i].value};
    return k;
}

static bool know_profile(writer *w, int64_t profile, err *e) {
    if (profile == w->profile) return true;
    arena_reset(&w->people);
    w->profile = profile, w->n_known = 0, w->n_ids = 0;
    if (!profile) return true;
    if (!person_idents(&w->people, w->x->s, profile, &w->known, &w->n_known, e)) return false;
    w->n_ids = fill_ids(w->ids, w->known, w->n_known, 1);
    if (profile <= w->max_id) w->many[profile] = w->n_known > EVENT_IDENTS;
    return true;
}

// ---- lines ----

static void csv_ids(buf *b, arena *a, const wire *w) {
    buf cell = buf_new(a, 1 << 20);
    for (int i = 0; i < w->n_ids; i++)
        buf_fmt(&cell, "%s%.*s=%.*s", i ? ";" : "", STR_ARG(ident_name(w->ids[i].kind)), STR_ARG(w->ids[i].value));
    export_text(b, buf_str(&cell));
}

static void csv_value(buf *b, const wire *w) {
    const currency *money = kind_class(w->kind) == CLASS_SAID ? NULL : currency_by_number(w->unit);
    int exponent = money ? money->exponent : kind_class(w->kind) == CLASS_SAID ? 2 : 0;
    export_amount(b, w->has_value, w->value, exponent);
    export_raw(b, wire_unit(w->kind, w->unit));
}

static const char *const body_columns[] = {"text",           "lang", "topic",   "mood",  "name",    "country",
                                           "postal_address", "born", "segment", "staff", "quantity"};

static void csv_body(buf *b, arena *a, str body) {
    str cells[COUNT(body_columns)] = {{0}}, rest = members_of(body);
    buf extra = buf_new(a, LINE);
    for (member m; member_next(&rest, &m);) {
        size_t k = 0;
        while (k < COUNT(cells) && !(str_eq(m.name, str_c(body_columns[k])) && !cells[k].s)) k++;
        if (k < COUNT(cells))
            cells[k] = m.value.s[0] == '"' ? member_text(a, m.value) : m.value;
        else
            buf_fmt(&extra, "%c\"%.*s\":%.*s", extra.len ? ',' : '{', STR_ARG(m.name), STR_ARG(m.value));
    }
    if (extra.len) buf_addc(&extra, '}');
    for (size_t k = 0; k < COUNT(cells); k++) export_text(b, cells[k]);
    export_text(b, buf_str(&extra));
}

static void csv_line(buf *b, arena *a, const wire *w) {
    export_raw(b, kind_name(w->kind));
    export_time(b, w->at_us);
    export_text(b, w->ext);
    export_text(b, w->source);
    export_raw(b, channel_name(w->channel));
    csv_ids(b, a, w);
    csv_value(b, w);
    export_text(b, w->thread);
    csv_body(b, a, w->body);
    export_time(b, w->edited_us);
    export_end(b);
}

static bool csv_head(writer *w, err *e) {
    static const char *const first[] = {"kind", "at", "ext", "source", "channel", "ids", "value", "unit", "thread"};
    for (size_t i = 0; i < COUNT(first); i++) export_raw(&w->line, str_c(first[i]));
    for (size_t i = 0; i < COUNT(body_columns); i++) export_raw(&w->line, str_c(body_columns[i]));
    export_raw(&w->line, S("extra"));
    export_raw(&w->line, S("edited"));
    export_end(&w->line);
    return export_send(w->x, &w->line, e);
}

static bool put(writer *w, const wire *line, err *e) {
    if (w->x->csv)
        csv_line(&w->line, &w->row, line);
    else
        wire_line(&w->line, line);
    return export_send(w->x, &w->line, e);
}

// What heed notes of a profile's identifiers is made anew when the events are read back.
static bool is_note(const record *r) {
    return r->kind == KIND_identify && str_starts(r->body, S("{\"ids\":["));
}

static str own_ext(arena *a, const writer *w, size_t i) {
    return str_fmt(a, "ids:%016" PRIx64 ":%zu", (uint64_t)w->known[0].hash, i);
}

// What put_profile said in an export that was read back; it is said again.
static bool is_own(writer *w, const record *r) {
    if (r->kind != KIND_identify || r->body.len) return false;
    int64_t source_id = source_of_import(w->x->all, r->import_id)->id;
    for (size_t i = 1; i == 1 || i < w->n_known; i += EVENT_IDENTS - 1)
        if (w->n_known && (int64_t)event_key(source_id, own_ext(&w->row, w, i)) == r->key) return true;
    return false;
}

static bool put_record(void *ctx, const record *r, err *e) {
    writer *w = ctx;
    if (is_note(r)) return true;
    arena_reset(&w->row);
    if (!know_profile(w, r->profile_id, e)) return false;
    if (is_own(w, r)) return true;
    if (r->profile_id > 0 && r->profile_id <= w->max_id) w->told[r->profile_id] = 1;
    wire line = wire_of_record(&w->row, source_of_import(w->x->all, r->import_id)->name, r, w->ids, w->n_ids);
    progress_at(&w->x->bar, w->x->lines, w->x->lines, w->x->total);
    return put(w, &line, e);
}

// ---- what no event could carry ----

static bool first_time(void *ctx, const record *r, err *e) {
    int64_t *at_us = ctx;
    (void)e;
    if (!*at_us || r->at_us < *at_us) *at_us = r->at_us;
    return true;
}

// A profile with more identifiers than fit on an event, or without any event of its own, says them by itself.
static bool put_profile(writer *w, int64_t profile, const origin *from, err *e) {
    int64_t at_us = 0;
    ident ids[EVENT_IDENTS];
    if (!know_profile(w, profile, e) || !ledger_profile_events(w->x->s, profile, first_time, &at_us, e)) return false;
    for (size_t i = 1; at_us && w->n_known && (i == 1 || i < w->n_known); i += EVENT_IDENTS - 1) {
        arena_reset(&w->row);
        wire line = {.source = from->name,
                     .kind = KIND_identify,
                     .channel = from->channel,
                     .at_us = at_us,
                     .ids = ids,
                     .n_ids = fill_ids(ids, w->known, w->n_known, i)};
        line.ext = own_ext(&w->row, w, i);
        if (!put(w, &line, e)) return false;
    }
    return true;
}

static bool put_profiles(writer *w, err *e) {
    for (row r = store_query(w->x->s, Q_profile_scan, e, ""); row_next(&r);) {
        int64_t id = row_int(&r, 0);
        if (id > w->max_id || (w->told[id] && !w->many[id])) continue;
        if (!put_profile(w, id, source_by_id(w->x->all, row_int(&r, 2)), e)) row_end(&r);
    }
    return err_ok(e);
}

bool export_events(export_to *x, err *e) {
    arena life = arena_open((size_t)1 << 36);
    writer w = {.x = x,
                .text = arena_open((size_t)2 * LINE),
                .row = arena_open((size_t)4 * LINE),
                .people = arena_open((size_t)1 << 32)};
    w.line = buf_new(&w.text, LINE);
    bool ok = store_int(x->s, Q_profile_last, &w.max_id, 0, e, "");
    w.told = make(&life, unsigned char, w.max_id + 1), w.many = make(&life, unsigned char, w.max_id + 1);
    ok = ok && (!x->csv || csv_head(&w, e)) && ledger_all_events(x->s, put_record, &w, e) && put_profiles(&w, e);
    arena_close(&w.people);
    arena_close(&w.row);
    arena_close(&w.text);
    arena_close(&life);
    return ok;
}
