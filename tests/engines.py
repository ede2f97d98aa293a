"""Other engines see in a packed file what the JSON stream holds.

usage: engines.py PACKED.parquet STREAM.ndjson[.gz]      (needs duckdb and polars from PyPI)

Compares every row with the stream, and the sums that the documentation of the layout shows. Prints
the number of rows; any difference ends it with an error.
"""
import datetime as dt
import gzip
import json
import re
import sys

import duckdb
import polars

TIME = re.compile(r"(.*:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$")


def nanoseconds(time):
    whole, fraction, zone = TIME.match(time).groups()
    moment = dt.datetime.fromisoformat(whole + zone.replace("Z", "+00:00"))
    return int(moment.timestamp()) * 10**9 + int((fraction or "").ljust(9, "0"))


def rows_of_stream(path):
    """Type, metric, nanoseconds, value and tags of every sample."""
    kinds, rows = {}, []
    for line in (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8"):
        line = json.loads(line)
        name, data = line["metric"], line["data"]
        if line["type"] == "Metric":
            kinds[name] = data["type"]
        else:
            tags = {"tag." + key: value for key, value in (data["tags"] or {}).items()}
            rows.append((kinds[name], name, nanoseconds(data["time"]), float(data["value"]), tags))
    return rows


def compare(engine, wanted, columns, found):
    assert len(wanted) == len(found), f"{engine}: {len(found)} rows, not {len(wanted)}"
    for number, (row, seen) in enumerate(zip(wanted, found)):
        seen = dict(zip(columns, seen))
        tags = {key: value for key, value in seen.items() if key.startswith("tag.") and value is not None}
        seen = (seen["type"], seen["metric"], seen["time"], seen["value"], tags)
        assert row == seen, f"{engine}: row {number} is {seen}, not {row}"


def main():
    packed, stream = sys.argv[1:]
    wanted = rows_of_stream(stream)

    table = duckdb.sql(f"select * replace (epoch_ns(time) as time) from read_parquet('{packed}')")
    compare("DuckDB", wanted, table.columns, table.fetchall())

    frame = polars.read_parquet(packed)
    assert str(frame.schema["time"]) == "Datetime(time_unit='ns', time_zone='UTC')", frame.schema
    frame = frame.with_columns(polars.col("time").cast(polars.Int64))
    compare("polars", wanted, frame.columns, frame.rows())

    sums = duckdb.sql(
        f"""select metric, count(*), quantile_cont(value, 0.95) from read_parquet('{packed}')
            where type = 'trend' and "tag.status" = '200' group by metric"""
    ).fetchall()
    assert sums, "no trend of successful requests"
    for metric, count, _ in sums:
        values = [v for k, m, _, v, tags in wanted if m == metric and tags.get("tag.status") == "200"]
        assert count == len(values), f"{metric}: {count}, not {len(values)}"
    print(len(wanted), "rows")


main()
