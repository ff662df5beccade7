//! Matches keys against the patterns of `KEYS`.

/// A pattern in Redis' style.
///
/// `*` is any run of bytes, `?` any byte, `[abc]` one of these, `[a-z]` one in a range, `[^a]` any
/// other; a backslash takes the next byte as it is. A class that is not closed ends with the
/// pattern. Case counts.
///
/// ```
/// # use kv_store::shard::Glob;
/// assert!(Glob::new(b"user:[0-9]*").matches(b"user:42"));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Glob<'a> {
    pattern: &'a [u8],
}

impl<'a> Glob<'a> {
    /// Longest pattern the `KEYS` command takes.
    ///
    /// Matching takes at most the product of both lengths in steps, and a key can be long.
    pub const MAX_LEN: usize = 1024;

    /// Makes a pattern; every string of bytes is one.
    #[must_use]
    pub fn new(pattern: &'a [u8]) -> Self {
        Self { pattern }
    }

    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(self, text: &[u8]) -> bool {
        let mut pattern = self.pattern;
        let mut rest = text;
        // Where to go on if this fails: behind the last star, which then takes one byte more. No
        // earlier star needs to, since this one can take whatever that one would.
        let mut retry: Option<(&[u8], &[u8])> = None;
        loop {
            if let [b'*', behind @ ..] = pattern {
                if behind.is_empty() {
                    return true;
                }
                pattern = behind;
                retry = Some((behind, rest));
                continue;
            }
            if pattern.is_empty() && rest.is_empty() {
                return true;
            }
            if let [byte, tail @ ..] = rest
                && let Some(next) = step(pattern, *byte)
            {
                pattern = next;
                rest = tail;
                continue;
            }
            let Some((behind, [_, tail @ ..])) = retry else {
                return false;
            };
            pattern = behind;
            rest = tail;
            retry = Some((behind, tail));
        }
    }
}

/// What is left of a pattern, not beginning with a star, if `byte` matches its first element.
fn step(pattern: &[u8], byte: u8) -> Option<&[u8]> {
    match pattern {
        [] => None,
        [b'?', rest @ ..] => Some(rest),
        [b'[', class @ ..] => {
            let (matches, rest) = in_class(class, byte);
            matches.then_some(rest)
        }
        [b'\\', literal, rest @ ..] | [literal, rest @ ..] => (*literal == byte).then_some(rest),
    }
}

/// Whether `byte` is in the class behind an opening bracket, and what follows the closing one.
fn in_class(class: &[u8], byte: u8) -> (bool, &[u8]) {
    let (negated, mut class) = match class {
        [b'^', rest @ ..] => (true, rest),
        _ => (false, class),
    };
    let mut found = false;
    loop {
        class = match class {
            [] => return (found != negated, class),
            [b']', rest @ ..] => return (found != negated, rest),
            [b'\\', literal, rest @ ..] => {
                found |= *literal == byte;
                rest
            }
            [from, b'-', to, rest @ ..] => {
                found |= (*from.min(to)..=*from.max(to)).contains(&byte);
                rest
            }
            [literal, rest @ ..] => {
                found |= *literal == byte;
                rest
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Glob::new(pattern.as_bytes()).matches(text.as_bytes())
    }

    #[test]
    fn patterns_match_as_in_redis() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("*", "any"),
            ("**", ""),
            ("h?llo", "hello"),
            ("h*llo", "hllo"),
            ("h*llo", "heeeello"),
            ("h[ae]llo", "hallo"),
            ("h[^e]llo", "hbllo"),
            ("h[a-b]llo", "hbllo"),
            ("h[b-a]llo", "hallo"),
            ("\\*", "*"),
            ("\\\\", "\\"),
            ("[\\]]", "]"),
            ("[a-]", "^"),
            ("a\\", "a\\"),
            ("[abc", "b"),
            ("[^]x", "ax"),
            ("*a*b*c", "xxaxxbxxbxc"),
            ("*ab", "aab"),
            ("[a-c-e]", "-"),
        ] {
            assert!(matches(pattern, text), "{pattern:?} should match {text:?}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("?", ""),
            ("h?llo", "hllo"),
            ("h[ae]llo", "hillo"),
            ("h[^e]llo", "hello"),
            ("\\*", "x"),
            ("HELLO", "hello"),
            ("*a", "ab"),
            ("a*", "ba"),
            ("[]a", "a"),
            ("[", "["),
            ("*ab*ab", "abxb"),
        ] {
            assert!(!matches(pattern, text), "{pattern:?} should not match {text:?}");
        }
    }

    #[test]
    fn hostile_patterns_do_not_explode() {
        let pattern = format!("{}b", "a*".repeat(500));
        assert!(!matches(&pattern, &"a".repeat(20_000)));
        let pattern = format!("{}b", "*[a-z]".repeat(150));
        assert!(!matches(&pattern, &"a".repeat(20_000)));
    }
}
