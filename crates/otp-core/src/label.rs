use std::borrow::Borrow;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

/// A short text for people that is cheap to clone: a name, or the label of a process.
#[derive(Clone)]
pub struct Label(Text);

#[derive(Clone)]
enum Text {
    Static(&'static str),
    /// Stored without heap memory, and compared without reading other memory: most names are short.
    Short(Short),
    Shared(Arc<str>),
}

impl Label {
    /// Makes a label from a literal, without heap memory.
    pub const fn from_static(text: &'static str) -> Label {
        Label(Text::Static(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Static(text) => text,
            Text::Short(text) => std::str::from_utf8(text.as_bytes()).expect("it was made of a text"),
            Text::Shared(text) => text,
        }
    }

    /// Makes a label from a text that may be short-lived.
    #[inline]
    pub(crate) fn dynamic(text: &str) -> Label {
        match Short::words_of(text.as_bytes()) {
            Some(words) => Label(Text::Short(Short::of(words))),
            None => Label(Text::Shared(text.into())),
        }
    }

    /// Hashes the text, faster than [`Hash`] does, and not to the same number.
    #[inline]
    pub(crate) fn hash_with(&self, hasher: &impl BuildHasher) -> u64 {
        match self.words() {
            Some([first, second, third]) => hasher.hash_one((first, second, third)),
            None => hasher.hash_one(self.as_bytes()),
        }
    }

    /// The text as numbers, if it is short, however it is stored.
    #[inline]
    fn words(&self) -> Option<Words> {
        match &self.0 {
            Text::Static(text) => Short::words_of(text.as_bytes()),
            Text::Short(text) => Some(text.words()),
            Text::Shared(_) => None,
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Text::Static(text) => text.as_bytes(),
            Text::Short(text) => text.as_bytes(),
            Text::Shared(text) => text.as_bytes(),
        }
    }
}

impl From<&'static str> for Label {
    fn from(text: &'static str) -> Label {
        Label::from_static(text)
    }
}

impl From<String> for Label {
    fn from(text: String) -> Label {
        Label::dynamic(&text)
    }
}

impl Borrow<str> for Label {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Label {
    #[inline]
    fn eq(&self, other: &Label) -> bool {
        match (self.words(), other.words()) {
            (None, None) => self.as_bytes() == other.as_bytes(),
            (one, other) => one == other,
        }
    }
}

impl Eq for Label {}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Label) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Label {
    fn cmp(&self, other: &Label) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

/// Hashes like `str`, because a label is looked up by its text.
impl Hash for Label {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.as_bytes());
        state.write_u8(0xff);
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// A text without heap memory.
///
/// Names are often made to be looked up once. Therefore the text is written, hashed and compared in words: a processor
/// hands what one store has written to the next load at once, but what several have written only after they have reached the
/// cache, and with them everything before, such as the count of a process that was found by the name before.
#[derive(Clone, Copy)]
#[repr(C)]
struct Short {
    len: u8,
    bytes: [u8; Short::MOST],
}

/// The length and the bytes of a short text, and zeros.
type Words = [usize; 3];

const WORD: usize = size_of::<usize>();

impl Short {
    /// With its length and the tag of [`Text`], a short text takes three words, like the other variants.
    const MOST: usize = 3 * WORD - 2;

    /// The first word has the place of the tag, and the length.
    const HEAD: usize = WORD - 2;

    #[inline]
    fn words_of(text: &[u8]) -> Option<Words> {
        if text.len() > Short::MOST {
            return None;
        }
        let word = |from: usize| {
            let rest = text.get(from..).unwrap_or_default();
            match (rest.first_chunk(), text.last_chunk()) {
                (Some(whole), _) => usize::from_le_bytes(*whole),
                // Without the bytes that are in the word before.
                (None, Some(last)) => {
                    usize::from_le_bytes(*last).checked_shr(8 * (WORD - rest.len()) as u32).unwrap_or(0)
                }
                (None, None) => rest.iter().rev().fold(0, |word, &byte| word << 8 | usize::from(byte)),
            }
        };
        // What is beyond the head moves on to the next word.
        let (bits, [first, second, third]) = (8 * Short::HEAD, [word(0), word(WORD), word(2 * WORD)]);
        Some([first << 16 | text.len() << 8, first >> bits | second << 16, second >> bits | third << 16])
    }

    #[inline]
    fn of([first, second, third]: Words) -> Short {
        let [_, len, head @ ..] = first.to_le_bytes();
        let mut bytes = [0; Short::MOST];
        bytes[..Short::HEAD].copy_from_slice(&head);
        bytes[Short::HEAD..][..WORD].copy_from_slice(&second.to_le_bytes());
        bytes[Short::HEAD + WORD..].copy_from_slice(&third.to_le_bytes());
        Short { len, bytes }
    }

    #[inline]
    fn words(&self) -> Words {
        let mut first = [0; WORD];
        first[1] = self.len;
        first[2..].copy_from_slice(&self.bytes[..Short::HEAD]);
        let word = |from: usize| {
            let mut word = [0; WORD];
            word.copy_from_slice(&self.bytes[from..from + WORD]);
            usize::from_le_bytes(word)
        };
        [usize::from_le_bytes(first), word(Short::HEAD), word(Short::HEAD + WORD)]
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn labels_with_the_same_text_are_the_same_however_they_are_kept() {
        let texts: [&'static str; 5] =
            ["", "logger", "größer als ein Byte", "twenty-two bytes, yes.", "more than twenty-two bytes"];
        for text in texts {
            let (literal, made) = (Label::from_static(text), Label::from(text.to_owned()));
            assert_eq!((&literal, literal.as_str(), made.as_str()), (&made, text, text));
            assert_eq!(HashSet::from([literal.clone()]).get(&made), Some(&literal));
            assert_eq!(HashSet::from([made]).get(text), Some(&literal), "found by its text");
        }
        let mut labels = texts.map(|text| Label::from(text.to_owned()));
        let mut texts = texts;
        labels.sort();
        texts.sort_unstable();
        assert_eq!(labels.each_ref().map(Label::as_str), texts);
    }

    #[test]
    fn texts_of_every_length_differ_from_those_that_begin_like_them() {
        let hasher = std::hash::RandomState::new();
        let text = "\0\0 twenty-four bytes. \0\0";
        let labels: Vec<Label> = (0..=text.len()).map(|len| Label::dynamic(&text[..len])).collect();
        for (len, label) in labels.iter().enumerate() {
            assert_eq!(label.as_str(), &text[..len]);
            let literal = Label::from_static(&text[..len]);
            assert_eq!((label, label.hash_with(&hasher)), (&literal, literal.hash_with(&hasher)));
            assert_eq!(labels.iter().filter(|other| *other == label).count(), 1, "{label:?}");
        }
    }

    #[test]
    fn a_label_is_no_larger_for_the_short_texts_that_it_holds() {
        assert_eq!(size_of::<Label>(), 3 * size_of::<usize>());
        assert!(matches!(Label::from("x".repeat(Short::MOST)).0, Text::Short(_)));
    }
}
