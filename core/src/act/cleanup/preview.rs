//! The look: what would go, and what stays and why. Nothing is changed.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use super::beneath::{Root, may_change};
use super::in_use::InUse;
use super::judge::Judge;
use super::meta::{self, Id};
use super::outcome::{Entry, Preview, RulePreview};
use super::rule::{Owner, Rule, Settings, Watch};
use super::walk::Walk;
use crate::arrange::arrange_by_key;
use crate::error::{Error, Result};
use crate::sample::Roots;

/// Looks at what the rules would take.
///
/// # Errors
/// None at present: a rule that can't be followed says so in its part.
pub fn preview(
    roots: &Roots,
    rules: &[Rule],
    settings: &Settings,
    watch: &dyn Watch,
) -> Result<Preview> {
    let in_use = InUse::scan(roots);
    let mut all = Preview {
        rules: Vec::new(),
        files: 0,
        bytes: 0,
        processes_unseen: in_use.unseen,
        cancelled: false,
    };
    // Where roots lie in each other, what two rules take counts once.
    let overlap = rules.iter().enumerate().any(|(index, rule)| {
        let others = rules
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index);
        others
            .into_iter()
            .any(|(_, other)| rule.root.starts_with(&other.root))
    });
    let mut seen = overlap.then(HashSet::new);
    for rule in rules {
        let mut one = RulePreview {
            rule: rule.clone(),
            refused: None,
            files: 0,
            folders: 0,
            bytes: 0,
            biggest: Vec::new(),
            skipped: Default::default(),
        };
        match look(rule, settings, &in_use, watch, &mut seen, &mut one) {
            Ok(cancelled) => all.cancelled |= cancelled,
            Err(error) => one.refused = Some(error.to_string()),
        }
        all.files += one.files;
        all.bytes += one.bytes;
        all.rules.push(one);
        if all.cancelled {
            break;
        }
    }
    arrange_by_key(&mut all.rules, |rule| Reverse(rule.bytes));
    Ok(all)
}

/// The folder of a rule, opened.
pub(super) fn open_root(rule: &Rule) -> Result<Root> {
    let owner = match rule.owner {
        Owner::User(uid) => Some(uid),
        Owner::Me | Owner::Anyone => None,
    };
    let root = Root::open(&rule.root, owner)?;
    match may_change(root.fd()) {
        true => Ok(root),
        // The quarantine would have to lie in it.
        false => Err(Error::Refused(format!(
            "{}: this user may not write in it",
            rule.root.display()
        ))),
    }
}

fn look(
    rule: &Rule,
    settings: &Settings,
    in_use: &InUse,
    watch: &dyn Watch,
    seen: &mut Option<HashSet<Id>>,
    into: &mut RulePreview,
) -> Result<bool> {
    let root = open_root(rule)?;
    let judge = Judge::new(rule, &root, meta::now());
    let mut walk = Walk::new(&root, &judge, in_use, watch);
    let mut biggest = BinaryHeap::new();
    let cancelled = walk.run(&mut |find| {
        if seen.as_mut().is_some_and(|seen| !seen.insert(find.meta.id)) {
            return Ok(());
        }
        if find.meta.is_folder() {
            into.folders += 1;
            return Ok(());
        }
        into.files += 1;
        into.bytes += find.meta.bytes;
        let age = judge.age_seconds(&find.meta);
        biggest.push(Reverse((find.meta.bytes, find.path, age.to_bits())));
        if biggest.len() > settings.biggest {
            biggest.pop();
        }
        Ok(())
    })?;
    into.skipped = walk.skips;
    let sorted = biggest.into_sorted_vec();
    into.biggest = sorted
        .into_iter()
        .map(|Reverse((bytes, path, age))| Entry {
            path: String::from_utf8_lossy(&path).into_owned(),
            bytes,
            age_seconds: f64::from_bits(age),
        })
        .collect();
    Ok(cancelled)
}
