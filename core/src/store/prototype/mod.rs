//! The tables of the prototype's other databases, inside the monitor's own: whoever opens one
//! of its files with SQLite finds them through a link of that file's name.
//!
//! What the engine knows is shown by views over its own tables, so that there is one set of
//! data; what a program writes there goes where the engine reads it (`system_metrics`, the
//! acknowledgement of an alert) or into a table `saved_…` beside it, whose rows the view shows,
//! too. What the engine knows nothing of is a plain table.
//!
//! The views are read by whatever SQLite a program brings along: nothing newer than 3.31 is
//! used in them. A row of the engine that is over may be deleted through a view; one that
//! lasts stays, for the engine would write it again.

mod alerts;
mod columns;
mod judged;
mod links;
mod listed;
mod metrics;
mod outlook;
mod tables;
#[cfg(test)]
mod tests;
mod view;

pub(super) use columns::Kept;
pub(super) use links::make_links;
pub use links::{PROTOTYPE_FILES, prototype_files};
pub(super) use listed::list_rules;
pub(super) use view::View;

/// Most rows of a table of these that ages, whatever their age.
pub(super) use super::judged::MOST_JUDGED_ROWS as MOST_ROWS;

/// All tables, those behind the views first.
pub(super) fn tables() -> Vec<Kept> {
    let saved = saved_views().into_iter().map(|view| view.saved());
    saved.chain(tables::all()).collect()
}

/// All views, each after those that it reads.
pub(super) fn views() -> Vec<View> {
    let saved = saved_views()
        .iter()
        .map(view::Saved::view)
        .collect::<Vec<_>>();
    let mut views = vec![
        metrics::system_metrics(),
        judged::pairs(),
        outlook::forecasts(),
    ];
    views.extend(saved);
    views.push(alerts::system_alerts());
    views
}

/// Further indices: name, and what they are on.
pub(super) static INDICES: [(&str, &str); 1] = [
    // Looked at with each row of `alerts`.
    (
        "usm_requests_open",
        "requests (answered_at) WHERE answered_at IS NULL",
    ),
];

fn saved_views() -> Vec<view::Saved> {
    vec![
        metrics::historical_metrics(),
        metrics::performance_history(),
        alerts::alerts(),
        alerts::notification_history(),
        judged::anomalies(),
        judged::performance_insights(),
        judged::correlations(),
        judged::system_correlations(),
        outlook::trend_analysis(),
        outlook::performance_forecasts(),
    ]
}
