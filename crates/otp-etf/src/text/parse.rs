use alloc::string::String;
use alloc::vec::Vec;
use core::str::FromStr;

use super::number;
use crate::decode::Decoder;
use crate::limits::Limits;
use crate::term::{Atom, Bitstring, Export, Fun, Map, Pid, Port, Reference, Term};

/// A text is no term; and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {expected} was expected")]
pub struct ParseError {
    at: usize,
    expected: &'static str,
}

impl ParseError {
    /// How many characters of the text stand before the mistake.
    pub fn position(&self) -> usize {
        self.at
    }
}

/// Reads what [`Display`](core::fmt::Display) writes, and more of Erlang's syntax for values: `16#ff`, `$a`, white space.
///
/// As deep as [`Limits::new`] allows. No variables, no expressions, no comments.
impl FromStr for Term {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Term, ParseError> {
        let mut parser = Parser { text, left: text, depth: 0 };
        let term = parser.term()?;
        parser.space();
        if parser.left.is_empty() { Ok(term) } else { parser.expected("the end") }
    }
}

type Parsed<T> = Result<T, ParseError>;

struct Parser<'t> {
    text: &'t str,
    left: &'t str,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn term(&mut self) -> Parsed<Term> {
        self.space();
        match self.left.as_bytes() {
            [b'{', ..] => {
                self.skip(1);
                Ok(Term::Tuple(self.several("}")?))
            }
            [b'[', ..] => self.list(),
            [b'<', b'<', ..] => self.bits(),
            [b'"', ..] => Ok(Term::List(self.quoted('"')?.chars().map(|char| Term::from(u32::from(char))).collect())),
            [b'\'', ..] => self.atom().map(Term::Atom),
            [b'$', ..] => self.char(),
            [b'#', ..] => self.hash(),
            [b'-' | b'+' | b'0'..=b'9', ..] => self.number(),
            _ => match self.atom()? {
                // As an atom it would have been quoted.
                atom if atom == "fun" && self.left.starts_with(' ') => self.export(),
                atom => Ok(Term::Atom(atom)),
            },
        }
    }

    /// Terms with commas between them, up to an end.
    fn several(&mut self, end: &'static str) -> Parsed<Vec<Term>> {
        let mut terms = Vec::new();
        if self.take(end) {
            return Ok(terms);
        }
        self.enter()?;
        loop {
            terms.push(self.term()?);
            if !self.take(",") {
                break;
            }
        }
        self.depth -= 1;
        if self.take(end) { Ok(terms) } else { self.expected("a comma or the end of the tuple") }
    }

    fn list(&mut self) -> Parsed<Term> {
        self.skip(1);
        if self.take("]") {
            return Ok(Term::NIL);
        }
        self.enter()?;
        let mut elements = Vec::new();
        loop {
            elements.push(self.term()?);
            if !self.take(",") {
                break;
            }
        }
        let tail = if self.take("|") { self.term()? } else { Term::NIL };
        self.depth -= 1;
        if self.take("]") { Ok(Term::list(elements, tail)) } else { self.expected("a comma, `|` or `]`") }
    }

    fn map(&mut self) -> Parsed<Term> {
        let mut pairs = Vec::new();
        if self.take("}") {
            return Ok(Term::Map(Map::new()));
        }
        self.enter()?;
        loop {
            let key = self.term()?;
            if !self.take("=>") {
                return self.expected("`=>`");
            }
            pairs.push((key, self.term()?));
            if !self.take(",") {
                break;
            }
        }
        self.depth -= 1;
        if !self.take("}") {
            return self.expected("a comma or `}`");
        }
        match Map::of(pairs) {
            Some(map) => Ok(Term::Map(map)),
            None => self.expected("a map with each key once"),
        }
    }

    fn bits(&mut self) -> Parsed<Term> {
        self.skip(2);
        let (mut bytes, mut filled) = (Vec::new(), 8);
        if self.take(">>") {
            return Ok(Term::Binary(bytes));
        }
        loop {
            self.space();
            let (values, size) = if self.left.starts_with('"') {
                let text = self.quoted('"')?;
                let values = if self.take("/utf8") {
                    text.into_bytes()
                } else {
                    let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
                    let Ok(bytes) = bytes else { return self.expected("a text of Latin-1, or `/utf8` behind it") };
                    bytes
                };
                (values, 8)
            } else {
                let value: u8 = self.unsigned("a byte")?;
                let size = if self.take(":") { self.unsigned("a number of bits")? } else { 8 };
                if !(1..=8).contains(&size) || u32::from(value) >= 1 << size {
                    return self.expected("a size from 1 to 8 bits that holds the value");
                }
                (alloc::vec![value], size)
            };
            for value in values {
                push_bits(&mut bytes, &mut filled, value, size);
            }
            if !self.take(",") {
                break;
            }
        }
        if !self.take(">>") {
            return self.expected("a comma or `>>`");
        }
        if filled == 8 {
            return Ok(Term::Binary(bytes));
        }
        Bitstring::new(bytes, filled).map_or_else(|| self.expected("bits"), |bits| Ok(Term::Bitstring(bits)))
    }

    /// What begins with `#`.
    fn hash(&mut self) -> Parsed<Term> {
        if self.take("#{") {
            return self.map();
        }
        let kinds = ["#Pid<", "#Ref<", "#Port<", "#Fun<"];
        let Some(kind) = kinds.into_iter().find(|kind| self.take(kind)) else {
            return self.expected("`#{`, `#Pid<`, `#Ref<`, `#Port<` or `#Fun<`");
        };
        let name = self.atom()?;
        let term = match kind {
            "#Fun<" => self.closure()?,
            "#Port<" => {
                let (creation, id) = (self.after(":")?, self.after(".")?);
                Port::new(name, id, creation).into()
            }
            "#Pid<" => {
                let (creation, id, serial) = (self.after(":")?, self.after(".")?, self.after(".")?);
                Pid::new(name, id, serial, creation).into()
            }
            _ => {
                let creation = self.after(":")?;
                let mut words = Vec::new();
                while self.left.starts_with('.') {
                    words.push(self.after(".")?);
                }
                match Reference::new(name, creation, &words) {
                    Some(reference) => reference.into(),
                    None => return self.expected("from one to five words"),
                }
            }
        };
        if self.take(">") { Ok(term) } else { self.expected("`>`") }
    }

    /// A number behind a mark.
    fn after<T: FromStr>(&mut self, mark: &str) -> Parsed<T> {
        if self.take(mark) { self.unsigned("a number that fits") } else { self.expected("the next number") }
    }

    /// The rest of `#Fun<module`.
    fn closure(&mut self) -> Parsed<Term> {
        let _arity: u8 = self.after("/")?;
        if !self.take(":") {
            return self.expected("`:`");
        }
        let digits = self.while_in(|char| char.is_ascii_hexdigit());
        let pairs = digits.as_bytes().chunks_exact(2);
        let is_whole = pairs.remainder().is_empty();
        let byte = |pair| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok();
        let bytes: Vec<u8> = pairs.filter_map(byte).collect();
        let term = Decoder::new(&bytes, &Limits::new()).and_then(|mut decoder| {
            let term = decoder.term()?;
            decoder.finish().map(|()| term)
        });
        match term {
            Ok(term @ Term::Fun(Fun::Closure(_))) if is_whole => Ok(term),
            _ => self.expected("the encoding of a closure"),
        }
    }

    /// The rest of `fun module:function/arity`.
    fn export(&mut self) -> Parsed<Term> {
        self.space();
        let module = self.atom()?;
        if !self.take(":") {
            return self.expected("`:`");
        }
        let function = self.atom()?;
        let arity = self.after("/")?;
        Ok(Term::Fun(Fun::Export(Export::new(module, function, arity).into())))
    }

    fn atom(&mut self) -> Parsed<Atom> {
        let text = if self.left.starts_with('\'') {
            self.quoted('\'')?
        } else if self.left.starts_with(char::is_lowercase) {
            self.while_in(|char| char.is_alphanumeric() || char == '_' || char == '@').into()
        } else {
            return self.expected("a term");
        };
        Atom::new(text).or_else(|_| self.expected("an atom of at most 255 characters"))
    }

    fn char(&mut self) -> Parsed<Term> {
        self.skip(1);
        let char = if self.left.starts_with('\\') { self.escaped()? } else { self.any_char()? };
        Ok(Term::from(u32::from(char)))
    }

    fn number(&mut self) -> Parsed<Term> {
        let negative = self.left.starts_with('-');
        let start = self.left;
        if self.left.starts_with(['-', '+']) {
            self.skip(1);
        }
        let digits = self.while_in(|char| char.is_ascii_digit());
        if digits.is_empty() {
            return self.expected("a digit");
        }
        if self.left.starts_with('#') {
            let Some(base) = digits.parse().ok().filter(|base| (2..=36).contains(base)) else {
                return self.expected("a base from 2 to 36");
            };
            self.skip(1);
            let digits = self.while_in(|char| char.is_digit(base));
            return match (digits.len(), base) {
                (1.., 16) => Ok(number::hexadecimal(negative, digits)),
                (1..=number::DECIMAL_DIGITS, base) => Ok(number::integer(negative, digits, base)),
                _ => self.expected("digits of the base, and not too many"),
            };
        }
        let is_float = self.left.starts_with('.') && self.left[1..].starts_with(|char: char| char.is_ascii_digit());
        if !is_float {
            return match digits.len() {
                ..=number::DECIMAL_DIGITS => Ok(number::integer(negative, digits, 10)),
                _ => self.expected("an integer in base 16: it is too long for one in base 10"),
            };
        }
        self.skip(1);
        self.while_in(|char| char.is_ascii_digit());
        if self.left.starts_with(['e', 'E']) {
            self.skip(1);
            if self.left.starts_with(['-', '+']) {
                self.skip(1);
            }
            self.while_in(|char| char.is_ascii_digit());
        }
        match start[..start.len() - self.left.len()].parse() {
            Ok(value) if f64::is_finite(value) => Ok(Term::Float(value)),
            _ => self.expected("a float"),
        }
    }

    fn unsigned<T: FromStr>(&mut self, expected: &'static str) -> Parsed<T> {
        self.space();
        let before = self.left;
        self.while_in(|char| char.is_ascii_digit()).parse().or_else(|_| {
            self.left = before;
            self.expected(expected)
        })
    }

    /// A text in quotes, which are next.
    fn quoted(&mut self, quote: char) -> Parsed<String> {
        self.skip(1);
        let mut text = String::new();
        loop {
            if self.left.starts_with(quote) {
                self.skip(1);
                return Ok(text);
            }
            text.push(if self.left.starts_with('\\') { self.escaped()? } else { self.any_char()? });
        }
    }

    fn any_char(&mut self) -> Parsed<char> {
        let mut chars = self.left.chars();
        let Some(char) = chars.next() else { return self.expected("the rest of a text") };
        self.left = chars.as_str();
        Ok(char)
    }

    fn escaped(&mut self) -> Parsed<char> {
        self.skip(1);
        Ok(match self.any_char()? {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            's' => ' ',
            '0' => '\0',
            'x' => {
                let digits = if self.take("{") {
                    let digits = self.while_in(|char| char.is_ascii_hexdigit());
                    if !self.take("}") {
                        return self.expected("`}`");
                    }
                    digits
                } else {
                    let len = self.left.bytes().take(2).take_while(u8::is_ascii_hexdigit).count();
                    let (digits, left) = self.left.split_at(len);
                    self.left = left;
                    digits
                };
                let char = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                return char.map_or_else(|| self.expected("the number of a character"), Ok);
            }
            char => char,
        })
    }

    fn enter(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > Limits::new().max_depth() { self.expected("a term that is less deep") } else { Ok(()) }
    }

    fn space(&mut self) {
        self.left = self.left.trim_start();
    }

    fn skip(&mut self, bytes: usize) {
        self.left = &self.left[bytes..];
    }

    /// Whether a mark is next, which is taken then.
    fn take(&mut self, mark: &str) -> bool {
        let rest = self.left.trim_start().strip_prefix(mark);
        self.left = rest.unwrap_or(self.left);
        rest.is_some()
    }

    fn while_in(&mut self, is_in: impl Fn(char) -> bool) -> &'t str {
        let end = self.left.find(|char| !is_in(char)).unwrap_or(self.left.len());
        let (taken, left) = self.left.split_at(end);
        self.left = left;
        taken
    }

    fn expected<T>(&self, expected: &'static str) -> Parsed<T> {
        let before = &self.text[..self.text.len() - self.left.len()];
        Err(ParseError { at: before.chars().count(), expected })
    }
}

/// Appends the lowest `size` bits of a value.
fn push_bits(bytes: &mut Vec<u8>, filled: &mut u8, value: u8, size: u8) {
    for bit in (0..size).rev() {
        if *filled == 8 {
            bytes.push(0);
            *filled = 0;
        }
        *filled += 1;
        if let Some(last) = bytes.last_mut() {
            *last |= (value >> bit & 1) << (8 - *filled);
        }
    }
}
