//! Signatures as `ssh-keygen -Y sign` makes them.

use std::path::Path;

use ssh_key::{HashAlg, LineEnding, PrivateKey, PublicKey, SshSig};

use super::agent;
use crate::error::{Error, Result};
use crate::small_file;

/// What a signature is for, so that it cannot be taken for one of something else.
pub const NAMESPACE: &str = "perf-report";

/// What `--sign-key` takes for the key that the agent has.
const AGENT: &str = "agent";

/// What signs: a private key, or a key of which the agent has the private half.
#[derive(Debug)]
pub struct Signer(Key);

#[derive(Debug)]
enum Key {
    Private(Box<PrivateKey>),
    Agent(Box<PublicKey>),
}

impl Signer {
    /// Reads an OpenSSH private key. A public key, and a private one under a passphrase, stand for one
    /// that the agent has, and `agent` for its only one.
    ///
    /// # Errors
    /// When it is no key.
    pub fn read(path: &Path) -> Result<Self> {
        if path.as_os_str() == AGENT && !path.exists() {
            let key = agent::only_key()?;
            return Ok(Self(Key::Agent(Box::new(key))));
        }
        let text = small_file::read_text(path)?;
        if let Ok(key) = PublicKey::from_openssh(&text) {
            return Ok(Self(Key::Agent(Box::new(key))));
        }
        let key = PrivateKey::from_openssh(&text).map_err(|error| {
            Error::input(
                path,
                format!("this is no OpenSSH private key ({error})"),
                "ssh-keygen -t ed25519 makes one; ssh-keygen -p -f KEY brings an older one into \
                 OpenSSH's form",
            )
        })?;
        Ok(Self(if key.is_encrypted() {
            Key::Agent(Box::new(key.public_key().clone()))
        } else {
            Key::Private(Box::new(key))
        }))
    }

    /// A signature of a text, as a file.
    ///
    /// # Errors
    /// When the key is of a kind that cannot sign here, or the agent does not have it.
    pub fn sign(&self, text: &[u8]) -> Result<String> {
        let failed = |error: ssh_key::Error| {
            Error::usage(
                format!("cannot sign with this key ({error})"),
                "use an Ed25519 key, or let the agent sign: ssh-add KEY, and --sign-key KEY.pub",
            )
        };
        let signature = match &self.0 {
            Key::Private(key) => key.sign(NAMESPACE, HashAlg::Sha512, text).map_err(failed)?,
            Key::Agent(key) => {
                let data = SshSig::signed_data(NAMESPACE, HashAlg::Sha512, text).map_err(failed)?;
                let signature = agent::sign(key, &data)?;
                SshSig::new(
                    key.key_data().clone(),
                    NAMESPACE,
                    HashAlg::Sha512,
                    signature,
                )
                .map_err(failed)?
            }
        };
        signature.to_pem(LineEnding::LF).map_err(failed)
    }
}

/// What a signature says of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// It is of this text, by the key of this fingerprint.
    By(String),
    /// It cannot be checked here, since the key is of a kind that only OpenSSH knows.
    Unchecked(String),
}

/// Holds a signature against a text.
///
/// # Errors
/// With what is wrong.
pub(super) fn check(signature: &[u8], text: &[u8]) -> Result<Signed, String> {
    let signature =
        SshSig::from_pem(signature).map_err(|error| format!("this is no signature ({error})"))?;
    let key = PublicKey::new(signature.public_key().clone(), "");
    let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
    match key.verify(NAMESPACE, text, &signature) {
        Ok(()) => Ok(Signed::By(fingerprint)),
        Err(ssh_key::Error::AlgorithmUnsupported { .. } | ssh_key::Error::AlgorithmUnknown) => {
            Ok(Signed::Unchecked(fingerprint))
        }
        Err(error) => Err(format!("the signature is not of these sums ({error})")),
    }
}
