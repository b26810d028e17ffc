// text_cmd: what the verbs of `heed text` share: texts out of a file, the file of words, vectors.
//
// A verb is a row in text_verbs.def and a function text_NAME in a cmd_text*.c. Options stand in cmd_text.c, for all.
#ifndef HEED_TEXT_CMD_H
#define HEED_TEXT_CMD_H

#include "cli/cli.h"
#include "know/meaning_reader.h"

typedef struct {
    str column, who, when, like, languages, label, model, out, svg, keep, by, segment;
    int64_t limit, least, k;
    bool each, meaning, plain, why, intents, anew;
    bool who_may; // --who need not be a column
    strs about;
} text_opts;

typedef struct {
    str text, who; // trimmed; who is empty without --who
    str when;      // as it stands there; empty without --when, or a column that is called so
    int64_t line;  // where it stands in the file, from 1
} text_row;

typedef struct {
    cli *c;
    const text_opts *o;
    arena *a; // as long as the verb
    str path;
    strs rest;  // arguments after the file
    str column; // that was read: its name, or its number; empty for --plain
    text_row *rows;
    size_t n;
    int64_t empty, odd; // rows without a text, rows that were not read whole
    reader *read;       // without the file of words, which text_open has said, it is weaker
    const langid *lang;
} text_job;

// The texts of a CSV (any separator), of JSON Lines, or of lines (--plain), packed or not; "-" is standard input. The
// column is --column by name or number (then the file has no header), or guessed.
must_use bool text_read(text_job *j, err *e);
must_use bool text_open(text_job *j, err *e); // read and lang
// n stored vectors, with progress; NULL without an encoder (reader_embeds).
must_use bool text_vectors(text_job *j, int8_t **out, err *e);

#define TEXT_VERB(name, arguments, about) must_use bool text_##name(text_job *j, err *e);
#include "cli/text_verbs.def"

#endif
