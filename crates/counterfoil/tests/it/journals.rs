//! A journal on a PostgreSQL server, and none, along the whole path.

use crate::harness::{Sandbox, assert_adds_up, total};

#[tokio::test]
async fn without_a_journal_runs_do_their_work_and_hands_which_must_be_written_down_are_refused() {
    let sandbox = Sandbox::generated(20).await;
    sandbox.edit_config(|text| text.replace("\"counterfoil.sqlite\"", "\"none\""));
    let first = sandbox.run().await;
    assert_adds_up(&first);
    assert!(total(&first, "created") > 20, "{first}");
    assert_eq!(total(&sandbox.run().await, "created"), 0);
    let log = sandbox.ask("log", &["--json"]).await.json();
    assert_eq!(log.as_array().unwrap().len(), 0, "{log}");
    let invoice = sandbox.synced_invoice().await["InvoiceNumber"].as_str().unwrap().to_owned();
    let refused = sandbox.ask("ignore", &["zuora.invoice", &invoice, "--reason", "a test", "--even-so"]).await;
    assert_eq!(refused.code, Some(1), "{}", refused.err);
    assert!(refused.err.contains("audit log") && refused.err.contains("`journal = \"none\"`"), "{}", refused.err);
    assert!(sandbox.records("zuora", "Invoice").await.iter().all(|one| one["IntegrationStatus__NS"] != "Ignore"));
    assert!(!sandbox.folder.path().join("none").exists());
}

mod postgres {
    use std::collections::BTreeSet;

    use serde_json::{Value, json};

    use crate::harness::{Ran, Sandbox, assert_adds_up, total};
    use crate::recovery::{assert_nothing_twice, documents, undisturbed};
    use crate::server::{PASSWORD, Server};

    /// A sandbox whose journal is kept where a file says.
    async fn kept_by(server: &Server, records: usize) -> Sandbox {
        let sandbox = Sandbox::generated(records).await;
        std::fs::write(sandbox.folder.path().join("address"), format!("{}\n", server.address())).unwrap();
        sandbox.edit_config(|text| text.replace("\"counterfoil.sqlite\"", "{ file = \"address\" }"));
        sandbox
    }

    async fn refused(sandbox: &Sandbox, journal: &str, code: i32) -> String {
        let text = std::fs::read_to_string(sandbox.config()).unwrap();
        sandbox.edit_config(|text| text.replace("{ file = \"address\" }", journal));
        let Ran { code: ended, out, err } = sandbox.ask("run", &[]).await;
        std::fs::write(sandbox.config(), text).unwrap();
        assert_eq!(ended, Some(code), "{out}{err}");
        assert!(!out.contains("sesame") && !err.contains("sesame"), "{out}{err}");
        err
    }

    #[tokio::test]
    async fn its_address_stands_in_the_configuration_the_environment_or_a_file_and_its_password_is_never_shown() {
        let server = Server::start();
        let sandbox = kept_by(&server, 5).await;
        let first = sandbox.run().await;
        assert_eq!(first["run"], 1);
        sandbox.edit_config(|text| text.replace("{ file = \"address\" }", "{ env = \"JOURNAL_OF_THE_TEST\" }"));
        let second = sandbox.command("run", &["--json"]).env("JOURNAL_OF_THE_TEST", server.address()).output();
        assert_eq!(serde_json::from_slice::<Value>(&second.await.unwrap().stdout).unwrap()["run"], 2);
        sandbox.edit_config(|text| text.replace("{ env = \"JOURNAL_OF_THE_TEST\" }", "{ file = \"address\" }"));
        let log = sandbox.ask("log", &["--json", "--run", "1"]).await.json();
        assert!(log.as_array().unwrap().len() as u64 >= total(&first, "created"), "{log}");

        let address = server.address();
        let said = refused(&sandbox, &format!("\"{}\"", address.replace(PASSWORD, "wrong-sesame")), 1).await;
        assert!(said.contains("the journal postgres://127.0.0.1:") && said.contains("authentication failed"), "{said}");
        for wrong in [
            format!("\"{}\"", address.replace("postgres:", "postgre:")),
            format!("\"{address}?pasword=x\""),
            format!("\"{}\"", address.replace("127.0.0.1:", "127.0.0.1:x")),
            "{ env = \"JOURNAL_OF_THE_TEST\" }".to_owned(),
        ] {
            let said = refused(&sandbox, &wrong, 2).await;
            assert!(said.contains("line 3: journal: "), "{said}");
        }
        std::fs::write(sandbox.folder.path().join("address"), "open-sesame").unwrap();
        let said = refused(&sandbox, "{ file = \"address\" }", 2).await;
        assert!(said.contains("does not begin with `postgres://`"), "{said}");
    }

    #[tokio::test]
    async fn a_server_that_is_killed_and_restarted_in_the_middle_of_a_run_is_written_on_by_itself() {
        let mut server = Server::start();
        let sandbox = kept_by(&server, 60).await;
        let expected = undisturbed().await;
        let slow = json!([{ "method": "POST", "path": "/services/rest/record/v1/**", "kind": "slow", "ms": 50 }]);
        sandbox.faults("netsuite", slow).await;
        let run = sandbox.command("run", &["--json"]).spawn().unwrap();
        while sandbox.struck("netsuite").await == 0 {}
        server.kill();
        server.restart();
        let output = run.wait_with_output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_adds_up(&report);
        assert_nothing_twice(&sandbox).await;
        assert_eq!(documents(&sandbox).await, expected);
        let log = sandbox.ask("log", &["--json", "--limit", "100000"]).await.json();
        let created = log.as_array().unwrap().iter().filter(|line| line["what"] == "created");
        let ids: Vec<String> = created.map(|line| format!("{} {}", line["flow"], line["source_id"])).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "a line stands twice");
        assert!(ids.iter().any(|id| id.contains("zuora.invoice")), "nothing was written after the kill");
        let status = sandbox.ask("status", &["--json"]).await.json();
        assert!(status["runs"][0]["ended"].is_string(), "{status}");
    }

    #[tokio::test]
    async fn a_server_that_stays_away_fails_no_run_and_is_complained_of_once() {
        let mut server = Server::start();
        let sandbox = kept_by(&server, 30).await;
        let late =
            json!([{ "method": "POST", "path": "/services/rest/record/v1/**", "kind": "late", "ms": 300, "nth": 1 }]);
        sandbox.faults("netsuite", late).await;
        let run = sandbox.command("run", &["--json"]).spawn().unwrap();
        while sandbox.struck("netsuite").await == 0 {}
        server.kill();
        let output = run.wait_with_output().await.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        assert_adds_up(&serde_json::from_slice(&output.stdout).unwrap());
        assert_eq!(said.matches("the journal cannot be written").count(), 1, "{said}");
        assert_eq!(said.matches("the journal stayed away").count(), 1, "{said}");
        assert!(!said.contains("sesame"), "{said}");
        server.restart();
        let again = sandbox.run().await;
        assert_adds_up(&again);
        assert_eq!(total(&again, "created"), 0, "{again}");
    }
}
