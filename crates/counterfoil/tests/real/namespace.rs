//! Rooms of their own that the system lends: mounts and networks that nobody else sees, and that end with their holder.

use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// What `unshare` is asked for: without being root, one is root inside.
pub(crate) const ROOM: [&str; 2] = ["--user", "--map-root-user"];

/// A process that holds a namespace open; both end with the value.
pub(crate) struct Room {
    holder: Child,
    kind: String,
}

impl Room {
    /// Opens a room of this kind (`--mount`, `--net`) and sets it up with a shell script. `None`, and said so, where the
    /// system does not lend one.
    pub(crate) async fn open(kind: &str, script: &str) -> Option<Self> {
        let mut command = Command::new("unshare");
        command.args(ROOM).arg(kind).args(["sh", "-ec", &format!("{script}\necho ready; exec cat")]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut holder = match command.spawn() {
            Ok(holder) => holder,
            Err(error) => return not_run(&format!("unshare: {error}")),
        };
        let mut first = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut first).await.unwrap();
        if first == "ready\n" {
            return Some(Self { holder, kind: kind.to_owned() });
        }
        let output = holder.wait_with_output().await.unwrap();
        not_run(&format!("unshare {kind}: {}", String::from_utf8_lossy(&output.stderr).trim()))
    }

    pub(crate) fn number(&self) -> u32 {
        self.holder.id().unwrap()
    }

    /// A path inside, as it is reached from outside.
    pub(crate) fn path(&self, inside: &str) -> PathBuf {
        format!("/proc/{}/root{inside}", self.number()).into()
    }

    /// The same command, inside.
    pub(crate) fn enter(&self, command: &Command) -> Command {
        let mut entered = Command::new("nsenter");
        let number = self.number().to_string();
        entered.args(["--preserve-credentials", "--user", &self.kind, "--target", &number, "--"]);
        entered.arg(command.as_std().get_program()).args(command.as_std().get_args());
        entered.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        entered
    }

    /// What a shell says inside.
    pub(crate) async fn shell(&self, script: &str) -> String {
        let mut shell = Command::new("sh");
        shell.args(["-ec", script]);
        let output = self.enter(&shell).output().await.unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Says why a test was not run: never green without a word.
pub(crate) fn not_run<T>(why: &str) -> Option<T> {
    eprintln!("not run: {why}");
    None
}
