//! A report as something to be read: cards, lists, charts and tables, for a page and for a
//! terminal alike.

mod exported;
mod health;
mod parts;
mod trends;

use usm_core::series::Unit;

pub(crate) use exported::{alerts, metrics, predictions};

/// How something is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// Well.
    Good,
    /// To be looked at.
    Warning,
    /// Bad.
    Bad,
}

impl Tone {
    /// Its word, which is also its class in a page.
    pub fn name(self) -> &'static str {
        match self {
            Tone::Plain => "plain",
            Tone::Good => "good",
            Tone::Warning => "warning",
            Tone::Bad => "bad",
        }
    }

    /// Of a score from 0 to 100.
    pub(crate) fn of_score(score: Option<f64>) -> Tone {
        match score {
            Some(score) if score > 70.0 => Tone::Good,
            Some(score) if score > 40.0 => Tone::Warning,
            Some(_) => Tone::Bad,
            None => Tone::Plain,
        }
    }
}

/// A report.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// What it is, e.g. `System health`.
    pub title: String,
    /// Name of the machine.
    pub host: Option<String>,
    /// From when to when, in words.
    pub range: String,
    /// When it was made, in words.
    pub made: String,
    /// The most important numbers.
    pub cards: Vec<Card>,
    /// Its parts.
    pub sections: Vec<Section>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// One number.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Card {
    /// What it is.
    pub label: String,
    /// The number.
    pub value: String,
    /// Behind it, smaller.
    pub unit: String,
    /// Below it, in words.
    pub detail: String,
    /// How it is meant.
    pub tone: Tone,
    /// How much of the whole it is, 0 to 100.
    pub share: Option<f64>,
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// Below it, in words; may be empty.
    pub about: String,
    /// What is in it.
    pub body: Body,
}

/// What is in a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A list of sentences.
    Items(Vec<Item>),
    /// Charts, side by side where there is room.
    Charts(Vec<Chart>),
    /// What lasted from when to when.
    Timeline(Timeline),
    /// A table.
    Table(Table),
}

/// A sentence in a list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Item {
    /// How it is meant.
    pub tone: Tone,
    /// A word before it, e.g. its severity; may be empty.
    pub label: String,
    /// The sentence.
    pub text: String,
    /// Behind it: what could be done, since when; may be empty.
    pub detail: String,
}

/// Lines over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// Unit of all lines.
    pub unit: Unit,
    /// Beginning of each stretch, Unix seconds.
    pub times: Vec<f64>,
    /// Width of a stretch, seconds.
    pub step_seconds: f64,
    /// The range that the axis shows, Unix seconds.
    pub range: (f64, f64),
    /// The lines.
    pub lines: Vec<Line>,
    /// What lasted meanwhile.
    pub marks: Vec<Span>,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its name; empty where it is the only one.
    pub name: String,
    /// Values; NaN is a gap.
    pub mean: Vec<f64>,
    /// Least within each stretch; empty where no band is shown.
    pub least: Vec<f64>,
    /// Greatest within each stretch.
    pub greatest: Vec<f64>,
    /// Mean, greatest and last in words.
    pub figures: String,
}

/// Something that lasted.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// Unix seconds.
    pub since: f64,
    /// Unix seconds; `None` while it lasts.
    pub until: Option<f64>,
    /// How it is meant.
    pub tone: Tone,
    /// What it is.
    pub title: String,
}

/// What lasted from when to when, a row for each name.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// The range that the axis shows, Unix seconds.
    pub range: (f64, f64),
    /// Names with what lasted.
    pub rows: Vec<(String, Vec<Span>)>,
    /// Rows that there was no room for.
    pub left_out: usize,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// What it is of, for those who can't see it.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<TableColumn>,
    /// Rows with a cell for each column.
    pub rows: Vec<Vec<TableCell>>,
    /// Rows that there was no room for.
    pub left_out: usize,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableColumn {
    /// Its heading; may be empty.
    pub name: String,
    /// Numbers stand below it.
    pub is_number: bool,
    /// Where there is little room it may be left out.
    pub is_minor: bool,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableCell {
    /// What is in it.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// How long a bar behind it is, 0 to 100.
    pub bar: Option<f64>,
}

impl From<String> for TableCell {
    fn from(text: String) -> TableCell {
        TableCell {
            text,
            ..TableCell::default()
        }
    }
}

impl From<&str> for TableCell {
    fn from(text: &str) -> TableCell {
        TableCell::from(text.to_owned())
    }
}

impl Section {
    pub(crate) fn new(heading: &str, about: impl Into<String>, body: Body) -> Section {
        Section {
            heading: heading.into(),
            about: about.into(),
            body,
        }
    }

    /// There is something in it.
    pub(crate) fn has_content(&self) -> bool {
        match &self.body {
            Body::Items(items) => !items.is_empty(),
            Body::Charts(charts) => !charts.is_empty(),
            Body::Timeline(timeline) => !timeline.rows.is_empty(),
            Body::Table(table) => !table.rows.is_empty(),
        }
    }
}
