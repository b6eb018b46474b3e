//! The fields of a call: known ones are read and checked, each at most once; others are ignored.

use crate::error::{Error, Result};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// What the calls of a contact may hold.
pub(super) const OF_CONTACTS: [&str; 11] = [
    "helpdeskId",
    "email",
    "signature",
    "message",
    "conversationId",
    "subject",
    "idempotencyKey",
    "cursor",
    "locale",
    "after",
    ATTACHMENTS,
];
const ATTACHMENTS: &str = "attachmentIds";
/// An object with more texts than this is none that a call asks for.
const MOST_NAMED: usize = 50;

/// The known fields of one call.
#[derive(Debug)]
pub struct Fields {
    known: &'static [&'static str],
    values: Vec<Option<Value>>,
}

#[derive(Debug)]
enum Value {
    Text(String),
    /// A list of nothing but strings; of a longer one than any call may have, the beginning.
    Texts(Vec<String>),
    /// An object of nothing but strings.
    Named(Vec<(String, String)>),
    Null,
    Other,
}

impl Fields {
    /// Reads a JSON object. An empty body is an empty object where `may_be_empty` says so.
    ///
    /// # Errors
    /// `invalid_json`, or `invalid_field` for a known field that stands there twice.
    pub(super) fn parse(body: &[u8], may_be_empty: bool) -> Result<Self> {
        if may_be_empty && body.is_empty() {
            return Ok(Self::none_of(&OF_CONTACTS));
        }
        Self::parse_known(body, &OF_CONTACTS)
    }

    pub(super) fn none_of(known: &'static [&'static str]) -> Self {
        Self {
            known,
            values: known.iter().map(|_| None).collect(),
        }
    }

    /// Reads a JSON object of which these fields are known.
    ///
    /// # Errors
    /// `invalid_json`, or `invalid_field` for a known field that stands there twice.
    pub(super) fn parse_known(body: &[u8], known: &'static [&'static str]) -> Result<Self> {
        // Also strings that nobody reads must be UTF-8.
        let text =
            std::str::from_utf8(body).map_err(|_| Error::invalid("invalid_json", "The body is not UTF-8"))?;
        let mut json = serde_json::Deserializer::from_str(text);
        let parsed = json
            .deserialize_map(FieldsVisitor(known))
            .and_then(|fields| json.end().map(|()| fields));
        match parsed {
            Ok(Ok(fields)) => Ok(fields),
            Ok(Err(name)) => Err(twice(name)),
            Err(error) => Err(Error::invalid(
                "invalid_json",
                format!("The body is not a JSON object: {error}"),
            )),
        }
    }

    /// Takes the texts of a form, of which these fields are known; `object` is the one that holds an object in
    /// JSON.
    ///
    /// # Errors
    /// `invalid_form` for a text without a name, or `invalid_field` for a known field that stands there twice.
    pub(super) fn of_form(
        texts: Vec<(String, String)>,
        known: &'static [&'static str],
        object: &str,
    ) -> Result<Self> {
        let mut fields = Self::none_of(known);
        for (name, text) in texts {
            if name.is_empty() {
                return Err(Error::invalid("invalid_form", "A part of the form has no name"));
            }
            let Some((known, slot)) = known
                .iter()
                .zip(&mut fields.values)
                .find(|(known, _)| **known == name)
            else {
                continue;
            };
            let value = if name == object {
                serde_json::from_str(&text).unwrap_or(Value::Other)
            } else {
                Value::Text(text)
            };
            if slot.replace(value).is_some() {
                return Err(twice(known));
            }
        }
        Ok(fields)
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// `invalid_field`, naming it.
    pub fn required(&self, name: &'static str) -> Result<&str> {
        match self.value(name) {
            Some(Value::Text(text)) => Ok(text),
            None | Some(Value::Null) => Err(Error::invalid(
                "invalid_field",
                format!("The field {name} is missing"),
            )),
            Some(Value::Other | Value::Texts(_) | Value::Named(_)) => Err(not_a_text(name)),
        }
    }

    /// A text that may be absent or null.
    ///
    /// # Errors
    /// `invalid_field`, naming it, when it is something else.
    pub fn optional(&self, name: &'static str) -> Result<Option<&str>> {
        match self.value(name) {
            Some(Value::Text(text)) => Ok(Some(text)),
            None | Some(Value::Null) => Ok(None),
            Some(Value::Other | Value::Texts(_) | Value::Named(_)) => Err(not_a_text(name)),
        }
    }

    /// The attachments that the call names; absent and null count as none.
    ///
    /// # Errors
    /// `invalid_field` when it is no list of strings.
    pub fn attachment_ids(&self) -> Result<&[String]> {
        match self.value(ATTACHMENTS) {
            Some(Value::Texts(ids)) => Ok(ids),
            None | Some(Value::Null) => Ok(&[]),
            Some(Value::Other | Value::Text(_) | Value::Named(_)) => Err(Error::invalid(
                "invalid_field",
                format!("The field {ATTACHMENTS} must be a list of strings"),
            )),
        }
    }

    /// The texts of an object, by name; absent and null count as none.
    ///
    /// # Errors
    /// `invalid_field`, naming it, when it is no object of strings, or says one of them twice.
    pub fn named(&self, name: &'static str) -> Result<&[(String, String)]> {
        match self.value(name) {
            Some(Value::Named(texts)) => Ok(texts),
            None | Some(Value::Null) => Ok(&[]),
            Some(Value::Other | Value::Text(_) | Value::Texts(_)) => Err(Error::invalid(
                "invalid_field",
                format!("The field {name} must be an object of strings, each given once"),
            )),
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        let position = self.known.iter().position(|known| *known == name)?;
        self.values.get(position)?.as_ref()
    }
}

fn twice(name: &str) -> Error {
    Error::invalid("invalid_field", format!("The field {name} is given twice"))
}

fn not_a_text(name: &str) -> Error {
    Error::invalid("invalid_field", format!("The field {name} must be a string"))
}

struct FieldsVisitor(&'static [&'static str]);

impl<'de> Visitor<'de> for FieldsVisitor {
    /// The inner error names a field that is given twice.
    type Value = std::result::Result<Fields, &'static str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
        let mut fields = Fields::none_of(self.0);
        let mut twice = None;
        while let Some(name) = map.next_key::<Name<'de>>()? {
            let Some(position) = self.0.iter().position(|known| *known == name.0) else {
                // Read like a known one: also what is ignored may only nest as deep as JSON sensibly does.
                map.next_value::<Value>()?;
                continue;
            };
            let value: Value = map.next_value()?;
            if let Some(slot) = fields.values.get_mut(position)
                && slot.replace(value).is_some()
            {
                twice = self.0.get(position).copied();
            }
        }
        Ok(twice.map_or(Ok(fields), Err))
    }
}

struct Name<'de>(Cow<'de, str>);

impl<'de> de::Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a name")
            }
            fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> std::result::Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E: de::Error>(self, name: &str) -> std::result::Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

impl<'de> de::Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct ValueVisitor;
        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = Value;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Value, E> {
                Ok(Value::Text(text.to_owned()))
            }
            fn visit_string<E: de::Error>(self, text: String) -> std::result::Result<Value, E> {
                Ok(Value::Text(text))
            }
            fn visit_unit<E: de::Error>(self) -> std::result::Result<Value, E> {
                Ok(Value::Null)
            }
            fn visit_bool<E: de::Error>(self, _: bool) -> std::result::Result<Value, E> {
                Ok(Value::Other)
            }
            fn visit_i64<E: de::Error>(self, _: i64) -> std::result::Result<Value, E> {
                Ok(Value::Other)
            }
            fn visit_u64<E: de::Error>(self, _: u64) -> std::result::Result<Value, E> {
                Ok(Value::Other)
            }
            fn visit_f64<E: de::Error>(self, _: f64) -> std::result::Result<Value, E> {
                Ok(Value::Other)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Value, A::Error> {
                let (mut found, mut texts) = (Vec::new(), true);
                while let Some(element) = seq.next_element::<Value>()? {
                    match element {
                        Value::Text(text) if found.len() < MOST_NAMED => found.push(text),
                        Value::Text(_) => {}
                        _ => texts = false,
                    }
                }
                Ok(if texts { Value::Texts(found) } else { Value::Other })
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Value, A::Error> {
                let (mut named, mut texts) = (Vec::new(), true);
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    match value {
                        Value::Text(text) if named.iter().all(|(other, _)| *other != name) => {
                            if named.len() < MOST_NAMED {
                                named.push((name, text));
                            } else {
                                texts = false;
                            }
                        }
                        _ => texts = false,
                    }
                }
                Ok(if texts { Value::Named(named) } else { Value::Other })
            }
        }
        deserializer.deserialize_any(ValueVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_fields_are_read_and_others_ignored() {
        let fields = Fields::parse(
            br#"{"email":"a\u0040b","x":{"y":[1,2e9,null]},"cursor":null,"subject":7}"#,
            false,
        );
        let fields = fields.unwrap();
        assert_eq!(fields.required("email").unwrap(), "a@b");
        assert_eq!(fields.optional("cursor").unwrap(), None);
        assert!(
            fields
                .optional("subject")
                .unwrap_err()
                .sentence
                .contains("subject")
        );
        assert!(
            fields
                .required("signature")
                .unwrap_err()
                .sentence
                .contains("signature")
        );
    }

    #[test]
    fn what_is_not_one_clean_object_is_refused() {
        let deep = format!("{{\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let bad: [&[u8]; 9] = [
            b"",
            b"[]",
            b"null",
            b"{",
            b"{} {}",
            b"{\"email\":\"\\ud800\"}",
            b"{\"x\":\"\xff\"}",
            br#"{"email":"a","email":"b"}"#,
            br#"{"email":1e999}"#,
        ];
        for body in bad {
            assert!(
                Fields::parse(body, false).is_err(),
                "{}",
                String::from_utf8_lossy(body)
            );
        }
        let deep_known = deep.replace("\"x\"", "\"email\"");
        assert!(Fields::parse(deep.as_bytes(), false).is_err());
        assert!(Fields::parse(deep_known.as_bytes(), false).is_err());
    }
}
