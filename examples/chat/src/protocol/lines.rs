use bytes::BytesMut;
use thiserror::Error;

/// Cuts what a client sends into lines, and keeps no more than one line and one read of it, whatever that is.
#[derive(Debug, Default)]
pub struct Lines {
    bytes: BytesMut,
    /// The line that is being read is too long, which has been told already.
    skips: bool,
}

/// Why a line is refused. The lines after it are read as if nothing had been.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BadLine {
    /// It is longer than [`Lines::MAX`].
    #[error("a line has at most {} bytes", Lines::MAX)]
    TooLong,
    /// It is not UTF-8.
    #[error("a line is text in UTF-8")]
    NotUtf8,
    /// It would do something to the terminals of those who read it.
    #[error("a line has no control characters")]
    Control,
}

impl Lines {
    /// The longest line, in bytes, without its end.
    pub const MAX: usize = 1024;

    /// Adds what was read. Every line is to be taken out before the next read.
    pub fn push(&mut self, read: &[u8]) {
        self.bytes.extend_from_slice(read);
    }

    /// Takes the next line out, if all of it is there.
    pub fn next_line(&mut self) -> Option<Result<String, BadLine>> {
        while let Some(end) = memchr::memchr(b'\n', &self.bytes) {
            let line = self.bytes.split_to(end + 1);
            if !std::mem::take(&mut self.skips) {
                return Some(text(&line[..end]));
            }
        }
        // One more than the longest line, for the `\r` that may be its end.
        if self.bytes.len() <= Self::MAX + 1 {
            return None;
        }
        self.bytes.clear();
        let is_told = std::mem::replace(&mut self.skips, true);
        (!is_told).then_some(Err(BadLine::TooLong))
    }

    /// How many bytes wait for the rest of their line.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.bytes.len()
    }
}

fn text(line: &[u8]) -> Result<String, BadLine> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > Lines::MAX {
        return Err(BadLine::TooLong);
    }
    let line = std::str::from_utf8(line).map_err(|_| BadLine::NotUtf8)?;
    if line.chars().any(|letter| letter.is_control() && letter != '\t') {
        return Err(BadLine::Control);
    }
    Ok(line.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// The lines in what arrives in such pieces, and the most that was kept.
    fn cut<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Result<String, BadLine>>, usize) {
        let (mut lines, mut cut, mut most) = (Lines::default(), Vec::new(), 0);
        for piece in pieces {
            lines.push(piece);
            cut.extend(std::iter::from_fn(|| lines.next_line()));
            most = most.max(lines.kept());
        }
        (cut, most)
    }

    #[test]
    fn a_line_ends_as_unix_or_telnet_ends_it() {
        let (lines, _) = cut([b"one\ntw".as_slice(), b"o\r", b"\n\nrest"]);
        assert_eq!(lines, [Ok("one".to_owned()), Ok("two".to_owned()), Ok(String::new())]);
    }

    #[test]
    fn the_longest_line_is_one_and_a_longer_one_is_refused_once() {
        let longest = "x".repeat(Lines::MAX);
        for end in ["\n", "\r\n"] {
            let input = format!("{longest}{end}{longest}x{end}short{end}");
            let expected = [Ok(longest.clone()), Err(BadLine::TooLong), Ok("short".to_owned())];
            assert_eq!(cut([input.as_bytes()]).0, expected);
            assert_eq!(cut(input.as_bytes().chunks(1)).0, expected);
        }
        let endless = vec![b'x'; 100 * Lines::MAX];
        let (lines, most) = cut(endless.chunks(1000));
        assert_eq!(lines, [Err(BadLine::TooLong)]);
        assert!(most <= Lines::MAX + 1);
    }

    #[test]
    fn what_is_no_text_or_would_move_the_cursor_is_refused() {
        let (lines, _) = cut([b"\xff\xfe\nbeep\x07\nred\x1b[31m\na\tb\n".as_slice()]);
        let expected = [Err(BadLine::NotUtf8), Err(BadLine::Control), Err(BadLine::Control), Ok("a\tb".to_owned())];
        assert_eq!(lines, expected);
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_split_makes_no_difference(
            bytes in vec(prop_oneof![9 => any::<u8>(), 1 => Just(b'\n')], 0..5000),
            size in 1_usize..3000,
        ) {
            let (whole, _) = cut([bytes.as_slice()]);
            let (split, most) = cut(bytes.chunks(size));
            prop_assert!(most <= Lines::MAX + 1);
            prop_assert_eq!(whole, split);
        }
    }
}
