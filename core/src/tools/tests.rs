//! The host's look and the recommendations, on made-up hosts.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::sample::{Metrics, Roots};

/// A host in a temporary folder.
struct Made {
    top: tempfile::TempDir,
}

impl Made {
    fn new(os_release: &str) -> Made {
        let top = tempfile::tempdir().unwrap();
        let made = Made { top };
        if !os_release.is_empty() {
            made.file("/etc/os-release", os_release);
        }
        made
    }

    fn path(&self, absolute: &str) -> std::path::PathBuf {
        let path = self.top.path().join(absolute.trim_start_matches('/'));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn file(&self, absolute: &str, content: &str) {
        std::fs::write(self.path(absolute), content).unwrap();
    }

    fn program(&self, absolute: &str) {
        self.file(absolute, "#!/bin/sh\n");
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(self.path(absolute), mode).unwrap();
    }

    fn with(self, programs: &[&str]) -> Made {
        for program in programs {
            self.program(program);
        }
        self
    }

    fn look(&self) -> HostTools {
        HostTools::look(&Roots::tree(self.top.path()))
    }

    fn look_in(&self, path: impl Into<OsString>) -> HostTools {
        HostTools::look_in(&Roots::tree(self.top.path()), Some(&path.into()))
    }
}

fn asked(query: &str, host: &HostTools) -> Vec<ToolRecommendation> {
    let (context, learned) = (Context::default(), Feedback::default());
    recommend(Some(query), &context, host, &learned, USUAL_LIMIT)
}

fn seen(context: &Context) -> Vec<ToolRecommendation> {
    let (host, learned) = (HostTools::default(), Feedback::default());
    recommend(None, context, &host, &learned, USUAL_LIMIT)
}

fn names(found: &[ToolRecommendation]) -> Vec<&str> {
    found.iter().map(|tool| tool.name.as_str()).collect()
}

fn install(host: &HostTools, tool: &str) -> Option<String> {
    host.install_command(tool_named(tool).unwrap())
}

#[test]
fn each_distribution_installs_by_its_own_manager_and_package() {
    for (os_release, program, tool, wanted) in [
        (
            "ID=debian",
            "/usr/bin/apt",
            "perf",
            "apt install linux-perf",
        ),
        (
            "ID=ubuntu\nID_LIKE=debian",
            "/usr/bin/apt",
            "perf",
            "apt install linux-tools-generic",
        ),
        (
            "ID=debian",
            "/usr/bin/apt-get",
            "fd",
            "apt-get install fd-find",
        ),
        (
            "ID=fedora",
            "/usr/bin/dnf",
            "docker",
            "dnf install moby-engine",
        ),
        (
            "ID=rhel\nVERSION_ID=9.4",
            "/usr/bin/dnf",
            "iostat",
            "dnf install sysstat",
        ),
        (
            "ID=rocky\nID_LIKE=\"rhel\"",
            "/usr/bin/microdnf",
            "jq",
            "microdnf install jq",
        ),
        ("ID=arch", "/usr/bin/pacman", "iotop", "pacman -S iotop"),
        ("ID=alpine", "/sbin/apk", "ss", "apk add iproute2-ss"),
        (
            "ID=opensuse-leap",
            "/usr/bin/zypper",
            "lm-sensors",
            "zypper install sensors",
        ),
        (
            "ID=opensuse-microos\nID_LIKE=suse",
            "/usr/sbin/transactional-update",
            "htop",
            "transactional-update pkg install htop",
        ),
        (
            "ID=nixos",
            "/run/current-system/sw/bin/nix-shell",
            "htop",
            "nix-shell -p htop",
        ),
    ] {
        let host = Made::new(os_release).with(&[program]).look();
        assert_eq!(
            install(&host, tool).as_deref(),
            Some(wanted),
            "{os_release}"
        );
        // Who is not root says so, where there is something to say it with.
        let host = Made::new(os_release)
            .with(&[program, "/usr/bin/sudo"])
            .look();
        let wanted = match wanted.starts_with("nix-shell") {
            true => wanted.to_owned(),
            false => format!("sudo {wanted}"),
        };
        assert_eq!(install(&host, tool), Some(wanted), "{os_release}");
    }
}

#[test]
fn nothing_is_made_up_for_what_is_not_known_or_not_there() {
    for os_release in ["", "ID=gentoo", "ID=void", "NAME=x", "ID=\"\""] {
        let host = Made::new(os_release)
            .with(&["/usr/bin/apt", "/usr/bin/brew", "/usr/bin/dnf"])
            .look();
        for tool in tools() {
            assert_eq!(
                host.install_command(tool),
                None,
                "{os_release}: {}",
                tool.name()
            );
        }
    }
    // A base image without a package manager; a system whose folders are read-only.
    let bare = Made::new("ID=debian").look();
    assert_eq!(install(&bare, "htop"), None);
    let steam = Made::new("ID=steamos\nID_LIKE=arch")
        .with(&["/usr/bin/pacman"])
        .look();
    assert_eq!(install(&steam, "htop"), None);
    let found = asked("htop", &bare);
    assert_eq!(
        (found[0].name.as_str(), &found[0].install_command),
        ("htop", &None)
    );
    assert_eq!(found[0].doc_url, "https://htop.dev/");
}

#[test]
fn no_linux_installs_by_homebrew() {
    let all = [
        "apt",
        "dnf",
        "pacman",
        "apk",
        "zypper",
        "nix-shell",
        "brew",
        "pipx",
    ];
    let all: Vec<String> = all.iter().map(|name| format!("/usr/bin/{name}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let mut commands = 0;
    for id in [
        "debian", "ubuntu", "fedora", "rhel", "arch", "alpine", "sles", "nixos", "gentoo",
    ] {
        let host = Made::new(&format!("ID={id}\nVERSION_ID=9"))
            .with(&all)
            .look();
        for command in tools().filter_map(|tool| host.install_command(tool)) {
            assert!(!command.contains("brew"), "{id}: {command}");
            commands += 1;
        }
    }
    assert!(commands > 500, "only {commands}");
    let apple = Made::new("").with(&["/opt/homebrew/bin/brew"]);
    apple.file("/System/Library/CoreServices/SystemVersion.plist", "");
    assert_eq!(
        install(&apple.look(), "htop").as_deref(),
        Some("brew install htop")
    );
    assert_eq!(install(&apple.look(), "strace"), None);
}

#[test]
fn red_hats_kin_add_epel_first_where_it_is_missing() {
    let rocky = Made::new("ID=rocky\nID_LIKE=\"rhel centos fedora\"").with(&["/usr/bin/dnf"]);
    assert_eq!(
        install(&rocky.look(), "htop").as_deref(),
        Some("dnf install epel-release && dnf install htop")
    );
    rocky.file("/etc/yum.repos.d/epel.repo", "");
    assert_eq!(
        install(&rocky.look(), "htop").as_deref(),
        Some("dnf install htop")
    );
    let amazon = Made::new("ID=amzn\nID_LIKE=fedora\nVERSION_ID=2023").with(&["/usr/bin/dnf"]);
    assert_eq!(install(&amazon.look(), "htop"), None);
    assert_eq!(
        install(&amazon.look(), "strace").as_deref(),
        Some("dnf install strace")
    );
}

#[test]
fn an_image_based_fedora_is_not_told_to_use_dnf() {
    let fedora = Made::new("ID=fedora").with(&["/usr/bin/dnf"]);
    fedora.file("/run/ostree-booted", "");
    assert_eq!(install(&fedora.look(), "htop"), None);
    let fedora = fedora.with(&["/usr/bin/rpm-ostree"]);
    assert_eq!(
        install(&fedora.look(), "htop").as_deref(),
        Some("rpm-ostree install htop")
    );
}

#[test]
fn what_is_only_in_the_python_index_comes_by_pipx_or_into_the_programs_environment() {
    let debian = Made::new("ID=debian").with(&["/usr/bin/apt"]);
    assert_eq!(install(&debian.look(), "py-spy"), None);
    assert_eq!(install(&debian.look(), "memray"), None);
    let debian = debian.with(&["/usr/bin/pipx", "/usr/bin/python3"]);
    let host = debian.look();
    assert_eq!(
        install(&host, "py-spy").as_deref(),
        Some("pipx install py-spy")
    );
    assert_eq!(
        install(&host, "memray").as_deref(),
        Some("python3 -m pip install memray")
    );
    // The distribution's own package goes first.
    assert_eq!(
        install(&host, "glances").as_deref(),
        Some("apt install glances")
    );
}

#[test]
fn a_container_loads_its_package_lists_first_and_lowers_what_needs_the_host() {
    let debian = Made::new("ID=debian").with(&["/usr/bin/apt"]);
    let outside = asked("iotop", &debian.look());
    debian.file("/.dockerenv", "");
    let host = debian.look();
    assert_eq!(host.container.as_deref(), Some("docker"));
    assert_eq!(
        install(&host, "htop").as_deref(),
        Some("apt update && apt install htop")
    );
    let inside = asked("iotop", &host);
    assert_eq!(
        (outside[0].name.as_str(), inside[0].name.as_str()),
        ("iotop", "iotop")
    );
    assert!(inside[0].confidence_score < outside[0].confidence_score);
    assert!(
        inside[0].reason.contains("container (docker)"),
        "{}",
        inside[0].reason
    );
}

#[test]
fn odd_entries_of_the_path_do_no_harm() {
    let host = Made::new("ID=debian");
    host.program("/opt/a/htop");
    host.program("/opt/b/htop");
    host.program("/opt/b/iotop");
    host.file("/opt/a/ncdu", "not executable");
    std::fs::create_dir_all(host.path("/opt/a/strace")).unwrap();
    symlink("/opt/nowhere", host.path("/opt/a/lsof")).unwrap();
    symlink("tmux", host.path("/opt/a/tmux")).unwrap();
    symlink("/opt/b/iotop", host.path("/opt/a/jq")).unwrap();
    symlink("../../opt/b/iotop", host.path("/opt/a/rg")).unwrap();
    host.file("/etc/a-file", "");
    let mut path = OsString::from("::.:relative/bin:~/bin:/opt/a:/opt/a:/opt/a/:/opt/none:");
    path.push("/etc/a-file:/opt/../opt/b:/");
    path.push(OsString::from_vec(b":/opt/\xff\xfe".to_vec()));
    path.push("x".repeat(10_000));
    let found = host.look_in(path).installed;
    assert_eq!(
        found["htop"].path,
        Path::new("/opt/a/htop"),
        "the first counts"
    );
    assert_eq!(found["iotop"].path, Path::new("/opt/../opt/b/iotop"));
    // Links are followed below the host's root, absolute ones too.
    assert_eq!(found["jq"].path, Path::new("/opt/a/jq"));
    assert_eq!(found["ripgrep"].path, Path::new("/opt/a/rg"));
    for absent in ["ncdu", "strace", "lsof", "tmux"] {
        assert!(!found.contains_key(absent), "{absent}");
    }
    assert!(found.values().all(|found| found.is_in_path));
    assert!(host.look_in("").installed.is_empty());
}

#[test]
fn busyboxs_small_versions_do_not_count() {
    let alpine = Made::new("ID=alpine").with(&["/bin/busybox", "/sbin/apk", "/usr/bin/htop"]);
    symlink("/bin/busybox", alpine.path("/usr/bin/top")).unwrap();
    let host = alpine.look();
    assert!(!host.installed.contains_key("top"));
    assert!(host.installed.contains_key("htop"));
}

#[test]
fn a_tool_that_is_there_is_told_as_it_is_run_here() {
    let host = Made::new("ID=debian").with(&[
        "/usr/sbin/iotop-c",
        "/usr/sbin/runqlat-bpfcc",
        "/usr/bin/fdfind",
        "/usr/bin/sudo",
    ]);
    let host = host.look_in("/usr/bin");
    let io = &asked("iotop", &host)[0];
    assert_eq!(
        io.installed.as_deref(),
        Some(Path::new("/usr/sbin/iotop-c"))
    );
    assert_eq!(io.how_to_run, "sudo /usr/sbin/iotop-c -oPa");
    assert_eq!((io.needs_root, &io.install_command), (true, &None));
    let queue = asked("lock contention", &host);
    let bcc = queue.iter().find(|tool| tool.name == "bcc-tools").unwrap();
    assert_eq!(bcc.how_to_run, "sudo /usr/sbin/runqlat-bpfcc 5 1");
    let loss = asked("retransmissions", &host);
    let bcc = loss.iter().find(|tool| tool.name == "bcc-tools").unwrap();
    assert_eq!(bcc.how_to_run, "sudo /usr/sbin/tcpretrans-bpfcc");
    assert!(asked("fd", &host)[0].how_to_run.starts_with("fdfind "));
    // On Fedora the same stand in a folder of their own, under plain names.
    let fedora = Made::new("ID=fedora")
        .with(&["/usr/share/bcc/tools/runqlat"])
        .look_in("");
    let loss = asked("retransmissions", &fedora);
    let bcc = loss.iter().find(|tool| tool.name == "bcc-tools").unwrap();
    assert_eq!(bcc.how_to_run, "/usr/share/bcc/tools/tcpretrans");
}

#[test]
fn a_tool_that_is_there_goes_before_one_as_good_that_is_not() {
    let bare = HostTools::default();
    assert_eq!(asked("disk full", &bare)[0].name, "ncdu");
    let host = Made::new("ID=debian")
        .with(&["/usr/bin/du", "/usr/bin/df"])
        .look();
    let found = asked("disk full", &host);
    assert!(
        found[0].installed.is_some() && found[1].installed.is_some(),
        "{:?}",
        names(&found)
    );
    assert!(names(&found).contains(&"ncdu"));
}

#[test]
fn questions_in_plain_words_find_the_tools_of_the_trade() {
    let host = HostTools::default();
    for (query, wanted) in [
        ("disk full", "ncdu"),
        ("what eats my RAM?", "vmstat"),
        ("wifi is bad", "iw"),
        ("packet loss", "mtr"),
        ("container throttled", "docker"),
        ("which process uses the disk io", "iotop"),
        ("temperature", "lm-sensors"),
        ("memory leak", "heaptrack"),
        ("my system is slow", "htop"),
        ("it lags", "htop"),
        ("gpu", "nvtop"),
        ("search text", "ripgrep"),
        ("json", "jq"),
        ("ssh brute force", "fail2ban"),
        ("rootkit", "rkhunter"),
        ("one core is at 100", "mpstat"),
        ("memmory", "vmstat"),
        ("netwrok bandwith", "nethogs"),
        ("video", "ffmpeg"),
        ("nvme-cli", "nvme-cli"),
        ("install GIT", "git"),
        ("cpu profiler", "perf"),
    ] {
        let found = asked(query, &host);
        assert!(
            names(&found).contains(&wanted),
            "{query}: {:?}",
            names(&found)
        );
        assert!(found.len() <= USUAL_LIMIT);
    }
}

#[test]
fn patterns_and_nothing_match_nothing() {
    for query in [
        "",
        "   ",
        "%",
        "_",
        "%_%",
        "*",
        "' OR '1'='1",
        "\0\n",
        "🦀🦀",
        "xyzzy",
    ] {
        assert!(asked(query, &HostTools::default()).is_empty(), "{query:?}");
    }
    assert!(seen(&Context::default()).is_empty(), "all is well");
}

#[test]
fn the_prototypes_triggers_hold_above_their_lines_and_not_on_them() {
    let at = |cpu: f64, memory: f64, disk: f64, score: f64| Context {
        cpu_percent: Some(cpu),
        memory_percent: Some(memory),
        disk_percent: Some(disk),
        performance_score: Some(score),
        ..Context::default()
    };
    assert!(at(80.0, 85.0, 90.0, 70.0).performance_issues().is_empty());
    let all = ["high_cpu", "high_memory", "low_disk", "slow_system"];
    assert_eq!(at(80.1, 85.1, 90.1, 69.9).performance_issues(), all);
    let odd = at(f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::NAN);
    assert!(odd.performance_issues().is_empty() && seen(&odd).is_empty());
    let found = seen(&at(97.0, 10.0, 10.0, 100.0));
    assert_eq!(found[0].problem, Some(Problem::CpuBound));
    assert_eq!(found[0].reason, "processors busy 97 % (above 80 %)");
    assert_eq!(seen(&at(1.0, 1.0, 99.0, 100.0))[0].name, "ncdu");
    let slow = seen(&at(1.0, 1.0, 1.0, 20.0));
    assert!(
        slow.iter()
            .all(|tool| tool.problem == Some(Problem::General))
    );
}

#[test]
fn many_processes_alone_are_no_reason_but_add_to_one() {
    let many = Context {
        process_count: Some(900),
        ..Context::default()
    };
    assert!(seen(&many).is_empty());
    let both = Context {
        cpu_percent: Some(95.0),
        ..many
    };
    let alone = Context {
        cpu_percent: Some(95.0),
        ..Context::default()
    };
    let score = |context: &Context| {
        let found = seen(context);
        found
            .iter()
            .find(|tool| tool.name == "htop")
            .unwrap()
            .confidence_score
    };
    assert!(score(&both) > score(&alone));
}

#[test]
fn the_tighter_of_machine_and_container_counts() {
    let metrics = Metrics {
        cpu_percent: Some(10.0),
        container_cpu_percent: Some(99.0),
        memory_percent: Some(90.0),
        ..Metrics::default()
    };
    let context = Context::of(&metrics, None);
    assert_eq!(context.performance_issues(), ["high_cpu", "high_memory"]);
    assert_eq!(context.disk_percent, None);
}

#[test]
fn every_problem_of_an_insight_finds_tools_that_name_its_evidence() {
    for problem in Problem::ALL {
        let one = |confidence| Context {
            problems: vec![SeenProblem {
                problem,
                confidence,
                evidence: "17 of 18".into(),
            }],
            ..Context::default()
        };
        let found = seen(&one(1.0));
        assert!(found.len() >= 2, "{}", problem.name());
        for tool in &found {
            assert_eq!(tool.problem, Some(problem));
            assert_eq!(tool.reason, "17 of 18");
        }
        assert!(seen(&one(f64::NAN)).is_empty());
        assert!(seen(&one(0.1)).is_empty(), "too unsure to speak of");
    }
}

#[test]
fn each_tool_comes_once_with_the_best_of_its_reasons() {
    let context = Context {
        cpu_percent: Some(99.0),
        problems: vec![SeenProblem {
            problem: Problem::CpuBound,
            confidence: 0.4,
            evidence: "a guess".into(),
        }],
        ..Context::default()
    };
    let (host, learned) = (HostTools::default(), Feedback::default());
    let found = recommend(Some("cpu htop"), &context, &host, &learned, 200);
    let mut unique = names(&found);
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), found.len());
    assert_eq!(found[0].name, "htop");
    assert!(found[0].reason.contains("by name"), "{}", found[0].reason);
    assert!(found.iter().all(|tool| tool.reason != "a guess"));
    assert!(found.is_sorted_by(|a, b| a.confidence_score >= b.confidence_score));
}

#[test]
fn of_those_that_show_the_same_not_all_are_given() {
    let found = seen(&Context {
        disk_percent: Some(99.0),
        ..Context::default()
    });
    let names = names(&found);
    assert!(
        names.contains(&"ncdu") && names.contains(&"lsof"),
        "{names:?}"
    );
}

#[test]
fn what_was_learned_shifts_the_order() {
    let host = HostTools::default();
    let mut learned = Feedback::default();
    let ask = |learned: &Feedback| {
        recommend(
            Some("cpu"),
            &Context::default(),
            &host,
            learned,
            USUAL_LIMIT,
        )
    };
    let first = ask(&learned)[0].name.clone();
    for _ in 0..20 {
        learned.dismiss(&first);
    }
    let found = ask(&learned);
    assert_ne!(found[0].name, first);
    for _ in 0..40 {
        learned.take(&first);
    }
    assert_eq!(ask(&learned)[0].name, first);
}

#[test]
fn a_part_of_the_system_that_is_not_there_is_only_told_when_asked_for() {
    let host = HostTools::default();
    let found = recommend(
        Some("container"),
        &Context::default(),
        &host,
        &Feedback::default(),
        100,
    );
    assert!(!names(&found).contains(&"systemd-cgtop"));
    let named = asked("systemd-cgtop", &host);
    assert_eq!(
        (named[0].name.as_str(), &named[0].install_command),
        ("systemd-cgtop", &None)
    );
}

#[test]
fn the_own_host_is_looked_at_and_survives_json() {
    let host = HostTools::look(&Roots::default());
    for (name, found) in &host.installed {
        assert!(found.path.is_absolute(), "{name}");
        assert!(found.path.exists(), "{name}: {}", found.path.display());
    }
    let text = serde_json::to_string(&host).unwrap();
    assert_eq!(serde_json::from_str::<HostTools>(&text).unwrap(), host);
    let found = asked("disk full", &host);
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(
        serde_json::from_str::<Vec<ToolRecommendation>>(&text).unwrap(),
        found
    );
    assert!(
        text.contains("\"category\":\"storage\"") && text.contains("\"problem\":\"disk_full\"")
    );
}

proptest! {
    #[test]
    fn any_question_and_context_give_sound_answers(
        query in ".{0,80}",
        values in prop::array::uniform4(prop::num::f64::ANY),
        count in any::<u64>(),
        sure in prop::num::f64::ANY,
        which in 0..Problem::ALL.len(),
        limit in 0..8_usize,
    ) {
        let context = Context {
            cpu_percent: Some(values[0]),
            memory_percent: Some(values[1]),
            disk_percent: Some(values[2]),
            process_count: Some(count),
            performance_score: Some(values[3]),
            problems: vec![SeenProblem {
                problem: Problem::ALL[which],
                confidence: sure,
                evidence: query.clone(),
            }],
        };
        let host = HostTools::default();
        let found = recommend(Some(&query), &context, &host, &Feedback::default(), limit);
        prop_assert!(found.len() <= limit);
        for tool in &found {
            prop_assert!((0.25..=1.0).contains(&tool.confidence_score));
            prop_assert!(!tool.how_to_run.is_empty());
        }
        prop_assert!(found.is_sorted_by(|a, b| a.confidence_score >= b.confidence_score));
    }

    #[test]
    fn any_os_release_is_read(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let distribution = distribution::Distribution::parse(&text);
        prop_assert_eq!(distribution.family.is_none(), distribution.keys().is_empty());
    }
}
