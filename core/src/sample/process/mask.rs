//! Hides secrets in a command line before it is stored or shown. Where it is in doubt it
//! hides too much: a lost argument harms less than a kept password.

use super::secret::{is_secret_key, looks_like_a_token};

/// What stands in a secret's place.
const MASK: &[u8] = b"***";

/// A user in an address that is this long is a token.
const LONG_USER: usize = 16;

/// Programs whose short option takes a secret: the beginning of the name, the option.
const SHORT_OPTIONS: &[(&[u8], &[u8])] = &[
    (b"mysql", b"-p"),
    (b"mariadb", b"-p"),
    (b"mytop", b"-p"),
    (b"sshpass", b"-p"),
    (b"mongo", b"-p"),
    (b"login", b"-p"),
    (b"7z", b"-p"),
    (b"rar", b"-p"),
    (b"rar", b"-hp"),
    (b"zip", b"-P"),
    (b"unzip", b"-P"),
    (b"sqlcmd", b"-P"),
    (b"redis-cli", b"-a"),
    (b"ldap", b"-w"),
    (b"curl", b"-u"),
    (b"curl", b"-U"),
    (b"curl", b"--user"),
    (b"curl", b"--proxy-user"),
    (b"http", b"-a"),
    (b"smbclient", b"-U"),
];

/// Writes the arguments (NUL between them) to `out`, joined by blanks, with `***` for each
/// secret.
pub(super) fn mask_into(arguments: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut masker = Masker {
        out,
        programs: 0,
        wants_value: false,
    };
    for (at, argument) in arguments.split(|b| *b == 0).enumerate() {
        if at > 0 {
            masker.out.push(b' ');
        }
        masker.argument(argument);
    }
}

struct Masker<'o> {
    out: &'o mut Vec<u8>,
    /// Rows of `SHORT_OPTIONS` whose program has been named so far, one bit each.
    programs: u32,
    /// The word before asked for a secret as the next one.
    wants_value: bool,
}

impl Masker<'_> {
    fn argument(&mut self, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        if self.wants_value {
            // The whole argument is the value, blanks and all. It may yet be an option.
            self.wants_value = text.first() == Some(&b'-') && self.option(text) != Asks::Nothing;
            self.out.extend_from_slice(MASK);
            return;
        }
        let mut at = 0;
        while at < text.len() {
            at = self.piece(text, at);
        }
    }

    /// Writes the piece of `text` that begins at `at`; returns where the next one begins.
    fn piece(&mut self, text: &[u8], at: usize) -> usize {
        if self.wants_value && !is_blank(text[at]) {
            let end = value_end(text, at, Until::Word);
            self.wants_value = text[at] == b'-' && self.option(&text[at..end]) != Asks::Nothing;
            self.out.extend_from_slice(MASK);
            return end;
        }
        if text[at..].starts_with(b"://") {
            return self.url(text, at);
        }
        if !is_key(text[at]) {
            self.out.push(text[at]);
            return at + 1;
        }
        let end = span(text, at, is_key);
        let word = &text[at..end];
        if looks_like_a_token(word) {
            self.out.extend_from_slice(MASK);
            return end;
        }
        self.note_program(word);
        let asks = match word[0] {
            b'-' => self.option(&text[at..span(text, at, |b| !is_blank(b))]),
            _ => Asks::Nothing,
        };
        if let Asks::Joined(length) = asks {
            self.out.extend_from_slice(&text[at..at + length]);
            self.out.extend_from_slice(MASK);
            return value_end(text, at + length, Until::Word);
        }
        if let Some(value) = value_start(text, end)
            && is_secret_key(word)
        {
            return self.key_and_value(text, at, value);
        }
        self.wants_value = asks == Asks::Next || (is_scheme(word) && at_word_end(text, end));
        self.out.extend_from_slice(word);
        end
    }

    /// `KEY=VALUE`, `Key: value` and `"key": "value"`.
    fn key_and_value(&mut self, text: &[u8], at: usize, value: usize) -> usize {
        self.out.extend_from_slice(&text[at..value]);
        if value == text.len() {
            self.wants_value = true;
            return value;
        }
        let in_query = at > 0 && matches!(text[at - 1], b'?' | b'&');
        let until = if in_query {
            Until::Query
        } else if at == 0 || text[value - 1] != b'=' {
            // The argument is the pair, or a header: the value may hold blanks.
            Until::Argument
        } else {
            Until::Word
        };
        self.out.extend_from_slice(MASK);
        value_end(text, value, until)
    }

    /// From `://` on: what stands between it and the last `@` is hidden from its first `:`
    /// on; without a `:`, all of it where it is long or the scheme is that of the web.
    fn url(&mut self, text: &[u8], at: usize) -> usize {
        let start = at + 3;
        self.out.extend_from_slice(&text[at..start]);
        let end = span(text, start, |b| !is_blank(b) && b != b'"' && b != b'\'');
        let rest = &text[start..end];
        let Some(last_at) = rest.iter().rposition(|b| *b == b'@') else {
            return start;
        };
        let host_end = span(rest, 0, |b| !matches!(b, b'/' | b'?' | b'#'));
        let first_at = rest.iter().position(|b| *b == b'@').unwrap_or(last_at);
        let colon = rest[..last_at].iter().position(|b| *b == b':');
        // `host:8080/mail@example`: a port and a path, no password.
        let is_port = |colon: usize| {
            colon > 0 && first_at > host_end && is_number(&rest[colon + 1..host_end])
        };
        let hidden_from = match colon {
            Some(colon) if colon < host_end && is_port(colon) => return start,
            Some(colon) if colon < host_end => colon + 1,
            _ if first_at < host_end && (first_at >= LONG_USER || is_web(&text[..at])) => 0,
            _ => return start,
        };
        self.out.extend_from_slice(&rest[..hidden_from]);
        self.out.extend_from_slice(MASK);
        start + last_at
    }

    fn note_program(&mut self, word: &[u8]) {
        for (bit, (program, _)) in SHORT_OPTIONS.iter().enumerate() {
            if word.starts_with(program) {
                self.programs |= 1 << bit;
            }
        }
    }

    /// What a word that begins with `-` asks for.
    fn option(&self, word: &[u8]) -> Asks {
        for (bit, (_, option)) in SHORT_OPTIONS.iter().enumerate() {
            if self.programs & (1 << bit) == 0 {
                continue;
            }
            match word.strip_prefix(*option) {
                Some(b"") => return Asks::Next,
                Some([b'=', ..]) => return Asks::Joined(option.len() + 1),
                Some(_) if option.len() <= 3 => return Asks::Joined(option.len()),
                _ => {}
            }
        }
        if word.len() > 2 && word.iter().all(|b| is_key(*b)) && is_secret_key(word) {
            return Asks::Next;
        }
        Asks::Nothing
    }
}

/// What an option asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asks {
    Nothing,
    /// The next word is a secret.
    Next,
    /// The secret is joined to the option, of this length.
    Joined(usize),
}

/// How far a value without quotes goes.
#[derive(Clone, Copy)]
enum Until {
    Word,
    Query,
    Argument,
}

/// Whether an address begins with http or https.
fn is_web(before: &[u8]) -> bool {
    before.ends_with(b"http") || before.ends_with(b"https")
}

/// Where the value begins when an `=` or `:` follows the key (and its quote); not for `://`.
fn value_start(text: &[u8], key_end: usize) -> Option<usize> {
    let mut at = key_end;
    if matches!(text.get(at), Some(b'"' | b'\'')) {
        at += 1;
    }
    at = span(text, at, is_blank);
    match text.get(at)? {
        b'=' => {}
        b':' if !text[at..].starts_with(b"://") => {}
        _ => return None,
    }
    Some(span(text, at + 1, is_blank))
}

/// Where a value that begins at `at` ends. A value in quotes ends with them.
fn value_end(text: &[u8], at: usize, until: Until) -> usize {
    if let Some(quote @ (b'"' | b'\'')) = text.get(at).copied() {
        return match text[at + 1..].iter().position(|b| *b == quote) {
            // `'a'b` is one word of a shell: go on behind the quote.
            Some(length) => value_end(text, at + length + 2, until),
            None => text.len(),
        };
    }
    match until {
        Until::Argument => text.len(),
        Until::Word => span(text, at, |b| !is_blank(b)),
        Until::Query => span(text, at, |b| !is_blank(b) && b != b'&'),
    }
}

/// `Bearer X`, `Basic X`.
fn is_scheme(word: &[u8]) -> bool {
    word == b"Bearer" || word == b"bearer" || word == b"Basic"
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

fn is_number(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

fn at_word_end(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|b| is_blank(*b))
}

/// The end of the run from `at` on whose bytes all fulfil `holds`.
fn span(text: &[u8], at: usize, holds: impl Fn(u8) -> bool) -> usize {
    text[at..]
        .iter()
        .position(|b| !holds(*b))
        .map_or(text.len(), |length| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mask(arguments: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        mask_into(arguments, &mut out);
        out
    }

    fn masked(arguments: &[&str]) -> String {
        String::from_utf8(mask(arguments.join("\0").as_bytes())).unwrap()
    }

    #[test]
    fn options_that_take_a_secret_lose_it() {
        assert_eq!(
            masked(&["app", "--password=hunter2", "-v"]),
            "app --password=*** -v"
        );
        assert_eq!(
            masked(&["app", "--password", "hunter2", "-v"]),
            "app --password *** -v"
        );
        assert_eq!(
            masked(&["app", "--password", "two words"]),
            "app --password ***"
        );
        assert_eq!(masked(&["app", "--api-key=abc"]), "app --api-key=***");
        assert_eq!(
            masked(&["app", "--auth-token", "abc"]),
            "app --auth-token ***"
        );
        assert_eq!(
            masked(&["keytool", "-storepass", "changeit"]),
            "keytool -storepass ***"
        );
        assert_eq!(
            masked(&["java", "-Ddb.password=x y"]),
            "java -Ddb.password=***"
        );
        assert_eq!(
            masked(&["vpn", "--password", "--token", "abc"]),
            "vpn --password *** ***"
        );
    }

    #[test]
    fn short_options_are_secret_only_for_the_programs_that_use_them_so() {
        assert_eq!(
            masked(&["/usr/bin/mysqldump", "-u", "root", "-pabc", "db"]),
            "/usr/bin/mysqldump -u root -p*** db"
        );
        assert_eq!(
            masked(&["sshpass", "-p", "abc", "ssh", "host"]),
            "sshpass -p *** ssh host"
        );
        assert_eq!(masked(&["mkdir", "-p", "/srv/data"]), "mkdir -p /srv/data");
        assert_eq!(masked(&["ssh", "-p2222", "host"]), "ssh -p2222 host");
        assert_eq!(
            masked(&["curl", "-u", "user:abc", "https://host/"]),
            "curl -u *** https://host/"
        );
        assert_eq!(
            masked(&["curl", "-uuser:abc", "https://host/"]),
            "curl -u*** https://host/"
        );
        assert_eq!(
            masked(&["sh", "-c", "sudo mysql -pabc db"]),
            "sh -c sudo mysql -p*** db"
        );
    }

    #[test]
    fn pairs_and_headers_lose_their_value() {
        assert_eq!(
            masked(&["env", "DB_PASS=a b", "app"]),
            "env DB_PASS=*** app"
        );
        assert_eq!(
            masked(&["sh", "-c", "run A=1 API_KEY=abc go"]),
            "sh -c run A=1 API_KEY=*** go"
        );
        assert_eq!(
            masked(&["sh", "-c", "run PW='a b' go"]),
            "sh -c run PW=*** go"
        );
        assert_eq!(
            masked(&["curl", "-H", "Authorization: Bearer abc"]),
            "curl -H Authorization: ***"
        );
        assert_eq!(
            masked(&["x", "{\"user\": \"u\", \"password\": \"abc\"}"]),
            "x {\"user\": \"u\", \"password\": ***"
        );
        assert_eq!(
            masked(&["psql", "host=h password = abc"]),
            "psql host=h password = ***"
        );
        assert_eq!(masked(&["x", "--password=", "abc"]), "x --password= ***");
        assert_eq!(masked(&["x", "Bearer", "abc"]), "x Bearer ***");
    }

    #[test]
    fn credentials_in_addresses_are_hidden_and_the_host_stays() {
        assert_eq!(
            masked(&["app", "postgres://bob:abc@db.local:5432/shop"]),
            "app postgres://bob:***@db.local:5432/shop"
        );
        assert_eq!(
            masked(&["app", "amqp://bob:a/b@c@host/v"]),
            "app amqp://bob:***@host/v"
        );
        assert_eq!(
            masked(&["git", "https://abcdef@host/x.git"]),
            "git https://***@host/x.git"
        );
        assert_eq!(
            masked(&["git", "ssh://git@host/x.git"]),
            "git ssh://git@host/x.git"
        );
        assert_eq!(
            masked(&["app", "http://host:8080/to/me@mail"]),
            "app http://host:8080/to/me@mail"
        );
        assert_eq!(
            masked(&["app", "https://host/?a=1&token=abc&b=2"]),
            "app https://host/?a=1&token=***&b=2"
        );
    }

    #[test]
    fn tokens_are_known_by_their_look() {
        assert_eq!(masked(&["app", "AKIAIOSFODNN7EXAMPLE"]), "app ***");
        assert_eq!(
            masked(&["app", "--jwt", "eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSM"]),
            "app --jwt ***"
        );
        assert_eq!(masked(&["app", "x=ghp_0123456789abcdefghij"]), "app x=***");
    }

    #[test]
    fn ordinary_command_lines_are_left_as_they_are() {
        for line in [
            &["nginx: worker process"][..],
            &["/usr/lib/systemd/systemd", "--switched-root", "--system"],
            &["python3", "-m", "http.server", "8000", "--bind=0.0.0.0:80"],
            &["app", "--password-file=/run/secrets/db", "--author", "Bob"],
            &[
                "llm",
                "--max-tokens",
                "100",
                "--tokenizer",
                "bpe",
                "--max_new_tokens=5",
            ],
            &["postgres: writer process   "],
            &["a", "", "b"],
        ] {
            assert_eq!(masked(line), line.join(" "));
        }
    }

    const SECRET: &str = "[A-Z][A-Z0-9!#%^*+/_.~@:;,?{}-]{7,30}[0-9]";

    /// Each place where a secret may be planted, between harmless arguments.
    fn planted() -> impl Strategy<Value = (String, Vec<String>)> {
        let places: &[&[&str]] = &[
            &["--password=$"],
            &["--password", "$"],
            &["--password", "a b $"],
            &["-token", "$"],
            &["--client-secret", "$"],
            &["--api_key=$"],
            &["--access-key", "$"],
            &["--auth=$"],
            &["--password-stdin", "--password", "$"],
            &["mysql", "-p$"],
            &["mysql", "-h", "host", "-p$"],
            &["curl", "-u", "user:$"],
            &["curl", "--user", "user:$"],
            &["DB_PASSWORD=$"],
            &["MY_API_KEY=one two $"],
            &["sh", "-c", "export GITHUB_TOKEN=$ && go"],
            &["sh", "-c", "x --secret $ && go"],
            &["sh", "-c", "x --secret '$' && go"],
            &["sh", "-c", "curl -H 'Authorization: Basic $' host"],
            &["-H", "Authorization: Bearer $"],
            &["-H", "X-Api-Key:$"],
            &["{\"credentials\":\"$\"}"],
            &["Bearer", "$"],
            &["-Dspring.datasource.password=$"],
            &["Server=h;Password=$"],
        ];
        (
            SECRET,
            proptest::sample::select(places),
            "[a-z]{0,8}",
            "[a-z]{0,8}",
        )
            .prop_map(|(secret, place, before, after)| {
                let mut arguments = vec!["run".to_string(), before];
                arguments.extend(place.iter().map(|a| a.replace('$', &secret)));
                arguments.push(after);
                (secret, arguments)
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn a_planted_secret_never_survives((secret, arguments) in planted()) {
            let text = String::from_utf8(mask(arguments.join("\0").as_bytes())).unwrap();
            prop_assert!(!text.contains(&secret[..6]), "{text}");
            prop_assert!(!text.contains(&secret[secret.len() - 6..]), "{text}");
        }

        #[test]
        fn a_password_in_an_address_never_survives(
            user in "[a-z]{0,8}", secret in "[A-Z][A-Z0-9!#%^*+_.~@:;,{}-]{7,30}[0-9]", scheme in "https?|postgres|amqps|redis"
        ) {
            let text = String::from_utf8(mask(
                format!("app\0{scheme}://{user}:{secret}@host.local:5432/path\0x").as_bytes(),
            )).unwrap();
            prop_assert!(!text.contains(&secret[..6]), "{text}");
            prop_assert!(!text.contains(&secret[secret.len() - 6..]), "{text}");
            prop_assert!(text.contains("@host.local:5432/path x"), "{text}");
        }

        #[test]
        fn any_bytes_are_masked_without_panic(bytes: Vec<u8>, words in "[-a-z=:/@'\" \0]{0,60}") {
            let _ = (mask(&bytes), mask(words.as_bytes()));
        }
    }
}
