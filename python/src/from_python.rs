//! A Python value as what a setting or a structure of core takes.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};
use usm_core::config::{Setting, SettingKind};
use usm_core::{Error, Result};

/// The value of one setting; anything that no setting takes is refused with what this one
/// allows.
pub(crate) fn setting_value(setting: &Setting, value: &Bound<'_, PyAny>) -> Result<Value> {
    let refused = || Error::invalid(setting.name, shown(value), setting.allowed());
    let plain = match setting.kind {
        // A list of texts.
        SettingKind::Texts { .. } => nested(value, 2),
        _ => plain(value),
    };
    let plain = plain.ok_or_else(refused)?;
    match (&setting.kind, &plain) {
        (SettingKind::Choice(_), Value::String(text)) => setting.value_of_text(text),
        _ => Ok(plain),
    }
}

fn plain(value: &Bound<'_, PyAny>) -> Option<Value> {
    if value.is_none() {
        return Some(Value::Null);
    }
    // A bool is an int in Python, so it goes first.
    if let Ok(switch) = value.cast::<PyBool>() {
        return Some(Value::Bool(switch.is_true()));
    }
    if value.cast::<PyInt>().is_ok() {
        return whole(value);
    }
    if let Ok(number) = value.cast::<PyFloat>() {
        return Number::from_f64(number.value()).map(Value::Number);
    }
    if let Ok(text) = value.cast::<PyString>() {
        return text
            .to_cow()
            .ok()
            .map(|text| Value::String(text.into_owned()));
    }
    // What stands for a path or a number: pathlib, numpy, fractions.
    if let Ok(path) = value.call_method0("__fspath__") {
        return path.extract::<String>().ok().map(Value::String);
    }
    if let Ok(index) = value.call_method0("__index__") {
        return whole(&index);
    }
    let number = value
        .call_method0("__float__")
        .ok()?
        .extract::<f64>()
        .ok()?;
    Number::from_f64(number).map(Value::Number)
}

fn whole(value: &Bound<'_, PyAny>) -> Option<Value> {
    match value.extract::<i64>() {
        Ok(number) => Some(Value::from(number)),
        // Beyond 64 bits it is out of every range; as a float it is refused with its value.
        Err(_) => Number::from_f64(value.extract::<f64>().ok()?).map(Value::Number),
    }
}

/// Deepest nesting that is looked into.
const DEEPEST: usize = 16;
/// Longest text of a refused value that an error shows.
const LONGEST_SHOWN: usize = 200;

/// A value of core, from dicts, lists, tuples and scalars.
pub(crate) fn structure<T: DeserializeOwned>(name: &str, value: &Bound<'_, PyAny>) -> Result<T> {
    let found = nested(value, DEEPEST)
        .ok_or_else(|| Error::invalid(name, shown(value), "dicts, lists, texts and numbers"))?;
    serde_json::from_value(found)
        .map_err(|error| Error::invalid(name, shown(value), error.to_string()))
}

/// `defaults`, with the fields that a dict names.
pub(crate) fn named_fields<T: Serialize + DeserializeOwned>(
    given: &Bound<'_, PyDict>,
    defaults: &T,
) -> Result<T> {
    let internal = |error: serde_json::Error| Error::Internal(error.to_string());
    let Value::Object(mut fields) = serde_json::to_value(defaults).map_err(internal)? else {
        return Err(Error::Internal("settings without fields".into()));
    };
    for (key, value) in given {
        let name = key.to_string();
        if !fields.contains_key(&name) {
            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
            let allowed = format!("one of {}", names.join(", "));
            return Err(Error::invalid("setting", name, allowed));
        }
        let plain = nested(&value, DEEPEST)
            .ok_or_else(|| Error::invalid(&name, shown(&value), "a text, number or list"))?;
        fields.insert(name.clone(), plain);
        // Each by itself, so that the error names the one that is wrong.
        serde_json::from_value::<T>(Value::Object(fields.clone()))
            .map_err(|error| Error::invalid(&name, shown(&value), error.to_string()))?;
    }
    serde_json::from_value(Value::Object(fields)).map_err(internal)
}

fn nested(value: &Bound<'_, PyAny>, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    if let Ok(dict) = value.cast::<PyDict>() {
        let mut fields = Map::new();
        for (key, value) in dict {
            let key = key.cast::<PyString>().ok()?.to_cow().ok()?.into_owned();
            fields.insert(key, nested(&value, depth)?);
        }
        return Some(Value::Object(fields));
    }
    if value.cast::<PyList>().is_ok() || value.cast::<PyTuple>().is_ok() {
        let items = value.try_iter().ok()?;
        return items
            .map(|item| nested(&item.ok()?, depth))
            .collect::<Option<_>>()
            .map(Value::Array);
    }
    plain(value)
}

fn shown(value: &Bound<'_, PyAny>) -> String {
    let text = value
        .repr()
        .map_or_else(|_| "a value".into(), |text| text.to_string());
    match text.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
