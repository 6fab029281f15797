//! Where lines of text end.

use super::super::measure::Font;

const FONT: Font = Font { size: 13.0, bold: true };

#[test]
fn lines_end_where_they_may() {
    // The text, the most lines, and what comes of it at 170 pixels.
    let cases: [(&str, usize, &[&str]); 13] = [
        ("a number of reminders < 2", 4, &["a number of", "reminders < 2"]),
        ("answered in time && reminders < 2", 4, &["answered in time", "&& reminders < 2"]),
        (
            "total_amount_of_the_invoice - paid_until_today > 0",
            4,
            &["total_amount_of_", "the_invoice -", "paid_until_today > 0"],
        ),
        ("", 4, &[""]),
        ("pay", 4, &["pay"]),
        ("Somebody has to look at it", 4, &["Somebody has", "to look at it"]),
        ("and_reminder_parcel_19", 4, &["and_reminder_", "parcel_19"]),
        ("one, two, three, four, five, six, seven, eight", 2, &["one, two, three, four,", "five, six, seven, eight"]),
        (
            "one two three four five six seven eight nine ten eleven",
            2,
            &["one two three four five", "six seven eight nine…"],
        ),
        ("今天是星期几？这是一个很长的问题，用来测试", 4, &["今天是星期几？这是一个", "很长的问题，用来测试"]),
        ("周六去买食物和饮料，然后", 4, &["周六去买食物", "和饮料，然后"]),
        ("「はい」と「いいえ」のどちらですか？「さあ」", 4, &["「はい」と「いいえ」の", "どちらですか？「さあ」"]),
        ("Donaudampfschifffahrtsgesellschaftskapitän", 4, &["Donaudampfschifffahrt", "sgesellschaftskapitän"]),
    ];
    for (text, most, lines) in cases {
        assert_eq!(FONT.wrap(text, 170.0, most), lines, "{text}");
    }
}

#[test]
fn no_line_is_wider_than_it_may_be_and_nothing_is_lost() {
    let words = ["a", "check", "_of_", "周六，", "(", "customers", "…", "x".repeat(40).leak(), " ", "e\u{301}", "🎉"];
    for seed in 0..200usize {
        let text: String = (0..1 + seed % 12).map(|at| words[(seed * 7 + at * at * 3) % words.len()]).collect();
        let lines = FONT.wrap(&text, 170.0, usize::MAX);
        assert!(lines.iter().all(|line| FONT.width(line) <= 170.0), "{text}: {lines:?}");
        assert!(!lines.iter().any(|line| line.starts_with('，')), "{text}: {lines:?}");
        let bare = |text: &str| text.replace(' ', "");
        assert_eq!(bare(&lines.concat()), bare(&text), "{lines:?}");
        assert_eq!(lines, FONT.wrap(&text, 170.0, lines.len()), "{text}");
    }
}
