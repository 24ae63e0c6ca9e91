//! Values as JSON trees and back by way of their text. Serde's own ways between values and
//! trees would bring a second copy of all that writes and reads each type.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// As `serde_json::to_value`.
pub(crate) fn to_tree(value: &impl Serialize) -> serde_json::Result<Value> {
    serde_json::from_str(&serde_json::to_string(value)?)
}

/// As `serde_json::from_value`; an error in words.
pub(crate) fn from_tree<T: DeserializeOwned>(tree: &Value) -> Result<T, String> {
    serde_json::from_str(&tree.to_string()).map_err(|error| without_place(&error))
}

/// The place is one in a text that nobody sees.
fn without_place(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    words.strip_suffix(&place).unwrap_or(&words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_tree_is_that_of_serde() {
        let value = (Some(0.1), None::<u8>, u64::MAX, f64::NAN, "\u{0}\"", ["a"]);
        assert_eq!(
            to_tree(&value).unwrap(),
            serde_json::to_value(value).unwrap()
        );
    }

    #[test]
    fn an_error_names_no_place_in_a_text() {
        let error = from_tree::<Vec<u8>>(&json!([1, "a"])).unwrap_err();
        assert_eq!(error, "invalid type: string \"a\", expected u8");
        assert_eq!(from_tree::<Vec<u8>>(&json!([1])), Ok(vec![1]));
    }
}
