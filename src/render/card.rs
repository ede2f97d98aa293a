//! The first screen of a page as a picture of its own: SVG, or PNG made of it.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};

use crate::charts;
use crate::error::{Error, Result};
use crate::report::page::Page;

/// Pixels of the PNG for each of the SVG, for screens with small ones.
const DENSITY: f32 = 2.0;

/// Draws a page's card as a whole SVG document.
///
/// # Errors
/// When plotters fails, which is a defect.
pub fn svg(page: &Page) -> Result<String> {
    charts::card(page)
}

/// Draws a page's card as a PNG, in a font that comes along, so that it looks the same everywhere.
/// Letters that the font lacks are left out.
///
/// # Errors
/// When the picture cannot be made, which is a defect.
pub fn png(page: &Page) -> Result<Vec<u8>> {
    let mut fonts = Database::new();
    fonts.load_font_data(dejavu::sans::regular().to_vec());
    fonts.load_font_data(dejavu::sans::bold().to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    let options = Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: Arc::new(fonts),
        ..Options::default()
    };
    let broken = |error: &dyn std::fmt::Display| Error::Chart(error.to_string());
    let tree = Tree::from_str(&svg(page)?, &options).map_err(|error| broken(&error))?;
    let size = tree.size().to_int_size().scale_by(DENSITY);
    let size = size.ok_or_else(|| broken(&"the picture has no size"))?;
    let mut pixels = Pixmap::new(size.width(), size.height())
        .ok_or_else(|| broken(&"the picture has no size"))?;
    resvg::render(
        &tree,
        Transform::from_scale(DENSITY, DENSITY),
        &mut pixels.as_mut(),
    );
    pixels.encode_png().map_err(|error| broken(&error))
}
