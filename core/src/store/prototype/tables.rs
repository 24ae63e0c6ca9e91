//! What the engine knows nothing of: rules and tools of the programs, and what the prototype's
//! components noted.

use super::columns::{CREATED_AT, Column, Kept, column, stamp};

const NAME: Column = column("name", "TEXT UNIQUE NOT NULL");
const DESCRIPTION: Column = column("description", "TEXT");
const METRIC: Column = column("metric_name", "TEXT NOT NULL");
const SEVERITY: Column = column("severity", "TEXT NOT NULL");
const ENABLED: Column = column("enabled", "INTEGER DEFAULT 1");
const CONFIDENCE: Column = column("confidence", "REAL");
const ACKNOWLEDGED: [Column; 3] = [
    column("acknowledged", "INTEGER DEFAULT 0"),
    column("acknowledged_by", "TEXT"),
    column("acknowledged_at", "REAL"),
];

/// The last columns of both kinds of rules.
const RULE: [Column; 9] = [
    SEVERITY,
    ENABLED,
    column("escalation_enabled", "INTEGER DEFAULT 0"),
    column("escalation_delay", "REAL DEFAULT 5"),
    column("escalation_levels", "TEXT"),
    column("notification_channels", "TEXT"),
    column("custom_message", "TEXT"),
    column("created_at", "REAL DEFAULT (strftime('%s', 'now'))"),
    column("last_triggered", "REAL"),
];

/// Every one.
pub(super) fn all() -> Vec<Kept> {
    vec![
        for_ever(
            "alert_rules",
            &[
                column("rule_name", "TEXT UNIQUE NOT NULL"),
                METRIC,
                column("threshold", "REAL NOT NULL"),
                SEVERITY,
                ENABLED,
                DESCRIPTION,
                CREATED_AT,
            ],
        ),
        for_ever(
            "notification_settings",
            &[
                column("alert_type", "TEXT NOT NULL"),
                ENABLED,
                column("notification_method", "TEXT DEFAULT 'console'"),
                CREATED_AT,
            ],
        ),
        for_ever(
            "tools",
            &[
                NAME,
                DESCRIPTION,
                column("category", "TEXT"),
                column("install_command", "TEXT"),
                column("doc_url", "TEXT"),
                column("tags", "TEXT"),
                column("confidence_score", "REAL"),
                CREATED_AT,
            ],
        ),
        for_ever(
            "tool_analytics",
            &[
                column("tool_name", "TEXT NOT NULL"),
                column("install_count", "INTEGER DEFAULT 0"),
                column("usage_count", "INTEGER DEFAULT 0"),
                column("success_rate", "REAL"),
                column("user_rating", "REAL"),
                column("last_used", "REAL"),
                CREATED_AT,
            ],
        ),
        ageing(
            "recommendation_history",
            None,
            &[
                column("query", "TEXT"),
                column("recommended_tools", "TEXT"),
                column("system_context", "TEXT"),
                column("user_feedback", "TEXT"),
                CREATED_AT,
            ],
        ),
        // Which tools were taken up and which were not: one row.
        for_ever("tools_learnt", &[column("learnt", "TEXT NOT NULL")]),
        for_ever(
            "custom_alert_rules",
            &[
                &[NAME, DESCRIPTION, METRIC][..],
                &[
                    column("condition", "TEXT NOT NULL"),
                    column("threshold", "BLOB NOT NULL"),
                ],
                &RULE,
            ]
            .concat(),
        ),
        for_ever(
            "complex_alert_rules",
            &[
                &[NAME, DESCRIPTION][..],
                &[
                    column("conditions", "TEXT NOT NULL"),
                    column("operator", "TEXT NOT NULL"),
                ],
                &RULE,
            ]
            .concat(),
        ),
        ageing(
            "alert_escalations",
            Some("triggered_at"),
            &[
                &[
                    column("alert_id", "INTEGER"),
                    column("rule_name", "TEXT NOT NULL"),
                    column("escalation_level", "TEXT NOT NULL"),
                    column("triggered_at", "REAL NOT NULL"),
                    column("message", "TEXT"),
                    column("notification_sent", "INTEGER DEFAULT 0"),
                ][..],
                &ACKNOWLEDGED,
                &[CREATED_AT],
            ]
            .concat(),
        ),
        for_ever(
            "ml_models",
            &[
                column("model_type", "TEXT NOT NULL"),
                column("model_name", "TEXT NOT NULL"),
                column("accuracy", "REAL"),
                column("training_date", "REAL"),
                column("features", "TEXT"),
                column("parameters", "TEXT"),
                column("status", "TEXT"),
                CREATED_AT,
            ],
        ),
        ageing(
            "ml_predictions",
            Some("timestamp"),
            &[
                column("timestamp", "REAL NOT NULL"),
                column("model_type", "TEXT NOT NULL"),
                column("prediction", "TEXT"),
                CONFIDENCE,
                column("features_used", "TEXT"),
                column("metadata", "TEXT"),
                CREATED_AT,
            ],
        ),
        ageing(
            "system_patterns",
            None,
            &[
                column("pattern_type", "TEXT NOT NULL"),
                column("pattern_id", "TEXT NOT NULL"),
                DESCRIPTION,
                CONFIDENCE,
                column("features", "TEXT"),
                column("frequency", "REAL"),
                column("severity", "TEXT"),
                CREATED_AT,
            ],
        ),
        for_ever(
            "feature_engineering",
            &[
                column("feature_name", "TEXT NOT NULL"),
                column("feature_type", "TEXT"),
                column("calculation_method", "TEXT"),
                column("parameters", "TEXT"),
                column("status", "TEXT"),
                CREATED_AT,
            ],
        ),
        ageing(
            "performance_baselines",
            None,
            &[
                METRIC,
                column("baseline_type", "TEXT"),
                column("baseline_value", "REAL"),
                column("standard_deviation", "REAL"),
                column("sample_count", "INTEGER"),
                column("time_period", "TEXT"),
                CREATED_AT,
            ],
        ),
    ]
}

fn for_ever(name: &str, columns: &[Column]) -> Kept {
    Kept {
        name: name.to_owned(),
        columns: columns.to_vec(),
        above: 0,
        stamp: None,
    }
}

/// Its rows go with age: by the column that tells it, or by when they were written.
fn ageing(name: &str, of: Option<&str>, columns: &[Column]) -> Kept {
    Kept {
        stamp: stamp(columns, of),
        ..for_ever(name, columns)
    }
}
