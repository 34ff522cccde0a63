//! Frames of RFC 6455, as far as a client needs them that is in the same process as its server.

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::serve::Failure;
use crate::stream::MAX_MESSAGE_BYTES;

/// A control frame's payload, in bytes.
const MAX_CONTROL_BYTES: usize = 125;
/// The close code of a server that failed.
const INTERNAL_ERROR: u16 = 1011;

const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;

/// What the server says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    Message { bytes: Vec<u8>, is_text: bool },
    Ping(Vec<u8>),
    Close { is_failure: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

impl Opcode {
    fn read(byte: u8) -> Result<Self, Failure> {
        use Opcode::{Binary, Close, Continuation, Ping, Pong, Text};
        let known = [Continuation, Text, Binary, Close, Ping, Pong].into_iter().find(|opcode| *opcode as u8 == byte);
        known.ok_or_else(|| format!("the WebSocket's server sent a frame of the unknown kind {byte}").into())
    }
}

/// A whole frame of a client: masked, as it must be, by a mask that changes nothing.
pub(super) fn encode(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(14 + payload.len());
    frame.push(FINAL | opcode as u8);
    match payload.len() {
        length @ 0..=125 => frame.push(MASKED | length as u8),
        length @ 126..=0xffff => {
            frame.push(MASKED | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(MASKED | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// Reads what the server says next. An error where it breaks off, or says what cannot be carried.
pub(super) async fn read(reader: &mut (impl AsyncRead + Unpin)) -> Result<Said, Failure> {
    let mut message = None;
    loop {
        let (opcode, is_final, payload) = read_frame(reader).await?;
        let (bytes, is_text) = match opcode {
            Opcode::Ping => return Ok(Said::Ping(payload)),
            Opcode::Pong => continue,
            Opcode::Close => {
                let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                return Ok(Said::Close { is_failure: code == Some(INTERNAL_ERROR) });
            }
            Opcode::Text | Opcode::Binary => message.insert((payload, opcode == Opcode::Text)),
            Opcode::Continuation => {
                let message =
                    message.as_mut().ok_or("the WebSocket's server continued a message that was not begun")?;
                let (bytes, _): &mut (Vec<u8>, bool) = message;
                bytes.extend(payload);
                message
            }
        };
        if bytes.len() > MAX_MESSAGE_BYTES {
            return Err(too_large(bytes.len() as u64));
        }
        if is_final {
            return Ok(Said::Message { bytes: std::mem::take(bytes), is_text: *is_text });
        }
    }
}

async fn read_frame(reader: &mut (impl AsyncRead + Unpin)) -> Result<(Opcode, bool, Vec<u8>), Failure> {
    let [first, second] = read_array(reader).await?;
    let length = match second {
        MASKED.. => return Err("the WebSocket's server sent a masked frame".into()),
        126 => u64::from(u16::from_be_bytes(read_array(reader).await?)),
        127 => u64::from_be_bytes(read_array(reader).await?),
        length => u64::from(length),
    };
    let opcode = Opcode::read(first & 0x0f)?;
    let is_control = opcode as u8 >= Opcode::Close as u8;
    let limit = if is_control { MAX_CONTROL_BYTES } else { MAX_MESSAGE_BYTES };
    if length > limit as u64 {
        return Err(too_large(length));
    }
    let mut payload = vec![0; length as usize];
    reader.read_exact(&mut payload).await.map_err(broken_off)?;
    Ok((opcode, first & FINAL != 0, payload))
}

async fn read_array<const N: usize>(reader: &mut (impl AsyncRead + Unpin)) -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes).await.map_err(broken_off)?;
    Ok(bytes)
}

fn broken_off(_: std::io::Error) -> Failure {
    "the WebSocket was dropped without being closed".into()
}

fn too_large(bytes: u64) -> Failure {
    format!("a message of a WebSocket has {bytes} bytes or more; at most {MAX_MESSAGE_BYTES} are possible").into()
}
