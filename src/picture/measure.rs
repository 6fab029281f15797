//! Text widths without a font at hand: a table for a wide sans serif, so that no text is too wide for its box.

/// Widths of the printable ASCII characters in DejaVu Sans, from the blank on, in thousandths of the font size. Other
/// common sans serifs are narrower.
const ASCII: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
    748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    337, 636, 838,
];
/// The width of letters of other scripts than those below, in thousandths.
const OTHER: u16 = 720;
/// Width of characters that fill a square, in thousandths.
const SQUARE: u16 = 1000;
/// Width of pictographs, in thousandths.
const PICTURE: u16 = 1400;
/// The factor by which bold letters are wider, at most.
const BOLD: f64 = 1.12;

/// How often narrower lines are tried.
const NARROWINGS: usize = 6;

/// A size and weight of letters.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Font {
    /// Pixels.
    pub(super) size: f64,
    /// Whether it is bold.
    pub(super) bold: bool,
}

impl Font {
    /// The width of `text`, in pixels.
    pub(super) fn width(self, text: &str) -> f64 {
        let thousandths: u32 = text.chars().map(|c| u32::from(width(c))).sum();
        let weight = if self.bold { BOLD } else { 1.0 };
        f64::from(thousandths) / 1000.0 * self.size * weight
    }

    /// Pixels from line to line.
    pub(super) fn line_height(self) -> f64 {
        (self.size * 1.3).round()
    }

    /// `text` in at most `lines` lines of at most `width` pixels and about equal length. A longer text ends with an
    /// ellipsis.
    pub(super) fn wrap(self, text: &str, width: f64, lines: usize) -> Vec<String> {
        let mut wrapped = self.fill(text, width);
        if wrapped.len() > lines {
            wrapped.truncate(lines);
            if let Some(last) = wrapped.last_mut() {
                while !last.is_empty() && self.width(last) + self.width("…") > width {
                    last.pop();
                }
                last.push('…');
            }
            return wrapped;
        }
        // The narrowest width with the same number of lines, without cutting whole pieces.
        let widest = self.pieces(text, width).iter().map(|piece| self.width(piece.trim_end())).fold(0.0, f64::max);
        let (mut least, mut most) = (widest.min(width), width);
        for _ in 0..NARROWINGS {
            let middle = (least + most) / 2.0;
            let narrower = self.fill(text, middle);
            if narrower.len() > wrapped.len() {
                least = middle;
            } else {
                most = middle;
                wrapped = narrower;
            }
        }
        wrapped
    }

    /// `text` in lines that are as full as possible.
    fn fill(self, text: &str, width: f64) -> Vec<String> {
        let mut filled: Vec<String> = Vec::new();
        let mut line = String::new();
        for piece in self.pieces(text, width) {
            let mut rest = piece.as_str();
            while !rest.is_empty() {
                let joined = format!("{line}{rest}");
                if self.width(joined.trim_end()) <= width {
                    line = joined;
                    break;
                }
                if line.trim().is_empty() {
                    // A piece longer than a line is cut at the end of the line.
                    let (head, tail) = self.cut(rest, width);
                    filled.push(head.to_owned());
                    line.clear();
                    rest = tail;
                } else {
                    filled.push(std::mem::take(&mut line).trim().to_owned());
                }
            }
        }
        if !line.trim().is_empty() || filled.is_empty() {
            filled.push(line.trim().to_owned());
        }
        filled
    }

    /// The parts of `text` that stay on one line: pieces, and comparisons and sums as a whole if they fit.
    fn pieces(self, text: &str, width: f64) -> Vec<String> {
        let mut joined: Vec<String> = Vec::new();
        let mut held = false;
        for piece in self.torn(text, width, Break::Words) {
            let is_sign = JOINS.contains(&piece.trim_end());
            match joined.last_mut() {
                Some(last) if (held || is_sign) && self.width(&format!("{last}{}", piece.trim_end())) <= width => {
                    last.push_str(piece);
                }
                _ => joined.push(piece.to_owned()),
            }
            held = is_sign;
        }
        joined
    }

    /// The parts of `text` between which a line may end. What fits on a line is not split further.
    fn torn(self, text: &str, width: f64, at: Break) -> Vec<&str> {
        let pieces = at.split(text).into_iter();
        let torn = pieces.flat_map(|piece| match at.next() {
            Some(next) if self.width(piece.trim_end()) > width => self.torn(piece, width, next),
            _ => vec![piece],
        });
        torn.collect()
    }

    /// As much of `text` as fits, at least one character, and the rest.
    fn cut(self, text: &str, width: f64) -> (&str, &str) {
        let mut used = 0.0;
        let mut buffer = [0; 4];
        let end = text.char_indices().skip_while(|(at, c)| {
            used += self.width(c.encode_utf8(&mut buffer));
            *at == 0 || used <= width
        });
        let end = end.map(|(at, _)| at).next().unwrap_or(text.len());
        text.split_at_checked(end).unwrap_or((text, ""))
    }
}

/// Signs that belong to both of their sides: a line break there would split `count < 2`.
const JOINS: [&str; 15] = ["<", ">", "<=", ">=", "==", "!=", "+", "-", "*", "/", "%", "=", "in", "??", ".."];

/// Where a line may end, best places first. A word is not split if it fits on a line.
#[derive(Clone, Copy)]
enum Break {
    /// After blanks, and between letters of scripts without blanks, but not before closing punctuation.
    Words,
    /// After punctuation that joins words, and before a point: parts of a path, a date, a call.
    Parts,
    /// After the underscores of a name.
    Names,
}

impl Break {
    const fn next(self) -> Option<Self> {
        match self {
            Self::Words => Some(Self::Parts),
            Self::Parts => Some(Self::Names),
            Self::Names => None,
        }
    }

    /// Whether a line may end between two characters.
    fn between(self, c: char, next: char) -> bool {
        match self {
            Self::Words => c == ' ' || (is_ideograph(c) || is_ideograph(next)) && !closes(next) && !opens(c),
            Self::Parts => matches!(c, '/' | '-' | ',') || next == '.',
            Self::Names => c == '_',
        }
    }

    /// The parts of `text` between which a line may end.
    fn split(self, text: &str) -> Vec<&str> {
        let mut pieces = Vec::new();
        let (mut rest, mut begin) = (text, 0);
        for ((_, c), (at, next)) in text.char_indices().zip(text.char_indices().skip(1)) {
            if next != ' ' && self.between(c, next) {
                let (piece, tail) = rest.split_at_checked(at - begin).unwrap_or((rest, ""));
                pieces.push(piece);
                (rest, begin) = (tail, at);
            }
        }
        pieces.push(rest);
        pieces
    }
}

/// Whether a line may end before or after this letter, because its script has no blanks.
fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x2e80..=0x9fff | 0xf900..=0xfaff | 0xfe30..=0xfe4f | 0xff00..=0xffef | 0x20000..=0x3ffff)
}

const fn closes(c: char) -> bool {
    matches!(
        c,
        '、' | '。'
            | '，'
            | '．'
            | '：'
            | '；'
            | '！'
            | '？'
            | '）'
            | '］'
            | '｝'
            | '」'
            | '』'
            | '】'
            | '》'
            | '〉'
            | '〕'
            | 'ー'
            | '々'
            | '…'
            | '’'
            | '”'
            | ','
            | '.'
            | ':'
            | ';'
            | '!'
            | '?'
            | ')'
            | ']'
            | '}'
            | ' '
            | '"'
    )
}

const fn opens(c: char) -> bool {
    matches!(c, '（' | '［' | '｛' | '「' | '『' | '【' | '《' | '〈' | '〔' | '‘' | '“' | '(' | '[' | '{')
}

fn width(c: char) -> u16 {
    let code = u32::from(c);
    if let Some(width) = code.checked_sub(0x20).and_then(|at| ASCII.get(at as usize)) {
        return *width;
    }
    match code {
        // Combining marks take no width.
        0x0300..=0x036f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
        // Chinese, Japanese, Korean, and full-width forms.
        0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe4f | 0xff00..=0xff60 => {
            SQUARE
        }
        0x2600..=0x27bf | 0x1f000..=0x1faff => PICTURE,
        0x2014 | 0x2026 | 0x2190..=0x25ff => SQUARE,
        0x0600..=0x1fff | 0x20000.. => SQUARE,
        _ => OTHER,
    }
}

/// `text` on one line that neither breaks a picture's syntax nor controls a terminal: control characters and direction
/// marks are dropped, blanks are joined.
pub(super) fn one_line(text: &str) -> String {
    let shown = |c: char| {
        let unfit = matches!(
            c,
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        );
        if c.is_whitespace() || c.is_control() { Some(' ') } else { Some(c).filter(|_| !unfit) }
    };
    let cleaned: String = text.chars().filter_map(shown).collect();
    cleaned.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The start of `text`, at most `most` characters including the ellipsis.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= most {
        return line;
    }
    let head: String = line.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", head.trim_end())
}
