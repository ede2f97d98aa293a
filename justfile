# What a developer runs. `just` lists these.

default:
    @just --list

# Everything that needs Rust alone
test:
    cargo test

# The tests that need another program as well: Chromium, ChromeDriver, the k6 recordings
test-all:
    cargo test -- --include-ignored

# Format, lint, and check the documentation
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# Look at what the snapshots would become, and accept it (cargo install cargo-insta)
snapshots:
    cargo insta review

# Licences and advisories of the dependencies (cargo install cargo-deny)
deny:
    cargo deny check

# The parts: reading, inflating, interning, quantiles, charts
bench *arguments:
    cargo bench -- {{arguments}}

# The whole, beside wc -l, DuckDB and polars (pip install duckdb polars), as docs/performance.md has it
bench-peers *arguments:
    cargo build --release --bin perf-report --example generate_stream
    python3 benches/peers.py {{arguments}}

# How often diff is right, as docs/statistics.md has it (a quarter of an hour)
calibrate *arguments:
    cargo run --release -p calibration -- {{arguments}}

# The report of a sample, in a browser
look sample="samples/smoke/v2025.11":
    cargo run --release -- html {{sample}} -o target/look.html
    xdg-open target/look.html

# The time of a clean release build, as docs/building.md gives it
build-time:
    rm -rf target/build-time
    CARGO_TARGET_DIR=target/build-time bash -c 'time cargo build --release'
