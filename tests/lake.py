"""Engines reduce packed samples to histograms that say what the samples say.

usage: lake.py [duckdb] [clickhouse] [trino] [spark]       (all, when none is named)

Needs duckdb, chdb, polars, pyspark and sqlglot from PyPI, and Java 17 for Spark. PERF_REPORT names the
program, PERF_REPORT_RECORDINGS the folder of k6's runs that the lakes are packed from. The printed statements
are run as they are: by DuckDB and ClickHouse in this process, by spark-sql on a cluster with two workers.
Trino's are parsed, translated, and run by DuckDB. Any difference ends it with an error.
"""
import collections
import itertools
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import duckdb
import polars as pl

from spark_cluster import Cluster

RECORDINGS = pathlib.Path(os.environ["PERF_REPORT_RECORDINGS"])
ERROR = 0.005
# Lakes of files that perf-report itself reads: the others hold some that another tool wrote.
OURS = ("pods", "noisy", "seconds")
SHARES = {"med": 0.5, "p(90)": 90 / 100, "p(95)": 95 / 100, "p(99)": 99 / 100}

# A folder of packed pods: which files count, as what (the second is a copy of the first), and rows that do not.
Lake = collections.namedtuple("Lake", "folder files copies strays", defaults=(0, 0))


def perf_report(*arguments):
    done = subprocess.run([os.environ["PERF_REPORT"], *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


def reducing(dialect, lake, target):
    """The statement that makes the histograms. Trino has to be told the tags."""
    tags = [f"--tag={tag.removeprefix('tag.')}" for tag in tags_of(lake)] if dialect == "trino" else []
    return perf_report("sql", "--dialect", dialect, "--from", lake.folder, "--to", target, *tags)


def settling(dialect, lake, histograms, thresholds):
    """The statement that settles thresholds."""
    tags = [f"--tag={tag.removeprefix('tag.')}" for tag in tags_of(lake)] if dialect == "trino" else []
    asked = [f"--threshold={name}:{expression}" for name, expression in thresholds]
    return perf_report("sql", "--dialect", dialect, "--from", lake.folder, "--exact", histograms, *asked, *tags)


# The lakes.


def pack(stream, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    perf_report("pack", stream, "-o", target)
    return target


def lakes(folder):
    k6 = [pack(RECORDINGS / f"pods/pod-{n}/user-journeys.ndjson.gz", folder / f"pods/pod-{n}.parquet") for n in (1, 2, 3)]
    noisy = [
        pack(RECORDINGS / f"noisy/unchanged/run-{n}/user-journeys.ndjson.gz", folder / f"noisy/run-{n}.parquet")
        for n in (1, 2)
    ]
    # From CSV: times in whole seconds; and beside them a file of others.
    seconds = [
        pack(RECORDINGS / f"smoke/v2025.{n}/api-smoke.csv.gz", folder / f"seconds/v2025.{n}.parquet") for n in (10, 11)
    ]
    others(folder / "seconds")
    return {
        "pods": Lake(folder / "pods", k6),
        "noisy": Lake(folder / "noisy", noisy),
        "seconds": Lake(folder / "seconds", seconds, strays=3),
        "messy": messy(folder / "messy", k6),
        "odd": odd(folder / "odd"),
    }


def messy(folder, k6):
    """Folders as of Hive, one named like a column of ours; a copy; a pod without one of the tags,
    and one that is still being packed; a file of others."""
    day = folder / "date=2025-11-01"
    first, copy, second = day / "pod=a/1.parquet", day / "value=7/1.parquet", folder / "2.parquet"
    for path in (first, copy):
        path.parent.mkdir(parents=True)
        shutil.copy(k6[0], path)
    pl.read_parquet(k6[1]).drop("tag.url").write_parquet(second)
    (folder / "3.parquet.partial").write_bytes(k6[2].read_bytes()[:20_000])
    others(folder)
    return Lake(folder, [first, second], copies=1, strays=3)


def others(folder):
    """Three rows that are no samples."""
    rows = {"metric": ["http_reqs"] * 3, "amount": [1.0, 2.0, 3.0], "tag.theirs": ["x", "y", "z"]}
    pl.DataFrame(rows).write_parquet(folder / "other.parquet")


def odd(folder):
    """Two pods that differ in a value only; signs, infinities, and magnitudes; names that need quoting."""
    folder.mkdir()
    files = []
    for pod, twice in (("a", 3.0), ("b", 4.0)):
        values = [0.0, -0.0, -5.0, 1e-9, 1e300, math.inf, twice, twice]
        files.append(folder / f"it's {pod}.parquet")
        frame = pl.DataFrame({"metric": "it's", "type": "gauge", "value": values, "tag.it's \"a\" b": "'x'", "tag.UP": "up"})
        start = 1_700_000_000 * 10**9
        times = pl.Series("time", [start + n // 3 * 10**9 for n in range(len(values))]).cast(pl.Datetime("ns", "UTC"))
        frame.with_columns(times).write_parquet(files[-1])
    return Lake(folder, files)


def refused(folder, k6):
    """Lakes that must not become a result, and one of what engines say of them."""
    for name in ("empty", "cut", "text", "strays"):
        (folder / name).mkdir(parents=True)
    for name in ("cut", "text"):
        shutil.copy(k6[0], folder / name / "whole.parquet")
    (folder / "cut/cut.parquet").write_bytes(k6[1].read_bytes()[:20_000])
    pl.read_parquet(k6[1]).with_columns(pl.col("time").cast(pl.String)).write_parquet(folder / "text/text.parquet")
    pl.DataFrame({"metric": ["x"], "amount": [1.0]}).write_parquet(folder / "strays/other.parquet")
    return {
        Lake(folder / "empty", ()): ("No files found", "no files with provided path", "Unable to infer schema"),
        Lake(folder / "cut", ()): ("refused/cut/cut.parquet",),
        Lake(folder / "text", ()): ("epoch_ns(VARCHAR)", "for column 'time' in file", "time: STRING"),
        Lake(folder / "strays", ()): ('column "time" not found', "identifier `time`", "name `time` cannot be resolved"),
    }


def tags_of(lake):
    schemas = [pl.read_parquet_schema(path) for path in sorted(lake.folder.rglob("*.parquet")) if lake.files]
    return sorted({column for schema in schemas for column in schema if column.startswith("tag.")})


# What is right.


def samples_of(lake):
    """Times and values by metric, type, pod (of gauges), tags and second."""
    samples = collections.defaultdict(list)
    for path in lake.files:
        frame = pl.read_parquet(path).with_columns(pl.col("time").cast(pl.Int64))
        for row in frame.iter_rows(named=True):
            pod = str(path.relative_to(lake.folder)) if row["type"] == "gauge" else None
            samples[key(row, pod, row["time"] // 10**9)].append((row["time"], row["value"]))
    return samples


def key(row, pod, second):
    tags = frozenset((name, value) for name, value in row.items() if name.startswith("tag.") and value is not None)
    return row["metric"], row["type"], pod, tags, second


def quantile(values, share):
    values = sorted(values)
    i = share * (len(values) - 1)
    low, high = values[math.floor(i)], values[math.ceil(i)]
    return low + (high - low) * (i - math.floor(i))


def near(found, wanted, error):
    return found == wanted or abs(found - wanted) <= error * abs(wanted)


def read(target):
    return pl.read_parquet(target / "*.parquet" if target.is_dir() else target)


def check(engine, name, lake, target):
    """Every number of a result, against the samples."""
    frame = read(target)
    whole = ["pods", "copies", "strays", "second", "first", "last", "count"]
    schema = {"perf_report": pl.String, "run": pl.String, "error": pl.Float64, "metric": pl.String, "type": pl.String}
    schema |= {column: pl.Int64 for column in whole} | {column: pl.Float64 for column in ("sum", "min", "max", "final")}
    schema |= {"pod": pl.String, "buckets": pl.List(pl.Float64), "counts": pl.List(pl.Int64)}
    schema |= {tag: pl.String for tag in tags_of(lake)}
    assert dict(frame.schema) == schema, f"{engine}, {name}: {frame.schema}"
    constant = frame.select("perf_report", "error", "pods", "copies", "strays").unique().rows()
    wanted = [("perf-report.histogram/1", ERROR, len(lake.files), lake.copies, lake.strays)]
    assert constant == wanted, f"{engine}, {name}: {constant}, not {wanted}"

    samples, seen = samples_of(lake), set()
    pooled = collections.defaultdict(lambda: ([], []))
    for row in frame.iter_rows(named=True):
        pod = row["pod"] and row["pod"].replace("%20", " ").split(f"{lake.folder}/")[-1]
        where = key(row, pod, row["second"])
        assert where in samples and where not in seen, f"{engine}, {name}: no samples, or twice: {where}"
        seen.add(where)
        times, values = zip(*samples[where])
        exact = {"count": len(values), "min": min(values), "max": max(values), "first": min(times), "last": max(times)}
        found = {column: row[column] for column in exact}
        assert found == exact, f"{engine}, {name}: {where}: {found}, not {exact}"
        latest = [value for time, value in samples[where] if time == row["last"]]
        assert row["final"] in latest, f"{engine}, {name}: {where}: {row['final']}, not in {latest}"
        assert near(row["sum"], math.fsum(values), 1e-12), f"{engine}, {name}: {where}: {row['sum']}"
        assert row["buckets"] == sorted(set(row["buckets"])), f"{engine}, {name}: {where}: {row['buckets']}"
        bucketed = [bucket for bucket, count in zip(row["buckets"], row["counts"], strict=True) for _ in range(count)]
        for found, value in zip(bucketed, sorted(values), strict=True):
            assert near(found, value, ERROR * (1 + 1e-9)), f"{engine}, {name}: {where}: {found} for {value}"
        pooled[row["metric"]][0].extend(bucketed)
        pooled[row["metric"]][1].extend(values)
    assert len(seen) == len(samples), f"{engine}, {name}: {len(seen)} rows, not {len(samples)}"
    for metric, (bucketed, values) in pooled.items():
        if min(values) < 0 or max(values) == math.inf:
            continue  # between values of different signs, and before infinity, the error is not one of the quantile
        for stat, share in SHARES.items():
            found, exact = quantile(bucketed, share), quantile(values, share)
            assert near(found, exact, ERROR * (1 + 1e-9)), f"{engine}, {name}: {metric} {stat}: {found}, not {exact}"


def check_refused(engine, lake, target, said, messages):
    assert not target.exists(), f"{engine} made a result of {lake.folder.name}"
    assert any(message in said for message in messages), f"{engine} of {lake.folder.name}: {said[-2000:]}"


def check_summary(engine, name, lake, target):
    """What `summary` says of a result, against what it says of the pods."""
    summary = ("summary", "--format", "json", "--stats", ",".join(["avg", "min", "max", *SHARES]))
    exact, found = (
        {metric["name"]: metric for run in json.loads(document)["runs"] for metric in run["metrics"]}
        for document in (perf_report(*summary, "--merge", *lake.files), perf_report(*summary, target))
    )
    missing = [metric for metric in exact if "{" not in metric and metric not in found]
    assert not missing, f"{engine}, {name}: no {missing}"
    for metric in found.keys() & exact.keys():
        wanted, values = exact[metric]["values"], found[metric]["values"]
        for stat in wanted.keys() & values.keys():
            if metric in ("vus", "vus_max") and stat != "value":
                continue  # over pods these are sums, at whole seconds
            error = ERROR * (1 + 1e-9) if stat in SHARES else 1e-12 if stat in ("avg", "count", "rate") else 0
            assert near(values[stat], wanted[stat], error), f"{engine}, {name}: {metric} {stat}: {values}, not {wanted}"


def check_page(lake, target, page):
    """Thresholds that are far off are decided by the result alone, and it has a page."""
    requests = "http_req_duration:p(95)<1000000"
    perf_report("check", target, "--threshold", requests)
    perf_report("html", target, "-o", page)
    assert "Medians and percentiles are from histograms" in page.read_text(), f"{lake.folder.name}: no page"


def thresholds_of(lake):
    """Thresholds with the exact quantile as their limit, as only the samples can settle them; and whether they pass."""
    values = collections.defaultdict(list)
    for (metric, _, _, tags, _), samples in samples_of(lake).items():
        if metric == "http_req_duration":
            for name in (metric, f"{metric}{{label:{dict(tags)['tag.label']}}}"):
                values[name].extend(value for _, value in samples)
    exact = {(name, stat): quantile(values[name], SHARES[stat]) for name in sorted(values) for stat in ("med", "p(95)")}
    operators = itertools.cycle(("<=", "<", "<"))
    return {
        (name, f"{stat}{operator}{limit!r}"): (limit, operator == "<=")
        for ((name, stat), limit), operator in zip(exact.items(), operators)
    }


def check_settled(engine, wanted, rows):
    """Rows of name, expression, observed and passed; the observed to the last bit."""
    found = {
        (name, expression): (float(observed), str(passed).lower() in ("true", "1"))
        for name, expression, observed, passed in rows
    }
    assert found == wanted, f"{engine}: {found}, not {wanted}"


# The engines.


def with_duckdb(statement):
    return [tuple(row) for row in duckdb.connect().execute(statement).fetchall()]


def with_clickhouse(statement):
    import chdb

    return [line.split("\t") for line in str(chdb.query(statement, "TSV")).splitlines()[1:]]


def with_trino(statement):
    """As sqlglot translates it for DuckDB: the first table is a view of the samples, the second is written."""
    import sqlglot
    from sqlglot import exp

    steps = sqlglot.parse(statement, dialect="trino", error_level=sqlglot.ErrorLevel.RAISE)
    tables = {step.find(exp.Table).name: step for step in steps if isinstance(step, exp.Create)}
    place = {
        name: next(found.text("value") for found in table.find_all(exp.Property) if found.name == "external_location")
        for name, table in tables.items()
    }
    engine = duckdb.connect()
    engine.execute("set integer_division = true")
    engine.execute("create macro checksum(row) as sum(hash(row))")
    engine.execute(
        f"""create view perf_report_samples as select filename as "$path", * replace (epoch_ns(time) as time)
            from read_parquet('{place["perf_report_samples"]}/**/*.parquet',
                              union_by_name = true, hive_partitioning = false)"""
    )
    if "perf_report_histogram" in tables:
        query = tables["perf_report_histogram"].expression.sql("duckdb")
        engine.execute(f"copy {query} to '{place['perf_report_histogram']}' (format parquet)")
        return []
    return engine.execute(next(step for step in steps if isinstance(step, exp.Select)).sql("duckdb")).fetchall()


def in_process(engine, run, lakes, refusals, folder):
    for name, lake in lakes.items():
        target = folder / f"{engine}-{name}.parquet"
        run(reducing(engine, lake, target))
        check(engine, name, lake, target)
        if name in OURS:
            check_summary(engine, name, lake, target)
            check_page(lake, target, folder / f"{engine}-{name}.html")
    wanted = thresholds_of(lakes["messy"])
    check_settled(engine, wanted, run(settling(engine, lakes["messy"], folder / f"{engine}-messy.parquet", wanted)))
    for lake, messages in refusals.items():
        target = folder / f"{engine}-refused.parquet"
        try:
            run(reducing(engine, lake, target))
            said = "nothing"
        except Exception as error:
            said = str(error)
        check_refused(engine, lake, target, said, messages)


def on_cluster(lakes, refusals, folder):
    """Few sessions, as starting one takes longest."""
    every = [*lakes.values(), *refusals]
    targets = {lake.folder: folder / f"spark-{lake.folder.name}" for lake in every}
    wanted = thresholds_of(lakes["messy"])
    statements = [reducing("spark", lake, targets[lake.folder]) for lake in every]
    with Cluster(folder) as cluster:
        _, errors = cluster.sql("\n".join(statements))
        assert targets[lakes["messy"].folder].exists(), f"no result: {errors[-5000:]}"
        # What is left open shows in the result.
        output, _ = cluster.sql(settling("spark", lakes["messy"], targets[lakes["messy"].folder], wanted))
        tasks = cluster.workers()
    assert len(tasks) == 2, f"tasks by executor: {tasks}"
    for name, lake in lakes.items():
        assert targets[lake.folder].exists(), f"no result for {name}: {errors[-5000:]}"
        check("spark", name, lake, targets[lake.folder])
        if name in OURS:
            check_summary("spark", name, lake, targets[lake.folder])
            check_page(lake, targets[lake.folder], folder / f"spark-{name}.html")
    for lake, messages in refusals.items():
        check_refused("spark", lake, targets[lake.folder], errors, messages)
    rows = [line.split("\t") for line in output.splitlines() if line.startswith("http_req_duration")]
    check_settled("spark", wanted, rows)


def main():
    engines = sys.argv[1:] or ["duckdb", "clickhouse", "trino", "spark"]
    in_this_process = {"duckdb": with_duckdb, "clickhouse": with_clickhouse, "trino": with_trino}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        made = lakes(folder)
        refusals = refused(folder / "refused", made["pods"].files)
        for engine in engines:
            start = time.monotonic()
            if engine == "spark":
                on_cluster(made, refusals, folder)
            else:
                in_process(engine, in_this_process[engine], made, {} if engine == "trino" else refusals, folder)
            print(f"{engine}: {len(made)} lakes, {time.monotonic() - start:.0f} s", flush=True)


main()
