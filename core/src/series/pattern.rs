//! Patterns with `*` (any run of characters) and `?` (any one).

/// Whether the whole of `text` fits the pattern.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // Where to go on if the last star has to take in one more character.
    let mut again = None;
    loop {
        let rest = text.clone();
        match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                text = rest;
                again = Some((pattern.clone(), text.clone()));
            }
            (Some('?'), Some(_)) => {}
            (Some(wanted), Some(found)) if wanted == found => {}
            _ => {
                let Some((after_star, mut from)) = again.take() else {
                    return false;
                };
                if from.next().is_none() {
                    return false;
                }
                pattern = after_star.clone();
                text = from.clone();
                again = Some((after_star, from));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by its definition.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) => {
                by_definition(rest, text)
                    || text
                        .split_first()
                        .is_some_and(|(_, text)| by_definition(pattern, text))
            }
            (Some((wanted, rest)), Some((found, text))) => {
                (*wanted == '?' || wanted == found) && by_definition(rest, text)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_definition(pattern in "[ab*?]{0,7}", text in "[ab]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(
                matches(&pattern, &text),
                by_definition(&chars(&pattern), &chars(&text))
            );
        }
    }

    #[test]
    fn a_long_row_of_stars_takes_no_long_time() {
        assert!(!matches(&"*a".repeat(50), &"a".repeat(49)));
        assert!(matches(&"*a".repeat(50), &"ab".repeat(60).repeat(2)[..239]));
    }
}
