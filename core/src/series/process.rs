//! Processes as entities and back: what a process is called, and what identifies it.

use std::sync::Arc;

use super::entity::Entity;
use crate::sample::{ProcessDetails, ProcessSample};

/// So much of a command line is kept: compilers and virtual machines have kilobytes of
/// them, more than all numbers of a block together.
const COMMAND_LINE_BYTES: usize = 256;

/// Labels in the order of [`super::Family::label_names`].
pub(super) fn entity_of(process: &ProcessSample) -> Entity {
    let details = &*process.details;
    let text = |value: String| Some(Arc::from(value));
    Entity::new([
        text(process.pid.to_string()),
        Some(details.name.clone()),
        details.user.clone(),
        text(process.start_time_ticks.to_string()),
        details.uid.and_then(|uid| text(uid.to_string())),
        details.cgroup.clone(),
        details.command_line.as_ref().map(beginning),
        text(details.is_kernel_thread.to_string()),
    ])
}

/// A command line as it is kept: what is cut off ends in `…`.
pub(super) fn beginning(command_line: &Arc<str>) -> Arc<str> {
    if command_line.len() <= COMMAND_LINE_BYTES {
        return command_line.clone();
    }
    let room = COMMAND_LINE_BYTES - '…'.len_utf8();
    let kept = &command_line[..command_line.floor_char_boundary(room)];
    format!("{kept}…").into()
}

/// What an entity of the family says of a process.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) pid: i32,
    pub(super) start_time_ticks: u64,
    pub(super) details: Arc<ProcessDetails>,
}

impl Identity {
    /// `None` when the labels are not those of a process.
    pub(super) fn of(entity: &Entity) -> Option<Identity> {
        let [
            pid,
            name,
            user,
            start,
            uid,
            cgroup,
            command_line,
            is_kernel_thread,
        ] = &*entity.labels
        else {
            return None;
        };
        Some(Identity {
            pid: pid.as_deref()?.parse().ok()?,
            start_time_ticks: start.as_deref()?.parse().ok()?,
            details: Arc::new(ProcessDetails {
                name: name.clone().unwrap_or_default(),
                uid: uid.as_deref().and_then(|uid| uid.parse().ok()),
                user: user.clone(),
                cgroup: cgroup.clone(),
                command_line: command_line.clone(),
                is_kernel_thread: is_kernel_thread.as_deref() == Some("true"),
            }),
        })
    }

    /// A process of this identity without numbers.
    pub(super) fn process(&self) -> ProcessSample {
        ProcessSample {
            pid: self.pid,
            start_time_ticks: self.start_time_ticks,
            details: self.details.clone(),
            ..ProcessSample::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Family;

    #[test]
    fn a_process_comes_back_from_its_labels() {
        let process = ProcessSample {
            pid: 77,
            start_time_ticks: 104_834,
            details: Arc::new(ProcessDetails {
                name: "cat".into(),
                uid: Some(1000),
                command_line: Some("cat -".into()),
                is_kernel_thread: true,
                ..ProcessDetails::default()
            }),
            ..ProcessSample::default()
        };
        let entity = entity_of(&process);
        assert_eq!(entity.labels.len(), Family::Process.label_names().len());
        assert_eq!(Identity::of(&entity).unwrap().process(), process);
        assert!(Identity::of(&Entity::single()).is_none());
    }

    #[test]
    fn a_long_command_line_keeps_its_beginning() {
        let whole: Arc<str> = "é".repeat(COMMAND_LINE_BYTES / 2).into();
        assert_eq!(beginning(&whole), whole);
        let kept = beginning(&format!("{whole}!").into());
        assert_eq!(&*kept, format!("{}…", "é".repeat(126)));
        assert_eq!(beginning(&kept), kept);
    }
}
