//! The header is the manual: everything in it is described, in the same parts everywhere, and
//! what a description names is there.

use crate::declarations::{Item, Kind, items};
use crate::support::root;

/// Ends the descriptions of all that is called, in this order.
const PARTS: [&str; 3] = ["Returns: ", "Threads: ", "Since: "];

fn header() -> String {
    std::fs::read_to_string(root().join("include/usm.h")).unwrap()
}

/// Fails with what is wrong with each item.
fn check(kinds: &[Kind], faults: impl Fn(&Item) -> Vec<String>) {
    let items = items(&header());
    let items: Vec<&Item> = items
        .iter()
        .filter(|item| kinds.contains(&item.kind))
        .collect();
    assert!(items.len() > 1, "none of {kinds:?} in the header");
    let found: Vec<String> = items
        .into_iter()
        .flat_map(|item| {
            let faults = faults(item).into_iter();
            faults.map(|fault| format!("{}: {fault}", item.name))
        })
        .collect();
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}

#[test]
fn everything_is_described() {
    let all = [
        Kind::Constant,
        Kind::Macro,
        Kind::Opaque,
        Kind::Struct,
        Kind::Callback,
        Kind::Alias,
        Kind::Function,
        Kind::Inline,
    ];
    check(&all, |item| {
        let doc = item.doc();
        let said = doc.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit());
        let ends = doc.ends_with(['.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        match (said, ends || item.kind == Kind::Function) {
            (false, _) => vec![format!("no description: {doc:?}")],
            (_, false) => vec![format!("its description is no sentence: {doc:?}")],
            _ => Vec::new(),
        }
    });
}

#[test]
fn every_function_says_what_its_arguments_are_what_it_returns_and_on_which_threads() {
    check(&[Kind::Function], |item| {
        let mut faults = faults_of_arguments(item);
        let doc = item.doc();
        let is_void = item.returns() == "void";
        let wanted = PARTS.into_iter().skip(usize::from(is_void));
        let mut after = 0;
        for part in wanted {
            match position(&doc, part) {
                None => faults.push(format!("no line {part:?}")),
                Some(at) if at < after => faults.push(format!("{part:?} is out of order")),
                Some(at) => after = at,
            }
        }
        if is_void && position(&doc, PARTS[0]).is_some() {
            faults.push("says what it returns, which is nothing".to_string());
        }
        if item.returns() == "usm_status" {
            let returns = doc.split("Returns: ").nth(1).unwrap_or_default();
            if !returns.starts_with("USM_OK") && !returns.starts_with("as usm_") {
                faults.push("does not say when it returns USM_OK".to_string());
            }
        }
        faults
    });
}

#[test]
fn every_inline_function_says_its_threads_and_version() {
    check(&[Kind::Inline], |item| {
        let doc = item.doc();
        let missing = PARTS[1..]
            .iter()
            .filter(|part| position(&doc, part).is_none());
        missing.map(|part| format!("no line {part:?}")).collect()
    });
}

#[test]
fn every_callback_says_on_which_thread_it_is_called() {
    check(&[Kind::Callback], |item| {
        let mut faults = faults_of_arguments(item);
        let doc = item.doc();
        if !doc.contains("thread") {
            faults.push("no word of threads".to_string());
        }
        if !doc.contains("return normally") {
            faults.push("does not say that it must return normally".to_string());
        }
        if (item.returns() == "void") == (position(&doc, PARTS[0]).is_some()) {
            faults.push("what it returns is not described, or is not there".to_string());
        }
        faults
    });
}

#[test]
fn every_field_is_described_and_of_a_fixed_width() {
    // A size_t counts what a pointer beside it leads to, and is as wide.
    let fixed = [
        "uint32_t", "int32_t", "uint64_t", "int64_t", "double", "size_t", "void *",
    ];
    check(&[Kind::Struct], |item| {
        let mut faults = Vec::new();
        if !item.begins_with_its_size() {
            faults.push("does not begin with `uint32_t struct_size`".to_string());
        }
        for field in item.fields() {
            if field.doc.is_empty() {
                faults.push(format!("{} is not described", field.name));
            }
            let of_type = field.of_type.as_str();
            let is_text = of_type.starts_with("char [");
            let is_borrowed = of_type.starts_with("const ") && of_type.ends_with('*');
            let is_callback = of_type.starts_with("usm_") && of_type.ends_with("_callback");
            if !(fixed.contains(&of_type) || is_text || is_borrowed || is_callback) {
                faults.push(format!("{}: a field can't be a {of_type}", field.name));
            }
        }
        faults
    });
}

#[test]
fn what_a_description_names_is_there() {
    let header = header();
    let items = items(&header);
    let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
    let settings = usm_core::Config::default();
    let settings = format!("{settings:?}");
    let mut unknown = Vec::new();
    for comment in header.split("/*").skip(1) {
        let comment = comment.split("*/").next().unwrap();
        let words = comment.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        for word in words {
            let function = word.starts_with("usm_") && !names.contains(&word);
            let constant = word.starts_with("USM_") && !names.contains(&word);
            if !function && !constant {
                continue;
            }
            // A group, as in USM_EVENT_..., is named by how its members begin.
            let group = word.ends_with('_') && names.iter().any(|name| name.starts_with(word));
            let setting = word.trim_start_matches("USM_").to_ascii_lowercase();
            let variable = constant && settings.contains(&format!("{setting}: "));
            let known = ["USM_VERSION", "USM_H", "USM_ERR_", "USM_OK"].contains(&word);
            if !group && !variable && !known {
                unknown.push(word.to_string());
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
}

/// Where a line begins like this.
fn position(doc: &str, begin: &str) -> Option<usize> {
    match doc.starts_with(begin) {
        true => Some(0),
        false => doc.find(&format!("\n{begin}")),
    }
}

/// Each parameter is described in a line of its own, and in order. Two kinds need none: the
/// handle that a function is for, which comes first and has the type's name in the function's;
/// and the only parameter, when the text names it.
fn faults_of_arguments(item: &Item) -> Vec<String> {
    let doc = item.doc();
    let parameters = item.parameters();
    let mut described: Vec<&str> = doc
        .lines()
        .filter_map(|line| line.strip_prefix("- "))
        .filter_map(|line| line.split_once(": "))
        .flat_map(|(names, _)| names.split(", "))
        .collect();
    let mut faults = Vec::new();
    let only = parameters.len() == 1;
    for (at, parameter) in parameters.iter().enumerate() {
        let name = parameter.name.as_str();
        if described.first() == Some(&name) {
            described.remove(0);
            continue;
        }
        let type_name = parameter.of_type.trim_start_matches("const ");
        let type_name = type_name
            .trim_start_matches("struct ")
            .trim_end_matches(" *");
        let is_its_handle = at == 0 && item.name.starts_with(&format!("{type_name}_"));
        let is_named = only && words(&doc).any(|word| word == name);
        if !is_its_handle && !is_named {
            faults.push(format!("{name} is not described, or not in its place"));
        }
    }
    for name in described {
        faults.push(format!(
            "{name} is described and not there, or not in its place"
        ));
    }
    faults
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}
