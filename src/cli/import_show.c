// What became of a file, told to people and to programs.
#include "cli/import.h"
#include "cli/say.h"

static str who_of(arena *a, const event *ev) {
    if (ev->name.len) return term_clean(a, ev->name, true);
    return ev->n_ids ? term_clean(a, ev->ids[0].value, true) : S("");
}

// The first event of each of the first rows.
void import_keep_rows(import_file *f, const pump_batch *b) {
    arena *a = f->c->life;
    for (size_t i = 0; i < b->n && f->n_shown < SHOWN_ROWS; i++) {
        const event *ev = &b->events[i];
        if (i && b->row_of[i] == b->row_of[i - 1]) continue;
        f->shown[f->n_shown++] = (shown_row){.at_us = ev->at_us,
                                             .kind = say_kind(a, ev->kind),
                                             .who = who_of(a, ev),
                                             .value = say_value(a, ev->kind, ev->has_value, ev->value, ev->unit),
                                             .words = term_clean(a, str_sub(ev->text, 0, 200), true)};
    }
}

static void show_counts(const import_file *f) {
    const tally *t = &f->r.t.sum;
    const struct {
        const char *text;
        int64_t n;
        enum style s;
    } parts[] = {{"new", t->added, STYLE_good},
                 {"changed", t->changed, STYLE_plain},
                 {"known already", t->same, STYLE_plain},
                 {"skipped", t->skipped, STYLE_plain},
                 {"in quarantine", t->rejected, STYLE_warn}};
    const term *tm = &f->c->t;
    arena a = f->c->scratch;
    bool any = false;
    term_say(tm, "  %.*s%s", STR_ARG(say_n(&a, t->rows, "row", "rows")), t->rows ? ": " : "");
    for (size_t i = 0; i < COUNT(parts); i++) {
        if (!parts[i].n) continue;
        term_say(tm, "%s", any ? ", " : "");
        term_put(tm, parts[i].s, str_fmt(&a, "%.*s %s", STR_ARG(term_count(&a, parts[i].n)), parts[i].text));
        any = true;
    }
    term_say(tm, "%s\n", f->o->dry_run ? "  (nothing was written)" : "");
}

static void show_reasons(const import_file *f, const char *head, const take_reason *list, size_t n) {
    arena a = f->c->scratch;
    table *t = table_new(&a, (table_col[]){{NULL, true, false}, {NULL, false, true}}, 2);
    for (size_t i = 0; i < n; i++) {
        const take_reason *r = &list[i];
        str text = str_fmt(&a, "%.*s%s%.*s", STR_ARG(r->field), r->field.len ? ": " : "", STR_ARG(r->reason));
        table_add(t, STYLE_plain, term_count(&a, r->n));
        table_add(t, STYLE_plain, term_clean(&a, text, true));
    }
    if (!n) return;
    term_say(&f->c->t, "  %s\n", head);
    table_print(t, &f->c->t, 4);
}

static void show_lines(const import_file *f, const char *head, str text) {
    arena a = f->c->scratch;
    for (str line; text.s;) {
        line = term_clean(&a, str_trim(str_cut(&text, '\n')), true);
        if (line.len) term_say(&f->c->t, "  %s%.*s\n", head, STR_ARG(line));
    }
}

static void show_columns(const import_file *f) {
    arena a = f->c->scratch;
    buf b = buf_new(&a, 1 << 16);
    str rest = members_of(f->r.as.mapping);
    for (member m; member_next(&rest, &m);) {
        str name = m.value.s[0] == '"' ? member_text(&a, m.value) : m.value;
        buf_fmt(&b, "%s%.*s = %.*s", b.len ? ", " : "", STR_ARG(m.name), STR_ARG(name));
    }
    if (b.len) term_say(&f->c->t, "  columns: %.*s\n", STR_ARG(term_clean(&a, buf_str(&b), true)));
}

static void show_mapped(const import_file *f) {
    arena a = f->c->scratch;
    static const table_col cols[] = {{"when", false, false},
                                     {"what", false, false},
                                     {"who", false, false},
                                     {"value", true, false},
                                     {"words", false, true}};
    table *t = table_new(&a, cols, COUNT(cols));
    for (int i = 0; i < f->n_shown; i++) {
        const shown_row *r = &f->shown[i];
        str cells[] = {say_time(&a, NULL, r->at_us), r->kind, r->who, r->value, r->words};
        for (size_t k = 0; k < COUNT(cells); k++) table_add(t, STYLE_plain, cells[k]);
    }
    if (!f->n_shown) return;
    term_say(&f->c->t, "  the first rows, as they would be stored (times in UTC)\n");
    table_print(t, &f->c->t, 4);
}

static void show_ids(const import_file *f) {
    const term *t = &f->c->t;
    for (size_t i = 0; i < f->r.t.n_parts && !f->o->dry_run; i++) {
        arena a = f->c->scratch;
        const taken *p = &f->r.t.parts[i];
        if (f->r.t.n_parts > 1)
            term_say(t, "  import %" PRId64 ": source %.*s, %.*s\n", p->import_id,
                     STR_ARG(term_clean(&a, p->source, true)), STR_ARG(say_n(&a, p->t.rows, "row", "rows")));
        else
            term_say(t, "  import %" PRId64 "; to take it back: heed import --undo %" PRId64 "\n", p->import_id,
                     p->import_id);
    }
}

// Numbers that mean other things in another file replace each other without a word; this is the word.
static void show_doubt(const import_file *f) {
    const tally *t = &f->r.t.sum;
    if (str_starts(f->r.as.adapter, S("generic-")) && t->changed >= 20 && t->changed * 5 >= t->rows)
        term_say(&f->c->t, "  many rows took the place of others with the same number; if they are of another system,\n"
                           "  take the import back and name it with --source\n");
}

void import_show(const import_file *f) {
    const term *t = &f->c->t;
    arena a = f->c->scratch;
    term_put(t, STYLE_bold, term_clean(&a, f->r.t.name, true));
    term_say(t, ": %.*s, from \"%.*s\"", STR_ARG(f->r.as.label), STR_ARG(f->r.as.source));
    if (f->r.as.sure < 0.9 && !f->o->adapter.len) term_say(t, " (%d %% sure)", (int)(f->r.as.sure * 100));
    term_say(t, "\n");
    show_columns(f);
    show_lines(f, "note: ", f->r.as.notes);
    show_counts(f);
    show_reasons(f, "skipped", f->r.t.skipped, f->r.t.n_skipped);
    show_reasons(f, f->o->dry_run ? "would go to quarantine" : "in quarantine: heed quarantine list shows them",
                 f->r.t.bad, f->r.t.n_bad);
    if (f->o->dry_run) show_mapped(f);
    show_doubt(f);
    show_ids(f);
    if (!err_ok(&f->failed)) term_say(t, "  stopped before its end: repeat the command to go on\n");
    fflush(t->out);
}

// ---- for programs ----

static void reply_tally(reply *r, const tally *t) {
    json_put_int(&r->j, "rows", t->rows);
    json_put_int(&r->j, "new", t->added);
    json_put_int(&r->j, "changed", t->changed);
    json_put_int(&r->j, "same", t->same);
    json_put_int(&r->j, "skipped", t->skipped);
    json_put_int(&r->j, "quarantined", t->rejected);
    json_put_int(&r->j, "events_new", t->events_added);
    json_put_int(&r->j, "events_changed", t->events_changed);
    json_put_int(&r->j, "events_same", t->events_same);
}

static void reply_reasons(reply *r, const char *key, const take_reason *list, size_t n, bool fields) {
    json_open(&r->j, key, '[');
    for (size_t i = 0; i < n; i++) {
        json_open(&r->j, NULL, '{');
        json_put_int(&r->j, "n", list[i].n);
        if (fields) json_put_str(&r->j, "field", list[i].field);
        json_put_str(&r->j, "reason", list[i].reason);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
}

static void reply_mapped(reply *r, const import_file *f) {
    json_open(&r->j, "mapped", '[');
    for (int i = 0; i < f->n_shown; i++) {
        const shown_row *s = &f->shown[i];
        json_open(&r->j, NULL, '{');
        reply_time(r, "at", s->at_us);
        json_put_str(&r->j, "kind", s->kind);
        json_put_str(&r->j, "who", s->who);
        json_put_str(&r->j, "value", s->value);
        json_put_str(&r->j, "words", s->words);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
}

void import_reply(const import_file *f, reply *r) {
    json_open(&r->j, NULL, '{');
    json_put_str(&r->j, "file", f->r.t.name);
    json_put_str(&r->j, "adapter", f->r.as.adapter);
    json_put_str(&r->j, "label", f->r.as.label);
    json_put_num(&r->j, "sure", f->r.as.sure);
    json_put_str(&r->j, "source", f->r.as.source);
    json_put_raw(&r->j, "columns", f->r.as.mapping.len ? f->r.as.mapping : S("{}"));
    json_put_str(&r->j, "notes", f->r.as.notes);
    reply_tally(r, &f->r.t.sum);
    json_open(&r->j, "imports", '[');
    for (size_t i = 0; i < f->r.t.n_parts && !f->o->dry_run; i++) {
        json_open(&r->j, NULL, '{');
        json_put_int(&r->j, "id", f->r.t.parts[i].import_id);
        json_put_str(&r->j, "source", f->r.t.parts[i].source);
        json_put_int(&r->j, "rows", f->r.t.parts[i].t.rows);
        json_close(&r->j, '}');
    }
    json_close(&r->j, ']');
    reply_reasons(r, "skipped_why", f->r.t.skipped, f->r.t.n_skipped, false);
    reply_reasons(r, "quarantined_why", f->r.t.bad, f->r.t.n_bad, true);
    if (f->o->dry_run) reply_mapped(r, f);
    if (!err_ok(&f->failed)) json_put_str(&r->j, "error", str_c(f->failed.msg));
    json_close(&r->j, '}');
}
