//! The rules for this host: tmpfiles.d where it speaks, known caches, logs and trash, and the
//! caller's own folders.

use std::path::{Path, PathBuf};

use super::glob::escape;
use super::rule::{Kind, Note, Owner, Rule, RuleBook, Settings};
use super::{tmpfiles, tmpfiles_rule};
use crate::sample::Roots;

const DAY: f64 = 86_400.0;

/// Name, what it is, folder, patterns, exclusions, days, sort, regenerable.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    f64,
    Kind,
    bool,
);

/// What programs hold in the folders of temporary files without having it open.
const HELD: &[&str] = &[
    "systemd-private-*",
    "snap-private-tmp*",
    ".X11-unix",
    ".ICE-unix",
    ".XIM-unix",
    ".font-unix",
    ".X*-lock",
    "tmux-*",
    "screen*",
    "ssh-*",
];

const ROTATED: &[&str] = &[
    "**/*.gz",
    "**/*.xz",
    "**/*.bz2",
    "**/*.zst",
    "**/*.old",
    "**/*.[0-9]",
    "**/*.[0-9][0-9]",
];

#[rustfmt::skip]
const SYSTEM: &[Row] = &[
    ("temporary files", "Temporary files that nobody has used for ten days.", "/tmp", &[], HELD, 10.0, Kind::Temporary, false),
    ("lasting temporary files", "Temporary files that nobody has used for thirty days.", "/var/tmp", &[], HELD, 30.0, Kind::Temporary, false),
    ("apt packages", "Packages that apt has fetched and installed.", "/var/cache/apt/archives", &["*.deb", "partial/*"], &[], 7.0, Kind::Cache, true),
    ("dnf packages", "Packages that dnf has fetched.", "/var/cache/dnf", &["**/*.rpm", "**/*.drpm"], &[], 7.0, Kind::Cache, true),
    ("dnf5 packages", "Packages that dnf has fetched.", "/var/cache/libdnf5", &["**/*.rpm", "**/*.drpm"], &[], 7.0, Kind::Cache, true),
    ("zypper packages", "Packages that zypper has fetched.", "/var/cache/zypp/packages", &["**/*.rpm"], &[], 7.0, Kind::Cache, true),
    ("pacman packages", "Packages that pacman has fetched; older versions for going back are among them.", "/var/cache/pacman/pkg", &["*.pkg.tar*"], &[], 30.0, Kind::Cache, true),
    ("rotated logs", "Logs that were set aside by rotation and are not written any more.", "/var/log", ROTATED, &["journal"], 7.0, Kind::Log, false),
    ("crash reports", "Reports of crashed programs.", "/var/crash", &["*"], &[], 30.0, Kind::CrashDump, false),
    ("core dumps", "Memory of crashed programs.", "/var/lib/systemd/coredump", &["core.*"], &[], 14.0, Kind::CrashDump, false),
];

#[rustfmt::skip]
const HOME: &[Row] = &[
    ("pip cache", "Python packages that pip has fetched or built.", ".cache/pip", &[], &[], 30.0, Kind::Cache, true),
    ("npm cache", "Packages that npm has fetched.", ".npm/_cacache", &[], &[], 30.0, Kind::Cache, true),
    ("yarn cache", "Packages that yarn has fetched.", ".cache/yarn", &[], &[], 30.0, Kind::Cache, true),
    ("cargo downloads", "Crates that cargo has fetched, packed.", ".cargo/registry/cache", &["**/*.crate"], &[], 30.0, Kind::Cache, true),
    ("go build cache", "What the Go compiler has built.", ".cache/go-build", &[], &["README", "trim.txt"], 10.0, Kind::Cache, true),
    ("thumbnails", "Small pictures of files.", ".cache/thumbnails", &[], &[], 30.0, Kind::Cache, true),
    ("trash", "What was thrown away thirty days ago or earlier.", ".local/share/Trash", &["files/**", "info/*.trashinfo"], &[], 30.0, Kind::Trash, false),
];

/// What may be cleaned here, with notes about what was left out.
pub fn rules(roots: &Roots, settings: &Settings) -> RuleBook {
    let mut book = RuleBook {
        rules: Vec::new(),
        notes: Vec::new(),
    };
    for folder in &settings.folders {
        book.rules.push(Rule {
            name: "custom".into(),
            about: format!("What is old enough in {}.", folder.display()),
            root: folder.clone(),
            patterns: Vec::new(),
            exclude: Vec::new(),
            keep: Vec::new(),
            min_age_seconds: settings.folder_age_seconds,
            owner: Owner::Me,
            kind: Kind::Custom,
            regenerable: false,
            source: "settings".into(),
        });
    }
    if settings.builtin {
        builtin(roots, settings, &mut book);
    }
    part(&mut book.rules);
    book
}

fn builtin(roots: &Roots, settings: &Settings, book: &mut RuleBook) {
    let lines = tmpfiles::read(roots, &mut book.notes);
    let here = |rule: &Rule| std::fs::symlink_metadata(&rule.root).is_ok();
    let mut found: Vec<Rule> = Vec::new();
    let mut paths: Vec<&str> = Vec::new();
    for line in &lines {
        let rule = tmpfiles_rule::rule(line, roots);
        // Of two lines for one path, the first counts.
        if let Some(rule) = rule.filter(here)
            && !paths.contains(&line.path.as_str())
        {
            paths.push(&line.path);
            found.push(rule);
        }
    }
    // A line without an age says that nothing goes from there.
    let spoken: Vec<PathBuf> = lines
        .iter()
        .filter(|line| "dDqQve".contains(line.kind) && !line.is_vague)
        .map(|line| roots.host(Path::new(&line.path)))
        .collect();
    let system = SYSTEM.iter().map(|row| {
        let owner = Owner::Anyone;
        (roots.host(Path::new(row.2)), row, owner)
    });
    let is_host = roots.host_root == Path::new("/");
    let variable = |name: &str| {
        let value = std::env::var_os(name).map(PathBuf::from);
        value.filter(|path| is_host && path.is_absolute())
    };
    let home = settings.home.clone().or_else(|| variable("HOME"));
    let home = home.map(|home| roots.host(&home));
    let of_home = HOME
        .iter()
        .filter_map(|row| Some((home.as_ref()?.join(row.2), row, Owner::Me)));
    for (root, row, owner) in system.chain(of_home) {
        let is_temporary = row.6 == Kind::Temporary;
        let has_other = found.iter().any(|rule| rule.root == root);
        if has_other || (is_temporary && spoken.contains(&root)) {
            continue;
        }
        found.extend(Some(from_row(row, root, owner)).filter(here));
    }
    let temporary = settings.temporary.clone().or_else(|| variable("TMPDIR"));
    if let Some(root) = temporary.map(|folder| roots.host(&folder))
        && !found.iter().any(|rule| root.starts_with(&rule.root))
    {
        let rule = from_row(&SYSTEM[0], root, Owner::Me);
        found.extend(Some(rule).filter(here));
    }
    for mut rule in found {
        let logical = match rule.root.strip_prefix(&roots.host_root) {
            Ok(below) => Path::new("/").join(below),
            Err(_) => rule.root.clone(),
        };
        match tmpfiles_rule::exclude(&mut rule, &logical, &lines) {
            true => book.rules.push(rule),
            false => book.notes.push(Note {
                source: rule.source,
                what: format!("{}: tmpfiles.d excludes it", rule.root.display()),
            }),
        }
    }
    if roots.host(Path::new("/var/log/journal")).is_dir() {
        book.notes.push(Note {
            source: "built-in".into(),
            what: "the journal keeps its own limits: `journalctl --disk-usage` tells its size, \
                   `journalctl --vacuum-time=2weeks` shortens it"
                .into(),
        });
    }
}

fn from_row(row: &Row, root: PathBuf, owner: Owner) -> Rule {
    let (name, about, _, patterns, exclude, days, kind, regenerable) = *row;
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    Rule {
        name: name.into(),
        about: about.into(),
        root,
        patterns: texts(patterns),
        exclude: texts(exclude),
        keep: match kind {
            Kind::Trash => texts(&["files", "info"]),
            _ => Vec::new(),
        },
        min_age_seconds: days * DAY,
        owner,
        kind,
        regenerable,
        source: "built-in".into(),
    }
}

/// Where the root of a rule lies in that of another, the narrower one speaks alone.
fn part(rules: &mut [Rule]) {
    let roots: Vec<PathBuf> = rules.iter().map(|rule| rule.root.clone()).collect();
    for rule in rules {
        for other in &roots {
            if let Ok(below) = other.strip_prefix(&rule.root)
                && let Some(below) = below.to_str().filter(|below| !below.is_empty())
            {
                rule.exclude.push(escape(below));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(files: &[(&str, &str)], folders: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for folder in folders {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        for (path, text) in files {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        dir
    }

    #[test]
    fn tmpfiles_speaks_before_the_built_in_ages_and_etc_before_usr() {
        let dir = host(
            &[
                ("usr/lib/tmpfiles.d/tmp.conf", "q /tmp 1777 root root 1d\n"),
                (
                    "etc/tmpfiles.d/tmp.conf",
                    "q /tmp 1777 root root 3d\nx /tmp/mine-*\nX /tmp/shell\n",
                ),
                (
                    "run/tmpfiles.d/z.conf",
                    "d /tmp 1777 root root 99d\nd /tmp/own[1] - - - -\nd /var/tmp - - -\n",
                ),
            ],
            &["tmp", "var/tmp", "var/log", "home/u/.cache/pip"],
        );
        let settings = Settings {
            home: Some("/home/u".into()),
            ..Settings::default()
        };
        let book = rules(&Roots::tree(dir.path()), &settings);
        let named: Vec<&str> = book.rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(named, ["tmpfiles /tmp", "rotated logs", "pip cache"]);
        let tmp = &book.rules[0];
        assert_eq!(tmp.min_age_seconds, 3.0 * DAY);
        assert_eq!(tmp.exclude, ["mine-*", "own\\[1]"]);
        assert_eq!(tmp.keep, ["shell"]);
        assert!(tmp.source.ends_with("etc/tmpfiles.d/tmp.conf:1"));
        assert_eq!(tmp.root, dir.path().join("tmp"));
    }

    #[test]
    fn an_excluded_root_is_no_rule_and_an_inner_folder_speaks_for_itself() {
        let dir = host(
            &[("etc/tmpfiles.d/a.conf", "x /var/lo*\n")],
            &["tmp/inner", "var/log"],
        );
        let inner = dir.path().join("tmp/inner");
        let settings = Settings {
            folders: vec![inner.clone()],
            ..Settings::default()
        };
        let book = rules(&Roots::tree(dir.path()), &settings);
        let roots: Vec<&Path> = book.rules.iter().map(|rule| rule.root.as_path()).collect();
        assert_eq!(roots, [inner.as_path(), &dir.path().join("tmp")]);
        assert!(book.rules[1].exclude.contains(&"inner".to_owned()));
        assert_eq!(book.notes.len(), 1);
        let settings = Settings {
            builtin: false,
            ..settings
        };
        assert_eq!(rules(&Roots::tree(dir.path()), &settings).rules.len(), 1);
    }
}
