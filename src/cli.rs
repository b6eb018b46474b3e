//! The command line: reads arguments, runs one thing, prints its answer.

use crate::admin::{self, Answer, Command, Refused, command, control};
use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::config::{Config, SettingFlags};
use crate::demo;
use crate::ids::Random;
use crate::serve::{Server, asked_to_stop};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use serde_json::json;
use std::io::{IsTerminal, Read, Write};
use std::process::ExitCode;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Helpdesky, a self-hosted help desk with an embedded, signed-in Ticket Center.
#[derive(Parser)]
#[command(name = "helpdesky", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Action>,
    #[command(flatten)]
    settings: SettingFlags,
    /// Print one JSON value instead of text
    #[arg(long, global = true)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Run the server (also what a bare `helpdesky` does)
    Serve,
    /// Try everything: a throw-away installation with a host site that embeds the Ticket Center
    Demo(demo::Options),
    /// Print the version, and those of the databases inside
    Version,
    #[command(flatten)]
    Admin(Command),
}

/// What went wrong: a name for scripts, cause and remedy for people.
struct Failure {
    code: String,
    sentence: String,
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self {
            code: "cannot_start".to_owned(),
            sentence: error.to_string(),
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self {
            code: refused.code,
            sentence: refused.sentence,
        }
    }
}

impl From<demo::DemoError> for Failure {
    fn from(error: demo::DemoError) -> Self {
        Self {
            code: "cannot_start".to_owned(),
            sentence: error.to_string(),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self {
            code: "io".to_owned(),
            sentence: error.to_string(),
        }
    }
}

/// Runs the program and returns its exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    let json = cli.json;
    let is_delivery = matches!(
        cli.command,
        Some(Action::Admin(Command::Mail(command::Mail::Deliver(_))))
    );
    let done = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => Err(Failure::from(error)),
    };
    match done {
        Ok(code) => code,
        Err(failure) if is_delivery => for_mail_server(&failure, json),
        Err(failure) => fail(&failure, json),
    }
}

/// A command line that is wrong, or asks for help.
fn misused(error: &clap::Error) -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let is_delivery = words.windows(2).any(|pair| pair == ["mail", "deliver"]);
    drop(error.print());
    match error.exit_code() {
        0 => ExitCode::SUCCESS,
        // Whoever set up the pipe will see it; the mail must not be returned meanwhile.
        _ if is_delivery => ExitCode::from(TEMPORARY),
        code => ExitCode::from(u8::try_from(code).unwrap_or(1)),
    }
}

async fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let json = cli.json;
    let config = Config::load(&cli.settings, std::env::vars_os()).map_err(|error| Failure {
        code: "settings".to_owned(),
        sentence: error.to_string(),
    })?;
    match cli.command.unwrap_or(Action::Serve) {
        Action::Serve => serve(config, json).await,
        Action::Demo(options) => {
            start_logging(&config);
            demo::run(config, options, &cli.settings, json).await?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Version => {
            let (version, sqlite) = (env!("CARGO_PKG_VERSION"), db::sqlite_version());
            print(
                &Answer {
                    json: json!({"version": version, "sqlite": sqlite}),
                    text: format!("helpdesky {version} (SQLite {sqlite}; PostgreSQL 14 or later)"),
                    good: true,
                },
                json,
            )?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Admin(command) => administrate(config, command, json).await,
    }
}

/// What a mail server tries again (sysexits.h).
const TEMPORARY: u8 = 75;

/// Mail servers read the exit code of a pipe (sysexits.h): what may work later is tried again, what never
/// will is returned to its sender.
fn for_mail_server(failure: &Failure, json: bool) -> ExitCode {
    const DATA_ERROR: u8 = 65;
    const NO_USER: u8 = 67;
    fail(failure, json);
    ExitCode::from(match failure.code.as_str() {
        "mail_too_long" | "empty_mail" => DATA_ERROR,
        "unknown_helpdesk" | "unknown_recipient" => NO_USER,
        _ => TEMPORARY,
    })
}

async fn serve(config: Config, json: bool) -> Result<ExitCode, Failure> {
    start_logging(&config);
    let server = Server::start(config).await?;
    let base_url = server.app.config().base_url.clone();
    let setup = server.setup_link().await.map_err(Refused::from)?;
    let mut text = format!(
        "Helpdesky {} is listening on http://{} for {base_url}",
        env!("CARGO_PKG_VERSION"),
        server.address
    );
    if let Some(link) = &setup {
        text.push_str(&format!(
            "\nThis installation is empty. Set it up within 7 days at:\n  {link}"
        ));
    }
    let asked = asked_to_stop();
    let value = json!({"listening": server.address.to_string(), "baseUrl": base_url, "setupUrl": setup});
    print(
        &Answer {
            json: value,
            text,
            good: true,
        },
        json,
    )?;
    let app = server.app.clone();
    tokio::spawn(async move {
        asked.await;
        app.stop();
        tracing::info!("asked to stop; finishing what is running");
    });
    server.run().await;
    Ok(ExitCode::SUCCESS)
}

/// Lets the running server do it; when none runs, opens the data and does it here.
async fn administrate(config: Config, mut command: Command, json: bool) -> Result<ExitCode, Failure> {
    fill_in_password(&mut command)?;
    fill_in_key(&mut command)?;
    fill_in_mail(&mut command)?;
    if let Command::Backup { to } = &mut command {
        // The server that does it may stand in another folder.
        *to = std::path::absolute(&*to)?;
    }
    let answer = match control::send(&config.data, &command).await? {
        Some(answered) => answered?,
        None => {
            needs_installation(&config, &command)?;
            let app = App::open(config, Clock::system(), Random::system()).await?;
            admin::run(&app, command).await?
        }
    };
    print(&answer, json)?;
    Ok(if answer.good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Only `helpdesk add` makes a new installation: with any other command, a folder without one is
/// most likely a mistyped `--data`.
fn needs_installation(config: &Config, command: &Command) -> Result<(), Failure> {
    let makes_one = matches!(command, Command::Helpdesk(command::Helpdesk::Add { .. }));
    if makes_one || config.database_url.is_some() || config.sqlite_path().exists() {
        return Ok(());
    }
    Err(Failure {
        code: "no_installation".to_owned(),
        sentence: format!(
            "there is no installation in {}; name its folder with --data, or start one with: helpdesky serve",
            config.data.display()
        ),
    })
}

fn fill_in_password(command: &mut Command) -> Result<(), Failure> {
    if let Command::Mail(command::Mail::Settings(command::MailSettings::Set(change))) = command {
        // Asked for only where there is one to ask for.
        if change.password.password_stdin {
            change.password.text = read_password()?;
        }
        return Ok(());
    }
    if let Command::Mailbox(command::Mailbox::Add(new)) = command {
        new.password.text = asked_password(&new.password)?;
        return Ok(());
    }
    let (Command::Mailbox(command::Mailbox::Password { password, .. })
    | Command::Operator(command::Operator::Add { password, .. })
    | Command::Operator(command::Operator::ResetPassword {
        link: false,
        password,
        ..
    })) = command
    else {
        return Ok(());
    };
    password.text = asked_password(password)?;
    Ok(())
}

fn asked_password(password: &command::Password) -> Result<String, Failure> {
    if password.password_stdin {
        return read_password();
    }
    if std::io::stdin().is_terminal() {
        return Ok(without_line_break(&rpassword::prompt_password("Password: ")?));
    }
    Err(Failure {
        code: "no_password".to_owned(),
        sentence: "there is no terminal to ask for the password; pass it with --password-stdin".to_owned(),
    })
}

fn read_password() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(without_line_break(&text))
}

fn without_line_break(text: &str) -> String {
    text.trim_end_matches(['\r', '\n']).to_owned()
}

/// A mail may hold any bytes; the way to the server takes text.
fn fill_in_mail(command: &mut Command) -> Result<(), Failure> {
    if let Command::Mail(command::Mail::Deliver(delivery)) = command {
        let mut raw = Vec::new();
        let most = control::LONGEST_LINE / 2;
        let mut limited = std::io::stdin().take(u64::try_from(most).unwrap_or(u64::MAX));
        limited.read_to_end(&mut raw)?;
        delivery.raw = STANDARD.encode(&raw);
    }
    Ok(())
}

/// The server that does it may stand in another folder, and may not be allowed to read the file.
fn fill_in_key(command: &mut Command) -> Result<(), Failure> {
    if let Command::Mail(command::Mail::Settings(command::MailSettings::Set(change))) = command
        && let Some(file) = change.dkim_key.take()
    {
        change.dkim_pem = std::fs::read_to_string(&file).map_err(|error| Failure {
            code: "io".to_owned(),
            sentence: format!("cannot read {}: {error}", file.display()),
        })?;
    }
    Ok(())
}

fn start_logging(config: &Config) {
    let lines = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        // Whoever reads the log may go away: a line that cannot be written must not panic the request
        // or the stop that wanted to write it.
        .log_internal_errors(false);
    // A second subscriber in one process (tests) is refused, and that is fine.
    let started = if config.log_json {
        lines.json().finish().with(config.log.clone()).try_init()
    } else {
        lines.finish().with(config.log.clone()).try_init()
    };
    drop(started);
}

fn print(answer: &Answer, json: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", answer.json)?;
    } else {
        writeln!(out, "{}", answer.text)?;
    }
    out.flush()?;
    Ok(())
}

fn fail(failure: &Failure, json: bool) -> ExitCode {
    let mut out = std::io::stderr().lock();
    // If even this cannot be written there is nobody to tell.
    let _ = if json {
        writeln!(
            out,
            "{}",
            json!({"error": failure.sentence, "code": failure.code})
        )
    } else {
        writeln!(out, "helpdesky: {}", failure.sentence)
    };
    ExitCode::FAILURE
}
