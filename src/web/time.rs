//! Times as people read them: today 10:52, this week Wed, older 3 Nov, with the year after
//! twelve months. The full date and time stand beside each for who wants them.

use crate::web::cookies;
use axum::http::HeaderMap;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Prints times for one reader at one moment.
#[derive(Clone, Debug)]
pub struct Times {
    zone: TimeZone,
    now_ms: i64,
}

/// One time in the three forms a page needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// For the `datetime` attribute.
    pub iso: String,
    /// For the `title` attribute.
    pub full: String,
    /// For the eye.
    pub short: String,
}

impl Times {
    /// The reader's zone, which the dashboard's script leaves in a cookie; UTC before that.
    pub fn of_request(headers: &HeaderMap, now_ms: i64) -> Self {
        let named = cookies::read(headers, "tz").and_then(|value| {
            percent_encoding::percent_decode_str(value)
                .decode_utf8()
                .ok()
                .and_then(|name| TimeZone::get(&name).ok())
        });
        Self {
            zone: named.unwrap_or(TimeZone::UTC),
            now_ms,
        }
    }

    /// A zone and a moment given.
    pub fn new(zone: TimeZone, now_ms: i64) -> Self {
        Self { zone, now_ms }
    }

    /// When the page was made. A form that leads to a part of its own page carries it: a browser that
    /// is sent to the address it is at already, with a part in it, asks for nothing.
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn local(&self, ms: i64) -> Zoned {
        Timestamp::from_millisecond(ms)
            .unwrap_or_default()
            .to_zoned(self.zone.clone())
    }

    fn days_ago(&self, date: Date) -> i32 {
        self.local(self.now_ms)
            .date()
            .since(date)
            .map_or(i32::MAX, |span| span.get_days())
    }

    /// A time in all its forms.
    pub fn stamp(&self, ms: &i64) -> Stamp {
        let local = self.local(*ms);
        let days = self.days_ago(local.date());
        let short = match days {
            0 => local.strftime("%H:%M").to_string(),
            1..=6 => local.strftime("%a").to_string(),
            7..=364 => local.strftime("%-d %b").to_string(),
            _ => local.strftime("%-d %b %Y").to_string(),
        };
        Stamp {
            iso: crate::clock::iso8601(*ms),
            full: local.strftime("%A %-d %B %Y, %H:%M %Z").to_string(),
            short,
        }
    }

    /// Date and time to the second, for records.
    pub fn exact(&self, ms: &i64) -> Stamp {
        Stamp {
            short: self.local(*ms).strftime("%-d %b %Y, %H:%M:%S").to_string(),
            ..self.stamp(ms)
        }
    }

    /// The time of day, for messages under a heading that names the day.
    pub fn clock(&self, ms: &i64) -> Stamp {
        Stamp {
            short: self.local(*ms).strftime("%H:%M").to_string(),
            ..self.stamp(ms)
        }
    }

    /// The heading above the messages of a day.
    pub fn day(&self, ms: &i64) -> String {
        let local = self.local(*ms);
        match self.days_ago(local.date()) {
            0 => "Today".to_owned(),
            1 => "Yesterday".to_owned(),
            2..=364 => local.strftime("%A %-d %B").to_string(),
            _ => local.strftime("%-d %B %Y").to_string(),
        }
    }

    /// The heading above a stretch of a list that is sorted by time.
    pub fn stretch(&self, ms: &i64) -> &'static str {
        match self.days_ago(self.local(*ms).date()) {
            i32::MIN..=0 => "Today",
            1 => "Yesterday",
            2..=6 => "Earlier this week",
            7..=30 => "Earlier this month",
            _ => "Older",
        }
    }

    /// A moment that is not today, to the minute and with its zone: Fri 27 Nov, 10:00 CET.
    pub fn moment(&self, ms: &i64) -> String {
        self.local(*ms).strftime("%a %-d %b, %H:%M %Z").to_string()
    }

    /// How long until then, in words.
    pub fn ahead(&self, ms: &i64) -> String {
        let minutes = (ms - self.now_ms).max(0).saturating_add(59_999) / 60_000;
        let plural = |n: i64, unit: &str| format!("in {n} {unit}{}", if n == 1 { "" } else { "s" });
        match minutes {
            0..=119 => plural(minutes.max(1), "minute"),
            120..=2_879 => plural((minutes + 30) / 60, "hour"),
            _ => plural((minutes + 720) / 1_440, "day"),
        }
    }

    /// How long until something that happens by itself: to the second when it is near.
    pub fn soon(&self, ms: &i64) -> String {
        match (ms - self.now_ms + 999).max(0) / 1000 {
            0 => "now".to_owned(),
            seconds @ 1..=119 => format!("in {seconds} s"),
            _ => self.ahead(ms),
        }
    }

    /// The moment that a date and time field of the reader means; a time that the clocks skip is the
    /// one after it.
    pub fn typed(&self, text: &str) -> Option<i64> {
        let local: jiff::civil::DateTime = text.trim().parse().ok()?;
        Some(
            local
                .to_zoned(self.zone.clone())
                .ok()?
                .timestamp()
                .as_millisecond(),
        )
    }

    /// A moment as a date and time field holds it.
    pub fn field(&self, ms: &i64) -> String {
        self.local(*ms).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// The reader's zone, as people know it.
    pub fn zone_name(&self) -> String {
        self.zone.iana_name().unwrap_or("UTC").replace('_', " ")
    }

    /// How long ago, in words.
    pub fn ago(&self, ms: &i64) -> String {
        let seconds = (self.now_ms - ms).max(0) / 1000;
        let plural = |n: i64, unit: &str| format!("{n} {unit}{} ago", if n == 1 { "" } else { "s" });
        match seconds {
            0..=4 => "just now".to_owned(),
            5..=59 => plural(seconds, "second"),
            60..=3_599 => plural(seconds / 60, "minute"),
            3_600..=86_399 => plural(seconds / 3_600, "hour"),
            86_400..=2_591_999 => plural(seconds / 86_400, "day"),
            _ => format!("on {}", self.stamp(ms).short),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_time_is_the_readers_own() {
        let now = 1_763_636_400_000;
        let paris = Times::new(TimeZone::get("Europe/Paris").expect("Paris"), now);
        // Summer time began at 02:00 on 29 March 2026.
        for (typed, at) in [
            ("2025-11-20T12:00", Some(now)),
            ("2026-03-29T02:30", Some(1_774_747_800_000)),
            ("2026-07-01T00:00:00", Some(1_782_856_800_000)),
            ("2025-11-20", None),
            ("tomorrow", None),
            ("", None),
        ] {
            let typed_at = paris.typed(typed);
            // A date alone is midnight for the parser.
            if typed == "2025-11-20" {
                assert!(typed_at.is_none() || typed_at == Some(1_763_593_200_000));
            } else {
                assert_eq!(typed_at, at, "{typed}");
            }
        }
        assert_eq!(paris.field(&now), "2025-11-20T12:00");
        assert_eq!(paris.moment(&now), "Thu 20 Nov, 12:00 CET");
        assert_eq!(paris.zone_name(), "Europe/Paris");
        for (ahead, words) in [
            (0, "in 1 minute"),
            (3_600_000, "in 60 minutes"),
            (24 * 3_600_000, "in 24 hours"),
            (7 * 24 * 3_600_000, "in 7 days"),
        ] {
            assert_eq!(paris.ahead(&(now + ahead)), words);
        }
        for (ahead, words) in [
            (-5_000, "now"),
            (1, "in 1 s"),
            (41_200, "in 42 s"),
            (119_000, "in 119 s"),
            (119_001, "in 2 minutes"),
        ] {
            assert_eq!(paris.soon(&(now + ahead)), words);
        }
    }

    #[test]
    fn times_read_as_people_say_them() {
        // Thursday 20 November 2025, 11:00 UTC.
        let now = 1_763_636_400_000;
        let times = Times::new(TimeZone::UTC, now);
        let hour = 3_600_000;
        for (ago, wanted) in [
            (0, "11:00"),
            (2 * hour, "09:00"),
            (24 * hour, "Wed"),
            (17 * 24 * hour, "3 Nov"),
            (364 * 24 * hour, "21 Nov"),
            (370 * 24 * hour, "15 Nov 2024"),
        ] {
            assert_eq!(times.stamp(&(now - ago)).short, wanted);
        }
        // In the far east it is midnight already: two hours ago was yesterday.
        let east = Times::new(TimeZone::fixed(jiff::tz::offset(13)), now);
        assert_eq!(east.stamp(&now).short, "00:00");
        assert_eq!(east.stamp(&(now - 2 * hour)).short, "Thu");
        assert_eq!(times.stamp(&now).full, "Thursday 20 November 2025, 11:00 UTC");
        assert_eq!(times.exact(&now).short, "20 Nov 2025, 11:00:00");
        assert_eq!(times.day(&now), "Today");
        assert_eq!(times.ago(&(now - 3 * hour)), "3 hours ago");
        assert_eq!(times.ago(&(now + hour)), "just now");
    }
}
