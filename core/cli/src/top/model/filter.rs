//! What is typed to find processes or metrics: a regular expression, or plain text where it is
//! none. Small and capital letters are the same.

use regex_lite::{Regex, RegexBuilder};

/// Longest that may be typed, characters.
const LONGEST: usize = 200;

#[derive(Debug, Default)]
pub(in crate::top) struct Filter {
    text: String,
    pattern: Option<Regex>,
}

impl Filter {
    pub(in crate::top) fn text(&self) -> &str {
        &self.text
    }

    pub(in crate::top) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(in crate::top) fn push(&mut self, letter: char) {
        if self.text.chars().count() < LONGEST {
            self.text.push(letter);
            self.compile();
        }
    }

    pub(in crate::top) fn pop(&mut self) {
        self.text.pop();
        self.compile();
    }

    pub(in crate::top) fn clear(&mut self) {
        self.text.clear();
        self.pattern = None;
    }

    fn compile(&mut self) {
        // While it is being typed it need not be one yet: then the letters count.
        let pattern = match Regex::new(&self.text) {
            Ok(_) => self.text.clone(),
            Err(_) => regex_lite::escape(&self.text),
        };
        self.pattern = RegexBuilder::new(&pattern)
            .case_insensitive(true)
            .build()
            .ok();
    }

    pub(in crate::top) fn matches(&self, text: &str) -> bool {
        match (&self.pattern, self.text.is_empty()) {
            (_, true) => true,
            (Some(pattern), _) => pattern.is_match(text),
            (None, _) => text.contains(&self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> Filter {
        let mut filter = Filter::default();
        text.chars().for_each(|letter| filter.push(letter));
        filter
    }

    #[test]
    fn a_regular_expression_counts_and_what_is_none_is_text() {
        assert!(filter("").matches("anything"));
        assert!(filter("^post.*S$").matches("Postgres"));
        assert!(!filter("^gres").matches("postgres"));
        assert!(filter("c++").matches("g++ or C++"));
        assert!(filter("[kworker").matches("[KWORKER/0:1]"));
        assert!(!filter("[kworker").matches("kworker"));
    }

    #[test]
    fn it_can_be_taken_back_letter_by_letter_and_does_not_grow_for_ever() {
        let mut one = filter("ab");
        one.pop();
        assert!(one.matches("xa") && !one.matches("b"));
        one.pop();
        one.pop();
        assert!(one.is_empty() && one.matches(""));
        assert_eq!(filter(&"x".repeat(1000)).text().len(), LONGEST);
    }
}
