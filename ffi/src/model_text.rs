//! What a model has learnt, as a text that can be kept anywhere and taken up again.
//!
//! `KIND:FORMAT:CHECKSUM:BYTES`, the last two in hexadecimal. The bytes are exact, which JSON,
//! that has neither NaN nor infinity, would not be.

use std::fmt::Write as _;

use serde::Serialize;
use serde::de::DeserializeOwned;
use usm_core::Error;

use crate::failure::Failure;

/// Raised when a model's fields change: what was saved before can't be read then.
const FORMAT: u32 = 1;

/// A longer text is not from here.
const MOST_CHARACTERS: usize = 4 << 20;

/// The text of a model.
pub(crate) fn save(kind: &str, model: &impl Serialize) -> Result<String, Failure> {
    let bytes =
        postcard::to_stdvec(model).map_err(|error| Error::Internal(format!("{kind}: {error}")))?;
    let mut text = format!("{kind}:{FORMAT}:{:016x}:", checksum(&bytes));
    text.reserve(2 * bytes.len());
    for byte in bytes {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// The model of a text.
pub(crate) fn load<T: DeserializeOwned>(kind: &str, text: &str) -> Result<T, Failure> {
    let wrong = |wanted: &str| Failure::from(Error::malformed("text", wanted));
    let text = text.trim();
    let mut parts = text.splitn(4, ':');
    if parts.next() != Some(kind) {
        return Err(wrong(&format!("it should begin with \"{kind}:\"")));
    }
    if parts.next() != Some(FORMAT.to_string().as_str()) {
        return Err(wrong(&format!(
            "this version of the library reads format {FORMAT} only"
        )));
    }
    let sum = parts
        .next()
        .and_then(|sum| u64::from_str_radix(sum, 16).ok());
    let bytes = parts.next().and_then(bytes_of);
    let (Some(sum), Some(bytes)) = (sum, bytes) else {
        return Err(wrong("what comes after the format is not hexadecimal"));
    };
    if sum != checksum(&bytes) {
        return Err(wrong("it was cut or changed: its checksum does not fit"));
    }
    postcard::from_bytes(&bytes).map_err(|error| wrong(&error.to_string()))
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || text.len() > MOST_CHARACTERS {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks_exact(2);
    pairs
        .map(|pair| Some((digit(pair[0])? << 4 | digit(pair[1])?) as u8))
        .collect()
}

/// FNV-1a: finds what an editor or a full disk does, which is all that it is for.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEARNT: [f64; 4] = [0.1 + 0.2, f64::INFINITY, -0.0, f64::MIN_POSITIVE];

    fn loaded(text: &str) -> Result<[f64; 4], Failure> {
        load("usm-test", text)
    }

    #[test]
    fn what_was_saved_is_loaded_to_the_last_bit() {
        let text = save("usm-test", &LEARNT).unwrap();
        assert!(text.starts_with("usm-test:1:"), "{text}");
        let back = loaded(&format!("{text}\n")).unwrap();
        assert_eq!(back.map(f64::to_bits), LEARNT.map(f64::to_bits));
    }

    #[test]
    fn a_text_that_was_cut_changed_or_is_of_another_kind_is_refused() {
        let text = save("usm-test", &LEARNT).unwrap();
        let (head, last) = text.split_at(text.len() - 1);
        let changed = format!("{head}{}", if last == "0" { "1" } else { "0" });
        for wrong in [
            String::new(),
            "usm-test".to_string(),
            "usm-test:1".to_string(),
            head.to_string(),
            head[..head.len() - 1].to_string(),
            changed,
            text.replace("usm-test", "usm-other"),
            text.replace(":1:", ":2:"),
            text.replace(":1:", ":1:zz"),
            format!("{text}é"),
        ] {
            assert!(loaded(&wrong).is_err(), "{wrong}");
        }
        assert!(load::<[f64; 5]>("usm-test", &text).is_err());
    }

    /// Whatever bytes a model is made of, it is refused or it works.
    fn survives<T: Serialize + DeserializeOwned>(model: &T, push: impl Fn(&mut T, f64, f64)) {
        let whole = postcard::to_stdvec(model).unwrap();
        let mut random = 1_u64;
        let mut next = |below: usize| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (random >> 33) as usize % below
        };
        for _ in 0..400 {
            let mut bytes = whole.clone();
            for _ in 0..=next(4) {
                let at = next(bytes.len());
                bytes[at] = next(256) as u8;
            }
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let text = format!("usm-test:{FORMAT}:{:016x}:{hex}", checksum(&bytes));
            let Ok(mut model) = load::<T>("usm-test", &text) else {
                continue;
            };
            for step in 0..3 {
                push(&mut model, 1.7e9 + 700.0 * f64::from(step), f64::from(step));
            }
        }
    }

    #[test]
    fn a_model_that_was_forged_is_refused_or_works() {
        use usm_core::judge::anomaly::Detector;
        use usm_core::judge::forecast::{ForecastSettings, Forecaster};
        let mut detector = Detector::default();
        let mut forecaster = Forecaster::new(ForecastSettings::default());
        for minute in 0..3000 {
            let (time, value) = (1.69e9 + 60.0 * f64::from(minute), f64::from(minute % 17));
            detector.push(time, Some(value));
            forecaster.push(time, Some(value));
        }
        survives(&detector, |detector, time, value| {
            detector.push(time, Some(value));
        });
        survives(&forecaster, |forecaster, time, value| {
            forecaster.push(time, Some(value));
            forecaster.forecasts();
            forecaster.time_to(100.0);
        });
    }
}
