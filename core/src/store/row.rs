//! What is remembered: one row of one of the tables, or one sample for the series.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::judged::JudgedRow;
use crate::series::Frame;

/// One row, for whichever table.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// For `unified_system_states`.
    State(StateRow),
    /// For `performance_metrics`.
    Performance(PerformanceRow),
    /// For `integration_events`.
    Event(EventRow),
    /// For the series.
    Frame(Arc<Frame>),
    /// For the tables of what was judged.
    Judged(JudgedRow),
}

/// One published state: scores and the parts as JSON texts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StateRow {
    /// When the state was made, Unix seconds.
    pub timestamp: f64,
    /// 0–100.
    pub health_score: Option<f64>,
    /// 0–100.
    pub performance_score: Option<f64>,
    /// 0–100.
    pub security_score: Option<f64>,
    /// JSON object of the sample.
    pub metrics_data: Option<String>,
    /// JSON list.
    pub alerts_data: Option<String>,
    /// JSON list.
    pub recommendations_data: Option<String>,
    /// JSON object.
    pub predictions_data: Option<String>,
    /// JSON list.
    pub insights_data: Option<String>,
}

/// How long one operation of one component took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PerformanceRow {
    /// E.g. `unified_monitor`.
    pub component_name: Cow<'static, str>,
    /// E.g. `state_collection`.
    pub operation_name: Cow<'static, str>,
    /// Seconds.
    pub execution_time: f64,
    /// The prototype never said in which unit and never filled it; `None` unless known.
    pub memory_usage: Option<f64>,
    /// Percent of one core.
    pub cpu_usage: Option<f64>,
    /// When it was measured, Unix seconds.
    pub timestamp: f64,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRow {
    /// E.g. `error`.
    pub event_type: Cow<'static, str>,
    /// Text or JSON.
    pub event_data: Option<String>,
    /// E.g. `high`.
    pub severity: Option<Cow<'static, str>>,
    /// Who reports it.
    pub component_name: Option<Cow<'static, str>>,
    /// When, Unix seconds; a row of another writer may lack it.
    pub timestamp: Option<f64>,
}

impl Row {
    /// Bytes of its texts: what it weighs in memory and, nearly, in the file.
    pub(crate) fn text_bytes(&self) -> usize {
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        match self {
            Row::State(row) => [
                &row.metrics_data,
                &row.alerts_data,
                &row.recommendations_data,
                &row.predictions_data,
                &row.insights_data,
            ]
            .into_iter()
            .map(length)
            .sum(),
            Row::Performance(row) => row.component_name.len() + row.operation_name.len(),
            Row::Frame(frame) => frame.weight(),
            Row::Judged(row) => row.text_bytes(),
            Row::Event(row) => {
                let short = |text: &Option<Cow<'static, str>>| text.as_ref().map_or(0, |t| t.len());
                row.event_type.len()
                    + length(&row.event_data)
                    + short(&row.severity)
                    + short(&row.component_name)
            }
        }
    }
}
