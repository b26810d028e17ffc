#include "cli/text_cmd.h"

static const text_opts defaults = {.limit = 10};

static const opt opts[] = {
    {"column", 'c', OPT_TEXT, offsetof(text_opts, column), "COLUMN",
     "holds the texts: its name, a field of JSON Lines, or its number where there is no header; guessed unless given"},
    {"plain", 0, OPT_FLAG, offsetof(text_opts, plain), NULL, "every line of the file is a text"},
    {"who", 'w', OPT_TEXT, offsetof(text_opts, who), "COLUMN",
     "duplicates, themes, rising: who wrote it, so that everybody counts once"},
    {"when", 0, OPT_TEXT, offsetof(text_opts, when), "COLUMN",
     "themes, rising: when it was written; guessed unless given"},
    {"k", 'k', OPT_NUMBER, offsetof(text_opts, k), "N", "themes: how many; as many as the texts carry unless given"},
    {"keep", 0, OPT_TEXT, offsetof(text_opts, keep), "FILE",
     "themes: go on with the themes that this file holds, if there is one, and write them to it"},
    {"anew", 0, OPT_FLAG, offsetof(text_opts, anew), NULL,
     "themes: group all texts anew and give old numbers to what is like the themes kept"},
    {"svg", 0, OPT_TEXT, offsetof(text_opts, svg), "FILE", "themes, rising: draw them"},
    {"by", 'b', OPT_TEXT, offsetof(text_opts, by), "COLUMN",
     "rising: holds the theme; \"a|b\" where there are several"},
    {"segment", 0, OPT_TEXT, offsetof(text_opts, segment), "COLUMN",
     "rising: holds the segment, so that each theme is also watched in each of them"},
    {"meaning", 0, OPT_FLAG, offsetof(text_opts, meaning), NULL,
     "duplicates: also those that differ more but mean the same"},
    {"least", 0, OPT_NUMBER, offsetof(text_opts, least), "PERCENT", "duplicates, search: how alike at least (70; 40)"},
    {"like", 0, OPT_TEXT, offsetof(text_opts, like), "LINE", "search: more like the text on this line of the file"},
    {"languages", 0, OPT_TEXT, offsetof(text_opts, languages), "LIST", "langid: only these are possible, as en,de,es"},
    {"label", 'l', OPT_TEXT, offsetof(text_opts, label), "COLUMN",
     "train, label, audit: holds the label a person gave; empty where nobody did, \"a|b\" where there are several"},
    {"model", 0, OPT_TEXT, offsetof(text_opts, model), "FILE",
     "label, audit: what train has learned; train: goes on from it"},
    {"intents", 0, OPT_FLAG, offsetof(text_opts, intents), NULL,
     "label: heed's own labels, what customers want: help, complaint, bug …"},
    {"out", 'o', OPT_TEXT, offsetof(text_opts, out), "FILE",
     "train: write the model; label, moods, themes: write what every text is as CSV; audit: write the sample as CSV"},
    {"about", 0, OPT_LIST, offsetof(text_opts, about), "WORD|COLUMN",
     "moods: how the texts feel about this thing, or about what each row names in this column"},
    {"why", 0, OPT_FLAG, offsetof(text_opts, why), NULL, "label: the words that caused each label"},
    {"each", 0, OPT_FLAG, offsetof(text_opts, each), NULL,
     "langid, duplicates, label, moods, themes: a line for every text"},
    {"limit", 'n', OPT_NUMBER, offsetof(text_opts, limit), "N", "texts or groups shown (10); 0: all"},
};

static const struct {
    const char *name;
    bool (*run)(text_job *j, err *e);
} verbs[] = {
#define TEXT_VERB(name, arguments, about) {#name, text_##name},
#include "cli/text_verbs.def"
};

static bool run(cli *c, const void *options, err *e) {
    const char *names[COUNT(verbs)];
    for (size_t i = 0; i < COUNT(verbs); i++) {
        names[i] = verbs[i].name;
        if (!str_eq(c->args.v[0], str_c(verbs[i].name))) continue;
        if (c->args.n < 2) return fail(e, ERR_usage, "name a file: heed text %s FILE", verbs[i].name);
        arena a = arena_open((size_t)1 << 36);
        text_job j = {.c = c, .o = options, .a = &a, .path = c->args.v[1], .rest = {c->args.v + 2, c->args.n - 2}};
        const bool ok = verbs[i].run(&j, e);
        reader_close(j.read);
        arena_close(&a);
        return ok;
    }
    const char *near = cli_nearest(c->args.v[0], names, COUNT(names));
    return fail(e, ERR_usage, "there is no `heed text %.*s`%s%s%s; `heed help text` lists what there is",
                (int)MIN(c->args.v[0].len, 40), c->args.v[0].s, near ? "; did you mean \"" : "", near ? near : "",
                near ? "\"" : "");
}

const cmd cmd_text = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(text_opts),
    .defaults = &defaults,
    .min_args = 1,
    .max_args = -1,
    .run = run,
    .more = "Reads the texts of a file: CSV with any separator, JSON Lines, or plain lines, packed or not.\n\n"
#define TEXT_VERB(name, arguments, about) "heed text " #name " " arguments ": " about ".\n\n"
#include "cli/text_verbs.def"
            "What texts mean is read with the file of words, heed-text.data, which `make text-data` makes and which "
            "lies beside the program, in the store, or where HEED_TEXT says. Without it search and duplicates go by "
            "letters alone, and only English, German and Spanish are told apart. docs/text.md says how well all this "
            "works.",
    .examples = "heed text langid comments.csv\n"
                "heed text search comments.csv my card never arrived\n"
                "heed text search comments.csv --like 17\n"
                "heed text duplicates messages.jsonl --column body --who customer.id\n"
                "heed text train tickets.csv --label topic --out topics.model\n"
                "heed text label new.csv --model topics.model --out labelled.csv\n"
                "heed text audit new.csv --model topics.model --label checked\n"
                "heed text themes comments.csv --who customer --svg themes.svg\n"
                "heed text moods comments.csv --about delivery --about price\n"
                "heed text rising labelled.csv --by label --who customer --svg rising.svg",
    .json =
        "langid: {\"file\",\"column\",\"texts\",\"told\",\"languages\":[{\"code\",\"name\",\"texts\"}],"
        "\"rows\":[{\"line\",\"language\",\"likeliest\",\"sure\",\"second\"}]} (rows with --each); "
        "search: {\"file\",\"column\",\"texts\",\"meaning\",\"found\":[{\"line\",\"words\",\"meaning\","
        "\"text\"}]}; "
        "duplicates: {\"file\",\"column\",\"texts\",\"groups\",\"exact\",\"near\",\"distinct\",\"voices\","
        "\"largest\":[{\"line\",\"texts\",\"voices\",\"text\",\"lines\"}],\"rows\":[{\"line\",\"group\",\"how\","
        "\"likeness\"}]} (rows with --each); "
        "train: {\"file\",\"column\",\"texts\",\"answered\",\"known\",\"accuracy\",\"calibration_error\",\"automatic\","
        "\"automatic_right\",\"labels\":[{\"label\",\"texts\"}],\"ask\":[{\"line\",\"text\"}]}; "
        "label: {\"file\",\"column\",\"texts\",\"given\",\"labels\":[{\"label\",\"texts\"}],\"rows\":[{\"line\","
        "\"label\",\"sure\",\"given\",\"known\",\"also\",\"why\":[{\"words\",\"adds\"}]}]} (rows with --each or "
        "--why); "
        "audit: {\"file\",\"judged\",\"given\",\"alpha\",\"coverage\",\"labels\":[{\"label\",\"given\",\"meant\","
        "\"precision\",\"precision_lo\",\"precision_hi\",\"recall\",\"recall_lo\",\"recall_hi\"}]}; "
        "themes: {\"file\",\"column\",\"texts\",\"silent\",\"other\",\"meaning\",\"from\",\"to\",\"themes\":[{\"id\","
        "\"name\",\"words\",\"new\",\"leads_back\",\"voices\",\"texts\",\"other\",\"spread\",\"quotes\":[{\"line\","
        "\"stands_for\",\"text\"}],\"over_time\"}],\"gone\",\"rows\":[{\"line\",\"theme\",\"distance\",\"other\","
        "\"again\"}]} (rows with --each); "
        "moods: {\"file\",\"column\",\"texts\",\"read\",\"guesses\",\"mean\",\"bad\",\"neither\",\"good\","
        "\"feelings\":[{\"feeling\",\"texts\"}],\"bad_words\":[{\"word\",\"texts\",\"value\"}],\"good_words\":[…],"
        "\"about\":[{\"about\",\"texts\",\"mentions\",\"bad\",\"neither\",\"good\",\"mean\"}],\"rows\":[{\"line\","
        "\"language\",\"read\",\"mood\",\"value\",\"sure\",\"guess\",\"feelings\",\"why\":[{\"words\",\"adds\"}],"
        "\"clauses\":[{\"text\",\"mood\",\"value\",\"sure\",\"guess\",\"feelings\"}],\"about\":[{\"about\",\"mention\","
        "\"mood\",\"value\",\"why\"}]}]} (about with --about, rows with either or --each, clauses with --each); "
        "rising: "
        "{\"file\",\"from\",\"to\",\"people\",\"left_out\",\"watched\",\"rising\",\"alarms\",\"series\":[{\"theme\","
        "\"segment\",\"alarm\",\"why\",\"level\",\"growth\",\"spread\",\"windows\":[{\"days\",\"people\",\"usual\","
        "\"lo\","
        "\"hi\",\"p\",\"adjusted\",\"rising\"}],\"bursts\":[{\"from\",\"to\",\"weight\"}]}]}",
};
