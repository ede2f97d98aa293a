//! What goes into a packed file comes out of it again, to the last bit.

use std::collections::HashMap;
use std::io::Cursor;

use super::super::layout::{MAX_KEYS, MAX_ROWS};
use super::super::read::Group;
use super::super::{Error, GroupSeries, Reader, SeriesRow, Writer};
use proptest::prelude::*;

/// A sample as a stream has it.
#[derive(Debug, Clone, PartialEq)]
struct Sample {
    series: Series,
    time: i64,
    bits: u64,
}

type Series = (String, Option<String>, Vec<(String, String)>);

fn group(samples: &[Sample]) -> Group {
    let mut group = Group::default();
    let mut known: HashMap<&Series, u32> = HashMap::new();
    for sample in samples {
        let (metric, kind, tags) = &sample.series;
        let id = *known.entry(&sample.series).or_insert_with(|| {
            let tags = tags.iter().map(|(key, value)| (&**key, &**value)).collect();
            let row = SeriesRow {
                metric,
                kind: kind.as_deref(),
                tags,
            };
            group.series.push(&row).unwrap()
        });
        group.ids.push(id);
        group.times.push(sample.time);
        group.values.push(f64::from_bits(sample.bits));
    }
    group
}

fn samples(group: &Group) -> Vec<Sample> {
    let series = |id: u32| {
        let row = group.series.row(id as usize).unwrap();
        let tags = row
            .tags
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        (row.metric.to_owned(), row.kind.map(str::to_owned), tags)
    };
    let rows = group.ids.iter().zip(&group.times).zip(&group.values);
    rows.map(|((&id, &time), value)| Sample {
        series: series(id),
        time,
        bits: value.to_bits(),
    })
    .collect()
}

fn write(groups: &[Vec<Sample>], checkpoints: bool) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    for samples in groups {
        let Group {
            series,
            ids,
            times,
            values,
        } = group(samples);
        writer.write_group(&series, &ids, &times, &values).unwrap();
        if checkpoints {
            writer.checkpoint(&[]).unwrap();
        }
    }
    writer
        .finish(&[("k".into(), "v".into()), ("empty".into(), String::new())])
        .unwrap()
}

fn read(bytes: &[u8]) -> Vec<Vec<Sample>> {
    let reader = Reader::open(Cursor::new(bytes)).unwrap();
    assert_eq!(reader.unusable_bytes(), 0);
    let pairs = reader
        .metadata()
        .iter()
        .map(|(key, value)| (&**key, &**value));
    assert_eq!(pairs.collect::<Vec<_>>(), [("k", "v"), ("empty", "")]);
    (0..reader.groups())
        .map(|at| samples(&reader.read_group(at).unwrap()))
        .collect()
}

fn some_series() -> impl Strategy<Value = Series> {
    let text = || prop_oneof![Just(String::new()), "[a-c]{1,2}", any::<String>()];
    let kind = proptest::option::of("counter|gauge|rate|trend");
    (
        text(),
        kind,
        proptest::collection::btree_map("[a-f]{1,2}|", text(), 0..6),
    )
        .prop_map(|(metric, kind, tags)| (metric, kind, tags.into_iter().collect()))
}

fn some_value() -> impl Strategy<Value = u64> {
    let special = [
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.0,
        -0.0,
        f64::MIN_POSITIVE,
        5e-324,
        f64::NAN,
    ];
    prop_oneof![
        any::<u64>(),
        proptest::sample::select(special.to_vec()).prop_map(f64::to_bits),
        (0..9_u8).prop_map(|value| f64::from(value).to_bits()),
    ]
}

/// Row groups whose samples share a few series, so that runs and repetitions of all kinds arise.
fn some_groups() -> impl Strategy<Value = Vec<Vec<Sample>>> {
    let series = proptest::collection::vec(some_series(), 1..20);
    series.prop_flat_map(|series| {
        let sample = (0..series.len(), any::<i64>(), some_value(), 1..12_usize);
        let one = proptest::collection::vec(sample, 1..60).prop_map(move |picks| {
            let runs = picks.into_iter().flat_map(|(at, time, bits, repeats)| {
                std::iter::repeat_n(
                    Sample {
                        series: series[at].clone(),
                        time,
                        bits,
                    },
                    repeats,
                )
            });
            runs.collect::<Vec<_>>()
        });
        proptest::collection::vec(one, 0..4)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn everything_comes_back(groups in some_groups(), checkpoints in any::<bool>()) {
        prop_assert_eq!(read(&write(&groups, checkpoints)), groups);
    }
}

fn sample(metric: &str, tags: &[(&str, &str)], time: i64) -> Sample {
    let tags = tags
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    Sample {
        series: (metric.to_owned(), None, tags),
        time,
        bits: 0,
    }
}

#[test]
fn a_key_that_appears_late_is_absent_before() {
    let groups = [
        vec![sample("m", &[("b", "1")], 1), sample("m", &[], 2)],
        vec![sample("m", &[("a", ""), ("b", "1")], 3)],
        vec![sample("m", &[("c", "x")], 4)],
    ];
    let bytes = write(&groups, true);
    assert_eq!(read(&bytes), groups);
    let reader = Reader::open(Cursor::new(&bytes)).unwrap();
    let keys: Vec<&str> = reader.keys.iter().map(|key| &**key).collect();
    assert_eq!(keys, ["b", "a", "c"]);
}

#[test]
fn many_rows_take_many_pages() {
    let series = |at: i64| format!("{}", if at % 100_000 == 99_999 { at } else { at % 300 });
    let rows = (0..400_000).map(|at| {
        let name = series(at);
        let tags: &[_] = if at % 7 == 0 {
            &[]
        } else {
            &[("name", &*name)]
        };
        sample(if at % 3 == 0 { "a" } else { "b" }, tags, at * 1_000_003)
    });
    let rows: Vec<_> = rows.collect();
    assert_eq!(read(&write(std::slice::from_ref(&rows), false)), [rows]);
}

#[test]
fn a_file_without_rows_is_a_file() {
    assert!(read(&write(&[], false)).is_empty());
    assert!(read(&write(&[vec![], vec![]], true)).is_empty());
}

#[test]
fn row_groups_are_read_by_several_threads() {
    let groups: Vec<Vec<Sample>> = (0..8)
        .map(|group| {
            (0..500)
                .map(|at| sample("m", &[("n", &format!("{}", at % (group + 2)))], at))
                .collect()
        })
        .collect();
    let bytes = write(&groups, false);
    let reader = &Reader::open(Cursor::new(&bytes)).unwrap();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|at| scope.spawn(move || samples(&reader.read_group(at).unwrap())))
            .collect();
        for (thread, group) in threads.into_iter().zip(&groups) {
            assert_eq!(&thread.join().unwrap(), group);
        }
    });
}

#[test]
fn samples_that_contradict_themselves_are_refused() {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut series = GroupSeries::default();
    for metric in ["a", "b"] {
        series
            .push(&SeriesRow {
                metric,
                ..SeriesRow::default()
            })
            .unwrap();
    }
    let mut refuse = |ids: &[u32], times: &[i64]| {
        let values = vec![0.0; times.len()];
        assert!(matches!(
            writer.write_group(&series, ids, times, &values),
            Err(Error::Input(_))
        ));
    };
    refuse(&[1, 0], &[1, 2]);
    refuse(&[0, 0], &[1, 2]);
    refuse(&[0, 1, 2], &[1, 2, 3]);
    refuse(&[0, 1], &[1]);
    refuse(&[], &[]);
    let twice = SeriesRow {
        metric: "a",
        kind: None,
        tags: vec![("k", "1"), ("k", "2")],
    };
    assert!(matches!(
        GroupSeries::default().push(&twice),
        Err(Error::Input(_))
    ));
    // None of that has harmed the file.
    writer
        .write_group(&series, &[0, 1, 0], &[1, 2, 3], &[1.0, 2.0, 3.0])
        .unwrap();
    assert_eq!(
        Reader::open(Cursor::new(writer.finish(&[]).unwrap()))
            .unwrap()
            .groups(),
        1
    );
}

#[test]
fn what_a_reader_would_refuse_is_not_written() {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut series = GroupSeries::default();
    let keys: Vec<String> = (0..=MAX_KEYS).map(|key| key.to_string()).collect();
    let tags = keys.iter().map(|key| (&**key, "")).collect();
    series
        .push(&SeriesRow {
            metric: "m",
            kind: None,
            tags,
        })
        .unwrap();
    assert!(matches!(
        writer.write_group(&series, &[0], &[0], &[0.0]),
        Err(Error::Limit(_))
    ));
    series = GroupSeries::default();
    series.push(&SeriesRow::default()).unwrap();
    let (ids, times, values) = (
        vec![0; MAX_ROWS + 1],
        vec![0; MAX_ROWS + 1],
        vec![0.0; MAX_ROWS + 1],
    );
    assert!(matches!(
        writer.write_group(&series, &ids, &times, &values),
        Err(Error::Limit(_))
    ));
}

#[test]
fn a_failed_write_ends_the_writer() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self
                .0
                .checked_sub(bytes.len())
                .ok_or_else(|| std::io::Error::other("full"))?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut writer = Writer::new(Full(100)).unwrap();
    let mut series = GroupSeries::default();
    series.push(&SeriesRow::default()).unwrap();
    writer.write_group(&series, &[0], &[0], &[0.0]).unwrap();
    assert!(writer.checkpoint(&[]).is_err());
    assert!(matches!(
        writer.write_group(&series, &[0], &[0], &[0.0]),
        Err(Error::Broken)
    ));
    assert!(matches!(writer.finish(&[]), Err(Error::Broken)));
}

#[test]
fn footers_do_not_outgrow_what_they_describe() {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut series = GroupSeries::default();
    series
        .push(&SeriesRow {
            metric: "m",
            kind: None,
            tags: vec![("k", "v")],
        })
        .unwrap();
    let (mut before, mut written) = (0, 0);
    for at in 0..500 {
        writer
            .write_group(&series, &[0; 9], &[at; 9], &[0.5; 9])
            .unwrap();
        let data = writer.bytes_written();
        written += data - before;
        if writer.is_checkpoint_worth(0) {
            writer.checkpoint(&[]).unwrap();
        }
        before = writer.bytes_written();
    }
    assert!(
        before - written < written / 2,
        "{before} bytes for {written} of row groups"
    );
}
