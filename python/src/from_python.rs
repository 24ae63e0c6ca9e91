//! A Python value as what a setting takes.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};
use serde_json::{Number, Value};
use usm_core::config::{Setting, SettingKind};
use usm_core::{Error, Result};

/// The value of one setting; anything that no setting takes is refused with what this one
/// allows.
pub(crate) fn setting_value(setting: &Setting, value: &Bound<'_, PyAny>) -> Result<Value> {
    let refused = || {
        let shown = value
            .repr()
            .map_or_else(|_| "a value".into(), |r| r.to_string());
        Error::invalid(setting.name, shown, setting.allowed())
    };
    let plain = plain(value).ok_or_else(refused)?;
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
