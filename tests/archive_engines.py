"""DuckDB sees an archive as one table, with the numbers that perf-report gives.

usage: archive_engines.py ARCHIVE SUMMARY-JSON…      (needs duckdb from PyPI)

Each SUMMARY-JSON is what `summary @RELEASE --format json` writes. Prints the number of runs; any
difference ends it with an error.
"""
import json
import sys

import duckdb

# As docs/archive.md has it.
QUERY = """
    select release, scenario, run, count(*) requests, quantile_cont(value, 0.95) p95
    from read_parquet('{archive}/release=*/scenario=*/run=*/samples.parquet',
                      hive_partitioning = true, hive_types_autocast = false, union_by_name = true)
    where metric = 'http_req_duration' group by all order by release, scenario, run
"""


def main():
    archive, *documents = sys.argv[1:]
    rows = duckdb.sql(QUERY.format(archive=archive)).fetchall()
    found = {f"@{release}/{scenario}/{run[:12]}": (count, p95) for release, scenario, run, count, p95 in rows}
    wanted = {}
    for run in (run for document in documents for run in json.loads(document)["runs"]):
        place = run["sources"][0]["path"].rsplit("/", 1)[0]
        values = next(m["values"] for m in run["metrics"] if m["name"] == "http_req_duration")
        wanted[place] = (values["count"], values["p(95)"])
    assert set(found) == set(wanted), f"{sorted(found)}, not {sorted(wanted)}"
    for place, (count, p95) in wanted.items():
        assert found[place][0] == count, f"{place}: {found[place][0]} requests, not {count}"
        assert abs(found[place][1] - p95) < 1e-9 * p95, f"{place}: {found[place][1]}, not {p95}"
    print(len(found), "runs")


main()
