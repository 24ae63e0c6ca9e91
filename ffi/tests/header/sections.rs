//! The order of the header: a section for each source, with everything that belongs together,
//! and a table of contents before them. (cbindgen has all constants first, then all types.)

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::declarations::{Item, Kind, items};

/// A source of the library, and so a section of the header.
pub struct Source {
    pub name: &'static str,
    pub text: String,
}

impl Source {
    /// What it is about: the first paragraph of its documentation.
    fn title(&self) -> String {
        let text = self.text.lines().map_while(|line| line.strip_prefix("//!"));
        let text = text.map(str::trim).take_while(|line| !line.is_empty());
        text.collect::<Vec<&str>>().join(" ")
    }

    fn declares(&self, item: &Item) -> bool {
        let words: &[&str] = match item.kind {
            Kind::Constant => &["pub const ", ": "],
            Kind::Function => &["extern \"C\" fn ", "("],
            Kind::Opaque | Kind::Struct => &["pub struct ", " {"],
            Kind::Callback | Kind::Alias => &["pub type ", " ="],
            Kind::Macro | Kind::Inline => return false,
        };
        let wanted = format!("{}{}{}", words[0], item.name, words[1]);
        self.text.contains(&wanted)
    }
}

/// Everything that `declared` has, in the order of the sources.
pub fn arranged(declared: &str, sources: &[Source]) -> String {
    let mut rest = items(declared);
    let mut sections = String::new();
    for source in sources {
        let (own, others): (Vec<Item>, Vec<Item>) =
            rest.into_iter().partition(|item| source.declares(item));
        rest = others;
        if own.is_empty() {
            continue;
        }
        sections += &banner(source.name, &source.title());
        for item in own {
            write!(sections, "\n{}\n{}\n", item.comment, item.text).unwrap();
        }
    }
    assert!(rest.is_empty(), "in none of the sources: {rest:#?}");
    format!(
        "\n#ifdef __cplusplus\nextern \"C\" {{\n#endif // __cplusplus\n{}{sections}\n\
         #ifdef __cplusplus\n}}  // extern \"C\"\n#endif  // __cplusplus\n",
        forward(&sections)
    )
}

/// The beginning of a section.
pub fn banner(name: &str, title: &str) -> String {
    let line = "=".repeat(WIDTH - 6);
    let mut text = format!("\n/* {line}\n * [{name}]\n");
    for line in folded(title, WIDTH - 3) {
        writeln!(text, " * {line}").unwrap();
    }
    text + " * " + &line + " */\n"
}

/// The table of contents.
pub fn contents(sources: &[Source]) -> String {
    let mut text = String::from("\n/*\n * Contents. Search for a section as it stands here.\n *\n");
    let mut add = |name: &str, title: &str| {
        let name = format!("[{name}]");
        let mut first = name.as_str();
        for line in folded(title, WIDTH - 5 - 23) {
            writeln!(text, " *   {first:<23}{line}").unwrap();
            first = "";
        }
    };
    for source in sources.iter().filter(|source| has_items(source)) {
        add(source.name, &source.title());
    }
    add(INLINE.0, INLINE.1);
    text + " */\n"
}

/// Columns of the header.
const WIDTH: usize = 96;

fn folded(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().unwrap();
        if line.is_empty() {
            line.push_str(word);
        } else if line.len() + 1 + word.len() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_string());
        }
    }
    lines
}

/// The last section.
pub const INLINE: (&str, &str) = ("inline", "What is compiled into the caller.");

fn has_items(source: &Source) -> bool {
    // As [`Source::declares`] has them.
    ["\npub const USM_", "\npub struct usm_", "\npub type usm_"]
        .iter()
        .any(|begin| source.text.contains(begin))
        || source.text.contains("#[unsafe(no_mangle)]")
}

/// Declarations of the structs that a section uses before the one that describes them.
fn forward(sections: &str) -> String {
    let mut described = BTreeSet::new();
    let mut early = BTreeSet::new();
    for item in items(sections) {
        if matches!(item.kind, Kind::Opaque | Kind::Struct) {
            described.insert(item.name.clone());
        }
        let uses = item.text.split("struct usm_").skip(1);
        for rest in uses {
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            let name = format!("usm_{}", &rest[..end]);
            if !described.contains(&name) {
                early.insert(name);
            }
        }
    }
    let mut text = String::from("\n/* Described in the sections below. */\n");
    for name in early {
        writeln!(text, "struct {name};").unwrap();
    }
    text
}
