use std::io;
use std::sync::Arc;

use futures::io::AsyncReadExt;
use futures_rustls::pki_types::pem::PemObject;
use futures_rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use futures_rustls::rustls::client::verify_server_name;
use futures_rustls::rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use futures_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto};
use futures_rustls::{TlsAcceptor, TlsConnector};
use otp_core::runtime::net::Stream;

use super::io::Wire;
use crate::proto::{NodeName, Prefix};

/// Encrypts the connections of a node, and verifies both sides: Erlang's `-proto_dist inet_tls`, with `verify_peer` and
/// `fail_if_no_peer_cert`.
///
/// Certificates are of the authority that is passed in, and valid for the host in the name of their node, in both
/// directions. A host that is an IP address has to be one in the certificate. (OTP also wants it as a DNS name.)
#[derive(Clone)]
pub struct Tls {
    connector: TlsConnector,
    acceptor: TlsAcceptor,
}

/// The error of certificates that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot use {what}: {why}")]
#[non_exhaustive]
pub struct TlsError {
    /// What cannot be used.
    pub what: &'static str,
    /// Why.
    pub why: String,
}

impl Tls {
    /// Makes a configuration of the certificate of the authority, that of the node with all in between, and the key of the
    /// node, each in PEM.
    ///
    /// # Errors
    ///
    /// [`TlsError`] says which of them cannot be used.
    pub fn from_pem(authority: &[u8], certificate: &[u8], key: &[u8]) -> Result<Tls, TlsError> {
        let failed = |what| move |error: &dyn std::fmt::Display| TlsError { what, why: error.to_string() };
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_slice_iter(authority) {
            let root = root.map_err(|error| failed("the authority")(&error))?;
            roots.add(root).map_err(|error| failed("the authority")(&error))?;
        }
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
        let chain = chain.map_err(|error| failed("the certificate")(&error))?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| failed("the key")(&error))?;

        let (provider, roots) = (Arc::new(crypto::ring::default_provider()), Arc::new(roots));
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.clone(), provider.clone()).build();
        let verifier = verifier.map_err(|error| failed("the authority")(&error))?;
        let versions = |error| failed("the versions of TLS")(&error);
        let server = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();
        let server = server.map_err(versions)?.with_client_cert_verifier(verifier);
        let server = server.with_single_cert(chain.clone(), key.clone_key());
        let client = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let client = client.map_err(versions)?.with_root_certificates(roots).with_client_auth_cert(chain, key);
        let unusable = failed("the certificate and its key");
        Ok(Tls {
            connector: Arc::new(client.map_err(|error| unusable(&error))?).into(),
            acceptor: Arc::new(server.map_err(|error| unusable(&error))?).into(),
        })
    }

    /// Connects: the other side has to be the host of this node.
    pub(super) async fn connect(&self, stream: Stream, to: &NodeName) -> io::Result<Wire> {
        let host = ServerName::try_from(to.host().to_owned()).map_err(io::Error::other)?;
        let (reader, writer) = self.connector.connect(host, stream).await?.split();
        Ok(Wire::new(Box::new(reader), Box::new(writer), Prefix::Four))
    }

    /// Accepts a connection of somebody with a certificate of the authority.
    pub(super) async fn accept(&self, stream: Stream) -> io::Result<Wire> {
        let stream = self.acceptor.accept(stream).await?;
        let certificate =
            stream.get_ref().1.peer_certificates().and_then(<[_]>::first).map(|of| of.clone().into_owned());
        let (reader, writer) = stream.split();
        let mut wire = Wire::new(Box::new(reader), Box::new(writer), Prefix::Four);
        wire.certificate = certificate;
        Ok(wire)
    }
}

/// Returns whether a certificate is one of the host of a node.
pub(super) fn is_of(certificate: &CertificateDer<'_>, node: &NodeName) -> bool {
    let (Ok(certificate), Ok(host)) = (ParsedCertificate::try_from(certificate), ServerName::try_from(node.host()))
    else {
        return false;
    };
    verify_server_name(&certificate, &host).is_ok()
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls(..)")
    }
}
