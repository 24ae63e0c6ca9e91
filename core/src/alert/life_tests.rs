//! What holds of alerts from sample to sample.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Alert, AlertSeverity, AlertStatus, Book, Change, Rule, RuleSet, Silence};
use crate::judge::Judgement;
use crate::series::{ABSENT, Entity, Family, Frame, PartRow, catalog};

/// When the machine of these tests is first sampled.
const START: f64 = 1_795_000_000.0;

/// A frame in which some metrics of the machine and of file systems are known.
fn frame(seconds: f64, machine: &[(&str, f64)], mounts: &[(&str, f64)]) -> Frame {
    let mut frame = Frame {
        unix_us: ((START + seconds) * 1e6) as i64,
        monotonic_us: ((100.0 + seconds) * 1e6) as i64,
        ..Frame::default()
    };
    let raw = |name: &str, value: f64| {
        let metric = catalog::by_name(name).unwrap();
        let family = catalog::of_family(metric.family);
        let place = family.iter().position(|m| m.id == metric.id).unwrap();
        let steps = (value * f64::from(metric.steps_per_unit)).round() as i64;
        (
            metric.family,
            place,
            if value.is_nan() { ABSENT } else { steps },
        )
    };
    for family in [Family::Headline, Family::Memory] {
        let mut values = vec![ABSENT; catalog::of_family(family).len()];
        for (name, value) in machine {
            let (of, place, steps) = raw(name, *value);
            if of == family {
                values[place] = steps;
            }
        }
        frame.parts.push(PartRow {
            family,
            entities: Arc::new([Arc::new(Entity::single())]),
            values,
        });
    }
    if mounts.is_empty() {
        return frame;
    }
    let width = catalog::of_family(Family::Filesystem).len();
    let mut values = vec![ABSENT; width * mounts.len()];
    for (row, (_, used)) in mounts.iter().enumerate() {
        let (_, place, steps) = raw("filesystem_used_percent", *used);
        values[row * width + place] = steps;
    }
    let entity = |mount: &str| Arc::new(Entity::new([Some(Arc::from(mount))]));
    frame.parts.push(PartRow {
        family: Family::Filesystem,
        entities: mounts.iter().map(|(mount, _)| entity(mount)).collect(),
        values,
    });
    frame
}

/// A book with rules, sampled each second.
struct Desk {
    book: Book,
    rules: Arc<RuleSet>,
    seconds: f64,
}

impl Desk {
    fn of(rules: &str) -> Desk {
        Desk::new(RuleSet::parse(rules, "rules.toml").unwrap())
    }

    fn one(rule: &str) -> Desk {
        Desk::of(&format!("[[rule]]\nname = 'r'\ncooldown = 0\n{rule}"))
    }

    fn new(rules: RuleSet) -> Desk {
        Desk {
            book: Book::default(),
            rules: Arc::new(rules),
            seconds: 0.0,
        }
    }

    fn see(&mut self, frame: &Frame) -> Vec<Change> {
        let judgement = Judgement::default();
        let unix = START + self.seconds;
        self.book.evaluate(&self.rules, unix, frame, &judgement)
    }

    /// The next second, with so much CPU used.
    fn cpu(&mut self, percent: f64) -> Vec<Change> {
        self.machine(&[("cpu_percent", percent)])
    }

    fn machine(&mut self, known: &[(&str, f64)]) -> Vec<Change> {
        let frame = frame(self.seconds, known, &[]);
        let changes = self.see(&frame);
        self.seconds += 1.0;
        changes
    }

    fn mounts(&mut self, mounts: &[(&str, f64)]) -> Vec<Change> {
        let frame = frame(self.seconds, &[], mounts);
        let changes = self.see(&frame);
        self.seconds += 1.0;
        changes
    }

    /// So many seconds of the same; all that changed.
    fn cpu_for(&mut self, percent: f64, seconds: usize) -> Vec<Change> {
        (0..seconds).flat_map(|_| self.cpu(percent)).collect()
    }

    fn only(&self) -> Arc<Alert> {
        let active = self.book.active();
        assert_eq!(active.len(), 1, "{active:?}");
        active[0].clone()
    }

    fn is_quiet(&self) -> bool {
        self.book.active().is_empty()
    }
}

fn fired(changes: &[Change]) -> Vec<&Alert> {
    let fired = changes.iter().filter_map(|change| match change {
        Change::Fired(alert) => Some(&**alert),
        _ => None,
    });
    fired.collect()
}

fn kinds(changes: &[Change]) -> String {
    let kind = |change: &Change| match change {
        Change::Fired(_) => 'F',
        Change::Escalated(_) => 'E',
        Change::Resolved(_) => 'R',
        Change::Updated(_) => 'U',
    };
    changes.iter().map(kind).collect()
}

#[test]
fn an_alert_fires_after_its_hold_and_ends_after_its_clear_hold() {
    let mut desk = Desk::one("when = 'cpu_percent > 90'\nfor = '5s'\nclear_for = '3s'");
    assert_eq!(kinds(&desk.cpu_for(95.0, 5)), "");
    let pending = desk.only();
    assert_eq!((pending.status, pending.id), (AlertStatus::Pending, 0));
    let changes = desk.cpu(96.0);
    let alert = fired(&changes)[0];
    assert_eq!((alert.id, alert.status), (1, AlertStatus::Firing));
    assert_eq!((alert.since, alert.fired_at), (START, Some(START + 5.0)));
    assert_eq!((alert.value, alert.threshold), (Some(96.0), Some(90.0)));
    assert_eq!(alert.message, "r: cpu_percent is 96 % (alerts above 90 %)");
    assert_eq!(kinds(&desk.cpu_for(10.0, 3)), "");
    assert_eq!(desk.only().value, Some(10.0));
    let ended = desk.cpu(10.0);
    assert_eq!(kinds(&ended), "R");
    assert_eq!(ended[0].alert().status, AlertStatus::Resolved);
    assert_eq!(ended[0].alert().resolved_at, Some(START + 9.0));
    assert!(desk.is_quiet());
    assert_eq!(fired(&desk.cpu_for(95.0, 6))[0].id, 2);
}

#[test]
fn what_does_not_hold_for_long_enough_is_forgotten_without_a_word() {
    let mut desk = Desk::one("when = 'cpu_percent > 90'\nfor = '5s'");
    for _ in 0..10 {
        assert!(desk.cpu_for(95.0, 5).is_empty());
        assert!(desk.cpu(50.0).is_empty());
        assert!(desk.is_quiet());
    }
    assert_eq!(desk.book.next_id(), 1);
}

#[test]
fn it_ends_only_past_its_clear_level() {
    let mut desk = Desk::one("when = 'cpu_percent > 90 clear 80'");
    assert_eq!(kinds(&desk.cpu(91.0)), "F");
    assert_eq!(kinds(&desk.cpu(85.0)), "");
    assert_eq!(kinds(&desk.cpu(80.5)), "");
    assert_eq!(kinds(&desk.cpu(80.0)), "R");
    assert_eq!(kinds(&desk.cpu(85.0)), "");
    let mut desk = Desk::one("when = 'cpu_percent < 10 clear 20'");
    assert_eq!(kinds(&desk.cpu(5.0)), "F");
    assert_eq!(kinds(&desk.cpu(15.0)), "");
    assert_eq!(kinds(&desk.cpu(20.0)), "R");
}

#[test]
fn of_several_severities_only_the_highest_fires_and_a_worse_one_is_told_at_once() {
    let steps = "when = 'cpu_percent > 70 clear 60'\nfor = '3s'\nclear_for = '2s'\n\
        steps = [{ above = 70, severity = 'warning' }, { above = 90, severity = 'critical' }]";
    let mut desk = Desk::one(steps);
    let changes = desk.cpu_for(95.0, 4);
    assert_eq!(kinds(&changes), "F");
    assert_eq!(desk.only().severity, AlertSeverity::Critical);
    assert_eq!(desk.only().threshold, Some(90.0));
    // Down by the same margin as the rule's own clear level, and held.
    assert_eq!(kinds(&desk.cpu_for(82.0, 9)), "");
    assert_eq!(desk.only().severity, AlertSeverity::Critical);
    assert_eq!(kinds(&desk.cpu_for(79.0, 9)), "U");
    assert_eq!(desk.only().severity, AlertSeverity::Warning);
    let changes = desk.cpu(99.0);
    assert_eq!(kinds(&changes), "F");
    assert_eq!(
        (desk.only().id, desk.only().severity),
        (1, AlertSeverity::Critical)
    );
    assert_eq!(kinds(&desk.cpu_for(10.0, 3)), "R");
}

#[test]
fn a_step_may_need_time_of_its_own_and_another_condition() {
    let mut desk = Desk::one(
        "when = 'cpu_percent > 70'\n\
        steps = [{ when = 'memory_percent > 50', severity = 'emergency', for = '3s' }]",
    );
    let see = |desk: &mut Desk, memory: f64| {
        desk.machine(&[("cpu_percent", 80.0), ("memory_percent", memory)])
    };
    assert_eq!(kinds(&see(&mut desk, 10.0)), "F");
    let quiet: Vec<Change> = (0..3).flat_map(|_| see(&mut desk, 60.0)).collect();
    assert_eq!(kinds(&quiet), "");
    assert_eq!(kinds(&see(&mut desk, 60.0)), "F");
    assert_eq!(desk.only().severity, AlertSeverity::Emergency);
    // What is not known changes nothing.
    assert_eq!(kinds(&see(&mut desk, f64::NAN)), "");
    assert_eq!(desk.only().severity, AlertSeverity::Emergency);
    assert_eq!(kinds(&see(&mut desk, 10.0)), "U");
}

#[test]
fn no_data_neither_fires_nor_clears() {
    let mut desk = Desk::one("when = 'cpu_percent > 90'\nfor = '3s'\nclear_for = '2s'");
    assert!(desk.cpu_for(f64::NAN, 20).is_empty());
    assert!(desk.is_quiet());
    // The hold stands still meanwhile.
    desk.cpu_for(95.0, 3);
    desk.cpu_for(f64::NAN, 20);
    assert_eq!(desk.only().status, AlertStatus::NoData);
    assert_eq!(desk.only().value, None);
    assert_eq!(kinds(&desk.cpu(95.0)), "");
    assert_eq!(kinds(&desk.cpu(95.0)), "F");
    assert_eq!(kinds(&desk.cpu(f64::NAN)), "U");
    assert!(desk.cpu_for(f64::NAN, 5000).is_empty());
    assert_eq!(
        (desk.only().status, desk.only().id),
        (AlertStatus::NoData, 1)
    );
    assert_eq!(kinds(&desk.cpu(95.0)), "U");
    assert_eq!(desk.only().status, AlertStatus::Firing);
    desk.cpu_for(f64::NAN, 5);
    assert_eq!(kinds(&desk.cpu_for(1.0, 3)), "UR");
}

#[test]
fn of_nothing_nothing_is_true() {
    for when in [
        "cpu_percent > 1 and memory_percent > 1",
        "not cpu_percent > 1",
        "cpu_percent > 1 or memory_percent > 1",
        "cpu_percent != 3",
        "not (cpu_percent > 1 and memory_percent > 1)",
    ] {
        let mut desk = Desk::one(&format!("when = '{when}'"));
        assert!(desk.cpu_for(f64::NAN, 3).is_empty(), "{when}");
        assert!(desk.is_quiet());
    }
    // One that fails decides, whatever the other would be.
    let mut desk = Desk::one("when = 'not (cpu_percent > 1 and memory_percent > 1)'");
    assert_eq!(kinds(&desk.cpu(0.0)), "F");
    let mut desk = Desk::one("when = 'cpu_percent > 1 and memory_percent > 1'");
    assert!(desk.cpu(50.0).is_empty());
}

#[test]
fn each_series_has_an_alert_of_its_own() {
    let mut desk = Desk::one("when = 'filesystem_used_percent{mount!=\"/boot*\"} > 85'");
    let changes = desk.mounts(&[
        ("/", 90.0),
        ("/boot", 99.0),
        ("/home", 50.0),
        ("/srv", 91.0),
    ]);
    assert_eq!(kinds(&changes), "FF");
    let names: Vec<String> = changes
        .iter()
        .map(|c| c.alert().series.to_string())
        .collect();
    assert_eq!(
        names,
        [
            "filesystem_used_percent{mount=\"/\"}",
            "filesystem_used_percent{mount=\"/srv\"}"
        ]
    );
    // In another order, and one of them is gone.
    assert_eq!(
        kinds(&desk.mounts(&[("/srv", 92.0), ("/home", 90.0)])),
        "FU"
    );
    assert_eq!(desk.book.active().len(), 3);
    let changes = desk.mounts(&[("/", 10.0), ("/srv", 92.0), ("/home", 90.0)]);
    assert_eq!(kinds(&changes), "UR");
}

#[test]
fn a_series_that_is_gone_ends_its_alert_after_a_while() {
    let mut desk = Desk::one("when = 'filesystem_used_percent > 85'\nforget_after = '10s'");
    assert_eq!(kinds(&desk.mounts(&[("/mnt", 90.0), ("/", 9.0)])), "F");
    let changes: Vec<Change> = (0..12).flat_map(|_| desk.mounts(&[("/", 9.0)])).collect();
    assert_eq!(kinds(&changes), "UR");
    assert!(desk.is_quiet());
}

#[test]
fn the_machines_numbers_join_with_those_of_every_series() {
    let mut desk = Desk::one("when = 'filesystem_used_percent > 85 and memory_percent > 50'");
    let mut see = |memory: f64| {
        let frame = frame(
            desk.seconds,
            &[("memory_percent", memory)],
            &[("/", 90.0), ("/a", 9.0)],
        );
        let changes = desk.see(&frame);
        desk.seconds += 1.0;
        kinds(&changes)
    };
    assert_eq!(see(10.0), "");
    assert_eq!(see(60.0), "F");
    assert_eq!(see(f64::NAN), "U");
    assert_eq!(see(10.0), "UR");
}

#[test]
fn between_two_firings_lies_the_cooldown() {
    let mut desk = Desk::of("[[rule]]\nname = 'r'\nwhen = 'cpu_percent > 90'\ncooldown = '10s'");
    assert_eq!(kinds(&desk.cpu(95.0)), "F");
    assert_eq!(kinds(&desk.cpu(5.0)), "R");
    assert_eq!(kinds(&desk.cpu_for(95.0, 9)), "");
    assert_eq!(desk.only().status, AlertStatus::Pending);
    assert_eq!(kinds(&desk.cpu(95.0)), "F");
}

#[test]
fn what_changes_to_and_fro_is_told_once_until_it_is_calm() {
    let mut desk =
        Desk::one("when = 'cpu_percent > 90'\nflapping = { changes = 6, within = '60s' }");
    let mut told = String::new();
    for _ in 0..50 {
        told.push_str(&kinds(&desk.cpu(95.0)));
        told.push_str(&kinds(&desk.cpu(5.0)));
    }
    assert_eq!(told, "FRFRFRF");
    let alert = desk.only();
    assert!(
        alert.is_flapping && alert.message.contains("to and fro"),
        "{}",
        alert.message
    );
    let calm = desk.cpu_for(5.0, 70);
    assert_eq!(kinds(&calm), "R");
    assert!(desk.is_quiet());
    // Calm, but on.
    for _ in 0..4 {
        desk.cpu(95.0);
        desk.cpu(5.0);
    }
    assert!(desk.only().is_flapping);
    assert_eq!(kinds(&desk.cpu_for(95.0, 70)), "U");
    assert!(!desk.only().is_flapping);
}

#[test]
fn an_alert_that_nobody_answers_escalates_step_by_step() {
    let rule = "when = 'cpu_percent > 90'\n\
        escalate = [{ after = '5s', severity = 'critical' }, { after = '8s', channels = ['console'] }]";
    let mut desk = Desk::one(rule);
    assert_eq!(kinds(&desk.cpu_for(95.0, 5)), "F");
    assert_eq!(kinds(&desk.cpu(95.0)), "E");
    assert_eq!(desk.only().severity, AlertSeverity::Critical);
    assert_eq!(kinds(&desk.cpu_for(95.0, 3)), "E");
    assert_eq!(desk.only().escalation_step, 2);
    let rule = desk.rules.rules[0].clone();
    assert_eq!(rule.channels_of(&desk.only()), ["console"]);
    assert_eq!(kinds(&desk.cpu_for(95.0, 20)), "");

    let mut desk = Desk::new((*desk.rules).clone());
    desk.cpu(95.0);
    let change = desk
        .book
        .acknowledge(1, "ada", Some("seen"), START + 1.0)
        .unwrap();
    assert_eq!(change.alert().acknowledged.as_ref().unwrap().by, "ada");
    assert_eq!(desk.only().acknowledged, change.alert().acknowledged);
    assert_eq!(kinds(&desk.cpu_for(95.0, 50)), "");
    let error = desk
        .book
        .acknowledge(7, "ada", None, 0.0)
        .unwrap_err()
        .to_string();
    assert!(error.contains("not over: 1"), "{error}");
    assert!(desk.book.acknowledge(0, "ada", None, 0.0).is_err());
}

fn silence(rule: &str, seconds: f64) -> Silence {
    Silence {
        id: 0,
        rule: rule.into(),
        labels: Vec::new(),
        from: START,
        until: START + seconds,
        by: "ada".into(),
        reason: None,
    }
}

#[test]
fn a_silenced_alert_is_kept_but_not_told_until_the_silence_ends() {
    let mut desk = Desk::one("when = 'cpu_percent > 90'\nescalate = [{ after = '2s' }]");
    desk.cpu(1.0);
    assert_eq!(desk.book.silence(silence("r*", 10.0)).unwrap(), 1);
    let changes = desk.cpu_for(95.0, 9);
    assert_eq!(kinds(&changes), "F");
    assert!(!changes[0].is_told());
    assert_eq!(desk.only().silenced_until, Some(START + 10.0));
    let changes = desk.cpu(95.0);
    assert_eq!(kinds(&changes), "FE");
    assert!(changes.iter().all(Change::is_told));
    assert!(desk.book.silences().is_empty());

    let of_home = Silence {
        labels: vec![("mount".into(), "/home*".into())],
        ..silence("*", 1e6)
    };
    let mut desk = Desk::one("when = 'filesystem_used_percent > 85'");
    let id = desk.book.silence(of_home).unwrap();
    let changes = desk.mounts(&[("/", 90.0), ("/home/x", 90.0)]);
    assert_eq!(changes.iter().filter(|c| c.is_told()).count(), 1);
    assert!(desk.book.unsilence(id) && !desk.book.unsilence(id));
    let changes = desk.mounts(&[("/", 90.0), ("/home/x", 90.0)]);
    assert_eq!(kinds(&changes), "F");
    assert!(desk.book.silence(silence("r", -5.0)).is_err());
    assert!(desk.book.silence(silence("r", f64::NAN)).is_err());
}

#[test]
fn a_restart_goes_on_where_it_was_and_tells_nothing_again() {
    let mut desk = Desk::one("when = 'cpu_percent > 90'\nfor = '3s'\nclear_for = '3s'");
    desk.cpu_for(95.0, 10);
    desk.book.acknowledge(1, "ada", None, START).unwrap();
    desk.book.silence(silence("other", 1e6)).unwrap();
    let memory = desk.book.memory().unwrap();
    desk.book = Book::restored(&memory).unwrap();
    assert_eq!(desk.only().id, 1);
    assert_eq!(desk.book.silences().len(), 1);
    assert_eq!(desk.book.memory().unwrap(), memory);
    assert!(desk.book.acknowledge(1, "bob", None, START).is_ok());
    assert_eq!(kinds(&desk.cpu_for(95.0, 10)), "");
    assert_eq!(
        (desk.only().id, desk.only().status),
        (1, AlertStatus::Firing)
    );
    assert_eq!(desk.only().acknowledged.as_ref().unwrap().by, "bob");
    // A night later all is well: it ends after its clear hold, not at once, and what was
    // pending begins anew.
    desk.book = Book::restored(&desk.book.memory().unwrap()).unwrap();
    desk.seconds += 30_000.0;
    assert_eq!(kinds(&desk.cpu_for(5.0, 3)), "");
    assert_eq!(kinds(&desk.cpu(5.0)), "R");
    desk.cpu_for(95.0, 3);
    desk.book = Book::restored(&desk.book.memory().unwrap()).unwrap();
    desk.seconds += 30_000.0;
    assert_eq!(kinds(&desk.cpu_for(95.0, 3)), "");
    assert_eq!(fired(&desk.cpu(95.0))[0].id, 2);
    assert!(Book::restored(&[1, 2, 3]).is_err());
}

#[test]
fn a_new_set_of_rules_ends_what_it_has_not_and_goes_on_with_what_it_has() {
    let two = "[[rule]]\nname = 'a'\nwhen = 'cpu_percent > 90'\n[[rule]]\nname = 'b'\nwhen = 'cpu_percent > 80'";
    let mut desk = Desk::of(two);
    assert_eq!(kinds(&desk.cpu(95.0)), "FF");
    let mut rules = (*desk.rules).clone();
    rules.put(rules.switched("a", false).unwrap());
    desk.rules = Arc::new(rules);
    let changes = desk.cpu(95.0);
    assert_eq!(kinds(&changes), "R");
    assert_eq!(changes[0].alert().rule, "a");
    assert_eq!(desk.only().rule, "b");
    let rule = Rule::from_expression("b", "cpu_percent > 97").unwrap();
    desk.rules = Arc::new(RuleSet {
        rules: vec![rule],
        ..RuleSet::default()
    });
    assert_eq!(kinds(&desk.cpu(95.0)), "R");
    desk.book.set_next_id(50);
    desk.book.set_next_id(5);
    assert_eq!(desk.book.next_id(), 50);
}

#[test]
fn absence_and_movement_are_conditions_too() {
    let mut desk = Desk::one("when = 'temperature_celsius absent for 5s'");
    let see = |desk: &mut Desk, value: f64| kinds(&desk.machine(&[("temperature_celsius", value)]));
    let silent: String = (0..5).map(|_| see(&mut desk, f64::NAN)).collect();
    assert_eq!(silent, "");
    assert_eq!(see(&mut desk, f64::NAN), "F");
    assert_eq!(see(&mut desk, 40.0), "R");

    let mut desk = Desk::one("when = 'memory_used_bytes rises by 1GiB within 10s'");
    let see = |desk: &mut Desk, gib: f64| {
        kinds(&desk.machine(&[("memory_used_bytes", gib * 1_073_741_824.0)]))
    };
    assert_eq!(see(&mut desk, 1.0), "");
    assert_eq!(see(&mut desk, 1.5), "");
    assert_eq!(see(&mut desk, 2.25), "F");
    assert_eq!(
        desk.only().message,
        "r: memory_used_bytes rose by 1.25 GiB within 10s (alerts from 1 GiB on)"
    );
    let later: String = (0..15).map(|_| see(&mut desk, 2.25)).collect();
    assert_eq!(later, "R");

    let mut desk = Desk::one("when = 'rate(oom_kills_total) > 0'");
    let see = |desk: &mut Desk, kills: f64| kinds(&desk.machine(&[("oom_kills_total", kills)]));
    assert_eq!(see(&mut desk, 7.0), "");
    assert_eq!(see(&mut desk, 7.0), "");
    assert_eq!(see(&mut desk, 8.0), "F");
    assert_eq!(see(&mut desk, 0.0), "U", "a reset is not known");
}

/// One step of a history: a value or none, and the seconds to the next.
fn history() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let value = prop_oneof![
        4 => Just(95.0),
        4 => Just(10.0),
        1 => Just(75.0),
        1 => Just(f64::NAN),
    ];
    let seconds = prop_oneof![8 => Just(1.0), 1 => Just(0.0), 1 => Just(7.0), 1 => Just(500.0), 1 => Just(-3.0)];
    let spell = (value, 1usize..12).prop_map(|(value, times)| vec![value; times]);
    prop::collection::vec(spell, 1..30)
        .prop_map(|spells| spells.concat())
        .prop_flat_map(move |values| {
            let steps = prop::collection::vec(seconds.clone(), values.len());
            (Just(values), steps)
        })
        .prop_map(|(values, steps)| values.into_iter().zip(steps).collect())
}

proptest! {
    #[test]
    fn whatever_comes_holds_cooldown_and_one_alert_at_a_time_are_kept(
        steps in history(), restarts in prop::collection::vec(0usize..200, 0..3),
    ) {
        let text = "[[rule]]\nname = 'r'\nwhen = 'cpu_percent > 90 clear 50'\nfor = '4s'\n\
            clear_for = '2s'\ncooldown = '20s'\nflapping = { changes = 4, within = '100s' }";
        let mut desk = Desk::of(text);
        let mut alive: Option<u64> = None;
        let mut highest = 0;
        let mut ended = f64::NEG_INFINITY;
        let mut clock = 0.0;
        // The condition by its hold times, worked out anew: on, known, and since when contrary.
        let (mut on, mut known, mut gap, mut step_before) = (false, false, false, 0.0);
        let mut contrary: Option<f64> = None;
        let mut usual = f64::INFINITY;
        for (place, (value, step)) in steps.iter().enumerate() {
            if restarts.contains(&place) {
                desk.book = Book::restored(&desk.book.memory().unwrap()).unwrap();
            }
            let holds = *value > if on { 50.0 } else { 90.0 };
            if gap {
                contrary = None;
            }
            if value.is_nan() {
                known = false;
            } else if holds == on {
                (contrary, known) = (None, true);
            } else {
                let watched = if known && !gap { step_before } else { 0.0 };
                let held = contrary.map_or(0.0, |held| held + watched);
                (contrary, known) = (Some(held), true);
                if held >= if on { 2.0 } else { 4.0 } {
                    (on, contrary) = (!on, None);
                }
            }
            let frame = frame(desk.seconds, &[("cpu_percent", *value)], &[]);
            for change in desk.see(&frame) {
                prop_assert!(!value.is_nan() || matches!(change, Change::Updated(_)), "{:?}", change);
                match change {
                    Change::Fired(alert) if alive == Some(alert.id) => {}
                    Change::Fired(alert) => {
                        prop_assert_eq!(alive, None);
                        prop_assert!(alert.id > highest, "numbers go up");
                        prop_assert!(on && holds, "it had its hold");
                        prop_assert!(clock - ended >= 20.0);
                        (alive, highest) = (Some(alert.id), alert.id);
                    }
                    Change::Resolved(alert) => {
                        prop_assert_eq!(alive.take(), Some(alert.id));
                        prop_assert_eq!(alert.status, AlertStatus::Resolved);
                        prop_assert!(!on, "it had its clear hold");
                        ended = clock;
                    }
                    Change::Updated(alert) | Change::Escalated(alert) => {
                        prop_assert_eq!(alive, Some(alert.id));
                    }
                }
            }
            let active = desk.book.active();
            prop_assert!(active.len() <= 1);
            prop_assert_eq!(active.iter().any(|a| a.id > 0), alive.is_some());
            desk.seconds += step;
            step_before = step.max(0.0);
            clock += step_before;
            gap = step_before > 60.0_f64.max(5.0 * usual);
            usual = if step_before > 0.0 { step_before } else { usual };
        }
    }
}
