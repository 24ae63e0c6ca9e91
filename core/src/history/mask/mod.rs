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
        match known::is_kernel_thread(name) {
            true => Arc::clone(name),
            false => self.numbered(Of::KernelThread, "kernel-thread-", name),
        }
    }

    fn user(&mut self, name: &Arc<str>) -> Arc<str> {
        match known::is_user(name) {
            true => Arc::clone(name),
            false => self.numbered(Of::User, "user-", name),
        }
    }

    fn user_id(&mut self, uid: &Arc<str>) -> Arc<str> {
        match &**uid {
            "0" => Arc::clone(uid),
            // No system gives numbers as great as these by itself.
            _ => self.numbered(Of::UserId, "10000", uid),
        }
    }

    fn device(&mut self, name: &Arc<str>) -> Arc<str> {
        match known::is_disk(name) {
            true => Arc::clone(name),
            false => self.numbered(Of::Device, "device-", name),
        }
    }

    fn mount(&mut self, path: &Arc<str>) -> Arc<str> {
        match known::is_mount(path) {
            true => Arc::clone(path),
            false => self.numbered(Of::Mount, "/mount-", path),
        }
    }

    fn interface(&mut self, name: &Arc<str>) -> Arc<str> {
        match known::is_interface(name) {
            true => Arc::clone(name),
            false => self.numbered(Of::Interface, "interface-", name),
        }
    }

    fn chip(&mut self, name: &Arc<str>) -> Arc<str> {
        match known::is_chip(name) {
            true => Arc::clone(name),
            false => self.numbered(Of::Chip, "chip-", name),
        }
    }

    fn sensor(&mut self, label: &Arc<str>) -> Arc<str> {
        match known::is_sensor(label) {
            true => Arc::clone(label),
            false => self.numbered(Of::Sensor, "sensor-", label),
        }
    }

    fn battery(&mut self, name: &Arc<str>) -> Arc<str> {
        match known::is_battery(name) {
            true => Arc::clone(name),
            false => self.numbered(Of::Battery, "battery-", name),
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
