//! Rows, and that each is counted once.

use super::*;
use crate::migrate::FileStatus;
use crate::store::{Ledger, StoreReader};

#[test]
fn what_a_prototype_leaves_comes_over_with_its_numbers() {
    let place = Place::new();
    place.prototype.run_loop(place.now - 600.0, 2.0, 300);
    place.prototype.save_metrics(place.now - 600.0, 5.0, 100);
    place.prototype.optimize(place.now);
    let report = place.migrate();
    assert!(report.is_complete(), "{report:#?}");
    let same = |name: &str, into: &str, count| {
        assert_eq!(counts(&report, name, into), [count, count, 0, 0], "{name}");
    };
    same("performance_metrics", "performance_metrics", 300);
    same("integration_events", "integration_events", 1);
    same("system_metrics", "unified_system_states", 100);
    same("system_metrics", "history", 100);
    same("optimization_targets", "optimization_targets", 3);
    same("optimization_actions", "optimization_actions", 3);
    same("optimization_history", "optimization_history", 1);
    // The defect that no state was ever stored.
    assert_eq!(
        counts(&report, "unified_system_states", "unified_system_states"),
        [0; 4]
    );

    let sum = place.number("SELECT sum(execution_time) FROM performance_metrics");
    assert!((sum - 344.85).abs() < 1e-9, "{sum}");
    let reader = StoreReader::open(place.data().join(DATABASE_NAME)).unwrap();
    let states = reader.states(0.0, place.now + 1.0, 1000).unwrap();
    assert_eq!(states.len(), 100);
    let json = states[42].metrics_data.as_deref().unwrap();
    let metrics: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(metrics["cpu_percent"], 42.0);
    assert_eq!(metrics["disk_percent"], 71.25, "by name, not by number");
    assert_eq!(metrics["process_count"], 242);
    assert_eq!(
        metrics["load_average"],
        serde_json::json!([0.42, 0.5, 0.25])
    );
    assert!(metrics["temperature"].is_null());
    assert!(metrics["battery_plugged"].is_null(), "there is no battery");
    assert_eq!(states[42].health_score, None, "nothing is made up");
}

#[test]
fn of_profiles_with_one_name_the_newest_counts_and_ours_stays() {
    let place = Place::new();
    place.prototype.optimize(place.now);
    let report = place.migrate();
    assert_eq!(
        counts(&report, "performance_profiles", "performance_profiles"),
        [4, 2, 0, 2]
    );
    let ledger = Ledger::open(&place.data()).unwrap();
    let night = ledger.profile("night").unwrap().unwrap();
    assert_eq!(night.cpu_threshold, 65.0);
    assert_eq!(night.created_at, place.now - 300.0, "the time is kept");

    let own = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(own.path()).unwrap();
    let mut ours = night;
    ours.cpu_threshold = 33.0;
    ledger.put_profile(&ours).unwrap();
    drop(ledger);
    let report = run(&place.prototype.folder, own.path());
    assert_eq!(
        counts(&report, "performance_profiles", "performance_profiles"),
        [4, 1, 0, 3]
    );
    let ledger = Ledger::open(own.path()).unwrap();
    assert_eq!(
        ledger.profile("night").unwrap().unwrap().cpu_threshold,
        33.0
    );
}

#[test]
fn a_row_that_cannot_be_taken_is_counted_with_its_reason_and_the_rest_goes_on() {
    let place = Place::new();
    let now = place.now;
    place.prototype.sql(
        "unified_system.db",
        &format!(
            "INSERT INTO performance_metrics (component_name, operation_name, execution_time, \
             timestamp) VALUES ('a', 'b', 'soon', {now}), ('a', 'b', '1.5', {now}), \
             ('a', 'b', x'00ff', {now}), ('a', 'b', 9e999, {now}), ('a', 'b', NULL, {now}); \
             INSERT INTO unified_system_states (timestamp, health_score, metrics_data) VALUES \
             ({now}, 50, '{{\"cpu_percent\": NaN}}'), ({now}, 50, NULL), \
             ({now} + 86400, 50, NULL), ({now} - 86400 * 31, 50, NULL); \
             INSERT INTO integration_events (event_type, timestamp, created_at) VALUES \
             ('a', '2024-09-10 12:34:56', '2024-09-10 12:34:56'), ('a', 'noon', 1), \
             (CAST(x'ff41' AS TEXT), {now}, 1)"
        ),
    );
    let report = place.migrate();
    assert!(report.is_complete(), "a bad row is no failure to read");
    let timings = table(&report, "performance_metrics", "performance_metrics");
    assert_eq!(
        (timings.found, timings.imported, timings.skipped),
        (5, 2, 3)
    );
    let why: Vec<&str> = timings.reasons.iter().map(|r| r.why.as_str()).collect();
    assert_eq!(
        why,
        [
            "execution_time is text, not a number",
            "execution_time is binary data",
            "execution_time is infinite"
        ]
    );
    assert_eq!(timings.reasons[0].rows, [1]);
    let states = table(&report, "unified_system_states", "unified_system_states");
    assert_eq!((states.found, states.imported), (4, 1));
    let all: String = states.reasons.iter().map(|r| r.why.as_str()).collect();
    for word in ["broken JSON", "in the future", "retention_days (30)"] {
        assert!(all.contains(word), "{word} in {all}");
    }
    let events = table(&report, "integration_events", "integration_events");
    assert_eq!((events.found, events.imported, events.skipped), (3, 0, 3));
    let all: String = events.reasons.iter().map(|r| r.why.as_str()).collect();
    for word in ["older than", "not a time", "not UTF-8"] {
        assert!(all.contains(word), "{word} in {all}");
    }
}

#[test]
fn columns_are_found_by_name_and_others_are_told() {
    let place = Place::new();
    place.prototype.sql(
        "system_metrics.db",
        &format!(
            "DROP TABLE system_metrics; \
             CREATE TABLE system_metrics (note TEXT, disk_percent REAL, timestamp REAL, \
             cpu_percent REAL); INSERT INTO system_metrics VALUES ('x', 71.25, {}, 12.5)",
            place.now - 10.0
        ),
    );
    place.prototype.sql(
        "unified_system.db",
        &format!(
            "ALTER TABLE integration_events ADD COLUMN mood TEXT; \
             INSERT INTO integration_events (event_type, timestamp, mood) VALUES ('a', {}, 'x'); \
             ALTER TABLE performance_metrics RENAME COLUMN operation_name TO op; \
             INSERT INTO performance_metrics (component_name, op) VALUES ('a', 'b'); \
             CREATE TABLE shopping (item TEXT)",
            place.now
        ),
    );
    let report = place.migrate();
    let cpu = "SELECT json_extract(metrics_data, '$.cpu_percent') FROM unified_system_states";
    assert_eq!(place.number(cpu), 12.5);
    let events = table(&report, "integration_events", "integration_events");
    assert_eq!(events.imported, 1);
    assert!(events.notes[0].contains("mood"), "{events:?}");
    let timings = table(&report, "performance_metrics", "performance_metrics");
    assert_eq!(timings.skipped, 1);
    assert!(timings.reasons[0].why.contains("no column operation_name"));
    assert_eq!(report.files[0].foreign, ["shopping"]);
}

#[test]
fn older_rows_stand_before_ours_so_that_the_newest_state_stays_the_newest() {
    let place = Place::new();
    std::fs::create_dir_all(place.data()).unwrap();
    drop(crate::store::Intake::open(&settings(&place.data()).store).unwrap());
    place
        .database()
        .execute(
            "INSERT INTO unified_system_states (timestamp, health_score) VALUES (?1, 77)",
            [place.now - 100.0],
        )
        .unwrap();
    place.prototype.save_metrics(place.now - 600.0, 5.0, 100);
    let report = place.migrate();
    assert_eq!(
        counts(&report, "system_metrics", "unified_system_states"),
        [100, 100, 0, 0]
    );
    let ids = "SELECT count(*) FROM unified_system_states WHERE id < 1";
    assert_eq!(place.number(ids), 100.0);
    let reader = StoreReader::open(place.data().join(DATABASE_NAME)).unwrap();
    let newest = reader.latest_state().unwrap().unwrap();
    assert_eq!(newest.health_score, Some(77.0));
    place.prototype.save_metrics(place.now - 50.0, 5.0, 5);
    let report = place.migrate();
    assert_eq!(
        counts(&report, "system_metrics", "unified_system_states"),
        [105, 5, 100, 0]
    );
    let newest = reader.latest_state().unwrap().unwrap();
    assert_eq!(newest.timestamp, place.now - 30.0);
}

#[test]
fn a_metric_a_row_becomes_one_state_a_moment() {
    let place = Place::new();
    place.prototype.save_metrics(place.now - 600.0, 5.0, 10);
    // Half of them are of the same moments, but of another run.
    place.prototype.save_history(place.now - 575.0, 5.0, 10);
    place.prototype.sql(
        "predictive_analytics.db",
        &format!(
            "INSERT INTO historical_metrics (metric_name, value, timestamp) VALUES \
             ('moon_phase', 1, {0}), ('cpu_percent', 'x', {0})",
            place.now
        ),
    );
    let report = place.migrate();
    let tall = table(&report, "historical_metrics", "unified_system_states");
    assert_eq!((tall.found, tall.skipped), (72, 2));
    assert_eq!(tall.imported + tall.already_there, 70);
    // cpu differs, so these moments have two states.
    let sql = "SELECT count(*) FROM unified_system_states";
    assert_eq!(place.number(sql), 20.0);
    let sql = "SELECT count(*) FROM unified_system_states WHERE \
        json_extract(metrics_data, '$.load_average[0]') = 0.75 AND \
        json_extract(metrics_data, '$.process_count') = 321";
    assert_eq!(place.number(sql), 10.0);
    assert_eq!(place.migrate().imported(), 0);
}

#[test]
fn our_own_files_and_links_to_them_are_left_alone_and_said() {
    let place = Place::new();
    place.prototype.save_metrics(place.now - 60.0, 5.0, 10);
    place.migrate();
    let data = place.data();
    // The store's links to its one file are there; one name is a prototype's own.
    std::fs::remove_file(data.join("system_metrics.db")).unwrap();
    std::fs::copy(
        place.prototype.folder.join("system_metrics.db"),
        data.join("system_metrics.db"),
    )
    .unwrap();
    let report = run(&data, &data);
    let status = |name: &str| {
        let file = report.files.iter().find(|file| file.name == name).unwrap();
        file.status.clone()
    };
    assert!(matches!(status("unified_system.db"), FileStatus::Own(words) if words.contains("own")));
    assert!(
        matches!(status("ml_integration.db"), FileStatus::Own(words) if words.contains("link"))
    );
    assert_eq!(status("system_metrics.db"), FileStatus::Read);
    assert_eq!(report.imported(), 0);
    assert_eq!(
        counts(&report, "system_metrics", "unified_system_states"),
        [10, 0, 10, 0]
    );

    // Those of another data folder are no prototype's either.
    let other = tempfile::tempdir().unwrap();
    let report = run(&data, other.path());
    assert!(matches!(&report.files[0].status, FileStatus::Own(words) if words.contains("program")));
}

#[test]
fn what_the_components_kept_is_found_in_the_tables_of_its_names() {
    let place = Place::new();
    place.prototype.analyse(place.now - 100.0);
    let report = place.migrate();
    assert!(report.is_complete(), "{report:#?}");
    let mut tables = 0;
    for table in report.tables().filter(|table| table.found > 0) {
        tables += 1;
        assert_eq!(table.imported, table.found, "{table:#?}");
        let seen = place.number(&format!("SELECT count(*) FROM {}", table.table));
        assert!(seen >= table.found as f64, "{}: {seen}", table.table);
    }
    assert_eq!(tables, 22);
    let database = place.database();
    let text = |sql: &str| {
        database
            .query_row(sql, [], |row| row.get::<_, String>(0))
            .unwrap()
    };
    assert_eq!(
        text("SELECT acknowledged_by FROM alerts WHERE acknowledged"),
        "ops"
    );
    assert_eq!(
        text("SELECT escalation_levels FROM custom_alert_rules"),
        r#"["warning", "critical"]"#
    );
    assert_eq!(text("SELECT tags FROM tools WHERE name = 'mytool'"), "a,b");
    assert_eq!(text("SELECT pattern_id FROM system_patterns"), "pattern_0");
    // Through the link of the old name, too.
    let link = crate::store::open_beside(place.data().join("system_alerts.db")).unwrap();
    let sql = "SELECT threshold FROM alert_rules WHERE rule_name = 'Many processes'";
    assert_eq!(
        link.query_row(sql, [], |row| row.get::<_, f64>(0)).unwrap(),
        500.0
    );
    let again = place.migrate();
    assert_eq!(again.imported(), 0, "{again:#?}");
    assert!(
        again
            .tables()
            .all(|table| table.already_there == table.found)
    );
}

#[test]
fn a_rule_of_ours_stays_and_bad_values_are_refused_behind_views_too() {
    let place = Place::new();
    place.prototype.analyse(place.now - 100.0);
    place.migrate();
    let now = place.now;
    place.prototype.sql(
        "system_alerts.db",
        &format!(
            "UPDATE alert_rules SET threshold = 400; \
             INSERT INTO alerts (timestamp, alert_type, metric_name, metric_value, threshold, \
             severity, message) VALUES ({now}, 'x', 'cpu_percent', 'high', 70, 'warning', 'x'), \
             ({now} - 86400 * 40, 'x', 'cpu_percent', 75, 70, 'warning', 'x')"
        ),
    );
    place.prototype.sql(
        "custom_alert_rules.db",
        &format!(
            "UPDATE custom_alert_rules SET last_triggered = {now}; \
             INSERT INTO complex_alert_rules (name, conditions, operator, severity) \
             VALUES ('broken', '[{{', 'AND', 'warning')"
        ),
    );
    let report = place.migrate();
    let rules = table(&report, "alert_rules", "alert_rules");
    assert_eq!((rules.skipped, rules.already_there), (1, 0));
    assert!(rules.reasons[0].why.contains("ours stays"));
    let alerts = table(&report, "alerts", "alerts");
    assert_eq!(
        (alerts.imported, alerts.already_there, alerts.skipped),
        (0, 2, 2)
    );
    let all: String = alerts.reasons.iter().map(|r| r.why.as_str()).collect();
    assert!(
        all.contains("metric_value is text") && all.contains("older than"),
        "{all}"
    );
    assert_eq!(
        counts(&report, "custom_alert_rules", "custom_alert_rules"),
        [1, 0, 1, 0]
    );
    let complex = table(&report, "complex_alert_rules", "complex_alert_rules");
    assert!(complex.reasons[0].why.contains("conditions is broken JSON"));
}
