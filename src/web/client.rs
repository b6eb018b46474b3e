//! Who is on the other end of the connection.

use crate::app::App;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The address a request comes from. Forwarded addresses count only when a configured proxy sent
/// them: anybody can write the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// What one household has: an IPv4 address or an IPv6 /64. Limits count by it, because whoever
    /// has one address of a /64 has all of them.
    pub fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        }
    }
}

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(peer)| peer.ip().to_canonical());
        let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let lines = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|line| line.to_str().ok());
        let forwarded: Vec<&str> = lines.flat_map(|line| line.split(',')).collect();
        Ok(Self(resolve(peer, &forwarded, &app.config().trusted_proxies)))
    }
}

/// Walks back from the nearest hop: the first that is not one of our proxies is the client.
fn resolve(peer: IpAddr, forwarded: &[&str], trusted: &[IpAddr]) -> IpAddr {
    let mut address = peer;
    for hop in forwarded.iter().rev() {
        if !trusted.contains(&address) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(next) => address = next.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_configured_proxies_are_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let proxy = [ip("10.0.0.2"), ip("10.0.0.3")];
        let resolve = |peer: &str, forwarded: &[&str]| resolve(ip(peer), forwarded, &proxy).to_string();
        assert_eq!(resolve("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(resolve("10.0.0.2", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            resolve("10.0.0.2", &["1.1.1.1", " 198.51.100.1", "10.0.0.3"]),
            "198.51.100.1"
        );
        assert_eq!(resolve("10.0.0.2", &["nonsense"]), "10.0.0.2");
        assert_eq!(resolve("10.0.0.2", &[]), "10.0.0.2");
    }
}
