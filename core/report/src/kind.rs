//! What is exported, and in which form.

use usm_core::{Error, Result};

/// What an export holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The machine's main metrics, a row for each time.
    Metrics,
    /// The alerts that fired.
    Alerts,
    /// Trends, anomalies and forecasts.
    Predictions,
}

impl Kind {
    /// Reads `metrics`, `alerts` or `predictions`.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub fn parse(text: &str) -> Result<Kind> {
        match text {
            "metrics" => Ok(Kind::Metrics),
            "alerts" => Ok(Kind::Alerts),
            "predictions" => Ok(Kind::Predictions),
            other => Err(Error::invalid(
                "kind",
                format!("{other:?}"),
                "metrics, alerts or predictions",
            )),
        }
    }

    /// What the prototype's files of it are called: `system_metrics` and the like.
    pub fn stem(self) -> &'static str {
        match self {
            Kind::Metrics => "system_metrics",
            Kind::Alerts => "system_alerts",
            Kind::Predictions => "predictive_analytics",
        }
    }
}

/// The form of an export or a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// For programs.
    Json,
    /// For spreadsheets.
    Csv,
    /// For people: one file that needs no other.
    Html,
}

impl Format {
    /// Reads `json`, `csv` or `html`.
    ///
    /// # Errors
    /// `InvalidArgument`.
    pub fn parse(text: &str) -> Result<Format> {
        match text {
            "json" => Ok(Format::Json),
            "csv" => Ok(Format::Csv),
            "html" => Ok(Format::Html),
            other => Err(Error::invalid(
                "format",
                format!("{other:?}"),
                "json, csv or html",
            )),
        }
    }

    /// The ending of its files' names.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Html => "html",
        }
    }
}
