use std::fmt::{self, Write};

use super::contain;

/// Formats a value of a user, up to a number of bytes, after which formatting is stopped: a large value costs no more. A panic
/// in its code is caught, and mentioned in the text.
///
/// ```
/// use otp::behaviour::shown;
///
/// assert_eq!(shown(format_args!("{:?}", (1, 2)), 10), "(1, 2)");
/// assert_eq!(shown(format_args!("{:?}", [7; 1_000_000]), 10), "[7, 7, 7, …");
/// ```
pub fn shown(value: fmt::Arguments<'_>, most: usize) -> String {
    let mut first = First { text: String::new(), most, is_full: false };
    if let Err(crash) = contain(|| first.write_fmt(value)) {
        let _ = write!(first, "(showing it panicked: {})", crash.message());
    }
    if first.is_full {
        first.text.push('…');
    }
    first.text
}

/// Cuts a text at a number of bytes.
///
/// ```
/// use otp::behaviour::cut;
///
/// assert_eq!(cut("grün".to_owned(), 5), "grün");
/// assert_eq!(cut("grün".to_owned(), 3), "gr…", "and never in the middle of a letter");
/// ```
pub fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(floor(&text, most));
        text.push('…');
    }
    text
}

/// The first bytes of a text.
struct First {
    text: String,
    most: usize,
    is_full: bool,
}

impl Write for First {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let room = self.most - self.text.len();
        if more.len() <= room {
            self.text.push_str(more);
            return Ok(());
        }
        self.text.push_str(&more[..floor(more, room)]);
        self.is_full = true;
        Err(fmt::Error)
    }
}

/// The last place up to this one at which a letter begins.
fn floor(text: &str, most: usize) -> usize {
    (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default()
}
