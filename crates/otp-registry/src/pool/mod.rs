//! Pools: a bounded number of workers, which callers borrow one at a time.
//!
//! A [`Pool`] keeps `size` workers running under a supervisor of its own. A borrower [checks out](PoolRef::checkout) a
//! worker and gets a guard, [`Borrowed`], which checks the worker in when it is dropped. If all workers are borrowed, up
//! to `overflow` temporary ones are started; beyond that, borrowers wait in line. The page `docs/pools.md` explains when
//! to use a pool. It follows Erlang's [`poolboy`](https://github.com/devinus/poolboy).
//!
//! ```
//! use otp::prelude::*;
//! use otp::registry::Pool;
//!
//! struct Connection(u32);
//!
//! #[gen_server]
//! impl Connection {
//!     #[init]
//!     fn init() -> Self {
//!         Connection(0)
//!     }
//!     #[call]
//!     fn query(&mut self) -> u32 {
//!         self.0 += 1;
//!         self.0
//!     }
//! }
//!
//! # fn main() {
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! let pool = Pool::new(Connection::child(())).size(1).start(&system).await.unwrap();
//! assert_eq!(pool.run(async |connection| connection.query().await).await, Ok(Ok(1)));
//!
//! let connection = pool.checkout().await.unwrap();
//! assert_eq!(connection.query().await, Ok(2));
//! // The only worker is borrowed.
//! assert!(pool.try_checkout().await.is_err());
//! drop(connection);
//! assert!(pool.try_checkout().await.is_ok());
//! # }).unwrap();
//! # }
//! ```
//!
//! | file | idea |
//! |---|---|
//! | `options`, `start` | what a pool is to be like; its start |
//! | `pool_ref`, `checkout`, `borrowed` | the side of the borrowers |
//! | `message`, `server` | the process of the pool |
//! | `lending`, `keeping` | what it does for borrowers, and about workers; `work`, what it has done by tasks |
//! | `book`, `line` | its bookkeeping, as plain data |
//! | `gauge` | figures of the pool for the errors of borrowers that do not hear from it |

mod book;
mod borrowed;
mod checkout;
mod error;
mod gauge;
mod keeping;
mod lending;
mod line;
mod message;
mod options;
mod pool_ref;
mod server;
mod start;
mod status;
mod work;

pub use borrowed::Borrowed;
pub use checkout::Checkout;
pub use error::CheckoutError;
pub use gauge::{PoolFigures, pools};
pub use message::PoolMessage;
pub use options::{OnBorrowerDeath, Pool, Strategy, Worker};
pub use pool_ref::{PoolName, PoolRef};
pub use start::StartPool;
pub use status::PoolStatus;
