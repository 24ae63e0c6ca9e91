//! What goes, what stays and why, and that everything comes back.
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicU64, Ordering};

use proptest::prelude::*;
use usm_core::act::cleanup::{
    Kind, Reason, Settings, Watch, clean, growth, measure, preview, purge, purge_expired,
    quarantines, restore,
};
use usm_core::sample::Roots;

use crate::support::*;

#[test]
fn what_goes_comes_back_byte_for_byte_and_twice_is_once() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("r");
    write(root.join("a/b/c/deep"), "deep");
    write(root.join("plain"), &"x".repeat(10_000));
    std::fs::create_dir(root.join("empty")).unwrap();
    symlink("/nowhere", root.join("link")).unwrap();
    let odd = std::ffi::OsStr::from_bytes(b"odd\xff\nname");
    write(root.join("a").join(odd), "odd");
    set_mode(&root.join("a/b"), 0o550);
    set_mode(&root.join("plain"), 0o400);
    if !is_root() {
        // Out of a folder that it may not write, nobody takes anything.
        set_mode(&root.join("a/b"), 0o750);
    }
    let before = tree(&root);
    let seen = look(&rule(&root));
    assert_eq!((seen.files, seen.rules[0].folders), (4, 4));
    assert_eq!(seen.rules[0].biggest[0].path, "plain");
    assert_eq!(tree(&root), before, "a look changes nothing");
    let cleaned = act(&rule(&root));
    assert_eq!((cleaned.files, cleaned.rules[0].folders), (4, 4));
    assert_eq!(cleaned.quarantined_bytes, seen.bytes);
    assert!(tree(&root).is_empty());
    let made = made(&cleaned);
    let listed = quarantines(&[rule(&root)], &Settings::default());
    assert_eq!((listed.len(), listed[0].files), (1, 4));
    assert_eq!(listed[0].quarantine, made);
    let restored = restore(&made).unwrap();
    assert_eq!((restored.files, restored.folders), (4, 4));
    assert!(restored.left.is_empty(), "{restored:?}");
    assert_eq!(tree(&root), before);
    assert!(restore(&made).unwrap().gone);
    assert_eq!(std::fs::read_dir(&root).unwrap().count(), 4);
}

#[test]
fn a_taken_name_stays_taken_and_the_rest_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path().join("d/one"), "old");
    write(dir.path().join("two"), "two");
    let made = made(&act(&rule(dir.path())));
    write(dir.path().join("d/one"), "new");
    let restored = restore(&made).unwrap();
    assert_eq!((restored.files, restored.left.len()), (1, 1));
    assert_eq!(restored.left[0].path, "d/one");
    assert_eq!(std::fs::read(dir.path().join("d/one")).unwrap(), b"new");
    std::fs::remove_file(dir.path().join("d/one")).unwrap();
    let again = restore(&made).unwrap();
    assert_eq!((again.files, again.left.len()), (1, 0));
    assert_eq!(std::fs::read(dir.path().join("d/one")).unwrap(), b"old");
}

#[test]
fn purge_frees_what_the_list_names_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path().join("one"), &"x".repeat(100_000));
    let cleaned = act(&rule(dir.path()));
    let made = made(&cleaned);
    let stranger = write(made.folder.join("stranger"), "mine");
    assert!(purge(&made).unwrap() >= 100_000);
    assert!(stranger.exists());
    std::fs::remove_file(stranger).unwrap();
    write(dir.path().join("two"), "2");
    let settings = Settings {
        quarantine_seconds: 0.0,
        purge_regenerable: true,
        ..Settings::default()
    };
    act(&rule(dir.path()));
    assert!(purge_expired(&[rule(dir.path())], &settings, &()).unwrap() > 0);
    assert_eq!(purge(&made).unwrap(), 0);
    let mut cache = rule(dir.path());
    cache.regenerable = true;
    write(dir.path().join("three"), "3");
    let rules = [cache];
    let done = clean(&Roots::default(), &rules, &settings, &mut |_| Ok(()), &()).unwrap();
    assert!(done.rules[0].purged && done.freed_bytes > 0 && done.quarantined_bytes == 0);
    assert!(
        quarantines(&rules, &settings)
            .iter()
            .all(|stored| stored.files == 0)
    );
}

#[test]
fn the_young_the_shared_the_special_and_the_used_stay() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("r");
    let outside = write(dir.path().join("victim"), "victim");
    let goes = write(root.join("goes"), "goes");
    std::fs::hard_link(&outside, write(root.join("x"), "").with_file_name("hard")).unwrap();
    std::fs::remove_file(root.join("x")).unwrap();
    let future = std::time::SystemTime::now() + std::time::Duration::from_secs(3_600);
    for (name, is_access) in [("content", false), ("use", true)] {
        let file = std::fs::File::create(root.join(name)).unwrap();
        let times = std::fs::FileTimes::new();
        let times = match is_access {
            true => times.set_accessed(future),
            false => times.set_modified(future),
        };
        file.set_times(times).unwrap();
    }
    rustix::fs::mkfifoat(rustix::fs::CWD, root.join("pipe"), 0o600.into()).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    set_mode(&write(root.join("setuid"), ""), 0o4755);
    write(root.join("excluded/deep/file"), "");
    let open = std::fs::File::open(write(root.join("open"), "open")).unwrap();
    let locked = write(root.join("locked/file"), "l").with_file_name("");
    let lock = std::fs::File::open(&locked).unwrap();
    lock.lock_shared().unwrap();
    // A program that runs from here is mapped, and not open.
    let program = root.join("program");
    std::fs::copy("/bin/sleep", &program).unwrap();
    let mut child = std::process::Command::new(&program)
        .arg("600")
        .spawn()
        .unwrap();
    let mut rule = rule(&root);
    rule.exclude = vec!["excluded".into()];
    let seen = look(&rule);
    let cleaned = act(&rule);
    child.kill().unwrap();
    child.wait().unwrap();
    drop((open, lock, socket));
    let wanted = [
        (Reason::HardLinked, 1),
        (Reason::TooYoung, 2),
        (Reason::Special, 2),
        (Reason::SetUid, 1),
        (Reason::Excluded, 1),
        (Reason::InUse, 2),
        (Reason::Locked, 1),
    ];
    for (reason, count) in wanted {
        assert_eq!(skipped(&cleaned, reason), count, "{reason:?}: {cleaned:?}");
    }
    assert_eq!(seen.rules[0].skipped, cleaned.rules[0].skipped);
    assert_eq!((seen.files, cleaned.files), (1, 1));
    assert!(!goes.exists() && outside.exists() && locked.join("file").exists());
}

#[test]
fn a_file_that_is_only_mapped_stays() {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let library = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .find(|path| path.contains("libgcc_s") || path.contains("libm.so"));
    let Some(library) = library else {
        println!("skipped: this test has no library that could be mapped");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("library.so");
    std::fs::copy(library, &copy).unwrap();
    write(dir.path().join("goes"), "");
    let mut child = std::process::Command::new("sleep");
    let mut child = child.arg("600").env("LD_PRELOAD", &copy).spawn().unwrap();
    let maps = format!("/proc/{}/maps", child.id());
    let is_mapped = || {
        let text = std::fs::read_to_string(&maps).unwrap_or_default();
        // The C library comes last: then the other is closed again.
        text.contains("library.so") && text.contains("libc.so")
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !is_mapped() && std::time::Instant::now() < deadline {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let mapped = is_mapped();
    let cleaned = act(&rule(dir.path()));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(mapped);
    assert_eq!((cleaned.files, skipped(&cleaned, Reason::InUse)), (1, 1));
    assert!(copy.exists());
}

#[test]
#[ignore = "for looking at the speed: 100,000 files"]
fn many_files() {
    let dir = tempfile::tempdir().unwrap();
    for number in 0..100_000 {
        write(dir.path().join(format!("d{}/f{number}", number % 500)), "x");
    }
    let start = std::time::Instant::now();
    let seen = look(&rule(dir.path()));
    println!("looked at {} in {:?}", seen.files, start.elapsed());
    let start = std::time::Instant::now();
    let cleaned = act(&rule(dir.path()));
    println!("moved {} in {:?}", cleaned.files, start.elapsed());
    let start = std::time::Instant::now();
    let restored = restore(&made(&cleaned)).unwrap();
    println!("restored {} in {:?}", restored.files, start.elapsed());
    assert_eq!(
        (seen.files, cleaned.files, restored.files),
        (100_000, 100_000, 100_000)
    );
}

#[test]
fn a_working_folder_and_what_is_not_empty_stay() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("r");
    std::fs::create_dir_all(root.join("stands/here")).unwrap();
    let mut child = std::process::Command::new("sleep");
    let mut child = child
        .arg("600")
        .current_dir(root.join("stands/here"))
        .spawn()
        .unwrap();
    let cleaned = act(&rule(&root));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(skipped(&cleaned, Reason::InUse), 1);
    assert_eq!(skipped(&cleaned, Reason::NotEmpty), 1);
    assert!(root.join("stands/here").is_dir());
}

#[test]
fn the_two_halves_in_the_trash_go_together() {
    let dir = tempfile::tempdir().unwrap();
    for name in ["gone", "used"] {
        write(dir.path().join(format!("files/{name}/inner")), name);
        write(
            dir.path().join(format!("info/{name}.trashinfo")),
            "[Trash Info]",
        );
    }
    write(dir.path().join("files/without-info"), "");
    write(dir.path().join("directorysizes"), "");
    let mut rule = rule(dir.path());
    rule.kind = Kind::Trash;
    rule.patterns = vec!["files/**".into(), "info/*.trashinfo".into()];
    rule.keep = vec!["files".into(), "info".into()];
    let open = std::fs::File::open(dir.path().join("files/used/inner")).unwrap();
    let seen = look(&rule);
    let cleaned = act(&rule);
    drop(open);
    assert_eq!((seen.files, cleaned.files), (2, 2), "{cleaned:?}");
    let left: Vec<String> = tree(dir.path())
        .into_keys()
        .map(|path| String::from_utf8(path).unwrap())
        .collect();
    let wanted = [
        "directorysizes",
        "files",
        "files/used",
        "files/used/inner",
        "files/without-info",
        "info",
        "info/used.trashinfo",
    ];
    assert_eq!(left, wanted);
}

struct After(AtomicU64, u64);

impl Watch for After {
    fn progress(&self, _: &str, _: &str, _: u64, _: u64) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= self.1
    }
}

#[test]
fn cancelled_midway_tells_so_and_what_was_moved_comes_back() {
    let dir = tempfile::tempdir().unwrap();
    for number in 0..3_000 {
        std::fs::write(dir.path().join(number.to_string()), "").unwrap();
    }
    let before = tree(dir.path());
    let rules = [rule(dir.path())];
    let (roots, settings) = (Roots::default(), Settings::default());
    let watch = || After(AtomicU64::new(0), 6);
    assert!(
        preview(&roots, &rules, &settings, &watch())
            .unwrap()
            .cancelled
    );
    let done = clean(&roots, &rules, &settings, &mut |_| Ok(()), &watch()).unwrap();
    assert!(done.cancelled);
    assert!(done.files > 0 && done.files < 3_000, "{}", done.files);
    restore(&made(&done)).unwrap();
    assert_eq!(tree(dir.path()), before);
}

#[test]
fn a_journal_that_fails_moves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path().join("a"), "a");
    let before = tree(dir.path());
    let mut journal = |_: &usm_core::act::cleanup::Quarantine| {
        Err(usm_core::Error::InvalidState("journal is closed".into()))
    };
    let rules = [rule(dir.path())];
    let failed = clean(
        &Roots::default(),
        &rules,
        &Settings::default(),
        &mut journal,
        &(),
    );
    assert!(
        failed
            .unwrap_err()
            .to_string()
            .contains("journal is closed")
    );
    assert_eq!(tree(dir.path()), before);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn growth_names_the_folder_that_grew() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path().join("a/b/c/f"), "1");
    write(dir.path().join("other/f"), "1");
    let before = measure(dir.path(), 2, &()).unwrap();
    assert!(before.bytes.contains_key("a/b") && !before.bytes.contains_key("a/b/c"));
    write(dir.path().join("a/b/c/g"), &"x".repeat(1_000_000));
    let mut after = measure(dir.path(), 2, &()).unwrap();
    after.at = before.at + 86_400.0;
    let grown = growth(&before, &after);
    let paths: Vec<&str> = grown.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["", "a", "a/b"]);
    assert!(grown[0].per_day.unwrap() >= 1_000_000.0);
}

#[test]
fn a_very_deep_tree_overflows_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut at: std::os::fd::OwnedFd = std::fs::File::open(dir.path()).unwrap().into();
    for _ in 0..3_000 {
        rustix::fs::mkdirat(&at, "d", 0o700.into()).unwrap();
        at = rustix::fs::openat(&at, "d", rustix::fs::OFlags::DIRECTORY, 0.into()).unwrap();
    }
    drop(at);
    let cleaned = act(&rule(dir.path()));
    assert!(skipped(&cleaned, Reason::TooDeep) == 1, "{cleaned:?}");
    assert!(measure(dir.path(), 1, &()).unwrap().unreadable > 0);
    let done = std::process::Command::new("rm")
        .arg("-rf")
        .arg(dir.path().join("d"))
        .status();
    assert!(done.unwrap().success());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn clean_and_restore_leave_the_tree_as_it_was(
        files in prop::collection::vec((prop::collection::vec(0_u8..4, 1..5), 0_u8..4, 0_u32..0o1000, prop::collection::vec(any::<u8>(), 0..200)), 1..25),
    ) {
        let dir = tempfile::tempdir().unwrap();
        for (way, sort, mode, content) in &files {
            let names: Vec<String> = way.iter().map(|n| format!("n{n}")).collect();
            let path = dir.path().join(names.join("/"));
            if std::fs::create_dir_all(path.parent().unwrap()).is_err() || std::fs::symlink_metadata(&path).is_ok() {
                continue;
            }
            match sort {
                0 => std::fs::create_dir(&path).unwrap(),
                1 => { let _ = symlink("n0", &path); }
                _ => {
                    if std::fs::write(&path, content).is_ok() {
                        // Readable by the owner, so that the test can compare.
                        set_mode(&path, mode | 0o400);
                    }
                }
            }
        }
        let mut rule = rule(dir.path());
        if files.len() % 2 == 0 {
            rule.exclude = vec!["**/n1".into()];
        }
        let before = tree(dir.path());
        let cleaned = act(&rule);
        let stayed = tree(dir.path());
        if let Some(made) = &cleaned.rules[0].quarantine {
            prop_assert!(stayed.len() < before.len());
            let restored = restore(made).unwrap();
            prop_assert!(restored.left.is_empty());
        }
        let after = tree(dir.path());
        prop_assert_eq!(without_folder_times(after.clone()), without_folder_times(before.clone()));
        for (path, entry) in &before {
            if !stayed.contains_key(path) {
                prop_assert_eq!(Some(entry), after.get(path));
            }
        }
    }
}
