//! What is seen of processes that this test itself starts: a deleted executable, one in
//! memory, and two that bear names of the kernel.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic)] // A helper of tests may do what tests may.

use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use usm_core::sample::{Moment, NotableProgram, ProgramPlace, Roots};
use usm_core::{Config, Event, EventData, EventKind, Monitor, Sample, Sampler, SamplerSettings};

/// A process of this test that ends with it.
struct Own(Child);

impl Own {
    fn start(command: &mut Command) -> Own {
        Own(command.stdin(Stdio::piped()).spawn().unwrap())
    }

    fn pid(&self) -> i32 {
        self.0.id() as i32
    }

    /// Waits until it runs its own program: between fork and exec it is a copy of this one.
    fn wait_for(self, is_ready: impl Fn(&Path) -> bool) -> Own {
        let folder = format!("/proc/{}", self.pid());
        while !is_ready(Path::new(&folder)) {
            std::thread::yield_now();
        }
        self
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The clock of the samples, which goes on by hand: processes are old enough at once.
fn later(seconds: f64) -> Moment {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Moment {
        unix_seconds: 1.8e9 + seconds,
        monotonic_seconds: now.tv_sec as f64 + 60.0 + seconds,
    }
}

/// Samples this machine until the program of that process is listed.
fn found(own: &Own) -> NotableProgram {
    let mut sampler = Sampler::new(SamplerSettings {
        overhead_budget_percent: 1e9,
        ..SamplerSettings::default()
    })
    .unwrap();
    let mut sample = Sample::default();
    for tick in 0..1000 {
        sampler
            .sample_at(later(f64::from(tick)), &mut sample)
            .unwrap();
        let programs = sample.security.programs.as_ref().unwrap();
        let mut notable = programs.notable.iter();
        if let Some(program) = notable.find(|program| program.pid == own.pid()) {
            return program.clone();
        }
    }
    panic!("{:?}", sample.security.programs);
}

fn sleep_binary() -> Vec<u8> {
    let path = ["/usr/bin/sleep", "/bin/sleep"];
    let path = path.into_iter().find(|path| Path::new(path).exists());
    std::fs::read(path.unwrap()).unwrap()
}

fn runs(folder: &Path, part: &str) -> bool {
    std::fs::read_link(folder.join("exe")).is_ok_and(|link| link.to_string_lossy().contains(part))
}

#[test]
fn an_executable_that_deletes_itself_in_a_temporary_folder_is_seen() {
    let folder = tempfile::Builder::new()
        .prefix("usm-security")
        .tempdir_in("/tmp")
        .unwrap();
    let path = folder.path().join("gone");
    std::fs::write(&path, sleep_binary()).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&path, mode).unwrap();
    // Another test may fork while the file is open for writing; then it can't be run yet.
    let own = loop {
        let started = Command::new(&path).arg("600").stdin(Stdio::null()).spawn();
        match started {
            Err(error) if error.raw_os_error() == Some(26) => std::thread::yield_now(),
            started => break Own(started.unwrap()),
        }
    }
    .wait_for(|folder| runs(folder, "gone"));
    std::fs::remove_file(&path).unwrap();
    let program = found(&own);
    assert_eq!(program.executable.as_deref(), path.to_str());
    assert_eq!(program.place, ProgramPlace::TemporaryFolder);
    assert!(program.is_deleted);
    let uid = rustix::process::geteuid().as_raw();
    assert_eq!(
        (program.real_uid, program.effective_uid),
        (Some(uid), Some(uid))
    );
}

#[test]
fn a_program_that_was_never_a_file_is_seen() {
    let memory = rustix::fs::memfd_create("usm-test", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
    let mut file = std::fs::File::from(memory);
    file.write_all(&sleep_binary()).unwrap();
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let own = Own::start(Command::new(path).arg("600")).wait_for(|folder| runs(folder, "memfd:"));
    let program = found(&own);
    assert_eq!(program.place, ProgramPlace::Memory);
    assert_eq!(program.executable.as_deref(), Some("usm-test"));
}

#[test]
fn processes_that_call_themselves_like_threads_of_the_kernel_are_seen() {
    let by_title = Own::start(Command::new("sleep").arg0("[kworker/0:1]").arg("600"))
        .wait_for(|folder| runs(folder, "/"));
    let by_title = by_title.wait_for(|folder| {
        std::fs::read(folder.join("cmdline")).is_ok_and(|line| line.starts_with(b"[kworker"))
    });
    let program = found(&by_title);
    assert_eq!(program.kernel_name.as_deref(), Some("[kworker/0:1]"));

    let script = "printf kworker/7:7 > /proc/$$/comm && read wait";
    let by_name = Own::start(Command::new("sh").args(["-c", script])).wait_for(|folder| {
        std::fs::read(folder.join("comm")).is_ok_and(|name| name == b"kworker/7:7\n")
    });
    let program = found(&by_name);
    assert_eq!(program.kernel_name.as_deref(), Some("kworker/7:7"));
}

#[test]
fn a_local_listener_is_none_for_others() {
    let local = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = local.local_addr().unwrap().port();
    let mut sampler = Sampler::new(SamplerSettings::default()).unwrap();
    let mut sample = Sample::default();
    // The search of who holds the others may take some ticks.
    for tick in 0..1000 {
        sampler
            .sample_at(later(f64::from(tick)), &mut sample)
            .unwrap();
        if let Some(listeners) = &sample.security.listeners {
            assert!(!listeners.iter().any(|listener| listener.port == port));
            assert!(sample.network.tcp.listening.unwrap() > 0);
            return;
        }
    }
    panic!("the listeners are not known");
}

#[test]
fn a_listener_for_others_is_told_with_the_program_that_holds_it() {
    // Bound to this machine's only; that it is for others is said by the captured table.
    let local = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let inode = std::fs::read_link(format!("/proc/self/fd/{}", local.as_raw_fd())).unwrap();
    let inode = inode
        .to_string_lossy()
        .replace("socket:[", "")
        .replace(']', "");
    let tree = tempfile::tempdir().unwrap();
    let own = std::process::id();
    let proc = tree.path().join("proc");
    std::fs::create_dir_all(proc.join("net")).unwrap();
    let row = format!(
        "  sl  local_address rem_address   st\n   0: 00000000:1F90 00000000:0000 0A \
         00000000:00000000 00:00000000 00000000     0        0 {inode} 1\n"
    );
    std::fs::write(proc.join("net/tcp"), row).unwrap();
    std::os::unix::fs::symlink(format!("/proc/{own}"), proc.join(own.to_string())).unwrap();
    let mut sampler = Sampler::new(SamplerSettings {
        roots: Roots::tree(tree.path()),
        ..SamplerSettings::default()
    })
    .unwrap();
    let mut sample = Sample::default();
    sampler.sample(&mut sample).unwrap();
    let listeners = sample.security.listeners.clone().unwrap();
    assert_eq!(listeners.len(), 1);
    assert_eq!((listeners[0].port, listeners[0].uid), (8080, Some(0)));
    let name = std::fs::read_to_string("/proc/self/comm").unwrap();
    assert_eq!(listeners[0].program.as_deref(), Some(name.trim_end()));
}

#[test]
fn a_monitor_tells_a_finding_once_and_not_when_it_is_allowed() {
    let tree = tempfile::tempdir().unwrap();
    let folder = |name: &str| {
        let path = tree.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    };
    for (open, mode) in [("first", 0o777), ("second", 0o777), ("", 0o755)] {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(folder(open), mode).unwrap();
    }
    let settings = "ENV_SUPATH PATH=/first:/second\n";
    std::fs::write(folder("etc").join("login.defs"), settings).unwrap();
    let config = Config {
        refresh_interval: 0.02,
        store_enabled: false,
        proc_root: folder("proc"),
        sys_root: folder("sys"),
        host_root: tree.path().into(),
        data_dir: Some(tree.path().join("data")),
        security_allow: vec!["search_path:/first".into()],
        ..Config::default()
    };
    let long = std::time::Duration::from_secs(30);
    let monitor = Monitor::new(config).unwrap();
    let events = monitor.stream(EventKind::SecurityIssue).unwrap();
    monitor.start().unwrap();
    let told = |event: Event| match event.data {
        EventData::Security(finding) => finding.id,
        other => panic!("{other:?}"),
    };
    let first = events.next(Some(long)).map(told);
    assert_eq!(first.as_deref(), Some("search_path:/second"));
    let state = monitor.wait_for_state(5, long).unwrap();
    let shown: Vec<(&str, bool)> = state
        .security
        .iter()
        .map(|finding| (&*finding.id, finding.allowed))
        .collect();
    assert_eq!(
        shown,
        [("search_path:/second", false), ("search_path:/first", true)]
    );
    assert_eq!(state.scores.security.value, Some(80.0));
    // Not allowed any more, the other one is the next that is told: none was told twice.
    let none = serde_json::json!([]);
    monitor
        .reconfigure(|c| c.set("security_allow", none))
        .unwrap();
    let second = events.next(Some(long)).map(told);
    assert_eq!(second.as_deref(), Some("search_path:/first"));
}
