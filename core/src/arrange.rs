//! Putting short lists in order. `slice::sort_by` brings some seven kilobytes of code for
//! each list and order; here all share one sort, of places, through a dynamic comparison.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Puts a list in order; equal ones stay as they came.
pub(crate) fn arrange_by<T>(list: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut places = order(list.len(), &|a, b| compare(&list[a], &list[b]));
    for place in 0..list.len() {
        let mut from = places[place];
        // What was there has been swapped away: to where this came from.
        while from < place {
            from = places[from];
        }
        places[place] = from;
        list.swap(place, from);
    }
}

/// Puts a list in the order of a key; equal ones stay as they came.
pub(crate) fn arrange_by_key<T, K: Ord>(list: &mut [T], key: impl Fn(&T) -> K) {
    arrange_by(list, |a, b| key(a).cmp(&key(b)));
}

/// The places of a list in the order of what is there.
fn order(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..length).collect();
    places.sort_unstable_by(|a, b| compare(*a, *b).then(a.cmp(b)));
    places
}

/// A set of these. `collect` would sort them first.
pub(crate) fn set_of<T: Ord>(items: impl Iterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(items);
    set
}

/// A map of these; of equal keys the last counts. `collect` would sort them first.
pub(crate) fn map_of<K: Ord, V>(items: impl Iterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(items);
    map
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_order_of_a_stable_sort(keys: Vec<u8>) {
            let mut list: Vec<(u8, usize)> = keys.iter().map(|key| key % 16).zip(0..).collect();
            let mut sorted = list.clone();
            sorted.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
            arrange_by_key(&mut list, |(key, _)| std::cmp::Reverse(*key));
            prop_assert_eq!(list, sorted);
        }
    }
}
