//! Takes keys out of a JSON object, one after the other, and collects what is wrong.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::{Map, Value};

use super::Surroundings;
use super::keys::{self, Server};
use super::problem::{Checked, ConfigErrors, Problem};
use super::units::{parse_size, whole_number};
use crate::protocol::text::{Lines, presentable};
use crate::secret::Secret;

/// Objects whose members are keys of their own, named with a dot.
const NESTED: [&str; 3] = ["limits", "download", "connections"];

/// Reads one configuration. Every getter takes its key out; `None` means that it is not there or
/// that there is now a problem, and the caller goes on with the default either way.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    server: Server,
    values: Map<String, Value>,
    pub(super) surroundings: &'a dyn Surroundings,
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    /// # Errors
    /// The text is not a JSON object.
    pub(super) fn new(
        server: Server,
        text: &str,
        surroundings: &'a dyn Surroundings,
    ) -> Result<Self, ConfigErrors> {
        let whole = |wrong: String| {
            let problem = Problem {
                key: String::new(),
                wrong,
                allowed: "one JSON object, like {\"port\": 2000}".to_owned(),
            };
            ConfigErrors::new(vec![problem], Vec::new())
        };
        // Editors on Windows put a byte order mark before the text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let value =
            serde_json::from_str(text).map_err(|error| whole(format!("not JSON: {error}")))?;
        let Value::Object(values) = value else {
            return Err(whole("not a JSON object".to_owned()));
        };
        let mut reader = Self {
            server,
            values,
            surroundings,
            problems: Vec::new(),
            warnings: Vec::new(),
        };
        for name in NESTED {
            reader.flatten(name);
        }
        Ok(reader)
    }

    fn flatten(&mut self, name: &str) {
        if keys::find(self.server, name).is_none() {
            return;
        }
        match self.take(name) {
            None => {}
            Some(Value::Object(members)) => {
                for (member, value) in members {
                    self.values.insert(format!("{name}.{member}"), value);
                }
            }
            Some(other) => self.wrong(name, format!("is {}", shown(&other))),
        }
    }

    /// The value of a key, unless it is missing or `null`.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.values.remove(key).filter(|value| !value.is_null())
    }

    /// Whether the key is there, and not `null`.
    pub(super) fn has(&self, key: &str) -> bool {
        self.values.get(key).is_some_and(|value| !value.is_null())
    }

    /// Whether the value of the key is this word.
    pub(super) fn is(&self, key: &str, word: &str) -> bool {
        self.values.get(key).and_then(Value::as_str) == Some(word)
    }

    /// Notes a problem with a key; what is allowed is in the table.
    pub(super) fn wrong(&mut self, key: &str, wrong: impl Into<String>) {
        let known = keys::find(self.server, key);
        debug_assert!(known.is_some(), "{key} is not in the table");
        self.problems.push(Problem {
            key: key.to_owned(),
            wrong: wrong.into(),
            allowed: known.map_or_else(String::new, |key| key.allowed.to_owned()),
        });
    }

    /// Notes something that the operator should know.
    pub(super) fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }

    /// The value of a key, if `read` makes something of it.
    pub(super) fn typed<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.take(key)?;
        let read = read(&value);
        if read.is_none() {
            self.wrong(key, format!("is {}", shown(&value)));
        }
        read
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        self.typed(key, Value::as_bool)
    }

    /// Some text without control characters, at most 1000 bytes.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.typed(key, |value| {
            let fits = |text: &&str| text.len() <= 1000 && !text.contains(char::is_control);
            value.as_str().filter(fits).map(str::to_owned)
        })
    }

    /// Text that never gets into a problem.
    pub(super) fn secret(&mut self, key: &str) -> Option<Secret> {
        match self.take(key)? {
            Value::String(text) => Some(Secret::new(text)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => {
                self.wrong(key, "is not a text");
                None
            }
        }
    }

    /// Some text that `parse` understands.
    pub(super) fn parsed<T>(
        &mut self,
        key: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.typed(key, |value| value.as_str().and_then(parse))
    }

    pub(super) fn number(&mut self, key: &str, range: RangeInclusive<f64>) -> Option<f64> {
        self.typed(key, |value| {
            value.as_f64().filter(|number| range.contains(number))
        })
    }

    pub(super) fn whole(&mut self, key: &str, range: RangeInclusive<u64>) -> Option<u64> {
        self.typed(key, |value| {
            value
                .as_f64()
                .and_then(whole_number)
                .filter(|number| range.contains(number))
        })
    }

    pub(super) fn port(&mut self, key: &str, range: RangeInclusive<u16>) -> Option<u16> {
        let (first, last) = range.into_inner();
        let port = self.whole(key, u64::from(first)..=u64::from(last))?;
        u16::try_from(port).ok()
    }

    /// A duration of at least `least` and at most about 30 years, in seconds.
    pub(super) fn seconds(&mut self, key: &str, least: f64) -> Option<Duration> {
        let seconds = self.number(key, least..=1e9)?;
        Duration::try_from_secs_f64(seconds).ok()
    }

    pub(super) fn size(&mut self, key: &str, range: RangeInclusive<u64>) -> Option<u64> {
        self.typed(key, |value| {
            size(value).filter(|bytes| range.contains(bytes))
        })
    }

    /// A limit that is a size; `null` is none.
    pub(super) fn size_limit(
        &mut self,
        key: &str,
        least: u64,
        default: Option<u64>,
    ) -> Option<u64> {
        if self.is_unlimited(key, default) {
            return None;
        }
        self.size(key, least..=u64::MAX).or(default)
    }

    /// A limit that is a number; `null` is none.
    pub(super) fn whole_limit(
        &mut self,
        key: &str,
        least: u64,
        default: Option<u64>,
    ) -> Option<u64> {
        if self.is_unlimited(key, default) {
            return None;
        }
        self.whole(key, least..=u64::MAX).or(default)
    }

    fn is_unlimited(&mut self, key: &str, default: Option<u64>) -> bool {
        match self.values.get(key) {
            None => default.is_none(),
            Some(Value::Null) => {
                self.values.remove(key);
                true
            }
            Some(_) => false,
        }
    }

    /// A list of texts that `parse` understands, or one such text; one problem for each that is wrong.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = match self.take(key)? {
            Value::Array(items) => items,
            text @ Value::String(_) => vec![text],
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
                self.wrong(key, format!("is {}", shown(&other)));
                return None;
            }
        };
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            match item.as_str().and_then(&parse) {
                Some(item) => list.push(item),
                None => self.wrong(key, format!("has the item {}", shown(&item))),
            }
        }
        Some(list)
    }

    /// The end: whatever was not taken is a warning.
    ///
    /// # Errors
    /// All the problems, if there is one.
    pub(super) fn finish<T>(mut self, config: T) -> Result<Checked<T>, ConfigErrors> {
        for name in self.values.keys() {
            let name = presentable(name, 80, Lines::Join);
            self.warnings.push(keys::warning(self.server, &name));
        }
        if !self.problems.is_empty() {
            return Err(ConfigErrors::new(self.problems, self.warnings));
        }
        Ok(Checked {
            config,
            warnings: self.warnings,
        })
    }
}

fn size(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => parse_size(text),
        Value::Number(number) => number.as_f64().and_then(whole_number),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A value as the operator wrote it, shortened.
pub(super) fn shown(value: &Value) -> String {
    presentable(&value.to_string(), 60, Lines::Join)
}
