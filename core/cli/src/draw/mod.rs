//! Drawing with text: lines of styled pieces, bars, tables and numbers. Everything here is
//! pure: values and a [`Style`] in, text out.

mod bar;
pub(crate) mod chart;
mod escape;
mod flow;
mod line;
mod listing;
mod page;
mod style;
mod table;

pub(crate) use bar::{bar, level_of, sparks};
pub(crate) use escape::{escape_lines, fit};
pub(crate) use flow::{Flow, notes};
pub(crate) use line::Line;
pub(crate) use listing::Listing;
pub(crate) use page::Page;
pub(crate) use style::{Style, Tone};
pub(crate) use table::{Column, Table};
pub(crate) use usm_report::shown::{UNKNOWN, number, quantity};
