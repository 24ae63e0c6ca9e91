//! Numbers and words out of the kernel's text, without allocation.

/// The words of a line: what stands between blanks, tabs and line ends.
pub(crate) fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_blank = |byte: &u8| matches!(*byte, b' ' | b'\t' | b'\n');
    let mut rest = line;
    std::iter::from_fn(move || {
        let start = rest.iter().position(|byte| !is_blank(byte))?;
        let word_on = &rest[start..];
        let end = word_on.iter().position(is_blank).unwrap_or(word_on.len());
        let (word, after) = word_on.split_at(end);
        rest = after;
        Some(word)
    })
}

/// The lines of a text, without their line ends; empty ones are skipped.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut start = 0;
    memchr::memchr_iter(b'\n', text)
        .chain(std::iter::once(text.len()))
        .map(move |end| {
            let line = &text[start..end];
            start = end + 1;
            line
        })
        .filter(|line| !line.is_empty())
}

/// A whole decimal number; `None` for anything else, overflow included.
pub(crate) fn number(word: &[u8]) -> Option<u64> {
    if word.is_empty() {
        return None;
    }
    let mut value: u64 = 0;
    for byte in word {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    Some(value)
}

/// A decimal number that may be negative.
pub(crate) fn signed(word: &[u8]) -> Option<i64> {
    match word.strip_prefix(b"-") {
        Some(digits) => number(digits).and_then(|n| 0i64.checked_sub_unsigned(n)),
        None => number(word).and_then(|n| i64::try_from(n).ok()),
    }
}

/// A decimal number with a fraction, as in `0.25`; finite or `None`.
pub(crate) fn decimal(word: &[u8]) -> Option<f64> {
    let value: f64 = std::str::from_utf8(word).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
}

/// Text without blanks, tabs and line ends around it.
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_whole_words() {
        assert_eq!(number(b"0"), Some(0));
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(number(b"18446744073709551616"), None);
        assert_eq!(number(b""), None);
        assert_eq!(number(b"12x"), None);
        assert_eq!(number(b"-1"), None);
        assert_eq!(signed(b"-20"), Some(-20));
        assert_eq!(signed(b"-9223372036854775808"), Some(i64::MIN));
        assert_eq!(decimal(b"0.25"), Some(0.25));
        assert_eq!(decimal(b"nan"), None);
        assert_eq!(decimal(b"inf"), None);
    }

    #[test]
    fn words_and_lines_skip_what_is_empty() {
        assert_eq!(words(b"  a\t b  ").collect::<Vec<_>>(), [&b"a"[..], b"b"]);
        assert_eq!(lines(b"a\n\nb\n").collect::<Vec<_>>(), [&b"a"[..], b"b"]);
    }

    proptest! {
        #[test]
        fn every_number_is_read_back(value: u64, signed_value: i64) {
            prop_assert_eq!(number(value.to_string().as_bytes()), Some(value));
            prop_assert_eq!(signed(signed_value.to_string().as_bytes()), Some(signed_value));
        }

        #[test]
        fn lines_are_what_stands_between_line_ends(text in "[a\n]{0,80}") {
            let expected: Vec<&[u8]> =
                text.split('\n').filter(|l| !l.is_empty()).map(str::as_bytes).collect();
            prop_assert_eq!(lines(text.as_bytes()).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn words_are_what_stands_between_blanks(text in "[a \t\n]{0,40}") {
            let expected: Vec<&[u8]> =
                text.split_ascii_whitespace().map(str::as_bytes).collect();
            prop_assert_eq!(words(text.as_bytes()).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn any_bytes_are_parsed_without_panic(text: Vec<u8>) {
            for line in lines(&text) {
                for word in words(line) {
                    let _ = (number(word), signed(word), decimal(word));
                }
            }
        }
    }
}
