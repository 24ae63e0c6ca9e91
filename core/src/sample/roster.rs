//! What is remembered of each device of a kernel list from one reading to the next:
//! found again by name, in the list's own order, forgotten when it is gone.

use std::sync::Arc;

/// The entries of a list of devices, in the order of the last reading.
#[derive(Debug)]
pub(crate) struct Roster<T> {
    entries: Vec<Entry<T>>,
    next: usize,
}

/// One device: its name as text, and what its reader remembers of it.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    bytes: Box<[u8]>,
    pub(crate) name: Arc<str>,
    pub(crate) remembered: T,
}

impl<T> Roster<T> {
    pub(crate) fn new() -> Roster<T> {
        Roster {
            entries: Vec::new(),
            next: 0,
        }
    }

    /// Starts a new reading of the list.
    pub(crate) fn begin(&mut self) {
        self.next = 0;
    }

    /// The next device of the list. One that was in the last reading is found again, at
    /// no cost while the order stays; for a new one `make` is asked.
    pub(crate) fn find(&mut self, name: &[u8], make: impl FnOnce(&str) -> T) -> &mut Entry<T> {
        let at = self.next;
        self.next += 1;
        let known = self.entries[at..]
            .iter()
            .position(|entry| *entry.bytes == *name);
        match known {
            Some(0) => {}
            Some(further) => self.entries[at..=at + further].rotate_right(1),
            None => {
                let text = String::from_utf8_lossy(name);
                let entry = Entry {
                    bytes: name.into(),
                    remembered: make(&text),
                    name: Arc::from(text),
                };
                self.entries.insert(at, entry);
            }
        }
        &mut self.entries[at]
    }

    /// Ends the reading: what was not in it is forgotten.
    pub(crate) fn end(&mut self) {
        self.entries.truncate(self.next);
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// One reading; each new name is numbered, so that a number tells who is whom.
    fn reading(roster: &mut Roster<u32>, names: &[&str], made: &mut u32) -> Vec<u32> {
        roster.begin();
        let numbers = names
            .iter()
            .map(|name| {
                let make = |_: &str| {
                    *made += 1;
                    *made
                };
                let entry = roster.find(name.as_bytes(), make);
                assert_eq!(&*entry.name, *name);
                entry.remembered
            })
            .collect();
        roster.end();
        numbers
    }

    #[test]
    fn devices_are_found_again_whatever_the_order_and_forgotten_when_gone() {
        let (mut roster, mut made) = (Roster::new(), 0);
        assert_eq!(reading(&mut roster, &["a", "b", "c"], &mut made), [1, 2, 3]);
        assert_eq!(reading(&mut roster, &["a", "b", "c"], &mut made), [1, 2, 3]);
        assert_eq!(
            reading(&mut roster, &["c", "x", "a", "b"], &mut made),
            [3, 4, 1, 2]
        );
        assert_eq!(reading(&mut roster, &["b"], &mut made), [2]);
        assert_eq!(reading(&mut roster, &["a", "b"], &mut made), [5, 2]);
    }

    #[test]
    fn a_name_that_is_no_text_is_kept_apart_from_the_text_it_is_shown_as() {
        let mut roster = Roster::new();
        roster.begin();
        assert_eq!(&*roster.find(b"a\xff", |_| 1).name, "a\u{fffd}");
        assert_eq!(roster.find("a\u{fffd}".as_bytes(), |_| 2).remembered, 2);
        roster.end();
        roster.begin();
        assert_eq!(roster.find(b"a\xff", |_| 3).remembered, 1);
    }

    proptest! {
        #[test]
        fn what_was_in_the_last_reading_is_remembered_and_nothing_else(
            readings in proptest::collection::vec(
                proptest::collection::btree_set("[a-e]", 0..5), 1..8),
        ) {
            let (mut roster, mut made) = (Roster::new(), 0);
            let mut last: std::collections::BTreeMap<String, u32> = Default::default();
            for names in readings {
                let before = made;
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let numbers = reading(&mut roster, &names, &mut made);
                for (name, number) in names.iter().zip(&numbers) {
                    match last.get(*name) {
                        Some(known) => prop_assert_eq!(known, number),
                        None => prop_assert!(*number > before),
                    }
                }
                last = names.iter().map(|n| n.to_string()).zip(numbers).collect();
            }
        }
    }
}
