//! The tools that are known: one text, read where it lies. A table of strings would cost more
//! than the strings themselves in places and relocations.
//!
//! An entry is a paragraph: name; description; `category confidence impact documentation`;
//! then lines that begin with what they tell:
//!
//! | line | tells |
//! |---|---|
//! | `tags` | words that it is found by |
//! | `bin` | executables, each may be that of one distribution (`debian=fdfind`); else the name |
//! | `pkg` | packages, see [`Tool::package`] |
//! | `pip` | package of the Python index; `env`: for the program's own environment |
//! | `host` | `only`: of no use inside a container; `x86`: only for these processors |
//! | `alt` | other tools for the same |
//! | a problem | how well it helps, 0 to 100, and how it is run; after `#` by root |

use super::kind::{Category, Impact, Problem};

const TEXT: &str = include_str!("catalogue.txt");

/// One tool of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    entry: &'static str,
}

/// How a tool helps with one problem.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Help {
    /// With what.
    pub problem: Problem,
    /// How well, 0 to 1.
    pub fit: f64,
    /// Command line to run; words in capitals (`PID`, `HOST`) are to be filled in.
    pub run: &'static str,
    /// Root must run it, or sees more.
    pub needs_root: bool,
}

/// Every tool of the catalogue.
pub fn tools() -> impl Iterator<Item = Tool> {
    Tools { rest: TEXT }
}

struct Tools {
    rest: &'static str,
}

impl Iterator for Tools {
    type Item = Tool;

    // These three steps stand once: put in wherever tools are gone through, they would be
    // larger than the catalogue.
    #[inline(never)]
    fn next(&mut self) -> Option<Tool> {
        let entry = cut(&mut self.rest, "\n\n");
        (!entry.is_empty()).then_some(Tool { entry })
    }
}

/// The words of a line.
#[derive(Clone)]
pub(super) struct Words {
    pub(super) rest: &'static str,
}

impl Iterator for Words {
    type Item = &'static str;

    #[inline(never)]
    fn next(&mut self) -> Option<&'static str> {
        let word = cut(&mut self.rest, " ");
        (!word.is_empty()).then_some(word)
    }
}

struct Helps {
    rest: &'static str,
}

impl Iterator for Helps {
    type Item = Help;

    #[inline(never)]
    fn next(&mut self) -> Option<Help> {
        while !self.rest.is_empty() {
            let mut line = cut(&mut self.rest, "\n");
            if let Some(problem) = Problem::named(cut(&mut line, " ")) {
                return help(problem, line);
            }
        }
        None
    }
}

/// How it helps, by what stands behind the problem.
fn help(problem: Problem, mut line: &'static str) -> Option<Help> {
    let fit = percent(cut(&mut line, " "))?;
    let by_root = line.strip_prefix("# ");
    Some(Help {
        problem,
        fit,
        run: by_root.unwrap_or(line),
        needs_root: by_root.is_some(),
    })
}

/// Takes what stands before a mark, and the mark; all where there is none.
#[inline(never)]
pub(super) fn cut(rest: &mut &'static str, mark: &str) -> &'static str {
    let (first, after) = rest.split_once(mark).unwrap_or((rest, ""));
    *rest = after;
    first
}

/// The tool of that name.
pub fn tool_named(name: &str) -> Option<Tool> {
    tools().find(|tool| tool.name() == name)
}

impl Tool {
    /// Its name, e.g. `iotop`.
    pub fn name(self) -> &'static str {
        self.line(0)
    }

    /// What it shows or does.
    pub fn description(self) -> &'static str {
        self.line(1)
    }

    /// Its category.
    pub fn category(self) -> Category {
        self.word(0)
            .and_then(Category::named)
            .unwrap_or(Category::Utilities)
    }

    /// How well it does what it is for, 0 to 1.
    pub fn confidence(self) -> f64 {
        self.word(1).and_then(percent).unwrap_or(0.0)
    }

    /// How much it burdens the machine.
    pub fn system_impact(self) -> Impact {
        self.word(2)
            .and_then(Impact::named)
            .unwrap_or(Impact::Medium)
    }

    /// Address of its documentation.
    pub fn doc_url(self) -> String {
        let short = self.word(3).unwrap_or("");
        if let Some(repository) = short.strip_prefix("gh:") {
            return format!("https://github.com/{repository}");
        }
        match short
            .strip_prefix("man:")
            .and_then(|page| page.rsplit_once('.'))
        {
            Some((page, section)) => {
                format!("https://man7.org/linux/man-pages/man{section}/{page}.{section}.html")
            }
            None => short.to_owned(),
        }
    }

    /// Words that it is found by.
    pub fn tags(self) -> impl Iterator<Item = &'static str> {
        self.list("tags")
    }

    /// Names of other tools for the same.
    pub fn alternatives(self) -> impl Iterator<Item = &'static str> {
        self.list("alt")
    }

    /// What it helps with.
    pub fn helps(self) -> impl Iterator<Item = Help> {
        Helps {
            rest: self.after(3),
        }
    }

    /// How it helps with a problem; `None` when it does not.
    #[inline(never)]
    pub fn help_with(self, problem: Problem) -> Option<Help> {
        help(problem, self.list(problem.name()).rest)
    }

    /// Names that its executable has on one distribution or another.
    pub fn executables(self) -> impl Iterator<Item = &'static str> {
        let name = self.list("bin").next().is_none().then(|| self.name());
        self.list("bin")
            .map(|word| word.split_once('=').map_or(word, |(_, name)| name))
            .chain(name)
    }

    /// Name of the executable on a distribution: the first of these keys that has its own,
    /// else the common one.
    pub(super) fn executable(self, keys: &[&str]) -> &'static str {
        let own = keys.iter().find_map(|key| self.valued("bin", key));
        own.or_else(|| self.common_executable())
            .unwrap_or_else(|| self.name())
    }

    /// The executable that the command lines of [`Tool::helps`] name.
    pub(super) fn common_executable(self) -> Option<&'static str> {
        self.list("bin").find(|word| !word.contains('='))
    }

    /// The package of a distribution. Keys are its id and its family, the closest first; of
    /// each the catalogue says `KEY=PACKAGE`, `KEY` (packaged under the tool's name), `-KEY`
    /// (not packaged) or nothing. What it says of `*` holds for the rest.
    pub(super) fn package(self, keys: &[&str]) -> Option<&'static str> {
        for key in keys.iter().chain(&["*"]) {
            if let Some(package) = self.valued("pkg", key) {
                return Some(package);
            }
            for word in self.list("pkg") {
                if word == *key {
                    return Some(self.name());
                }
                if word.strip_prefix('-') == Some(key) {
                    return None;
                }
            }
        }
        None
    }

    /// On Red Hat and its kin the package comes from EPEL.
    pub(super) fn is_in_epel(self) -> bool {
        self.list("pkg").any(|word| word == "+epel")
    }

    /// Package of the Python index, and whether it belongs into the environment of the
    /// program that is looked at.
    pub(super) fn python_package(self) -> Option<(&'static str, bool)> {
        let mut words = self.list("pip");
        Some((words.next()?, words.next() == Some("env")))
    }

    /// Part of the system where it is at all: nothing that could be installed.
    pub(super) fn is_built_in(self) -> bool {
        self.list("pkg").next().is_none() && self.python_package().is_none()
    }

    /// Inside a container it sees nothing, or too little.
    pub(super) fn is_for_the_host(self) -> bool {
        self.place("only")
    }

    /// It is of use on this processor.
    pub(super) fn fits_processor(self) -> bool {
        cfg!(any(target_arch = "x86", target_arch = "x86_64")) || !self.place("x86")
    }

    fn place(self, what: &str) -> bool {
        self.list("host").any(|word| word == what)
    }

    #[inline(never)]
    fn line(self, number: usize) -> &'static str {
        cut(&mut self.after(number), "\n")
    }

    /// What follows so many lines.
    fn after(self, lines: usize) -> &'static str {
        let mut rest = self.entry;
        for _ in 0..lines {
            cut(&mut rest, "\n");
        }
        rest
    }

    fn word(self, number: usize) -> Option<&'static str> {
        let rest = self.line(2);
        Words { rest }.nth(number)
    }

    /// The words after a key.
    #[inline(never)]
    fn list(self, key: &str) -> Words {
        let mut rest = self.after(3);
        while !rest.is_empty() {
            let mut line = cut(&mut rest, "\n");
            if cut(&mut line, " ") == key {
                return Words { rest: line };
            }
        }
        Words { rest: "" }
    }

    fn valued(self, list: &str, key: &str) -> Option<&'static str> {
        self.list(list)
            .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }
}

/// A share of 100.
pub(super) fn percent(word: &str) -> Option<f64> {
    let value = word.parse::<u8>().ok().filter(|value| *value <= 100)?;
    Some(f64::from(value) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const KEYS: [&str; 10] = [
        "*", "debian", "ubuntu", "fedora", "rhel", "arch", "alpine", "suse", "nix", "brew",
    ];

    #[test]
    fn names_are_unique_and_every_alternative_is_a_tool() {
        let names: Vec<&str> = tools().map(Tool::name).collect();
        let unique: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(names.len(), unique.len());
        assert!(names.len() > 90, "only {} tools", names.len());
        for tool in tools() {
            for other in tool.alternatives() {
                assert!(unique.contains(other), "{}: {other}", tool.name());
                assert_ne!(other, tool.name());
            }
        }
    }

    #[test]
    fn every_line_of_the_catalogue_is_understood() {
        for tool in tools() {
            let name = tool.name();
            let mut seen = BTreeSet::new();
            for line in tool.entry.lines().skip(3) {
                let key = line.split(' ').next().unwrap();
                let known = ["tags", "bin", "pkg", "pip", "host", "alt"].contains(&key)
                    || Problem::named(key).is_some();
                assert!(known, "{name}: {line}");
                assert!(seen.insert(key), "{name}: {key} twice");
                if key == "host" {
                    assert!(
                        ["host only", "host only x86"].contains(&line),
                        "{name}: {line}"
                    );
                }
            }
            let problems = seen.iter().filter(|key| Problem::named(key).is_some());
            assert_eq!(problems.count(), tool.helps().count(), "{name}");
            assert!(tool.tags().count() > 0, "{name} has no tags");
        }
    }

    #[test]
    fn the_head_of_every_entry_is_whole() {
        for tool in tools() {
            let name = tool.name();
            assert!(!name.is_empty() && !name.contains(' '), "{name}");
            assert!(tool.description().len() > 10, "{name}");
            assert!(!tool.description().ends_with('.'), "{name}");
            assert_eq!(tool.line(2).split(' ').count(), 4, "{name}");
            assert!(tool.word(0).and_then(Category::named).is_some(), "{name}");
            assert!((0.5..=1.0).contains(&tool.confidence()), "{name}");
            assert!(tool.word(2).and_then(Impact::named).is_some(), "{name}");
            let url = tool.doc_url();
            assert!(url.starts_with("https://"), "{name}: {url}");
            assert!(!url.contains(' ') && url.len() > 12, "{name}: {url}");
        }
    }

    #[test]
    fn packages_are_named_for_known_distributions_only() {
        for tool in tools() {
            for word in tool.list("pkg") {
                let key = word.split('=').next().unwrap().trim_start_matches('-');
                assert!(
                    word == "+epel" || KEYS.contains(&key),
                    "{}: {word}",
                    tool.name()
                );
            }
            for word in tool.list("bin").filter(|word| word.contains('=')) {
                let key = word.split('=').next().unwrap();
                assert!(KEYS.contains(&key), "{}: {word}", tool.name());
            }
            if tool.is_in_epel() {
                assert!(tool.package(&["rhel"]).is_some(), "{}", tool.name());
            }
        }
    }

    #[test]
    fn every_problem_has_two_tools_or_more_and_every_category_one() {
        for problem in Problem::ALL {
            let helpers = tools().filter(|tool| tool.help_with(problem).is_some());
            assert!(helpers.count() >= 2, "{}", problem.name());
        }
        for category in Category::ALL {
            assert!(tools().any(|tool| tool.category() == category));
        }
    }

    #[test]
    fn command_lines_begin_with_an_executable_of_their_tool() {
        // Packages of many small programs.
        let packs = ["bcc-tools"];
        for tool in tools().filter(|tool| !packs.contains(&tool.name())) {
            for help in tool.helps() {
                let first = help.run.split(' ').next().unwrap();
                assert_eq!(
                    first,
                    tool.common_executable().unwrap_or(tool.name()),
                    "{}: {}",
                    tool.name(),
                    help.run
                );
            }
        }
    }

    #[test]
    fn the_prototypes_tools_are_all_there_with_their_confidence() {
        let of_prototype = [
            ("htop", 0.9),
            ("nvitop", 0.9),
            ("iotop", 0.8),
            ("glances", 0.8),
            ("ncdu", 0.9),
            ("git", 0.95),
            ("docker", 0.9),
            ("python", 0.95),
            ("node", 0.9),
            ("fzf", 0.9),
            ("ripgrep", 0.9),
            ("tmux", 0.8),
            ("zsh", 0.9),
            ("nmap", 0.8),
            ("wireshark", 0.8),
            ("jq", 0.8),
            ("tree", 0.7),
            ("wget", 0.8),
            ("curl", 0.9),
        ];
        for (name, confidence) in of_prototype {
            let tool = tool_named(name).unwrap_or_else(|| panic!("{name} is missing"));
            assert_eq!(tool.confidence(), confidence, "{name}");
        }
    }

    #[test]
    fn the_closest_key_decides_the_package() {
        let perf = tool_named("perf").unwrap();
        assert_eq!(
            perf.package(&["linuxmint", "ubuntu", "debian"]),
            Some("linux-tools-generic")
        );
        assert_eq!(perf.package(&["debian"]), Some("linux-perf"));
        assert_eq!(perf.package(&["arch"]), Some("perf"));
        assert_eq!(perf.package(&["brew"]), None);
        let nvtop = tool_named("nvtop").unwrap();
        assert_eq!(nvtop.package(&["debian"]), None);
        assert_eq!(nvtop.package(&["ubuntu", "debian"]), Some("nvtop"));
    }
}
