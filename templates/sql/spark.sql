-- Reduces packed samples to histograms: one row a series and second, in the layout perf-report.histogram/1.
--
--   Run:    perf-report sql --dialect spark --from … --to … | spark-sql -f /dev/stdin
--   Reads:  files of `perf-report pack`, one a pod; not those that it is still writing (*.partial)
--   Leaves: a folder of Parquet files, which must be new or empty
--
-- Files with the same samples are counted once. Rows that are no samples, as files of other tools have them, are
-- not counted. The result says how many there were of each.
--
-- Two tables of the session's catalog name the files for as long as this runs. Spark warns of windows without
-- partitions: they hold one row a file.

set spark.sql.parser.quotedRegexColumnNames = true; -- `(metric|type|tag[.].+)` stands for all columns named so
set spark.sql.legacy.parquet.nanosAsLong = true;    -- Spark has no times in nanoseconds: read them as numbers
set spark.sql.caseSensitive = true;                 -- tags may differ in case only

drop table if exists perf_report_samples; -- of a run that failed
create table perf_report_samples using parquet
    options (mergeSchema = true, recursiveFileLookup = true, pathGlobFilter = '*.parquet')
    location '{{from}}';

create table perf_report_histogram using parquet options (compression = 'zstd') location '{{to}}' as (
    with lake as (
        select
            _metadata.file_path as file,
            `(metric|type|tag[.].+)`,
            time as ns,
            value,
            metric is not null and time is not null and value is not null as sample
        from perf_report_samples
    ),

    -- One row a file, with what tells it from the others.
    files as (
        select
            file,
            count(*) filter (where sample)                as samples,
            count(*) filter (where not sample)            as strays,
            min(ns)                                       as first,
            max(ns)                                       as last,
            sum(xxhash64(metric, ns, value) % 4294967291) as fingerprint
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
        select /*+ broadcast(pods) */
            pods,
            copies,
            strays,
            `(metric|type|tag[.].+)`,
            if(type = 'gauge', file, null) as pod,
            ns div 1000000000              as second,
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
            `(metric|type|tag[.].+)`,
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
        group by all
    )

    select
        'perf-report.histogram/1' as perf_report,
        '{{run}}'                 as run,
        {{error}}                 as error,
        cast(pods as bigint)      as pods,
        cast(copies as bigint)    as copies,
        cast(strays as bigint)    as strays,
        `(metric|type|tag[.].+)`,
        pod,
        second,
        min(first)                                             as first,
        max(last)                                              as last,
        cast(sum(count) as bigint)                             as count,
        sum(sum)                                               as sum,
        min(min)                                               as min,
        max(max)                                               as max,
        max_by(final, last)                                    as final,
        array_sort(collect_list(struct(bucket, count))).bucket as buckets,
        array_sort(collect_list(struct(bucket, count))).count  as counts
    from buckets
    group by all
);

drop table perf_report_histogram; -- the files stay
drop table perf_report_samples;
