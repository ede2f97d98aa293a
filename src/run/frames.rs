//! The polars frames of a run, and their schemas. All of them are made here.
//!
//! | frame | columns |
//! |---|---|
//! | `points` | `series` u32, `time` datetime\[ns, UTC\], `value` f64; in file order |
//! | `series` | `id` u32, `metric` str, one `tag.<key>` str for every tag key (null where a series lacks it) |
//! | `metrics` | `name` str, `type` str, `contains` str (null where no file says), `thresholds` list\[str\], `submetrics` list\[str\] |

use polars::prelude::*;

use super::declaration::MetricDeclaration;
use super::series::SeriesTable;
use crate::error::{Error, Result};

impl From<PolarsError> for Error {
    fn from(error: PolarsError) -> Self {
        Self::Frame(Box::new(error))
    }
}

/// The `points` frame of equally long columns.
pub(super) fn points(series: Vec<u32>, times: Vec<i64>, values: Vec<f64>) -> Result<DataFrame> {
    let height = series.len();
    let times = Int64Chunked::from_vec("time".into(), times)
        .into_datetime(TimeUnit::Nanoseconds, Some(TimeZone::UTC));
    let columns = vec![
        UInt32Chunked::from_vec("series".into(), series).into_column(),
        times.into_column(),
        Float64Chunked::from_vec("value".into(), values).into_column(),
    ];
    Ok(DataFrame::new(height, columns)?)
}

/// The columns of a `points` frame as slices.
pub(super) fn point_slices(points: &DataFrame) -> Result<(&[u32], &[i64], &[f64])> {
    Ok((
        points.column("series")?.u32()?.cont_slice()?,
        points.column("time")?.datetime()?.physical().cont_slice()?,
        points.column("value")?.f64()?.cont_slice()?,
    ))
}

/// The `series` frame.
pub(super) fn series(table: &SeriesTable) -> Result<DataFrame> {
    let ids = (0..).take(table.len()).collect();
    let metrics = table.iter().map(|series| Some(series.metric()));
    let mut columns = vec![
        UInt32Chunked::from_vec("id".into(), ids).into_column(),
        strings("metric", metrics),
    ];
    for key in table.keys() {
        let values = table.iter().map(|series| series.tag(key));
        columns.push(strings(&format!("tag.{key}"), values));
    }
    Ok(DataFrame::new(table.len(), columns)?)
}

/// The `metrics` frame.
pub(super) fn metrics(declarations: &[MetricDeclaration]) -> Result<DataFrame> {
    let height = declarations.len();
    let mut thresholds = ListStringChunkedBuilder::new("thresholds".into(), height, height);
    let mut submetrics = ListStringChunkedBuilder::new("submetrics".into(), height, height);
    for metric in declarations {
        thresholds.append_values_iter(metric.thresholds.iter().map(|t| t.expression.as_str()));
        submetrics.append_values_iter(metric.submetrics.iter().map(super::MetricName::text));
    }
    let kinds: Vec<Option<String>> = declarations
        .iter()
        .map(|m| m.kind.map(|kind| kind.to_string()))
        .collect();
    let contains = declarations.iter().map(|m| {
        m.contains.map(|contains| match contains {
            super::Contains::Default => "default",
            super::Contains::Time => "time",
            super::Contains::Data => "data",
        })
    });
    let columns = vec![
        strings("name", declarations.iter().map(|m| Some(m.name.as_str()))),
        strings("type", kinds.iter().map(Option::as_deref)),
        strings("contains", contains),
        thresholds.finish().into_column(),
        submetrics.finish().into_column(),
    ];
    Ok(DataFrame::new(height, columns)?)
}

fn strings<'a>(name: &str, values: impl Iterator<Item = Option<&'a str>>) -> Column {
    StringChunked::from_iter_options(name.into(), values).into_column()
}

#[cfg(test)]
mod tests {
    use polars::prelude::*;

    use crate::run::{
        Contains, MetricDeclaration, MetricName, MetricType, Point, RecordedThreshold,
        SamplesBuilder,
    };

    #[test]
    fn frames_have_their_documented_schemas() {
        let mut samples = SamplesBuilder::default();
        samples.declare(MetricDeclaration {
            kind: Some(MetricType::Trend),
            contains: Some(Contains::Time),
            thresholds: vec![RecordedThreshold {
                expression: "p(95)<5".to_owned(),
                passed: None,
                abort_on_fail: false,
            }],
            submetrics: vec![MetricName::parse("m{a:b}").expect("a name")],
            ..MetricDeclaration::undeclared("m")
        });
        let tagged = samples.series("m", [("a", "b")]);
        let plain = samples.series("n", []);
        samples.push(Point {
            series: tagged,
            time: 1_500_000_000,
            value: 2.5,
        });
        samples.push(Point {
            series: plain,
            time: 0,
            value: 1.0,
        });
        let samples = samples.finish().expect("frames");

        let types = |frame: &DataFrame| -> Vec<String> {
            frame
                .columns()
                .iter()
                .map(|c| format!("{} {:?}", c.name(), c.dtype()))
                .collect()
        };
        let points = samples.points().expect("points");
        assert_eq!(points.shape(), (2, 3));
        assert_eq!(
            points.column("time").expect("a column").dtype(),
            &DataType::Datetime(TimeUnit::Nanoseconds, Some(TimeZone::UTC))
        );
        let series = samples.series_frame().expect("a frame");
        assert_eq!(
            types(&series),
            ["id UInt32", "metric String", "tag.a String"]
        );
        assert_eq!(series.column("tag.a").expect("a column").null_count(), 1);
        let metrics = samples.metrics_frame().expect("a frame");
        assert_eq!(
            types(&metrics),
            [
                "name String",
                "type String",
                "contains String",
                "thresholds List(String)",
                "submetrics List(String)"
            ]
        );
        assert_eq!(metrics.column("type").expect("a column").null_count(), 1);
    }
}
