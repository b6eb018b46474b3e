//! An answer of the server, with the checks that hold for every answer of its kind.

use std::collections::BTreeMap;

use serde_json::Value;

/// What the server answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Lower-case names; repeated headers joined by ", ".
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The JSON of a 200 answer of the Ticket Center.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        self.check_headers();
        self.json()
    }

    /// The sentence of a refusal, whose shape is the same for all of them.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "expected {code}: {}", self.text());
        self.check_headers();
        let json = self.json();
        assert_eq!(json["code"], code, "{json}");
        let sentence = json["error"].as_str().expect("a sentence").to_owned();
        assert!(!sentence.trim().is_empty(), "the sentence says something: {json}");
        sentence
    }

    /// A 400 that names the field it is about.
    #[track_caller]
    pub(crate) fn names_field(&self, field: &str) {
        let sentence = self.refused(400, "invalid_field");
        assert!(sentence.contains(field), "`{sentence}` names `{field}`");
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}), status {}: {}", self.status, self.text()))
    }

    /// What every answer of the Ticket Center carries, refusals too.
    #[track_caller]
    fn check_headers(&self) {
        let about = format!("status {}: {:?}", self.status, self.headers);
        let kind = self.header("content-type").unwrap_or_default();
        assert!(kind.starts_with("application/json"), "JSON, {about}");
        assert_eq!(self.header("access-control-allow-origin"), Some("*"), "{about}");
        assert_eq!(self.header("access-control-allow-credentials"), None, "{about}");
        let cache = self.header("cache-control").unwrap_or_default();
        assert!(cache.split(',').any(|word| word.trim() == "no-store"), "{about}");
        assert_eq!(self.header("set-cookie"), None, "{about}");
    }

    /// The headers that may be compared between two answers: all but the clock and request numbers,
    /// of which only the presence counts.
    pub(crate) fn comparable_headers(&self) -> BTreeMap<String, String> {
        let mut headers = self.headers.clone();
        for name in ["date", "x-request-id"] {
            if let Some(value) = headers.get_mut(name) {
                value.clear();
            }
        }
        headers
    }
}
