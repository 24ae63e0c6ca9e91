//! Tables as lists of JSON objects, a row a line.

use std::borrow::Cow;
use std::io::Write;

use usm_core::Result;

use crate::file::failed;
use crate::row::{Cell, Rows};

/// Writes tables: one alone is a list, several are an object of lists.
pub(crate) struct Json<'a> {
    to: &'a mut dyn Write,
    keys: Vec<String>,
    rows: u64,
    /// Names of the tables that are to come, the last one first, when there are several.
    names: Vec<&'static str>,
    is_object: bool,
    /// Tables begun so far.
    tables: usize,
    line: String,
}

impl<'a> Json<'a> {
    /// An object with these names, each with a list; without any one list.
    pub(crate) fn object(to: &'a mut dyn Write, names: &[&'static str]) -> Json<'a> {
        Json {
            to,
            keys: Vec::new(),
            rows: 0,
            names: names.iter().rev().copied().collect(),
            is_object: !names.is_empty(),
            tables: 0,
            line: String::new(),
        }
    }

    fn put(&mut self, text: &str) -> Result<()> {
        self.to.write_all(text.as_bytes()).map_err(failed)
    }
}

/// A text in quotes. It stands in no HTML, but `<` is escaped for those that put it there.
pub(crate) fn quoted(text: &str, to: &mut String) {
    to.push('"');
    for character in text.chars() {
        match character {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\n' => to.push_str("\\n"),
            '\t' => to.push_str("\\t"),
            // Also what turns the direction of text or ends a line in scripts.
            '<'
            | '>'
            | '&'
            | '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                to.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            plain => to.push(plain),
        }
    }
    to.push('"');
}

fn value(cell: &Cell<'_>, to: &mut String) {
    match cell {
        Cell::Unknown => to.push_str("null"),
        // Rust writes no exponents and the shortest text that reads back the same.
        Cell::Real(value) => match value.fract() == 0.0 && value.abs() < 1e15 {
            true => to.push_str(&format!("{value:.1}")),
            false => to.push_str(&format!("{value}")),
        },
        Cell::Whole(value) => to.push_str(&value.to_string()),
        Cell::Flag(value) => to.push_str(if *value { "true" } else { "false" }),
        Cell::Text(text) => quoted(text, to),
        Cell::List(texts) => {
            to.push('[');
            for (place, text) in texts.iter().enumerate() {
                if place > 0 {
                    to.push_str(", ");
                }
                quoted(text, to);
            }
            to.push(']');
        }
    }
}

impl Rows for Json<'_> {
    fn begin(&mut self, columns: &[Cow<'static, str>]) -> Result<()> {
        self.keys = columns
            .iter()
            .map(|name| {
                let mut key = String::new();
                quoted(name, &mut key);
                key
            })
            .collect();
        self.rows = 0;
        self.tables += 1;
        if !self.is_object {
            return self.put("[");
        }
        let name = self.names.pop().unwrap_or("more");
        let start = if self.tables == 1 { "{\n" } else { ",\n" };
        self.put(&format!("{start}\"{name}\": ["))
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        self.line.clear();
        self.line
            .push_str(if self.rows == 0 { "\n  {" } else { ",\n  {" });
        for (place, (key, cell)) in self.keys.iter().zip(cells).enumerate() {
            if place > 0 {
                self.line.push_str(", ");
            }
            self.line.push_str(key);
            self.line.push_str(": ");
            value(cell, &mut self.line);
        }
        self.line.push('}');
        self.rows += 1;
        self.to.write_all(self.line.as_bytes()).map_err(failed)
    }

    fn end(&mut self) -> Result<()> {
        let start = if self.rows == 0 { "" } else { "\n" };
        let end = match (self.is_object, self.names.is_empty()) {
            (false, _) => "]\n",
            (true, false) => "]",
            (true, true) => "]\n}\n",
        };
        self.put(&format!("{start}{end}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(names: &[&'static str], tables: &[&[&[Cell<'_>]]]) -> String {
        let mut to = Vec::new();
        let mut json = Json::object(&mut to, names);
        for rows in tables {
            json.begin(&["a".into(), "b".into()]).unwrap();
            for row in *rows {
                json.row(row).unwrap();
            }
            json.end().unwrap();
        }
        String::from_utf8(to).unwrap()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let nasty = "a\"b\\c\n\u{202e}</script>\u{1b}";
        let rows: &[&[Cell<'_>]] = &[
            &[Cell::Real(0.1), Cell::Unknown],
            &[Cell::real(f64::INFINITY), Cell::Flag(true)],
            &[Cell::Whole(7), Cell::text(nasty)],
            &[Cell::Real(3.0), Cell::Real(1e300)],
        ];
        let text = written(&[], &[rows]);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let wanted = serde_json::json!([
            {"a": 0.1, "b": null}, {"a": null, "b": true}, {"a": 7, "b": nasty},
            {"a": 3.0, "b": 1e300},
        ]);
        assert_eq!(value, wanted);
        assert!(!text.contains("</") && !text.contains('\u{202e}'));
    }

    #[test]
    fn tables_without_rows_are_empty_lists() {
        assert_eq!(written(&[], &[&[]]), "[]\n");
        let text = written(&["one", "two"], &[&[], &[&[Cell::Unknown, Cell::Unknown]]]);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value,
            serde_json::json!({"one": [], "two": [{"a": null, "b": null}]})
        );
    }
}
