//! The channels' tables of a rules' file: kept as they were written, checked when read.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;
use serde_json::Value;
use usm_notify::ChannelConfig;

use super::node::{Content, Node, Read, Wrong};
use crate::config::nearest;
use crate::tree::from_tree;
use crate::{Error, Result};

/// Channels that there are without being set up.
pub const OWN_CHANNELS: [&str; 2] = ["console", "log"];

/// A channel as it was written. It may hold secrets, and so does not show itself.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct ChannelTable(Value);

impl std::fmt::Debug for ChannelTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChannelTable({})", self.kind())
    }
}

impl ChannelTable {
    /// A channel of which no more is known than its kind: enough for rules that name it.
    pub fn of_kind(kind: &str) -> ChannelTable {
        ChannelTable(serde_json::json!({ "type": kind }))
    }

    /// What stands in `type`, e.g. `webhook`.
    pub fn kind(&self) -> &str {
        self.0.get("type").and_then(Value::as_str).unwrap_or("")
    }

    /// The table as it was written, secrets and all.
    pub fn table(&self) -> &Value {
        &self.0
    }

    /// What it says to who delivers.
    ///
    /// # Errors
    /// `InvalidArgument` with what is wrong.
    pub fn config(&self, name: &str) -> Result<ChannelConfig> {
        let refuse = |words: String| Error::invalid("channel", format!("{name:?}"), words);
        let config: ChannelConfig = from_tree(&self.0).map_err(refuse)?;
        let checked = config.check(name);
        checked.map_err(|fault| refuse(format!("{}: {}", fault.field, fault.reason)))?;
        Ok(config)
    }
}

/// Reads `[channels.NAME]` tables.
pub(super) fn read(node: &Node) -> Read<BTreeMap<String, ChannelTable>> {
    let Content::Table(table) = &node.value else {
        return Err(node.wrong("a table of channels by name"));
    };
    let mut channels = BTreeMap::new();
    for (name, span, node) in table {
        let channel = ChannelTable(node.to_json());
        check(name, &channel, node).map_err(|wrong| wrong.at(span).within(name))?;
        channels.insert(name.clone(), channel);
    }
    Ok(channels)
}

fn check(name: &str, channel: &ChannelTable, node: &Node) -> Read<()> {
    let wrong = |field: &str, words: String| Wrong {
        keys: match field {
            "" => Vec::new(),
            field => field.split('.').map(str::to_owned).collect(),
        },
        words,
        span: place(node, field),
        character: None,
    };
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(wrong(
            "",
            "a channel has a name without control characters".into(),
        ));
    }
    let config: ChannelConfig = from_tree(&channel.0).map_err(|words| {
        let quoted: Vec<&str> = words.split('`').skip(1).step_by(2).collect();
        let (first, known) = quoted.split_first().unwrap_or((&"", &[]));
        let is_unknown = words.starts_with("unknown");
        match nearest(first, known.iter().copied(), 1).first() {
            Some(near) if is_unknown => {
                // An unknown field stands there by its name, an unknown kind in `type`.
                let field = if words.starts_with("unknown field") {
                    first
                } else {
                    "type"
                };
                wrong(
                    field,
                    format!("there is no {first:?}; did you mean {near}?"),
                )
            }
            _ => wrong(if is_unknown { first } else { "" }, words.clone()),
        }
    })?;
    let checked = config.check(name);
    checked.map_err(|fault| wrong(&fault.field, fault.reason))
}

/// Where a field stands, or the table that it is missing in.
fn place(node: &Node, field: &str) -> Option<Range<usize>> {
    let first = field.split(['.', '[']).next().unwrap_or(field);
    node.span_of(first)
}
