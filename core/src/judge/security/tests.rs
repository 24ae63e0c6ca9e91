//! The judgement of made-up machines.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::sample::{
    FailedLogin, HostFacts, Listener, LoginSample, NotableProgram, ProgramPlace, ProgramSample,
    SearchFolder,
};

const DAY: f64 = 86_400.0;

/// A machine that is looked at once after the other.
struct Machine {
    judge: SecurityJudge,
    sample: Sample,
    allow: Allow,
}

impl Machine {
    fn new() -> Machine {
        let mut sample = Sample {
            host: Arc::new(HostFacts {
                clock_ticks_per_second: 100,
                boot_id: Some("first".into()),
                ..HostFacts::default()
            }),
            ..Sample::default()
        };
        sample.moment.unix_seconds = 1.8e9;
        sample.moment.monotonic_seconds = 1000.0;
        Machine {
            judge: SecurityJudge::default(),
            sample,
            allow: Allow::default(),
        }
    }

    fn look(&mut self, seconds: f64) -> Vec<SecurityFinding> {
        self.sample.moment.unix_seconds += seconds;
        self.sample.moment.monotonic_seconds += seconds;
        self.judge.judge(&self.sample, &self.allow).0.to_vec()
    }

    /// Ids of those of which an event is raised now.
    fn news(&mut self, seconds: f64) -> Vec<String> {
        let found = self.look(seconds);
        let now = self.sample.moment.unix_seconds;
        let is_news = |finding: &&SecurityFinding| finding.is_raised_at(now);
        found.iter().filter(is_news).map(|f| f.id.clone()).collect()
    }

    fn score(&mut self) -> Score {
        self.judge.judge(&self.sample, &self.allow).1
    }

    fn listen(&mut self, addresses: &[(&str, u16)]) {
        let listener = |(address, port): &(&str, u16)| Listener {
            address: (*address).into(),
            port: *port,
            uid: Some(1000),
            program: Some("nginx".into()),
        };
        self.sample.security.listeners = Some(addresses.iter().map(listener).collect());
    }

    fn run(&mut self, notable: Vec<NotableProgram>) {
        let programs = ProgramSample {
            notable,
            ..ProgramSample::default()
        };
        self.sample.security.programs = Some(programs.into());
    }

    fn fail(&mut self, failed: u64) {
        self.sample.security.logins = Some(Arc::new(LoginSample {
            source: "/var/log/btmp".into(),
            failed,
            last: Some(FailedLogin {
                unix_seconds: Some(1_800_000_000),
                user: Some("root".into()),
                from: Some("203.0.113.5".into()),
            }),
        }));
    }

    /// The memory as it is kept over a restart.
    fn restart(&mut self) {
        let kept = serde_json::to_string(&self.judge).unwrap();
        self.judge = serde_json::from_str(&kept).unwrap();
    }
}

fn program(pid: i32, path: Option<&str>, place: ProgramPlace) -> NotableProgram {
    NotableProgram {
        pid,
        // An hour before the first look, so to say.
        start_time_ticks: 50_000,
        name: "prog".into(),
        executable: path.map(Arc::from),
        place,
        real_uid: Some(1000),
        effective_uid: Some(1000),
        ..NotableProgram::default()
    }
}

fn only(found: &[SecurityFinding]) -> &SecurityFinding {
    assert_eq!(found.len(), 1, "{found:?}");
    &found[0]
}

#[test]
fn what_listens_at_the_first_look_is_known_and_what_comes_later_is_news_once() {
    let mut machine = Machine::new();
    machine.listen(&[("0.0.0.0", 22)]);
    let found = machine.look(0.0);
    let ssh = only(&found);
    assert_eq!(ssh.id, "listener:tcp:0.0.0.0:22");
    assert_eq!(
        ssh.text,
        "TCP port 22 is open to other machines on every address (0.0.0.0) by nginx (user id 1000)."
    );
    assert!(ssh.known && ssh.raised.is_none() && ssh.severity == Severity::Low);
    assert_eq!(machine.score().value, Some(100.0));

    machine.listen(&[("0.0.0.0", 22), ("::", 8080)]);
    assert_eq!(machine.news(1.0), ["listener:tcp:[::]:8080"]);
    assert_eq!(machine.news(1.0), [""; 0]);
    assert_eq!(machine.score().value, Some(92.0));
    // A service that is restarted is no news, one that comes back after days is.
    machine.listen(&[("0.0.0.0", 22)]);
    machine.look(1.0);
    machine.listen(&[("0.0.0.0", 22), ("::", 8080)]);
    assert_eq!(machine.news(60.0), [""; 0]);
    machine.listen(&[]);
    machine.look(1.0);
    machine.listen(&[("0.0.0.0", 22), ("::", 8080)]);
    assert_eq!(machine.news(3.0 * DAY), ["listener:tcp:[::]:8080"]);
}

#[test]
fn a_socket_that_has_listened_for_a_week_is_normal() {
    let mut machine = Machine::new();
    machine.listen(&[]);
    machine.look(0.0);
    machine.listen(&[("192.0.2.7", 443)]);
    let found = machine.look(1.0);
    assert_eq!(only(&found).subject, "192.0.2.7:443");
    assert!(!only(&machine.look(6.9 * DAY)).known);
    let found = machine.look(0.2 * DAY);
    assert!(only(&found).known);
    assert_eq!(machine.score().value, Some(100.0));
}

#[test]
fn what_was_there_before_a_restart_is_no_news_and_what_came_in_between_is() {
    let mut machine = Machine::new();
    machine.listen(&[("0.0.0.0", 22)]);
    machine.look(0.0);
    machine.listen(&[("0.0.0.0", 22), ("0.0.0.0", 8080)]);
    machine.look(1.0);
    let before = machine.look(1.0);
    machine.restart();
    assert_eq!(machine.look(0.0), before);
    machine.restart();
    machine.listen(&[("0.0.0.0", 22), ("0.0.0.0", 8080), ("0.0.0.0", 9000)]);
    assert_eq!(machine.news(600.0), ["listener:tcp:0.0.0.0:9000"]);
}

#[test]
fn what_is_allowed_is_listed_without_event_and_points() {
    let mut machine = Machine::new();
    machine.listen(&[]);
    machine.look(0.0);
    machine.allow = Allow::new(&["listener:tcp:*:80".into(), "listener:tcp:*:443".into()]);
    machine.listen(&[("0.0.0.0", 80), ("0.0.0.0", 8080)]);
    assert_eq!(machine.news(1.0), ["listener:tcp:0.0.0.0:8080"]);
    let found = machine.look(1.0);
    // What is allowed comes last.
    let allowed: Vec<bool> = found.iter().map(|finding| finding.allowed).collect();
    assert_eq!(allowed, [false, true]);
    assert_eq!(machine.score().value, Some(92.0));
    // Taken back, it is news after all.
    machine.allow = Allow::default();
    assert_eq!(machine.news(1.0), ["listener:tcp:0.0.0.0:80"]);
}

#[test]
fn a_replaced_executable_is_an_update_and_a_deleted_one_in_a_temporary_folder_is_not() {
    let mut machine = Machine::new();
    let deleted = |pid, path, place| NotableProgram {
        is_deleted: true,
        ..program(pid, Some(path), place)
    };
    machine.run(vec![
        deleted(7, "/usr/sbin/sshd", ProgramPlace::Usual),
        deleted(8, "/usr/sbin/sshd", ProgramPlace::Usual),
        deleted(9, "/tmp/.x/miner", ProgramPlace::TemporaryFolder),
    ]);
    assert_eq!(machine.news(0.0), ["temporary_program:/tmp/.x/miner"]);
    let found = machine.look(0.0);
    assert_eq!(found[0].severity, Severity::High);
    assert!(
        found[0].text.contains("has deleted its file"),
        "{}",
        found[0].text
    );
    let update = &found[1];
    assert_eq!(update.id, "deleted_program:/usr/sbin/sshd");
    assert_eq!(update.severity, Severity::Low);
    // Two processes of it are one finding with the evidence of both.
    assert_eq!(update.evidence.len(), 2);
    // 20 for the one, 1 for the other.
    assert_eq!(machine.score().value, Some(79.0));
}

#[test]
fn a_program_in_a_temporary_folder_matters_when_it_lasts_and_roots_most() {
    let mut machine = Machine::new();
    let mut young = program(7, Some("/tmp/build/a.out"), ProgramPlace::TemporaryFolder);
    young.start_time_ticks = 99_900;
    let mut of_root = program(8, Some("/dev/shm/x"), ProgramPlace::TemporaryFolder);
    (
        of_root.start_time_ticks,
        of_root.real_uid,
        of_root.effective_uid,
    ) = (99_900, Some(0), Some(0));
    machine.run(vec![young, of_root]);
    assert_eq!(machine.news(0.0), [""; 0]);
    assert_eq!(machine.news(28.9), [""; 0]);
    // 30 s after their start, without any change in the sample.
    assert_eq!(
        machine.news(0.2),
        [
            "temporary_program:/dev/shm/x",
            "temporary_program:/tmp/build/a.out"
        ]
    );
    let severities = machine
        .look(0.0)
        .iter()
        .map(|f| f.severity)
        .collect::<Vec<_>>();
    assert_eq!(severities, [Severity::High, Severity::Medium]);
}

#[test]
fn build_tools_and_container_runtimes_are_usual() {
    let mut machine = Machine::new();
    machine.run(vec![
        program(
            7,
            Some("/tmp/go-build12/b001/exe/main"),
            ProgramPlace::TemporaryFolder,
        ),
        program(8, Some("runc_cloned:/proc/self/exe"), ProgramPlace::Memory),
        program(9, Some("payload"), ProgramPlace::Memory),
    ]);
    assert_eq!(machine.news(60.0), ["memory_program:payload"]);
    let found = machine.look(0.0);
    let shown: Vec<(&str, Severity, bool)> = found
        .iter()
        .map(|f| (&*f.id, f.severity, f.allowed))
        .collect();
    assert_eq!(
        shown,
        [
            ("memory_program:payload", Severity::High, false),
            (
                "temporary_program:/tmp/go-build12/b001/exe/main",
                Severity::Low,
                false
            ),
            (
                "memory_program:runc_cloned:/proc/self/exe",
                Severity::Low,
                true
            ),
        ]
    );
}

fn setuid(pid: i32, path: Option<&str>, place: ProgramPlace) -> NotableProgram {
    NotableProgram {
        effective_uid: Some(0),
        ..program(pid, path, place)
    }
}

#[test]
fn known_setuid_programs_are_usual_only_where_the_administrator_puts_them() {
    let mut machine = Machine::new();
    machine.run(Vec::new());
    machine.look(0.0);
    let fresh = |mut program: NotableProgram| {
        program.start_time_ticks = 100_500;
        program
    };
    let mut named = setuid(12, None, ProgramPlace::Unknown);
    named.name = "su".into();
    let mut cut = setuid(13, None, ProgramPlace::Unknown);
    cut.name = "polkit-agent-he".into();
    machine.run(
        [
            setuid(7, Some("/usr/bin/sudo"), ProgramPlace::Usual),
            setuid(8, Some("/home/ann/sudo"), ProgramPlace::Usual),
            setuid(9, Some("/usr/local/bin/backup"), ProgramPlace::Usual),
            setuid(10, Some("/tmp/sh"), ProgramPlace::TemporaryFolder),
            named,
            cut,
        ]
        .map(fresh)
        .to_vec(),
    );
    let found = machine.look(60.0);
    let of = |id: &str| found.iter().find(|f| f.id == id).unwrap();
    assert!(of("setuid:/usr/bin/sudo").allowed);
    assert!(of("setuid:su").allowed && of("setuid:polkit-agent-he").allowed);
    assert_eq!(of("setuid:/home/ann/sudo").severity, Severity::High);
    assert_eq!(
        of("setuid:/usr/local/bin/backup").severity,
        Severity::Medium
    );
    let planted = of("setuid:/tmp/sh");
    assert_eq!(planted.severity, Severity::Critical);
    assert!(
        planted
            .text
            .contains("started by user id 1000, has the rights of root")
    );
    assert!(planted.raised.is_some());
}

#[test]
fn rights_that_were_given_before_the_first_look_are_known_and_given_up_ones_are_none() {
    let mut machine = Machine::new();
    let mut later = setuid(8, Some("/usr/local/bin/later"), ProgramPlace::Usual);
    later.start_time_ticks = 150_000;
    let mut dropped = program(9, Some("/usr/sbin/daemon"), ProgramPlace::Usual);
    (dropped.real_uid, dropped.effective_uid) = (Some(0), Some(33));
    let before = setuid(7, Some("/usr/local/bin/before"), ProgramPlace::Usual);
    machine.run(vec![before.clone(), dropped.clone()]);
    let found = machine.look(0.0);
    assert!(only(&found).known);
    machine.run(vec![before, dropped, later]);
    assert_eq!(machine.news(1000.0), ["setuid:/usr/local/bin/later"]);
}

#[test]
fn a_process_that_bears_a_name_of_the_kernel_is_found_when_it_lasts() {
    let mut machine = Machine::new();
    let hidden = NotableProgram {
        kernel_name: Some("[kworker/0:1]".into()),
        start_time_ticks: 99_500,
        ..program(7, Some("/usr/bin/sleep"), ProgramPlace::Usual)
    };
    machine.run(vec![hidden]);
    assert_eq!(machine.look(0.0), []);
    let found = machine.look(5.0);
    let finding = only(&found);
    assert_eq!(finding.id, "kernel_name:[kworker/0:1]");
    assert_eq!(finding.severity, Severity::High);
    assert!(
        finding.text.contains("it runs /usr/bin/sleep"),
        "{}",
        finding.text
    );
    assert!(finding.raised.is_some());
}

#[test]
fn failed_logins_of_ten_minutes_are_counted_and_told_again_when_they_are_many_more() {
    let mut machine = Machine::new();
    machine.fail(1000);
    assert_eq!(machine.look(0.0), []);
    machine.fail(1004);
    assert_eq!(machine.look(15.0), []);
    machine.fail(1007);
    let found = machine.look(15.0);
    assert_eq!(only(&found).severity, Severity::Low);
    assert_eq!(
        only(&found).text,
        "7 logins failed within 10 minutes, the last as root from 203.0.113.5."
    );
    machine.fail(1030);
    assert_eq!(machine.news(15.0), ["failed_logins:recent"]);
    machine.fail(1031);
    assert_eq!(machine.news(15.0), [""; 0]);
    machine.fail(1300);
    assert_eq!(machine.news(15.0), ["failed_logins:recent"]);
    assert_eq!(machine.score().value, Some(80.0));
    assert_eq!(machine.look(599.0).len(), 1);
    // Nothing more came, and time alone ends it.
    assert_eq!(machine.look(2.0), []);
    // The sampler was started anew and counts from the start.
    machine.restart();
    machine.fail(6);
    assert_eq!(only(&machine.look(3600.0)).severity, Severity::Low);
}

fn folder(path: &str, mode: u32, uid: u32) -> SearchFolder {
    SearchFolder {
        path: path.into(),
        by_root: true,
        mode: Some(mode),
        owner_uid: Some(uid),
        ..SearchFolder::default()
    }
}

#[test]
fn folders_in_which_others_can_put_commands_are_found_from_the_first_look_on() {
    let mut machine = Machine::new();
    let mut own = folder("/srv/shared", 0o1777, 1000);
    (own.by_root, own.by_this_program) = (false, true);
    let mut below = folder("/opt/x/bin", 0o755, 0);
    below.open_parent = Some("/opt".into());
    machine.sample.security.search_path = Some(Arc::new([
        folder("/usr/bin", 0o755, 0),
        // Its group may write: a custom of Debian.
        folder("/usr/local/bin", 0o2775, 0),
        folder("/usr/games", 0o757, 0),
        folder("/home/ann/bin", 0o755, 1000),
        SearchFolder {
            path: ".".into(),
            by_root: true,
            is_relative: true,
            ..SearchFolder::default()
        },
        SearchFolder {
            path: "/missing".into(),
            by_root: true,
            ..SearchFolder::default()
        },
        below,
        own,
    ]));
    let mut news = machine.news(0.0);
    news.sort();
    assert_eq!(
        news,
        [
            "search_path:.",
            "search_path:/home/ann/bin",
            "search_path:/opt/x/bin",
            "search_path:/srv/shared",
            "search_path:/usr/games",
        ]
    );
    let found = machine.look(0.0);
    assert_eq!(found[0].severity, Severity::High);
    assert!(
        found
            .iter()
            .any(|f| f.text
                == "/usr/games in root's search path lets every user put commands there.")
    );
    // Three of 20 and two of 8, but no part takes more than 40.
    assert_eq!(machine.score().value, Some(60.0));
}

#[test]
fn weak_settings_are_findings_with_an_event_of_their_own() {
    let mut machine = Machine::new();
    machine.sample.hardening = Arc::new(HardeningSample {
        randomize_va_space: Some(0),
        ptrace_scope: Some(1),
        ..HardeningSample::default()
    });
    let found = machine.look(0.0);
    let finding = only(&found);
    assert_eq!(finding.id, "weak_setting:kernel.randomize_va_space");
    assert_eq!(finding.raised, None);
    // 25 of the 40 points that are known.
    assert_eq!(machine.score().value, Some(37.5));
    machine.allow = Allow::new(&["weak_setting:*".into()]);
    assert_eq!(machine.score().value, Some(100.0));
    assert_eq!(machine.judge.weak_settings().len(), 1);
}

#[test]
fn what_can_not_be_looked_at_takes_no_part_and_nothing_known_is_no_score() {
    let mut machine = Machine::new();
    assert_eq!(machine.score().value, None);
    machine.listen(&[]);
    let score = machine.score();
    assert_eq!(score.value, Some(100.0));
    let known: Vec<&str> = score
        .parts
        .iter()
        .filter(|part| part.loss.is_some())
        .map(|part| &*part.name)
        .collect();
    assert_eq!(known, ["listeners"]);
}

#[test]
fn many_updates_cost_little() {
    let mut machine = Machine::new();
    let updated = |pid| NotableProgram {
        is_deleted: true,
        ..program(pid, Some(&format!("/usr/bin/{pid}")), ProgramPlace::Usual)
    };
    machine.run((1..50).map(updated).collect());
    assert_eq!(machine.score().value, Some(95.0));
}

#[test]
fn memory_is_bounded_whatever_comes_and_goes() {
    let mut machine = Machine::new();
    machine.listen(&[]);
    machine.look(0.0);
    for port in 1..3000 {
        machine.listen(&[("0.0.0.0", port)]);
        machine.look(1.0);
    }
    assert_eq!(machine.judge.memory.len(), 1024);
    machine.listen(&[]);
    machine.look(1.0);
    machine.listen(&[("0.0.0.0", 22)]);
    machine.look(31.0 * DAY);
    assert_eq!(machine.judge.memory.len(), 1);
}

#[test]
fn an_unchanged_sample_is_not_judged_again() {
    let mut machine = Machine::new();
    machine.listen(&[("0.0.0.0", 22)]);
    machine.look(0.0);
    let first = machine.judge.judge(&machine.sample, &machine.allow).0;
    machine.sample.moment.monotonic_seconds += 1.0;
    let again = machine.judge.judge(&machine.sample, &machine.allow).0;
    assert!(Arc::ptr_eq(&first, &again));
}

fn any_program() -> impl Strategy<Value = NotableProgram> {
    let place = prop_oneof![
        Just(ProgramPlace::Unknown),
        Just(ProgramPlace::Usual),
        Just(ProgramPlace::TemporaryFolder),
        Just(ProgramPlace::Memory),
    ];
    let path = prop::option::of("(/tmp/|/usr/bin/|)[a-c]?");
    let uid = || prop::option::of(0u32..2);
    let kernel_name = prop::option::of("(kworker/0:1|)");
    (
        any::<(i32, u64, bool)>(),
        place,
        path,
        uid(),
        uid(),
        kernel_name,
    )
        .prop_map(
            |(
                (pid, start_time_ticks, is_deleted),
                place,
                path,
                real_uid,
                effective_uid,
                kernel,
            )| {
                NotableProgram {
                    pid,
                    start_time_ticks,
                    is_deleted,
                    place,
                    executable: path.map(|path| path.as_str().into()),
                    real_uid,
                    effective_uid,
                    kernel_name: kernel.map(|name| name.as_str().into()),
                    ..NotableProgram::default()
                }
            },
        )
}

proptest! {
    #[test]
    fn anything_is_judged_with_unique_ids_and_a_sound_score_now_and_after_a_restart(
        looks in prop::collection::vec(
            (
                prop::collection::vec(any_program(), 0..5),
                prop::collection::vec(0u16..4, 0..3),
                any::<u64>(),
                prop_oneof![-1e6..1e6, Just(f64::NAN), Just(f64::INFINITY), 0.0..100.0],
            ),
            1..6,
        ),
    ) {
        let mut machine = Machine::new();
        for (programs, ports, failed, seconds) in looks {
            let seconds: f64 = seconds;
            machine.run(programs);
            let ports: Vec<(&str, u16)> = ports.into_iter().map(|port| ("::", port)).collect();
            machine.listen(&ports);
            machine.fail(failed);
            if seconds.is_finite() {
                let kept = serde_json::to_string(&machine.judge).unwrap();
                let mut later: SecurityJudge = serde_json::from_str(&kept).unwrap();
                let found = machine.look(seconds);
                prop_assert_eq!(&*later.judge(&machine.sample, &machine.allow).0, &found[..]);
            } else {
                machine.look(seconds);
            }
            let found = machine.look(0.0);
            let ids = crate::arrange::set_of(found.iter().map(|finding| &finding.id));
            prop_assert_eq!(ids.len(), found.len());
            prop_assert!(machine.score().value.is_some_and(|s| (0.0..=100.0).contains(&s)));
            if !seconds.is_finite() {
                break;
            }
        }
    }
}
