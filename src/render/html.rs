//! HTML: one self-contained file for one run.

use std::io::Write;

use handlebars::Handlebars;
use serde::Serialize;

use crate::charts::{self, Width};
use crate::error::{Error, Result};
use crate::report::page::Page;

const TEMPLATE: &str = include_str!("../../templates/report.hbs");
const STYLE: &str = include_str!("../../templates/report.css");

/// What the template is given.
#[derive(Serialize)]
struct Context<'a> {
    #[serde(flatten)]
    page: &'a Page,
    style: String,
    charts: Charts,
}

/// The charts; `None` where the page says why there is none.
#[derive(Serialize)]
struct Charts {
    rates: Option<Picture>,
    percentiles: Option<Picture>,
    distribution: Option<Picture>,
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
}

/// Writes a run's page.
///
/// # Errors
/// When a chart or the template fails, which is a defect, or when it cannot be written.
pub fn page(page: &Page, out: &mut dyn Write) -> Result<()> {
    let over_time = page.over_time.shown.as_ref();
    let distribution = page.distribution.shown.as_ref();
    let context = Context {
        page,
        style: format!("{STYLE}{}", charts::theme::stylesheet()),
        charts: Charts {
            rates: over_time
                .map(|data| Picture::draw(|width| charts::rates(data, width)))
                .transpose()?,
            percentiles: over_time
                .map(|data| Picture::draw(|width| charts::percentiles(data, width)))
                .transpose()?,
            distribution: distribution
                .map(|data| Picture::draw(|width| charts::distribution(data, width)))
                .transpose()?,
        },
    };
    let mut handlebars = Handlebars::new();
    // A name that the context lacks is a mistake and no empty text.
    handlebars.set_strict_mode(true);
    let text = handlebars
        .render_template(TEMPLATE, &context)
        .map_err(|error| Error::Template(Box::new(error)))?;
    out.write_all(text.as_bytes()).map_err(Error::from)
}
