//! The agent that keeps private keys, as `ssh-add` fills it.
//!
//! Two of its messages are needed (draft-miller-ssh-agent, sections 4.4 and 4.5): which keys there
//! are, and sign this.

use std::io::{self, Read, Write};

use ssh_key::{PublicKey, Signature};

use crate::error::{Error, Result};

const REQUEST_IDENTITIES: u8 = 11;
const IDENTITIES: u8 = 12;
const SIGN_REQUEST: u8 = 13;
const SIGNATURE: u8 = 14;
/// Asks for SHA-512 in a signature by an RSA key.
const RSA_SHA2_512: u32 = 4;
/// No answer is longer.
const LONGEST: usize = 1 << 20;

const HINT: &str = "start one with eval \"$(ssh-agent)\" and give it the key with ssh-add KEY";

/// The only key that the agent has.
pub(super) fn only_key() -> Result<PublicKey> {
    let answer = ask(REQUEST_IDENTITIES, &[])?;
    let keys = keys(&answer).ok_or_else(|| failed("its answer cannot be read"))?;
    match keys.as_slice() {
        [key] => Ok(key.clone()),
        [] => Err(failed("it has no key that can sign here")),
        many => Err(Error::usage(
            format!("the agent has {} keys", many.len()),
            "name the one to sign with by its public half: --sign-key KEY.pub",
        )),
    }
}

/// Has the agent sign.
pub(super) fn sign(key: &PublicKey, data: &[u8]) -> Result<Signature> {
    let unreadable = || failed("its answer cannot be read");
    let blob = key.to_bytes().map_err(|_| failed("the key has no bytes"))?;
    let flags = if key.algorithm().is_rsa() {
        RSA_SHA2_512
    } else {
        0
    };
    let mut request = Vec::new();
    put(&mut request, &blob);
    put(&mut request, data);
    request.extend(flags.to_be_bytes());
    let answer = ask(SIGN_REQUEST, &request)?;
    let Some((&SIGNATURE, mut rest)) = answer.split_first() else {
        return Err(failed("it does not sign with this key"));
    };
    let signature = take(&mut rest).ok_or_else(unreadable)?;
    Signature::try_from(signature).map_err(|_| unreadable())
}

fn keys(answer: &[u8]) -> Option<Vec<PublicKey>> {
    let (&kind, mut rest) = answer.split_first()?;
    if kind != IDENTITIES {
        return None;
    }
    let count = number(&mut rest)?;
    let mut keys = Vec::new();
    for _ in 0..count {
        let blob = take(&mut rest)?;
        take(&mut rest)?;
        // A key of an unknown kind cannot be used, which makes no other unusable.
        keys.extend(PublicKey::from_bytes(blob));
    }
    Some(keys)
}

fn put(message: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    message.extend(length.to_be_bytes());
    message.extend(bytes);
}

fn number(rest: &mut &[u8]) -> Option<usize> {
    let (number, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    usize::try_from(u32::from_be_bytes(*number)).ok()
}

fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = number(rest)?;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(bytes)
}

fn ask(kind: u8, request: &[u8]) -> Result<Vec<u8>> {
    let mut stream = connect()?;
    let mut talk = || -> io::Result<Vec<u8>> {
        let length = u32::try_from(request.len() + 1).map_err(io::Error::other)?;
        let mut message = length.to_be_bytes().to_vec();
        message.push(kind);
        message.extend(request);
        stream.write_all(&message)?;
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer)?;
        Ok(answer)
    };
    talk().map_err(|error| failed(&error.to_string()))
}

#[cfg(unix)]
fn connect() -> Result<std::os::unix::net::UnixStream> {
    let socket = std::env::var_os("SSH_AUTH_SOCK").ok_or_else(|| {
        Error::usage(
            "the key's private half is to come from the agent, and no agent runs",
            HINT,
        )
    })?;
    let stream = std::os::unix::net::UnixStream::connect(&socket);
    stream.map_err(|error| failed(&error.to_string()))
}

#[cfg(not(unix))]
fn connect() -> Result<io::Cursor<Vec<u8>>> {
    Err(failed("agents are known on Unix only"))
}

fn failed(why: &str) -> Error {
    Error::usage(format!("the agent cannot sign: {why}"), HINT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_answer_is_no_panic() {
        let mut answer = vec![IDENTITIES, 0, 0, 0, 1];
        put(&mut answer, b"no key");
        put(&mut answer, b"comment");
        assert_eq!(keys(&answer).map(|keys| keys.len()), Some(0));
        for end in 0..answer.len() {
            assert!(keys(&answer[..end]).is_none(), "{end}");
        }
        assert!(take(&mut &[255, 255, 255, 255, 1][..]).is_none());
    }
}
