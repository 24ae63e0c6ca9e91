//! A JSON value as a readable listing: one `name = value` in each line, names by their path.

use serde_json::Value;

use super::{Line, Page, Tone, UNKNOWN};

/// What names an element of an array.
const NAMES: [&str; 8] = ["name", "mount_point", "pid", "id", "label", "source", "setting", "device"];

/// Writes values below each other.
#[derive(Debug)]
pub(crate) struct Listing<'p> {
    page: &'p mut Page,
}

impl<'p> Listing<'p> {
    pub(crate) fn new(page: &'p mut Page) -> Listing<'p> {
        Listing { page }
    }

    pub(crate) fn add(&mut self, path: &str, value: &Value) {
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
            Value::String(text) => self.line(path, Tone::Plain, text),
            Value::Null => self.line(path, Tone::Quiet, UNKNOWN),
            Value::Object(_) | Value::Array(_) => self.line(path, Tone::Quiet, "none"),
            Value::Bool(_) | Value::Number(_) => self.line(path, Tone::Plain, &value.to_string()),
        }
    }

    fn line(&mut self, path: &str, tone: Tone, value: &str) {
        let line = Line::of(Tone::Label, path).and(Tone::Quiet, " = ");
        let room = self.page.width().saturating_sub(line.width()).max(1);
        let value = super::escape::escape(value);
        self.page.push(line.and(tone, super::fit(&value, room)));
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

    #[test]
    fn names_are_paths_and_what_is_unknown_says_so() {
        let value = serde_json::json!({
            "cpu": {"shares": null, "runnable": 3},
            "disks": [{"name": "sda", "in_flight": 0}, 7],
            "sensors": [],
        });
        let mut page = Page::new(Style { width: 80, unicode: true, colour: false });
        Listing::new(&mut page).add("", &value);
        let mut lines: Vec<String> = page.render().lines().map(String::from).collect();
        lines.sort();
        let mut wanted = [
            "cpu.shares = –",
            "cpu.runnable = 3",
            "disks[sda].name = sda",
            "disks[sda].in_flight = 0",
            "disks[1] = 7",
            "sensors = none",
        ];
        wanted.sort_unstable();
        assert_eq!(lines, wanted);
    }
}
