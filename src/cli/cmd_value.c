#include <math.h>

#include "cli/value_cmd.h"

static const value_opts defaults = {.limit = 10};

static const opt opts[] = {
    {"horizon", 0, OPT_TEXT, offsetof(value_opts, horizon), "52w|365d|12m|1Y",
     "how far to look ahead (52w; store: 365d)"},
    {"discount", 0, OPT_TEXT, offsetof(value_opts, discount), "SHARE", "what later money is worth less, a year (10%)"},
    {"margin", 0, OPT_TEXT, offsetof(value_opts, margin), "SHARE", "what is left of an amount (100%)"},
    {"out", 'o', OPT_TEXT, offsetof(value_opts, out), "FILE", "write the prediction of every customer as CSV"},
    {"svg", 0, OPT_TEXT, offsetof(value_opts, svg), "FOLDER|FILE.svg", "write the pictures"},
    {"hold", 0, OPT_NUMBER, offsetof(value_opts, hold), "DAYS",
     "days at the end to try the models on (a third of all)"},
    {"until", 0, OPT_TEXT, offsetof(value_opts, until), "TIME", "the last day that counts (the last of the file)"},
    {"gross", 0, OPT_FLAG, offsetof(value_opts, gross), NULL, "leave refunds out; else they undo purchases"},
    {"map", 'm', OPT_TEXT, offsetof(value_opts, map), "JSON", "which column holds what: '{\"customer\": \"COLUMN\"}'"},
    {"currency", 'c', OPT_TEXT, offsetof(value_opts, currency), "CODE", "of the amounts; rows in others are left out"},
    {"limit", 'n', OPT_NUMBER, offsetof(value_opts, limit), "N", "best customers shown (10)"},
    {"fit", 0, OPT_FLAG, offsetof(value_opts, fit), NULL, "store: fit anew, and keep it"},
};

bool value_days(str x, const char *option, double bare, double *days, err *e) {
    static const struct {
        char letter;
        double days;
    } units[] = {{'d', 1}, {'w', 7}, {'m', 30.4375}, {'y', 365.25}};
    double n, unit = bare;
    str number = x;
    for (size_t i = 0; x.len && i < COUNT(units); i++)
        if (x.s[x.len - 1] == units[i].letter) unit = units[i].days, number = str_sub(x, 0, x.len - 1);
    if (!str_f64(number, &n) || n <= 0 || !(unit > 0) || n * unit > 36525)
        return fail(e, ERR_usage, "%s takes a time such as 52w, 365d, 12m or 1y, not '%.*s'", option,
                    (int)MIN(x.len, 40), x.s);
    *days = n * unit;
    return true;
}

// "10%" or "0.1".
static bool value_share(str x, const char *option, double lowest, double highest, double *share, err *e) {
    bool percent = str_ends(x, S("%"));
    if (!str_f64(str_trim(percent ? str_sub(x, 0, x.len - 1) : x), share)) *share = NAN;
    if (percent) *share /= 100;
    if (*share >= lowest && *share <= highest) return true;
    return fail(e, ERR_usage, "%s takes a share from %g%% to %g%%, such as 10%%, not '%.*s'", option, lowest * 100,
                highest * 100, (int)MIN(x.len, 40), x.s);
}

static bool run(cli *c, const void *options, err *e) {
    const value_opts *o = options;
    value_terms t = {.yearly = 0.10, .margin = 1};
    if (o->discount.len && !value_share(o->discount, "--discount", 0.0001, 1, &t.yearly, e)) return false;
    if (o->margin.len && !value_share(o->margin, "--margin", 0.0001, 1, &t.margin, e)) return false;
    return c->args.n ? value_of_file(c, o, &t, e) : value_of_store(c, o, &t, e);
}

const cmd cmd_value = {
    .opts = opts,
    .n_opts = COUNT(opts),
    .size = sizeof(value_opts),
    .defaults = &defaults,
    .max_args = 1,
    .run = run,
    .more =
        "With a file: a log of purchases, one a row, in any CSV (gzip, zstd and xz too): the columns for customer, day "
        "and "
        "amount are guessed as import does, and named by --map when that goes wrong. Also a table of summaries, with "
        "columns x, t.x, T or frequency, recency, T (and how many customers are alike). Several models of buying are "
        "tried on the end of the data; the best tells who is still a customer, how often they will buy and what that "
        "is worth, with ranges. What the data cannot carry is refused with the reason.\n\n"
        "Without a file: the same for the store, as it was fitted last; --fit does it now.\n\n"
        "docs/value.md explains every figure.",
    .examples = "heed value orders.csv\n"
                "heed value orders.csv.gz --horizon 365d --margin 40% --out predictions.csv --svg pictures\n"
                "heed value log.csv --map '{\"customer\": \"account\", \"date\": \"paid_on\"}'\n"
                "heed value --fit",
    .json =
        "file: "
        "{\"file\",\"kind\",\"rows\",\"bad\",\"others\",\"left_out\":[{\"line\",\"why\"}],\"columns\",\"customers\","
        "\"repeat_buyers\",\"first\",\"last\",\"refunds\",\"undone\",\"unmatched\",\"tried\":[{\"name\",\"loglik\","
        "\"aic\","
        "\"parameters\":[{\"name\",\"value\",\"lo\",\"hi\",\"se\"}]}],\"spend\":{\"p\",\"q\",\"gamma\",\"loglik\"},"
        "\"best\":[{\"customer\",\"alive\",\"buys\",\"value\",\"stability\"}],\"report\"}; "
        "store: {\"model\",\"as_of\",\"report\",\"best\":[{\"customer\",\"currency\",\"contract\",\"alive\",\"buys\","
        "\"value\",\"stays\",\"risk\",\"why\"}],\"at_risk\"}; report is that of GET /api/value",
};
