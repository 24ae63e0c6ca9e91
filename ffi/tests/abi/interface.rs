//! The binary interface as a list of facts, one a line, made of a header by parsing it and by
//! a C program that measures it; and what of it may change.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::declarations::{Item, Kind, items};

/// Facts in the header's order: what it is about, and what is so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface(Vec<(String, String)>);

impl Interface {
    /// The facts of a header, as the C compiler sees them.
    pub fn of(header: &str) -> Result<Interface, String> {
        let items: Vec<Item> = items(header)
            .into_iter()
            // The version of the header changes with each.
            .filter(|item| !item.name.starts_with("USM_VERSION"))
            .collect();
        let measured = measure(header, &items)?;
        let mut numbers = measured.lines();
        let mut next = || numbers.next().unwrap().to_string();
        let mut facts = Vec::new();
        for item in &items {
            let name = item.name.as_str();
            match item.kind {
                Kind::Constant => facts.push((format!("constant {name}"), next())),
                Kind::Macro => facts.push((format!("macro {name}"), "there".to_string())),
                Kind::Opaque => facts.push((format!("handle {name}"), "struct".to_string())),
                Kind::Alias => facts.push((format!("type {name}"), item.text.clone())),
                Kind::Callback => facts.push((format!("callback {name}"), signature(item))),
                Kind::Function => facts.push((format!("function {name}"), signature(item))),
                Kind::Inline => facts.push((format!("inline {name}"), signature(item))),
                Kind::Struct => {
                    let growth = match item.begins_with_its_size() {
                        true => "may grow at its end",
                        false => "never changes",
                    };
                    facts.push((format!("struct {name}"), format!("{}, {growth}", next())));
                    for field in item.fields() {
                        let fact = format!("{}, {}", next(), field.of_type);
                        facts.push((format!("field {name}.{}", field.name), fact));
                    }
                }
            }
        }
        Ok(Interface(facts))
    }

    pub fn read(text: &str) -> Interface {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let fact = |line: &str| {
            let (about, fact) = line.split_once(" = ").unwrap();
            (about.to_string(), fact.to_string())
        };
        Interface(lines.map(fact).collect())
    }

    pub fn write(&self) -> String {
        let mut text = String::from(
            "# The accepted binary interface, for pointers of 64 bits. Written by \
             `make bless-abi`; do not edit.\n",
        );
        for (about, fact) in &self.0 {
            writeln!(text, "{about} = {fact}").unwrap();
        }
        text
    }

    fn by_name(&self) -> BTreeMap<&str, &str> {
        let facts = self.0.iter();
        facts
            .map(|(about, fact)| (about.as_str(), fact.as_str()))
            .collect()
    }

    /// What programs that were compiled for this one, or written for it, can't live with in
    /// another.
    pub fn broken_by(&self, now: &Interface) -> Vec<String> {
        let known = now.by_name();
        let mut breaks = Vec::new();
        for (about, fact) in &self.0 {
            match known.get(about.as_str()) {
                None => breaks.push(format!("{about} ({fact}) is gone")),
                Some(now) if now == fact || has_grown(about, fact, now) => {}
                Some(now) => breaks.push(format!("{about} was {fact}, and is {now}")),
            }
        }
        breaks.extend(self.inserted_by(now));
        breaks
    }

    /// Fields that are new and not behind all that was there.
    fn inserted_by(&self, now: &Interface) -> Vec<String> {
        let known = self.by_name();
        let mut breaks = Vec::new();
        for (about, fact) in &now.0 {
            let Some(field) = about.strip_prefix("field ") else {
                continue;
            };
            let (of_struct, _) = field.split_once('.').unwrap();
            let Some(before) = known.get(format!("struct {of_struct}").as_str()) else {
                continue;
            };
            if !known.contains_key(about.as_str())
                && number(fact, "offset ") < number(before, "size ")
            {
                let end = number(before, "size ");
                breaks.push(format!(
                    "{about} ({fact}) is new, and not behind the old end, {end}"
                ));
            }
        }
        breaks
    }

    /// What is there and not in another one.
    pub fn beyond<'a>(&'a self, accepted: &Interface) -> Vec<&'a str> {
        let known = accepted.by_name();
        let names = self.by_name().into_keys();
        names.filter(|name| !known.contains_key(name)).collect()
    }

    /// Holes between the fields of a struct, or after the last one.
    pub fn holes(&self) -> Vec<String> {
        let mut holes = Vec::new();
        let mut end: Option<(String, u64, u64)> = None;
        for (about, fact) in &self.0 {
            if let Some(field) = about.strip_prefix("field ") {
                let (_, at, _) = end.as_mut().unwrap();
                if number(fact, "offset ") != *at {
                    holes.push(format!("before {field}"));
                }
                *at = number(fact, "offset ") + number(fact, "size ");
                continue;
            }
            if let Some((name, at, size)) = end.take().filter(|(_, at, size)| at != size) {
                holes.push(format!("at the end of {name}: {at} of {size}"));
            }
            if let Some(name) = about.strip_prefix("struct ") {
                end = Some((name.to_string(), 0, number(fact, "size ")));
            }
        }
        if let Some((name, at, size)) = end.filter(|(_, at, size)| at != size) {
            holes.push(format!("at the end of {name}: {at} of {size}"));
        }
        holes
    }
}

/// A struct that begins with its size may be larger than it was, and nothing else of it.
fn has_grown(about: &str, before: &str, now: &str) -> bool {
    let rest = |fact: &str| fact.split_once(", ").map(|(_, rest)| rest.to_string());
    about.starts_with("struct ")
        && before.ends_with("may grow at its end")
        && rest(before) == rest(now)
        && number(now, "size ") > number(before, "size ")
}

fn number(fact: &str, after: &str) -> u64 {
    let rest = fact.split_once(after).unwrap().1;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().unwrap()
}

/// Types only: what a parameter is called binds nobody.
fn signature(item: &Item) -> String {
    let types: Vec<String> = item
        .parameters()
        .into_iter()
        .map(|parameter| parameter.of_type)
        .collect();
    format!("{} ({})", item.returns(), types.join(", "))
}

/// A line for each constant, struct and field, as the C compiler has them.
fn measure(header: &str, items: &[Item]) -> Result<String, String> {
    let mut program = String::from(
        "#include <stdio.h>\n#include \"usm.h\"\n\
         #define STRUCT(type) \\\n\
         printf(\"size %zu, align %zu\\n\", sizeof(type), _Alignof(type))\n\
         #define FIELD(type, field) printf(\"offset %zu, size %zu\\n\", \\\n\
         offsetof(type, field), sizeof(((type *)0)->field))\n\
         int main(void) {\n",
    );
    for item in items {
        let name = &item.name;
        match item.kind {
            Kind::Constant => {
                writeln!(program, "printf(\"%lld\\n\", (long long)({name}));").unwrap();
            }
            Kind::Struct => {
                writeln!(program, "STRUCT({name});").unwrap();
                for field in item.fields() {
                    writeln!(program, "FIELD({name}, {});", field.name).unwrap();
                }
            }
            _ => {}
        }
    }
    program += "return 0;\n}\n";
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("usm.h"), header).unwrap();
    std::fs::write(folder.join("measure.c"), program).unwrap();
    said(
        Command::new("cc")
            .current_dir(folder)
            .args(["-std=c11", "-Wall", "-Wno-unused-function", "-Werror"])
            .args(["measure.c", "-o", "measure"]),
    )?;
    said(&mut Command::new(folder.join("measure")))
}

/// What a command prints, or why it failed.
pub fn said(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(format!(
            "{command:?}: {}\n{}{}",
            output.status,
            text(&output.stdout),
            text(&output.stderr)
        )),
    }
}

/// The header as a file of the folder in which the accepted interface is.
pub fn read_header(folder: &Path) -> String {
    let path = folder.join("usm.h");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
