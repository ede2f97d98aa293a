-- Settles thresholds whose limits lie within the error of the histograms, from the samples themselves.
--
--   Run:    perf-report sql --exact --dialect clickhouse … | clickhouse-client      (or clickhouse local)
--   Reads:  what `perf-report pack` wrote, as the statement that made the histograms
--   Prints: of each threshold its name, its expression, the exact quantile, and whether it passed
--
-- A quantile is k6's: at i = share * (samples - 1) of the sorted values, straight between the values beside it.

with lake as (
    select
        _path as file,
        columns('^(metric|type|tag[.].+)$'),
        toUnixTimestamp64Nano(time) as ns,
        value
    from {{from_function}}('{{from}}', 'Parquet')
    where metric is not null and time is not null and value is not null
),

-- Of files with the same samples only the first counts.
files as (
    select
        file,
        count(*)                           as samples,
        min(ns)                            as first,
        max(ns)                            as last,
        sum(cityHash64(metric, ns, value)) as fingerprint
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
    select {{@index}} as number, {{share}} as share, value
    from lake join pods using (file)
    where metric = '{{metric}}'{{#each tags}} and "tag.{{key}}" = '{{value}}'{{/each}}{{/each}}
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
order by number
settings
    schema_inference_mode                  = 'union', -- files may differ in their tags
    schema_inference_make_columns_nullable = 1,       -- what a file does not have is null, not '' or 0
    use_hive_partitioning                  = 0,       -- folders are no columns
    prefer_column_name_to_alias            = 1        -- in max(i) as i, i is the column
format TSVWithNames;
