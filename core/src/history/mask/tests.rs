//! What a masked frame still tells, and what it no longer does.

use super::*;
use crate::series::{ContextKind, ContextPiece};

fn process(labels: [&str; 8]) -> Arc<Entity> {
    let known = |label: &str| (!label.is_empty()).then(|| label.into());
    Arc::new(Entity::new(labels.map(known)))
}

fn frame(family: Family, entities: Vec<Arc<Entity>>, context: &[(ContextKind, &str)]) -> Frame {
    Frame {
        parts: vec![PartRow {
            family,
            entities: entities.into(),
            values: Vec::new(),
        }],
        context: context
            .iter()
            .map(|(kind, json)| ContextPiece {
                kind: *kind,
                json: (*json).into(),
            })
            .collect(),
        ..Frame::default()
    }
}

fn labels(frame: &Frame) -> Vec<Vec<&str>> {
    let entities = frame.parts[0].entities.iter();
    entities
        .map(|e| {
            e.labels
                .iter()
                .map(|l| l.as_deref().unwrap_or("-"))
                .collect()
        })
        .collect()
}

#[test]
fn processes_keep_their_numbers_and_lose_their_names() {
    let mut frame = frame(
        Family::Process,
        vec![
            process([
                "7",
                "acme-db",
                "alice",
                "99",
                "1000",
                "/user.slice/user-1000.slice/acme.service",
                "acme-db --key x",
                "false",
            ]),
            process(["8", "acme-db", "root", "99", "0", "/", "acme-db", "false"]),
            process(["9", "kswapd0", "root", "1", "0", "/", "", "true"]),
            process(["10", "jbd2/acme-8", "root", "1", "0", "/", "", "true"]),
        ],
        &[],
    );
    Mask::default().frame(&mut frame);
    assert_eq!(
        labels(&frame),
        [
            [
                "7",
                "process-1",
                "user-1",
                "99",
                "100001",
                "/user.slice/group-1.slice/group-2.service",
                "-",
                "false",
            ],
            ["8", "process-1", "root", "99", "0", "/", "-", "false"],
            ["9", "kswapd0", "root", "1", "0", "/", "-", "true"],
            ["10", "kernel-thread-1", "root", "1", "0", "/", "-", "true"],
        ]
    );
}

#[test]
fn a_name_has_one_number_in_labels_and_context_of_the_whole_file() {
    let mount = |path: &str| Arc::new(Entity::new([Some(path.into())]));
    let context = r#"[{"mount_point":"/home/alice","device":"/dev/mapper/acme","kind":"ext4","problem":null},
        {"mount_point":"/","device":"/dev/sda1","kind":"fuse.acme","problem":"no /home/alice"}]"#;
    let mut mask = Mask::default();
    let mut first = frame(
        Family::Filesystem,
        vec![mount("/srv/x"), mount("/home/alice")],
        &[],
    );
    let mut second = frame(
        Family::Filesystem,
        vec![mount("/"), mount("/home/alice")],
        &[(ContextKind::Filesystems, context)],
    );
    mask.frame(&mut first);
    mask.frame(&mut second);
    assert_eq!(labels(&first), [["/mount-1"], ["/mount-2"]]);
    assert_eq!(labels(&second), [["/"], ["/mount-2"]]);
    let json: serde_json::Value = serde_json::from_str(&second.context[0].json).unwrap();
    assert_eq!(
        json,
        serde_json::json!([
            {"mount_point": "/mount-2", "device": "source-1", "kind": "ext4", "problem": null},
            {"mount_point": "/", "device": "/dev/sda1", "kind": "filesystem-1", "problem": "masked"},
        ])
    );
}

#[test]
fn context_says_nothing_of_who_uses_the_machine() {
    let pieces = [
        (
            ContextKind::Host,
            r#"{"hostname":"acme-nas","os_name":"Debian 12","boot_id":"4fbf","virtualization":"acme","x":"acme"}"#,
        ),
        (
            ContextKind::Hardening,
            r#"{"randomize_va_space":2,"core_pattern":"/home/acme/%p"}"#,
        ),
        (
            ContextKind::Limits,
            r#"{"version":"v2","cgroup":"/acme.slice","effective_cpus_source":"/sys/fs/cgroup/acme.slice/cpu.max","effective_memory_source":"MemTotal"}"#,
        ),
        (
            ContextKind::Unavailable,
            r#"[{"source":"statvfs /mnt/acme","gives":"use","availability":"slow","reason":"no answer"},
                {"source":"/sys/class/hwmon/acme","gives":"sensors of acme","availability":"slow","reason":"/acme"}]"#,
        ),
        (
            ContextKind::Interfaces,
            r#"[{"name":"wg-acme","is_loopback":false},{"name":"lo","is_loopback":true}]"#,
        ),
        (
            ContextKind::Power,
            r#"[{"name":"hid-acme","status":"acme"}]"#,
        ),
        (
            ContextKind::Listeners,
            r#"[{"address":"::","port":80,"uid":0},{"address":"acme:7","port":81,"uid":98765,"program":"acme"}]"#,
        ),
        (
            ContextKind::Programs,
            r#"{"notable":[{"pid":7,"name":"acme","executable":"/tmp/acme/run","place":"temporary_folder","real_uid":98765,"kernel_name":"acme"}]}"#,
        ),
        (
            ContextKind::Logins,
            r#"{"source":"/var/log/btmp","failed":3,"last":{"user":"acme","from":"acme.example"}}"#,
        ),
        (
            ContextKind::SearchPath,
            r#"[{"path":"/home/acme/bin","owner_uid":98765,"mode":493,"open_parent":"/acme"}]"#,
        ),
        (ContextKind::Devices, "no json: acme"),
    ];
    let mut frame = frame(Family::Cpu, vec![Arc::default()], &pieces);
    Mask::default().frame(&mut frame);
    assert_eq!(frame.context.len(), pieces.len() - 1);
    let all: String = frame.context.iter().map(|piece| &*piece.json).collect();
    assert!(!all.contains("acme") && !all.contains("4fbf"), "{all}");
    assert!(!all.contains("98765"), "{all}");
    for kept in [
        "Debian 12",
        "/masked",
        "\"v2\"",
        "/group-1.slice",
        "/sys/fs/cgroup/group-1.slice/cpu.max",
        "MemTotal",
        "statvfs /mount-1",
        "sensors of chip-1",
        "no answer",
        "\"lo\"",
        "\"::\",\"port\":80,\"uid\":0",
        "/tmp/folder-1/folder-2",
        "\"temporary_folder\"",
        "/var/log/btmp",
        "/home/folder-1/bin",
        "493",
        "true",
    ] {
        assert!(all.contains(kept), "{kept} in {all}");
    }
}

#[test]
fn what_tells_sensors_of_one_name_apart_stays() {
    let sensor =
        |chip: &str, label: &str| Arc::new(Entity::new([Some(chip.into()), Some(label.into())]));
    let mut frame = frame(
        Family::Sensor,
        vec![
            sensor("nvme #2", "acme"),
            sensor("acme", "acme #2"),
            sensor("acme #3", "fan #2"),
        ],
        &[],
    );
    Mask::default().frame(&mut frame);
    assert_eq!(
        labels(&frame),
        [
            ["nvme #2", "sensor-1"],
            ["chip-1", "sensor-1 #2"],
            ["chip-1 #3", "fan #2"]
        ]
    );
}
