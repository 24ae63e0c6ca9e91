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

/// The entities of labels. Those that would be the same are numbered: `eth0`, `eth0 #2`.
pub(crate) fn distinct(
    labels: impl IntoIterator<Item = Vec<Option<Arc<str>>>>,
) -> Arc<[Arc<Entity>]> {
    let mut entities: Vec<Arc<Entity>> = Vec::new();
    for labels in labels {
        let last = labels.last().cloned().flatten();
        let mut entity = Entity::new(labels);
        let mut number = 1;
        while entities.iter().any(|other| **other == entity) {
            number += 1;
            let Some(label) = entity.labels.last_mut() else {
                break;
            };
            let name = last.as_deref().unwrap_or_default();
            *label = Some(format!("{name} #{number}").into());
        }
        entities.push(Arc::new(entity));
    }
    entities.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_the_same_name_is_numbered() {
        let named = |name: &str| vec![Some("chip".into()), Some(name.into())];
        let names = ["fan", "fan #2", "fan", "temp", "fan"];
        let entities = distinct(names.map(named));
        let labels: Vec<&str> = entities
            .iter()
            .map(|entity| entity.labels[1].as_deref().unwrap())
            .collect();
        assert_eq!(labels, ["fan", "fan #2", "fan #3", "temp", "fan #4"]);
    }
}
