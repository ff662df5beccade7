//! A behaviour as another crate would write it, with nothing but what is public: a toy server, whose callbacks do not
//! wait. Its messages are letters: questions, which are answered, and notes, which are not.

use std::any::Any;

use otp::behaviour::{
    Ack, BehaviourContext, Mail, Mode, Parent, Signal, StartError, StartOptions, Starter, Systemic, contain,
    report_crash, short_name, start, trace_state,
};
use otp::prelude::*;
use otp::process::Doing;

const HANDLING: Doing = Doing::new(|| "reading a letter");

/// The callbacks.
pub(crate) trait Toy: Sized + Send + 'static {
    type Args: Send + 'static;
    type Question: Send + 'static;
    type Note: Send + 'static;

    fn init(args: Self::Args, ctx: &Process) -> Result<Self, ExitReason>;
    fn answer(&mut self, question: Self::Question);
    fn read(&mut self, note: Self::Note);
    fn terminate(&mut self, _reason: &ExitReason) {}
}

/// What the mailbox of a toy holds.
pub(crate) enum Letter<T: Toy> {
    Question(T::Question),
    Note(T::Note),
}

/// A handle to a toy.
pub(crate) struct ToyRef<T: Toy>(pub(crate) ProcessRef<Letter<T>>);

impl<T: Toy> ToyRef<T> {
    pub(crate) async fn start(on: &impl Spawner, args: T::Args) -> Result<ToyRef<T>, StartError> {
        ToyRef::starting(on, args, StartOptions::new(short_name::<T>)).await
    }

    pub(crate) async fn start_link(on: &impl Spawner, args: T::Args) -> Result<ToyRef<T>, StartError> {
        ToyRef::starting(on, args, StartOptions::new(short_name::<T>).link()).await
    }

    async fn starting(
        on: &impl Spawner,
        args: T::Args,
        options: StartOptions<Letter<T>>,
    ) -> Result<ToyRef<T>, StartError> {
        let body = move |ctx, parent, ack| run(ctx, parent, ack, args);
        Ok(ToyRef(start(&Starter::of(on), options, body).await?.process))
    }

    pub(crate) fn ask<R: Send + 'static>(
        &self,
        question: impl FnOnce(ReplyTo<R>) -> T::Question,
    ) -> Call<Letter<T>, R> {
        Call::new(&self.0, |from| Letter::Question(question(from)))
    }

    pub(crate) fn tell(&self, note: T::Note) {
        let _ = self.0.try_send(Letter::Note(note));
    }
}

/// The process of a toy.
async fn run<T: Toy>(ctx: ProcessContext<Letter<T>>, parent: Parent, ack: Ack, args: T::Args) -> ExitReason {
    ctx.hold_tokens();
    let born = contain(|| T::init(args, &ctx)).unwrap_or_else(|crash| Err(ExitReason::Error(crash)));
    let state = match born {
        Ok(state) => state,
        Err(reason) => return ack.failed(StartError::failed(reason.clone()), reason).await,
    };
    ack.started();
    let mut running = Running { ctx, parent, mode: Mode::Running, state };
    let reason = running.until_it_stops().await;
    if let Err(crash) = contain(|| running.state.terminate(&reason)) {
        report_crash(&running.ctx, &crash);
    }
    reason
}

/// A toy between its start and its end.
struct Running<T: Toy> {
    ctx: ProcessContext<Letter<T>>,
    parent: Parent,
    mode: Mode,
    state: T,
}

impl<T: Toy> Running<T> {
    async fn until_it_stops(&mut self) -> ExitReason {
        loop {
            let (parent, mode) = (self.parent, self.mode);
            let mail = self.ctx.receive_mail(|message| parent.admits(mode, &message)).await;
            let handled = match mail {
                Mail::Message(letter) => self.handle(letter),
                Mail::Signal(signal) => match *signal {
                    Signal::Exit(exit) if parent.sent(&exit) => return exit.reason,
                    Signal::Stop(stop) => return stop.reason,
                    Signal::System(request) => {
                        request.serve(self);
                        Ok(())
                    }
                    _ => Ok(()),
                },
            };
            if let Err(reason) = handled {
                return reason;
            }
            if self.ctx.settle_tokens() {
                trace_state(self);
            }
        }
    }

    fn handle(&mut self, letter: Letter<T>) -> Result<(), ExitReason> {
        self.ctx.begin_handling(HANDLING, &"a letter");
        let handled = contain(|| match letter {
            Letter::Question(question) => self.state.answer(question),
            Letter::Note(note) => self.state.read(note),
        });
        handled.map_err(ExitReason::Error)
    }
}

/// What `sys` sees of it. A toy has no code to change.
impl<T: Toy> Systemic for Running<T> {
    fn process(&self) -> &Process {
        &self.ctx
    }

    fn state(&mut self) -> Option<&mut dyn Any> {
        Some(&mut self.state)
    }

    fn format_status(&self) -> Option<String> {
        Some(format!("a {}", short_name::<T>()))
    }

    fn mode(&mut self) -> Option<&mut Mode> {
        Some(&mut self.mode)
    }
}
