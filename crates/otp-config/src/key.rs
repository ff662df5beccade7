use std::fmt;

/// The place of a value in the configuration: `store.shards`, or `peers[1].host`. The root is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Vec<KeyStep>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum KeyStep {
    Field(String),
    Index(usize),
}

impl Key {
    /// True for the configuration as a whole.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn field(&self, name: &str) -> Key {
        self.and(KeyStep::Field(name.to_owned()))
    }

    pub(crate) fn index(&self, index: usize) -> Key {
        self.and(KeyStep::Index(index))
    }

    pub(crate) fn steps(&self) -> std::slice::Iter<'_, KeyStep> {
        self.0.iter()
    }

    fn and(&self, step: KeyStep) -> Key {
        Key(self.0.iter().cloned().chain([step]).collect())
    }

    /// The names of the tables and of the value; `None` if it is in a list.
    pub(crate) fn fields<'a>(&'a self) -> Option<Vec<&'a str>> {
        let field = |step: &'a KeyStep| if let KeyStep::Field(name) = step { Some(name.as_str()) } else { None };
        self.0.iter().map(field).collect()
    }
}

impl fmt::Display for Key {
    /// As it would be written in the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                KeyStep::Index(index) => write!(f, "[{index}]")?,
                KeyStep::Field(name) => {
                    f.write_str(if place == 0 { "" } else { "." })?;
                    // A key is what somebody wrote: it must not break a line of the log.
                    let bare = !name.is_empty()
                        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
                    if bare { f.write_str(name)? } else { write!(f, "{:?}", shortened(name))? }
                }
            }
        }
        Ok(())
    }
}

/// The beginning of a text that may be long.
pub(crate) fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The name of the environment variable of a key: `KV_STORE__STORE__SHARDS`.
pub(crate) fn variable(prefix: &str, fields: &[&str]) -> String {
    let names = fields.iter().map(|name| upper(name));
    std::iter::once(prefix.to_owned()).chain(names).collect::<Vec<_>>().join("__")
}

/// The name of the option of a key, without its dashes: `store.max-connections`.
pub(crate) fn option(fields: &[&str]) -> String {
    fields.iter().map(|name| name.replace('_', "-")).collect::<Vec<_>>().join(".")
}

/// A name as it is written in the environment.
pub(crate) fn upper(name: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    name.chars().map(letter).collect()
}

/// The candidate that is most like `name`, if one is like it.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    // What is longer is no slip of the finger, and comparing takes time.
    const LONGEST: usize = 64;
    if name.len() > LONGEST {
        return None;
    }
    let plain = |text: &str| text.replace(['-', '_'], "").to_lowercase();
    let sought = plain(name);
    let distances = candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST)
        .map(|candidate| (strsim::damerau_levenshtein(&sought, &plain(candidate)), candidate));
    let (distance, candidate) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= sought.chars().count().max(3) / 3).then(|| candidate.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_as_in_the_file() {
        let key = Key::default().field("peers").index(1).field("host");
        assert_eq!(key.to_string(), "peers[1].host");
        assert_eq!(Key::default().field("a b\n").to_string(), r#""a b\n""#);
    }

    #[test]
    fn the_nearest_name_is_one_that_may_have_been_meant() {
        let names = ["port", "shards", "max_connections"];
        assert_eq!(nearest("prot", names).as_deref(), Some("port"));
        assert_eq!(nearest("max-conections", names).as_deref(), Some("max_connections"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(nearest(&"x".repeat(1 << 20), names), None);
    }
}
