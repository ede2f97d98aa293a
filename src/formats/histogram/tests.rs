use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::read::read;
use super::reduce::Reducing;
use super::write::{Group, Writer};
use crate::error::Error;
use crate::formats::detect::Format;
use crate::formats::meter::Meter;
use crate::formats::sink::Sink as _;
use crate::formats::strays::Strays;
use crate::run::{Cell, Histograms, Measure, MetricName, MetricType, SeriesTable, Skipped, Stat};
use crate::stats::buckets::LogBuckets;

const SECOND: i64 = 1_000_000_000;

#[test]
fn a_tag_that_comes_late_gets_its_column() {
    let folder = tempfile::tempdir().unwrap();
    let partial = folder.path().join("x.parquet.partial");
    File::create(&partial).unwrap();
    let mut no_strays = |_: &[u8]| Ok(());
    let (run, buckets) = ("x".to_owned(), LogBuckets::default());
    let origin = Format::JsonStream;
    let reducing = Reducing::new(&partial, run, origin, buckets, Strays::new(&mut no_strays));
    let mut reducing = reducing.grouped(5_000);
    // So many seconds of a series are more than may be open.
    for second in 0..40_000_i64 {
        let tags = match second {
            0..10_000 => vec![("name".into(), "a".into())],
            10_000..30_000 => vec![("late".into(), "b".into())],
            _ => vec![("later".into(), "c".into())],
        };
        let (metric, tags) = (
            reducing.metric("http_req_duration"),
            reducing.tags(tags.into_iter()),
        );
        let series = reducing.series(metric, tags);
        let appended = reducing.append(&[series], &[second * SECOND], &[5.0], &Skipped::default());
        appended.unwrap();
    }
    assert_eq!(reducing.samples(), 40_000);
    reducing.finish(origin, &Skipped::default()).unwrap();
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");

    let samples = read(std::slice::from_ref(&partial), &Meter::default())
        .unwrap()
        .samples;
    let name = |text: &str| MetricName::parse(text).unwrap();
    let asked = [
        "http_req_duration",
        "http_req_duration{late:b}",
        "http_req_duration{later:c}",
    ];
    let measured = samples.measure(&asked.map(name), &[MetricType::Trend; 3], None);
    let counts: Vec<Option<u64>> = measured.iter().map(Measure::samples).collect();
    assert_eq!(counts, [Some(40_000), Some(20_000), Some(10_000)]);
    assert_eq!(measured[0].get(Stat::Avg), Some(5.0));
}

/// A file of cells of one series, as somebody could write it.
fn file(path: &Path, change: impl FnOnce(&mut Writer<File>), error: f64, cells: &[Cell<'_>]) {
    let mut table = SeriesTable::default();
    table.intern("m", [("name", "a")]);
    let mut histograms = Histograms::new(error);
    for cell in cells {
        histograms.push(cell);
    }
    let keys = vec!["name".to_owned()];
    let mut writer = Writer::new(File::create(path).unwrap(), "run", error, keys).unwrap();
    change(&mut writer);
    let group = Group {
        histograms: &histograms,
        table: &table,
        kind: &|_| Some(MetricType::Trend),
    };
    writer.write(&group).unwrap();
    writer.finish([]).unwrap();
}

fn cell<'a>(values: &'a [f64], counts: &'a [u32]) -> Cell<'a> {
    let count = counts.iter().map(|count| u64::from(*count)).sum();
    Cell {
        series: 0,
        first: 7 * SECOND,
        last: 7 * SECOND + 1,
        count,
        sum: 0.0,
        min: values[0],
        max: values[values.len() - 1],
        latest: values[0],
        values,
        counts,
    }
}

fn refusal(paths: &[PathBuf]) -> String {
    match read(paths, &Meter::default()) {
        Ok(_) => panic!("{paths:?} is read"),
        Err(error) => error.with_causes(),
    }
}

#[test]
fn rows_that_contradict_themselves_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    let sound = cell(&[1.0, 2.0], &[3, 4]);
    let wrong = [
        (Cell { count: 8, ..sound }, "hold 7 samples, and it says 8"),
        (
            Cell {
                last: 9 * SECOND,
                ..sound
            },
            "are not in second 7",
        ),
        (
            Cell {
                first: 7 * SECOND + 5,
                ..sound
            },
            "are not in second 7",
        ),
        (Cell { min: 3.0, ..sound }, "no values from 3 to 2"),
        (
            Cell {
                max: f64::NAN,
                ..sound
            },
            "no values",
        ),
        (
            Cell {
                counts: &[0, 7],
                ..sound
            },
            "a bucket of 0 samples",
        ),
    ];
    for (cell, because) in wrong {
        file(&path, |_| {}, 0.005, &[sound, cell]);
        let said = refusal(std::slice::from_ref(&path));
        assert!(said.contains("row 2") && said.contains(because), "{said}");
    }
    file(&path, |_| {}, 0.7, &[sound]);
    assert!(refusal(std::slice::from_ref(&path)).contains("0.7 is no error"));
    file(
        &path,
        |writer| writer.version = "perf-report.histogram/9",
        0.005,
        &[sound],
    );
    let said = refusal(std::slice::from_ref(&path));
    assert!(said.contains("perf-report.histogram/9"), "{said}");
    file(&path, |_| {}, 0.005, &[]);
    assert!(refusal(&[path]).contains("has no row"));
}

#[test]
fn files_of_one_run_are_of_one_statement() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = ["a.parquet", "b.parquet"].map(|name| folder.path().join(name));
    let both = [one.clone(), other.clone()];
    file(&one, |_| {}, 0.005, &[cell(&[1.0], &[2])]);
    file(&other, |_| {}, 0.01, &[cell(&[1.0], &[3])]);
    assert!(refusal(&both).contains("different statements"));
    fs::copy(&one, &other).unwrap();
    assert!(refusal(&both).contains("is a copy of"));
    file(&other, |_| {}, 0.005, &[cell(&[1.0], &[3])]);
    let parts = read(&both, &Meter::default()).unwrap();
    assert_eq!(parts.samples.points_read(), 5);
    // Parts without a row are all alike.
    file(&one, |_| {}, 0.005, &[]);
    let third = folder.path().join("c.parquet");
    fs::copy(&one, &third).unwrap();
    let parts = read(&[one, other, third], &Meter::default()).unwrap();
    assert_eq!(parts.samples.points_read(), 3);
    let missing = [folder.path().join("none.parquet")];
    assert!(matches!(
        read(&missing, &Meter::default()),
        Err(Error::Read { .. })
    ));
}
