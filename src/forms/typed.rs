//! Settings as somebody typed them into the dashboard, checked before they are kept.

use super::block_list;
use super::settings::{FormSettings, MOST_SELECTS, Protection, Select, name_of};
use url::Url;

const LONGEST_LINE: usize = 200;
const LONGEST_TEXT: usize = 600;
const LONGEST_LABEL: usize = 60;
const LONGEST_OPTION: usize = 80;
const MOST_OPTIONS: usize = 25;

/// What is wrong, by field.
pub type Mistakes = Vec<(&'static str, String)>;

/// Fields and texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedForm {
    /// The heading.
    pub title: String,
    /// The line below it.
    pub intro: String,
    /// What is said at the end.
    pub success: String,
    /// The line about privacy.
    pub privacy_text: String,
    /// Where it leads.
    pub privacy_url: String,
    /// Whether a name is asked for.
    pub asks_name: bool,
    /// Whether a subject is asked for.
    pub asks_subject: bool,
    /// Whether files can be sent.
    pub asks_files: bool,
    /// The form's own fields, one for each place.
    pub selects: [TypedSelect; MOST_SELECTS],
}

/// A field of the form's own; without a label there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedSelect {
    /// Its label.
    pub label: String,
    /// The answers to choose from, one a line.
    pub options: String,
    /// Whether one must be chosen.
    pub required: bool,
}

/// Limits and block lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypedProtection {
    /// Seconds.
    pub minimum_seconds: String,
    /// Whether a proof is looked at.
    pub asks_proof: bool,
    /// Whether addresses are confirmed first.
    pub confirms_address: bool,
    /// Messages.
    pub per_network_an_hour: String,
    /// Conversations.
    pub per_address_a_day: String,
    /// Messages.
    pub per_helpdesk_an_hour: String,
    /// One a line.
    pub blocked_domains: String,
    /// One a line.
    pub blocked_words: String,
}

/// The names of the fields of each select, for mistakes.
pub const SELECT_NAMES: [&str; MOST_SELECTS] = ["select1", "select2", "select3", "select4"];

impl From<&FormSettings> for TypedForm {
    fn from(settings: &FormSettings) -> Self {
        let mut selects: [TypedSelect; MOST_SELECTS] = Default::default();
        for (typed, select) in selects.iter_mut().zip(&settings.selects) {
            *typed = TypedSelect {
                label: select.label.clone(),
                options: select.options.join("\n"),
                required: select.required,
            };
        }
        Self {
            title: settings.title.clone(),
            intro: settings.intro.clone(),
            success: settings.success.clone(),
            privacy_text: settings.privacy_text.clone(),
            privacy_url: settings.privacy_url.clone(),
            asks_name: settings.asks_name,
            asks_subject: settings.asks_subject,
            asks_files: settings.asks_files,
            selects,
        }
    }
}

impl TypedForm {
    /// The settings with these fields and texts.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn checked(&self, before: &FormSettings) -> Result<FormSettings, Mistakes> {
        let mut mistakes = Mistakes::new();
        let mut line = |field: &'static str, text: &str, most: usize| {
            let text = text.replace('\0', " ").replace("\r\n", "\n");
            let text = text.trim();
            if text.chars().count() > most {
                mistakes.push((field, format!("At most {most} characters")));
            }
            text.to_owned()
        };
        let mut settings = FormSettings {
            title: line("title", &self.title, LONGEST_LINE),
            intro: line("intro", &self.intro, LONGEST_TEXT),
            success: line("success", &self.success, LONGEST_TEXT),
            privacy_text: line("privacy_text", &self.privacy_text, LONGEST_LINE),
            privacy_url: line("privacy_url", &self.privacy_url, LONGEST_TEXT),
            asks_name: self.asks_name,
            asks_subject: self.asks_subject,
            asks_files: self.asks_files,
            selects: Vec::new(),
            protection: before.protection.clone(),
        };
        if !settings.privacy_url.is_empty() && !is_web_address(&settings.privacy_url) {
            mistakes.push((
                "privacy_url",
                "Write an address that begins with https://".to_owned(),
            ));
        }
        if settings.privacy_text.is_empty() && !settings.privacy_url.is_empty() {
            mistakes.push(("privacy_text", "Say where the address leads".to_owned()));
        }
        for ((place, typed), field) in (1..).zip(&self.selects).zip(SELECT_NAMES) {
            match typed.checked(place, &settings.selects) {
                Ok(select) => settings.selects.extend(select),
                Err(why) => mistakes.push((field, why)),
            }
        }
        if mistakes.is_empty() {
            Ok(settings)
        } else {
            Err(mistakes)
        }
    }
}

impl TypedSelect {
    fn checked(&self, place: usize, before: &[Select]) -> Result<Option<Select>, String> {
        let label = self.label.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut options: Vec<String> = Vec::new();
        for option in self.options.lines() {
            let option = option.split_whitespace().collect::<Vec<_>>().join(" ");
            if !option.is_empty() && !options.contains(&option) {
                options.push(option);
            }
        }
        if label.is_empty() && options.is_empty() {
            return Ok(None);
        }
        if label.is_empty() {
            return Err("Give this field a label".to_owned());
        }
        if options.is_empty() {
            return Err("Write the options, one a line".to_owned());
        }
        if label.chars().count() > LONGEST_LABEL {
            return Err(format!("A label has at most {LONGEST_LABEL} characters"));
        }
        if options.len() > MOST_OPTIONS
            || options
                .iter()
                .any(|option| option.chars().count() > LONGEST_OPTION)
        {
            return Err(format!(
                "At most {MOST_OPTIONS} options of at most {LONGEST_OPTION} characters each"
            ));
        }
        let name = name_of(&label, place);
        if before.iter().any(|other| other.name == name) {
            return Err("Another field has this label".to_owned());
        }
        Ok(Some(Select {
            name,
            label,
            options,
            required: self.required,
        }))
    }
}

fn is_web_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

impl From<&Protection> for TypedProtection {
    fn from(protection: &Protection) -> Self {
        Self {
            minimum_seconds: protection.minimum_seconds.to_string(),
            asks_proof: protection.asks_proof,
            confirms_address: protection.confirms_address,
            per_network_an_hour: protection.per_network_an_hour.to_string(),
            per_address_a_day: protection.per_address_a_day.to_string(),
            per_helpdesk_an_hour: protection.per_helpdesk_an_hour.to_string(),
            blocked_domains: protection.blocked_domains.join("\n"),
            blocked_words: protection.blocked_words.join("\n"),
        }
    }
}

impl TypedProtection {
    /// The settings with this protection.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn checked(&self, before: &FormSettings) -> Result<FormSettings, Mistakes> {
        let mut mistakes = Mistakes::new();
        let mut number = |field: &'static str, text: &str, least: u32, most: u32| {
            let read = text.trim().parse::<u32>().ok();
            let good = read.filter(|number| (least..=most).contains(number));
            good.unwrap_or_else(|| {
                mistakes.push((field, format!("A whole number from {least} to {most}")));
                least
            })
        };
        let mut protection = Protection {
            minimum_seconds: number("minimum_seconds", &self.minimum_seconds, 0, 60),
            asks_proof: self.asks_proof,
            confirms_address: self.confirms_address,
            per_network_an_hour: number("per_network_an_hour", &self.per_network_an_hour, 1, 10_000),
            per_address_a_day: number("per_address_a_day", &self.per_address_a_day, 1, 1_000),
            per_helpdesk_an_hour: number("per_helpdesk_an_hour", &self.per_helpdesk_an_hour, 1, 100_000),
            turnstile: before.protection.turnstile.clone(),
            ..Protection::default()
        };
        match block_list::checked_domains(&self.blocked_domains) {
            Ok(domains) => protection.blocked_domains = domains,
            Err(why) => mistakes.push(("blocked_domains", why)),
        }
        match block_list::checked_words(&self.blocked_words) {
            Ok(words) => protection.blocked_words = words,
            Err(why) => mistakes.push(("blocked_words", why)),
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        Ok(FormSettings {
            protection,
            ..before.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back_as_it_was_typed() {
        let mut typed = TypedForm {
            title: " Write to us ".to_owned(),
            privacy_text: "Privacy".to_owned(),
            privacy_url: "https://example.com/privacy".to_owned(),
            asks_name: true,
            ..TypedForm::default()
        };
        typed.selects[1] = TypedSelect {
            label: "Topic".to_owned(),
            options: "Billing\n\n Other  thing \nBilling".to_owned(),
            required: true,
        };
        let kept = typed.checked(&FormSettings::default()).unwrap();
        assert_eq!(kept.title, "Write to us");
        assert_eq!(kept.selects[0].options, ["Billing", "Other thing"]);
        assert_eq!(kept.selects[0].name, "topic");
        assert_eq!(TypedForm::from(&kept).checked(&kept).unwrap(), kept);
        let protection = TypedProtection::from(&kept.protection);
        assert_eq!(protection.checked(&kept).unwrap(), kept);
    }

    #[test]
    fn mistakes_are_named_by_field() {
        let mut typed = TypedForm {
            title: "t".repeat(201),
            privacy_url: "javascript:alert(1)".to_owned(),
            ..TypedForm::default()
        };
        typed.selects[0].label = "Topic".to_owned();
        typed.selects[2].options = "One".to_owned();
        let wrong = typed.checked(&FormSettings::default()).unwrap_err();
        let fields: Vec<_> = wrong.iter().map(|(field, _)| *field).collect();
        assert_eq!(
            fields,
            ["title", "privacy_url", "privacy_text", "select1", "select3"]
        );
        let typed = TypedProtection {
            minimum_seconds: "61".to_owned(),
            blocked_domains: "no domain!".to_owned(),
            ..TypedProtection::from(&Protection::default())
        };
        let wrong = typed.checked(&FormSettings::default()).unwrap_err();
        let fields: Vec<_> = wrong.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["minimum_seconds", "blocked_domains"]);
    }
}
