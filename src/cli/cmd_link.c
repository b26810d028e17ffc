#include "cli/link_cmd.h"

static const link_opts defaults = {.limit = 20};

static const opt opts[] = {
    {"by", 0, OPT_TEXT, offsetof(link_opts, by), "COLUMNS",
     "compare these columns only: surname,dob or family=surname,birth=dob"},
    {"against", 0, OPT_TEXT, offsetof(link_opts, against), "FILE",
     "link with this file instead of looking for duplicates"},
    {"clean", 0, OPT_FLAG, offsetof(link_opts, clean), NULL, "each file holds everybody once"},
    {"labels", 0, OPT_TEXT, offsetof(link_opts, labels), "FILE",
     "learn from pairs that were decided: a CSV of a,b,same"},
    {"ask", 0, OPT_TEXT, offsetof(link_opts, ask), "FILE", "write the pairs whose decision would teach most"},
    {"limit", 'n', OPT_NUMBER, offsetof(link_opts, limit), "N", "how many pairs --ask writes (20)"},
    {"truth", 0, OPT_TEXT, offsetof(link_opts, truth), "FILE|COLUMN", "measure against what is known to be right"},
    {"out", 'o', OPT_TEXT, offsetof(link_opts, out), "FILE",
     "write every record's cluster as CSV; keys: the keys; match: the pairs put together"},
    {"pairs", 0, OPT_TEXT, offsetof(link_opts, pairs), "FILE", "write every pair that may be one, with its weight"},
    {"explain", 0, OPT_TEXT, offsetof(link_opts, explain), "ID,ID", "tell why two records are one or are not"},
    {"svg", 0, OPT_TEXT, offsetof(link_opts, svg), "FILE", "draw what --explain tells"},
    {"secret-file", 0, OPT_TEXT, offsetof(link_opts, secret_file), "FILE",
     "keys: holds what you and your partner agreed on, 16 bytes or more ('-' is standard input)"},
    {"salt", 0, OPT_TEXT, offsetof(link_opts, salt), "COLUMN",
     "keys: other patterns for each value of this column; of a birth date its year"},
    {"block", 0, OPT_TEXT, offsetof(link_opts, block), "COLUMN",
     "keys: compare only records that agree on this column; of a birth date its year"},
    {"flip", 0, OPT_NUMBER, offsetof(link_opts, flip), "PERCENT", "keys: turn so many of the bits at random (0)"},
    {"plain", 0, OPT_FLAG, offsetof(link_opts, plain), NULL, "keys: not balanced; half as long and easier to attack"},
    {"ids", 0, OPT_FLAG, offsetof(link_opts, ids), NULL, "keys: write the file's own ids, not the numbers of its rows"},
};

static void seen_so_far(void *ctx, const char *what, uint64_t done, uint64_t total) {
    progress *bar = ctx;
    bar->what = str_c(what);
    progress_at(bar, (int64_t)done, (int64_t)done, (int64_t)total);
}

static bool needs_ids(const link_opts *o) {
    return o->out.len || o->pairs.len || o->explain.len || o->truth.len || o->labels.len || o->ask.len;
}

static void weigh_rivals(link_job *j) {
    if (!j->o->clean || !j->second) return;
    arena scratch = arena_open(j->p.n * 8 + (size_t)j->t.rows * 8 + 65536);
    j->chance = make(j->a, float, j->p.n + 1);
    link_rivals(scratch, &j->m.score.curve, j->p.p, j->p.n, j->t.rows, j->chance);
    arena_close(&scratch);
}

static bool learn(link_job *j, progress *bar, err *e) {
    const link_read read = {j->file, j->second, j->o->by, seen_so_far, bar, 0};
    if (!link_table_read(j->a, &j->t, &read, e)) return false;
    const link_model_opts how = {.progress = seen_so_far, .ctx = bar};
    if (!link_model_learn(&j->m, &j->t, &how, e) || (needs_ids(j->o) && !link_ids(j, e))) return false;
    if (j->o->labels.len && !link_labels_read(j, e)) return false;
    return link_model_pairs(&j->m, &j->p, e) && (weigh_rivals(j), true);
}

static bool group(link_job *j, err *e) {
    const uint32_t rows = j->t.rows;
    uint8_t *clean = NULL;
    if (j->o->clean) {
        clean = make(j->a, uint8_t, rows);
        for (uint32_t i = 0; i < rows; i++) clean[i] = i < j->t.rows_a ? 1 : 2;
    }
    j->cluster = make(j->a, uint32_t, rows);
    const link_cluster_opts how = {.clean = clean, .said = j->said, .n_said = j->n_said, .told = &j->told};
    return link_cluster(j->a, j->p.p, j->p.n, rows, &how, j->cluster, e);
}

static bool answer(link_job *j, err *e) {
    const link_opts *o = j->o;
    if (o->truth.len && !link_truth_read(j, e)) return false;
    if (o->out.len && !link_write_clusters(j, e)) return false;
    if (o->pairs.len && !link_write_pairs(j, e)) return false;
    if (o->ask.len && !link_write_ask(j, e)) return false;
    if (o->explain.len) return link_show_pair(j, e);
    if (j->c->g.json)
        link_show_json(j);
    else
        link_show(j);
    return true;
}

static bool run(cli *c, const void *options, err *e) {
    const link_opts *o = options;
    if (str_eq(c->args.v[0], S("keys"))) return link_keys_verb(c, o, e);
    if (str_eq(c->args.v[0], S("match"))) return link_match_verb(c, o, e);
    if (c->args.n > 2)
        return fail(e, ERR_usage, "one file, or two that are linked with one another; not %zu", c->args.n);
    if (o->secret_file.len || o->salt.len || o->block.len || o->flip || o->plain || o->ids)
        return fail(e, ERR_usage, "that option goes with keys: heed link keys FILE --secret-file F --out keys.csv");
    if (o->svg.len && !o->explain.len) return fail(e, ERR_usage, "--svg draws a pair; name it with --explain ID,ID");
    if (o->against.len && c->args.n > 1)
        return fail(e, ERR_usage, "two files are linked with one another; leave --against out");
    for (size_t i = 0; i < c->args.n; i++)
        if (str_eq(c->args.v[i], S("-")) && needs_ids(o))
            return fail(e, ERR_usage, "what is written and told by ids is read twice; name a file instead of '-'");
    arena a = arena_open((size_t)256 << 30);
    link_job j = {.c = c, .o = o, .a = &a, .file = str_z(&a, c->args.v[0])};
    if (o->against.len) j.second = str_z(&a, o->against);
    if (c->args.n > 1) j.second = str_z(&a, c->args.v[1]);
    if (o->clean && !j.second) {
        arena_close(&a);
        return fail(e, ERR_usage,
                    "a file that holds everybody once has no duplicates; --clean goes with a second file");
    }
    progress bar = progress_begin(&c->t, c->args.v[0], "");
    bool ok = learn(&j, &bar, e) && group(&j, e);
    progress_end(&bar);
    ok = ok && answer(&j, e);
    link_pairs_close(&j.p);
    link_model_close(&j.m);
    link_table_close(&j.t);
    intern_close(&j.ids);
    free(j.id_of);
    free(j.row_of);
    arena_close(&a);
    return ok;
}

const cmd cmd_link = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(link_opts),
    .defaults = &defaults,
    .min_args = 1,
    .max_args = 3,
    .run = run,
    .more =
        "With one file: finds the records that are one person, one company or one thing written twice. With two: which "
        "records of one are in the other. Any CSV (gzip, zstd and xz too). What a column holds is guessed from its "
        "name "
        "and from what stands in it; --by says it. What agreement says is learned from the files themselves, without "
        "examples.\n\n"
        "A column can hold: given, middle, family, full (names), birth (a date), address, house (a number), locality, "
        "city, postcode, state, email, phone, national (a personal number), sex, word (a class), text, amount, year, "
        "date, id, ignore.\n\n"
        "--labels learns from pairs that somebody has decided, on top of what the files say; a decision always holds. "
        "--ask "
        "writes the pairs whose decision would teach most: fill in the column \"same\" with yes or no, and give the "
        "file to "
        "--labels.\n\n"
        "heed link keys FILE writes every record as a key that a partner can compare with keys of its own without "
        "seeing "
        "names; both take one secret and the same columns. heed link match KEYS [KEYS] compares such files; --out "
        "writes "
        "the pairs. Keys are personal data all the same: docs/linking-clusters.md tells what they do not protect from. "
        "A "
        "file that is called keys or match is named as ./keys.\n\n"
        "--truth only measures; nothing is chosen by it. It names a column of the files, or a CSV file: of ids and "
        "their "
        "cluster, or of pairs of ids. docs/linking.md explains the method and every figure.",
    .examples = "heed link customers.csv --out clusters.csv\n"
                "heed link shop.csv crm.csv.gz --clean --pairs pairs.csv\n"
                "heed link customers.csv --explain 1041,2207 --svg why.svg\n"
                "heed link customers.csv --ask ask.csv\n"
                "heed link customers.csv --labels ask.csv --out clusters.csv\n"
                "heed link keys customers.csv --secret-file agreed.txt --out keys.csv\n"
                "heed link match keys.csv theirs.csv --clean --out pairs.csv\n"
                "heed link people.csv --by family=surname,given=first_name,birth=dob --truth cluster",
    .json = "{\"files\",\"records\",\"fields\":[{\"name\",\"kind\"}],\"rules\":[{\"rule\",\"pairs\",\"left_out\"}],"
            "\"compared\","
            "\"pairs\",\"clusters\",\"grouped\",\"largest\",\"reached\",\"expected_precision\":{\"value\",\"low\","
            "\"high\"},"
            "\"expected_recall\",\"alarms\":[{\"row\",\"records\",\"why\"}],\"doubt\","
            "\"truth\":{\"pairs\",\"b3\"}}; "
            "--explain: "
            "{\"a\",\"b\",\"weight\",\"chance\",\"cluster\",\"parts\":[{\"what\",\"field\",\"a\",\"b\",\"level\",\"m\","
            "\"u\",\"bits\"}]}; keys: {\"file\",\"records\",\"made_of\",\"out\"}; "
            "match: {\"files\",\"keys\",\"made_of\",\"pairs\",\"together\",\"likeness\",\"least\"}",
};
