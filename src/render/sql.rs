//! The statements that an engine reduces packed samples with, and settles thresholds with.

use std::io::{self, Write};

use handlebars::Handlebars;
use serde::Serialize;

use crate::run::Stat;
use crate::stats::buckets::LogBuckets;
use crate::thresholds::{Demand, Operator};

/// An engine's dialect of SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Apache Spark.
    Spark,
    /// `DuckDB`.
    Duckdb,
    /// `ClickHouse`.
    Clickhouse,
    /// Trino, with Hive tables.
    Trino,
}

/// A reduction of packed samples to histograms.
#[derive(Debug, Clone)]
pub struct Reduction<'a> {
    /// Where the packed files lie: a path, a glob or a URI.
    pub from: &'a str,
    /// Where the result goes.
    pub to: &'a str,
    /// What the run is called.
    pub run: &'a str,
    /// The buckets.
    pub buckets: LogBuckets,
    /// The keys of the tags, for dialects that have no way to say "all of them".
    pub tags: &'a [String],
}

/// What a template is filled with, quoted for its dialect.
#[derive(Serialize, Default)]
struct Filling {
    from: String,
    to: String,
    from_function: &'static str,
    to_function: &'static str,
    run: String,
    error: String,
    ln_gamma: String,
    tags: Vec<String>,
    thresholds: Vec<Asked>,
}

/// A threshold in a template.
#[derive(Serialize)]
struct Asked {
    name: String,
    expression: String,
    metric: String,
    tags: Vec<Tag>,
    share: String,
    operator: &'static str,
    limit: String,
}

#[derive(Serialize)]
struct Tag {
    key: String,
    value: String,
}

/// Writes the statement that reduces packed samples.
///
/// # Errors
/// When writing fails.
pub fn reduction(dialect: Dialect, asked: &Reduction<'_>, out: &mut dyn Write) -> io::Result<()> {
    let template = match dialect {
        Dialect::Spark => include_str!("../../templates/sql/spark.sql"),
        Dialect::Duckdb => include_str!("../../templates/sql/duckdb.sql"),
        Dialect::Clickhouse => include_str!("../../templates/sql/clickhouse.sql"),
        Dialect::Trino => include_str!("../../templates/sql/trino.sql"),
    };
    let filling = Filling {
        from: dialect.text(asked.from),
        to: dialect.text(asked.to),
        from_function: function(asked.from),
        to_function: function(asked.to),
        run: dialect.text(asked.run),
        error: number(asked.buckets.error()),
        ln_gamma: number(asked.buckets.ln_gamma()),
        tags: asked.tags.iter().map(|tag| dialect.column(tag)).collect(),
        ..Filling::default()
    };
    fill(template, &filling, out)
}

/// Writes the statement that asks packed samples about thresholds on medians and percentiles; others are
/// left out, as histograms tell them exactly.
///
/// # Errors
/// When writing fails.
pub fn settling(
    dialect: Dialect,
    from: &str,
    thresholds: &[Demand],
    tags: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let template = match dialect {
        Dialect::Spark => include_str!("../../templates/sql/exact-spark.sql"),
        Dialect::Duckdb => include_str!("../../templates/sql/exact-duckdb.sql"),
        Dialect::Clickhouse => include_str!("../../templates/sql/exact-clickhouse.sql"),
        Dialect::Trino => include_str!("../../templates/sql/exact-trino.sql"),
    };
    let filling = Filling {
        from: dialect.text(from),
        from_function: function(from),
        tags: tags.iter().map(|tag| dialect.column(tag)).collect(),
        thresholds: thresholds
            .iter()
            .filter_map(|demand| dialect.asked(demand))
            .collect(),
        ..Filling::default()
    };
    fill(template, &filling, out)
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Spark, Self::Duckdb, Self::Clickhouse, Self::Trino];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spark => "spark",
            Self::Duckdb => "duckdb",
            Self::Clickhouse => "clickhouse",
            Self::Trino => "trino",
        }
    }

    /// What stands between the quotes of a text.
    fn text(self, text: &str) -> String {
        match self {
            Self::Spark | Self::Clickhouse => text.replace('\\', "\\\\").replace('\'', "\\'"),
            Self::Duckdb | Self::Trino => text.replace('\'', "''"),
        }
    }

    /// What stands between the quotes of a column's name.
    fn column(self, name: &str) -> String {
        match self {
            Self::Spark => name.replace('`', "``"),
            Self::Clickhouse => name.replace('\\', "\\\\").replace('"', "\\\""),
            Self::Duckdb | Self::Trino => name.replace('"', "\"\""),
        }
    }

    fn asked(self, demand: &Demand) -> Option<Asked> {
        let share = match demand.threshold.stat {
            Stat::Med => 0.5,
            Stat::P(percent) => percent.share(),
            _ => return None,
        };
        let tags = demand.name.tags().iter().map(|(key, value)| Tag {
            key: self.column(key),
            value: self.text(value),
        });
        Some(Asked {
            name: self.text(demand.name.text()),
            expression: self.text(&demand.expression),
            metric: self.text(demand.name.metric()),
            tags: tags.collect(),
            share: number(share),
            operator: match demand.threshold.operator {
                Operator::Less => "<",
                Operator::LessOrEqual => "<=",
                Operator::Greater => ">",
                Operator::GreaterOrEqual => ">=",
                Operator::Equal => "=",
                Operator::NotEqual => "<>",
            },
            limit: number(demand.threshold.limit),
        })
    }
}

/// The function with which `ClickHouse` reaches a place.
fn function(place: &str) -> &'static str {
    match place.split_once("://").map(|(scheme, _)| scheme) {
        Some("s3") => "s3",
        Some("gs") => "gcs",
        Some("hdfs") => "hdfs",
        Some("http" | "https") => "url",
        _ => "file",
    }
}

/// A number that is a double in every dialect, to the last bit.
fn number(value: f64) -> String {
    format!("{value:e}")
}

fn fill(template: &str, filling: &Filling, out: &mut dyn Write) -> io::Result<()> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    // SQL is quoted in its own way.
    handlebars.register_escape_fn(handlebars::no_escape);
    let text = handlebars.render_template(template, filling);
    out.write_all(text.map_err(io::Error::other)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thresholds::ThresholdSource;

    fn reduced(dialect: Dialect, place: &str) -> String {
        let mut out = Vec::new();
        let asked = Reduction {
            from: place,
            to: "out.parquet",
            run: "checkout",
            buckets: LogBuckets::default(),
            tags: &["name".to_owned(), "a\"b".to_owned()],
        };
        reduction(dialect, &asked, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_quote_ends_no_text() {
        assert!(reduced(Dialect::Duckdb, "o'; drop x").contains("'o''; drop x'"));
        assert!(reduced(Dialect::Spark, r"o\'; drop x").contains(r"'o\\\'; drop x'"));
        assert!(reduced(Dialect::Clickhouse, r"o\'").contains(r"'o\\\''"));
        assert!(reduced(Dialect::Trino, "x").contains("\"tag.a\"\"b\" varchar"));
    }

    #[test]
    fn clickhouse_reaches_places_by_functions() {
        assert!(reduced(Dialect::Clickhouse, "s3://b/*.parquet").contains("from s3('s3://b/"));
        assert!(reduced(Dialect::Clickhouse, "pods/*.parquet").contains("from file('pods/"));
    }

    #[test]
    fn numbers_keep_their_last_bit() {
        let text = reduced(Dialect::Duckdb, "x");
        assert!(text.contains(&format!("{:e}", LogBuckets::default().ln_gamma())));
        assert_eq!(number(0.005).parse(), Ok(0.005));
    }

    #[test]
    fn only_quantiles_are_asked_for() {
        let demand = |expression| {
            Demand::new(
                "http_req_duration{a:it's}",
                expression,
                ThresholdSource::Cli,
            )
            .unwrap()
        };
        let asked = [demand("p(95)<=500"), demand("avg<1"), demand("med!=2")];
        let mut out = Vec::new();
        settling(Dialect::Duckdb, "x", &asked, &[], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("when 0 then observed <= 5e2"), "{text}");
        assert!(text.contains("when 1 then observed <> 2e0"), "{text}");
        assert!(text.contains("\"tag.a\" = 'it''s'"), "{text}");
        assert!(!text.contains("avg"), "{text}");
    }
}
