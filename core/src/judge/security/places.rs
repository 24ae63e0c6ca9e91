//! Open sockets, search paths and settings of the kernel.

use super::memory::Memory;
use super::{Draft, Drafts, SecurityKind};
use crate::judge::Severity;
use crate::judge::hardening::HardeningFinding;
use crate::sample::{Listener, Sample, SearchFolder};

/// Everybody may write.
const WORLD_WRITABLE: u32 = 0o002;

pub(super) fn listeners(sample: &Sample, memory: &Memory, drafts: &mut Drafts) {
    let is_base_line = memory.is_first_look_at_listeners();
    let listeners = sample.security.listeners.iter().flat_map(|list| &**list);
    drafts.list.extend(listeners.map(|listener| {
        let place = place(listener);
        let on = match &*listener.address {
            "0.0.0.0" | "::" => format!("on every address ({})", listener.address),
            address => format!("on {address}"),
        };
        let user = match listener.uid {
            Some(0) => Some("root".to_string()),
            uid => uid.map(|uid| format!("user id {uid}")),
        };
        let by = match (&listener.program, &user) {
            (Some(program), Some(user)) => format!(" by {program} ({user})"),
            (Some(program), None) => format!(" by {program}"),
            (None, Some(user)) => format!(" by {user}"),
            (None, None) => String::new(),
        };
        Draft {
            kind: SecurityKind::Listener,
            name: format!("tcp:{place}"),
            severity: Severity::Medium,
            subject: place.clone(),
            text: format!(
                "TCP port {} is open to other machines {on}{by}.",
                listener.port
            ),
            evidence: vec![format!("the kernel lists {place} as listening{by}")],
            advice: format!(
                "`ss -ltnp` shows the program. If only this machine needs it, bind it to \
                 127.0.0.1; if it is meant, allow `listener:tcp:{place}`."
            ),
            is_base_line,
            is_usual: false,
        }
    }));
}

fn place(listener: &Listener) -> String {
    match listener.address.contains(':') {
        true => format!("[{}]:{}", listener.address, listener.port),
        false => format!("{}:{}", listener.address, listener.port),
    }
}

pub(super) fn search_path(sample: &Sample, drafts: &mut Drafts) {
    let folders = sample.security.search_path.iter().flat_map(|list| &**list);
    drafts.list.extend(folders.filter_map(of_folder));
}

fn of_folder(folder: &SearchFolder) -> Option<Draft> {
    let whose = match folder.by_root {
        true => "root's",
        false => "this program's",
    };
    let path = &folder.path;
    let is_open = folder.mode.is_some_and(|mode| mode & WORLD_WRITABLE != 0);
    let owner = folder.owner_uid.filter(|uid| *uid != 0 && folder.by_root);
    let mode = folder.mode.unwrap_or_default();
    let for_root = |of_root, of_others| match folder.by_root {
        true => of_root,
        false => of_others,
    };
    let (severity, what, evidence, advice) = if folder.is_relative {
        (
            for_root(Severity::High, Severity::Medium),
            "is not an absolute path: commands are searched wherever one happens to be".into(),
            format!("PATH has the entry `{path}`"),
            "Take it out of PATH.".into(),
        )
    } else if is_open {
        (
            for_root(Severity::High, Severity::Medium),
            "lets every user put commands there".into(),
            format!("{path} has mode {mode:o}"),
            format!("`chmod o-w {path}`, or take it out of PATH."),
        )
    } else if let Some(parent) = &folder.open_parent {
        (
            for_root(Severity::High, Severity::Medium),
            format!("can be replaced by every user, since {parent} lets them"),
            format!("every user may write to {parent}, and its sticky bit is not set"),
            format!("`chmod o-w {parent}`, or take the folder out of PATH."),
        )
    } else {
        let uid = owner?;
        (
            Severity::Medium,
            format!("belongs to user id {uid}, who can put commands there"),
            format!("{path} belongs to user id {uid}"),
            format!("`chown root {path}`, or take it out of root's PATH."),
        )
    };
    Some(Draft {
        kind: SecurityKind::SearchPath,
        name: path.to_string(),
        severity,
        subject: path.to_string(),
        text: match path.is_empty() {
            true => format!("An empty entry in {whose} search path {what}."),
            false => format!("{path} in {whose} search path {what}."),
        },
        evidence: vec![evidence],
        advice,
        is_base_line: false,
        is_usual: false,
    })
}

pub(super) fn weak_settings(weak: &[HardeningFinding], drafts: &mut Drafts) {
    drafts.list.extend(weak.iter().map(|finding| {
        let HardeningFinding {
            setting,
            value,
            wanted,
            risk,
            severity,
            ..
        } = finding;
        Draft {
            kind: SecurityKind::WeakSetting,
            name: setting.to_string(),
            severity: *severity,
            subject: setting.to_string(),
            text: format!("{setting} = {value} (better {wanted}): {risk}."),
            evidence: vec![format!(
                "/proc/sys/{} holds {value}",
                setting.replace('.', "/")
            )],
            advice: format!(
                "Set {setting} to {wanted} with sysctl(8), and in /etc/sysctl.d to keep it."
            ),
            is_base_line: false,
            is_usual: false,
        }
    }));
}
