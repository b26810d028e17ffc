#!/bin/sh
# Published parameters and log-likelihoods come out of the real files by `heed value`, `heed retention` and `heed churn`.
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
[ -d "${HEED_DATA:-}" ] || { echo "skip value: no HEED_DATA" && exit 0; }
clv=$HEED_DATA/clv

# near NAME GOT WANTED WITHIN
near() {
    if awk -v a="$2" -v b="$3" -v w="$4" 'BEGIN { d = a - b; exit !(a != "" && d <= w && -d <= w) }'; then
        echo "ok $1: $2"
    else
        echo "not ok $1: got '$2', wanted $3"
    fi
}
# Reads a JSON file by a path such as 'tried|MBG/NBD|loglik': an element of a list goes by its "name" when it has one
# (which then comes first), else by its place from 0.
pick() {
    awk -v want="$2" '
        function path(   i, p) { for (i = 1; i <= deep; i++) p = p (i > 1 ? "|" : "") step[i]; return p }
        function value(v) {
            if (deep && kind[deep] == "{" && key == "name" && v != "" && kind[deep - 1] == "[") step[deep - 1] = v
            if (kind[deep] == "[") step[deep] = at[deep]; else step[deep] = key
            if (path() == want) { print v; found = 1; exit }
        }
        { text = text $0 }
        END {
            while (length(text) && !found) {
                c = substr(text, 1, 1)
                if (c == "{" || c == "[") {
                    if (deep) step[deep] = kind[deep] == "[" ? at[deep] : key
                    kind[++deep] = c; at[deep] = 0; key = ""; text = substr(text, 2)
                } else if (c == "}" || c == "]") {
                    deep--; text = substr(text, 2)
                } else if (c == ",") {
                    at[deep]++; text = substr(text, 2)
                } else if (match(text, /^"([^"\\]|\\.)*"/)) {
                    word = substr(text, 2, RLENGTH - 2); text = substr(text, RLENGTH + 1)
                    if (kind[deep] == "{" && substr(text, 1, 1) == ":") { key = word; text = substr(text, 2) } else value(word)
                } else if (match(text, /^[-+0-9a-zA-Z.]+/)) {
                    word = substr(text, 1, RLENGTH); text = substr(text, RLENGTH + 1); value(word)
                } else text = substr(text, 2)
            }
        }' "$1"
}
# fitted NAME FILE MODEL LOGLIK PARAMETER VALUE…: of the models tried on what came before the held-out time
fitted() {
    label=$1 json=$2 model=$3
    near "$label $model: log-likelihood" "$(pick "$json" "tried|$model|loglik")" "$4" 0.0002
    shift 4
    while [ $# -gt 1 ]; do
        near "$label $model: $1" "$(pick "$json" "tried|$model|parameters|$1|value")" "$2" 0.0006
        shift 2
    done
}

# CDNOW: Fader, Hardie & Lee 2005 and four other programs; times of a sample in weeks to 1997-09-30.
check "cdnow sample is read" "$HEED" value "$clv/cdnow/CDNOW_sample.txt" --hold 273 --json
"$HEED" value "$clv/cdnow/CDNOW_sample.txt" --hold 273 --json >sample.json
fitted sample sample.json NBD -9763.6576 r 0.385
fitted sample sample.json Pareto/NBD -9594.9762 r 0.553 s 0.606
fitted sample sample.json BG/NBD -9582.4292 r 0.243 alpha 4.414 a 0.793
fitted sample sample.json MBG/NBD -9582.1357 r 0.525 alpha 6.183 a 0.891 b 1.614
same "sample: 2,357 customers" "$(pick sample.json customers)" 2357
same "sample: 1,882 purchases held out" "$(pick sample.json 'report|buyers|0|back_test|actual')" 1882
near "sample: what BG/NBD foretells of them" "$(pick sample.json 'report|buyers|0|back_test|trials|BG/NBD|total|value')" 1653.4 0.2
near "sample: what Pareto/NBD foretells of them" "$(pick sample.json 'report|buyers|0|back_test|trials|Pareto/NBD|total|value')" 1665.5 0.2
near "sample: mean error of Pareto/NBD" "$(pick sample.json 'report|buyers|0|back_test|trials|Pareto/NBD|mae')" 0.75452 0.0001

"$HEED" value "$clv/cdnow/CDNOW_sample.txt" --until 1997-09-30 --json >before.json
near "sample: gamma-gamma p" "$(pick before.json 'spend|p')" 6.25 0.006
near "sample: gamma-gamma q" "$(pick before.json 'spend|q')" 3.74 0.006
near "sample: gamma-gamma gamma, in cents" "$(pick before.json 'spend|gamma')" 1544 0.6

"$HEED" value "$clv/cdnow/CDNOW_master.txt" --hold 273 --json >master.json
fitted master master.json NBD -96845.3442
fitted master master.json Pareto/NBD -95415.1186 r 0.5974 s 0.5222
fitted master master.json BG/NBD -95368.4439 r 0.2516 alpha 4.789 a 0.7234
fitted master master.json MBG/NBD -95336.9583 r 0.6371 alpha 7.310 a 0.8075
same "master: 69,659 rows, all read" "$(pick master.json rows) $(pick master.json bad)" "69659 0"

# Donations: Fader, Hardie & Shang 2010; the total of five more years.
"$HEED" value "$clv/donations/donations.csv" --json >gifts.json
near "donations: log-likelihood" "$(pick gifts.json 'report|buyers|0|model|loglik')" -33225.5813 0.0002
near "donations: alpha" "$(pick gifts.json 'report|buyers|0|model|parameters|alpha|value')" 1.204 0.0006
near "donations: delta" "$(pick gifts.json 'report|buyers|0|model|parameters|delta|value')" 2.783 0.0006
near "donations: five years on" "$(pick gifts.json 'report|buyers|0|totals|buys|value')" 12884.2 0.1

# Online Retail: nobody leaves, and that is said.
"$HEED" value "$clv/online_retail_A/invoices.csv" >retail
check "retail: the boundary is told in words" grep -q 'no sign that anybody has left' retail
awk -F, 'NR == 1 || ($7 == 0 && $6 > 0)' "$clv/online_retail_A/invoices.csv" >bought.csv
"$HEED" value bought.csv --hold 100 --json >retail.json
fitted retail retail.json NBD -10796.9740 r 0.8109 alpha 10.6164
same "retail: 2,281 purchases held out" "$(pick retail.json 'report|buyers|0|back_test|actual')" 2281

# Apparel: every row and customer, and predictions for each.
check "apparel: predictions and pictures" "$HEED" value "$clv/apparel/apparel_tx.csv" --out out.csv --svg pictures
same "apparel: a line for each of 600 customers" "$(wc -l <out.csv)" 601
same "apparel: three pictures" "$(find pictures -name '*.svg' | wc -l)" 3

# Contracts: Fader & Hardie 2007 on years 0 to 7; Kaplan-Meier and log-rank as R survival and lifelines have them.
"$HEED" retention "$clv/sbg/fader_hardie_retention.csv" --periods 7 --json >sbg.json
near "regular: alpha" "$(pick sbg.json 'groups|regular|curve|alpha')" 0.704 0.0006
near "regular: beta" "$(pick sbg.json 'groups|regular|curve|beta')" 1.182 0.0006
near "regular: log-likelihood" "$(pick sbg.json 'groups|regular|curve|loglik')" -1680.2652 0.0002
near "high end, Weibull: c" "$(pick sbg.json 'groups|high_end|curve|c')" 1.7236 0.0006
near "high end, Weibull: log-likelihood" "$(pick sbg.json 'groups|high_end|curve|loglik')" -1605.3142 0.0002
"$HEED" retention "$clv/survival/waltons_dataset.csv" --by group --json >waltons.json
near "waltons: log-rank" "$(pick waltons.json 'log_rank|chisq')" 122.249 0.001
"$HEED" retention "$clv/survival/lung.csv" --by sex --json >lung.json
near "lung: log-rank" "$(pick lung.json 'log_rank|chisq')" 10.327 0.001
near "lung: half of all" "$(pick lung.json 'groups|all|median|value')" 310 0
"$HEED" retention "$clv/telco_A/telco_A.csv" --json >telco.json
near "telco: still here after 12 months" "$(pick telco.json 'groups|all|periods|11|seen|value')" 0.838723 0.000001

# The phone company's customers: log loss, order and calibration on rows left out.
"$HEED" churn "$clv/telco_A/telco_A.csv" --out risks.csv --json >churn.json
same "churn: 1,394 of 5,209 left" "$(pick churn.json left) $(pick churn.json customers)" "1394 5209"
near "churn: log loss at most .4109" "$(pick churn.json 'log_loss|value')" 0.4059 0.005
near "churn: AUC at least .8500" "$(pick churn.json 'auc|value')" 0.8600 0.01
near "churn: calibration error at most .02" "$(pick churn.json calibration_error)" 0.01 0.01
same "churn: a risk for each" "$(wc -l <risks.csv)" 5210
