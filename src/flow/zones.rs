//! Time zones by other names: other languages, other cities, abbreviations, offsets.

use chrono_tz::TZ_VARIANTS;

use crate::name::nearest;

/// Shorter names are not compared with places: any of them would be similar.
const SHORT_NAME: usize = 5;

/// Common names, in lower case, with the time zone that is meant.
const USUAL: [(&[&str], &str); 32] = [
    (&["utc+0", "utc-0", "gmt+00:00", "z", "zulu", "coordinated universal time"], "UTC"),
    (&["wien"], "Europe/Vienna"),
    (
        &["mez", "mesz", "cest", "hamburg", "munich", "münchen", "muenchen", "frankfurt", "köln", "koeln"],
        "Europe/Berlin",
    ),
    (&["zürich", "genf", "geneva", "bern", "basel"], "Europe/Zurich"),
    (&["rom", "roma", "mailand", "milan", "milano"], "Europe/Rome"),
    (&["prag", "praha"], "Europe/Prague"),
    (&["warschau", "warszawa"], "Europe/Warsaw"),
    (&["brüssel", "bruxelles"], "Europe/Brussels"),
    (&["lissabon", "lisboa"], "Europe/Lisbon"),
    (&["athen"], "Europe/Athens"),
    (&["kopenhagen"], "Europe/Copenhagen"),
    (&["moskau", "moskva"], "Europe/Moscow"),
    (&["bukarest"], "Europe/Bucharest"),
    (&["barcelona"], "Europe/Madrid"),
    (&["bst", "england", "edinburgh", "manchester"], "Europe/London"),
    (&["eest"], "Europe/Helsinki"),
    (&["edt", "et", "us-eastern", "eastern", "boston", "washington", "miami", "atlanta"], "America/New_York"),
    (&["cst", "cdt", "ct", "central", "houston", "dallas", "austin"], "America/Chicago"),
    (&["mdt", "mt", "mountain"], "America/Denver"),
    (&["pst", "pdt", "pt", "pacific", "san_francisco", "seattle", "san_diego"], "America/Los_Angeles"),
    (&["akst", "akdt"], "America/Anchorage"),
    (&["montreal", "ottawa"], "America/Toronto"),
    (&["rio", "rio_de_janeiro", "brasilia", "brt"], "America/Sao_Paulo"),
    (&["ist", "mumbai", "bombay", "delhi", "new_delhi", "bangalore", "chennai", "india"], "Asia/Kolkata"),
    (&["beijing", "peking", "shenzhen"], "Asia/Shanghai"),
    (&["jst", "osaka", "kyoto"], "Asia/Tokyo"),
    (&["kst", "busan"], "Asia/Seoul"),
    (&["sgt"], "Asia/Singapore"),
    (&["saigon", "hanoi"], "Asia/Ho_Chi_Minh"),
    (&["aest", "aedt", "canberra"], "Australia/Sydney"),
    (&["nzst", "nzdt", "wellington"], "Pacific/Auckland"),
    (&["abu_dhabi"], "Asia/Dubai"),
];

/// The time zone that was probably meant by an unknown name: by other spellings, by similarity of the whole name, or of
/// the place alone.
pub(super) fn nearest_zone(name: &str) -> Option<&'static str> {
    let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
    let name = name.trim().replace(' ', "_");
    if let Some(same) = names().find(|known| known.eq_ignore_ascii_case(&name)) {
        return Some(same);
    }
    let last = name.rsplit('/').next().unwrap_or(&name).to_lowercase();
    if let Some((_, zone)) = USUAL.iter().find(|(usual, _)| usual.contains(&last.as_str())) {
        return Some(zone);
    }
    let place = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
    if let Some(same) = names().find(|known| place(known).eq_ignore_ascii_case(&last)) {
        return Some(same);
    }
    if name.len() < SHORT_NAME {
        return None;
    }
    nearest(&name, names()).or_else(|| {
        let meant = nearest(&name, names().map(place))?;
        names().find(|known| place(known) == meant)
    })
}

/// What to write instead of an offset like `UTC+1`.
pub(super) fn offset_zone(name: &str) -> Option<String> {
    /// The largest offset of clocks from UTC, in hours.
    const MOST: u32 = 14;
    let offset = name.trim().trim_start_matches("UTC").trim_start_matches("GMT").trim();
    let (sign, hours) =
        offset.strip_prefix('+').map(|hours| ('-', hours)).or_else(|| Some(('+', offset.strip_prefix('-')?)))?;
    let hours: u32 =
        hours.strip_suffix(":00").unwrap_or(hours).parse().ok().filter(|hours| (1..=MOST).contains(hours))?;
    let ahead = if sign == '-' { "ahead of" } else { "behind" };
    let unit = if hours == 1 { "hour" } else { "hours" };
    // POSIX counts in the other direction, and so do these names.
    Some(format!(
        "write a place, like `Europe/Berlin`, or `Etc/GMT{sign}{hours}`, which is always {hours} {unit} {ahead} UTC"
    ))
}

#[cfg(test)]
mod tests {
    use super::{nearest_zone, offset_zone};

    #[test]
    fn usual_names_lead_to_a_time_zone() {
        for (name, zone) in [
            ("Europe/Wien", "Europe/Vienna"),
            ("europe/vienna", "Europe/Vienna"),
            ("Wien", "Europe/Vienna"),
            ("Berlin", "Europe/Berlin"),
            ("Europe/Belrin", "Europe/Berlin"),
            ("America/New York", "America/New_York"),
            ("utc", "UTC"),
            ("PST", "America/Los_Angeles"),
            ("CEST", "Europe/Berlin"),
            ("Europe/Zürich", "Europe/Zurich"),
        ] {
            assert_eq!(nearest_zone(name), Some(zone), "{name}");
        }
        assert_eq!(nearest_zone("nowhere/at/all/in/the/world"), None);
    }

    #[test]
    fn every_usual_name_leads_to_a_zone_that_there_is() {
        for (_, zone) in super::USUAL {
            assert!(zone.parse::<chrono_tz::Tz>().is_ok(), "{zone}");
        }
    }

    #[test]
    fn an_offset_is_answered_by_its_zone() {
        assert!(offset_zone("UTC+1").is_some_and(|help| help.contains("`Etc/GMT-1`")));
        assert!(offset_zone("GMT-05:00").is_some_and(|help| help.contains("`Etc/GMT+5`")));
        for name in ["Europe/Wien", "UTC+15", "UTC", "+0"] {
            assert_eq!(offset_zone(name), None, "{name}");
        }
    }
}
