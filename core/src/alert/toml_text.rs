//! Trees as TOML: a key a line, what is nested within the line.

use serde_json::Value;

/// The members of a table, a line each.
pub(super) fn table(tree: &Value) -> String {
    let members = tree.as_object().into_iter().flatten();
    let known = members.filter(|(_, value)| !value.is_null());
    known
        .map(|(name, value)| format!("{} = {}\n", key(name), self::value(value)))
        .collect()
}

/// A key, in quotes where it needs them.
pub(super) fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !name.is_empty() && name.chars().all(is_bare) {
        true => name.to_owned(),
        false => text(name),
    }
}

/// A value within a line. What TOML has no word for (null) is an empty text.
pub(super) fn value(tree: &Value) -> String {
    match tree {
        Value::Null => text(""),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(string) => text(string),
        Value::Array(list) => {
            let members: Vec<String> = list.iter().map(value).collect();
            format!("[{}]", members.join(", "))
        }
        Value::Object(table) => {
            let members = table.iter().filter(|(_, value)| !value.is_null());
            let members: Vec<String> = members
                .map(|(name, member)| format!("{} = {}", key(name), value(member)))
                .collect();
            match members.is_empty() {
                true => "{}".to_owned(),
                false => format!("{{ {} }}", members.join(", ")),
            }
        }
    }
}

/// A text in quotes: literal ones where it has quotes of its own and nothing to escape.
fn text(string: &str) -> String {
    let is_plain = !string.chars().any(|c| c.is_control() || c == '\'');
    if is_plain && string.contains(['"', '\\']) {
        return format!("'{string}'");
    }
    let mut quoted = String::from("\"");
    for c in string.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            (-1e9f64..1e9).prop_map(Value::from),
            "\\PC{0,9}|[\n\t\r\"'\\\\\u{1}\u{7f}]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("\\PC{0,5}|[a-z_]{1,4}", inner, 0..4)
                    .prop_map(|table| Value::Object(table.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(tree in any_tree()) {
            let text = format!("{} = {}\n", key("a b"), value(&tree));
            let read: toml::Table = toml::from_str(&text).unwrap();
            let read = serde_json::to_value(&read["a b"]).unwrap();
            prop_assert_eq!(read, tree, "{}", text);
        }
    }
}
