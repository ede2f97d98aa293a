//! Reading a packed file as the stream that it was made of.

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::Path;

use super::about::About;
use super::input::Input;
use super::meter::Meter;
use super::packed::{self, GroupSeries, Reader};
use super::sink::{Sink, StreamRead};
use crate::error::{Error, Result};
use crate::threads;

/// No packed file that comes from a pipe, or is compressed once more, is larger.
const MOST_IN_MEMORY: u64 = 1 << 30;

/// Reads a packed file to its end, or to where packing was stopped.
pub(super) fn read<S: Sink>(input: Input, sink: S, meter: &Meter) -> Result<StreamRead<S>> {
    let Input {
        path, reader, file, ..
    } = input;
    if let Some(file) = file {
        let size = file.metadata().map_or(0, |meta| meta.len());
        return samples(&path, file, size, sink, meter);
    }
    // Parquet is read from its end.
    let mut bytes = Vec::new();
    let read = reader.take(MOST_IN_MEMORY + 1).read_to_end(&mut bytes);
    read.map_err(|error| Error::read(&path, error))?;
    if bytes.len() as u64 > MOST_IN_MEMORY {
        return Err(Error::input(
            path,
            "more than 1 GiB of Parquet from a pipe or in an archive",
            "name the Parquet file itself",
        ));
    }
    samples(&path, Cursor::new(bytes), 0, sink, meter)
}

/// Whether a file of which the writing failed holds samples all the same.
pub(super) fn holds_samples(path: &Path) -> bool {
    let reader = File::open(path)
        .ok()
        .and_then(|file| Reader::open(file).ok());
    reader.is_some_and(|reader| reader.groups() > 0)
}

fn samples<S: Sink, R: Read + Seek + Send>(
    path: &Path,
    file: R,
    size: u64,
    mut sink: S,
    meter: &Meter,
) -> Result<StreamRead<S>> {
    let reader = Reader::open(file).map_err(|error| unreadable(path, error))?;
    let about = About::from_metadata(path, reader.metadata())?;
    let origin = about.origin();
    let mut skipped = about.skipped;
    if !about.finished || reader.unusable_bytes() > 0 {
        skipped.cut = Some("packing was stopped before the end of the stream".to_owned());
    }
    for metric in about.metrics {
        sink.declare(metric);
    }
    let groups: Vec<usize> = (0..reader.groups()).collect();
    for some in groups.chunks(threads::available()) {
        for group in threads::each(some.to_vec(), |group| reader.read_group(group)) {
            let mut group = group.map_err(|error| unreadable(path, error))?;
            let numbers = number(&group.series, &mut sink);
            for id in &mut group.ids {
                *id = numbers[*id as usize];
            }
            sink.append(&group.ids, &group.times, &group.values, &skipped)?;
            meter.add_samples(group.ids.len());
            meter.add_bytes(usize::try_from(size).unwrap_or(usize::MAX) / groups.len());
        }
    }
    Ok(StreamRead {
        sink,
        skipped,
        origin,
        text: None,
    })
}

/// The numbers of a row group's series in the sink.
fn number(series: &GroupSeries, sink: &mut impl Sink) -> Vec<u32> {
    let mut tags = 0;
    (0..series.len())
        .map(|id| {
            if !series.has_tags_of_last(id) {
                let of_id = series.tags_of(id).map(|(k, v)| (k.into(), v.into()));
                tags = sink.tags(of_id);
            }
            let metric = sink.metric(series.metric(id).unwrap_or_default());
            sink.series(metric, tags)
        })
        .collect()
}

/// Says why a packed file cannot be read.
fn unreadable(path: &Path, error: packed::Error) -> Error {
    match error {
        packed::Error::Io(error) => Error::read(path, error),
        packed::Error::Layout(_) | packed::Error::NotParquet => Error::input(
            path,
            error.to_string(),
            "pass k6's own stream, or what perf-report pack makes of it",
        ),
        _ => Error::damaged(
            path,
            format!("this packed file cannot be read: {error}"),
            "was the disk full, or the file cut while copying? Pack the stream again",
        ),
    }
}
