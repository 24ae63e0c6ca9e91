//! Patterns of names and paths, over bytes: names on Linux need not be UTF-8.

/// A pattern of a relative path.
#[derive(Debug, Clone)]
pub(super) struct Glob {
    components: Vec<Vec<u8>>,
}

impl Glob {
    pub(super) fn new(pattern: &str) -> Glob {
        let mut components: Vec<Vec<u8>> = pattern
            .split('/')
            .filter(|component| !component.is_empty() && *component != ".")
            .map(|component| component.as_bytes().to_vec())
            .collect();
        // `a/**` is what lies in `a`, not `a` itself.
        if components.last().is_some_and(|last| last == b"**") {
            components.push(b"*".to_vec());
        }
        Glob { components }
    }

    pub(super) fn matches(&self, path: &[u8]) -> bool {
        let path: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
        let (mut p, mut s) = (0, 0);
        let mut retry: Option<(usize, usize)> = None;
        while s < path.len() {
            match self.components.get(p) {
                Some(component) if component == b"**" => {
                    retry = Some((p, s));
                    p += 1;
                }
                Some(component) if name_matches(component, path[s]) => {
                    p += 1;
                    s += 1;
                }
                _ => match retry {
                    Some((star, from)) => {
                        retry = Some((star, from + 1));
                        p = star + 1;
                        s = from + 1;
                    }
                    None => return false,
                },
            }
        }
        self.components[p..].iter().all(|left| left == b"**")
    }

    /// How deep below the root a match can lie; `None` without a bound.
    pub(super) fn depth(&self) -> Option<usize> {
        let bounded = self.components.iter().all(|component| component != b"**");
        bounded.then_some(self.components.len())
    }
}

/// Whether a name is what a pattern without `/` says.
pub(super) fn name_matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut s) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while s < name.len() {
        let step = match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p, s));
                p += 1;
                continue;
            }
            Some(_) => one(&pattern[p..], name[s]),
            None => None,
        };
        match (step, retry) {
            (Some(used), _) => {
                p += used;
                s += 1;
            }
            (None, Some((star, from))) => {
                retry = Some((star, from + 1));
                p = star + 1;
                s = from + 1;
            }
            (None, None) => return false,
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// How many bytes of the pattern this one byte of the name takes; `None`: it does not fit.
fn one(pattern: &[u8], byte: u8) -> Option<usize> {
    match pattern {
        [b'?', ..] => Some(1),
        [b'\\', escaped, ..] => (*escaped == byte).then_some(2),
        [b'[', rest @ ..] => match set(rest, byte) {
            Some((fits, used)) => fits.then_some(used + 1),
            // No closing bracket: it stands for itself.
            None => (byte == b'[').then_some(1),
        },
        [same, ..] => (*same == byte).then_some(1),
        [] => None,
    }
}

/// `a-z]`: whether the byte is in the set, and the length of the set with its bracket.
fn set(text: &[u8], byte: u8) -> Option<(bool, usize)> {
    let negated = matches!(text.first(), Some(b'!' | b'^'));
    let start = usize::from(negated);
    let (mut at, mut fits) = (start, false);
    loop {
        let low = *text.get(at)?;
        if low == b']' && at > start {
            return Some((fits != negated, at + 1));
        }
        match (text.get(at + 1), text.get(at + 2)) {
            (Some(b'-'), Some(high)) if *high != b']' => {
                fits |= (low..=*high).contains(&byte);
                at += 3;
            }
            _ => {
                fits |= low == byte;
                at += 1;
            }
        }
    }
}

/// A text in which nothing is a pattern.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '*' | '?' | '[' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_what_they_say() {
        let table = [
            ("*.gz", "a.gz", true),
            ("*.gz", "d/a.gz", false),
            ("**/*.gz", "a.gz", true),
            ("**/*.gz", "d/e/a.gz", true),
            ("a/**", "a", false),
            ("a/**", "a/b", true),
            ("a/**", "a/b/c", true),
            ("a/**/z", "a/z", true),
            ("a/**/z", "a/b/c/z", true),
            ("a/**/z", "a/b/c", false),
            ("*/**", "a", false),
            ("*/**", "a/b", true),
            ("*.[0-9]", "log.1", true),
            ("*.[0-9]", "log.x", false),
            ("*.[!0-9]", "log.x", true),
            ("[]]", "]", true),
            ("[a", "[a", true),
            ("a?c", "abc", true),
            ("a?c", "a/c", false),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("systemd-private-*", "systemd-private-1-x", true),
        ];
        for (pattern, path, wanted) in table {
            let found = Glob::new(pattern).matches(path.as_bytes());
            assert_eq!(found, wanted, "{pattern} on {path}");
        }
        assert!(Glob::new("*").matches(b"\xff\xfe"));
        assert!(Glob::new(&escape("a[1]*?")).matches(b"a[1]*?"));
        assert_eq!(Glob::new("a/*.deb").depth(), Some(2));
        assert_eq!(Glob::new("a/**").depth(), None);
    }

    #[test]
    fn many_stars_do_not_take_for_ever() {
        let pattern = "*a".repeat(40);
        let name = vec![b'a'; 5_000];
        assert!(name_matches(pattern.as_bytes(), &name));
        let pattern = format!("{pattern}b");
        assert!(!name_matches(pattern.as_bytes(), &name));
    }
}
