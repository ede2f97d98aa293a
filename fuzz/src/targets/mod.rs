//! What is fuzzed: one file a target.

mod archive;
mod bundle;
mod configuration;
mod csv_stream;
mod json_stream;
mod limit;
mod metric_name;
mod packed_column;
mod page;
mod parquet;
mod plan;
mod reference;
mod rendering;
mod summaries;
mod threshold;

/// Takes an input of libFuzzer's, and panics where something does not hold.
pub(crate) type Target = fn(&[u8]);

const ALL: [(&str, Target); 15] = [
    ("archive", archive::run),
    ("bundle", bundle::run),
    ("configuration", configuration::run),
    ("csv_stream", csv_stream::run),
    ("json_stream", json_stream::run),
    ("limit", limit::run),
    ("metric_name", metric_name::run),
    ("packed_column", packed_column::run),
    ("page", page::run),
    ("parquet", parquet::run),
    ("plan", plan::run),
    ("reference", reference::run),
    ("rendering", rendering::run),
    ("summaries", summaries::run),
    ("threshold", threshold::run),
];

/// The target that the environment names.
pub(crate) fn chosen() -> Target {
    let wanted = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let found = ALL.iter().find(|(name, _)| *name == wanted);
    let names = ALL.map(|(name, _)| name).join(", ");
    found
        .unwrap_or_else(|| panic!("FUZZ_TARGET={wanted:?} is none of {names}"))
        .1
}
