//! Command lines in messages: a shell takes each part of them as it is.

use std::borrow::Cow;

/// Characters that no shell reads as anything but themselves, beside letters and digits.
const PLAIN: &[u8] = b"_./:@%+,=-";

/// `text` as one word of a POSIX shell: as it is, or in quotes.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || PLAIN.contains(&b));
    if is_plain { Cow::Borrowed(text) } else { Cow::Owned(format!("'{}'", text.replace('\'', r"'\''"))) }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_shell_takes_it_as_it_is() {
        assert_eq!(quoted("http=api.example.com:80"), "http=api.example.com:80");
        assert_eq!(quoted("files=Ann's"), r"'files=Ann'\''s'");
        for text in ["", "http=*", "http=$(id)", "a;id", "a&b", "`id`", "a b", "~", "a\nb", "\u{e9}", "http=[::1]"] {
            assert_eq!(quoted(text), format!("'{text}'"));
        }
    }
}
