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
