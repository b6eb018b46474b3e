//! The PROXY protocol, versions 1 and 2, by which a load balancer says who its client is.
//!
//! Only a balancer that was configured may be believed: whoever can reach the port could send such a
//! line otherwise.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const LINE_BYTES: usize = 107;
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// A header with more than this after its 16 first bytes carries nothing that we could use.
const REST_BYTES: usize = 4_096;

/// What stands at the beginning of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxied {
    /// More bytes are needed.
    Incomplete,
    /// The header is complete.
    Header {
        /// How many bytes it takes; what follows is the client's.
        bytes: usize,
        /// The client; `None` when the balancer speaks for itself (health checks) or does not know.
        client: Option<SocketAddr>,
    },
    /// This is no header: hang up.
    Invalid,
}

/// Reads the header at the beginning of a connection.
pub fn read(input: &[u8]) -> Proxied {
    if input.starts_with(SIGNATURE) {
        return version_2(input);
    }
    if input.starts_with(b"PROXY ") {
        return version_1(input);
    }
    let may_become = SIGNATURE.starts_with(input) || b"PROXY ".starts_with(input);
    if may_become {
        Proxied::Incomplete
    } else {
        Proxied::Invalid
    }
}

/// `PROXY TCP4 198.51.100.1 203.0.113.1 56324 25` and CRLF.
fn version_1(input: &[u8]) -> Proxied {
    let head = input.get(..LINE_BYTES).unwrap_or(input);
    let Some(end) = head.windows(2).position(|pair| pair == b"\r\n") else {
        return if input.len() >= LINE_BYTES {
            Proxied::Invalid
        } else {
            Proxied::Incomplete
        };
    };
    let line = head.get(..end).and_then(|line| std::str::from_utf8(line).ok());
    let fields: Vec<&str> = line.unwrap_or_default().split(' ').collect();
    let client = match fields.as_slice() {
        ["PROXY", "UNKNOWN", ..] => None,
        [
            "PROXY",
            family @ ("TCP4" | "TCP6"),
            source,
            target,
            source_port,
            target_port,
        ] => {
            let address = |text: &str| -> Option<IpAddr> {
                let address: IpAddr = text.parse().ok()?;
                (address.is_ipv4() == (*family == "TCP4")).then_some(address)
            };
            let port = |text: &str| {
                text.bytes()
                    .all(|b| b.is_ascii_digit())
                    .then(|| text.parse::<u16>().ok())?
            };
            match (
                address(source),
                address(target),
                port(source_port),
                port(target_port),
            ) {
                (Some(address), Some(_), Some(port), Some(_)) => Some(SocketAddr::new(address, port)),
                _ => return Proxied::Invalid,
            }
        }
        _ => return Proxied::Invalid,
    };
    Proxied::Header {
        bytes: end + 2,
        client,
    }
}

/// Signature, version and command, family, length, addresses, extensions.
fn version_2(input: &[u8]) -> Proxied {
    let Some((head, rest)) = input.split_first_chunk::<16>() else {
        return Proxied::Incomplete;
    };
    let [.., command, family, high, low] = *head;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > REST_BYTES || !matches!(command, 0x20 | 0x21) {
        return Proxied::Invalid;
    }
    let Some(rest) = rest.get(..length) else {
        return Proxied::Incomplete;
    };
    let client = match (command, family) {
        (0x21, 0x11) => client::<4>(rest).map(|(address, port)| (Ipv4Addr::from(address).into(), port)),
        (0x21, 0x21) => client::<16>(rest).map(|(address, port)| (Ipv6Addr::from(address).into(), port)),
        // LOCAL, UNIX sockets, datagrams: nothing about a client.
        _ => {
            return Proxied::Header {
                bytes: 16 + length,
                client: None,
            };
        }
    };
    match client {
        Some((address, port)) => Proxied::Header {
            bytes: 16 + length,
            client: Some(SocketAddr::new(address, port)),
        },
        None => Proxied::Invalid,
    }
}

/// Source address, target address, source port, target port.
fn client<const N: usize>(bytes: &[u8]) -> Option<([u8; N], u16)> {
    let (source, rest) = bytes.split_first_chunk::<N>()?;
    let (_, rest) = rest.split_first_chunk::<N>()?;
    let (ports, _) = rest.split_first_chunk::<4>()?;
    let [high, low, ..] = *ports;
    Some((*source, u16::from_be_bytes([high, low])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(bytes: usize, client: &str) -> Proxied {
        let client = client.parse().ok();
        Proxied::Header { bytes, client }
    }

    fn binary(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [SIGNATURE.as_slice(), &[command, family], &length, rest].concat()
    }

    #[test]
    fn headers_of_both_versions_are_read() {
        let four = [198, 51, 100, 1, 203, 0, 113, 1, 0xdc, 0x04, 0, 25];
        let six = [
            [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1].as_slice(),
            &[0; 16],
            &[0, 9, 0, 25],
            b"tlv",
        ]
        .concat();
        for (given, expected) in [
            (
                b"PROXY TCP4 198.51.100.1 203.0.113.1 56324 25\r\nEHLO a\r\n".to_vec(),
                header(46, "198.51.100.1:56324"),
            ),
            (
                b"PROXY TCP6 2001:db8::1 ::1 9 25\r\n".to_vec(),
                header(33, "[2001:db8::1]:9"),
            ),
            (b"PROXY UNKNOWN\r\n".to_vec(), header(15, "")),
            (binary(0x21, 0x11, &four), header(28, "198.51.100.1:56324")),
            (binary(0x21, 0x21, &six), header(16 + 39, "[2001:db8::1]:9")),
            (binary(0x20, 0, b""), header(16, "")),
            (binary(0x21, 0x31, &[0; 216]), header(232, "")),
        ] {
            assert_eq!(read(&given), expected, "{given:?}");
            for cut in 0..46.min(given.len()) {
                let cut_off = read(&given[..cut]);
                assert!(cut_off == Proxied::Incomplete || cut >= 15, "{given:?} at {cut}");
            }
        }
    }

    #[test]
    fn anything_else_is_invalid() {
        for given in [
            b"EHLO a\r\n".to_vec(),
            b"PROXY TCP4 2001:db8::1 203.0.113.1 1 25\r\n".to_vec(),
            b"PROXY TCP4 198.51.100.1 203.0.113.1 +1 25\r\n".to_vec(),
            b"PROXY TCP4 198.51.100.1 203.0.113.1 65536 25\r\n".to_vec(),
            b"PROXY TCP4  198.51.100.1 203.0.113.1 1 25\r\n".to_vec(),
            [b"PROXY TCP4 ".as_slice(), &[b'1'; 120]].concat(),
            binary(0x31, 0x11, &[0; 12]),
            binary(0x21, 0x11, &[0; 11]),
            binary(0x21, 0x11, &[0; 5_000]),
        ] {
            assert_eq!(read(&given), Proxied::Invalid, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), command: u8, family: u8) {
            let _ = read(&bytes);
            let _ = read(&binary(command, family, &bytes));
        }
    }
}
