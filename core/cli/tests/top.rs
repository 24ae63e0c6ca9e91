//! `usm top` in a pseudo-terminal: what is drawn, what the keys do, and that the terminal is
//! as before however it ends. It acts on processes that the test made.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr)] // a test program

#[path = "support/pty.rs"]
#[allow(dead_code)] // All its functions are used by others.
mod pty;
mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};

/// Longer than anything takes, on a machine that is busy too.
const PATIENCE: Duration = Duration::from_secs(90);

const ENTER: &str = "\x1b[?1049h";
const LEAVE: &str = "\x1b[?1049l";
const SHOW_CURSOR: &str = "\x1b[?25h";

/// A running `usm top`, its terminal, and all that it wrote.
struct Top {
    child: Child,
    ours: Option<File>,
    theirs: File,
    before: Termios,
    written: Arc<Mutex<String>>,
    home: tempfile::TempDir,
}

impl Drop for Top {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Top {
    fn start(args: &[&str]) -> Option<Top> {
        Top::start_at(tempfile::tempdir().unwrap(), args)
    }

    /// With the data folder of this home.
    fn start_at(home: tempfile::TempDir, args: &[&str]) -> Option<Top> {
        let (ours, theirs) = pty::terminal(100, 30)?;
        let before = tcgetattr(&theirs).unwrap();
        let args: Vec<&str> = std::iter::once("top").chain(args.iter().copied()).collect();
        let child = support::usm(home.path(), &args)
            .stdin(theirs.try_clone().unwrap())
            .stdout(theirs.try_clone().unwrap())
            .stderr(theirs.try_clone().unwrap())
            // A group of its own, as a shell gives one: Ctrl-Z concerns it alone.
            .process_group(0)
            .spawn()
            .unwrap();
        let written: Arc<Mutex<String>> = Arc::default();
        let (mut reader, heard) = (ours.try_clone().unwrap(), written.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                heard
                    .lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        });
        Some(Top {
            child,
            ours: Some(ours),
            theirs,
            before,
            written,
            home,
        })
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    fn send(&mut self, keys: &str) {
        self.ours
            .as_mut()
            .unwrap()
            .write_all(keys.as_bytes())
            .unwrap();
    }

    fn written(&self) -> String {
        self.written.lock().unwrap().clone()
    }

    /// Waits until this holds of what was written.
    fn wait(&self, what: &str, holds: impl Fn(&str) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds(&self.written()) {
            assert!(Instant::now() < end, "no {what} in {:?}", self.written());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until a picture that is drawn anew holds this text.
    fn see(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let mark = self.written().len();
            // The whole picture, not only what changed.
            self.send("\x0c");
            let until = Instant::now() + Duration::from_secs(2);
            while Instant::now() < until {
                if plain(&self.written()[mark..]).contains(text) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            let last = plain(&self.written()[mark..]);
            assert!(Instant::now() < end, "no {text:?} in {last}");
        }
    }

    fn ended(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(
                Instant::now() < end,
                "it does not end: {:?}",
                self.written()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The modes, the screen and the cursor are as before.
    fn is_restored(&self) {
        let after = tcgetattr(&self.theirs).unwrap();
        assert_eq!(after.local_modes, self.before.local_modes);
        assert_eq!(after.input_modes, self.before.input_modes);
        assert_eq!(after.output_modes, self.before.output_modes);
        self.wait("own screen", |text| {
            text.rfind(LEAVE) > text.rfind(ENTER)
                && text.rfind(SHOW_CURSOR) > text.rfind("\x1b[?25l")
        });
    }
}

/// The text of escape sequences' pieces, one after another.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\x1b') {
        out.push_str(before);
        let end = after
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        // A place is gone to: the cells between are blank.
        if after[..end.min(after.len())].starts_with('[') && after[end..].starts_with('H') {
            out.push(' ');
        }
        rest = after.get(end + 1..).unwrap_or_default();
    }
    out + rest
}

struct Own(Child);

impl Own {
    /// A process that sleeps, and the filter that finds it alone.
    fn sleeping(nth: u32) -> (Own, String) {
        let seconds = format!("600.{}{nth}", std::process::id());
        let child = Command::new("sleep").arg(&seconds).spawn().unwrap();
        (
            Own(child),
            format!("^sleep {}$", seconds.replace('.', "\\.")),
        )
    }

    fn state(&self) -> char {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id())).unwrap();
        stat.rsplit(") ").next().unwrap().chars().next().unwrap()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn every_view_is_drawn_and_quitting_leaves_the_terminal_as_it_was() {
    let Some(mut top) = Top::start(&[]) else {
        return;
    };
    top.see("Processors");
    assert!(
        !tcgetattr(&top.theirs)
            .unwrap()
            .local_modes
            .contains(rustix::termios::LocalModes::ICANON)
    );
    for (key, text) in [
        ("2", "processes"),
        ("3", "alert"),
        ("4", "foretold"),
        ("5", "metrics"),
        ("6", "Security"),
        ("\t", "Scores"),
        ("\x1b[Z", "Security"),
        ("?", "Everywhere:"),
        ("q", "Security"),
    ] {
        top.send(key);
        // Ctrl-L, by which it is looked at, closes no help.
        top.see(text);
    }
    // Too small, and back.
    for (columns, rows, text) in [(40, 10, "needs 80 x 24"), (132, 43, "Findings")] {
        let size = Winsize {
            ws_row: rows,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&top.theirs, size).unwrap();
        kill_process(top.pid(), Signal::WINCH).unwrap();
        top.see(text);
    }
    top.send("q");
    assert_eq!(top.ended().code(), Some(0));
    top.is_restored();
}

#[test]
fn signals_end_it_in_good_order() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let Some(mut top) = Top::start(&["--mouse"]) else {
            return;
        };
        top.see("Processors");
        kill_process(top.pid(), signal).unwrap();
        assert_eq!(top.ended().code(), Some(code));
        top.is_restored();
        assert!(top.written().contains("\x1b[?1000l"));
    }
}

#[test]
fn it_ends_with_its_terminal() {
    let Some((mut ours, theirs)) = pty::terminal(100, 30) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let mut child = support::usm(home.path(), &["top"])
        .stdin(theirs.try_clone().unwrap())
        .stdout(theirs)
        .spawn()
        .unwrap();
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !plain(&text).contains("Processors") {
        let count = ours.read(&mut buffer).unwrap();
        text.push_str(&String::from_utf8_lossy(&buffer[..count]));
    }
    drop(ours);
    let end = Instant::now() + PATIENCE;
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if Instant::now() > end => {
                child.kill().unwrap();
                break child.wait().unwrap();
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    assert_eq!(status.code(), Some(129));
}

#[test]
fn a_second_signal_ends_it_where_the_terminal_takes_nothing() {
    let Some((ours, theirs)) = pty::terminal(200, 60) else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let mut child = support::usm(home.path(), &["top", "--interval", "0.5"])
        .stdin(theirs.try_clone().unwrap())
        .stdout(theirs)
        .spawn()
        .unwrap();
    // Nobody reads: its writes wait before long. One signal is noted; whenever it waits
    // already, the next one ends it.
    let end = Instant::now() + PATIENCE;
    let status = loop {
        std::thread::sleep(Duration::from_millis(500));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(Instant::now() < end, "it does not end");
        kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    };
    drop(ours);
    assert!(
        status.code() == Some(143) || status.signal() == Some(15),
        "{status}"
    );
}

#[test]
fn it_goes_to_the_shell_and_comes_back() {
    let Some(mut top) = Top::start(&[]) else {
        return;
    };
    top.see("Processors");
    top.send("\x1a");
    let stat = format!("/proc/{}/stat", top.child.id());
    let end = Instant::now() + PATIENCE;
    while !std::fs::read_to_string(&stat).unwrap().contains(") T ") {
        assert!(Instant::now() < end, "it does not stop");
        std::thread::sleep(Duration::from_millis(20));
    }
    top.is_restored();
    kill_process(top.pid(), Signal::CONT).unwrap();
    top.wait("other screen", |text| text.matches(ENTER).count() >= 2);
    top.see("Processors");
    top.send("\x03");
    assert_eq!(top.ended().code(), Some(0));
    top.is_restored();
}

#[test]
fn a_process_is_ended_when_its_pid_was_typed_and_not_before() {
    let Some(mut top) = Top::start(&["--interval", "0.5"]) else {
        return;
    };
    let (mut own, filter) = Own::sleeping(1);
    let pid = own.0.id();
    top.send(&format!("2/{filter}\r"));
    top.see("1 of");
    top.send("k");
    top.see(&format!("Type {pid}"));
    top.send("y\r1\r");
    top.see("> 1");
    assert_eq!(own.0.try_wait().unwrap(), None);
    top.send(&format!("\x7f{pid}\r"));
    top.see("Any key");
    let status = own.0.wait().unwrap();
    assert_eq!(status.signal(), Some(15));
    top.send("xq");
    assert_eq!(top.ended().code(), Some(0));
}

#[test]
fn a_process_is_suspended_and_goes_on_when_that_is_undone() {
    let Some(mut top) = Top::start(&["--interval", "0.5"]) else {
        return;
    };
    let (own, filter) = Own::sleeping(2);
    top.send(&format!("2/{filter}\r"));
    top.see("1 of");
    top.send("z");
    top.see("Do it? [y/N]");
    assert_eq!(own.state(), 'S');
    top.send("y");
    top.see("goes on by itself");
    assert_eq!(own.state(), 'T');
    top.send("xu");
    top.see("Take it back? [y/N]");
    top.send("y");
    top.see("restored");
    assert_eq!(own.state(), 'S');
    // Paused, it is still there and quits.
    top.send("x ");
    top.see("paused");
    top.send("q");
    assert_eq!(top.ended().code(), Some(0));
    top.is_restored();
}

#[test]
fn alerts_of_a_monitor_that_runs_are_shown_and_taken_note_of_through_its_database() {
    let home = tempfile::tempdir().unwrap();
    let rule = [
        "alerts",
        "add",
        "--name",
        "Always",
        "--when",
        "process_count > 0",
    ];
    let added = support::usm(home.path(), &rule).output().unwrap();
    assert!(added.status.success(), "{added:?}");
    let watch = ["monitor", "--foreground", "--refresh-interval", "0.2"];
    let monitor = support::usm(home.path(), &watch)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let _monitor = Own(monitor);
    let Some(mut top) = Top::start_at(home, &["--interval", "0.5"]) else {
        return;
    };
    top.see("a monitor runs");
    top.send("3");
    top.see("Always");
    top.see("fires");
    top.send("a");
    top.see("acknowledged");
    // The monitor heeds it with its next sample.
    let end = Instant::now() + PATIENCE;
    loop {
        let listed = support::usm(top.home.path(), &["alerts", "--json"])
            .output()
            .unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        if listed.contains("\"acknowledged\":{\"by\"") {
            break;
        }
        assert!(Instant::now() < end, "{listed}");
    }
    top.send("5");
    top.see("live");
    top.see("LAST");
    top.send("q");
    assert_eq!(top.ended().code(), Some(0));
}

#[test]
fn in_a_demo_nothing_is_done() {
    let Some(mut top) = Top::start(&["--interval", "0.5", "--demo"]) else {
        return;
    };
    let (own, filter) = Own::sleeping(3);
    top.send(&format!("2/{filter}\r"));
    top.see("1 of");
    top.send("z");
    top.see("Do it (demo");
    top.send("y");
    top.see("would be done");
    assert_eq!(own.state(), 'S');
    top.send("xq");
    assert_eq!(top.ended().code(), Some(0));
}

#[test]
fn where_it_cannot_be_drawn_that_is_told_with_what_can() {
    let home = tempfile::tempdir().unwrap();
    let output = support::usm(home.path(), &["top"]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("status --watch"), "{text}");
    let Some((ours, theirs)) = pty::terminal(80, 24) else {
        return;
    };
    let mut child = support::usm(home.path(), &["top"])
        .env("TERM", "dumb")
        .stdin(theirs.try_clone().unwrap())
        .stdout(theirs.try_clone().unwrap())
        .stderr(theirs)
        .spawn()
        .unwrap();
    let text = pty::all(ours);
    assert_eq!(child.wait().unwrap().code(), Some(2), "{text}");
    assert!(text.contains("TERM") && !text.contains(ENTER), "{text}");
}
