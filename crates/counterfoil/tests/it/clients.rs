//! Public clients of the vendors hold sessions with the emulators: what they see is written down in `docs/clients.md`.

use std::path::Path;

use tokio::process::Command;

use super::harness::Sandbox;

/// The Python that has the clients; `None`, and said so, where there is none.
async fn python_with(package: &str) -> Option<String> {
    let python = std::env::var("COUNTERFOIL_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let asked = Command::new(&python).args(["-c", &format!("import {package}")]).output().await;
    if asked.is_ok_and(|asked| asked.status.success()) {
        return Some(python);
    }
    println!("not run: {python} has no {package}");
    None
}

#[tokio::test]
async fn simple_salesforce_creates_queries_upserts_and_sees_the_vendors_errors() {
    let Some(python) = python_with("simple_salesforce").await else { return };
    let sandbox = Sandbox::start(&["--pair", "salesforce-nue", "--records", "20", "--seed", "7"]).await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/simple_salesforce_session.py");
    let access = &sandbox.access["salesforce"];
    let mut command = Command::new(python);
    command.arg(script).args(["url", "client_id", "client_secret"].map(|name| access[name].as_str().unwrap()));
    let session = command.kill_on_drop(true).output().await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&session.stdout), String::from_utf8_lossy(&session.stderr));
    assert!(session.status.success(), "{out}{err}");
    assert!(out.ends_with("all as the vendor documents it\n"), "{out}");
}
