//! What every room gets: the database, time, randomness, settings, and a place for its own state.

use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Random;
use crate::migrations::MIGRATIONS;
use crate::node::Node;
use crate::sealing::{self, SealingKey};
use db::{Db, Location};
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, RwLock};
use tokio::sync::watch;
use uuid::Uuid;

/// The running application; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    random: Random,
    config: Config,
    sealing_key: SealingKey,
    node: OnceLock<Node>,
    rooms: RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    stopping: watch::Sender<bool>,
}

/// Why the application cannot start: cause and remedy in one sentence.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] db::OpenError),
    /// Something else about the data folder or the settings.
    #[error("{0}")]
    Other(String),
}

impl App {
    /// Opens the data folder and the database, and brings the schema up to date.
    ///
    /// # Errors
    /// [`StartError`] says what is wrong and what to do.
    pub async fn open(config: Config, clock: Clock, random: Random) -> Result<Self, StartError> {
        prepare_folder(&config)?;
        let location = match &config.database_url {
            Some(url) => Location::Postgres(url.clone()),
            None => Location::Sqlite(config.sqlite_path()),
        };
        let db = Db::open(&location, MIGRATIONS, clock.now_ms()).await?;
        let sealing_key = sealing::open_key(&config, &db, &random, clock.now_ms()).await?;
        Ok(Self(Arc::new(Inner {
            db,
            clock,
            random,
            config,
            sealing_key,
            node: OnceLock::new(),
            rooms: RwLock::default(),
            stopping: watch::Sender::new(false),
        })))
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// Milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        self.0.clock.now_ms()
    }

    /// The clock, for those who wait.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The source of ids and tokens.
    pub fn random(&self) -> &Random {
        &self.0.random
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The key that seals secrets at rest and signs tokens.
    pub fn sealing_key(&self) -> &SealingKey {
        &self.0.sealing_key
    }

    /// Takes the data folder for this process, which is a node from now on.
    ///
    /// # Errors
    /// As [`Node::take`].
    pub fn be_a_node(&self) -> Result<(), StartError> {
        let node = Node::take(&self.config().data, self.random(), self.now_ms())?;
        // Only one process has the lock, and it starts once.
        drop(self.0.node.set(node));
        Ok(())
    }

    /// The id of this node; none in a process that serves nobody, such as a command.
    pub fn node_id(&self) -> Option<Uuid> {
        self.0.node.get().map(Node::id)
    }

    /// A new id, stamped with the present time.
    pub fn new_id<T: From<uuid::Uuid>>(&self) -> T {
        self.0.random.id(self.now_ms())
    }

    /// Tells long answers and workers to come to their end.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Waits until [`App::stop`] was called.
    pub async fn stopping(&self) {
        let mut stopping = self.0.stopping.subscribe();
        // The sender lives as long as `self`.
        drop(stopping.wait_for(|stopping| *stopping).await);
    }

    /// The state that a room keeps in this process (a cache, a limiter), made on first use.
    pub fn room<T: Send + Sync + 'static>(&self, make: impl FnOnce(&Self) -> T) -> Arc<T> {
        let key = TypeId::of::<T>();
        let found = self
            .0
            .rooms
            .read()
            .ok()
            .and_then(|rooms| rooms.get(&key).cloned());
        let any = found.unwrap_or_else(|| {
            let made: Arc<dyn Any + Send + Sync> = Arc::new(make(self));
            match self.0.rooms.write() {
                Ok(mut rooms) => Arc::clone(rooms.entry(key).or_insert(made)),
                Err(_) => made,
            }
        });
        // The key is the type, so this cannot fail; a poisoned map would only cost the cache.
        any.downcast().unwrap_or_else(|_| std::process::abort())
    }
}

/// Names the engine of a data folder.
pub(crate) const ENGINE_FILE: &str = "engine";

/// Creates the data folder for its owner only, and keeps one engine to one folder.
fn prepare_folder(config: &Config) -> Result<(), StartError> {
    let folder = &config.data;
    let broken = |what: &str, error: std::io::Error| {
        StartError::Other(format!(
            "cannot {what} {}: {error}; check the folder and its rights",
            folder.display()
        ))
    };
    if !folder.exists() {
        std::fs::create_dir_all(folder).map_err(|error| broken("create the data folder", error))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
                .map_err(|error| broken("protect the data folder", error))?;
        }
    }
    let engine = if config.database_url.is_some() {
        "postgresql"
    } else {
        "sqlite"
    };
    let marker = folder.join(ENGINE_FILE);
    match std::fs::read_to_string(&marker) {
        Ok(found) if found.trim() == engine => {}
        Ok(found) => {
            return Err(StartError::Other(format!(
                "the data folder {} belongs to an installation on {}; {} or choose another folder with --data",
                folder.display(),
                found.trim(),
                if engine == "sqlite" {
                    "give its --database-url"
                } else {
                    "leave --database-url out"
                }
            )));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::write(&marker, format!("{engine}\n")).map_err(|error| broken("write into", error))?;
        }
        Err(error) => return Err(broken("read", error)),
    }
    if config.database_url.is_none() {
        // SQLite gives its log and index files the rights of the database file.
        let mut options = std::fs::OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(config.sqlite_path())
            .map_err(|error| broken("make the database in", error))?;
    }
    Ok(())
}
