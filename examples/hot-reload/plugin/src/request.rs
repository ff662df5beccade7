use std::str;

/// What the plugin is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request<'a> {
    Add { key: &'a str, number: u64 },
    Report,
    Crash,
}

impl<'a> Request<'a> {
    pub(crate) fn parse(request: &'a [u8]) -> Result<Self, String> {
        let text = str::from_utf8(request).map_err(|error| error.to_string())?;
        let words: Vec<_> = text.split_whitespace().collect();
        match words[..] {
            ["add", key, number] => match number.parse() {
                Ok(number) => Ok(Request::Add { key, number }),
                Err(_) => Err(format!("{number} is no number")),
            },
            ["report"] => Ok(Request::Report),
            ["crash", _] => Ok(Request::Crash),
            _ => Err("what can be asked is: add KEY NUMBER, report, crash KEY".to_owned()),
        }
    }
}
