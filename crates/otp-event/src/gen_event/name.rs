use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;

use otp_behaviour::short_name;
use otp_core::Label;

use super::handler::EventHandler;

/// Addresses a handler of type `H` in an event manager: OTP's `Module`, or `{Module, Id}` if there are several of the same
/// type.
///
/// ```
/// # use otp::gen_event::{Context, EventHandler, HandlerName, Init, Next};
/// # use otp::ExitReason;
/// # struct Logger;
/// # impl EventHandler for Logger {
/// #     type Event = String;
/// #     type Args = ();
/// #     type Call = otp::gen_server::NoMessage;
/// #     async fn init((): (), _: &mut Context<String>) -> Result<Init<Self>, ExitReason> {
/// #         Ok(Init::Ok(Logger))
/// #     }
/// #     async fn handle_event(&mut self, _: &String, _: &mut Context<String>) -> Result<Next<Self>, ExitReason> {
/// #         Ok(Next::ok())
/// #     }
/// # }
/// const AUDIT: HandlerName<Logger> = HandlerName::new("audit");
/// assert_eq!(AUDIT.to_string(), "Logger audit");
/// assert_eq!(Logger::HANDLER.to_string(), "Logger");
/// ```
pub struct HandlerName<H> {
    name: Option<Label>,
    handler: PhantomData<fn(H)>,
}

/// Identifies a handler, whatever its type; for people and for comparison.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HandlerId {
    type_id: TypeId,
    type_name: &'static str,
    name: Option<Label>,
}

impl<H> HandlerName<H> {
    /// The handler of this type that has no name; also [`EventHandler::HANDLER`].
    pub const fn unnamed() -> HandlerName<H> {
        HandlerName { name: None, handler: PhantomData }
    }

    /// Makes a name from a literal.
    pub const fn new(name: &'static str) -> HandlerName<H> {
        HandlerName { name: Some(Label::from_static(name)), handler: PhantomData }
    }

    /// Makes a name at run time.
    pub fn dynamic(name: impl Into<Label>) -> HandlerName<H> {
        HandlerName { name: Some(name.into()), handler: PhantomData }
    }
}

impl<H: EventHandler> HandlerName<H> {
    /// The name, without its type.
    pub fn id(&self) -> HandlerId {
        HandlerId { type_id: TypeId::of::<H>(), type_name: short_name::<H>(), name: self.name.clone() }
    }
}

impl HandlerId {
    /// The name of the handler's type.
    pub fn type_name(&self) -> &'static str {
        self.type_name
    }

    /// The name of the handler among those of its type, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_ref().map(Label::as_str)
    }
}

impl<H> Clone for HandlerName<H> {
    fn clone(&self) -> HandlerName<H> {
        HandlerName { name: self.name.clone(), handler: PhantomData }
    }
}

impl<H: EventHandler> From<HandlerName<H>> for HandlerId {
    fn from(name: HandlerName<H>) -> HandlerId {
        name.id()
    }
}

impl<H: EventHandler> fmt::Display for HandlerName<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.id(), f)
    }
}

impl<H: EventHandler> fmt::Debug for HandlerName<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HandlerName({})", self.id())
    }
}

/// The type, and the name if there is one.
impl fmt::Display for HandlerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.type_name)?;
        match &self.name {
            Some(name) => write!(f, " {name}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for HandlerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HandlerId({self})")
    }
}
