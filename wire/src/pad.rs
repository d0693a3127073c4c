//! Bodies: compressed where it helps, then padded in steps, so that a size tells little.
//!
//! Form: CBOR array `[codec, content, zeros]`; codec 0 = as it is, 1 = raw DEFLATE (RFC 1951), 2 = raw DEFLATE over
//! the preset dictionary in `dictionary.bin`: the vocabulary and one empty body of each common kind, so that a spotting
//! of a few words does not carry the names of its fields. The file is part of the format and is never edited.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use minicbor::{Decode, Encode};
use zeroize::Zeroizing;

use crate::cose::decode;
use crate::{WireError, limits};

const DICTIONARY: &[u8] = include_bytes!("dictionary.bin");

#[derive(Encode, Decode)]
struct Padded<'b> {
    #[n(0)]
    codec: u8,
    #[cbor(b(1), with = "minicbor::bytes")]
    content: &'b [u8],
    #[cbor(b(2), with = "minicbor::bytes")]
    zeros: &'b [u8],
}

/// The length that `length` bytes are padded to: steps of 32 up to 256, of 64 up to 1,024, then an eighth of the
/// power of two below (at most 12.5 % more).
pub const fn padded_len(length: usize) -> usize {
    let step = match length {
        0..=256 => 32,
        257..=1024 => 64,
        _ => (1 << length.ilog2()) / 8,
    };
    length.div_ceil(step) * step
}

/// Compresses and pads.
pub fn pad(content: &[u8]) -> Result<Zeroizing<Vec<u8>>, WireError> {
    if content.len() > limits::BODY_BYTES {
        return Err(WireError::TooLarge("body"));
    }
    let deflated = deflate(content)?;
    let (codec, content) = if deflated.len() < content.len() { (2, deflated.as_slice()) } else { (0, content) };
    // The head of the zeros' byte string grows with its length, so a wish may miss its step by a byte or two: then
    // the next step is taken.
    let bare = 1 + 1 + head_len(content.len()) + content.len();
    let mut target = padded_len(bare + 1);
    let zeros = loop {
        let fits = (1..=5).find_map(|head| {
            let zeros = target.checked_sub(bare + head)?;
            (head_len(zeros) == head).then_some(zeros)
        });
        match fits {
            Some(zeros) => break zeros,
            None => target = padded_len(target + 1),
        }
    };
    let zeros = vec![0; zeros];
    let mut padded = Zeroizing::new(Vec::with_capacity(target));
    minicbor::encode(Padded { codec, content, zeros: &zeros }, &mut *padded)
        .map_err(|_| WireError::Malformed("body"))?;
    Ok(padded)
}

/// The inverse of [`pad`], bounded by [`limits::BODY_BYTES`].
pub fn unpad(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, WireError> {
    let padded: Padded<'_> = decode(bytes, "body")?;
    if padded.zeros.iter().any(|byte| *byte != 0) {
        return Err(WireError::Malformed("padding"));
    }
    match padded.codec {
        0 if padded.content.len() > limits::BODY_BYTES => Err(WireError::TooLarge("body")),
        0 => Ok(Zeroizing::new(padded.content.to_vec())),
        1 => inflate(padded.content, Decompress::new(false)),
        2 => {
            let mut inflater = Decompress::new(false);
            inflater.set_dictionary(DICTIONARY).map_err(|_| WireError::Malformed("body"))?;
            inflate(padded.content, inflater)
        }
        codec => Err(WireError::Version(u64::from(codec))),
    }
}

/// One DEFLATE stream over the preset dictionary.
fn deflate(content: &[u8]) -> Result<Zeroizing<Vec<u8>>, WireError> {
    const FAILED: WireError = WireError::Key("compress");
    let mut deflater = Compress::new(Compression::best(), false);
    deflater.set_dictionary(DICTIONARY).map_err(|_| FAILED)?;
    // What cannot be made smaller grows by a few bytes in each block of at least 16 KiB.
    let mut deflated = Zeroizing::new(Vec::with_capacity(content.len() + content.len() / 1_000 + 64));
    match deflater.compress_vec(content, &mut deflated, FlushCompress::Finish) {
        Ok(Status::StreamEnd) => Ok(deflated),
        _ => Err(FAILED),
    }
}

/// The whole of a DEFLATE stream and nothing after it. Grows by hand, because a vector that grows leaves a copy of the
/// plain text behind.
fn inflate(deflated: &[u8], mut inflater: Decompress) -> Result<Zeroizing<Vec<u8>>, WireError> {
    const BAD: WireError = WireError::Malformed("body");
    let mut content = Zeroizing::new(Vec::with_capacity(4096.max(deflated.len() * 4).min(limits::BODY_BYTES + 1)));
    loop {
        let read = usize::try_from(inflater.total_in()).map_err(|_| BAD)?;
        let rest = deflated.get(read..).ok_or(BAD)?;
        let before = (inflater.total_in(), inflater.total_out());
        let status = inflater.decompress_vec(rest, &mut content, FlushDecompress::None).map_err(|_| BAD)?;
        if content.len() > limits::BODY_BYTES {
            return Err(WireError::TooLarge("body"));
        }
        if status == Status::StreamEnd {
            return if inflater.total_in() == deflated.len() as u64 { Ok(content) } else { Err(BAD) };
        }
        if content.len() < content.capacity() && before == (inflater.total_in(), inflater.total_out()) {
            return Err(BAD);
        }
        if content.len() == content.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity((content.capacity() * 2).min(limits::BODY_BYTES + 1)));
            larger.extend_from_slice(&content);
            content = larger;
        }
    }
}

const fn head_len(length: usize) -> usize {
    match length {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{pad, padded_len, unpad};

    proptest! {
        #[test]
        fn what_is_padded_comes_back_and_has_a_padded_length(content in proptest::collection::vec(any::<u8>(), 0..3000)) {
            let padded = pad(&content).unwrap();
            prop_assert_eq!(padded_len(padded.len()), padded.len());
            let back = unpad(&padded).unwrap();
            prop_assert_eq!(back.as_slice(), content.as_slice());
        }

        #[test]
        fn bytes_from_outside_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpad(&bytes);
        }
    }

    fn body(codec: u8, content: &[u8]) -> Vec<u8> {
        minicbor::to_vec(super::Padded { codec, content, zeros: &[0; 4] }).unwrap()
    }

    #[test]
    fn a_deflated_body_that_is_cut_or_followed_by_more_is_refused() {
        let text = b"Deflate ends where its last block says, nowhere else. Deflate ends where its last block says.";
        let mut deflated = Vec::with_capacity(text.len() + 64);
        let mut deflater = super::Compress::new(flate2::Compression::best(), false);
        deflater.compress_vec(text.as_slice(), &mut deflated, super::FlushCompress::Finish).unwrap();
        assert_eq!(unpad(&body(1, &deflated)).unwrap().as_slice(), text);
        for cut in 0..deflated.len() {
            assert!(unpad(&body(1, &deflated[..cut])).is_err(), "cut at {cut}");
        }
        assert!(unpad(&body(1, &[deflated.as_slice(), b"more"].concat())).is_err());
        assert!(unpad(&body(2, b"a later codec")).is_err());
    }

    #[test]
    fn a_compression_bomb_is_refused() {
        let bomb = pad(&vec![0; crate::limits::BODY_BYTES]).unwrap();
        assert!(unpad(&bomb).is_ok());
        assert!(pad(&vec![0; crate::limits::BODY_BYTES + 1]).is_err());
    }
}
