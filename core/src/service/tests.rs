//! The lock and what it says, within one process and with small programs of the test's own.

use super::start::beside;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};

use super::*;
use crate::error::ErrorKind;
use crate::state::{State, StoreHealth, StoreStatus};

const LONG: Duration = Duration::from_secs(30);

fn take(folder: &Path) -> Box<Hold> {
    match Hold::take(folder, &Claim::default()).unwrap() {
        Taken::Held(hold) => hold,
        Taken::Busy(status) => panic!("{status:?}"),
    }
}

/// A shell that says in the lock what `usm` would say of itself, and holds it.
fn command(script: &str) -> Vec<OsString> {
    ["sh", "-c", script].map(OsString::from).to_vec()
}

/// A record of a process, as its JSON.
fn record_of(pid: u32, change: impl FnOnce(&mut ServiceRecord)) -> String {
    let mut record = ServiceRecord {
        who: process::Identity {
            pid: pid as i32,
            start_time_ticks: process::start_of(pid as i32),
            ..process::Identity::own()
        },
        started_at: 1.0,
        ..ServiceRecord::default()
    };
    change(&mut record);
    serde_json::to_string(&record).unwrap() + "\n"
}

#[test]
fn a_folder_that_nobody_monitored_for_is_left_as_it_is() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("none");
    let found = status(&folder).unwrap();
    assert!(!found.running && found.record.is_none() && found.silence.is_none());
    assert!(matches!(
        stop(&folder, LONG).unwrap(),
        Stopped::NotRunning(_)
    ));
    assert!(!folder.exists());
}

#[test]
fn one_holds_it_and_says_who_it_is_and_its_end_is_told() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data");
    let mut hold = take(&folder);
    assert!(hold.before().is_none());
    let mode = fs::metadata(folder.join(LOCK_NAME)).unwrap().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    hold.tell(|record| record.refresh_interval = 7.0).unwrap();
    let found = status(&folder).unwrap();
    assert_eq!(found.pid(), Some(std::process::id() as i32));
    assert_eq!(found.running_record().unwrap().refresh_interval, 7.0);
    let Taken::Busy(busy) = Hold::take(&folder, &Claim::default()).unwrap() else {
        panic!("taken twice");
    };
    assert_eq!(busy.pid(), found.pid());
    hold.end("asked to end").unwrap();
    let found = status(&folder).unwrap();
    assert!(!found.running && found.silence.is_none());
    assert_eq!(found.ended().unwrap().why, "asked to end");
    assert!(take(&folder).before().is_none());
}

#[test]
fn what_a_dead_one_left_is_taken_over_and_told() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("data");
    drop(take(&folder));
    let found = status(&folder).unwrap();
    assert!(!found.running);
    assert_eq!(found.silence.unwrap().pid, std::process::id() as i32);
    let hold = take(&folder);
    assert!(hold.before().is_some_and(|before| !before.rebooted));
}

#[test]
fn a_file_that_was_removed_is_made_again_unless_another_one_was_quicker() {
    let root = tempfile::tempdir().unwrap();
    let lock = root.path().join(LOCK_NAME);
    let mut hold = take(root.path());
    assert!(hold.is_in_place());
    fs::remove_file(&lock).unwrap();
    assert!(!hold.is_in_place());
    assert!(hold.renew().unwrap() && hold.is_in_place());
    assert!(status(root.path()).unwrap().running);
    fs::remove_file(&lock).unwrap();
    let _other = take(root.path());
    assert!(!hold.renew().unwrap());
}

#[test]
fn a_file_that_holds_no_record_is_no_hindrance() {
    let root = tempfile::tempdir().unwrap();
    let lock = root.path().join(LOCK_NAME);
    for text in ["", "\n", "no JSON\n", "{\"pid\": 1", "[]\n", "\u{0}\u{0}"] {
        fs::write(&lock, text).unwrap();
        fs::set_permissions(&lock, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(!status(root.path()).unwrap().running, "{text:?}");
        let hold = take(root.path());
        assert!(hold.before().is_none(), "{text:?}");
        assert_eq!(fs::metadata(&lock).unwrap().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_planted_link_or_pipe_in_its_place_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let lock = root.path().join(LOCK_NAME);
    let victim = root.path().join("victim");
    fs::write(&victim, "mine").unwrap();
    symlink(&victim, &lock).unwrap();
    let refused = Hold::take(root.path(), &Claim::default()).unwrap_err();
    assert!(refused.to_string().contains("symbolic link"), "{refused}");
    assert_eq!(status(root.path()).unwrap_err().kind(), ErrorKind::Refused);
    fs::remove_file(&lock).unwrap();
    fs::hard_link(&victim, &lock).unwrap();
    let refused = Hold::take(root.path(), &Claim::default()).unwrap_err();
    assert!(refused.to_string().contains("another name"), "{refused}");
    fs::remove_file(&lock).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(&lock)
            .status()
            .unwrap()
            .success()
    );
    let refused = Hold::take(root.path(), &Claim::default()).unwrap_err();
    assert!(refused.to_string().contains("plain file"), "{refused}");
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
}

/// The lock is held, but by somebody else than the file names: by a process whose pid, or
/// boot, is another's now.
#[test]
fn a_process_that_only_has_the_pid_is_never_signalled() {
    let root = tempfile::tempdir().unwrap();
    let lock = root.path().join(LOCK_NAME);
    let mut bystander = Command::new("sleep").arg("300").spawn().unwrap();
    let reused = record_of(bystander.id(), |record| {
        let ticks = &mut record.who.start_time_ticks;
        *ticks = ticks.map(|ticks| ticks.wrapping_sub(1));
    });
    let rebooted = record_of(bystander.id(), |record| record.who.boot_id = "x".into());
    let mut answers = Vec::new();
    for text in [&reused, &rebooted] {
        fs::write(&lock, text).unwrap();
        answers.push(stop(root.path(), LONG));
        let holder = fs::File::open(&lock).unwrap();
        flock(&holder, FlockOperation::NonBlockingLockExclusive).unwrap();
        answers.push(stop(root.path(), LONG));
    }
    let lives = bystander.try_wait().unwrap().is_none();
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    assert!(lives);
    // Free: none runs. Held: nobody that can be named, or one elsewhere.
    for (free, held, kind) in [(0, 1, ErrorKind::InvalidState), (2, 3, ErrorKind::Refused)] {
        assert!(matches!(answers[free], Ok(Stopped::NotRunning(_))));
        assert_eq!(answers[held].as_ref().unwrap_err().kind(), kind);
    }
}

#[test]
fn a_command_that_ends_at_once_says_why_in_the_error() {
    let root = tempfile::tempdir().unwrap();
    fs::write(log_path(root.path()), "of yesterday\n").unwrap();
    let failing = command("echo the disk is made of cheese >&2; exit 3");
    let error = start(root.path(), &failing, LONG).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("made of cheese"), "{text}");
    assert!(!text.contains("yesterday"), "{text}");
    let error = start(root.path(), &command("exit 0"), LONG).unwrap_err();
    assert!(error.to_string().contains("said nothing"), "{error}");
    let missing = [OsString::from("/nonexistent/program")];
    let error = start(root.path(), &missing, LONG).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = start(root.path(), &[], LONG).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
}

#[test]
fn a_command_that_never_begins_is_waited_for_no_longer_than_wanted() {
    let root = tempfile::tempdir().unwrap();
    let slow = command("echo $$ > \"$USM_DATA_DIR/pid\"; exec sleep 300");
    let error = start(root.path(), &slow, Duration::from_millis(300)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let pid: i32 = loop {
        let text = fs::read_to_string(root.path().join("pid")).unwrap_or_default();
        if let Ok(pid) = text.trim().parse() {
            break pid;
        }
    };
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    // It has a session of its own, and goes on.
    let session = rustix::process::getsid(Some(pid)).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    assert_eq!(session, pid);
}

#[test]
fn while_one_runs_no_other_is_started() {
    let root = tempfile::tempdir().unwrap();
    let _hold = take(root.path());
    let started = start(root.path(), &command("exit 1"), LONG).unwrap();
    let Started::AlreadyRunning(found) = started else {
        panic!("{started:?}");
    };
    assert_eq!(found.pid(), Some(std::process::id() as i32));
    assert!(!log_path(root.path()).exists());
}

#[test]
fn the_usual_monitor_is_the_command_usm() {
    let words = usual_command();
    assert_eq!(Path::new(&words[0]).file_name(), Some("usm".as_ref()));
    assert_eq!(words[1..], ["monitor", "--foreground"].map(OsString::from));
}

#[test]
fn the_usm_beside_a_program_is_taken_from_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    let usm = folder.path().join("usm");
    let mode = |bits| fs::set_permissions(&usm, fs::Permissions::from_mode(bits));
    fs::write(&program, "").unwrap();
    assert_eq!(beside(&program), None);
    fs::write(&usm, "").unwrap();
    mode(0o644).unwrap();
    assert_eq!(beside(&program), None, "not to be run");
    mode(0o755).unwrap();
    assert_eq!(beside(&program), Some(usm.clone()));
    assert_eq!(beside(&usm), None, "itself");
    mode(0o757).unwrap();
    assert_eq!(beside(&program), None, "anybody may have written it");
    mode(0o755).unwrap();
    // Only root can give a file away.
    let other = fs::metadata(&program).unwrap().uid() + 1;
    if std::os::unix::fs::chown(&usm, Some(other), None).is_ok() {
        assert_eq!(beside(&program), None, "somebody else's");
    }
}

#[test]
fn a_beat_says_what_the_state_shows_and_nothing_before_the_first() {
    let none = Beat::of(&State::default());
    assert_eq!((none.sequence, none.state_at), (0, None));
    assert_eq!((none.rows_written, none.cpu_core_percent), (None, None));
    let mut state = State {
        sequence: 7,
        timestamp: 1000.5,
        store: Some(Arc::new(StoreHealth {
            status: StoreStatus::Degraded,
            cause: Some("no space".into()),
            since: None,
            rows_written: 0,
            rows_waiting: 3,
            rows_dropped: 0,
            bytes: 0,
            last_commit: None,
            last_commit_seconds: None,
            last_commit_rows: 0,
            set_aside: None,
            retention_lost: false,
            warning: None,
        })),
        ..State::default()
    };
    state.metrics.monitor_rss_bytes = Some(4096);
    let beat = Beat::of(&state);
    assert_eq!((beat.sequence, beat.state_at), (7, Some(1000.5)));
    assert_eq!((beat.rows_waiting, beat.rss_bytes), (Some(3), Some(4096)));
    assert_eq!(beat.store_degraded.as_deref(), Some("no space"));
    assert!(beat.at >= none.at && none.at > 0.0);
}
