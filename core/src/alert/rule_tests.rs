//! What holds of rules as they are written.

use proptest::prelude::*;

use super::{AlertSeverity, Rule, RuleSet};
use crate::series::Family;

fn refusal(text: &str) -> String {
    RuleSet::parse(text, "rules.toml").unwrap_err().to_string()
}

#[test]
fn the_built_in_rules_are_read_and_keep_the_prototypes_names_and_limits() {
    let read = RuleSet::parse_over(&RuleSet::default(), RuleSet::builtin_text(), "builtin.toml");
    assert_eq!(read.unwrap(), RuleSet::builtin());
    let rows = RuleSet::builtin().levels();
    for (name, metric, threshold, severity) in [
        ("CPU Warning", "cpu_percent", 70.0, AlertSeverity::Warning),
        ("CPU Critical", "cpu_percent", 90.0, AlertSeverity::Critical),
        (
            "Memory Warning",
            "memory_percent",
            80.0,
            AlertSeverity::Warning,
        ),
        (
            "Memory Critical",
            "memory_percent",
            95.0,
            AlertSeverity::Critical,
        ),
        (
            "Disk Warning",
            "filesystem_used_percent",
            85.0,
            AlertSeverity::Warning,
        ),
        (
            "Disk Critical",
            "filesystem_used_percent",
            95.0,
            AlertSeverity::Critical,
        ),
        (
            "Temperature Warning",
            "temperature_celsius",
            70.0,
            AlertSeverity::Warning,
        ),
        (
            "Temperature Critical",
            "temperature_celsius",
            85.0,
            AlertSeverity::Critical,
        ),
    ] {
        let row = rows.iter().find(|row| row.name == name).unwrap();
        assert_eq!(row.metric.as_deref(), Some(metric));
        assert_eq!((row.threshold, row.severity), (Some(threshold), severity));
        assert!(row.enabled && !row.description.is_empty());
    }
    for rule in &RuleSet::builtin().rules {
        rule.check().unwrap();
        assert!(!rule.description.is_empty(), "{}", rule.name);
        assert!(
            ["OOM Kill", "Clock Jump"].contains(&rule.name.as_str()) || rule.for_seconds > 0.0,
            "{}",
            rule.name
        );
    }
}

#[test]
fn both_forms_of_a_condition_are_the_same() {
    let text = r#"
        [[rule]]
        name = "a"
        when = "filesystem_used_percent{mount!='/boot*'} >= 85% clear 80% and not (device_in_flight > 3 or cpu_percent < 2)"
    "#;
    let table = r#"
        [[rule]]
        name = "a"
        [rule.when]
        all = [
            { metric = "filesystem_used_percent{mount!='/boot*'}", at_least = "85%", clear = 80 },
            { not = { any = [ { metric = "thread_count", above = 3 }, "cpu_percent < 2" ] } },
        ]
    "#;
    let text = text.replace("device_in_flight", "thread_count");
    assert_eq!(
        RuleSet::parse(&text, "a").unwrap(),
        RuleSet::parse(table, "a").unwrap()
    );
    for (table, line) in [
        (
            "metric = 'filesystem_used_bytes', rises_by = '10GiB', within = '1h'",
            "filesystem_used_bytes rises by 10GiB within 1h",
        ),
        (
            "metric = 'cpu_percent', deviates = 0.9",
            "cpu_percent deviates 0.9",
        ),
        (
            "metric = 'cpu_percent', deviates = true",
            "cpu_percent deviates 0.99",
        ),
        (
            "metric = 'filesystem_used_percent', reaches = 100, within = '24h'",
            "filesystem_used_percent reaches 100% within 1d",
        ),
        (
            "metric = 'temperature_celsius', absent_for = '5m'",
            "temperature_celsius absent for 5m",
        ),
        (
            "rate = 'interface_receive_errors_total', above = 1",
            "rate(interface_receive_errors_total) > 1",
        ),
        (
            "metric = 'battery_plugged', equals = 0",
            "battery_plugged == 0",
        ),
    ] {
        let rule = Rule::parse_toml(&format!("name = 'a'\nwhen = {{ {table} }}")).unwrap();
        assert_eq!(rule.when.to_string(), line);
        assert_eq!(rule.when, Rule::from_expression("a", line).unwrap().when);
    }
}

#[test]
fn what_is_wrong_is_told_with_line_column_key_and_what_was_meant() {
    for (text, wanted) in [
        ("[[rule]]\nname = \n", "line 2"),
        (
            "[[rule]]\nname = 'a'\nwhne = 'cpu_percent > 3'",
            "line 3, column 1",
        ),
        (
            "[[rule]]\nname = 'a'\nwhne = 'cpu_percent > 3'",
            "did you mean when?",
        ),
        ("[[rules]]\nname = 'CPU'\n[[ruel]]\n", "did you mean rule"),
        (
            "[[rule]]\nname = 'a'\nwhen = 'cpu_procent > 3'",
            "line 3, column 9: rule \"a\".when: metric cpu_procent: no metric of this name; did you mean cpu_percent",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = \"cpu_percent > 3 annd memory_percent > 4\"",
            "line 3, column 25: rule \"a\".when: expected and, or, or the end, not \"annd\"; did you mean and?",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = { metric = 'cpu_percent', abvoe = 3 }",
            "line 3, column 34: rule \"a\".when.abvoe: there is no such key; did you mean above?",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = { metric = 'cpu_percent' }",
            "what is asked of it is missing",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = 'cpu_percent > 3'\nseverity = 'warn'",
            "line 4, column 12: rule \"a\".severity: \"warn\" is not a severity; did you mean warning?",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = 'cpu_percent > 3'\nfor = '5 parsecs'",
            "30s, 5m",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = 'cpu_percent > 3'\nclear = 4",
            "the clear level 4 must be at most the limit 3",
        ),
        (
            "[[rule]]\nname = 'Memroy'\nthreshold = 3",
            "did you mean \"Memory\"?",
        ),
        ("[[rule]]\nname = 'a'", "it has no `when`"),
        ("[[rule]]\nwhen = 'cpu_percent > 3'", "has no `name`"),
        (
            "[[rule]]\nname = 'a'\nwhen = 'cpu_percent > 3'\nchannels = ['consle']",
            "line 4, column 12: rule \"a\".channels: there is no channel \"consle\"; did you mean \"console\"?",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = 'cpu_percent > 3'\nmessage = 'x {valeu}'",
            "did you mean {value}?",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = 'cpu_percent > 3 and device_in_flight > 3 and filesystem_used_percent > 4'",
            "different things",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = 'cpu_percent > 3'\nsteps = [{ below = 2, severity = 'critical' }]",
            "use `above`",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = 'cpu_percent > 3'\nsteps = [{ above = 2, severity = 'critical' }]",
            "never reached before",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = 'cpu_percent > 3'\n[[rule]]\nname = 'a'\nwhen = 'cpu_percent > 4'",
            "two rules of the name \"a\"",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = 'rate(cpu_percent) > 3'",
            "use it as it is",
        ),
        (
            "[[rule]]\nname = 'a'\nwhen = 'cpu_percent > 3'\nescalate = [{ after = '5m' }, { after = '1m' }]",
            "from short to long",
        ),
        (
            "default_channels = ['pager']",
            "there is no channel \"pager\"",
        ),
    ] {
        let error = refusal(text);
        assert!(error.contains(wanted), "{text}\n{error}");
        assert!(error.starts_with("rules.toml"), "{error}");
    }
}

#[test]
fn a_file_changes_only_what_it_says_of_a_built_in_rule() {
    let text = r#"
        [channels.ops]
        type = "webhook"
        url = "http://127.0.0.1:1/"
        [[rule]]
        name = "CPU"
        threshold = 80
        channels = ["ops"]
        [[rule]]
        name = "Memory"
        enabled = false
    "#;
    let mut all = RuleSet::builtin();
    let count = all.rules.len();
    all.merge(RuleSet::parse(text, "rules.toml").unwrap());
    all.check_channels().unwrap();
    assert_eq!(all.rules.len(), count);
    let (cpu, usual) = (all.get("CPU").unwrap(), RuleSet::builtin());
    let usual = usual.get("CPU").unwrap();
    assert_eq!(cpu.when.to_string(), "cpu_percent > 80% clear 70%");
    assert_eq!(cpu.steps[0].limit, Some(80.0));
    assert_eq!(cpu.for_seconds, usual.for_seconds);
    assert_eq!(cpu.channels, ["ops"]);
    assert!(!all.get("Memory").unwrap().enabled);
    assert_eq!(all.channels["ops"].kind(), "webhook");
    assert!(
        !format!("{all:?}").contains("127.0.0.1"),
        "an address is a secret"
    );
    let configs = all.channel_configs().unwrap();
    let kinds: Vec<&str> = configs.values().map(|config| config.kind()).collect();
    assert_eq!(kinds, ["console", "log", "webhook"]);
}

#[test]
fn a_level_is_switched_off_by_the_prototypes_name() {
    let all = RuleSet::builtin();
    let rule = all.switched("CPU Critical", false).unwrap();
    assert!(rule.enabled && rule.steps[0].enabled && !rule.steps[1].enabled);
    let mut less = all.clone();
    less.put(rule);
    assert!(!less.switched("CPU Warning", false).unwrap().enabled);
    assert!(!all.switched("Swap", false).unwrap().enabled);
    let error = all.switched("CPU Criticl", false).unwrap_err().to_string();
    assert!(error.contains("no rule of this name"), "{error}");
}

#[test]
fn rules_survive_toml_and_json() {
    let text = r#"
        default_channels = ["ops"]
        [channels.ops]
        type = "webhook"
        url = "http://127.0.0.1:1/a?b=\"c\""
        [[rule]]
        name = "disk 'almost' \"full\""
        description = "long"
        when = { any = ["filesystem_used_percent{mount=\"/a\\\"b\"} > 85 clear 80.5", { metric = "filesystem_used_bytes", falls_by = "3KiB", within = "90s" }] }
        for = "5m"
        clear_for = "2m"
        severity = "info"
        cooldown = 0
        flapping = { changes = 3, within = "1h" }
        forget_after = "2d"
        channels = ["console", "ops"]
        escalate = [ { after = "10m", severity = "emergency", channels = ["ops"] }, { after = "1h" } ]
        message = "{rule}: {series} is {value} (limit {threshold}) on {mount} {{}} {"
        steps = [ { above = 95, clear = 91, severity = "critical", for = "1m", name = "x" }, { when = "cpu_percent > 90", severity = "emergency", channels = ["ops"], enabled = false } ]
        [[rule]]
        name = "CPU"
        flapping = false
        message = ""
        steps = []
    "#;
    let set = RuleSet::parse(text, "rules.toml").unwrap();
    let again = RuleSet::parse(&set.to_toml(), "rules.toml");
    assert_eq!(again.unwrap(), set, "{}", set.to_toml());
    let json = serde_json::to_string(&set).unwrap();
    assert_eq!(serde_json::from_str::<RuleSet>(&json).unwrap(), set);
    let builtin = RuleSet::builtin();
    let again = RuleSet::parse(&builtin.to_toml(), "rules.toml");
    assert_eq!(again.unwrap(), builtin);
}

#[test]
fn every_metric_may_stand_in_a_rule() {
    for metric in crate::series::catalog::metrics() {
        let rule = Rule::from_expression("a", &format!("{} > 1", metric.name)).unwrap();
        assert_eq!(rule.levels()[0].metric.as_deref(), Some(metric.name));
        let has_labels = metric.family > Family::Census;
        assert_eq!(
            super::rule_text::family_of(&rule.when).is_some(),
            has_labels
        );
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(
        text in "\\PC*",
        keys in prop::collection::vec(
            ("(name|when|for|steps|severity|clear|channels|message|flapping|escalate|threshold)",
             "('[a-z{} >]*'|\"cpu_percent > 3\"|[0-9.]{1,4}|true|\\[\\]|\\{\\}|\\[\\{ above = 9 \\}\\])"),
            0..6),
    ) {
        let _ = RuleSet::parse(&text, "a");
        let lines: Vec<String> = keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        let _ = RuleSet::parse(&format!("[[rule]]\n{}", lines.join("\n")), "a");
        let _ = Rule::parse_toml(&lines.join("\n"));
        let _ = serde_json::from_str::<RuleSet>(&text);
    }
}
