use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
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
    pub(crate) fn dynamic(text: &str) -> Label {
        Label(Short::of(text).map_or_else(|| Text::Shared(text.into()), Text::Short))
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
    fn eq(&self, other: &Label) -> bool {
        self.as_bytes() == other.as_bytes()
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

#[derive(Clone, Copy)]
struct Short {
    len: u8,
    bytes: [u8; Short::MOST],
}

impl Short {
    /// With its length and the tag of [`Text`], a short text takes three words, like the other variants.
    const MOST: usize = 3 * size_of::<usize>() - 2;

    fn of(text: &str) -> Option<Short> {
        let mut bytes = [0; Short::MOST];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Short { len: u8::try_from(text.len()).ok()?, bytes })
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
    fn a_label_is_no_larger_for_the_short_texts_that_it_holds() {
        assert_eq!(size_of::<Label>(), 3 * size_of::<usize>());
        assert!(matches!(Label::from("x".repeat(Short::MOST)).0, Text::Short(_)));
    }
}
