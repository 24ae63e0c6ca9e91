//! What was written of rules, as a tree whose parts know where they stand: in a TOML file by
//! line and column, everywhere by their keys.

use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::nearest;

/// A part of what was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) value: Content,
    /// Bytes of the text; `None` when it did not come from one.
    pub(super) span: Option<Range<usize>>,
}

/// What stands there.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Text(String),
    Number(f64),
    Flag(bool),
    List(Vec<Node>),
    Table(Vec<(String, Option<Range<usize>>, Node)>),
    /// Anything that no key takes: a date, null.
    Other(&'static str),
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wrong {
    /// Keys from the outermost in.
    pub(super) keys: Vec<String>,
    pub(super) words: String,
    pub(super) span: Option<Range<usize>>,
    /// Characters from the beginning of the text at `span` to what is meant, where that is a
    /// text of its own (an expression).
    pub(super) character: Option<usize>,
}

/// Outcome of reading a part.
pub(super) type Read<T> = Result<T, Wrong>;

impl Wrong {
    /// The same seen from one key further out.
    pub(super) fn within(mut self, key: &str) -> Wrong {
        self.keys.insert(0, key.to_owned());
        self
    }

    /// The same, at this place unless a place is known already.
    pub(super) fn at(mut self, span: &Option<Range<usize>>) -> Wrong {
        if self.span.is_none() {
            self.span.clone_from(span);
        }
        self
    }

    /// In words without the text it stands in.
    pub(super) fn in_words(&self) -> String {
        let mut words = match self.keys.is_empty() {
            true => String::new(),
            false => format!("{}: ", self.keys.join(".")),
        };
        words.push_str(&self.words);
        if let Some(character) = self.character {
            words.push_str(&format!(" (at character {})", character + 1));
        }
        words
    }

    /// In words with line and column of the text it stands in.
    pub(super) fn in_text(&self, text: &str) -> String {
        let Some(span) = &self.span else {
            return self.in_words();
        };
        let mut at = span.start.min(text.len());
        if let Some(character) = self.character
            && let Some(inside) = plain_string(text.get(span.clone()))
        {
            let skipped = inside.text.chars().take(character).map(char::len_utf8);
            at += inside.quote + skipped.sum::<usize>();
        }
        let (line, column) = line_and_column(text, at);
        let keys = match self.keys.is_empty() {
            true => String::new(),
            false => format!("{}: ", self.keys.join(".")),
        };
        format!("line {line}, column {column}: {keys}{}", self.words)
    }
}

/// A string of TOML in which each character stands for itself.
struct PlainString<'a> {
    quote: usize,
    text: &'a str,
}

fn plain_string(written: Option<&str>) -> Option<PlainString<'_>> {
    let written = written?;
    let quote = ["\"\"\"", "'''", "\"", "'"]
        .into_iter()
        .find(|quote| written.starts_with(quote))?;
    let text = written.get(quote.len()..written.len().checked_sub(quote.len())?)?;
    // With escapes before it the place can't be told to the column.
    (!text.contains('\\') || quote.starts_with('\'')).then_some(PlainString {
        quote: quote.len(),
        text,
    })
}

fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[start..].chars().count() + 1)
}

impl Node {
    /// Reads TOML. `Err` is what is wrong with it.
    pub(super) fn parse_toml(text: &str) -> Read<Node> {
        let table = DeTable::parse(text).map_err(|error| Wrong {
            keys: Vec::new(),
            words: error.message().to_owned(),
            span: error.span(),
            character: None,
        })?;
        Ok(Node {
            span: Some(table.span()),
            value: of_toml_table(table.get_ref()),
        })
    }

    /// What JSON (or whatever serde reads) says.
    pub(super) fn of_json(value: &Value) -> Node {
        let value = match value {
            Value::Null => Content::Other("null"),
            Value::Bool(flag) => Content::Flag(*flag),
            Value::Number(number) => match number.as_f64() {
                Some(number) => Content::Number(number),
                None => Content::Other("a number that is too great"),
            },
            Value::String(text) => Content::Text(text.clone()),
            Value::Array(list) => Content::List(list.iter().map(Node::of_json).collect()),
            Value::Object(table) => {
                let known = table.iter().filter(|(_, value)| !value.is_null());
                Content::Table(
                    known
                        .map(|(key, value)| (key.clone(), None, Node::of_json(value)))
                        .collect(),
                )
            }
        };
        Node { value, span: None }
    }

    /// The same as JSON.
    pub(super) fn to_json(&self) -> Value {
        match &self.value {
            Content::Text(text) => Value::String(text.clone()),
            Content::Number(number) => number_value(*number),
            Content::Flag(flag) => Value::Bool(*flag),
            Content::List(list) => Value::Array(list.iter().map(Node::to_json).collect()),
            Content::Table(table) => Value::Object(
                table
                    .iter()
                    .map(|(key, _, node)| (key.clone(), node.to_json()))
                    .collect(),
            ),
            Content::Other(_) => Value::Null,
        }
    }

    /// A refusal of this part.
    pub(super) fn wrong(&self, wanted: &str) -> Wrong {
        Wrong {
            keys: Vec::new(),
            words: format!("{} is not {wanted}", self.shown()),
            span: self.span.clone(),
            character: None,
        }
    }

    fn shown(&self) -> String {
        match &self.value {
            Content::Text(text) => format!("{text:?}"),
            Content::Number(number) => number.to_string(),
            Content::Flag(flag) => flag.to_string(),
            Content::List(_) => "a list".into(),
            Content::Table(_) => "a table".into(),
            Content::Other(what) => (*what).into(),
        }
    }

    pub(super) fn text(&self) -> Read<&str> {
        match &self.value {
            Content::Text(text) => Ok(text),
            _ => Err(self.wrong("a text")),
        }
    }

    pub(super) fn flag(&self) -> Read<bool> {
        match self.value {
            Content::Flag(flag) => Ok(flag),
            _ => Err(self.wrong("true or false")),
        }
    }

    pub(super) fn list(&self) -> Read<&[Node]> {
        match &self.value {
            Content::List(list) => Ok(list),
            _ => Err(self.wrong("a list in []")),
        }
    }

    /// Where the value of a key of a table stands; of one that is not there the whole table.
    pub(super) fn span_of(&self, key: &str) -> Option<Range<usize>> {
        let table = match &self.value {
            Content::Table(table) => table.as_slice(),
            _ => &[],
        };
        let found = table.iter().find(|(name, _, _)| name == key);
        let span = found.and_then(|(_, _, node)| node.span.clone());
        span.or_else(|| self.span.clone())
    }

    /// A table whose keys are among the known ones.
    pub(super) fn table<'a>(&'a self, known: &[&str]) -> Read<Fields<'a>> {
        let Content::Table(table) = &self.value else {
            return Err(self.wrong("a table"));
        };
        for (key, span, _) in table {
            if known.contains(&key.as_str()) {
                continue;
            }
            let words = match nearest(key, known.iter().copied(), 1).first() {
                Some(near) => format!("there is no such key; did you mean {near}?"),
                None => format!("there is no such key; there are {}", known.join(", ")),
            };
            return Err(Wrong {
                keys: vec![key.clone()],
                words,
                span: span.clone().or(self.span.clone()),
                character: None,
            });
        }
        Ok(Fields { node: self, table })
    }
}

/// A whole number is told as one.
pub(super) fn number_value(number: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match number.fract() == 0.0 && number.abs() < EXACT {
        true => Value::from(number as i64),
        false => Value::from(number),
    }
}

/// The keys of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    node: &'a Node,
    table: &'a [(String, Option<Range<usize>>, Node)],
}

impl<'a> Fields<'a> {
    /// Reads a key, if it is there.
    pub(super) fn get<T>(
        &self,
        key: &str,
        read: impl FnOnce(&'a Node) -> Read<T>,
    ) -> Read<Option<T>> {
        let Some((_, _, node)) = self.table.iter().find(|(name, _, _)| name == key) else {
            return Ok(None);
        };
        match read(node) {
            Ok(value) => Ok(Some(value)),
            Err(wrong) => Err(wrong.at(&node.span).within(key)),
        }
    }

    pub(super) fn span_of(&self, key: &str) -> Option<Range<usize>> {
        self.node.span_of(key)
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.iter().any(|(name, _, _)| name == key)
    }

    /// Those of these keys that are there.
    pub(super) fn among<'k>(&self, keys: &[&'k str]) -> Vec<&'k str> {
        keys.iter().copied().filter(|key| self.has(key)).collect()
    }

    /// A refusal of the table as a whole.
    pub(super) fn wrong(&self, words: impl Into<String>) -> Wrong {
        Wrong {
            keys: Vec::new(),
            words: words.into(),
            span: self.node.span.clone(),
            character: None,
        }
    }
}

fn of_toml(value: &Spanned<DeValue<'_>>) -> Node {
    let content = match value.get_ref() {
        DeValue::String(text) => Content::Text(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Content::Number(number as f64),
            Err(_) => Content::Other("a number that is too great"),
        },
        DeValue::Float(number) => match number.as_str().parse::<f64>() {
            Ok(number) if number.is_finite() => Content::Number(number),
            _ => Content::Other("a number that is not finite"),
        },
        DeValue::Boolean(flag) => Content::Flag(*flag),
        DeValue::Datetime(_) => Content::Other("a date"),
        DeValue::Array(list) => Content::List(list.iter().map(of_toml).collect()),
        DeValue::Table(table) => of_toml_table(table),
    };
    Node {
        value: content,
        span: Some(value.span()),
    }
}

fn of_toml_table(table: &DeTable<'_>) -> Content {
    let members = table.iter().map(|(key, value)| {
        let name = key.get_ref().to_string();
        (name, Some(key.span()), of_toml(value))
    });
    Content::Table(members.collect())
}
