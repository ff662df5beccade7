use std::any::Any;
use std::fmt;

use otp_core::{ExitReason, Term, Value};
use otp_etf as etf;

/// Makes the term that other nodes get for an exit reason.
///
/// A value in a reason is sent as itself if it is an [`otp::etf::Term`](etf::Term), and as its `Debug` text otherwise; a
/// crash is `{panic, <<"its text">>}`.
///
/// ```
/// use otp::ExitReason;
/// use otp::dist::{reason_of_term, term_of_reason};
/// use otp::etf::Term;
///
/// let boom: Term = "{boom,1}".parse().unwrap();
/// assert_eq!(term_of_reason(&ExitReason::other(boom.clone())), boom);
/// assert_eq!(reason_of_term(boom.clone()), ExitReason::other(boom));
/// assert_eq!(term_of_reason(&ExitReason::NoProc), Term::atom("noproc"));
/// assert_eq!(term_of_reason(&ExitReason::other("text")).to_string(), r#"<<"\"text\"">>"#);
/// ```
pub fn term_of_reason(reason: &ExitReason) -> etf::Term {
    match reason {
        ExitReason::Normal => etf::Term::atom("normal"),
        ExitReason::Shutdown => etf::Term::atom("shutdown"),
        ExitReason::ShutdownWith(term) => etf::Term::tuple([etf::Term::atom("shutdown"), value(term)]),
        ExitReason::Kill => etf::Term::atom("kill"),
        ExitReason::Killed => etf::Term::atom("killed"),
        ExitReason::NoProc => etf::Term::atom("noproc"),
        ExitReason::NoConnection => etf::Term::atom("noconnection"),
        ExitReason::Other(term) => value(term),
        ExitReason::Error(crash) => etf::Term::tuple([etf::Term::atom("panic"), etf::Term::binary(crash.to_string())]),
        other => etf::Term::binary(other.to_string()),
    }
}

/// Makes the exit reason that a term of another node means: `normal`, `shutdown`, `{shutdown, _}`, `kill`, `killed`, `noproc`
/// and `noconnection` are what they are called, and any other term is the value in [`ExitReason::Other`].
pub fn reason_of_term(term: etf::Term) -> ExitReason {
    match term.as_atom() {
        Some("normal") => return ExitReason::Normal,
        Some("shutdown") => return ExitReason::Shutdown,
        Some("kill") => return ExitReason::Kill,
        Some("killed") => return ExitReason::Killed,
        Some("noproc") => return ExitReason::NoProc,
        Some("noconnection") => return ExitReason::NoConnection,
        _ => {}
    }
    match term {
        etf::Term::Tuple(mut parts) if parts.len() == 2 && parts[0].as_atom() == Some("shutdown") => {
            ExitReason::ShutdownWith(Term::from_value(Wire(parts.swap_remove(1))))
        }
        term => ExitReason::Other(Term::from_value(Wire(term))),
    }
}

fn value(term: &Term) -> etf::Term {
    let extension = term.extension().and_then(|extension| extension.downcast_ref::<etf::Term>());
    let wire = extension.or_else(|| term.downcast_ref::<etf::Term>());
    wire.cloned().unwrap_or_else(|| etf::Term::binary(format!("{term:?}")))
}

/// A term of another node in a reason, which is equal to one that was made here.
struct Wire(etf::Term);

impl Value for Wire {
    fn as_any(&self) -> &dyn Any {
        &self.0
    }

    fn equals(&self, other: &dyn Value) -> bool {
        other.as_any().downcast_ref::<etf::Term>().is_some_and(|other| self.0 == *other)
    }

    fn extension(&self) -> Option<&(dyn Any + Send + Sync)> {
        Some(&self.0)
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Of another node: it may be long.
        write!(f, "{:.1000}", self.0)
    }
}
