//! The prototype's spelling of `usm config`, as flags, in that of sub-commands.

use std::ffi::{OsStr, OsString};

/// Options before the command that take a value of their own.
const WITH_VALUE: [&str; 7] = [
    "--config",
    "--set",
    "--proc-root",
    "--sys-root",
    "--host-root",
    "--data-dir",
    "--color",
];

/// The arguments with what stands behind `config` put plainly: `--set KEY VALUE` and
/// `--set KEY=VALUE` are `set …`, `--reset` is `reset`, `--show` is nothing. Before the command
/// `--set NAME=VALUE` is for one run, and stays as it is; so do the arguments of all other
/// commands.
pub(crate) fn plain(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let Some(command) = command_at(&arguments) else {
        return arguments;
    };
    if arguments[command] != "config" {
        return arguments;
    }
    let behind = arguments.split_off(command + 1);
    let mut has_verb = behind.iter().any(|word| word == "set" || word == "reset");
    let mut verb = |name: &str| {
        let first = !std::mem::replace(&mut has_verb, true);
        first.then(|| OsString::from(name))
    };
    for word in behind {
        let of_set = word.to_str().and_then(|text| text.strip_prefix("--set="));
        match (word.to_str(), of_set) {
            (Some("--show"), _) => {}
            (Some("--set"), _) => arguments.extend(verb("set")),
            (Some("--reset"), _) => arguments.extend(verb("reset")),
            (_, Some(pair)) => {
                let pair = OsString::from(pair);
                arguments.extend(verb("set"));
                arguments.push(pair);
            }
            _ => arguments.push(word),
        }
    }
    arguments
}

/// Where the command stands: the first word that is neither an option nor an option's value.
fn command_at(arguments: &[OsString]) -> Option<usize> {
    let mut at = 1;
    while let Some(word) = arguments.get(at) {
        if !word.as_encoded_bytes().starts_with(b"-") {
            return Some(at);
        }
        let takes_value = WITH_VALUE.iter().any(|name| word == OsStr::new(name));
        at += if takes_value { 2 } else { 1 };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_behind_config_are_sub_commands_and_nothing_else_is_touched() {
        for (given, wanted) in [
            ("config", "config"),
            ("config --show", "config"),
            ("config --show --json", "config --json"),
            ("config --set a 1", "config set a 1"),
            ("config --set a=1", "config set a=1"),
            ("config --set=a=1", "config set a=1"),
            ("config --set a 1 --set b 2", "config set a 1 b 2"),
            ("config --json --set a -1", "config --json set a -1"),
            ("config --reset", "config reset"),
            ("config reset a", "config reset a"),
            ("config set a 1 --set b 2", "config set a 1 b 2"),
            ("--set a=1 config --show", "--set a=1 config"),
            ("--set config config --reset", "--set config config reset"),
            ("--no-color config --reset", "--no-color config reset"),
            (
                "--data-dir config status --set a=1",
                "--data-dir config status --set a=1",
            ),
            ("status --set a=1", "status --set a=1"),
            ("--set", "--set"),
            ("", ""),
        ] {
            let line = format!("usm {given}");
            let words = line.split_whitespace().map(OsString::from);
            let told: Vec<String> = plain(words)
                .into_iter()
                .map(|word| word.into_string().unwrap())
                .collect();
            assert_eq!(
                told.join(" "),
                format!("usm {wanted}").trim_end(),
                "{given}"
            );
        }
    }
}
