//! Slips of the pen: the known word that was meant.

use std::collections::BTreeSet;

/// Longer words are not put right.
const LONGEST_WORD: usize = 24;

/// The one known word that differs by a slip; `None` where several do. Short words are other
/// words, not slips, and few slip in the first letter.
pub(super) fn closest(asked: &str, vocabulary: &BTreeSet<&'static str>) -> Option<&'static str> {
    let letters: Vec<char> = asked.chars().collect();
    let allowed = match letters.len() {
        4..=7 => 1,
        8..=LONGEST_WORD => 2,
        _ => return None,
    };
    let mut best = (allowed + 1, None);
    for word in vocabulary {
        let other: Vec<char> = word.chars().collect();
        let is_near = other.first() == letters.first()
            && other.len() > 2
            && other.len().abs_diff(letters.len()) <= allowed;
        if !is_near {
            continue;
        }
        let distance = slips(&letters, &other);
        // `show` is not a misspelt `slow`.
        let is_other_letter = letters.len() == 4
            && other.len() == 4
            && letters.iter().zip(&other).filter(|(a, b)| a != b).count() == 1;
        if distance < best.0 && !is_other_letter {
            best = (distance, Some(*word));
        } else if distance == best.0 {
            best.1 = None;
        }
    }
    best.1
}

/// Letters that were added, left out, mistaken or swapped with their neighbour.
fn slips(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let is_other = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (last[j - 1] + is_other)
                .min(last[j] + 1)
                .min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted_as_one_each() {
        let count = |a: &str, b: &str| {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            slips(&a, &b)
        };
        assert_eq!(count("", ""), 0);
        assert_eq!(count("", "abc"), 3);
        assert_eq!(count("slow", "slwo"), 1);
        assert_eq!(count("memory", "memmory"), 1);
        assert_eq!(count("disk", "desk"), 1);
        assert_eq!(count("network", "netwrok"), 1);
        assert_eq!(count("kitten", "sitting"), 3);
    }
}
