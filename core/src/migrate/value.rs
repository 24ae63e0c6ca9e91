//! A value as the prototype stored it, made one of ours, or refused in words.

use rusqlite::types::{Value, ValueRef};

use super::dates::unix_seconds;

/// What a column of ours takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A real number.
    Real,
    Whole,
    Flag,
    Text,
    /// Numbers and texts as they are: a DATETIME of the prototype.
    Any,
}

/// A column of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) is_json: bool,
    /// A value must be there.
    pub(super) is_needed: bool,
}

impl Kind {
    /// By the declared type.
    pub(super) fn of(declared: &str) -> Kind {
        let declared = declared.to_ascii_uppercase();
        let begins = |word: &str| declared.starts_with(word);
        match () {
            () if begins("REAL") || begins("FLOAT") || begins("DOUBLE") => Kind::Real,
            () if begins("BOOL") => Kind::Flag,
            () if begins("INT") => Kind::Whole,
            () if begins("TEXT") || begins("VARCHAR") => Kind::Text,
            () => Kind::Any,
        }
    }
}

/// A value as it stands in the file. The error says what is wrong with it.
pub(super) fn read(value: ValueRef<'_>, column: &str) -> Result<Value, String> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => return Err(format!("{column} is text, but not UTF-8")),
        },
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

impl Column {
    /// The value as this column takes it.
    pub(super) fn take(&self, value: Value) -> Result<Value, String> {
        let name = &self.name;
        let taken = match (self.kind, value) {
            (_, Value::Null) => Value::Null,
            (_, Value::Blob(_)) => return Err(format!("{name} is binary data")),
            (Kind::Real, value) => real(name, &value)?.map_or(Value::Null, Value::Real),
            (Kind::Whole, Value::Integer(number)) => Value::Integer(number),
            (Kind::Whole, value) => whole(name, &value)?,
            (Kind::Flag, value) => flag(name, &value)?,
            (Kind::Text, Value::Text(text)) => Value::Text(text),
            (Kind::Text, Value::Integer(number)) => Value::Text(number.to_string()),
            (Kind::Text, Value::Real(number)) => Value::Text(number.to_string()),
            (Kind::Any, Value::Real(number)) if !number.is_finite() => Value::Null,
            (Kind::Any, value) => value,
        };
        if self.is_json
            && let Value::Text(text) = &taken
            && serde_json::from_str::<serde::de::IgnoredAny>(text).is_err()
        {
            return Err(format!("{name} is broken JSON"));
        }
        if self.is_needed && taken == Value::Null {
            return Err(format!("{name} is missing"));
        }
        Ok(taken)
    }
}

/// A number, or a date where the column holds a time; `None` for what is not known.
pub(super) fn real(name: &str, value: &Value) -> Result<Option<f64>, String> {
    let number = match value {
        Value::Null => return Ok(None),
        Value::Integer(number) => *number as f64,
        Value::Real(number) => *number,
        Value::Blob(_) => return Err(format!("{name} is binary data")),
        Value::Text(text) => match text.trim().parse::<f64>() {
            Ok(number) => number,
            Err(_) if is_time(name) => match unix_seconds(text) {
                Some(seconds) => seconds,
                None => return Err(format!("{name} is text, not a time")),
            },
            Err(_) => return Err(format!("{name} is text, not a number")),
        },
    };
    match number {
        number if number.is_nan() => Ok(None),
        number if number.is_infinite() => Err(format!("{name} is infinite")),
        number => Ok(Some(number)),
    }
}

fn is_time(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let names = [
        "timestamp",
        "date",
        "training_date",
        "last_used",
        "last_triggered",
    ];
    names.contains(&name.as_str()) || name.ends_with("_at")
}

fn whole(name: &str, value: &Value) -> Result<Value, String> {
    const GREATEST: f64 = 9_007_199_254_740_992.0;
    Ok(match real(name, value)? {
        None => Value::Null,
        Some(number) if number.fract() == 0.0 && number.abs() < GREATEST => {
            Value::Integer(number as i64)
        }
        Some(_) => return Err(format!("{name} is not a whole number")),
    })
}

fn flag(name: &str, value: &Value) -> Result<Value, String> {
    let text = match value {
        Value::Text(text) => text.trim().to_ascii_lowercase(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        _ => String::new(),
    };
    match text.as_str() {
        "1" | "true" => Ok(Value::Integer(1)),
        "0" | "false" => Ok(Value::Integer(0)),
        _ => Err(format!("{name} is neither true nor false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: Kind) -> Column {
        Column {
            name: name.into(),
            kind,
            is_json: false,
            is_needed: false,
        }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn numbers_and_times_are_read_from_text_too() {
        let value = column("metric_value", Kind::Real);
        assert_eq!(value.take(Value::Integer(5)), Ok(Value::Real(5.0)));
        assert_eq!(value.take(text(" 91.5 ")), Ok(Value::Real(91.5)));
        assert_eq!(value.take(text("nan")), Ok(Value::Null));
        assert!(
            value
                .take(text("high"))
                .unwrap_err()
                .contains("metric_value is text")
        );
        assert!(value.take(Value::Real(f64::INFINITY)).is_err());
        let time = column("created_at", Kind::Real);
        assert_eq!(
            time.take(text("2024-09-10 12:34:56")),
            Ok(Value::Real(1_725_971_696.0))
        );
        assert!(time.take(text("noon")).unwrap_err().contains("not a time"));
        let kept = column("created_at", Kind::Any);
        assert_eq!(kept.take(text("2024-09-10")), Ok(text("2024-09-10")));
    }

    #[test]
    fn flags_whole_numbers_and_texts_keep_their_meaning() {
        let flag = column("enabled", Kind::Flag);
        assert_eq!(flag.take(text("True")), Ok(Value::Integer(1)));
        assert_eq!(flag.take(Value::Real(0.0)), Ok(Value::Integer(0)));
        assert!(flag.take(Value::Integer(7)).is_err());
        let whole = column("process_count", Kind::Whole);
        assert_eq!(whole.take(Value::Real(210.0)), Ok(Value::Integer(210)));
        assert!(whole.take(Value::Real(2.5)).is_err());
        assert_eq!(
            column("target_id", Kind::Text).take(Value::Integer(4711)),
            Ok(text("4711"))
        );
        assert!(column("x", Kind::Any).take(Value::Blob(vec![1])).is_err());
    }

    #[test]
    fn broken_json_and_what_is_missing_are_refused() {
        let mut data = column("metrics_data", Kind::Text);
        data.is_json = true;
        assert!(
            data.take(text("{\"cpu_percent\": "))
                .unwrap_err()
                .contains("JSON")
        );
        assert_eq!(data.take(text("{}")), Ok(text("{}")));
        assert_eq!(data.take(Value::Null), Ok(Value::Null));
        let mut name = column("rule_name", Kind::Text);
        name.is_needed = true;
        assert!(name.take(Value::Null).unwrap_err().contains("missing"));
    }
}
