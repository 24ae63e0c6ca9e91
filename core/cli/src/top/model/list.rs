//! A place in a list that is longer than what can be shown of it.

/// The entry that is chosen, and the first that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::top) struct Place {
    pub(in crate::top) at: usize,
    pub(in crate::top) first: usize,
}

impl Place {
    /// Goes on by so many entries of `all`.
    pub(in crate::top) fn go(&mut self, by: isize, all: usize) {
        self.at = self.at.saturating_add_signed(by);
        self.keep_within(all);
    }

    pub(in crate::top) fn keep_within(&mut self, all: usize) {
        self.at = self.at.min(all.saturating_sub(1));
        self.first = self.first.min(self.at);
    }

    /// The first entry to show where `room` fit, so that the chosen one is among them.
    pub(in crate::top) fn first_of(self, room: usize, all: usize) -> usize {
        let at = self.at.min(all.saturating_sub(1));
        let last_first = all.saturating_sub(room);
        let first = self.first.min(last_first).min(at);
        match at.checked_sub(first) {
            Some(below) if below >= room => at + 1 - room.max(1),
            _ => first,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_entry_is_always_among_those_that_are_shown() {
        for all in [0, 1, 5, 40] {
            for room in [0, 1, 7, 100] {
                let mut place = Place::default();
                for by in [0, 3, 100, -2, -1, -100, isize::MAX, isize::MIN] {
                    place.go(by, all);
                    let first = place.first_of(room, all);
                    place.first = first;
                    assert!(all == 0 || place.at < all);
                    let shown = first..first + room.max(1);
                    assert!(shown.contains(&place.at), "{place:?} of {all} in {room}");
                }
            }
        }
    }
}
