//! Where the parts of a plain value stand, so that a finding about one of them stands at it.

use crate::diagnostic::Span;

/// The items of a list or the fields of a map, with their places; none of a scalar.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parts(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
struct Part {
    /// The name of the field; none of an item.
    name: Option<String>,
    span: Span,
    parts: Parts,
}

impl Parts {
    /// Adds an item, or the field `name`.
    pub(super) fn push(&mut self, name: Option<&str>, span: Span, parts: Self) {
        self.0.push(Part { name: name.map(str::to_owned), span, parts });
    }

    /// Where the part stands that `path` leads to, as messages write it: `[2].price`. If it leads to nothing that is
    /// written, where the last part on the way stands.
    pub(crate) fn find(&self, path: &str) -> Option<Span> {
        let (part, rest) = match path.strip_prefix('[') {
            Some(rest) => {
                let (number, rest) = rest.split_once(']')?;
                (self.0.get(number.parse::<usize>().ok()?)?, rest)
            }
            None => {
                let path = path.strip_prefix('.').unwrap_or(path);
                // A name may hold anything; the longest one that fits is meant.
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
