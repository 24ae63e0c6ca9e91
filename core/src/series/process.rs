//! Processes as entities and back: what a process is called, and what identifies it.

use std::sync::Arc;

use super::entity::Entity;
use crate::sample::{ProcessDetails, ProcessSample};

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
        details.command_line.clone(),
        text(details.is_kernel_thread.to_string()),
    ])
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
}
