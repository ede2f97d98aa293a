//! Files that were cut, are damaged, or never were packed ones: refused or read up to there, never a panic.

use std::io::Cursor;
use std::sync::Arc;

use super::super::error::Result;
use super::super::{Error, GroupSeries, Reader, SeriesRow, Writer};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

/// A file of four row groups with a footer behind each, and where each footer ends.
fn checkpointed() -> (Vec<u8>, Vec<usize>) {
    let mut writer = Writer::new(Vec::new()).unwrap();
    let mut ends = Vec::new();
    for group in 0_u8..4 {
        let mut series = GroupSeries::default();
        let key = ["a", "b", "c", "d"][usize::from(group)];
        series
            .push(&SeriesRow {
                metric: "m",
                kind: Some("trend"),
                tags: vec![(key, "v")],
            })
            .unwrap();
        let values = [f64::from(group), 0.1, 0.2];
        writer
            .write_group(&series, &[0; 3], &[1, 2, i64::from(group)], &values)
            .unwrap();
        writer
            .checkpoint(&[("groups".into(), (group + 1).to_string())])
            .unwrap();
        ends.push(usize::try_from(writer.bytes_written()).unwrap());
    }
    (
        writer.finish(&[("groups".into(), "4".into())]).unwrap(),
        ends,
    )
}

fn open(bytes: &[u8]) -> Result<Reader<Cursor<&[u8]>>> {
    Reader::open(Cursor::new(bytes))
}

#[test]
fn a_cut_file_is_read_up_to_its_last_footer() {
    let (bytes, ends) = checkpointed();
    for cut in 0..bytes.len() {
        let whole = ends.iter().filter(|&&end| end <= cut).count();
        match open(&bytes[..cut]) {
            Ok(reader) => {
                assert_eq!(reader.groups(), whole, "cut at {cut}");
                assert_eq!(reader.unusable_bytes(), (cut - ends[whole - 1]) as u64);
                assert_eq!(
                    reader.metadata(),
                    [("groups".to_owned(), whole.to_string())]
                );
                for group in 0..whole {
                    let group_read = reader.read_group(group).unwrap();
                    assert_eq!(group_read.values, [group as f64, 0.1, 0.2]);
                    assert_eq!(group_read.series.row(0).unwrap().tags.len(), 1);
                }
            }
            Err(Error::NotParquet) => assert!(cut < 4),
            Err(Error::NoFooter) => assert_eq!(whole, 0, "cut at {cut}"),
            Err(error) => panic!("cut at {cut}: {error}"),
        }
    }
}

#[test]
fn a_footer_is_found_before_much_garbage_and_many_false_ends() {
    let (mut bytes, ends) = checkpointed();
    bytes.truncate(ends[2]);
    // More than two blocks of the search, with a magic word across the border of each.
    for _ in 0..400_000 {
        bytes.extend_from_slice(b"\x09\0\0\0PAR1z");
    }
    let reader = open(&bytes).unwrap();
    assert_eq!((reader.groups(), reader.unusable_bytes()), (3, 3_600_000));
}

#[test]
fn a_file_made_to_be_searched_forever_is_given_up() {
    let mut bytes = b"PAR1".repeat(6 << 20);
    // Every one of these is the end of a footer of 8 MB.
    for at in (bytes.len() / 2..bytes.len() - 8).step_by(8) {
        bytes[at..at + 4].copy_from_slice(&0x0080_0000_u32.to_le_bytes());
    }
    assert!(matches!(open(&bytes), Err(Error::NoFooter)));
}

#[test]
fn other_files_are_refused_with_a_reason() {
    assert!(matches!(open(b""), Err(Error::NotParquet)));
    assert!(matches!(
        open(b"{\"metric\":\"http_reqs\"}\nPAR1"),
        Err(Error::NotParquet)
    ));
    assert!(matches!(open(b"PAR1"), Err(Error::NoFooter)));
    assert!(matches!(open(b"PAR1\0\0\0\0PAR1"), Err(Error::NoFooter)));
    let fixed = "required binary metric (STRING); optional binary type (STRING);
        required int32 series (INTEGER(32,false)); required int64 time (TIMESTAMP(NANOS,true));";
    let wrong = [
        "required int64 a;".to_owned(),
        fixed.to_owned(),
        format!("{fixed} required float value;"),
        format!("{fixed} required double value; optional binary name (STRING);"),
        format!("{fixed} required double value; optional int64 tag.name;"),
        format!("{fixed} required double value; required binary tag.name (STRING);"),
        format!("{fixed} required double value; repeated binary tag.name (STRING);"),
        fixed.replace("NANOS", "MICROS") + "required double value;",
        "required double value;".to_owned() + fixed,
    ];
    for columns in wrong {
        let schema = Arc::new(parse_message_type(&format!("message m {{ {columns} }}")).unwrap());
        let mut bytes = Vec::new();
        let properties = Arc::new(WriterProperties::builder().build());
        SerializedFileWriter::new(&mut bytes, schema, properties)
            .unwrap()
            .close()
            .unwrap();
        assert!(matches!(open(&bytes), Err(Error::Layout(_))), "{columns}");
    }
}

#[test]
fn no_changed_byte_passes_unnoticed_in_the_data() {
    let (bytes, _) = checkpointed();
    let mut series = GroupSeries::default();
    series
        .push(&SeriesRow {
            metric: "m",
            kind: None,
            tags: vec![],
        })
        .unwrap();
    let times: Vec<i64> = (0..2000).map(|at| at * at * 977).collect();
    let values: Vec<f64> = times.iter().map(|&time| (time % 1013) as f64).collect();
    let mut writer = Writer::new(Vec::new()).unwrap();
    writer
        .write_group(&series, &[0; 2000], &times, &values)
        .unwrap();
    let end = usize::try_from(writer.bytes_written()).unwrap();
    let sound = writer.finish(&[]).unwrap();
    for at in 4..end {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x10;
        if let Ok(group) = open(&bytes).unwrap().read_group(0) {
            assert_eq!(
                (group.times, group.values),
                (times.clone(), values.clone()),
                "byte {at}"
            );
            assert_eq!(group.series.row(0), series.row(0));
        }
    }
    assert!(matches!(
        open(&bytes).unwrap().read_group(4),
        Err(Error::Input(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn damage_never_panics(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5)) {
        let (mut bytes, _) = checkpointed();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(reader) = open(&bytes) {
            for group in 0..reader.groups() {
                let _ = reader.read_group(group);
            }
        }
    }
}

/// What the footer says beside the places of the pages.
#[test]
fn no_changed_name_passes_unnoticed_in_the_footer() {
    let (bytes, _) = checkpointed();
    let text = |part: &[u8]| bytes.windows(part.len()).rposition(|found| found == part);
    for (part, at) in [(&b"tag.c"[..], 4), (b"groups", 2), (b"4", 0)] {
        let mut damaged = bytes.clone();
        damaged[text(part).unwrap() + at] ^= 1;
        match open(&damaged) {
            Err(Error::Footer | Error::Layout(_)) => {}
            // Said in another place as well: nothing reads otherwise.
            Ok(reader) => {
                let whole = open(&bytes).unwrap();
                assert_eq!(reader.metadata(), whole.metadata());
                assert_eq!(reader.keys, whole.keys);
            }
            Err(error) => panic!("{error}"),
        }
    }
}
