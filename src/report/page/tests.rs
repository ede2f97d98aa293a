//! What pages say of runs that are made up.

use super::*;
use crate::report::ReportOptions;
use crate::run::{Check, Point, RunParts, SamplesBuilder, Skipped};
use crate::thresholds::Demand;

/// Samples of a run: metric, tags, second, value.
type Sample<'a> = (&'a str, &'a [(&'a str, &'a str)], i64, f64);

fn run(samples: &[Sample<'_>]) -> Run {
    let mut builder = SamplesBuilder::default();
    for (metric, tags, second, value) in samples {
        let series = builder.series(metric, tags.iter().copied());
        builder.push(Point {
            series,
            time: second * 1_000_000_000,
            value: *value,
        });
    }
    Run::new(RunParts {
        name: "made-up".to_owned(),
        samples: Some(builder.finish().expect("a frame")),
        skipped: Skipped::default(),
        ..RunParts::default()
    })
}

fn page(run: &Run, thresholds: &[&str]) -> Page {
    let demands = thresholds.iter().map(|text| Demand::parse(text));
    let options = ReportOptions {
        demands: demands.collect::<Result<_, _>>().expect("thresholds"),
        ..ReportOptions::default()
    };
    Page::new(run, &RunReport::new(run, &options).expect("a report"), None)
}

/// A minute of requests to two endpoints, one a second each.
fn minute() -> Run {
    let mut samples: Vec<Sample<'_>> = Vec::new();
    for second in 0..=60 {
        for (tags, duration) in [
            (&[("name", "fast"), ("method", "GET")][..], 10.0),
            (&[("name", "slow"), ("method", "GET")][..], 30.0),
        ] {
            samples.push(("http_req_duration", tags, second, duration));
            samples.push(("http_reqs", tags, second, 1.0));
            let failed = f64::from(u8::from(second == 30));
            samples.push(("http_req_failed", tags, second, failed));
        }
    }
    run(&samples)
}

#[test]
fn the_sentence_names_what_was_crossed() {
    let sentence = |thresholds: &[&str]| page(&minute(), thresholds).story.headline.sentence;
    assert_eq!(
        sentence(&[]),
        "The files hold no threshold, so that nothing was judged."
    );
    assert_eq!(
        sentence(&["http_req_duration:max<60"]),
        "The only threshold holds. http_req_duration max is 30\u{a0}ms, limit 60\u{a0}ms."
    );
    assert_eq!(
        sentence(&["http_req_duration:max<60", "http_req_duration:avg<10"]),
        "1 of 2 thresholds crossed. http_req_duration avg is 20\u{a0}ms, limit 10\u{a0}ms."
    );
    assert_eq!(
        sentence(&["http_req_duration:avg<10", "nothing_of_that_name:avg<10"]),
        "1 of 2 thresholds crossed, 1 has no data. http_req_duration avg is 20\u{a0}ms, limit 10\u{a0}ms."
    );
}

#[test]
fn headroom_follows_the_direction_of_the_limit() {
    let thresholds = [
        "http_req_duration:avg<25",
        "http_req_duration:avg<16",
        "http_req_duration:avg<5",
        "http_req_duration:avg>16",
        "http_req_duration:avg>25",
        "http_req_duration:avg==20",
    ];
    let rows = page(&minute(), &thresholds).thresholds.rows;
    let of = |expression: &str| {
        let row = rows.iter().find(|row| row.expression == expression);
        row.expect("a row").headroom.as_str()
    };
    assert_eq!(of("avg<25"), "20% to spare");
    assert_eq!(of("avg<16"), "25% over");
    assert_eq!(of("avg<5"), "4× the limit");
    assert_eq!(of("avg>16"), "25% to spare");
    assert_eq!(of("avg>25"), "20% short");
    assert_eq!(of("avg==20"), "");
    assert_eq!(rows[0].mark.word, "failed", "crossed ones come first");
}

#[test]
fn endpoints_are_sorted_by_p95_and_share_their_time() {
    let page = page(&minute(), &[]);
    let rows = page.endpoints.shown.expect("endpoints").rows;
    let titles: Vec<&str> = rows.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(titles, ["GET slow", "GET fast"]);
    assert_eq!(
        (rows[0].share.as_str(), rows[1].share.as_str()),
        ("75%", "25%")
    );
    assert_eq!(rows[0].requests, "61");
}

#[test]
fn a_course_over_time_finds_the_worst_moment() {
    let page = page(
        &minute(),
        &["http_req_duration:p(95)<40", "http_req_duration:p(99)<900"],
    );
    let over_time = page.over_time.shown.expect("a course");
    assert!(
        over_time
            .rate_sentence
            .ends_with("At worst, 100% failed, 30\u{a0}s after the start.")
    );
    assert_eq!(
        over_time.duration_limits.len(),
        1,
        "the other is out of sight"
    );
    assert!(
        over_time
            .percentile_sentence
            .ends_with("Limits beyond the scale: p(99)<900 (900\u{a0}ms).")
    );
}

#[test]
fn too_little_is_said_to_be_too_little() {
    let one = run(&[("http_req_duration", &[("name", "x")], 0, 5.0)]);
    let short = page(&one, &[]);
    assert!(short.over_time.missing.is_some());
    assert!(short.distribution.missing.is_some());
    assert!(short.responses.missing.is_some());
    assert!(short.checks.missing.is_some());
    let nothing = page(&run(&[]), &[]);
    assert_eq!(nothing.story.headline.mark.word, "Not fit to be judged");
    assert!(nothing.endpoints.missing.is_some());
}

#[test]
fn failing_checks_and_their_groups_come_first() {
    let check = |group: &str, name: &str, fails| Check {
        group: Some(group.to_owned()),
        name: name.to_owned(),
        passes: 3,
        fails,
    };
    let checks = [
        check("", "root", 0),
        check("::calm", "fine", 0),
        check("::a::b", "holds", 0),
        check("::a::b", "breaks", 1),
        check(&"::deep".repeat(1000), "far", 0),
    ];
    let checks = Checks::of(&checks).shown.expect("checks");
    let lines: Vec<(usize, &str)> = checks
        .rows
        .iter()
        .map(|row| (row.depth, row.name.as_str()))
        .collect();
    assert_eq!(
        lines[..6],
        [
            (0, "root"),
            (0, "a"),
            (1, "b"),
            (2, "breaks"),
            (2, "holds"),
            (0, "calm")
        ]
    );
    assert_eq!(checks.rows[1].fails, "1", "a group adds up its checks");
    assert!(checks.rows.iter().all(|row| row.depth <= 6));
}

#[test]
fn long_names_are_cut() {
    let name = "é".repeat(10_000);
    let page = page(
        &run(&[("http_req_duration", &[("name", &name)], 0, 5.0)]),
        &[],
    );
    let rows = page.endpoints.shown.expect("endpoints").rows;
    assert_eq!(
        rows[0].title.chars().count(),
        1 + HEAVIEST_NAME / 'é'.len_utf8()
    );
    assert!(rows[0].title.ends_with('…'));
}

#[test]
fn control_and_direction_characters_become_visible() {
    let tags = [("name", "a\u{202e}b\nc"), ("method", "GET")];
    let page = page(&run(&[("http_req_duration", &tags, 0, 5.0)]), &[]);
    let rows = page.endpoints.shown.expect("endpoints").rows;
    assert_eq!(rows[0].title, "GET a\\u{202e}b\\u{a}c");
}
