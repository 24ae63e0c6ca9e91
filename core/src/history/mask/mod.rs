//! Names that tell about the user taken out of frames: a recording for a bug report.
//!
//! The same name becomes the same numbered one in the whole file, and different names become
//! different ones. Names that every machine has stay ([`known`]): a recording without `/`,
//! `lo` or `kswapd0` could not be read. Numbers (process ids, sizes, times) stay as they are,
//! but user ids other than 0 do not.

mod context;
mod known;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use crate::series::{Entity, Family, Frame, PartRow};

/// Masked entities that are remembered; beyond it they are made anew.
const MOST_ENTITIES: usize = 16_384;

/// What a name is of; each kind is numbered by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    Process,
    KernelThread,
    User,
    UserId,
    Group,
    Host,
    Boot,
    Mount,
    Source,
    Filesystem,
    Device,
    Interface,
    Chip,
    Sensor,
    Battery,
    Address,
    Folder,
}

type Label = Option<Arc<str>>;

/// Masks the frames of one file.
#[derive(Debug, Default)]
pub(super) struct Mask {
    names: HashMap<Of, HashMap<Arc<str>, Arc<str>>>,
    entities: HashMap<(Family, Arc<Entity>), Arc<Entity>>,
    /// Entities of each family in the frame before and what was made of them.
    parts: HashMap<Family, [Arc<[Arc<Entity>]>; 2]>,
}

impl Mask {
    /// Masks every name in a frame.
    pub(super) fn frame(&mut self, frame: &mut Frame) {
        for part in &mut frame.parts {
            self.part(part);
        }
        let pieces = frame.context.iter().filter_map(|piece| self.piece(piece));
        frame.context = pieces.collect();
    }

    fn part(&mut self, part: &mut PartRow) {
        if part.family.is_single() || part.family == Family::Core {
            return;
        }
        if let Some([seen, masked]) = self.parts.get(&part.family)
            && Arc::ptr_eq(seen, &part.entities)
        {
            part.entities = Arc::clone(masked);
            return;
        }
        let seen = Arc::clone(&part.entities);
        let masked = seen.iter().map(|entity| self.entity(part.family, entity));
        part.entities = masked.collect();
        self.parts
            .insert(part.family, [seen, Arc::clone(&part.entities)]);
    }

    fn entity(&mut self, family: Family, entity: &Arc<Entity>) -> Arc<Entity> {
        let key = (family, Arc::clone(entity));
        if let Some(known) = self.entities.get(&key) {
            return Arc::clone(known);
        }
        if self.entities.len() >= MOST_ENTITIES {
            self.entities.clear();
        }
        let is_kernel_thread = label(family, entity, ".is_kernel_thread") == Some("true");
        let labels = family.label_names().iter().zip(&entity.labels);
        let masked = Arc::new(Entity::new(labels.map(|(name, value)| {
            let value = value.as_ref()?;
            self.label(family, name, value, is_kernel_thread)
        })));
        self.entities.insert(key, Arc::clone(&masked));
        masked
    }

    /// One label. A label that this does not know is left out.
    fn label(&mut self, family: Family, name: &str, value: &Arc<str>, is_kernel: bool) -> Label {
        match (family, name) {
            (Family::Device, "device") => Some(self.device(value)),
            (Family::Filesystem, "mount") => Some(self.mount(value)),
            (Family::Interface, "interface") => Some(self.interface(value)),
            (Family::Sensor, "chip") => Some(self.chip(value)),
            (Family::Sensor, "sensor") => Some(self.sensor(value)),
            (Family::Battery, "battery") => Some(self.battery(value)),
            (Family::Process, "name") if is_kernel => Some(self.kernel_thread(value)),
            (Family::Process, "name") => Some(self.numbered(Of::Process, "process-", value)),
            (Family::Process, "user") => Some(self.user(value)),
            (Family::Process, ".uid") => Some(self.user_id(value)),
            (Family::Process, ".cgroup") => Some(self.path(value)),
            (Family::Process, "pid" | ".start_time_ticks" | ".is_kernel_thread") => {
                Some(Arc::clone(value))
            }
            _ => None,
        }
    }

    fn kernel_thread(&mut self, name: &Arc<str>) -> Arc<str> {
        self.masked(
            Of::KernelThread,
            "kernel-thread-",
            name,
            known::is_kernel_thread,
        )
    }

    fn user(&mut self, name: &Arc<str>) -> Arc<str> {
        self.masked(Of::User, "user-", name, known::is_user)
    }

    fn device(&mut self, name: &Arc<str>) -> Arc<str> {
        self.masked(Of::Device, "device-", name, known::is_disk)
    }

    fn mount(&mut self, name: &Arc<str>) -> Arc<str> {
        self.masked(Of::Mount, "/mount-", name, known::is_mount)
    }

    fn interface(&mut self, name: &Arc<str>) -> Arc<str> {
        self.masked(Of::Interface, "interface-", name, known::is_interface)
    }

    fn chip(&mut self, name: &Arc<str>) -> Arc<str> {
        self.masked(Of::Chip, "chip-", name, known::is_chip)
    }

    fn sensor(&mut self, name: &Arc<str>) -> Arc<str> {
        self.masked(Of::Sensor, "sensor-", name, known::is_sensor)
    }

    fn battery(&mut self, name: &Arc<str>) -> Arc<str> {
        self.masked(Of::Battery, "battery-", name, known::is_battery)
    }

    fn user_id(&mut self, uid: &Arc<str>) -> Arc<str> {
        match &**uid {
            "0" => Arc::clone(uid),
            // No system gives numbers as great as these by itself.
            _ => self.numbered(Of::UserId, "10000", uid),
        }
    }

    /// A name, unless it is a known one. What tells it from others of the same name (`fan #2`)
    /// stays, since in the context it has the bare name.
    fn masked(
        &mut self,
        of: Of,
        head: &str,
        name: &Arc<str>,
        is_known: fn(&str) -> bool,
    ) -> Arc<str> {
        let is_number = |end: &&str| !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit());
        let (bare, number) = match name.rsplit_once(" #") {
            Some((bare, number)) if is_number(&number) => (bare, number),
            _ => (&**name, ""),
        };
        if is_known(bare) {
            return Arc::clone(name);
        }
        let masked = self.numbered(of, head, &bare.into());
        match number {
            "" => masked,
            number => format!("{masked} #{number}").into(),
        }
    }

    /// The name's number, behind a word.
    fn numbered(&mut self, of: Of, head: &str, name: &Arc<str>) -> Arc<str> {
        let names = self.names.entry(of).or_default();
        if let Some(known) = names.get(name) {
            return Arc::clone(known);
        }
        let masked: Arc<str> = format!("{head}{}", names.len() + 1).into();
        names.insert(Arc::clone(name), Arc::clone(&masked));
        masked
    }
}

fn label<'e>(family: Family, entity: &'e Entity, name: &str) -> Option<&'e str> {
    let place = family
        .label_names()
        .iter()
        .position(|known| *known == name)?;
    entity.labels.get(place)?.as_deref()
}
