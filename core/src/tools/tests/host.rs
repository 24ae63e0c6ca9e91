//! What a host has, and how it gets and runs the rest.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::*;

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
fn links_of_a_mounted_host_do_not_lead_into_the_own_root() {
    // `/bin/sh` is on every machine that runs this test, `/usr/bin` too.
    let host = Made::new("ID=debian").with(&["/usr/lib/real/htop"]);
    symlink("/usr/lib/real", host.path("/usr/bin")).unwrap();
    symlink("/bin/sh", host.path("/usr/lib/real/iotop")).unwrap();
    symlink(
        "../../../../../../../bin/sh",
        host.path("/usr/lib/real/ncdu"),
    )
    .unwrap();
    symlink("/sbin", host.path("/sbin")).unwrap();
    let found = host.look().installed;
    assert_eq!(found["htop"].path, Path::new("/usr/bin/htop"));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_folder_that_can_only_be_searched_is_searched() {
    let host = Made::new("ID=debian").with(&["/opt/a/htop"]);
    let folder = host.path("/opt/a");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o111)).unwrap();
    let found = host.look_in("/opt/a").installed;
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(found["htop"].path, Path::new("/opt/a/htop"));
}

#[test]
fn an_os_release_behind_an_absolute_link_is_that_of_the_mounted_host() {
    let host = Made::new("");
    host.file("/etc/static/os-release", "ID=nixos");
    symlink("/etc/static/os-release", host.path("/etc/os-release")).unwrap();
    host.program("/nix/store/system/sw/bin/htop");
    symlink("/nix/store/system", host.path("/run/current-system")).unwrap();
    let host = host.look();
    assert_eq!(host.distribution.family, Some(Family::Nix));
    let found = &host.installed["htop"];
    assert_eq!(found.path, Path::new("/run/current-system/sw/bin/htop"));
}
