//! Writes the calls of `tests/c/callers.c`: one for each plain struct that a function of the
//! header fills or reads.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::declarations::{Item, Kind, Variable, items};

/// Arguments that the type does not tell: function (or how it begins, with a star), parameter,
/// expression. `world.h` has them.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    ("usm_detector_push", "time", "next_time()"),
    ("usm_detector_push", "value", "1.0"),
    ("usm_export*", "source", "the_recording"),
    ("usm_export", "to", "fresh_path()"),
    ("usm_export_write", "write", "take_piece"),
    ("usm_findings_alert_at", "findings", "live_findings"),
    (
        "usm_findings_incident_culprit_at",
        "index",
        "culprit_incident",
    ),
    ("usm_findings_security_at", "findings", "live_findings"),
    ("usm_findings_weak_setting_at", "findings", "live_findings"),
    ("usm_forecaster_forecast", "horizon_seconds", "3600.0"),
    ("usm_forecaster_time_to", "limit", "1000.0"),
    ("usm_history_extract", "path", "fresh_path()"),
    ("usm_migrate", "folder", "migrated_folder"),
    ("usm_migrate", "source", "prototype_folder"),
    ("usm_optimizer_growth_json", "folder", "world_folder"),
    ("usm_recorder_finish", "recorder", "&no_recorder"),
    ("usm_recording_import", "from", "the_csv"),
    ("usm_recording_import", "to", "fresh_path()"),
    ("usm_report_*", "source", "the_recording"),
    ("usm_report_write", "to", "fresh_path()"),
    ("usm_service_hold_take", "folder", "claimed_folder"),
    // This process holds the folder: nothing is started.
    ("usm_service_start", "command", "no_command"),
    ("usm_service_start", "folder", "held_folder"),
    ("usm_service_start", "wait_seconds", "0.0"),
    ("usm_service_start", "words", "1"),
    ("usm_service_status", "folder", "held_folder"),
    ("usm_setting_named", "name", "\"refresh_interval\""),
    ("usm_state_process", "pid", "some_pid"),
    ("usm_state_process_details", "pid", "some_pid"),
    ("usm_target_list_culprit", "index", "culprit_target"),
];

/// What a struct that is read must hold beyond its initial values.
const PREPARED: [(&str, &str); 2] = [
    (
        "usm_query",
        "static const char *const select[] = {\"cpu_percent\"};\n    \
         ((usm_query *)place)->select = select;\n    ((usm_query *)place)->select_count = 1;",
    ),
    // Only told: it is done often.
    (
        "usm_migrate_options",
        "((usm_migrate_options *)place)->dry_run = 1;",
    ),
];

/// Each call has an effect, or tells of a time, so that the next one is answered differently.
const CHANGING: [&str; 6] = [
    "usm_detector_push",
    "usm_history_extract",
    "usm_recording_import",
    "usm_report_write",
    "usm_service_start",
    "usm_service_status",
];

/// There is not always something to be copied.
pub const MAY_BE_ABSENT: &[&str] = &[
    // Culprits are processes that do harm, here and now.
    "usm_target_list_culprit",
    // Programs that run from temporary folders, as tests do, are found, but not by all means;
    // and a kernel may have no weak setting.
    "usm_findings_security_at",
    "usm_findings_weak_setting_at",
    "usm_event_security",
    "usm_event_weak_setting",
    // It takes minutes until a monitor has seen enough, or days.
    "usm_event_advice",
    "usm_event_anomaly",
    "usm_event_insight",
    // Of a database that can't be written.
    "usm_event_store",
    // Of a setting that is changed.
    "usm_event_setting_at",
];

/// How a struct takes part in a call.
#[derive(PartialEq, Eq)]
enum Role {
    Filled,
    OfEvent,
    Read,
    Array,
}

/// The text of `has.h`: a macro for each function of the header, for what is made of newer ones.
pub fn known(header: &str) -> String {
    let functions = items(header).into_iter();
    functions
        .filter(|item| item.kind == Kind::Function)
        .map(|item| format!("#define HAS_{}\n", item.name))
        .collect()
}

/// The text of `calls.h`, and the functions in it.
pub fn written(header: &str) -> (String, BTreeSet<String>) {
    let items = items(header);
    let structs: Vec<&Item> = items
        .iter()
        .filter(|item| item.kind == Kind::Struct && item.begins_with_its_size())
        .collect();
    let mut text = String::new();
    for item in &structs {
        write_struct(&mut text, item, &items);
    }
    let mut tables = [
        ("FILLED", "struct_entry", Role::Filled, String::new()),
        ("OF_EVENT", "struct_entry", Role::OfEvent, String::new()),
        ("READ", "struct_entry", Role::Read, String::new()),
        ("ARRAYS", "array_entry", Role::Array, String::new()),
    ];
    let mut called = BTreeSet::new();
    for function in items.iter().filter(|item| item.kind == Kind::Function) {
        for (at, parameter) in function.parameters().iter().enumerate() {
            let Some(of) = structs.iter().find(|of| points_to(parameter, of)) else {
                continue;
            };
            let role = role(function, at);
            let name = format!("{}_{at}", function.name);
            let given = (at, &role);
            write_call(&mut text, &name, function, given, &structs);
            let entry = entry(&name, function, of, &role);
            let table = tables.iter_mut().find(|table| table.2 == role).unwrap();
            table.3 += &entry;
            called.insert(function.name.clone());
        }
    }
    for (name, of_type, _, entries) in tables {
        assert!(!entries.is_empty(), "no {name}");
        write!(text, "static const {of_type} {name}[] = {{\n{entries}}};\n").unwrap();
    }
    (text, called)
}

fn points_to(parameter: &Variable, of: &Item) -> bool {
    parameter.of_type.trim_start_matches("const ") == format!("struct {} *", of.name)
}

fn role(function: &Item, at: usize) -> Role {
    let parameters = function.parameters();
    if parameters
        .get(at + 1)
        .is_some_and(|next| next.name == "element_size")
    {
        Role::Array
    } else if parameters[at].of_type.starts_with("const ") {
        Role::Read
    } else if parameters[0].of_type == "const struct usm_event *" {
        Role::OfEvent
    } else {
        Role::Filled
    }
}

/// Where its fields end, and how a caller begins with it.
fn write_struct(text: &mut String, of: &Item, items: &[Item]) {
    let name = &of.name;
    let mut ends: Vec<String> = of.fields()[1..]
        .iter()
        .map(|field| format!("offsetof({name}, {})", field.name))
        .collect();
    ends.push(format!("sizeof({name})"));
    writeln!(
        text,
        "static const size_t ENDS_{name}[] = {{{}}};",
        ends.join(", ")
    )
    .unwrap();
    let initial = format!("{}_INIT", name.to_ascii_uppercase());
    let init = format!("{name}_init");
    let has = |name: &str| items.iter().any(|item| item.name == name);
    let begin = if has(&initial) {
        format!("const {name} initial = {initial};\n    memcpy(place, &initial, sizeof initial);")
    } else if has(&init) {
        format!("{init}(({name} *)place);")
    } else {
        format!("memset(place, 0, sizeof({name}));")
    };
    let more = PREPARED.iter().find(|(of, _)| of == name);
    let more = more.map_or(String::new(), |(_, more)| format!("\n    {more}"));
    writeln!(
        text,
        "static void prepare_{name}(void *place) {{\n    {begin}{more}\n}}"
    )
    .unwrap();
}

/// A function that makes the call with one struct given and everything else provided for.
fn write_call(
    text: &mut String,
    name: &str,
    function: &Item,
    (given, role): (usize, &Role),
    structs: &[&Item],
) {
    let mut before = String::new();
    let mut after = String::new();
    let mut arguments = Vec::new();
    for (at, parameter) in function.parameters().iter().enumerate() {
        let array = ["element_size", "capacity", "count"];
        if at == given {
            let of_type = &parameter.of_type;
            arguments.push(format!("({of_type})place"));
        } else if *role == Role::Array && array.contains(&parameter.name.as_str()) {
            arguments.push(parameter.name.clone());
        } else if structs.iter().any(|of| points_to(parameter, of)) {
            // Another one, which may be left out.
            arguments.push("NULL".to_string());
        } else {
            arguments.push(argument(function, parameter, at, &mut before, &mut after));
        }
    }
    let takes = match role {
        Role::Array => "void *place, size_t element_size, size_t capacity, size_t *count",
        _ => "void *place",
    };
    let call = format!("{}({})", function.name, arguments.join(", "));
    write!(
        text,
        "static usm_status call_{name}({takes}) {{\n{before}    \
         const usm_status status = {call};\n{after}    return status;\n}}\n"
    )
    .unwrap();
}

/// An argument that is not what the call is about.
fn argument(
    function: &Item,
    parameter: &Variable,
    at: usize,
    before: &mut String,
    after: &mut String,
) -> String {
    let said = ARGUMENTS
        .iter()
        .find(|(of, name, _)| is_meant(of, &function.name) && *name == parameter.name);
    if let Some((_, _, expression)) = said {
        return (*expression).to_string();
    }
    let of_type = parameter.of_type.as_str();
    let pointed_to = of_type
        .trim_start_matches("const ")
        .strip_prefix("struct usm_");
    let local = format!("made_{at}");
    match (of_type, pointed_to) {
        (_, Some(handle)) if handle.ends_with(" **") => {
            let handle = handle.trim_end_matches(" **");
            writeln!(before, "    struct usm_{handle} *{local} = NULL;").unwrap();
            writeln!(after, "    usm_{handle}_free(&{local});").unwrap();
            format!("&{local}")
        }
        (_, Some(handle)) => format!("the_{}", handle.trim_end_matches(" *")),
        ("int32_t *" | "uint32_t *" | "uint64_t *" | "size_t *", _) => {
            let of_type = of_type.trim_end_matches(" *");
            writeln!(before, "    {of_type} {local};").unwrap();
            format!("&{local}")
        }
        ("char **", _) => {
            writeln!(before, "    char *{local} = NULL;").unwrap();
            writeln!(after, "    usm_string_free({local});").unwrap();
            format!("&{local}")
        }
        ("uint32_t" | "int32_t" | "uint64_t" | "int64_t" | "size_t", _) => "0".to_string(),
        ("void *", _) => "NULL".to_string(),
        (callback, _) if callback.ends_with("_callback") => "NULL".to_string(),
        _ => panic!(
            "{}: say in ARGUMENTS what {} ({of_type}) is, so that callers of other versions \
             are tested",
            function.name, parameter.name
        ),
    }
}

fn is_meant(functions: &str, name: &str) -> bool {
    match functions.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => functions == name,
    }
}

fn entry(name: &str, function: &Item, of: &Item, role: &Role) -> String {
    let of = &of.name;
    let function = function.name.as_str();
    let known = format!("\"{function}\", \"{of}\", sizeof({of})");
    let ends = format!("ENDS_{of}, sizeof ENDS_{of} / sizeof *ENDS_{of}, call_{name}");
    if *role == Role::Array {
        return format!("    {{{known}, {ends}}},\n");
    }
    let mut flags = Vec::new();
    if !CHANGING.contains(&function) {
        flags.push("REPEATABLE");
    }
    if MAY_BE_ABSENT.contains(&function) || *role == Role::OfEvent {
        flags.push("MAY_BE_ABSENT");
    }
    flags.push("0");
    let flags = flags.join(" | ");
    format!("    {{{known}, _Alignof({of}), {ends}, prepare_{of}, {flags}}},\n")
}
