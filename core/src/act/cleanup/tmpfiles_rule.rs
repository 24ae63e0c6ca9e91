//! What lines of tmpfiles.d mean for the rules.

use std::path::{Path, PathBuf};

use super::glob::{escape, name_matches};
use super::rule::{Kind, Owner, Rule};
use super::tmpfiles::Line;
use crate::sample::Roots;

/// Whether the path of a line is a pattern.
fn is_glob(kind: char, is_vague: bool) -> bool {
    is_vague || "exXrRzZtTaAhHmw".contains(kind)
}

/// The rule that a line makes, if it has an age.
pub(super) fn rule(line: &Line, roots: &Roots) -> Option<Rule> {
    let age = line.age.filter(|_| !line.is_for_boot && !line.is_vague)?;
    let steps: Vec<&str> = line
        .path
        .split('/')
        .skip(1)
        .filter(|s| !s.is_empty())
        .collect();
    let pattern_from = steps
        .iter()
        .position(|step| line.kind == 'e' && step.contains(['*', '?', '[']))
        .unwrap_or(steps.len());
    let fixed: PathBuf = Path::new("/").join(steps[..pattern_from].join("/"));
    // Never all of the system.
    if pattern_from == 0 {
        return None;
    }
    let mut pattern = steps[pattern_from..].join("/");
    let has_pattern = !pattern.is_empty();
    if has_pattern {
        pattern.push('/');
    }
    pattern.push_str(if age.spares_first_level { "*/**" } else { "**" });
    Some(Rule {
        name: format!("tmpfiles {}", line.path),
        about: format!(
            "What lies in {} and is old enough, as tmpfiles.d says.",
            line.path
        ),
        root: roots.host(&fixed),
        patterns: match has_pattern || age.spares_first_level {
            true => vec![pattern],
            false => Vec::new(),
        },
        exclude: Vec::new(),
        keep: Vec::new(),
        min_age_seconds: age.seconds,
        owner: Owner::Anyone,
        kind: Kind::Temporary,
        regenerable: false,
        source: line.source.clone(),
    })
}

/// Puts on a rule what other lines say of paths below its root. False: a line excludes the
/// root itself.
pub(super) fn exclude(rule: &mut Rule, root: &Path, lines: &[Line]) -> bool {
    let root: Vec<&str> = root
        .to_str()
        .unwrap_or_default()
        .split('/')
        .skip(1)
        .collect();
    for line in lines {
        let globs = is_glob(line.kind, line.is_vague);
        let path: Vec<&str> = line.path.split('/').skip(1).collect();
        let meets = path.iter().zip(&root).all(|(step, name)| match globs {
            true => name_matches(step.as_bytes(), name.as_bytes()),
            false => step == name,
        });
        if !meets {
            continue;
        }
        if path.len() <= root.len() {
            if line.kind == 'x' {
                return false;
            }
            continue;
        }
        let below = path[root.len()..].join("/");
        let below = if globs { below } else { escape(&below) };
        match line.kind {
            'X' => rule.keep.push(below),
            // The pattern of this very line is not an exclusion of itself.
            'e' if line.source == rule.source => {}
            _ => rule.exclude.push(below),
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::super::tmpfiles::{Specifiers, parse};
    use super::*;

    fn of(text: &str) -> Option<Rule> {
        let dir = tempfile::tempdir().unwrap();
        let specifiers = Specifiers::read(&Roots::tree(dir.path()));
        let lines = parse(text, "f", &specifiers, &mut Vec::new());
        rule(&lines[0], &Roots::default())
    }

    #[test]
    fn a_glob_gives_its_fixed_part_as_root_and_a_tilde_spares_a_level() {
        let found = of("e /var/lib/*/tmp - - - 1d").unwrap();
        assert_eq!(found.root, Path::new("/var/lib"));
        assert_eq!(found.patterns, ["*/tmp/**"]);
        let found = of("d /var/x - - - ~1d").unwrap();
        assert_eq!(found.patterns, ["*/**"]);
        assert_eq!(of("e /* - - - 1d"), None);
        assert_eq!(of("d / - - - 1d"), None);
        assert_eq!(of("d! /x - - - 1d"), None);
        assert_eq!(
            of("d /x/%b - - - 1d"),
            None,
            "a specifier that is not known"
        );
    }
}
