//! What of a sample comes in lists whose members have names: devices, file systems,
//! interfaces, sensors, batteries. What is said of a member besides its numbers is context;
//! its labels are part of that.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::catalog::{BATTERY, DEVICE, FILESYSTEM, INTERFACE, SENSOR};
use super::context::ContextKind;
use super::entity::{Entity, distinct};
use super::field::Field;
use super::metric::Family;
use crate::sample::{
    BatterySample, DiskSample, FilesystemSample, InterfaceSample, SensorKind, SensorSample,
};

/// A member of such a list.
pub(crate) trait Listed: Default + 'static {
    /// What is said of it besides its numbers.
    type Words: Serialize + DeserializeOwned + std::fmt::Debug;
    const FAMILY: Family;
    const CONTEXT: ContextKind;

    fn fields() -> &'static [Field<Self>];
    fn words(&self) -> Self::Words;
    /// These are its words.
    fn has(&self, words: &Self::Words) -> bool;
    /// A member with these words and without numbers.
    fn of(words: &Self::Words) -> Self;
    /// A member of which only the labels are known.
    fn called(entity: &Entity) -> Self;
    /// The labels, in the order of [`Family::label_names`].
    fn labels(words: &Self::Words) -> Vec<Option<Arc<str>>>;
}

/// The entities of a list, in its order.
pub(crate) fn entities<T: Listed>(words: &[T::Words]) -> Arc<[Arc<Entity>]> {
    distinct(words.iter().map(T::labels))
}

/// `TYPE, WORDS: FAMILY CONTEXT FIELDS (LABELS) { everything that is no number }`.
macro_rules! listed {
    ($type:ident, $words:ident: $family:ident $context:ident $fields:ident
     ($($label:ident),+) { $($field:ident: $of:ty),+ $(,)? }) => {
        #[derive(Debug, Serialize, Deserialize)]
        pub(crate) struct $words {
            $($field: $of),+
        }

        impl Listed for $type {
            type Words = $words;
            const FAMILY: Family = Family::$family;
            const CONTEXT: ContextKind = ContextKind::$context;

            fn fields() -> &'static [Field<$type>] {
                $fields
            }

            fn words(&self) -> $words {
                $words {
                    $($field: Clone::clone(&self.$field)),+
                }
            }

            fn has(&self, words: &$words) -> bool {
                $(self.$field == words.$field)&&+
            }

            fn of(words: &$words) -> $type {
                $type {
                    $($field: Clone::clone(&words.$field),)+
                    ..$type::default()
                }
            }

            fn called(entity: &Entity) -> $type {
                let mut labels = entity.labels.iter().cloned().flatten();
                $type {
                    $($label: labels.next().unwrap_or_default(),)+
                    ..$type::default()
                }
            }

            fn labels(words: &$words) -> Vec<Option<Arc<str>>> {
                vec![$(Some(words.$label.clone())),+]
            }
        }
    };
}

listed!(DiskSample, DeviceWords: Device Devices DEVICE (name) {
    name: Arc<str>,
    is_stacked: bool,
});
listed!(FilesystemSample, FilesystemWords: Filesystem Filesystems FILESYSTEM (mount_point) {
    mount_point: Arc<str>,
    device: Arc<str>,
    kind: Arc<str>,
    problem: Option<Arc<str>>,
});
listed!(InterfaceSample, InterfaceWords: Interface Interfaces INTERFACE (name) {
    name: Arc<str>,
    is_loopback: bool,
});
listed!(SensorSample, SensorWords: Sensor Sensors SENSOR (chip, label) {
    chip: Arc<str>,
    label: Arc<str>,
    kind: SensorKind,
});
listed!(BatterySample, BatteryWords: Battery Power BATTERY (name) {
    name: Arc<str>,
    status: Option<Arc<str>>,
});
