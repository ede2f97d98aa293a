//! HTML: one self-contained file for one run, and a list of several.

use std::io::Write;

use handlebars::Handlebars;
use serde::Serialize;

use crate::charts::{self, Width};
use crate::error::{Error, Result};
use crate::report::page::{Index, Page};

const TEMPLATE: &str = include_str!("../../templates/report.hbs");
const INDEX_TEMPLATE: &str = include_str!("../../templates/index.hbs");
/// The script of a page, which is written beside it where it must not be in it.
pub const SCRIPT: &str = include_str!("../../templates/report.js");
const STYLE: &str = include_str!("../../templates/report.css");

/// The parts of pages by name.
const PARTS: [(&str, &str); 18] = [
    (
        "against-baseline",
        include_str!("../../templates/parts/against-baseline.hbs"),
    ),
    (
        "change-rows",
        include_str!("../../templates/parts/change-rows.hbs"),
    ),
    ("checks", include_str!("../../templates/parts/checks.hbs")),
    (
        "distribution",
        include_str!("../../templates/parts/distribution.hbs"),
    ),
    (
        "endpoints",
        include_str!("../../templates/parts/endpoints.hbs"),
    ),
    ("extras", include_str!("../../templates/parts/extras.hbs")),
    ("groups", include_str!("../../templates/parts/groups.hbs")),
    (
        "masthead",
        include_str!("../../templates/parts/masthead.hbs"),
    ),
    (
        "metric-tables",
        include_str!("../../templates/parts/metric-tables.hbs"),
    ),
    ("metrics", include_str!("../../templates/parts/metrics.hbs")),
    ("origin", include_str!("../../templates/parts/origin.hbs")),
    (
        "over-time",
        include_str!("../../templates/parts/over-time.hbs"),
    ),
    ("phases", include_str!("../../templates/parts/phases.hbs")),
    ("picture", include_str!("../../templates/parts/picture.hbs")),
    (
        "responses",
        include_str!("../../templates/parts/responses.hbs"),
    ),
    ("script", include_str!("../../templates/parts/script.hbs")),
    (
        "thresholds",
        include_str!("../../templates/parts/thresholds.hbs"),
    ),
    ("style", include_str!("../../templates/parts/style.hbs")),
];

/// What the template is given.
#[derive(Serialize)]
struct Context<'a> {
    #[serde(flatten)]
    page: &'a Page,
    #[serde(flatten)]
    assets: Assets<'a>,
    charts: Charts,
}

/// What the template of the list is given.
#[derive(Serialize)]
struct ListContext<'a> {
    #[serde(flatten)]
    index: &'a Index,
    #[serde(flatten)]
    assets: Assets<'a>,
}

/// Style and script, or where they lie.
#[derive(Serialize)]
pub(super) struct Assets<'a> {
    /// The folder with them, as the page links to it, with a slash at its end.
    folder: Option<&'a str>,
    style: String,
    script: &'static str,
}

impl<'a> Assets<'a> {
    pub(super) fn new(folder: Option<&'a str>) -> Self {
        Self {
            folder,
            style: style(),
            script: SCRIPT,
        }
    }
}

/// The style sheet of all pages.
#[must_use]
pub fn style() -> String {
    format!("{STYLE}{}", charts::theme::stylesheet())
}

/// The charts; `None` where the page says why there is none.
#[derive(Serialize)]
struct Charts {
    overview: Option<Picture>,
    load: Option<Picture>,
    percentiles: Option<Picture>,
    heat: Option<Picture>,
    data: Option<Picture>,
    distribution: Option<Picture>,
    tail: Option<Picture>,
    against_load: Option<Picture>,
    /// The small distributions, an endpoint each.
    spreads: Vec<String>,
    /// The courses of metrics, in the order of the sections that hold them.
    courses: Vec<Vec<String>>,
}

/// A chart for each width.
#[derive(Serialize)]
struct Picture {
    wide: String,
    narrow: String,
}

impl Picture {
    fn draw(chart: impl Fn(Width) -> Result<String>) -> Result<Self> {
        Ok(Self {
            wide: chart(Width::Wide)?,
            narrow: chart(Width::Narrow)?,
        })
    }

    fn of<T>(
        data: Option<&T>,
        chart: impl Fn(&T, Width) -> Result<String>,
    ) -> Result<Option<Self>> {
        data.map(|data| Self::draw(|width| chart(data, width)))
            .transpose()
    }
}

impl Charts {
    fn draw(page: &Page) -> Result<Self> {
        let over_time = page.over_time.shown.as_ref();
        let distribution = page.distribution.shown.as_ref();
        let baseline = distribution.and_then(|shown| shown.baseline_name.as_deref());
        let heat = over_time.and_then(|data| Some((data, data.heat.as_ref()?)));
        let data = over_time.filter(|data| data.data_sentence.is_some());
        let endpoints = page.endpoints.shown.iter().flat_map(|shown| &shown.rows);
        let courses = page.extras.iter().map(|extra| {
            let courses = extra.courses.iter();
            courses
                .map(|course| charts::spark(&course.values))
                .collect()
        });
        Ok(Self {
            overview: Picture::of(over_time, charts::overview)?,
            load: Picture::of(over_time, charts::load)?,
            percentiles: Picture::of(over_time, charts::percentiles)?,
            heat: Picture::of(heat.as_ref(), |(data, heat), width| {
                charts::heat(data, heat, width)
            })?,
            data: Picture::of(data, charts::data)?,
            distribution: Picture::of(distribution, charts::distribution)?,
            tail: Picture::of(distribution, charts::tail)?,
            against_load: Picture::of(page.against_load.shown.as_ref(), |data, width| {
                charts::against_load(data, baseline, width)
            })?,
            spreads: endpoints
                .map(|row| charts::spread(&row.spread))
                .collect::<Result<_>>()?,
            courses: courses.collect::<Result<_>>()?,
        })
    }
}

/// Writes a run's page. Style and script are in it, unless `assets` is the folder with them, as the
/// page links to it, with a slash at its end.
///
/// # Errors
/// When a chart or the template fails, which is a defect, or when it cannot be written.
pub fn page(page: &Page, assets: Option<&str>, out: &mut dyn Write) -> Result<()> {
    let context = Context {
        page,
        assets: Assets::new(assets),
        charts: Charts::draw(page)?,
    };
    write(TEMPLATE, &context, out)
}

/// Writes the list of several pages; `assets` as in [`page`].
///
/// # Errors
/// When the template fails, which is a defect, or when it cannot be written.
pub fn index(index: &Index, assets: Option<&str>, out: &mut dyn Write) -> Result<()> {
    let context = ListContext {
        index,
        assets: Assets::new(assets),
    };
    write(INDEX_TEMPLATE, &context, out)
}

/// Writes a template with the parts that all pages share.
pub(super) fn write(template: &str, context: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    let broken = |error: handlebars::RenderError| Error::Template(Box::new(error));
    let mut handlebars = Handlebars::new();
    // A name that the context lacks is a mistake and no empty text.
    handlebars.set_strict_mode(true);
    for (name, part) in PARTS {
        handlebars
            .register_partial(name, part)
            .map_err(|error| broken(error.into()))?;
    }
    let text = handlebars
        .render_template(template, context)
        .map_err(broken)?;
    out.write_all(text.as_bytes()).map_err(Error::from)
}
