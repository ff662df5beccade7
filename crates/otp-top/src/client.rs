//! Asks an observer.

use std::io;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use otp::System;
use otp::runtime::net::{ConnectError, NetAddr, NoNet};
use serde::de::DeserializeOwned;

/// The error of asking an observer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// The runtime has no sockets.
    #[error(transparent)]
    NoNet(#[from] NoNet),
    /// Nothing listens there.
    #[error("{0}: {kind}; is there an observer?", kind = .0.kind())]
    Connect(#[from] ConnectError),
    /// The connection broke.
    #[error("the connection to {address} broke: {source}")]
    #[non_exhaustive]
    Broken {
        /// The address.
        address: NetAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// There was no answer in time.
    #[error("{address} does not answer")]
    #[non_exhaustive]
    Silent {
        /// The address.
        address: NetAddr,
    },
    /// What listens there is no observer, or one of another version.
    #[error("{address} is no observer that this program knows: {why}")]
    #[non_exhaustive]
    Strange {
        /// The address.
        address: NetAddr,
        /// What is strange.
        why: String,
    },
}

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of an answer.
const MOST: u64 = 8 * 1024 * 1024;

/// Gets the JSON of a path.
///
/// # Errors
///
/// See [`AskError`].
pub async fn ask<T: DeserializeOwned>(system: &System, address: &NetAddr, path: &str) -> Result<T, AskError> {
    let text = system.timeout(PATIENCE, get(system, address, path)).await;
    let text = text.map_err(|_| AskError::Silent { address: address.clone() })??;
    let strange = |why: String| AskError::Strange { address: address.clone(), why };
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| strange("its answer has no end".to_owned()))?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        return Err(strange(format!("status {status}: {}", body.chars().take(200).collect::<String>())));
    }
    serde_json::from_str(body).map_err(|error| strange(error.to_string()))
}

async fn get(system: &System, address: &NetAddr, path: &str) -> Result<String, AskError> {
    let mut stream = system.net()?.connect(address).await?;
    let exchange = async {
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        (&mut stream).take(MOST).read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    exchange.await.map_err(|source| AskError::Broken { address: address.clone(), source })
}
