//! What makes a word of a command line a secret, or the key of one.

/// Parts of a key (small letters, without `-`, `_` and `.`) that make its value a secret.
const SECRET_PARTS: &[&[u8]] = &[
    b"pass",
    b"secret",
    b"token",
    b"apikey",
    b"accesskey",
    b"privatekey",
    b"authkey",
    b"credential",
    b"bearer",
    b"cookie",
];

/// Whole words of a key that do so.
const SECRET_WORDS: &[&[u8]] = &[b"pwd", b"pw", b"psk", b"auth", b"authorization"];

/// Last words of a key that names where a secret is, not the secret.
const PLACES: &[&[u8]] = &[b"file", b"path", b"stdin", b"dir"];

/// First words of a key that counts the pieces of a text (`--max-tokens`).
const COUNTS: &[&[u8]] = &[b"max", b"min", b"num", b"n"];

/// Beginnings of tokens that are known by their look, and the least length of such a token.
const TOKEN_LOOKS: &[(&[u8], usize)] = &[
    (b"AKIA", 16),
    (b"ASIA", 16),
    (b"eyJ", 20),
    (b"ghp_", 20),
    (b"gho_", 20),
    (b"ghs_", 20),
    (b"github_pat_", 20),
    (b"glpat-", 20),
    (b"xoxb-", 20),
    (b"xoxp-", 20),
    (b"sk-", 20),
    (b"sk_live_", 20),
];

/// Whether the value of this key is a secret.
pub(super) fn is_secret_key(key: &[u8]) -> bool {
    let mut words = key
        .split(|b| matches!(b, b'-' | b'_' | b'.'))
        .filter(|w| !w.is_empty());
    let last = words.clone().next_back().unwrap_or_default();
    if PLACES.iter().any(|place| last.eq_ignore_ascii_case(place)) {
        return false;
    }
    let first = words.clone().next().unwrap_or_default();
    let counts = COUNTS.iter().any(|count| first.eq_ignore_ascii_case(count));
    let mut letters = words
        .clone()
        .filter(|word| !counts_text(word, counts))
        .flatten()
        .map(u8::to_ascii_lowercase);
    loop {
        let begins = |part: &&[u8]| letters.clone().take(part.len()).eq(part.iter().copied());
        if SECRET_PARTS.iter().any(begins) {
            return true;
        }
        if letters.next().is_none() {
            return words.any(|word| SECRET_WORDS.iter().any(|w| word.eq_ignore_ascii_case(w)));
        }
    }
}

/// Whether this word is a secret by its look.
pub(super) fn looks_like_a_token(word: &[u8]) -> bool {
    TOKEN_LOOKS
        .iter()
        .any(|(start, least)| word.len() >= *least && word.starts_with(start))
}

/// `tokenizer`, and `tokens` behind a word that counts them.
fn counts_text(word: &[u8], counts: bool) -> bool {
    starts_with(word, b"tokeniz") || (counts && starts_with(word, b"tokens"))
}

fn starts_with(word: &[u8], small: &[u8]) -> bool {
    word.len() >= small.len() && word[..small.len()].eq_ignore_ascii_case(small)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_secrets_are_known_in_any_spelling() {
        for key in [
            "--password",
            "DB_PASSWD",
            "X-Api-Key",
            "apiKey",
            "aws.secretAccessKey",
            "GITHUB_TOKEN",
            "pwd",
            "--auth-token",
            "client_credentials",
            "max_secret_tokens",
        ] {
            assert!(is_secret_key(key.as_bytes()), "{key}");
        }
        for key in [
            "--max-tokens",
            "tokenizer",
            "--password-file",
            "author",
            "key",
            "path",
            "",
            "---",
        ] {
            assert!(!is_secret_key(key.as_bytes()), "{key}");
        }
    }

    #[test]
    fn a_token_needs_its_length() {
        assert!(looks_like_a_token(b"AKIAIOSFODNN7EXAMPLE"));
        assert!(!looks_like_a_token(b"AKIA"));
        assert!(!looks_like_a_token(b"eyJ.png"));
    }
}
