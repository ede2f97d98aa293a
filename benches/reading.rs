//! Reading a stream of some hundred thousand samples in each of its forms, and inflating it alone.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::fs::{self, File};
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use divan::Bencher;
use divan::counter::BytesCount;
use perf_report::formats::{LoadOptions, Meter, load, pack};

/// How often the sample's stream is repeated.
const COPIES: usize = 12;

/// The same stream in every form.
struct Streams {
    folder: tempfile::TempDir,
    bytes: u64,
}

static STREAMS: LazyLock<Streams> = LazyLock::new(|| {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let json = samples.join("journeys/v2025.10/user-journeys.ndjson.zst");
    let json = zstd::decode_all(File::open(json).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut file = File::create(path("x.ndjson")).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(
        File::create(path("x.ndjson.gz")).unwrap(),
        flate2::Compression::default(),
    );
    let mut zstd = zstd::Encoder::new(File::create(path("x.ndjson.zst")).unwrap(), 3).unwrap();
    for _ in 0..COPIES {
        file.write_all(&json).unwrap();
        gzip.write_all(&json).unwrap();
        zstd.write_all(&json).unwrap();
    }
    gzip.finish().unwrap();
    zstd.finish().unwrap();
    pack(
        &path("x.ndjson"),
        &path("x.parquet"),
        None,
        &mut |_| Ok(()),
        &Meter::default().into(),
    )
    .unwrap();
    let csv = File::open(samples.join("smoke/v2025.10/api-smoke.csv.gz")).unwrap();
    let mut rows = Vec::new();
    flate2::read::GzDecoder::new(csv)
        .read_to_end(&mut rows)
        .unwrap();
    fs::write(path("x.csv"), rows.repeat(COPIES * 5)).unwrap();
    Streams {
        bytes: (json.len() * COPIES) as u64,
        folder,
    }
});

fn path(name: &str) -> PathBuf {
    STREAMS.folder.path().join(name)
}

fn read(bencher: Bencher<'_, '_>, name: &str, bytes: u64) {
    let options = LoadOptions {
        alone: true,
        ..LoadOptions::default()
    };
    let path = path(name);
    bencher
        .counter(BytesCount::new(bytes))
        .bench(|| load(&[&path], options.clone()).unwrap());
}

#[divan::bench]
fn json(bencher: Bencher<'_, '_>) {
    read(bencher, "x.ndjson", STREAMS.bytes);
}

#[divan::bench]
fn csv(bencher: Bencher<'_, '_>) {
    let bytes = fs::metadata(path("x.csv")).unwrap().len();
    read(bencher, "x.csv", bytes);
}

#[divan::bench]
fn packed(bencher: Bencher<'_, '_>) {
    read(bencher, "x.parquet", STREAMS.bytes);
}

#[divan::bench]
fn gzip(bencher: Bencher<'_, '_>) {
    read(bencher, "x.ndjson.gz", STREAMS.bytes);
}

#[divan::bench]
fn gzip_inflated_alone(bencher: Bencher<'_, '_>) {
    let bytes = fs::read(path("x.ndjson.gz")).unwrap();
    bencher
        .counter(BytesCount::new(STREAMS.bytes))
        .bench(|| drain(flate2::bufread::MultiGzDecoder::new(Cursor::new(&bytes))));
}

#[divan::bench]
fn zstd_stream(bencher: Bencher<'_, '_>) {
    read(bencher, "x.ndjson.zst", STREAMS.bytes);
}

#[divan::bench]
fn zstd_inflated_alone(bencher: Bencher<'_, '_>) {
    let bytes = fs::read(path("x.ndjson.zst")).unwrap();
    bencher
        .counter(BytesCount::new(STREAMS.bytes))
        .bench(|| drain(zstd::Decoder::with_buffer(Cursor::new(&bytes)).unwrap()));
}

/// Reads everything into a buffer of the size that parsing uses.
fn drain(mut reader: impl Read) -> u64 {
    let mut buffer = vec![0; 1 << 19];
    let mut bytes = 0;
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return bytes,
            Ok(n) => bytes += n as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return bytes,
        }
    }
}

fn main() {
    divan::main();
}
