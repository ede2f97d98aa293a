#!/usr/bin/env python3
"""Measures perf-report as whole processes beside `wc -l`, DuckDB and polars, on generated k6 streams.

    cargo build --release && cargo build --release --example generate_stream
    python3 -m venv .venv && .venv/bin/pip install duckdb polars
    .venv/bin/python benches/peers.py --rounds 9
    .venv/bin/python benches/peers.py --sizes 0.1G,0.6G --gzip --unique --csv --packed

The commands of a table run in turn (A B C A B C ...), after one round that warms the file cache and is
not counted. A ratio is the median of the ratios within each round, so that a slow spell of the machine
hits both sides. Peaks are the kernel's `ru_maxrss` of the child (KiB on Linux, bytes on macOS), file
pages that it has mapped included; times include starting the process, and Python for the peers.

Temporary files need a few times --size; TMPDIR says where, and it should be a disk rather than memory.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

# The peers' programs, run as `python -c PROGRAM FILE`: per metric count, mean, least, greatest and p(95).
# Both read nothing but the metric's name and the value, the fastest of the ways that were tried.
DUCKDB = """
import duckdb, sys
duckdb.sql("SET preserve_insertion_order = false")
duckdb.sql(f'''
    SELECT metric, count(value), avg(value), min(value), max(value), quantile_cont(value, 0.95)
    FROM ({SOURCE}) GROUP BY metric ORDER BY metric
''').show()
"""
DUCKDB_JSON = DUCKDB.replace("{SOURCE}", """
    SELECT metric, data.value AS value FROM read_ndjson('{sys.argv[1]}', columns = {{
        metric: 'VARCHAR', type: 'VARCHAR', data: 'STRUCT("value" DOUBLE)'}})
    WHERE type = 'Point'
""")
DUCKDB_CSV = DUCKDB.replace("{SOURCE}", """
    SELECT metric_name AS metric, metric_value AS value FROM read_csv('{sys.argv[1]}', header = true,
        delim = ',', quote = '"', escape = '"', types = {{metric_value: 'DOUBLE'}}, sample_size = 100)
""")
POLARS = """
import polars as pl, sys
value = pl.col("value")
print(SOURCE.group_by("metric").agg(
    count=value.count(), mean=value.mean(), least=value.min(), greatest=value.max(),
    p95=value.quantile(0.95, "linear")).sort("metric").collect())
"""
POLARS_JSON = POLARS.replace("SOURCE", """pl.scan_ndjson(
    sys.argv[1], schema={"metric": pl.String, "data": pl.Struct({"value": pl.Float64})}
).select("metric", value=pl.col("data").struct.field("value")).drop_nulls("value")""")
POLARS_CSV = POLARS.replace("SOURCE", """pl.scan_csv(sys.argv[1], infer_schema=False).select(
    metric="metric_name", value=pl.col("metric_value").cast(pl.Float64))""")
INFLATE = """
import sys, zlib
inflater = zlib.decompressobj(wbits=31)
with open(sys.argv[1], "rb") as file:
    while chunk := file.read(1 << 16):
        inflater.decompress(chunk)
"""


class Command(NamedTuple):
    label: str
    argv: list[str]


class Run(NamedTuple):
    seconds: float
    peak: int  # bytes


class Stream(NamedTuple):
    path: str
    bytes: int
    samples: int

    def __str__(self) -> str:
        return f"{self.bytes:,} bytes, {self.samples:,} samples"


def run(argv: list[str]) -> Run:
    """Runs a command to its end; a failure ends this script with what the command said."""
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        child = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            errors.seek(0)
            fail(argv, child.returncode, errors.read())
    unit = 1 if platform.system() == "Darwin" else 1024
    return Run(seconds, usage.ru_maxrss * unit)


def fail(argv: list[str], code: int, stderr: bytes) -> None:
    shown = " ".join(part if "\n" not in part else "PROGRAM" for part in argv)
    sys.exit(f"{shown}\nended with {code}:\n{stderr.decode(errors='replace')}")


def measure(commands: list[Command], rounds: int) -> list[list[Run]]:
    """The runs of each command."""
    table: list[list[Run]] = [[] for _ in commands]
    for number in range(rounds + 1):
        for runs, command in zip(table, commands):
            result = run(command.argv)
            if number > 0:
                runs.append(result)
    return table


def median_seconds(runs: list[Run]) -> float:
    return statistics.median(one.seconds for one in runs)


def megabytes(runs: list[Run], floor: int) -> str:
    """The greatest peak. A child starts with its parent's, so that a smaller one cannot be seen."""
    peak = max(one.peak for one in runs)
    return f"≤ {floor / 1e6:.0f}" if peak < floor * 1.1 else f"{peak / 1e6:.0f}"


def print_table(title: str, commands: list[Command], rounds: int) -> None:
    """Measures the commands and compares them with the first."""
    table, floor = measure(commands, rounds), run(["true"]).peak
    print(f"\n{title}\n")
    print(f"| command | median s | min–max s | × {commands[0].label} | peak MB |")
    print("|---|--:|--:|--:|--:|")
    for command, runs in zip(commands, table):
        seconds = [one.seconds for one in runs]
        ratio = statistics.median(
            one.seconds / first.seconds for one, first in zip(runs, table[0])
        )
        print(
            f"| {command.label} | {median_seconds(runs):.3f} | {min(seconds):.3f}–{max(seconds):.3f} "
            f"| {ratio:.2f} | {megabytes(runs, floor)} |",
            flush=True,
        )


def write_output(argv: list[str], path: str) -> None:
    with open(path, "wb") as file:
        done = subprocess.run(argv, stdout=file, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        fail(argv, done.returncode, done.stderr)


def generate(options: argparse.Namespace, folder: str, size: str, *flags: str) -> Stream:
    extension = "csv" if "--csv" in flags else "ndjson"
    name = "-".join(["stream", size, *(flag.strip("-") for flag in flags)])
    path = os.path.join(folder, f"{name.replace('.', '_')}.{extension}")
    write_output([options.generator, size, *flags], path)
    with open(path, "rb") as file:
        lines = sum(not line.startswith((b'{"type":"Metric"', b"metric_name,")) for line in file)
    return Stream(path, os.path.getsize(path), lines)


def summary(options: argparse.Namespace, path: str, label: str = "perf-report summary") -> Command:
    return Command(label, [options.binary, "summary", path])


def html(options: argparse.Namespace, path: str, label: str = "perf-report html") -> Command:
    return Command(label, [options.binary, "html", path, "-o", f"{path}.html"])


def against_peers(
    options: argparse.Namespace, stream: Stream, what: str, duckdb: str, polars: str
) -> None:
    commands = [
        Command("`wc -l`", ["wc", "-l", stream.path]),
        summary(options, stream.path),
        html(options, stream.path),
        Command("DuckDB", [sys.executable, "-c", duckdb, stream.path]),
    ]
    title = f"{what}: {stream}"
    if stream.bytes <= options.polars_limit:
        commands.append(Command("polars", [sys.executable, "-c", polars, stream.path]))
    else:
        title += " (polars left out: above --polars-limit)"
    print_table(title, commands, options.rounds)


def gzipped(options: argparse.Namespace, stream: Stream) -> None:
    packed = f"{stream.path}.gz"
    write_output(["gzip", "-c", stream.path], packed)
    commands = [
        Command("`gzip -dc`", ["gzip", "-dc", packed]),
        Command("Python's zlib", [sys.executable, "-c", INFLATE, packed]),
        summary(options, packed, "perf-report summary, gzip"),
        summary(options, stream.path, "perf-report summary, plain"),
    ]
    title = f"gzip: {os.path.getsize(packed):,} bytes, from {stream}"
    print_table(title, commands, options.rounds)


def unique_urls(options: argparse.Namespace, folder: str, stream: Stream) -> None:
    unique = generate(options, folder, options.size, "--unique-urls")
    commands = [
        summary(options, stream.path, "summary, plain"),
        summary(options, unique.path, "summary, unique URLs"),
        html(options, stream.path, "html, plain"),
        html(options, unique.path, "html, unique URLs"),
    ]
    print_table(f"A URL for each request: {unique}", commands, options.rounds)


def packed(options: argparse.Namespace, stream: Stream) -> None:
    path = os.path.splitext(stream.path)[0] + ".parquet"
    pack = [options.binary, "pack", stream.path, "-o", path]
    run(pack)
    size = os.path.getsize(path)
    # In a folder of its own, lest the two be taken for one run.
    alone = shutil.move(path, tempfile.mkdtemp(dir=os.path.dirname(path)))
    commands = [
        summary(options, stream.path, "perf-report summary, stream"),
        summary(options, alone, "perf-report summary, packed"),
        html(options, alone, "perf-report html, packed"),
        # `pack` may refuse to overwrite its output, hence the shell.
        Command("perf-report pack", ["sh", "-c", 'rm -f "$5" && exec "$@"', "sh", *pack]),
    ]
    title = f"Packed: {size:,} bytes, {size / stream.bytes:.1%} of the stream"
    print_table(title, commands, options.rounds)


def growth(options: argparse.Namespace, folder: str) -> None:
    floor = run(["true"]).peak
    print("\nGrowth\n")
    print("| bytes | samples | summary s | s per GB | peak MB | html s | s per GB | peak MB |")
    print("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for size in options.sizes:
        stream = generate(options, folder, size)
        cells = [f"{stream.bytes:,}", f"{stream.samples:,}"]
        commands = [summary(options, stream.path), html(options, stream.path)]
        for runs in measure(commands, options.rounds):
            seconds = median_seconds(runs)
            cells += [f"{seconds:.3f}", f"{seconds / stream.bytes * 1e9:.2f}", megabytes(runs, floor)]
        print(f"| {' | '.join(cells)} |", flush=True)
        os.remove(stream.path)


def machine(options: argparse.Namespace) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    version = subprocess.check_output([options.binary, "--version"], text=True)
    peers = [f"{name} {importlib.metadata.version(name)}" for name in ("duckdb", "polars")]
    return (
        f"{os.cpu_count()} cores, {memory:.1f} GB of memory, {platform.system()} {platform.machine()}; "
        f"{', '.join([version.strip(), *peers])}; {options.rounds} rounds"
    )


def size_text(text: str) -> str:
    """A size as the generator takes it."""
    if not re.fullmatch(r"\d+(\.\d+)?[KMGT]?", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a size such as 100M or 0.6G")
    return text


def size_texts(text: str) -> list[str]:
    return [size_text(size) for size in text.split(",")]


def size_bytes(text: str) -> float:
    units = {"K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
    size_text(text)
    return float(text.rstrip("KMGT")) * units.get(text[-1], 1)


def parse() -> argparse.Namespace:
    about, _, rest = __doc__.partition("\n\n")
    parser = argparse.ArgumentParser(
        description=about, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    release = os.path.join("target", "release")
    add = parser.add_argument
    add("--binary", default=os.path.join(release, "perf-report"), help="the perf-report to measure")
    add("--generator", default=os.path.join(release, "examples", "generate_stream"))
    add("--size", type=size_text, default="0.6G", help="of the streams (default: 0.6G)")
    add("--sizes", type=size_texts, default=[], help="of a table of growth, such as 0.1G,0.6G")
    add("--rounds", type=int, default=5)
    add("--polars-limit", type=size_bytes, default=2e9, help="no polars above it (default: 2G)")
    add("--gzip", action="store_true", help="also the stream compressed")
    add("--unique", action="store_true", help="also a stream where every request has its own URL")
    add("--csv", action="store_true", help="also k6's CSV output")
    add("--packed", action="store_true", help="also `perf-report pack` and what it makes")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    for option in ("binary", "generator"):
        path = shutil.which(getattr(options, option))
        if path is None:
            parser.error(f"--{option}: no program at {getattr(options, option)}; build it first")
        setattr(options, option, os.path.abspath(path))
    return options


def require_peers() -> None:
    for name in ("duckdb", "polars"):
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            sys.exit(f"{name} is missing: {sys.executable} -m pip install duckdb polars")


def main() -> None:
    options = parse()
    require_peers()
    print(machine(options))
    with tempfile.TemporaryDirectory(prefix="perf-report-bench-") as folder:
        stream = generate(options, folder, options.size)
        against_peers(options, stream, "JSON stream", DUCKDB_JSON, POLARS_JSON)
        if options.gzip:
            gzipped(options, stream)
        if options.unique:
            unique_urls(options, folder, stream)
        if options.packed:
            packed(options, stream)
        os.remove(stream.path)
        if options.csv:
            table = generate(options, folder, options.size, "--csv")
            against_peers(options, table, "CSV stream", DUCKDB_CSV, POLARS_CSV)
        if options.sizes:
            growth(options, folder)


if __name__ == "__main__":
    main()
