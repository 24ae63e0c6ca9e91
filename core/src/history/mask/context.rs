//! Names in what is no number: JSON whose texts are masked by the field that they stand in.
//! A text in a field that this does not know is replaced, so that a field of a newer release
//! can't bring a name along.

use std::sync::Arc;

use serde_json::Value;

use super::{Mask, Of, known};
use crate::series::{ContextKind, ContextPiece};

/// What stands for a text of which nothing may be kept.
const MASKED: &str = "masked";

/// Addresses that are no machine's own.
const ANY_ADDRESS: [&str; 2] = ["0.0.0.0", "::"];
/// Parts of paths to programs that every machine has.
const USUAL_FOLDERS: [&str; 19] = [
    "", ".", "bin", "dev", "etc", "games", "home", "lib", "lib64", "libexec", "local", "opt",
    "root", "sbin", "shm", "snap", "tmp", "usr", "var",
];

/// Beginning of the source that tells how full a file system is.
const USE_OF: &str = "statvfs ";
/// Beginning of what a chip's folder gives.
const SENSORS_OF: &str = "sensors of ";

impl Mask {
    /// Masks a piece; `None` when it is no JSON.
    pub(super) fn piece(&mut self, piece: &ContextPiece) -> Option<ContextPiece> {
        let mut value: Value = serde_json::from_str(&piece.json).ok()?;
        self.value(piece.kind, "", &mut value);
        Some(ContextPiece {
            kind: piece.kind,
            json: value.to_string().into(),
        })
    }

    fn value(&mut self, kind: ContextKind, field: &str, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields.iter_mut() {
                    self.value(kind, name, value);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.value(kind, field, item);
                }
            }
            Value::String(text) => {
                let masked = self.text(kind, field, &Arc::from(text.as_str()));
                *text = masked.as_ref().to_string();
            }
            Value::Number(number) if is_user_id(field) => {
                let masked = self.user_id(&number.to_string().into());
                *value = masked.parse::<u32>().map_or(Value::Null, Value::from);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn text(&mut self, kind: ContextKind, field: &str, text: &Arc<str>) -> Arc<str> {
        use ContextKind as Kind;
        let kept = || Arc::clone(text);
        let kept_if = |is_known: bool| match is_known {
            true => Arc::clone(text),
            false => MASKED.into(),
        };
        match (kind, field) {
            (Kind::Host, "hostname") => self.numbered(Of::Host, "host-", text),
            // Of the machine, not of its user.
            (Kind::Host, "os_name" | "kernel_release" | "architecture" | "cpu_model") => kept(),
            (Kind::Host, "virtualization") => kept_if(known::is_virtualization(text)),
            (Kind::Host, "boot_id") => self.numbered(Of::Boot, "boot-", text),
            (Kind::Hardening, "core_pattern") => known::core_pattern(text).into(),
            (Kind::Limits, "version") => kept(),
            (Kind::Limits, "cgroup") => self.path(text),
            (Kind::Limits, "effective_cpus_source" | "effective_memory_source") => self.path(text),
            (Kind::Unavailable, "source") => self.source(text),
            (Kind::Unavailable, "gives") => match text.strip_prefix(SENSORS_OF) {
                Some(chip) => format!("{SENSORS_OF}{}", self.chip(&chip.into())).into(),
                None => kept(),
            },
            (Kind::Unavailable, "availability") => kept(),
            // Words of ours or of the system, as long as they name no file.
            (Kind::Unavailable, "reason") | (Kind::Filesystems, "problem") => {
                kept_if(!text.contains('/'))
            }
            (Kind::Filesystems, "mount_point") => self.mount(text),
            (Kind::Filesystems, "device") => match known::is_source(text) {
                true => kept(),
                false => self.numbered(Of::Source, "source-", text),
            },
            (Kind::Filesystems, "kind") => match known::is_filesystem(text) {
                true => kept(),
                false => self.numbered(Of::Filesystem, "filesystem-", text),
            },
            (Kind::Devices, "name") => self.device(text),
            (Kind::Interfaces, "name") => self.interface(text),
            (Kind::Sensors, "chip") => self.chip(text),
            (Kind::Sensors, "label") => self.sensor(text),
            (Kind::Sensors, "kind") => kept(),
            (Kind::Power, "name") => self.battery(text),
            (Kind::Power, "status") => kept_if(known::is_battery_status(text)),
            (Kind::Listeners, "address") => self.address(text),
            (Kind::Listeners, "program") | (Kind::Programs, "name") => {
                self.numbered(Of::Process, "process-", text)
            }
            (Kind::Programs, "executable") => self.program(text),
            (Kind::Programs, "place") => kept(),
            (Kind::Programs, "kernel_name") => self.kernel_thread(text),
            (Kind::Logins, "source") => kept(),
            (Kind::Logins, "user") => self.user(text),
            (Kind::Logins, "from") => self.address(text),
            (Kind::SearchPath, "path" | "open_parent") => self.program(text),
            _ => MASKED.into(),
        }
    }

    fn address(&mut self, text: &Arc<str>) -> Arc<str> {
        match ANY_ADDRESS.contains(&&**text) {
            true => Arc::clone(text),
            false => self.numbered(Of::Address, "address-", text),
        }
    }

    /// The path of a program or of a folder with some, part by part.
    fn program(&mut self, path: &Arc<str>) -> Arc<str> {
        let parts: Vec<Arc<str>> = path
            .split('/')
            .map(|part| match USUAL_FOLDERS.contains(&part) {
                true => part.into(),
                false => self.numbered(Of::Folder, "folder-", &part.into()),
            })
            .collect();
        parts.join("/").into()
    }

    /// A source that can't be read: a file, or a few words.
    fn source(&mut self, text: &Arc<str>) -> Arc<str> {
        match text.strip_prefix(USE_OF) {
            Some(mount) => format!("{USE_OF}{}", self.mount(&mount.into())).into(),
            None => self.path(text),
        }
    }

    /// A path, part by part; words without a slash are ours.
    pub(super) fn path(&mut self, path: &Arc<str>) -> Arc<str> {
        if !path.contains('/') {
            return Arc::clone(path);
        }
        let parts: Vec<Arc<str>> = path
            .split('/')
            .map(|part| match known::is_path_part(part) {
                true => part.into(),
                false => {
                    let masked = self.numbered(Of::Group, "group-", &part.into());
                    format!("{masked}{}", known::group_end(part)).into()
                }
            })
            .collect();
        parts.join("/").into()
    }
}

fn is_user_id(field: &str) -> bool {
    field == "uid" || field.ends_with("_uid")
}
