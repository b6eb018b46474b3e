//! `demo`: the whole product in one command. A throw-away installation with believable data, and a
//! host site on a second port that integrates the Ticket Center as any customer would.

mod data;
mod host_site;
mod mailbox;

use crate::admin::Refused;
use crate::app::StartError;
use crate::config::{Config, Mailer, SettingFlags};
use crate::operators::links::{self, Purpose};
use crate::serve::{Server, asked_to_stop};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::net::TcpListener;

/// Where the demo listens besides the dashboard.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Where the host site listens; the next free port when it is taken
    #[arg(long, default_value = "127.0.0.1:8081", value_name = "ADDRESS:PORT")]
    pub host_listen: SocketAddr,
}

/// Why the demo cannot run.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DemoError(String);

impl From<StartError> for DemoError {
    fn from(error: StartError) -> Self {
        Self(error.to_string())
    }
}

impl From<crate::error::Error> for DemoError {
    fn from(error: crate::error::Error) -> Self {
        Self(Refused::from(error).sentence)
    }
}

impl From<std::io::Error> for DemoError {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// A folder that is gone when the demo ends.
struct ThrowAway(Option<PathBuf>);

impl Drop for ThrowAway {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            drop(std::fs::remove_dir_all(folder));
        }
    }
}

/// Runs the demo until it is asked to stop. A data folder named by flag is used
/// and stays; otherwise a temporary one. PostgreSQL is used only when a flag names it: settings of
/// a real installation that lie around must not fill its database with made-up people.
///
/// # Errors
/// When a port is taken, or the installation cannot be made.
pub async fn run(
    mut config: Config,
    options: Options,
    flags: &SettingFlags,
    json: bool,
) -> Result<(), DemoError> {
    let mut throw_away = ThrowAway(None);
    if flags.database_url.is_none() {
        config.database_url = None;
        config.key = None;
    }
    if flags.data.is_none() {
        let random: [u8; 8] = crate::ids::Random::system().bytes();
        let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        config.data = std::env::temp_dir().join(format!("helpdesky-demo-{name}"));
        throw_away.0 = Some(config.data.clone());
    }
    let host = listen_nearby(options.host_listen).await?;
    let host_url = format!("http://{}", host.local_addr()?);
    let default_listen = Config::for_folder(&config.data).listen;
    if config.listen == default_listen {
        // Not asked for: the next free port is as good.
        let free = listen_nearby(default_listen).await?.local_addr()?;
        if config.base_url == format!("http://{default_listen}") {
            config.base_url = format!("http://{free}");
        }
        config.listen = free;
    }
    // A demo must not write to anybody, whatever relay the environment names.
    config.mailer = Mailer::Memory;
    config.mail_from = Some("support@fernway.example".to_owned());
    let made = data::make(&config).await?;
    let server = Server::start(config).await?;
    let base_url = server.app.config().base_url.clone();
    let token = links::make(&server.app, Purpose::SignIn, Some(made.operator_id)).await?;
    let sign_in = format!("{base_url}/sign-in/{token}");
    let site = host_site::HostSite::new(
        server.app.clone(),
        &base_url,
        &made.helpdesk_id.to_string(),
        &made.secret,
    );
    let stopping = server.app.clone();
    let host_site = tokio::spawn(host_site::serve(
        host,
        site,
        async move { stopping.stopping().await },
    ));
    let asked = asked_to_stop();
    announce(&sign_in, &host_url, &made, json)?;
    let app = server.app.clone();
    tokio::spawn(async move {
        asked.await;
        app.stop();
    });
    server.run().await;
    drop(host_site.await);
    drop(throw_away);
    Ok(())
}

/// Listens on this address, or on the next free port above it.
async fn listen_nearby(wanted: SocketAddr) -> std::io::Result<TcpListener> {
    let mut address = wanted;
    for _ in 0..20 {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && address.port() < u16::MAX => {
                address.set_port(address.port() + 1);
            }
            bound => return bound,
        }
    }
    TcpListener::bind(wanted).await
}

fn announce(sign_in: &str, host_url: &str, made: &data::Made, json: bool) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        let value = serde_json::json!({"dashboard": sign_in, "hostSite": host_url, "mailbox": format!("{host_url}/mailbox"), "helpdeskId": made.helpdesk_id,
            "operator": made.operator_email, "password": made.password});
        writeln!(out, "{value}")?;
    } else {
        writeln!(
            out,
            "\nThe demo is running. Open both in a browser, side by side:\n\n  \
             As a customer   {host_url}\n                  a shop's own site; sign in as one of its users and open Support,\n                  or write to it under Contact without signing in\n\n  \
             As an operator  {sign_in}\n                  signs you in once; later: {} / {}\n\n  \
             Mail that left  {host_url}/mailbox\n                  what people would have got; a reply leaves after 60 seconds, unless it is read before\n\n\
             Write in one, answer in the other. Everything is thrown away at the end: Ctrl+C.\n",
            made.operator_email, made.password
        )?;
    }
    out.flush()
}
