use otp_etf::{Atom, Term, from_term};
use serde::de::DeserializeOwned;

use super::Refused;

/// A request of another node, taken apart: a name and arguments, as serde writes the variants of an enum.
///
/// `count` has no argument, `{add, 5}` has one, `{transfer, From, To}` two. `#[gen_server(remote)]` reads requests by this.
///
/// ```
/// use otp::dist::Request;
/// use otp::etf::Term;
///
/// let request = Request::of("{add, 5}".parse().unwrap()).unwrap();
/// assert_eq!(request.name(), "add");
/// assert_eq!(request.arguments::<(u32,)>(), Ok((5,)));
/// assert!(Request::of(Term::Int(5)).is_err());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    name: Atom,
    arguments: Vec<Term>,
}

impl Request {
    /// Takes a term apart.
    ///
    /// # Errors
    ///
    /// [`Refused`] unless it is an atom, or a tuple that begins with one.
    pub fn of(term: Term) -> Result<Request, Refused> {
        match term {
            Term::Atom(name) => Ok(Request { name, arguments: Vec::new() }),
            Term::Tuple(mut parts) if matches!(parts.first(), Some(Term::Atom(_))) => {
                let arguments = parts.split_off(1);
                match parts.pop() {
                    Some(Term::Atom(name)) => Ok(Request { name, arguments }),
                    _ => unreachable!("it was looked at"),
                }
            }
            other => Err(Refused::new(format!("{other:.200} is neither a name nor a tuple that begins with one"))),
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The arguments, as a tuple.
    ///
    /// # Errors
    ///
    /// [`Refused`] if there are others.
    pub fn arguments<T: DeserializeOwned>(self) -> Result<T, Refused> {
        let name = self.name;
        from_term(&Term::Tuple(self.arguments)).map_err(|error| Refused::new(format!("{name}: {error}")))
    }

    /// Checks that there is no argument.
    ///
    /// # Errors
    ///
    /// [`Refused`] if there is one.
    pub fn no_arguments(self) -> Result<(), Refused> {
        let (name, count) = (self.name, self.arguments.len());
        if count == 0 { Ok(()) } else { Err(Refused::new(format!("{name}: {count} arguments, and there are none"))) }
    }

    /// The error for a name that means nothing.
    pub fn unknown(&self) -> Refused {
        Refused::new(format!("{} with {} arguments is unknown", self.name, self.arguments.len()))
    }
}
