//! A network that is cut in the middle of a run: the engine in one network, both applications in another, a cable between
//! them. While the cable is out packets vanish without a word, as they do in the real thing; nothing is reset.
//!
//! The test runs itself once more in a network of its own: there it is allowed to pull cables.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

use super::harness::{Sandbox, assert_adds_up, total};
use super::namespace::{ROOM, Room, not_run};
use super::oracle;

/// Set in the run within.
const WITHIN: &str = "COUNTERFOIL_WITHIN_ITS_OWN_NETWORK";
/// Where the applications are.
const THERE: &str = "10.77.1.1";

/// Whether this is the run within; if not, that is made here, and succeeds.
async fn within(test: &str) -> bool {
    if std::env::var_os(WITHIN).is_some() {
        return true;
    }
    let mut probe = Command::new("unshare");
    probe.args(ROOM).args(["--net", "ip", "link", "add", "near", "type", "veth", "peer", "name", "far"]);
    match probe.stderr(Stdio::piped()).output().await {
        Ok(output) if output.status.success() => {}
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            return not_run(&format!("no network of its own: {}", told.trim())).unwrap_or(false);
        }
        Err(error) => return not_run(&format!("unshare: {error}")).unwrap_or(false),
    }
    let mut again = Command::new("unshare");
    again.args(ROOM).arg("--net").arg(std::env::current_exe().unwrap());
    again.args(["--exact", test, "--nocapture"]).env(WITHIN, "1").kill_on_drop(true);
    assert!(again.status().await.unwrap().success(), "it failed within its own network; see above");
    false
}

async fn here(script: &str) {
    assert!(Command::new("sh").args(["-ec", script]).status().await.unwrap().success(), "{script}");
}

/// The engine's network, with a cable to this one.
async fn cabled() -> Room {
    let room = Room::open("--net", "").await.unwrap();
    let far = room.number();
    here(&format!(
        "ip link set lo up; ip address add {THERE}/32 dev lo
         ip link add near address 02:00:00:00:00:01 type veth peer name far netns {far}
         ip address add 10.77.0.1/24 dev near; ip link set near up"
    ))
    .await;
    // The neighbour's address is told, so that a cable that is out is not noticed by a question that nobody answers.
    room.shell(&format!(
        "ip address add 10.77.0.2/24 dev far; ip link set far up; ip route add {THERE} via 10.77.0.1
         ip neighbour replace 10.77.0.1 lladdr 02:00:00:00:00:01 nud permanent dev far"
    ))
    .await;
    room
}

#[tokio::test]
async fn a_run_whose_network_is_cut_waits_and_goes_on_when_it_is_back_and_nothing_is_lost_or_doubled() {
    let test = "network::a_run_whose_network_is_cut_waits_and_goes_on_when_it_is_back_and_nothing_is_lost_or_doubled";
    if !within(test).await {
        return;
    }
    let room = cabled().await;
    let arguments = ["--records", "60", "--seed", "7", "--listen", THERE];
    let calm = Sandbox::start(&arguments).await;
    calm.run().await;
    let sandbox = Sandbox::start(&arguments).await;
    // Each connection that is open when the cable is pulled is found dead by a call that waits in vain: here there are few.
    let impatient = |text: String, part: &str| text.replace(part, &format!("{part}timeout_seconds = 2\n"));
    sandbox.edit_config(|text| {
        let few =
            text.replace("concurrency = 15", "concurrency = 3").replace("\n[zuora]\n", "\n[zuora]\nconcurrency = 2\n");
        impatient(impatient(few, "\n[zuora]\n"), "\n[netsuite]\n")
    });
    let slow = json!([{ "method": "POST", "path": "/services/rest/record/v1/{type}", "kind": "slow", "ms": 40 }]);
    sandbox.faults("netsuite", slow).await;
    let mut run = room.enter(&sandbox.command("run", &["--json"])).spawn().unwrap();
    while sandbox.struck("netsuite").await < 60 {
        assert!(run.try_wait().unwrap().is_none(), "the run ended before the cable was pulled");
    }
    here("ip link set near down").await;
    let mut said = BufReader::new(run.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("its requests wait") {
        line.clear();
        assert!(said.read_line(&mut line).await.unwrap() > 0, "the run ended without a word of the cut");
    }
    assert!(line.contains("(firewall)"), "a network that swallows everything was taken for something else: {line}");
    here("ip link set near up").await;
    let output = run.wait_with_output().await.unwrap();
    let mut rest = String::new();
    said.read_to_string(&mut rest).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{line}{rest}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_adds_up(&report);
    assert!(!report["pauses"].as_array().unwrap().is_empty(), "{report}");
    oracle::assert_right(&sandbox).await;
    // What the cut left is for the next run; the one after it finds nothing to do.
    assert_adds_up(&sandbox.run().await);
    oracle::assert_right(&sandbox).await;
    let books = async |sandbox: &Sandbox| oracle::without_ids(oracle::holdings(sandbox).await);
    assert_eq!(books(&sandbox).await, books(&calm).await);
    let last = sandbox.run().await;
    assert_eq!(total(&last, "created") + total(&last, "found"), 0, "{last}");
}
