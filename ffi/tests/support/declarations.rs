//! What a C header of ours declares, item by item, as the tests need it: it reads the form in
//! which `header` writes usm.h, not C as such.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what goes wrong here is a failed test"
)]

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A macro that stands for a number or a text.
    Constant,
    /// A macro with arguments, or one that stands for a list in braces.
    Macro,
    /// A struct that C knows by pointer only.
    Opaque,
    Struct,
    /// A type of functions that the library calls.
    Callback,
    /// Another name for a type.
    Alias,
    /// A function that the library exports.
    Function,
    /// A function that is compiled into the caller.
    Inline,
}

/// One thing that the header declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub kind: Kind,
    pub name: String,
    /// The comment before it, as it stands there; empty when there is none.
    pub comment: String,
    /// The declaration, as it stands there.
    pub text: String,
}

/// A field of a struct, or a parameter of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    /// The type in one form of spacing, e.g. `const char *` or `char [64]`.
    pub of_type: String,
    /// The words of the comment before it.
    pub doc: String,
}

impl Item {
    /// The words of the comment.
    pub fn doc(&self) -> String {
        words_of(&self.comment)
    }

    /// What a constant stands for.
    pub fn value(&self) -> &str {
        let rest = self.text.trim_start_matches("#define ");
        rest[self.name.len()..].trim()
    }

    /// What a function or a callback returns.
    pub fn returns(&self) -> String {
        let text = self.text.strip_prefix("typedef ").unwrap_or(&self.text);
        let (before, _) = text.split_once('(').unwrap();
        match self.kind {
            Kind::Callback => spaced(before),
            _ => spaced(before.trim_end().strip_suffix(self.name.as_str()).unwrap()),
        }
    }

    /// The parameters of a function or a callback.
    pub fn parameters(&self) -> Vec<Variable> {
        let list = match self.kind {
            Kind::Callback => self.text.rsplit_once('(').unwrap().1,
            _ => self.text.split_once('(').unwrap().1,
        };
        let list = list.split_once(')').unwrap().0;
        if list.trim() == "void" {
            return Vec::new();
        }
        list.split(',').map(|text| variable(text, "")).collect()
    }

    /// The fields of a struct.
    pub fn fields(&self) -> Vec<Variable> {
        let body = self.text.split_once("{\n").unwrap().1;
        let body = body.rsplit_once("\n}").unwrap().0;
        let mut fields = Vec::new();
        let mut doc = String::new();
        for piece in pieces(body) {
            match piece.trim_start().starts_with("/*") {
                true => doc = words_of(&piece),
                false => fields.push(variable(
                    piece.trim().trim_end_matches(';'),
                    &std::mem::take(&mut doc),
                )),
            }
        }
        fields
    }

    /// Whether the struct may grow at its end.
    pub fn begins_with_its_size(&self) -> bool {
        let first = self.fields().into_iter().next();
        first.is_some_and(|field| field.name == "struct_size" && field.of_type == "uint32_t")
    }
}

/// What is declared, in its order; what is not ours (Arrow's structs) is left out.
pub fn items(header: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut comment = String::new();
    for piece in pieces(header) {
        if piece.starts_with("/**") {
            comment = piece;
            continue;
        }
        if let Some((kind, name)) = kind_and_name(&piece) {
            items.push(Item {
                kind,
                name,
                comment: std::mem::take(&mut comment),
                text: piece,
            });
        }
        comment.clear();
    }
    items
}

/// Cuts a text into comments, lines of the preprocessor and declarations.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let begun = line.trim();
        if begun.is_empty() {
            continue;
        }
        let mut piece = line.to_string();
        let ends = |piece: &str, last: &str| {
            if begun.starts_with("/*") {
                last.contains("*/")
            } else if begun.starts_with('#') {
                !last.ends_with('\\')
            } else if piece.contains("{\n") || piece.ends_with('{') {
                last.starts_with('}') || begun.starts_with("extern")
            } else {
                last.ends_with(';') || begun.starts_with('}')
            }
        };
        let mut last = line.to_string();
        while !ends(&piece, &last) {
            last = lines
                .next()
                .unwrap_or_else(|| panic!("no end of {piece}"))
                .to_string();
            piece = piece + "\n" + &last;
        }
        pieces.push(piece);
    }
    pieces
}

fn kind_and_name(piece: &str) -> Option<(Kind, String)> {
    if piece.starts_with("/*") {
        return None;
    }
    let (kind, name) = if let Some(rest) = piece.strip_prefix("#define ") {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        let list = rest[end..].starts_with('(') || rest[end..].contains('{');
        let kind = if list { Kind::Macro } else { Kind::Constant };
        (kind, &rest[..end])
    } else if piece.starts_with("typedef struct ") && piece.contains('{') {
        (Kind::Struct, last_word(piece))
    } else if piece.starts_with("typedef struct ") {
        (Kind::Opaque, last_word(piece))
    } else if let Some((_, rest)) = piece
        .split_once("(*")
        .filter(|_| piece.starts_with("typedef"))
    {
        (Kind::Callback, rest.split_once(')')?.0)
    } else if piece.starts_with("typedef ") {
        (Kind::Alias, last_word(piece))
    } else {
        let inline = piece.starts_with("static inline ");
        let kind = if inline { Kind::Inline } else { Kind::Function };
        (kind, last_word(piece.split_once('(')?.0))
    };
    let ours = name.starts_with("usm_") || name.starts_with("USM_");
    ours.then(|| (kind, name.to_string()))
}

fn last_word(text: &str) -> &str {
    let text = text.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    text.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .next()
        .unwrap_or_default()
}

fn variable(text: &str, doc: &str) -> Variable {
    let (text, length) = match text.split_once('[') {
        Some((text, length)) => (text, format!(" [{length}")),
        None => (text, String::new()),
    };
    let name = last_word(text);
    Variable {
        name: name.to_string(),
        of_type: spaced(text.trim_end().strip_suffix(name).unwrap()) + &length,
        doc: doc.to_string(),
    }
}

/// A type with one blank between its words, and its stars together.
fn spaced(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace("* *", "**")
}

fn words_of(comment: &str) -> String {
    let text = comment.trim().trim_start_matches("/**");
    text.trim_end_matches("*/")
        .lines()
        .map(|line| line.trim().trim_start_matches("* ").trim_end_matches('*'))
        .collect::<Vec<&str>>()
        .join("\n")
        .trim()
        .to_string()
}
