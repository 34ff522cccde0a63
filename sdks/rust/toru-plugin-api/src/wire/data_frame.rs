use super::frame::Fault;

/// The first byte of a data frame.
pub(super) const DATA: u8 = 0;
/// That byte, the flags and the number of the stream.
const HEAD_BYTES: usize = 6;

const LAST: u8 = 1;
const TEXT: u8 = 2;
const ABORTED: u8 = 4;

/// Bytes of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DataFrame<'a> {
    pub(crate) stream: u32,
    /// Nothing follows on the stream.
    pub(crate) last: bool,
    /// A text message of a WebSocket.
    pub(crate) text: bool,
    /// What came is not all.
    pub(crate) aborted: bool,
    pub(crate) bytes: &'a [u8],
}

impl<'a> DataFrame<'a> {
    /// Reads the bytes of a frame, without its length; `None` where it is a message.
    pub(crate) fn parse(frame: &'a [u8]) -> Result<Option<Self>, Fault> {
        match *frame {
            [DATA, flags, a, b, c, d, ref bytes @ ..] => Ok(Some(Self {
                stream: u32::from_be_bytes([a, b, c, d]),
                last: flags & LAST != 0,
                text: flags & TEXT != 0,
                aborted: flags & ABORTED != 0,
                bytes,
            })),
            [DATA, ..] => {
                Err(Fault::InvalidMessage(format!("a data frame has {} bytes; it needs {HEAD_BYTES}", frame.len())))
            }
            _ => Ok(None),
        }
    }

    /// A whole frame, length and all. `bytes` are far fewer than a frame may have.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let length = HEAD_BYTES + self.bytes.len();
        let mut frame = Vec::with_capacity(4 + length);
        frame.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        frame.extend([DATA, flag(self.last, LAST) | flag(self.text, TEXT) | flag(self.aborted, ABORTED)]);
        frame.extend(self.stream.to_be_bytes());
        frame.extend_from_slice(self.bytes);
        frame
    }
}
