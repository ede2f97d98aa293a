-- Reduces packed samples to histograms: one row a series and second, in the layout perf-report.histogram/1.
--
--   Run:    perf-report sql --dialect trino --from … --to … | \
--             trino --catalog hive --schema default --session hive.compression_codec=ZSTD
--   Reads:  files of `perf-report pack`, one a pod, in a folder that holds nothing else; those in folders below it
--           if the catalog has hive.recursive-directories=true
--   Leaves: a folder of Parquet files, which must be empty; needs hive.non-managed-table-writes-enabled=true
--
-- Files with the same samples are counted once. Rows that are no samples, as files of other tools have them, are
-- not counted. The result says how many there were of each.
--
-- Two tables of the catalog name the files for as long as this runs.

drop table if exists perf_report_samples; -- of a run that failed
create table perf_report_samples (
    metric varchar,
    type   varchar,
    time   bigint, -- the nanoseconds, as the files hold them
    value  double{{#each tags}},
    "tag.{{this}}" varchar{{/each}}
) with (external_location = '{{from}}', format = 'PARQUET');

create table perf_report_histogram with (external_location = '{{to}}', format = 'PARQUET') as (
    with lake as (
        select
            "$path" as file,
            metric,
            type,
{{#each tags}}
            "tag.{{this}}",
{{/each}}
            time as ns,
            value,
            metric is not null and time is not null and value is not null as sample
        from perf_report_samples
    ),

    -- One row a file, with what tells it from the others.
    files as (
        select
            file,
            count(*) filter (where sample)     as samples,
            count(*) filter (where not sample) as strays,
            min(ns)                            as first,
            max(ns)                            as last,
            checksum(row(metric, ns, value))   as fingerprint
        from lake
        group by file
    ),

    -- One row for all files with the same samples. What is summed over () is of the whole lake.
    pods as (
        select
            min(file)                                     as file,
            sum(if(samples > 0, 1, 0)) over ()            as pods,
            sum(if(samples > 0, count(*) - 1, 0)) over () as copies,
            sum(sum(strays)) over ()                      as strays
        from files
        group by samples, first, last, fingerprint
    ),

    -- One row a sample.
    samples as (
        select
            pods,
            copies,
            strays,
            metric,
            type,
{{#each tags}}
            "tag.{{this}}",
{{/each}}
            if(type = 'gauge', file, null) as pod,
            ns / 1000000000                as second,
            case
                when value = 0 then 0
                when abs(value) > 1.7976931348623157e308 then value
                else sign(value) * (1 - {{error}}) * exp({{ln_gamma}} * ceil(ln(abs(value)) / {{ln_gamma}}))
            end as bucket,
            ns,
            value
        from lake join pods using (file)
        where sample
    ),

    -- One row for all samples of a series and second in one bucket.
    buckets as (
        select
            pods,
            copies,
            strays,
            metric,
            type,
{{#each tags}}
            "tag.{{this}}",
{{/each}}
            pod,
            second,
            bucket,
            min(ns)                  as first,
            max(ns)                  as last,
            cast(count(*) as bigint) as count,
            sum(value)               as sum,
            min(value)               as min,
            max(value)               as max,
            max_by(value, ns)        as final
        from samples
        group by pods, copies, strays, metric, type, pod, second, bucket{{#each tags}}, "tag.{{this}}"{{/each}}
    )

    select
        'perf-report.histogram/1' as perf_report,
        '{{run}}'                 as run,
        {{error}}                 as error,
        cast(pods as bigint)      as pods,
        cast(copies as bigint)    as copies,
        cast(strays as bigint)    as strays,
        metric,
        type,
{{#each tags}}
        "tag.{{this}}",
{{/each}}
        pod,
        second,
        min(first)                        as first,
        max(last)                         as last,
        cast(sum(count) as bigint)        as count,
        sum(sum)                          as sum,
        min(min)                          as min,
        max(max)                          as max,
        max_by(final, last)               as final,
        array_agg(bucket order by bucket) as buckets,
        array_agg(count order by bucket)  as counts
    from buckets
    group by pods, copies, strays, metric, type, pod, second{{#each tags}}, "tag.{{this}}"{{/each}}
);

drop table perf_report_histogram; -- the files stay
drop table perf_report_samples;
