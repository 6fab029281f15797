//! A picture as an image: the SVG, drawn with the fonts of this machine.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Family, Query};
use resvg::usvg::{Options, Size, Tree};

use super::exit::Failure;

/// The most pixels of an image; each takes four bytes during drawing.
const MAX_PIXELS: u32 = 50_000_000;
/// Image pixels per picture pixel: letters stay sharp on high-resolution screens.
const SCALE: f32 = 2.0;
/// Common fonts without serifs, in the order of preference.
const FONTS: [&str; 8] =
    ["Arial", "Helvetica", "Liberation Sans", "Noto Sans", "Segoe UI", "Roboto", "Ubuntu", "DejaVu Sans"];

/// Draws an SVG as PNG at twice its size, or at its own size if twice would be too large.
pub(super) fn png(svg: &str) -> Result<Vec<u8>, Failure> {
    let mut options = Options::default();
    let family = load_fonts(options.fontdb_mut())?;
    options.font_family = family;
    let tree = Tree::from_str(svg, &options).map_err(|why| failed(&why))?;
    let size = tree.size();
    let scale =
        [SCALE, 1.0].into_iter().find(|scale| pixels(size, *scale) <= f64::from(MAX_PIXELS)).ok_or_else(|| {
            let message = format!(
                "an image of {} × {} pixels is too large: it holds {MAX_PIXELS} pixels (MAX_PIXELS)",
                size.width().ceil(),
                size.height().ceil()
            );
            Failure::usage(message).with_help("draw an SVG, which has no such bound: `-o FILE.svg`")
        })?;
    let scaled = size.scale_by(scale).unwrap_or(size).to_int_size();
    let mut image = Pixmap::new(scaled.width(), scaled.height()).ok_or_else(|| failed(&"it has no size"))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut image.as_mut());
    image.encode_png().map_err(|why| failed(&why))
}

fn pixels(size: Size, scale: f32) -> f64 {
    f64::from(size.width() * scale) * f64::from(size.height() * scale)
}

fn failed(why: &dyn std::fmt::Display) -> Failure {
    Failure::storage(format!("the image cannot be drawn: {why}"))
}

/// Loads the fonts of this machine and chooses one for `sans-serif`. Without a font, all labels would be missing, and
/// nothing would say so.
fn load_fonts(fonts: &mut Database) -> Result<String, Failure> {
    fonts.load_system_fonts();
    let family = sans_serif(fonts)?;
    fonts.set_sans_serif_family(family.clone());
    Ok(family)
}

fn sans_serif(fonts: &Database) -> Result<String, Failure> {
    let known = |name: &&&str| fonts.query(&Query { families: &[Family::Name(name)], ..Query::default() }).is_some();
    let first = || fonts.faces().next().and_then(|face| face.families.first()).map(|(name, _)| name.clone());
    FONTS.iter().find(known).map(|name| (*name).to_owned()).or_else(first).ok_or_else(|| {
        let help = "install one (on Debian and Ubuntu `apt install fonts-dejavu-core`), or draw an SVG: `-o FILE.svg`";
        Failure::storage("no font was found on this machine, so an image would have no text").with_help(help)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(width: u32, inner: &str) -> String {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"20\">{inner}</svg>")
    }

    #[test]
    fn text_is_drawn_or_its_lack_is_said() {
        let text = "<text x=\"2\" y=\"15\" font-family=\"no-such-font,sans-serif\">label</text>";
        match png(&svg(60, text)) {
            Ok(image) => {
                let image = Pixmap::decode_png(&image).unwrap();
                assert_eq!((image.width(), image.height()), (120, 40));
                assert!(image.pixels().iter().filter(|pixel| pixel.alpha() > 200).count() > 50);
            }
            Err(why) => assert!(why.message.unwrap().starts_with("no font was found")),
        }
        let none = sans_serif(&Database::new()).unwrap_err();
        assert!(none.message.unwrap().starts_with("no font was found") && none.help.unwrap().contains("install one"));
    }

    #[test]
    fn what_is_too_large_twice_as_large_is_drawn_once_or_refused() {
        if sans_serif(&{
            let mut fonts = Database::new();
            fonts.load_system_fonts();
            fonts
        })
        .is_err()
        {
            return;
        }
        let image = Pixmap::decode_png(&png(&svg(1_000_000, "")).unwrap()).unwrap();
        assert_eq!((image.width(), image.height()), (1_000_000, 20));
        assert!(png(&svg(3_000_000, "")).unwrap_err().message.unwrap().contains("MAX_PIXELS"));
    }
}
