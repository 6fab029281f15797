//! The places of the parts of a plain value, so that a finding can point at the part.

use crate::diagnostic::Span;

/// The items of a list or the fields of a map, with their places; empty for a scalar.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Parts(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
struct Part {
    /// The name of a field; none for an item.
    name: Option<String>,
    span: Span,
    parts: Parts,
}

impl Parts {
    /// Adds an item, or the field `name`.
    pub(super) fn push(&mut self, name: Option<&str>, span: Span, parts: Self) {
        self.0.push(Part { name: name.map(str::to_owned), span, parts });
    }

    /// The place of the part at `path`, written as in messages: `[2].price`. If the path does not exist, the place of
    /// its last part that does.
    pub(crate) fn find(&self, path: &str) -> Option<Span> {
        let (part, rest) = match path.strip_prefix('[') {
            Some(rest) => {
                let (number, rest) = rest.split_once(']')?;
                (self.0.get(number.parse::<usize>().ok()?)?, rest)
            }
            None => {
                let path = path.strip_prefix('.').unwrap_or(path);
                // A name may contain anything; the longest one that fits is taken.
                let named = self.0.iter().filter_map(|part| Some((part, path.strip_prefix(part.name.as_deref()?)?)));
                named.min_by_key(|(_, rest)| rest.len())?
            }
        };
        part.parts.find(rest).or(Some(part.span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_part_or_as_far_as_there_is_one() {
        let span = |at| Span::new(at, at + 1);
        let mut line = Parts::default();
        line.push(Some("price"), span(1), Parts::default());
        line.push(Some("price.net"), span(2), Parts::default());
        let mut lines = Parts::default();
        lines.push(None, span(3), Parts::default());
        lines.push(None, span(4), line);
        for (path, found) in [
            ("", None),
            ("[0]", Some(3)),
            ("[1].price", Some(1)),
            ("[1].price.net", Some(2)),
            ("[1].name", Some(4)),
            ("[2]", None),
            ("[x]", None),
        ] {
            assert_eq!(lines.find(path), found.map(span), "{path}");
        }
    }
}
