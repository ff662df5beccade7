use super::build::build;
use super::error::DecodeError;
use super::reader::Reader;
use super::token::Token;
use crate::borrowed::TermRef;
use crate::limits::Limits;
use crate::term::{Atom, Term};

/// The term that these bytes are: what Erlang's `term_to_binary/1` makes, 131 and a term.
///
/// # Errors
///
/// [`DecodeError`] if the bytes are no term, or another one follows, or a limit is exceeded; compressed terms are
/// refused. What `binary_to_term/1` refuses is refused; and what only decoders of long ago let pass: a sign that is
/// neither 0 nor 1, a reference without words, a function of more than 255 arguments, a closure with a wrong size.
///
/// ```
/// use otp::etf::{Limits, Term, decode};
///
/// let term = decode(b"\x83h\x02w\x02oka\x05", &Limits::default()).unwrap();
/// assert_eq!(term, Term::tuple([Term::atom("ok"), Term::Int(5)]));
///
/// let error = decode(b"\x83h\x02w\x02ok", &Limits::default()).unwrap_err();
/// assert_eq!(error.to_string(), "at byte 7: the input ends before the term does");
/// ```
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Term, DecodeError> {
    let mut decoder = Decoder::new(bytes, limits)?;
    decoder.version()?;
    let term = decoder.term()?;
    decoder.finish()?;
    Ok(term)
}

/// The term that these bytes are, borrowing binaries and texts from them.
///
/// # Errors
///
/// As [`decode`].
///
/// ```
/// use otp::etf::{Limits, TermRef, decode_ref};
///
/// let bytes = b"\x83h\x02w\x02okm\0\0\0\x03abc";
/// let TermRef::Tuple(elements) = decode_ref(bytes, &Limits::default()).unwrap() else { panic!("it is a tuple") };
/// let [TermRef::Atom(tag), TermRef::Binary(value)] = &elements[..] else { panic!("{elements:?}") };
/// assert_eq!((&tag[..], *value), ("ok", &b"abc"[..]));
/// ```
pub fn decode_ref<'a>(bytes: &'a [u8], limits: &Limits) -> Result<TermRef<'a>, DecodeError> {
    let mut decoder = Decoder::new(bytes, limits)?;
    decoder.version()?;
    let term = decoder.term_ref()?;
    decoder.finish()?;
    Ok(term)
}

/// A decoder of one term after another, for what has more than one term, or another frame around it.
///
/// After an error it must not be used further: it stands somewhere in the term that is wrong.
///
/// ```
/// use otp::etf::{Atom, Decoder, Limits};
///
/// // A control message between nodes, its payload, and the atoms that their header has named.
/// let atoms = [Atom::from_static("cached")];
/// let mut decoder = Decoder::new(b"h\x01a\x02R\0", &Limits::default()).unwrap().with_atoms(&atoms);
/// assert_eq!(decoder.term().unwrap().to_string(), "{2}");
/// assert_eq!(decoder.term().unwrap().to_string(), "cached");
/// decoder.finish().unwrap();
/// ```
#[derive(Clone)]
pub struct Decoder<'a> {
    reader: Reader<'a>,
}

impl<'a> Decoder<'a> {
    /// A decoder of these bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if they are more than the limits allow.
    pub fn new(bytes: &'a [u8], limits: &Limits) -> Result<Decoder<'a>, DecodeError> {
        Ok(Decoder { reader: Reader::new(bytes, limits)? })
    }

    /// Lets terms refer to these atoms by their place (`ATOM_CACHE_REF`), as the header of a message between nodes lists
    /// them. Without them such a reference is an error.
    pub fn with_atoms(mut self, atoms: &'a [Atom]) -> Decoder<'a> {
        self.reader.set_atoms(atoms);
        self
    }

    /// Reads the byte 131, with which a term begins where it stands alone.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if another one is there, or none.
    pub fn version(&mut self) -> Result<(), DecodeError> {
        self.reader.version()
    }

    /// Reads a term, without a byte 131 before it.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if there is none, or a limit is exceeded.
    pub fn term(&mut self) -> Result<Term, DecodeError> {
        build(&mut self.reader)
    }

    /// Reads a term, without a byte 131 before it, borrowing binaries and texts.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if there is none, or a limit is exceeded.
    pub fn term_ref(&mut self) -> Result<TermRef<'a>, DecodeError> {
        build(&mut self.reader)
    }

    /// Reads a term, without a byte 131 before it, and gives its bytes.
    ///
    /// All is checked but whether a map has a key twice.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if there is none, or a limit is exceeded.
    pub fn skip(&mut self) -> Result<&'a [u8], DecodeError> {
        let begin = self.reader.position();
        skip(&mut self.reader)?;
        Ok(self.reader.since(begin))
    }

    /// The bytes that have not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.reader.rest()
    }

    /// How many bytes have been read.
    pub fn position(&self) -> usize {
        self.reader.position()
    }

    /// Ends the decoding.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if there are more bytes.
    pub fn finish(self) -> Result<(), DecodeError> {
        self.reader.finish()
    }
}

/// Reads a term and forgets it. Recursive, as deep as the reader allows.
pub(crate) fn skip(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let parts = match reader.next()? {
        Token::Tuple(len) => len,
        Token::List(len) => len + 1,
        Token::Map(len) => 2 * len,
        Token::Closure(head) => {
            (0..head.free).try_for_each(|_| skip(reader))?;
            return reader.leave_closure(head.begins, head.size);
        }
        _ => return Ok(()),
    };
    (0..parts).try_for_each(|_| skip(reader))?;
    reader.leave();
    Ok(())
}
