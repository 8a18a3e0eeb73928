//! A pair of applications as the kills see it: what is slowed down, and what is counted.

use serde_json::{Value, json};

use super::harness::Sandbox;
use super::oracle;

/// How long a slow create takes: longer than a restart.
pub(crate) const SLOW: u64 = 1_500;
/// So many marks in a hundred take as long as a slow create.
pub(crate) const SLOW_MARKS: u64 = 2;

/// A pair, and the calls that matter.
#[derive(Clone, Copy)]
pub(crate) struct Scene {
    /// Where records are made.
    pub(crate) destination: &'static str,
    /// The calls that make them: their method, and their paths.
    creates: (&'static str, &'static [&'static str]),
    /// What their path is counted under.
    counted: &'static str,
    /// The application that takes the marks and the path of the call that does, where that is another one.
    marks: Option<(&'static str, &'static str)>,
    /// The other creates take so many milliseconds.
    pub(crate) usual: u64,
    /// So many creates in a hundred are slow while the kills are ahead of the work, and while the work is ahead of the
    /// kills; so the kills are spread over it on any machine.
    pub(crate) slow: [u64; 2],
}

/// One record a call.
pub(crate) const BILLING: Scene = Scene {
    destination: "netsuite",
    creates: ("POST", &["/services/rest/record/v1/{type}"]),
    counted: "/record/v1/",
    marks: Some(("zuora", "/v1/action/update")),
    usual: 40,
    slow: [6, 20],
};

/// Hundreds of records a call, their items in further calls, and the marks on the same roads.
pub(crate) const REVENUE: Scene = Scene {
    destination: "salesforce",
    creates: (
        "*",
        &[
            "/services/data/v66.0/composite",
            "/services/data/v66.0/composite/sobjects/**",
            "/services/data/v66.0/jobs/ingest/**",
        ],
    ),
    counted: "/services/data/",
    marks: None,
    usual: 100,
    slow: [20, 50],
};

impl Scene {
    /// So many creates in a hundred are slow from now on, and a few marks.
    pub(crate) async fn slow_down(&self, sandbox: &Sandbox, share: u64, seed: u64) {
        let late = |(method, path): (&str, &str), percent, usual, seed| {
            [
                json!({ "method": method, "path": path, "kind": "slow", "ms": usual }),
                json!({ "method": method, "path": path, "kind": "late", "ms": SLOW, "percent": percent, "seed": seed }),
            ]
        };
        let (method, paths) = self.creates;
        let creates: Vec<Value> = paths.iter().flat_map(|path| late((method, path), share, self.usual, seed)).collect();
        sandbox.faults(self.destination, json!(creates)).await;
        if let Some((application, path)) = self.marks {
            sandbox.faults(application, json!(late((method, path), SLOW_MARKS, 0, seed + 1))).await;
        }
    }

    /// Nothing is slow any more.
    pub(crate) async fn calm(&self, sandbox: &Sandbox) {
        sandbox.no_faults(self.destination).await;
        if let Some((application, _)) = self.marks {
            sandbox.no_faults(application).await;
        }
    }
}

/// What the emulators count.
#[derive(Clone, Copy, Default)]
pub(crate) struct Seen {
    /// Calls that make records which were accepted, and whose caller heard it.
    pub(crate) accepted: u64,
    /// Those of living processes that were refused: in the real books always because the key stands already.
    pub(crate) refused: u64,
    /// Those whose caller was dead before they were answered.
    pub(crate) orphaned: u64,
    /// Records that were made, and the documents among them.
    pub(crate) records: u64,
    pub(crate) documents: u64,
}

impl Seen {
    pub(crate) async fn look(scene: &Scene, sandbox: &Sandbox) -> Self {
        let mut seen = Self::default();
        for held in oracle::holdings(sandbox).await.into_values().flatten() {
            seen.records += 1;
            seen.documents += u64::from(held.is_document());
        }
        for call in sandbox.counted(scene.destination).await {
            let method = call["method"].as_str().unwrap();
            let is_write = if scene.creates.0 == "*" { method != "GET" } else { method == scene.creates.0 };
            let is_create = is_write && call["path"].as_str().unwrap().contains(scene.counted);
            let count = call["count"].as_u64().unwrap();
            match call["status"].as_u64().unwrap() {
                200 | 204 if is_create => seen.accepted += count,
                400 if is_create => seen.refused += count,
                0 if is_create => seen.orphaned += count,
                _ => {}
            }
        }
        seen
    }

    /// Records that a dead process made, if nothing is under way and a call makes one.
    pub(crate) fn landed(&self) -> u64 {
        self.records.saturating_sub(self.accepted)
    }
}
