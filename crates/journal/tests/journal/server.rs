//! A real PostgreSQL server, for the tests and the benchmark of whoever includes this file.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// The password of the one user.
pub(crate) const PASSWORD: &str = "open-sesame";
/// PostgreSQL refuses to run as root; then it runs as `nobody`.
const NOBODY: u32 = 65_534;

/// A server in a temporary folder; it dies with the value.
pub(crate) struct Server {
    folder: TempDir,
    port: u16,
    settings: &'static [&'static str],
    process: Child,
}

impl Server {
    /// Starts one that does not wait for the disk.
    pub(crate) fn start() -> Self {
        Self::start_with(&["-c", "fsync=off"])
    }

    /// Starts one with settings of its own.
    pub(crate) fn start_with(settings: &'static [&'static str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let password = folder.path().join("password");
        std::fs::write(&password, PASSWORD).unwrap();
        if is_root() {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
            chown(&password, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut initdb = program("initdb", &folder);
        initdb.args(["--auth=scram-sha-256", "--username=counterfoil", "--encoding=UTF8", "--no-sync"]);
        let made = initdb.arg("--pwfile").arg(password).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = running(&folder, port, settings);
        Self { folder, port, settings, process }
    }

    /// The address of its database, password and all.
    pub(crate) fn address(&self) -> String {
        format!("postgres://counterfoil:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }

    /// Kills the server and every process that it made, at once.
    pub(crate) fn kill(&mut self) {
        let parent = self.process.id();
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap();
        let mut kill = Command::new("kill");
        kill.arg("-KILL").arg(parent.to_string()).args(children.split_whitespace());
        let _ = kill.stderr(Stdio::null()).status();
        self.process.wait().unwrap();
    }

    /// Starts it again, where and as it was.
    pub(crate) fn restart(&mut self) {
        self.process = running(&self.folder, self.port, self.settings);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg("-QUIT").arg(self.process.id().to_string()).stderr(Stdio::null()).status();
        let _ = self.process.wait();
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The newest that Debian has put there. A test that cannot run must not pass.
fn program(name: &str, folder: &TempDir) -> Command {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let programs = versions.map(|version| version.path().join("bin").join(name)).filter(|path| path.exists());
    let path: PathBuf = programs.max().expect("not run: PostgreSQL is not here; install the package `postgresql`");
    let mut command = Command::new(path);
    command.arg("-D").arg(folder.path().join("data")).current_dir(folder.path());
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Runs it until it takes connections. Just after a kill it may find its own memory still in use, and is tried again.
fn running(folder: &TempDir, port: u16, settings: &[&str]) -> Child {
    let mut said = String::new();
    for _ in 0..50 {
        let mut command = program("postgres", folder);
        command.args(["-p", &port.to_string(), "-h", "127.0.0.1", "-c", "log_min_messages=log"]).args(settings);
        command.arg("-k").arg(folder.path()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        said.clear();
        while log.read_line(&mut said).unwrap() > 0 {
            if said.contains("ready to accept connections") {
                std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
                return process;
            }
        }
        process.wait().unwrap();
    }
    panic!("PostgreSQL does not start: {said}");
}
