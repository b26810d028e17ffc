"""Links a file with Splink, where a Python has it, and prints a line like those of bench/link/accuracy.

  splink.py people|historical|fake FILE NAME

Rules, comparisons and thresholds are those of its own examples for such files: clusters of pairs said to be the same with
95 %. The truth is the column "cluster".
"""
import resource
import sys
import time
from collections import Counter

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

NAMES = ("substr({given},1,3)", "substr({family},1,4)")


def people():
    rules = [("email",), ("phone",), ("surname", "dob"), ("given_name", "dob"), ("surname", "postcode"),
             ("given_name", "postcode"), ("address", "postcode")]
    fields = [cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
              cl.NameComparison("surname").configure(term_frequency_adjustments=True),
              cl.DateOfBirthComparison("dob", input_is_string=True), cl.EmailComparison("email"),
              cl.ExactMatch("phone"), cl.JaroWinklerAtThresholds("address"), cl.ExactMatch("postcode"),
              cl.ExactMatch("city").configure(term_frequency_adjustments=True)]
    return "rec_id", rules, fields, [("email",), ("phone",)], [("surname", "dob"), ("email",)], 0.7


def historical():
    names = tuple(x.format(given="first_name", family="surname") for x in NAMES)
    rules = [names, ("surname", "dob"), ("first_name", "dob"), ("postcode_fake", "first_name"),
             ("postcode_fake", "surname"), ("dob", "birth_place"), ("substr(postcode_fake,1,3)", "dob"),
             ("substr(postcode_fake,1,3)", "first_name"), ("substr(postcode_fake,1,3)", "surname")]
    fields = [cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
              cl.NameComparison("surname").configure(term_frequency_adjustments=True),
              cl.DateOfBirthComparison("dob", input_is_string=True), cl.PostcodeComparison("postcode_fake"),
              cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
              cl.ExactMatch("occupation").configure(term_frequency_adjustments=True)]
    return "unique_id", rules, fields, [("first_name", "surname", "dob")], [("first_name", "surname"), ("dob",)], 0.6


def fake():
    rules = [("first_name", "surname"), ("surname", "dob"), ("first_name", "dob"), ("email",), ("city", "surname")]
    fields = [cl.NameComparison("first_name"), cl.NameComparison("surname"),
              cl.DateOfBirthComparison("dob", input_is_string=True),
              cl.ExactMatch("city").configure(term_frequency_adjustments=True), cl.EmailComparison("email")]
    return "unique_id", rules, fields, [("first_name", "surname", "dob"), ("email",)], [("first_name", "surname"), ("dob",)], 0.7


def linker_of(table, settings):
    api = DuckDBAPI()
    if hasattr(api, "register"):  # from its fifth version on
        return Linker(api.register(table), settings)
    return Linker(table, settings, api)


def quality(cluster, truth):
    both, said, true = Counter(zip(cluster, truth)), Counter(cluster), Counter(truth)
    pairs = lambda c: sum(n * (n - 1) / 2 for n in c.values())
    p, r = pairs(both) / max(pairs(said), 1), pairs(both) / max(pairs(true), 1)
    bp = sum(n * n / said[c] for (c, _), n in both.items()) / len(truth)
    br = sum(n * n / true[t] for (_, t), n in both.items()) / len(truth)
    f = lambda x, y: 2 * x * y / (x + y) if x + y else 0
    return p, r, f(p, r), f(bp, br)


def main(kind, path, name):
    began = time.monotonic()
    key, rules, fields, sure, training, recall = {"people": people, "historical": historical, "fake": fake}[kind]()
    table = duckdb.read_csv(path, all_varchar=True).df()
    settings = SettingsCreator(link_type="dedupe_only", unique_id_column_name=key, comparisons=fields,
                               blocking_rules_to_generate_predictions=[block_on(*r) for r in rules])
    linker = linker_of(table, settings)
    linker.training.estimate_probability_two_random_records_match([block_on(*r) for r in sure], recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for r in training:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*r))
    pairs = linker.inference.predict(threshold_match_probability=0.01)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=0.95)
    group = {row[key]: row["cluster_id"] for row in clusters.as_record_dict()}
    took, used = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    p, r, f, b = quality([group[x] for x in table[key]], list(table["cluster"]))
    print(f"{name + ', Splink':<26} {len(table):9} {p:.4f} {r:.4f} {f:.4f} {b:.4f} {'':>10} {'':>6} {'':>6} {'':>6} {'':>6} "
          f"{used.ru_utime + used.ru_stime:7.2f} {took:6.2f} {used.ru_maxrss / 1024:5.0f}")


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("people", "historical", "fake"):
        sys.exit(__doc__)
    main(*sys.argv[1:])
