#include "know/voice.h"
#include "know/feedback.h"
#include "know/meaning.h"
#include "sql/cli.h"
#include "sql/know.h"

static int felt_of(const row *r) {
    const meaning m = {.has_mood = true, .bad = (int)row_int(r, 16), .good = (int)row_int(r, 17)};
    return meaning_class(&m);
}

void voice_as_read(voice *v) {
    if (!v->has_mood && v->has_felt) v->has_mood = true, v->mood = v->felt;
    if (!v->lang.len) v->lang = v->read_lang;
}

voice voice_row(arena *a, const sources *all, const row *r) {
    return (voice){.id = row_int(r, 0),
                   .period = (int32_t)row_int(r, 1),
                   .profile = row_int(r, 2),
                   .at_us = row_int(r, 3),
                   .key = row_int(r, 4),
                   .kind = (enum kind)row_int(r, 5),
                   .channel = (enum channel)row_int(r, 6),
                   .from = source_by_id(all, row_int(r, 7)),
                   .instrument = (enum instrument)row_int(r, 8),
                   .score = row_int(r, 9),
                   .has_score = !row_null(r, 9),
                   .mood = (int)row_int(r, 10),
                   .has_mood = !row_null(r, 10),
                   .topic = str_dup(a, row_str(r, 11)),
                   .lang = str_dup(a, row_str(r, 12)),
                   .has_words = row_int(r, 13) != 0,
                   .read_lang = str_dup(a, row_str(r, 14)),
                   .has_felt = !row_null(r, 15),
                   .felt = row_null(r, 15) ? MOOD_UNKNOWN : felt_of(r)};
}

bool voice_words(arena *a, store *s, voice *v, err *e) {
    record r;
    said x;
    if (!v->has_words || !ledger_get(s, a, v->period, v->profile, v->at_us, v->key, &r, e)) return err_ok(e);
    if (said_of(a, &r, &x)) v->words = x.text;
    return true;
}

static bool fill_name(arena *a, store *s, voice *v, err *e) {
    if (!v->profile) return true;
    if (!store_int(s, Q_people_by_profile, &v->customer, 0, e, "i", v->profile)) return false;
    for (row r = store_query(s, Q_profile_of_customer, e, "i", v->customer); row_next(&r);)
        if (!v->name.len) v->name = str_dup(a, row_str(&r, 2));
    for (row r = store_query(s, Q_identifier_of_profile, e, "i", v->profile); row_next(&r);)
        if (!v->name.len) v->name = str_dup(a, row_str(&r, 1));
    return err_ok(e);
}

bool voice_fill(arena *a, store *s, voice *v, err *e) {
    return voice_words(a, s, v, e) && fill_name(a, s, v, e);
}

void voice_json_open(json_out *j, const voice *v) {
    json_open(j, NULL, '{');
    json_put_int(j, "feedback", v->id);
    json_put_time(j, "at", v->at_us);
    json_put_str(j, "kind", kind_name(v->kind));
    json_put_str(j, "channel", channel_name(v->channel));
    json_put_str(j, "source", v->from->name);
    if (v->customer) json_put_int(j, "customer", v->customer);
    if (v->name.len) json_put_str(j, "name", v->name);
    if (v->instrument != INSTRUMENT_none) json_put_str(j, "instrument", instrument_name(v->instrument));
    if (v->has_score) json_put_num(j, "score", (double)v->score / 100);
    if (v->has_mood) json_put_int(j, "mood", v->mood);
    if (v->topic.len) json_put_str(j, "topic", v->topic);
    if (v->lang.len) json_put_str(j, "lang", v->lang);
    if (v->words.len) json_put_str(j, "words", v->words);
}

void voice_json(json_out *j, const voice *v) {
    voice_json_open(j, v);
    json_close(j, '}');
}
