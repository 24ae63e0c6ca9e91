//! Judgement for Python: what is found in the newest state and over time, and the alerts'
//! rules. Structures of core become dicts; `_findings.py` makes them readable by attribute.

mod alerts;
mod found;
mod tools;

pub(crate) use alerts::AlertDesk;
pub(crate) use found::{Found, metric_names};
pub(crate) use tools::{
    learn_of_tools, performance_issues, recommend_tools, tool_analytics, tool_catalogue,
};
