//! Base 32 (RFC 4648, without padding) in lower case. Mail servers change the case of what stands
//! before the `@`, so tokens are read in either.

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Writes bytes, five bits a letter; spare bits at the end are zero.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(buffer >> bits));
            buffer &= (1 << bits) - 1;
        }
    }
    if bits > 0 {
        text.push(letter(buffer << (5 - bits)));
    }
    text
}

fn letter(value: u32) -> char {
    let at = usize::try_from(value & 31).unwrap_or_default();
    char::from(ALPHABET.get(at).copied().unwrap_or_default())
}

/// Reads exactly `N` bytes, from the one text that [`encode`] makes of them, in either case.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != (N * 8).div_ceil(5) {
        return None;
    }
    let mut bytes = [0; N];
    let mut places = bytes.iter_mut();
    let (mut buffer, mut bits) = (0_u32, 0);
    for given in text.bytes() {
        let given = given.to_ascii_lowercase();
        let value = ALPHABET.iter().position(|letter| *letter == given)?;
        buffer = (buffer << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            *places.next()? = u8::try_from(buffer >> bits).ok()?;
            buffer &= (1 << bits) - 1;
        }
    }
    (buffer == 0 && places.next().is_none()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_vectors_of_the_rfc() {
        for (plain, text) in [
            ("f", "my"),
            ("fo", "mzxq"),
            ("foo", "mzxw6"),
            ("foob", "mzxw6yq"),
            ("foobar", "mzxw6ytboi"),
        ] {
            assert_eq!(encode(plain.as_bytes()), text);
        }
        assert_eq!(decode::<6>("MZXW6YTBOI").as_ref(), Some(b"foobar"));
        for bad in ["mzxw6ytbo", "mzxw6ytboj", "mzxw6ytbo1", "mzxw6ytboi=", ""] {
            assert_eq!(decode::<6>(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: [u8; 31]) {
            prop_assert_eq!(decode::<31>(&encode(&bytes)), Some(bytes));
            prop_assert_eq!(decode::<31>(&encode(&bytes).to_uppercase()), Some(bytes));
        }
    }
}
