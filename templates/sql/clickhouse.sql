-- Reduces packed samples to histograms: one row a series and second, in the layout perf-report.histogram/1.
--
--   Run:    perf-report sql --dialect clickhouse --from … --to … | clickhouse-client      (or clickhouse local)
--   Reads:  files of `perf-report pack`, one a pod; not those that it is still writing (*.partial)
--   Leaves: one Parquet file, which must be new
--
-- Files with the same samples are counted once. Rows that are no samples, as files of other tools have them, are
-- not counted. The result says how many there were of each.

insert into function {{to_function}}('{{to}}', 'Parquet')
    with lake as (
        select
            _path as file,
            columns('^(metric|type|tag[.].+)$'),
            toUnixTimestamp64Nano(time) as ns,
            value,
            metric is not null and time is not null and value is not null as sample
        from {{from_function}}('{{from}}', 'Parquet')
    ),

    -- One row a file, with what tells it from the others.
    files as (
        select
            file,
            count(*) filter (where sample)     as samples,
            count(*) filter (where not sample) as strays,
            min(ns)                            as first,
            max(ns)                            as last,
            sum(cityHash64(metric, ns, value)) as fingerprint
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
            columns('^(metric|type|tag[.].+)$'),
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
            columns('^(metric|type|tag[.].+)$'),
            pod,
            second,
            bucket,
            min(ns)                  as first,
            max(ns)                  as last,
            cast(count(*) as bigint) as count,
            sum(value)               as sum,
            min(value)               as min,
            max(value)               as max,
            argMax(value, ns)        as final
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
        columns('^(metric|type|tag[.].+)$'),
        pod,
        second,
        min(first)                                                              as first,
        max(last)                                                               as last,
        cast(sum(count) as bigint)                                              as count,
        sum(sum)                                                                as sum,
        min(min)                                                                as min,
        max(max)                                                                as max,
        argMax(final, last)                                                     as final,
        arraySort(groupArray(bucket))                                           as buckets,
        arraySort((n, bucket) -> bucket, groupArray(count), groupArray(bucket)) as counts
    from buckets
    group by all
    settings
        schema_inference_mode                    = 'union', -- files may differ in their tags
        schema_inference_make_columns_nullable   = 1,       -- what a file does not have is null, not '' or 0
        use_hive_partitioning                    = 0,       -- folders are no columns
        prefer_column_name_to_alias              = 1,       -- in max(last) as last, last is the column
        output_format_parquet_compression_method = 'zstd';
