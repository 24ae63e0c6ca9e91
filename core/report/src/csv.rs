//! Tables as CSV.

use std::borrow::Cow;
use std::io::Write;

use usm_core::Result;

use crate::file::failed;
use crate::row::{Cell, Rows};

/// Writes tables. Of several each is a section: a line with its name, its header and its
/// rows, and an empty line between two.
pub(crate) struct Csv<'a> {
    to: &'a mut dyn Write,
    /// Names of the sections that are to come, the last one first.
    names: Vec<&'static str>,
    is_first: bool,
    line: String,
}

impl<'a> Csv<'a> {
    /// A section for each name; without any there is one table.
    pub(crate) fn sections(to: &'a mut dyn Write, names: &[&'static str]) -> Csv<'a> {
        Csv {
            to,
            names: names.iter().rev().copied().collect(),
            is_first: true,
            line: String::new(),
        }
    }

    fn write_line(&mut self) -> Result<()> {
        self.line.push('\n');
        self.to.write_all(self.line.as_bytes()).map_err(failed)
    }
}

/// A text as a field. What a spreadsheet would take for a formula gets an apostrophe before
/// it: such a text is a name that a stranger may have chosen.
fn push_text(text: &str, to: &mut String) {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !is_formula && !text.contains([',', '"', '\n', '\r']) {
        to.push_str(text);
        return;
    }
    to.push('"');
    if is_formula {
        to.push('\'');
    }
    to.push_str(&text.replace('"', "\"\""));
    to.push('"');
}

impl Rows for Csv<'_> {
    fn begin(&mut self, columns: &[Cow<'static, str>]) -> Result<()> {
        self.line.clear();
        if !self.is_first {
            self.line.push('\n');
        }
        self.is_first = false;
        if let Some(name) = self.names.pop() {
            self.line.push_str(name);
            self.line.push('\n');
        }
        for (place, column) in columns.iter().enumerate() {
            if place > 0 {
                self.line.push(',');
            }
            push_text(column, &mut self.line);
        }
        self.write_line()
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<()> {
        self.line.clear();
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                self.line.push(',');
            }
            match cell {
                Cell::Unknown => {}
                Cell::Real(value) => self.line.push_str(&value.to_string()),
                Cell::Whole(value) => self.line.push_str(&value.to_string()),
                Cell::Flag(value) => self.line.push_str(if *value { "true" } else { "false" }),
                Cell::Text(text) => push_text(text, &mut self.line),
                Cell::List(texts) => push_text(&texts.join("; "), &mut self.line),
            }
        }
        self.write_line()
    }

    fn end(&mut self) -> Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be_and_formulas_are_disarmed() {
        let mut to = Vec::new();
        let mut csv = Csv::sections(&mut to, &[]);
        csv.begin(&["a".into(), "b".into()]).unwrap();
        csv.row(&[Cell::text("x,\"y\"\n"), Cell::Unknown]).unwrap();
        csv.row(&[Cell::text("=HYPERLINK(1)"), Cell::Real(-1.5)])
            .unwrap();
        csv.row(&[Cell::real(f64::NAN), Cell::Flag(false)]).unwrap();
        csv.end().unwrap();
        let wanted = "a,b\n\"x,\"\"y\"\"\n\",\n\"'=HYPERLINK(1)\",-1.5\n,false\n";
        assert_eq!(String::from_utf8(to).unwrap(), wanted);
    }

    #[test]
    fn each_section_has_its_name_and_header() {
        let mut to = Vec::new();
        let mut csv = Csv::sections(&mut to, &["one", "two"]);
        csv.begin(&["a".into()]).unwrap();
        csv.row(&[Cell::Whole(1)]).unwrap();
        csv.end().unwrap();
        csv.begin(&["b".into()]).unwrap();
        csv.end().unwrap();
        assert_eq!(String::from_utf8(to).unwrap(), "one\na\n1\n\ntwo\nb\n");
    }
}
