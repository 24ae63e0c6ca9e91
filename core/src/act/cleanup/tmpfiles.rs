//! tmpfiles.d: what the system's administrator and packages say about ages, and what they
//! want left alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::age::{self, Age};
use super::rule::Note;
use crate::sample::Roots;

/// Folders of the files; a file hides those of the same name in folders before.
const FOLDERS: [&str; 3] = ["/usr/lib/tmpfiles.d", "/run/tmpfiles.d", "/etc/tmpfiles.d"];

/// A line that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) kind: char,
    pub(super) path: String,
    pub(super) age: Option<Age>,
    /// At boot only.
    pub(super) is_for_boot: bool,
    /// A specifier is not known here: the path has `*` in its place, and only excludes.
    pub(super) is_vague: bool,
    pub(super) source: String,
}

/// What the letters after `%` stand for.
pub(super) struct Specifiers(BTreeMap<char, String>);

impl Specifiers {
    pub(super) fn read(roots: &Roots) -> Specifiers {
        let fixed = [
            ('%', "%"),
            ('h', "/root"),
            ('u', "root"),
            ('U', "0"),
            ('g', "root"),
            ('G', "0"),
            ('t', "/run"),
            ('S', "/var/lib"),
            ('C', "/var/cache"),
            ('L', "/var/log"),
            ('T', "/tmp"),
            ('V', "/var/tmp"),
        ];
        let mut known: BTreeMap<char, String> =
            fixed.map(|(letter, text)| (letter, text.into())).into();
        let mut add = |letter, path: PathBuf, dashes: bool| {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let text = text.trim();
            if !text.is_empty() && !text.contains('/') {
                let text = if dashes {
                    text.into()
                } else {
                    text.replace('-', "")
                };
                known.insert(letter, text);
            }
        };
        add('b', roots.proc("sys/kernel/random/boot_id"), false);
        add('m', roots.host(Path::new("/etc/machine-id")), false);
        add('H', roots.proc("sys/kernel/hostname"), true);
        add('v', roots.proc("sys/kernel/osrelease"), true);
        Specifiers(known)
    }

    /// The text with its specifiers replaced, and whether one was not known.
    fn expand(&self, text: &str) -> (String, bool) {
        let (mut out, mut is_vague) = (String::new(), false);
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            if letter != '%' {
                out.push(letter);
                continue;
            }
            match letters.next().and_then(|letter| self.0.get(&letter)) {
                Some(text) => out.push_str(text),
                None => {
                    out.push('*');
                    is_vague = true;
                }
            }
        }
        (out, is_vague)
    }
}

/// Every line of every file that counts.
pub(super) fn read(roots: &Roots, notes: &mut Vec<Note>) -> Vec<Line> {
    let mut files: BTreeMap<std::ffi::OsString, PathBuf> = BTreeMap::new();
    for folder in FOLDERS {
        let folder = roots.host(Path::new(folder));
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == "conf") {
                files.insert(entry.file_name(), path);
            }
        }
    }
    let specifiers = Specifiers::read(roots);
    let mut lines = Vec::new();
    for path in files.values() {
        match std::fs::read_to_string(path) {
            Ok(text) => lines.extend(parse(
                &text,
                &path.display().to_string(),
                &specifiers,
                notes,
            )),
            Err(error) => notes.push(Note {
                source: path.display().to_string(),
                what: format!("left out: {error}"),
            }),
        }
    }
    lines
}

/// The lines of one file.
pub(super) fn parse(
    text: &str,
    file: &str,
    specifiers: &Specifiers,
    notes: &mut Vec<Note>,
) -> Vec<Line> {
    let mut lines = Vec::new();
    for (index, text) in text.lines().enumerate() {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let source = format!("{file}:{}", index + 1);
        match line(text, &source, specifiers) {
            Ok(line) => {
                if line.is_vague && line.age.is_some() {
                    notes.push(Note {
                        source,
                        what: "left out: a specifier is not known here; it only excludes".into(),
                    });
                } else if matches!(line.kind, 'r' | 'R') && !line.is_for_boot {
                    notes.push(Note {
                        source,
                        what: format!("{} would be removed; not done here", line.path),
                    });
                }
                lines.push(line);
            }
            Err(what) => notes.push(Note {
                source,
                what: format!("left out: {what}"),
            }),
        }
    }
    lines
}

fn line(text: &str, source: &str, specifiers: &Specifiers) -> Result<Line, String> {
    let words = words(text).ok_or("a quote does not end")?;
    let mut letters = words.first().map_or("", String::as_str).chars();
    let kind = letters.next().ok_or("no type")?;
    let marks: String = letters.collect();
    if !kind.is_ascii_alphabetic() || !marks.chars().all(|mark| "+!-=~^$?".contains(mark)) {
        return Err(format!("type {:?} is not known", words[0]));
    }
    let (path, is_vague) = specifiers.expand(words.get(1).ok_or("no path")?);
    let steps = || path.split('/');
    if !path.starts_with('/') || steps().any(|step| step == "..") {
        return Err(format!("{path:?} is not an absolute path"));
    }
    let path = format!(
        "/{}",
        steps()
            .filter(|s| !matches!(*s, "" | "."))
            .collect::<Vec<_>>()
            .join("/")
    );
    let age = words.get(5).map_or("-", String::as_str);
    let age = age::parse(age).ok_or_else(|| format!("age {age:?} is not known"))?;
    Ok(Line {
        kind,
        path,
        age: age.filter(|_| matches!(kind, 'd' | 'D' | 'e' | 'q' | 'Q' | 'v')),
        is_for_boot: marks.contains('!'),
        is_vague,
        source: source.to_owned(),
    })
}

/// Words between blanks; quotes hold blanks, a backslash holds the next letter.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut letters = text.chars().peekable();
    loop {
        while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
        if letters.peek().is_none() {
            return Some(words);
        }
        let (mut word, mut quote) = (String::new(), None);
        while let Some(letter) = letters.next_if(|l| quote.is_some() || !l.is_whitespace()) {
            match letter {
                _ if quote == Some(letter) => quote = None,
                '"' | '\'' if quote.is_none() => quote = Some(letter),
                '\\' if quote != Some('\'') => word.extend(letters.next()),
                letter => word.push(letter),
            }
        }
        if quote.is_some() {
            return None;
        }
        words.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (Option<Line>, Vec<Note>) {
        let dir = tempfile::tempdir().unwrap();
        let mut notes = Vec::new();
        let specifiers = Specifiers::read(&Roots::tree(dir.path()));
        let lines = parse(text, "f", &specifiers, &mut notes);
        (lines.into_iter().next(), notes)
    }

    #[test]
    fn lines_are_read_as_the_manual_says() {
        // Text, kind, path, age in seconds, boot only.
        let table = [
            (
                "d /tmp 1777 root root 10d",
                'd',
                "/tmp",
                Some(864_000.0),
                false,
            ),
            (
                "q /var/tmp/ 1777 root root 30d",
                'q',
                "/var/tmp",
                Some(2_592_000.0),
                false,
            ),
            (
                "D! /tmp/.X11-unix 1777 root root 10d",
                'D',
                "/tmp/.X11-unix",
                Some(864_000.0),
                true,
            ),
            ("d /run/x 0755 root root -", 'd', "/run/x", None, false),
            ("x /tmp/keep*", 'x', "/tmp/keep*", None, false),
            (
                "r! /tmp/.X[0-9]*-lock",
                'r',
                "/tmp/.X[0-9]*-lock",
                None,
                true,
            ),
            (
                "e %T/a - - - abcmABM:1w",
                'e',
                "/tmp/a",
                Some(604_800.0),
                false,
            ),
            (
                "d %V/%u-%U - - - 1h30m",
                'd',
                "/var/tmp/root-0",
                Some(5_400.0),
                false,
            ),
            (
                "v \"/var/a b\" - - - 2d",
                'v',
                "/var/a b",
                Some(172_800.0),
                false,
            ),
            ("f+ /etc/x - - - 1d text", 'f', "/etc/x", None, false),
        ];
        for (text, kind, path, seconds, boot) in table {
            let line = one(text).0.unwrap_or_else(|| panic!("{text}"));
            assert_eq!((line.kind, line.path.as_str()), (kind, path), "{text}");
            assert_eq!(line.age.map(|age| age.seconds), seconds, "{text}");
            assert_eq!(line.is_for_boot, boot, "{text}");
            assert!(!line.is_vague);
        }
        for text in [
            "d",
            "d relative - - - 1d",
            "d /a/../b - - - 1d",
            "d /a - - - soon",
            "9 /a",
            "d@ /a",
            "d \"/a",
        ] {
            let (line, notes) = one(text);
            assert_eq!((line, notes.len()), (None, 1), "{text}");
        }
        assert_eq!(one("# d /tmp - - - 1d\n\n"), (None, Vec::new()));
    }

    #[test]
    fn an_unknown_specifier_excludes_but_never_cleans() {
        let (line, notes) = one("d /tmp/x-%b - - - 1d");
        let line = line.unwrap();
        assert_eq!((line.path.as_str(), line.is_vague), ("/tmp/x-*", true));
        assert_eq!(notes.len(), 1);
    }
}
