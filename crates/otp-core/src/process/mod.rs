//! Processes: how they are built, started, signalled and ended.
//!
//! | file | idea |
//! |---|---|
//! | `process_ref`, `handle` | a process as others use it, and as it acts itself |
//! | `spawn`, `run`, `end` | how a process is started, how it is polled, and in which order its end takes effect |
//! | `header`, `cell` | the parts of a process that do not depend on its message type; the one allocation that contains all parts |
//! | `present` | the process that the calling thread is polling |
//! | `shell`, `notes` | how the executor is woken; flags and counters of a process while it is polled |
//! | `mailbox`, `context` | the two halves of the queue: of the senders, of the receiver; `bound`, the line of senders that wait for room, `room`, how senders take room, wait for it and give it back; `receive`, a wait for a message; `receive_macro`, one with patterns |
//! | `load` | what a mailbox does under load: bounds of two lanes, what is dropped, merged and skipped |
//! | `ties`, `relations` | the ties of a process to others, wherever it runs; their state under one lock |
//! | `belonging` | what is notified when its owner ends |
//! | `link`, `links`, `monitor`, `alias` | exit signals, `Down` messages, and an address that can be switched off |
//! | `message`, `target` | what a process receives; what a monitor watches |
//! | `deposit`, `post` | a message that its sender may take back until it is received, and how it gets into a mailbox; `receipt`, what tells that it was received |
//! | `arrival` | the number of a message among all that came into a mailbox: by it a caller learns whether its request was received |
//! | `stop` | a request to end, handled in order with messages |
//! | `inline`, `pace` | calls that run the callee on the caller's thread, and for which callees |
//! | `at_once`, `paces` | starts and stops that run the process on the thread of the one that waits, and of which types |
//! | `hand_over` | a process that was woken by one that is polled is polled next by the same task |
//! | `guardian` | what ends processes that have no task, with their executor |
//! | `blocked` | how a signal ends a process that blocks its thread, and what says that one may |
//! | `thread` | processes on threads of their own, which their code may block |
//! | `time_limit`, `alarm` | the time limit of a wait, and the one timer of a process for all its limits |
//! | `waits`, `cycle` | which processes a process waits for, and the search for a cycle of such waits |
//! | `table` | the processes of a system, by pid |
//! | `crashed`, `logged` | reports of crashes, and other log records about processes |
//! | `directed` | what a simulator observes and holds back |

mod alarm;
mod alias;
mod arrival;
mod at_once;
mod belonging;
mod blocked;
mod bound;
mod cell;
mod context;
mod crashed;
mod cycle;
mod deposit;
mod directed;
mod doing;
mod end;
mod guardian;
mod hand_over;
mod handle;
mod header;
mod inline;
mod keep;
mod link;
mod links;
pub(crate) mod load;
mod logged;
mod mailbox;
mod message;
mod monitor;
mod notes;
mod pace;
mod paces;
mod pid;
mod post;

mod present;
mod process_ref;
mod receipt;
mod receive;
mod receive_macro;
mod reference;
mod relations;
mod room;
mod run;
mod send_error;
mod shell;
mod spawn;
mod stop;
mod table;
mod target;
mod thread;
mod ties;
mod time_limit;
mod tracer;
mod waiters;
mod waits;

pub use alias::{Alias, AliasMode};
pub use at_once::{exit_at_once, stop_at_once};
pub use belonging::{Belonging, End};
pub use blocked::{blockable, may_block};
pub use context::{Mark, ProcessContext};
pub use crashed::{keep_state, report_crash};
pub use doing::Doing;
pub use handle::Process;
pub use inline::take_turn;
pub use keep::Kept;
pub use link::LinkError;
pub use load::{Key, Lane, LoadEvent, LoadFigures, MailboxPolicy, Overflow, Overload};
pub use message::{AnyDeposit, Down, Exit, Mail, Message, MessageRef, Signal};
pub use pid::{ParsePidError, Pid};
pub use process_ref::ProcessRef;
pub use receipt::Receipt;
pub use receive::Receive;
pub use reference::{MonitorRef, Ref};
pub use send_error::{SendError, TrySendError};
pub use spawn::{SpawnOptions, Spawned, Spawner};
pub use stop::{end, send_stop};
pub use target::Target;
pub use thread::{Local, ThreadEvent, Threads};
pub use tracer::{Act, Tracer, is_traced, set_tracer, trace, trace_state};
pub use waits::Awaited;

pub(crate) use arrival::Arrival;
pub(crate) use belonging::Belongings;
pub(crate) use blocked::Foreign;
pub(crate) use deposit::{Deposit, NotedSignal};
pub(crate) use end::end_stand_in;
pub(crate) use guardian::Guardian;
pub(crate) use hand_over::hand_over_nothing;
pub(crate) use header::{AnyProcess, Header};
pub(crate) use inline::{has_to_wait, is_run_inline};
pub(crate) use link::{end_link, link, signal, unlink};
pub(crate) use logged::{mailbox_full, wrong_type};
#[cfg(all(test, otp_loom))]
pub(crate) use mailbox::Mailbox;
pub(crate) use mailbox::Refused;
pub(crate) use monitor::{add as monitor, add_as as monitor_as, fire_from, remove as demonitor};
pub(crate) use paces::Paces;
pub(crate) use present::with_present;
pub(crate) use process_ref::has_to_yield;
pub(crate) use relations::{Alive, Dropped, Relations};
pub(crate) use table::Table;
pub(crate) use thread::PATIENCE;
pub(crate) use ties::{Party, Side, Ties};
pub(crate) use time_limit::TimeLimit;
pub(crate) use tracer::ByType;
pub(crate) use waits::{For, may_go_on, wait_for};
