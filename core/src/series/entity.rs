//! What a series is of, where a family has more than one: a core, a device, a process.

use std::sync::Arc;

/// One entity of a family, by its labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Entity {
    /// Values in the order of [`super::Family::label_names`]; `None` where one is not known.
    pub labels: Box<[Option<Arc<str>>]>,
}

impl Entity {
    /// The machine as a whole.
    pub fn single() -> Entity {
        Entity::default()
    }

    /// An entity with these labels.
    pub fn new(labels: impl IntoIterator<Item = Option<Arc<str>>>) -> Entity {
        Entity {
            labels: labels.into_iter().collect(),
        }
    }
}
