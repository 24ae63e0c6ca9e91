//! Attempts to lead the cleaning astray.
use std::os::unix::fs::{chown, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use usm_core::act::cleanup::{Owner, Reason, Settings, clean, restore};
use usm_core::sample::Roots;

use crate::support::*;

const NOBODY: u32 = 65_534;

fn refusal(root: &Path) -> String {
    let seen = look(&rule(root));
    let cleaned = act(&rule(root));
    assert_eq!(cleaned.files, 0);
    let error = cleaned.rules[0].error.clone().unwrap();
    assert_eq!(seen.rules[0].refused.as_deref(), Some(error.as_str()));
    error
}

#[test]
fn links_are_entries_and_never_ways() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("r");
    let victim = write(dir.path().join("outside/victim"), "victim");
    std::fs::create_dir(&root).unwrap();
    symlink("../outside", root.join("folder")).unwrap();
    symlink("../outside/victim", root.join("file")).unwrap();
    let cleaned = act(&rule(&root));
    assert_eq!(cleaned.files, 2);
    assert_eq!(std::fs::read(&victim).unwrap(), b"victim");
    assert!(tree(&root).is_empty());
}

#[test]
fn a_root_that_is_a_link_of_a_user_or_open_to_all_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let real = dir.path().join("real");
    let victim = write(real.join("victim"), "v");
    let link = dir.path().join("link");
    symlink(&real, &link).unwrap();
    if is_root() {
        rustix::fs::chownat(
            rustix::fs::CWD,
            &link,
            Some(rustix::fs::Uid::from_raw(NOBODY)),
            None,
            rustix::fs::AtFlags::SYMLINK_NOFOLLOW,
        )
        .unwrap();
    }
    assert!(refusal(&link).contains("symbolic link"));
    set_mode(&real, 0o777);
    assert!(refusal(&real).contains("anybody"));
    assert!(victim.exists());
    set_mode(&real, 0o1777);
    assert_eq!(act(&rule(&real)).files, 1);
}

#[test]
fn a_planted_quarantine_is_never_used() {
    let dir = tempfile::tempdir().unwrap();
    let own = rustix::process::geteuid().as_raw();
    let planted = dir.path().join(format!(".usm-quarantine-{own}"));
    let file = write(dir.path().join("file"), "f");
    let refused = |word: &str| {
        let rules = [rule(dir.path())];
        let settings = Settings::default();
        let error = clean(&Roots::default(), &rules, &settings, &mut |_| Ok(()), &());
        let error = error.unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
        assert!(file.exists());
    };
    std::fs::create_dir(dir.path().join("elsewhere")).unwrap();
    symlink(dir.path().join("elsewhere"), &planted).unwrap();
    refused("something else");
    std::fs::remove_file(&planted).unwrap();
    std::fs::create_dir(&planted).unwrap();
    set_mode(&planted, 0o755);
    refused("may look");
    if !is_root() {
        println!("skipped: only root can make a folder of another user");
        return;
    }
    set_mode(&planted, 0o700);
    chown(&planted, Some(NOBODY), Some(NOBODY)).unwrap();
    refused("another user");
}

#[test]
fn other_owners_are_left_alone_unless_the_rule_says_so() {
    if !is_root() {
        println!("skipped: only root can make files of other users");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    set_mode(dir.path(), 0o1777);
    write(dir.path().join("mine"), "m");
    let others = write(dir.path().join("others/file"), "o");
    for path in [&others, &others.parent().unwrap().to_path_buf()] {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let before = tree(dir.path());
    let mut rule = rule(dir.path());
    let cleaned = act(&rule);
    assert_eq!(
        (cleaned.files, skipped(&cleaned, Reason::OtherOwner)),
        (1, 2)
    );
    restore(&made(&cleaned)).unwrap();
    rule.owner = Owner::User(NOBODY);
    let cleaned = act(&rule);
    assert_eq!((cleaned.files, cleaned.rules[0].folders), (1, 1));
    restore(&made(&cleaned)).unwrap();
    rule.owner = Owner::Anyone;
    let cleaned = act(&rule);
    assert_eq!(cleaned.files, 2);
    restore(&made(&cleaned)).unwrap();
    assert_eq!(tree(dir.path()), before, "owner and mode of folders too");
    chown(dir.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    rule.owner = Owner::Anyone;
    assert!(refusal(dir.path()).contains("belongs to user 65534"));
}

#[test]
fn mounts_are_not_crossed_and_files_do_not_change_file_systems() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("r");
    let victim = write(dir.path().join("outside/victim"), "v");
    write(root.join("goes"), "");
    std::fs::create_dir_all(root.join("bind")).unwrap();
    std::fs::create_dir_all(root.join("memory")).unwrap();
    let covered = write(root.join("covered"), "");
    let outside = dir.path().join("outside").display().to_string();
    let bind = Mounted::new(&["--bind", &outside], &root.join("bind"));
    let file = Mounted::new(&["--bind", &victim.display().to_string()], &covered);
    let memory = Mounted::new(
        &["-t", "tmpfs", "-o", "size=1m", "none"],
        &root.join("memory"),
    );
    if bind.is_none() || file.is_none() || memory.is_none() {
        println!("skipped: this user may not mount");
        return;
    }
    let inner = write(root.join("memory/inner"), "i");
    let cleaned = act(&rule(&root));
    assert_eq!(cleaned.files, 1, "{cleaned:?}");
    assert_eq!(skipped(&cleaned, Reason::Mount), 3, "{cleaned:?}");
    assert!(victim.exists() && inner.exists());
    // A quarantine that is a mount itself would be on another file system.
    restore(&made(&cleaned)).unwrap();
    let base = root.join(".usm-quarantine-0");
    std::fs::create_dir(&base).unwrap();
    let over = Mounted::new(&["-t", "tmpfs", "-o", "size=1m,mode=700", "none"], &base).unwrap();
    let rules = [rule(&root)];
    let failed = clean(
        &Roots::default(),
        &rules,
        &Settings::default(),
        &mut |_| Ok(()),
        &(),
    );
    assert!(
        failed
            .unwrap_err()
            .to_string()
            .contains("another file system")
    );
    assert!(root.join("goes").exists());
    drop(over);
}

#[test]
fn a_full_disk_moves_nothing_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let Some(_mount) = Mounted::new(&["-t", "tmpfs", "-o", "size=256k", "none"], dir.path()) else {
        println!("skipped: this user may not mount");
        return;
    };
    set_mode(dir.path(), 0o755);
    for number in 0..20 {
        write(dir.path().join(format!("f{number}")), "x");
    }
    // Fill the rest to the last page.
    let fill = |name: &str| {
        use std::io::Write;
        let mut file = std::fs::File::create(dir.path().join(name)).unwrap();
        while file.write_all(&[0; 4_096]).is_ok() {}
    };
    fill("fill");
    let before = tree(dir.path());
    let rules = [rule(dir.path())];
    let failed = clean(
        &Roots::default(),
        &rules,
        &Settings::default(),
        &mut |_| Ok(()),
        &(),
    );
    let failed = failed.unwrap_err();
    assert_eq!(failed.os_error(), Some(28), "{failed}");
    assert!(failed.to_string().contains("manifest"), "{failed}");
    assert_eq!(
        without_folder_times(tree(dir.path())),
        without_folder_times(before)
    );
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 21);
}

#[test]
fn a_folder_swapped_for_a_link_again_and_again_never_leads_outside() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("r");
    let outside = dir.path().join("outside");
    for number in 0..200 {
        write(outside.join(format!("f{number}")), "victim");
    }
    let before = tree(&outside);
    let mut swaps = 0_u64;
    for _ in 0..30 {
        std::fs::create_dir_all(&root).unwrap();
        for number in 0..200 {
            write(root.join(format!("swap/f{number}")), "goes");
        }
        let ends = AtomicBool::new(false);
        swaps += std::thread::scope(|scope| {
            let swapper = scope.spawn(|| {
                let (here, away) = (root.join("swap"), dir.path().join("away"));
                let mut swaps = 0;
                while !ends.load(Ordering::Relaxed) {
                    if std::fs::rename(&here, &away).is_err() {
                        continue;
                    }
                    symlink(&outside, &here).unwrap();
                    let _ = std::fs::remove_file(&here);
                    let _ = std::fs::rename(&away, &here);
                    swaps += 1;
                }
                swaps
            });
            let cleaned = act(&rule(&root));
            ends.store(true, Ordering::Relaxed);
            drop(cleaned);
            swapper.join().unwrap()
        });
        std::fs::remove_dir_all(&root).unwrap();
        let _ = std::fs::remove_dir_all(dir.path().join("away"));
    }
    assert!(swaps > 0);
    assert_eq!(tree(&outside), before);
}

#[test]
fn a_list_that_names_ways_out_restores_nothing_outside() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("r");
    write(root.join("a"), "a");
    symlink(dir.path(), dir.path().join("around")).unwrap();
    let made = made(&act(&rule(&root)));
    let list = made.folder.join("manifest.jsonl");
    let mut text = std::fs::read_to_string(&list).unwrap();
    for (slot, path) in [(7, "../out"), (8, "/tmp/../out"), (9, "b/../../out")] {
        write(made.folder.join(slot.to_string()), "planted");
        text += &format!(
            r#"{{"entry":"file","slot":{slot},"path":"{path}","inode":1,"size":1,"mode":384,"uid":0,"gid":0,"mtime":[0,0]}}"#
        );
        text.push('\n');
    }
    text += "nonsense\n{\"entry\":\"file\",\"slo";
    std::fs::write(&list, text).unwrap();
    let restored = restore(&made).unwrap();
    assert_eq!(
        (restored.files, restored.left.len()),
        (1, 4),
        "{restored:?}"
    );
    assert!(!dir.path().join("out").exists());
    assert!(root.join("a").exists());
    // Nor does it delete what is not what the list names.
    assert_eq!(usm_core::act::cleanup::purge(&made).unwrap(), 0);
    assert!(made.folder.join("7").exists());
}

#[test]
fn a_quarantine_elsewhere_or_of_another_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path().join("r/a"), "a");
    let made = made(&act(&rule(&dir.path().join("r"))));
    let mut other = made.clone();
    other.uid += 1;
    assert!(restore(&other).is_err());
    let mut other = made.clone();
    other.folder = dir.path().join("r");
    assert!(usm_core::act::cleanup::purge(&other).is_err());
    let mut other = made.clone();
    other.folder = made.folder.join("..").join("..");
    assert!(restore(&other).is_err());
    assert_eq!(restore(&made).unwrap().files, 1);
}

#[test]
fn a_host_is_cleaned_as_its_tmpfiles_say() {
    let dir = tempfile::tempdir().unwrap();
    let at = |path: &str| dir.path().join(path);
    let lines = "d /tmp 1777 root root 0\nx /tmp/keep*\nX /tmp/shell\nd /tmp/named - - -\n";
    write(at("etc/tmpfiles.d/tmp.conf"), lines);
    for name in [
        "goes",
        "keep1/inner",
        "shell/inner",
        "named/inner",
        "sub/goes",
    ] {
        write(at("tmp").join(name), name);
    }
    write(at("var/log/app.log.1.gz"), "young");
    write(at("var/log/app.log"), "current");
    set_mode(&at("tmp"), 0o1777);
    let roots = Roots::tree(dir.path());
    let settings = Settings::default();
    let book = usm_core::act::cleanup::rules(&roots, &settings);
    let seen = usm_core::act::cleanup::preview(&roots, &book.rules, &settings, &()).unwrap();
    assert_eq!(seen.files, 3, "{seen:?}");
    let before = tree(dir.path());
    let cleaned = clean(&roots, &book.rules, &settings, &mut |_| Ok(()), &()).unwrap();
    assert_eq!(cleaned.files, 3, "{cleaned:?}");
    let stays = [
        "tmp/keep1/inner",
        "tmp/shell",
        "tmp/named/inner",
        "var/log/app.log.1.gz",
    ];
    for path in stays {
        assert!(at(path).exists(), "{path}");
    }
    assert!(!at("tmp/sub").exists() && !at("tmp/shell/inner").exists());
    for made in cleaned
        .rules
        .iter()
        .filter_map(|rule| rule.quarantine.as_ref())
    {
        restore(made).unwrap();
    }
    assert_eq!(
        without_folder_times(tree(dir.path())),
        without_folder_times(before)
    );
}
