//! What a question means: its words, put right where they are misspelt, and the problems and
//! categories that they speak of.

use std::collections::BTreeSet;

use super::catalogue::{Tool, Words, cut, percent, tools};
use super::kind::{Category, Problem};
use super::slip::closest;

/// Lines of a problem or `@category` and the words that speak of it; `a,b` only where both
/// are in the question, `word=60` of which it is no more sure than that, of 100.
const TEXT: &str = include_str!("words.txt");

/// Words that are looked at; a question has no more to tell.
const MOST_WORDS: usize = 32;

/// How sure a word is that had to be put right.
const PUT_RIGHT: f64 = 0.8;

/// A tag of no more tools than that is a rare one.
const FEW_TOOLS: usize = 4;

/// How sure a word is that says nothing of it.
const SURE: f64 = 0.9;

/// The words of a question.
#[derive(Debug, Default)]
pub(super) struct Question {
    words: Vec<Word>,
    /// Those of its words that are tags of few tools.
    rare_tags: Vec<&'static str>,
}

#[derive(Debug)]
struct Word {
    /// As it was asked.
    asked: String,
    /// As it is known.
    known: String,
    sure: f64,
}

/// That a question is about something.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hit<T> {
    pub(super) about: T,
    /// 0 to 1.
    pub(super) sure: f64,
    /// The words that say so, as asked.
    pub(super) asked: String,
}

impl<T> Hit<T> {
    fn of<U>(&self, about: U) -> Hit<U> {
        Hit {
            about,
            sure: self.sure,
            asked: self.asked.clone(),
        }
    }
}

impl Question {
    pub(super) fn new(query: &str) -> Question {
        if query.trim().is_empty() {
            return Question::default();
        }
        let vocabulary = vocabulary();
        let words: Vec<Word> = query
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .take(MOST_WORDS)
            .map(|word| understand(word.to_lowercase(), &vocabulary))
            .collect();
        let rare_tags = rare_tags(&words);
        Question { words, rare_tags }
    }

    /// Problems that it speaks of, each once.
    pub(super) fn problems(&self) -> Vec<Hit<Problem>> {
        self.hits(&|name| Problem::named(name).is_some())
            .into_iter()
            .filter_map(|hit| Some(hit.of(Problem::named(hit.about)?)))
            .collect()
    }

    /// Categories that it speaks of, each once.
    pub(super) fn categories(&self) -> Vec<Hit<Category>> {
        self.hits(&|name| name.starts_with('@'))
            .into_iter()
            .filter_map(|hit| {
                let category = Category::named(hit.about.strip_prefix('@')?)?;
                Some(hit.of(category))
            })
            .collect()
    }

    /// Lines of the text that it speaks of, of those whose names are wanted.
    fn hits(&self, is_wanted: &dyn Fn(&str) -> bool) -> Vec<Hit<&'static str>> {
        let mut hits = Vec::new();
        let mut rest = TEXT;
        while !rest.is_empty() {
            let mut line = cut(&mut rest, "\n");
            let about = cut(&mut line, " ");
            if !is_wanted(about) {
                continue;
            }
            let best = Words { rest: line }
                .filter_map(|phrase| self.phrase(phrase))
                .reduce(|best, next| if next.0 > best.0 { next } else { best });
            if let Some((sure, asked)) = best {
                hits.push(Hit { about, sure, asked });
            }
        }
        hits
    }

    /// How sure a phrase of the text is in the question. One of two words says more.
    #[inline(never)]
    fn phrase(&self, phrase: &'static str) -> Option<(f64, String)> {
        let mut percentage = phrase;
        let mut words = cut(&mut percentage, "=");
        let mut sure = percent(percentage).unwrap_or(SURE);
        let mut asked = String::new();
        while !words.is_empty() {
            let hit = self.word(cut(&mut words, ","))?;
            if !asked.is_empty() {
                asked.push(' ');
                sure = (sure + 0.05).min(1.0);
            }
            asked.push_str(&hit.asked);
            sure *= hit.sure;
        }
        Some((sure, asked))
    }

    #[inline(never)]
    fn word(&self, known: &str) -> Option<&Word> {
        self.words.iter().find(|word| word.known == known)
    }

    /// Whether it names a tool, and how surely.
    #[inline(never)]
    pub(super) fn names(&self, tool: Tool) -> Option<Hit<Tool>> {
        std::iter::once(tool.name())
            .chain(tool.executables())
            .find_map(|name| {
                let (sure, asked) = self.run_of(name)?;
                let about = tool;
                Some(Hit { about, sure, asked })
            })
    }

    /// The words of a name with dashes, one after the other.
    #[inline(never)]
    fn run_of(&self, name: &str) -> Option<(f64, String)> {
        if self.words.is_empty() {
            return None;
        }
        let parts: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
        let run = self.words.windows(parts.len()).find(|run| {
            run.iter()
                .zip(&parts)
                .all(|(word, part)| word.known == *part)
        })?;
        let sure = run.iter().map(|word| word.sure).fold(1.0, f64::min);
        Some((
            sure,
            run.iter()
                .map(|word| word.asked.as_str())
                .collect::<Vec<_>>()
                .join("-"),
        ))
    }

    /// Whether few tools have a tag that is in the question.
    pub(super) fn is_rare(&self, tag: &str) -> bool {
        self.rare_tags.contains(&tag)
    }

    /// Tags of a tool that are in the question.
    #[inline(never)]
    pub(super) fn tags(&self, tool: Tool) -> Vec<Hit<&'static str>> {
        tool.tags()
            .filter_map(|about| {
                let word = self.word(about)?;
                let asked = word.asked.clone();
                Some(Hit {
                    about,
                    sure: word.sure,
                    asked,
                })
            })
            .collect()
    }
}

fn rare_tags(words: &[Word]) -> Vec<&'static str> {
    let mut rare = Vec::new();
    for word in words {
        let mut having = tools().filter_map(|tool| tool.tags().find(|tag| *tag == word.known));
        if let Some(tag) = having.next()
            && having.count() < FEW_TOOLS
        {
            rare.push(tag);
        }
    }
    rare
}

/// Every word that means something: of names, tags and the text.
fn vocabulary() -> BTreeSet<&'static str> {
    let mut words = BTreeSet::new();
    for tool in tools() {
        for name in std::iter::once(tool.name()).chain(tool.executables()) {
            words.extend(name.split(|c: char| !c.is_alphanumeric()));
        }
        words.extend(tool.tags());
    }
    let mut rest = TEXT;
    while !rest.is_empty() {
        let mut line = cut(&mut rest, "\n");
        cut(&mut line, " ");
        for mut phrase in (Words { rest: line }) {
            let mut parts = cut(&mut phrase, "=");
            while !parts.is_empty() {
                words.insert(cut(&mut parts, ","));
            }
        }
    }
    words
}

fn understand(asked: String, vocabulary: &BTreeSet<&'static str>) -> Word {
    if vocabulary.contains(asked.as_str()) {
        let known = asked.clone();
        return Word {
            asked,
            known,
            sure: 1.0,
        };
    }
    for ending in ["es", "s"] {
        let singular = asked.strip_suffix(ending).filter(|word| word.len() > 2);
        if let Some(word) = singular.and_then(|word| vocabulary.get(word)) {
            let known = (*word).to_owned();
            return Word {
                asked,
                known,
                sure: 1.0,
            };
        }
    }
    match closest(&asked, vocabulary) {
        Some(word) => Word {
            asked,
            known: word.to_owned(),
            sure: PUT_RIGHT,
        },
        None => Word {
            known: asked.clone(),
            asked,
            sure: 1.0,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(query: &str) -> Vec<&'static str> {
        let mut hits = Question::new(query).problems();
        hits.sort_by(|a, b| b.sure.total_cmp(&a.sure));
        hits.iter().map(|hit| hit.about.name()).collect()
    }

    #[test]
    fn every_line_of_the_text_is_understood() {
        for line in TEXT.lines() {
            let mut words = line.split(' ');
            let name = words.next().unwrap();
            let category = name.strip_prefix('@').and_then(Category::named);
            assert!(
                Problem::named(name).is_some() || category.is_some(),
                "{name}"
            );
            for phrase in words {
                let (phrase, sure) = phrase.split_once('=').unwrap_or((phrase, "100"));
                assert!((1..=100).contains(&sure.parse::<i32>().unwrap()), "{line}");
                for word in phrase.split(',') {
                    assert!(word.chars().all(char::is_alphanumeric), "{line}: {word}");
                    assert!(!word.is_empty(), "{line}");
                }
            }
        }
        for problem in Problem::ALL {
            let begin = format!("{} ", problem.name());
            assert!(TEXT.lines().any(|line| line.starts_with(&begin)), "{begin}");
        }
        for category in Category::ALL {
            let begin = format!("@{} ", category.name());
            assert!(TEXT.lines().any(|line| line.starts_with(&begin)), "{begin}");
        }
    }

    #[test]
    fn ordinary_words_mean_problems() {
        for (query, wanted) in [
            ("my laptop is so slow", "general"),
            ("everything lags", "general"),
            ("disk full", "disk_full"),
            ("No space left on device", "disk_full"),
            ("RAM", "memory_thrash"),
            ("wifi", "network_saturated"),
            ("which container?", "throttled"),
            ("packet loss", "network_retransmits"),
            ("fans are loud", "temperature"),
            ("memory leak", "leak"),
            ("was I hacked", "security"),
            ("zombies", "process_count"),
            ("disk latency", "io_bound"),
            ("lock contention", "run_queue"),
            ("one core", "core_saturated"),
        ] {
            assert!(
                problems(query).contains(&wanted),
                "{query}: {:?}",
                problems(query)
            );
        }
        assert_eq!(problems("disk full")[0], "disk_full");
        assert_eq!(problems("disk latency")[0], "io_bound");
    }

    #[test]
    fn slips_are_put_right_and_other_words_left_alone() {
        assert_eq!(problems("memmory")[0], "memory_thrash");
        assert_eq!(problems("temprature")[0], "temperature");
        assert_eq!(problems("bandwith")[0], "network_saturated");
        assert_eq!(problems("slwo")[0], "general");
        for word in [
            "show", "work", "with", "this", "please", "xyzzy", "bike", "hat",
        ] {
            assert!(problems(word).is_empty(), "{word}: {:?}", problems(word));
        }
    }

    #[test]
    fn signs_of_patterns_and_nothing_mean_nothing() {
        for query in [
            "",
            " ",
            "%",
            "_",
            "%%",
            "' OR 1=1 --",
            "\0",
            "🦀",
            "*",
            ".*",
        ] {
            let question = Question::new(query);
            assert!(question.problems().is_empty(), "{query}");
            assert!(question.categories().is_empty(), "{query}");
            assert!(
                tools().all(|tool| question.names(tool).is_none()),
                "{query}"
            );
        }
    }

    #[test]
    fn a_name_with_dashes_is_found_with_and_without_them() {
        let nvme = super::super::tool_named("nvme-cli").unwrap();
        for query in ["nvme-cli", "the nvme cli", "NVMe"] {
            assert!(Question::new(query).names(nvme).is_some(), "{query}");
        }
        assert!(
            Question::new("cli nvme-like").names(nvme).is_some(),
            "its executable"
        );
        let htop = super::super::tool_named("htop").unwrap();
        assert_eq!(Question::new("htpo").names(htop).unwrap().sure, PUT_RIGHT);
        assert!(Question::new("photo").names(htop).is_none());
    }

    #[test]
    fn a_question_without_end_is_cut() {
        let question = Question::new(&"slow ".repeat(100_000));
        assert_eq!(question.words.len(), MOST_WORDS);
        assert!(Question::new(&"s".repeat(1_000_000)).problems().is_empty());
    }
}
