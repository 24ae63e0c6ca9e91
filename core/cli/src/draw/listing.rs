//! A JSON value as a readable listing: one value in each line, named by its path.

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::escape::escape;
use super::{Line, Page, Tone, UNKNOWN, fit};

/// What names an element of an array.
const NAMES: [&str; 8] = [
    "name",
    "mount_point",
    "pid",
    "id",
    "label",
    "source",
    "setting",
    "device",
];

/// The values below a JSON value, in order, with their paths.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    entries: Vec<(String, Value)>,
}

impl Listing {
    pub(crate) fn of(value: &Value) -> Listing {
        let mut listing = Listing::default();
        listing.add("", value);
        listing
    }

    /// For programs and for searching: `path = value`, every digit of it.
    pub(crate) fn draw_exact(&self, page: &mut Page) {
        for (path, value) in &self.entries {
            let line = Line::of(Tone::Label, path).and(Tone::Quiet, " = ");
            let text = match value {
                Value::Number(number) => number.to_string(),
                other => words(other),
            };
            end(line, value, &text, page);
        }
    }

    /// For reading: names and values below each other, numbers rounded.
    pub(crate) fn draw(&self, page: &mut Page) {
        let column = self
            .entries
            .iter()
            .map(|(path, _)| path.width())
            .max()
            .unwrap_or(0)
            + 4;
        for (path, value) in &self.entries {
            let line = Line::of(Tone::Plain, "  ")
                .and(Tone::Label, path)
                .padded(column);
            end(line, value, &words(value), page);
        }
    }

    fn add(&mut self, path: &str, value: &Value) {
        let below = |name: &str| match path {
            "" => name.to_string(),
            _ => format!("{path}.{name}"),
        };
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (name, value) in fields {
                    self.add(&below(name), value);
                }
            }
            Value::Array(elements) if !elements.is_empty() => {
                for (at, element) in elements.iter().enumerate() {
                    self.add(&format!("{path}[{}]", name_of(element, at)), element);
                }
            }
            leaf => self.entries.push((path.to_string(), leaf.clone())),
        }
    }
}

fn end(line: Line, value: &Value, text: &str, page: &mut Page) {
    let tone = match value {
        Value::Null | Value::Array(_) | Value::Object(_) => Tone::Quiet,
        _ => Tone::Plain,
    };
    let room = page.width().saturating_sub(line.width()).max(1);
    page.push(line.and(tone, fit(&escape(text), room)));
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => UNKNOWN.into(),
        Value::Object(_) | Value::Array(_) => "none".into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(value) if value != 0.0 && value.abs() < 0.01 => format!("{value:.6}"),
            Some(value) => format!("{value:.2}"),
            None => number.to_string(),
        },
    }
}

fn name_of(element: &Value, at: usize) -> String {
    NAMES
        .iter()
        .find_map(|name| match element.get(name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        })
        .unwrap_or_else(|| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Style;

    fn page() -> Page {
        Page::new(Style {
            width: 80,
            unicode: true,
            colour: false,
        })
    }

    #[test]
    fn names_are_paths_and_what_is_unknown_says_so() {
        let value = serde_json::json!({
            "cpu": {"shares": null, "busy": 3.123456},
            "disks": [{"name": "sda", "in_flight": 0}, 7],
            "sensors": [],
        });
        let mut page = page();
        Listing::of(&value).draw_exact(&mut page);
        let mut lines: Vec<String> = page.render().lines().map(String::from).collect();
        lines.sort();
        let mut wanted = [
            "cpu.shares = –",
            "cpu.busy = 3.123456",
            "disks[sda].name = sda",
            "disks[sda].in_flight = 0",
            "disks[1] = 7",
            "sensors = none",
        ];
        wanted.sort_unstable();
        assert_eq!(lines, wanted);
    }

    #[test]
    fn for_reading_numbers_are_rounded_and_stand_below_each_other() {
        let value = serde_json::json!({"a": 12.3456, "b_long": 0.000194, "c": true, "d": 4});
        let mut page = page();
        Listing::of(&value).draw(&mut page);
        let wanted = "  a       12.35\n  b_long  0.000194\n  c       yes\n  d       4\n";
        assert_eq!(page.render(), wanted);
    }
}
