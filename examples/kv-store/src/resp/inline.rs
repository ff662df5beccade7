//! Splits an inline command, as typed into telnet, into its arguments.

use bytes::Bytes;

use super::decode::ProtocolError;

/// Splits a line at white space, minding quotes as Redis does.
///
/// Between double quotes, `\n \r \t \b \a`, `\xHH` and a backslash before any other byte are
/// escapes; between single quotes only `\'` is.
pub(super) fn split(line: &Bytes) -> Result<Vec<Bytes>, ProtocolError> {
    let mut arguments = Vec::new();
    let mut at = 0;
    loop {
        while line.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        if at == line.len() {
            return refuse_http(arguments);
        }
        let plain =
            line[at..].iter().take_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'"' | b'\'')).count();
        if let Some(b'"' | b'\'') = line.get(at + plain) {
            let (argument, end) = quoted(line, at)?;
            arguments.push(argument);
            at = end;
        } else {
            arguments.push(line.slice(at..at + plain));
            at += plain;
        }
    }
}

/// A page in a browser can send a form to this port; its header lines would pass for commands.
fn refuse_http(arguments: Vec<Bytes>) -> Result<Vec<Bytes>, ProtocolError> {
    let first: &[u8] = arguments.first().map_or(&[], AsRef::as_ref);
    if first.eq_ignore_ascii_case(b"post") || first.eq_ignore_ascii_case(b"host:") {
        return Err(ProtocolError::Http);
    }
    Ok(arguments)
}

/// The argument at `at`, which has a quote in it, and where it ends.
fn quoted(line: &[u8], mut at: usize) -> Result<(Bytes, usize), ProtocolError> {
    let mut argument = Vec::new();
    let mut open = None;
    while let Some(&byte) = line.get(at) {
        at += 1;
        match (open, byte) {
            (None, b'"' | b'\'') => open = Some(byte),
            (None, byte) if byte.is_ascii_whitespace() => return Ok((argument.into(), at)),
            (Some(quote), byte) if byte == quote => {
                // A closed quote ends the argument.
                return match line.get(at) {
                    Some(next) if !next.is_ascii_whitespace() => Err(ProtocolError::UnbalancedQuotes),
                    _ => Ok((argument.into(), at)),
                };
            }
            (Some(b'"'), b'\\') => at += escape(&line[at..], &mut argument),
            (Some(b'\''), b'\\') if line.get(at) == Some(&b'\'') => {
                argument.push(b'\'');
                at += 1;
            }
            (_, byte) => argument.push(byte),
        }
    }
    Err(ProtocolError::UnbalancedQuotes)
}

/// Pushes what the escape after a backslash stands for; returns the bytes it takes.
fn escape(rest: &[u8], argument: &mut Vec<u8>) -> usize {
    if let [b'x', high, low, ..] = rest
        && let (Some(high), Some(low)) = (hex(*high), hex(*low))
    {
        argument.push(high << 4 | low);
        return 3;
    }
    let Some(&byte) = rest.first() else { return 0 };
    argument.push(match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        other => other,
    });
    1
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &'static [u8]) -> Result<Vec<Bytes>, ProtocolError> {
        super::split(&Bytes::from_static(line))
    }

    #[test]
    fn white_space_of_any_length_parts_the_arguments() {
        assert_eq!(split(b"  SET\ta   b \r\n").unwrap(), ["SET", "a", "b"]);
        assert_eq!(split(b"\r\n").unwrap(), Vec::<Bytes>::new());
    }

    #[test]
    fn quotes_hold_an_argument_together() {
        assert_eq!(split(b"SET \"a b\" 'c \\' d' ''\r\n").unwrap(), ["SET", "a b", "c ' d", ""]);
        assert_eq!(split(b"ECHO \"\\x41\\n\\\"\\\\\"\n").unwrap(), ["ECHO", "A\n\"\\"]);
    }

    #[test]
    fn an_open_quote_is_an_error() {
        for line in [b"SET \"a\r\n".as_slice(), b"SET 'a\r\n", b"SET \"a\"b\r\n", b"\"\\"] {
            assert_eq!(
                super::split(&Bytes::from_static(line)),
                Err(ProtocolError::UnbalancedQuotes),
                "{}",
                line.escape_ascii()
            );
        }
    }

    #[test]
    fn a_browser_is_turned_away() {
        assert_eq!(split(b"POST / HTTP/1.1\r\n"), Err(ProtocolError::Http));
        assert_eq!(split(b"Host: localhost\r\n"), Err(ProtocolError::Http));
    }
}
