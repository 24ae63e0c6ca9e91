//! The prototype's files and tables, and what becomes of each.

/// One of the prototype's files.
#[derive(Debug)]
pub(super) struct FileSpec {
    pub(super) name: &'static str,
    pub(super) side: Side,
    pub(super) tables: &'static [TableSpec],
}

/// Which of our files takes its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Monitor,
    Optimizer,
}

/// One of its tables.
#[derive(Debug)]
pub(super) struct TableSpec {
    pub(super) name: &'static str,
    pub(super) how: How,
    pub(super) key: Key,
    /// Columns whose text is JSON.
    pub(super) json: &'static [&'static str],
    /// The column by which rows become too old.
    pub(super) age: Option<&'static str>,
    /// Our table is ordered by it, and has no bound in numbers.
    pub(super) is_ordered: bool,
}

/// What becomes of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// They go into the table of the same name.
    Plain,
    /// A row has many metrics of one moment: into states and history.
    Wide,
    /// A row has one metric of one moment: into states and history.
    Tall,
    /// Of several with one name the newest goes to the optimizer's profiles.
    Profiles,
}

/// What tells that a row is there already.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    /// All its columns but its number and these, which change while a row lives, or which
    /// whoever writes the row fills in.
    Content { but: &'static [&'static str] },
    /// This column is its name; `but` may differ from ours.
    Name {
        column: &'static str,
        but: &'static [&'static str],
    },
}

const MADE: &[&str] = &["created_at"];
const ACKNOWLEDGED: &[&str] = &[
    "created_at",
    "acknowledged",
    "acknowledged_by",
    "acknowledged_at",
];
const ESCALATED: &[&str] = &[
    "created_at",
    "notification_sent",
    "acknowledged",
    "acknowledged_by",
    "acknowledged_at",
];
const RULE: &[&str] = &["created_at", "updated_at", "last_triggered"];

/// Rows that tell their own time.
const fn plain(name: &'static str, json: &'static [&'static str]) -> TableSpec {
    TableSpec {
        name,
        how: How::Plain,
        key: Key::Content { but: MADE },
        json,
        age: None,
        is_ordered: false,
    }
}

/// Rows whose only time is when they were written.
const fn made(name: &'static str, json: &'static [&'static str]) -> TableSpec {
    TableSpec {
        key: Key::Content { but: &[] },
        ..plain(name, json)
    }
}

/// Rows that become too old.
const fn ageing(table: TableSpec, age: &'static str) -> TableSpec {
    TableSpec {
        age: Some(age),
        ..table
    }
}

/// Rows of a table that we order by age.
const fn stamped(table: TableSpec, age: &'static str) -> TableSpec {
    TableSpec {
        is_ordered: true,
        ..ageing(table, age)
    }
}

/// Rows with a name each.
const fn named(
    name: &'static str,
    column: &'static str,
    json: &'static [&'static str],
) -> TableSpec {
    TableSpec {
        key: Key::Name { column, but: RULE },
        ..plain(name, json)
    }
}

const fn changing(table: TableSpec, but: &'static [&'static str]) -> TableSpec {
    TableSpec {
        key: Key::Content { but },
        ..table
    }
}

const fn metrics(name: &'static str, how: How) -> TableSpec {
    TableSpec {
        how,
        ..stamped(plain(name, &[]), "timestamp")
    }
}

const STATE_JSON: &[&str] = &[
    "metrics_data",
    "alerts_data",
    "recommendations_data",
    "predictions_data",
    "insights_data",
];
const CHANNELS: &[&str] = &["escalation_levels", "notification_channels", "conditions"];

pub(super) static FILES: [FileSpec; 9] = [
    FileSpec {
        name: "unified_system.db",
        side: Side::Monitor,
        tables: &[
            stamped(plain("unified_system_states", STATE_JSON), "timestamp"),
            stamped(plain("performance_metrics", &[]), "timestamp"),
            stamped(plain("integration_events", &[]), "timestamp"),
        ],
    },
    FileSpec {
        name: "performance_optimizer.db",
        side: Side::Optimizer,
        tables: &[
            stamped(made("optimization_targets", &[]), "created_at"),
            stamped(
                changing(made("optimization_actions", &[]), &["status"]),
                "created_at",
            ),
            TableSpec {
                how: How::Profiles,
                ..made("performance_profiles", &["optimization_rules"])
            },
            stamped(made("optimization_history", &[]), "created_at"),
        ],
    },
    FileSpec {
        name: "system_metrics.db",
        side: Side::Monitor,
        tables: &[
            metrics("system_metrics", How::Wide),
            ageing(
                changing(plain("system_alerts", &[]), ACKNOWLEDGED),
                "timestamp",
            ),
            plain("performance_history", &[]),
        ],
    },
    FileSpec {
        name: "system_alerts.db",
        side: Side::Monitor,
        tables: &[
            ageing(changing(plain("alerts", &[]), ACKNOWLEDGED), "timestamp"),
            named("alert_rules", "rule_name", &[]),
            plain("notification_settings", &[]),
        ],
    },
    FileSpec {
        name: "custom_alert_rules.db",
        side: Side::Monitor,
        tables: &[
            named("custom_alert_rules", "name", CHANNELS),
            named("complex_alert_rules", "name", CHANNELS),
            ageing(
                changing(plain("alert_escalations", &[]), ESCALATED),
                "triggered_at",
            ),
            ageing(plain("notification_history", &[]), "sent_at"),
        ],
    },
    FileSpec {
        name: "tool_analytics.db",
        side: Side::Monitor,
        tables: &[
            named("tools", "name", &[]),
            plain("tool_analytics", &[]),
            ageing(
                made(
                    "recommendation_history",
                    &["recommended_tools", "system_context"],
                ),
                "created_at",
            ),
        ],
    },
    FileSpec {
        name: "predictive_analytics.db",
        side: Side::Monitor,
        tables: &[
            metrics("historical_metrics", How::Tall),
            ageing(plain("trend_analysis", &[]), "timestamp"),
            ageing(plain("anomalies", &[]), "timestamp"),
            ageing(
                plain("performance_forecasts", &["recommendations"]),
                "timestamp",
            ),
        ],
    },
    FileSpec {
        name: "ml_integration.db",
        side: Side::Monitor,
        tables: &[
            made("ml_models", &["features", "parameters"]),
            ageing(
                plain("ml_predictions", &["features_used", "metadata"]),
                "timestamp",
            ),
            ageing(made("system_patterns", &["features"]), "created_at"),
            made("feature_engineering", &["parameters"]),
        ],
    },
    FileSpec {
        name: "advanced_analytics.db",
        side: Side::Monitor,
        tables: &[
            ageing(made("correlations", &[]), "created_at"),
            ageing(
                plain("performance_insights", &["recommendations"]),
                "timestamp",
            ),
            ageing(
                made("system_correlations", &["metrics", "recommendations"]),
                "created_at",
            ),
            ageing(made("performance_baselines", &[]), "created_at"),
        ],
    },
];
