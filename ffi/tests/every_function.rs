//! Every exported function, called by a program that is written from the header, so that none
//! is left out: with nothing but NULL and 0, with what is no handle, with what is no UTF-8, and
//! with a panic inside.
#![allow(
    clippy::unwrap_used,
    reason = "what goes wrong in a test is a failed test"
)]

#[path = "support/declarations.rs"]
mod declarations;
mod support;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use declarations::{Item, Kind, Variable, items};
use support::{Language, Workshop, root, run};

const ADDRESS: [&str; 2] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

/// Functions that end a handle and return a status.
const ENDS: [&str; 2] = ["usm_recorder_finish", "usm_service_hold_release"];

#[test]
fn null_wild_handles_and_wrong_texts_are_refused_by_every_function() {
    let workshop = Workshop::new();
    let calls = Calls::of_the_header();
    let said = run(&mut Command::new(calls.build(&workshop, &[])));
    calls.check_all_were_made(&said);
    if workshop.can(&ADDRESS) {
        run(&mut Command::new(calls.build(&workshop, &ADDRESS)));
    } else {
        println!("skipped: cc has no address and undefined-behaviour sanitizers here");
    }
    if Command::new("valgrind").arg("--version").output().is_ok() {
        let program = calls.build(&workshop, &[]);
        run(Command::new("valgrind")
            .args(["-q", "--error-exitcode=9", "--leak-check=full"])
            .arg(program));
    } else {
        println!("skipped: valgrind is not installed");
    }
}

#[cfg(feature = "injected-panics")]
#[test]
fn a_panic_in_any_function_becomes_a_status() {
    let workshop = Workshop::new();
    let calls = Calls::of_the_header();
    let said = run(Command::new(calls.build(&workshop, &[])).env("CHECK_PANICS", "1"));
    calls.check_all_were_made(&said);
    if workshop.can(&ADDRESS) {
        run(Command::new(calls.build(&workshop, &ADDRESS)).env("CHECK_PANICS", "1"));
    }
}

/// The program, and what it calls.
struct Calls {
    names: Vec<String>,
    source: tempfile::NamedTempFile,
}

impl Calls {
    fn of_the_header() -> Calls {
        let header = std::fs::read_to_string(root().join("include/usm.h")).unwrap();
        let items = items(&header);
        let names_of = |kind: Kind| -> Vec<String> {
            let of_kind = items.iter().filter(|item| item.kind == kind);
            of_kind.map(|item| item.name.clone()).collect()
        };
        let (opaque, callbacks) = (names_of(Kind::Opaque), names_of(Kind::Callback));
        let mut program = "#include \"every_function.h\"\n\nint main(void) {\n".to_string();
        program += "    begin();\n    while (next_round()) {\n";
        for item in items.iter().filter(|item| item.kind == Kind::Function) {
            program += &call(item, &opaque, &callbacks);
        }
        program += "    }\n    return end();\n}\n";
        let mut source = tempfile::Builder::new();
        let source = source.suffix(".c").tempfile().unwrap();
        std::fs::write(source.path(), program).unwrap();
        let names = names_of(Kind::Function);
        assert!(names.len() > 180, "{names:?}");
        Calls { names, source }
    }

    fn build(&self, workshop: &Workshop, options: &[&str]) -> PathBuf {
        let folder = format!("-I{}", root().join("tests/c").display());
        let options: Vec<&str> = options.iter().copied().chain([folder.as_str()]).collect();
        let source = self.source.path().to_str().unwrap();
        workshop.build(source, Language::C99, &options)
    }

    /// The program names each function when it calls it.
    fn check_all_were_made(&self, said: &str) {
        let called: Vec<&str> = said.lines().collect();
        for name in &self.names {
            assert!(called.contains(&name.as_str()), "{name} was not called");
        }
    }
}

/// A call with the values of the round, in the words of tests/c/every_function.h.
fn call(item: &Item, opaque: &[String], callbacks: &[String]) -> String {
    let name = &item.name;
    // Takes a handle's address.
    let is_free = name.ends_with("_free") && name != "usm_string_free";
    let is_end = is_free || ENDS.contains(&name.as_str());
    let (mut values, mut places) = (Vec::new(), String::new());
    let (mut handles, mut texts) = (0, 0);
    for (at, parameter) in item.parameters().iter().enumerate() {
        let (value, place) = match argument(parameter, opaque, callbacks) {
            Argument::Number(zero) => (zero.to_string(), '-'),
            Argument::Null => ("NULL".to_string(), '-'),
            Argument::Handle => {
                handles += 1;
                ("handle".to_string(), '-')
            }
            Argument::Text => {
                texts += 1;
                ("text".to_string(), '-')
            }
            Argument::Pointer => (format!("place({at})"), 'p'),
            Argument::Struct => (format!("place({at})"), 's'),
        };
        values.push(value);
        places.push(place);
    }
    if is_end {
        handles += 1;
    }
    let called = format!("{name}({})", values.join(", "));
    let mut code = format!("        if (wanted(\"{name}\", {handles}, {texts})) {{\n");
    let line = match (item.returns().as_str(), is_end) {
        ("void", _) => format!("{called};\n            was_void(\"{places}\");"),
        ("usm_status", true) => format!("was_end(\"{places}\", {called});"),
        ("usm_status", false) => format!("was(\"{places}\", {called});"),
        ("const char *", _) => format!("was_text({called});"),
        (_, _) => format!("was_value((double){called});"),
    };
    writeln!(code, "            {line}\n        }}").unwrap();
    code
}

/// What a parameter takes.
enum Argument {
    Number(&'static str),
    /// Nothing but NULL: what it points to is none of this test's.
    Null,
    Handle,
    Text,
    /// A variable for a pointer, which may be set to NULL.
    Pointer,
    /// A variable or a struct, which is left alone when the call fails.
    Struct,
}

fn argument(parameter: &Variable, opaque: &[String], callbacks: &[String]) -> Argument {
    let of_type = parameter.of_type.replace("struct ", "");
    if callbacks.contains(&of_type) {
        return Argument::Null;
    }
    let Some(pointed) = of_type.strip_suffix('*') else {
        return Argument::Number(if of_type == "double" { "0.0" } else { "0" });
    };
    let pointed = pointed.trim_end();
    let bare = pointed.trim_start_matches("const ");
    if opaque.iter().any(|name| name == bare) {
        Argument::Handle
    } else if of_type == "const char *" {
        Argument::Text
    } else if pointed.ends_with("const") {
        Argument::Null
    } else if pointed.ends_with('*') {
        Argument::Pointer
    } else if pointed.starts_with("const ") || ["char", "void", "ArrowArrayStream"].contains(&bare)
    {
        Argument::Null
    } else {
        Argument::Struct
    }
}
