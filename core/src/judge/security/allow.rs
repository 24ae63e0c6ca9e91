//! What the user allows: patterns on the ids of findings.

/// Patterns of which one that fits a finding's id makes it allowed: it is listed, but raises
/// no event and costs no points. `*` stands for any text, also for none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Allow {
    patterns: Vec<String>,
}

impl Allow {
    /// The setting `security_allow`.
    pub(crate) fn new(patterns: &[String]) -> Allow {
        Allow {
            patterns: patterns.to_vec(),
        }
    }

    pub(super) fn covers(&self, id: &str) -> bool {
        self.patterns.iter().any(|pattern| fits(pattern, id))
    }
}

/// Whether `text` is what `pattern` says. Steps back only to the last `*`, so the time is
/// bounded by the product of the lengths.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut read) = (0, 0);
    // Behind the last `*`, and how much of the text that has taken.
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, read));
                at += 1;
            }
            Some(byte) if *byte == text[read] => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((behind, taken)) = star else {
                    return false;
                };
                star = Some((behind, taken + 1));
                at = behind;
                read = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_star_stands_for_any_text_and_all_else_for_itself() {
        for (pattern, text, expected) in [
            ("listener:tcp:*:22", "listener:tcp:0.0.0.0:22", true),
            ("listener:tcp:*:22", "listener:tcp:[::]:22", true),
            ("listener:tcp:*:22", "listener:tcp:0.0.0.0:2222", false),
            ("listener:tcp:*:22*", "listener:tcp:0.0.0.0:221", true),
            (
                "temporary_program:/tmp/build/*",
                "temporary_program:/tmp/build/x",
                true,
            ),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a", "A", false),
            ("a?c", "abc", false),
            ("**b*", "aab", true),
            ("setuid:/usr/bin/sudo", "setuid:/usr/bin/sudo", true),
            ("setuid:/usr/bin/sudo", "setuid:/usr/bin/sudoedit", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn it_is_what_trying_everything_says(pattern in "[ab*]{0,7}", text in "[ab]{0,7}") {
            fn tried(pattern: &[u8], text: &[u8]) -> bool {
                match (pattern, text) {
                    ([], _) => text.is_empty(),
                    ([b'*', rest @ ..], _) => (0..=text.len()).any(|n| tried(rest, &text[n..])),
                    ([one, rest @ ..], [other, after @ ..]) => one == other && tried(rest, after),
                    _ => false,
                }
            }
            prop_assert_eq!(fits(&pattern, &text), tried(pattern.as_bytes(), text.as_bytes()));
        }
    }
}
