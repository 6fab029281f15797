//! The shapes of boxes: each kind has its own, so that they are distinguishable without colour.

use std::fmt::Write as _;

use super::super::NodeKind;
use super::super::face::{CLOCK, CUT, NOTCH, SECOND, STADIUM};
use super::super::layout::Rect;
use super::number;

/// The centre of a box's text.
pub(super) fn text_middle(kind: NodeKind, rect: Rect) -> f64 {
    let aside = match kind {
        NodeKind::Wait => CLOCK / 2.0,
        NodeKind::Event => NOTCH / 2.0,
        _ => 0.0,
    };
    rect.x + rect.width / 2.0 + aside
}

/// A box's outline, with the marks of its kind.
pub(super) fn shape(svg: &mut String, kind: NodeKind, rect: Rect) {
    let middle = (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0);
    let stadium = (rect.height / 2.0).min(STADIUM);
    match kind {
        NodeKind::Entry => {
            let (x, y, r) = (number(middle.0), number(middle.1), number(rect.width / 2.0));
            let _ = write!(svg, "<circle class=\"shape\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>");
        }
        NodeKind::Action => rounded(svg, "shape", rect, 8.0),
        NodeKind::Decision => {
            let inset = rect.height * 0.4;
            let points = [(inset, 0.0), (rect.width - inset, 0.0), (rect.width, rect.height / 2.0)];
            let rest = [(rect.width - inset, rect.height), (inset, rect.height), (0.0, rect.height / 2.0)];
            polygon(svg, rect, points.into_iter().chain(rest));
        }
        NodeKind::Wait => {
            rounded(svg, "shape", rect, stadium);
            clock(svg, rect.x + stadium * 0.45 + CLOCK / 2.0, middle.1);
        }
        NodeKind::Start => {
            rounded(svg, "shape", rect, 2.0);
            let (top, height) = (number(rect.y), number(rect.height));
            for x in [rect.x + SECOND, rect.x + rect.width - SECOND] {
                let _ = write!(svg, "<path class=\"mark\" d=\"M{} {top}v{height}\"/>", number(x));
            }
        }
        NodeKind::Result => {
            rounded(svg, "shape", rect, stadium);
            let inner = Rect { x: rect.x + 3.5, y: rect.y + 3.5, width: rect.width - 7.0, height: rect.height - 7.0 };
            rounded(svg, "mark", inner, stadium - 3.5);
        }
        NodeKind::Failure => {
            let (w, h) = (rect.width, rect.height);
            let upper = [(CUT, 0.0), (w - CUT, 0.0), (w, CUT), (w, h - CUT)];
            let lower = [(w - CUT, h), (CUT, h), (0.0, h - CUT), (0.0, CUT)];
            polygon(svg, rect, upper.into_iter().chain(lower));
        }
        NodeKind::Event => {
            let (w, h) = (rect.width, rect.height);
            let points = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h), (NOTCH, h / 2.0)];
            polygon(svg, rect, points);
        }
    }
}

fn rounded(svg: &mut String, class: &str, rect: Rect, radius: f64) {
    let _ = write!(
        svg,
        "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
        number(rect.x),
        number(rect.y),
        number(rect.width),
        number(rect.height),
        number(radius)
    );
}

fn polygon(svg: &mut String, rect: Rect, points: impl IntoIterator<Item = (f64, f64)>) {
    let points = points.into_iter().map(|(x, y)| format!("{},{}", number(rect.x + x), number(rect.y + y)));
    let _ = write!(svg, "<polygon class=\"shape\" points=\"{}\"/>", points.collect::<Vec<_>>().join(" "));
}

fn clock(svg: &mut String, x: f64, y: f64) {
    let (cx, cy) = (number(x), number(y));
    let _ = write!(svg, "<circle class=\"mark\" cx=\"{cx}\" cy=\"{cy}\" r=\"6.5\"/>");
    let _ = write!(svg, "<path class=\"mark\" d=\"M{cx} {}V{cy}h3\"/>", number(y - 4.0));
}
