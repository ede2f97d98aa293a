-- Settles thresholds whose limits lie within the error of the histograms, from the samples themselves.
--
--   Run:    perf-report sql --exact --dialect spark … | spark-sql -f /dev/stdin
--   Reads:  what `perf-report pack` wrote, as the statement that made the histograms
--   Prints: of each threshold its name, its expression, the exact quantile, and whether it passed
--
-- A quantile is k6's: at i = share * (samples - 1) of the sorted values, straight between the values beside it.

set spark.sql.parser.quotedRegexColumnNames = true; -- `(metric|type|tag[.].+)` stands for all columns named so
set spark.sql.legacy.parquet.nanosAsLong = true;    -- Spark has no times in nanoseconds: read them as numbers
set spark.sql.caseSensitive = true;                 -- tags may differ in case only
set spark.sql.cli.print.header = true;

drop table if exists perf_report_samples; -- of a run that failed
create table perf_report_samples using parquet
    options (mergeSchema = true, recursiveFileLookup = true, pathGlobFilter = '*.parquet')
    location '{{from}}';

with lake as (
    select
        _metadata.file_path as file,
        `(metric|type|tag[.].+)`,
        time as ns,
        value
    from perf_report_samples
    where metric is not null and time is not null and value is not null
),

-- Of files with the same samples only the first counts.
files as (
    select
        file,
        count(*)                                      as samples,
        min(ns)                                       as first,
        max(ns)                                       as last,
        sum(xxhash64(metric, ns, value) % 4294967291) as fingerprint
    from lake
    group by file
),
pods as (
    select min(file) as file
    from files
    group by samples, first, last, fingerprint
),

-- The samples of each threshold.
asked as ({{#each thresholds}}{{#unless @first}}
    union all{{/unless}}
    select /*+ broadcast(pods) */ {{@index}} as number, {{share}} as share, value
    from lake join pods using (file)
    where metric = '{{metric}}'{{#each tags}} and `tag.{{key}}` = '{{value}}'{{/each}}{{/each}}
),
ranked as (
    select
        number,
        value,
        row_number() over (partition by number order by value) - 1 as position,
        share * (count(*) over (partition by number) - 1)          as i
    from asked
),
quantiles as (
    select
        number,
        min(value) + (max(value) - min(value)) * (max(i) - floor(max(i))) as observed
    from ranked
    where position between floor(i) and ceil(i)
    group by number
)

select
    case number{{#each thresholds}}
        when {{@index}} then '{{name}}'{{/each}}
    end as name,
    case number{{#each thresholds}}
        when {{@index}} then '{{expression}}'{{/each}}
    end as expression,
    observed,
    case number{{#each thresholds}}
        when {{@index}} then observed {{operator}} {{limit}}{{/each}}
    end as passed
from quantiles
order by number;

drop table perf_report_samples; -- the files stay
