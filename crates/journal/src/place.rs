//! Where a journal is kept: in a file, on a PostgreSQL server, or not at all.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::ConnectOptions;
use sqlx::postgres::PgConnectOptions;

/// Where a journal is kept.
#[derive(Debug, Clone)]
pub enum Place {
    /// In a SQLite file.
    File(PathBuf),
    /// On a PostgreSQL server.
    Server(Server),
    /// Nowhere: what a process says of its own runs dies with it, and the sync log is not even taken.
    Nowhere,
}

/// The word for a journal that is not kept.
const NONE: &str = "none";

/// A database of a PostgreSQL server. It may hold a password, and shows none.
#[derive(Clone)]
pub struct Server(Box<PgConnectOptions>);

/// What may stand behind the question mark of an address. The driver would log what it does not know, value and all.
const PARAMETERS: [&str; 8] = ["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "user", "password", "options"];

impl Place {
    /// Reads `postgres://user:password@host:port/database`, `none`, or a path. The error quotes nothing: it may be a secret.
    pub fn read(text: &str) -> Result<Self, String> {
        let is_address = text.starts_with("postgres://") || text.starts_with("postgresql://");
        if is_address {
            return Server::read(text).map(Self::Server);
        }
        if text == NONE {
            return Ok(Self::Nowhere);
        }
        // A slip in the first word must not make a path, which errors show, out of a password.
        if text.contains("://") || (text.contains('@') && text.contains(':')) {
            return Err("it is neither a path nor begins with `postgres://`".to_owned());
        }
        Ok(Self::File(text.into()))
    }
}

impl Server {
    fn read(address: &str) -> Result<Self, String> {
        let parameters = address.split_once('?').map_or("", |(_, parameters)| parameters);
        let mut names = parameters.split('&').filter_map(|pair| pair.split('=').next()).filter(|name| !name.is_empty());
        if !names.all(|name| PARAMETERS.contains(&name)) {
            return Err(format!("it has a parameter that is not known; there are: {}", PARAMETERS.join(", ")));
        }
        let options = PgConnectOptions::from_str(address)
            .map_err(|_| "it cannot be read as `postgres://user:password@host:port/database`".to_owned())?;
        Ok(Self(Box::new(options.application_name("counterfoil").disable_statement_logging())))
    }

    pub(crate) fn options(&self) -> &PgConnectOptions {
        &self.0
    }
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = (self.0.get_host(), self.0.get_port());
        let database = self.0.get_database().unwrap_or("");
        match self.0.get_socket() {
            Some(socket) => write!(formatter, "postgres:///{database}?host={}", socket.display()),
            None => write!(formatter, "postgres://{host}:{port}/{database}"),
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(formatter),
            Self::Server(server) => server.fmt(formatter),
            Self::Nowhere => NONE.fmt(formatter),
        }
    }
}
