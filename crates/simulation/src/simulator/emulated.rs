//! Two emulators and the shipped flows between them, reached without sockets.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use connectors::{Message, Reply, Wire};
use jiff::civil::Date;
use model::flow::Flow;
use model::ports::Entropy;
use model::problem::Problem;
use model::protocol::Kind;
use sandbox::clock::Clock;
use sandbox::server::{Desk, Emulator};
use tokio::runtime::Runtime;
use tower::ServiceExt;

use super::pairs::{Pair, Ports, Process, Told, objects};
use super::stage::{Parcel, Stage};

/// An emulator, its faults, and the way to it.
#[derive(Clone)]
pub(crate) struct Post {
    /// The application.
    pub name: &'static str,
    /// Its faults and its records.
    pub desk: Arc<Desk>,
    router: Router,
    runtime: Arc<Runtime>,
}

impl Post {
    /// The way to an emulator.
    pub(crate) fn open<E: Emulator>(emulator: Arc<E>, runtime: &Arc<Runtime>) -> Self {
        let (desk, router) = Desk::open(emulator);
        Self { name: desk.emulator.name(), desk, router, runtime: runtime.clone() }
    }

    /// A message, to be opened when it arrives.
    pub(crate) fn parcel(&self, message: Message) -> Parcel {
        let (router, runtime) = (self.router.clone(), self.runtime.clone());
        Parcel(Box::new(move || runtime.block_on(answer(router, message))))
    }
}

/// What stands between the connectors: a pair of applications, filled, and the flows that ship and run between them.
pub(crate) struct Emulated {
    /// The applications.
    pub pair: Box<dyn Pair>,
    runtime: Arc<Runtime>,
    /// The way to each.
    pub posts: [Post; 2],
    /// The flows.
    pub flows: Arc<Vec<Flow>>,
    /// The first day that counts, by flow.
    pub cutovers: HashMap<String, String>,
}

impl Emulated {
    /// A pair and its flows; documents count from the cut-over on, if there is one.
    pub(crate) fn new(pair: Box<dyn Pair>, today: Date, cutover: Option<Date>) -> io::Result<Self> {
        let runtime = Arc::new(tokio::runtime::Builder::new_current_thread().build()?);
        let posts = pair.open(&runtime);
        let names = posts.each_ref().map(|post| post.name);
        let runs_between = |flow: &Flow| {
            [&flow.source.application, &flow.destination.application].map(|name| names.contains(&name.as_str()))
                == [true; 2]
        };
        let flows: Vec<Flow> = shipped(today)?.into_iter().filter(runs_between).collect();
        let dated: Vec<&Flow> = flows.iter().filter(|flow| flow.kind == Kind::Document).collect();
        let cutovers = cutover
            .iter()
            .flat_map(|day| dated.iter().map(move |flow| (flow.name.to_string(), day.to_string())))
            .collect();
        Ok(Self { pair, runtime, posts, flows: Arc::new(flows), cutovers })
    }

    /// The same with applications of its own, which go by another clock.
    pub(crate) fn fork(&self, clock: &Arc<dyn Clock>) -> Self {
        let pair = self.pair.fork(clock);
        Self {
            posts: pair.open(&self.runtime),
            pair,
            runtime: self.runtime.clone(),
            flows: self.flows.clone(),
            cutovers: self.cutovers.clone(),
        }
    }

    /// The way to an application.
    pub(crate) fn post(&self, application: &str) -> &Post {
        let [first, second] = &self.posts;
        if second.name == application { second } else { first }
    }

    /// The records of both applications that concern the flows, in the vendors' own shape.
    pub(crate) fn records(&self) -> Vec<Told> {
        let mut all = Vec::new();
        for post in &self.posts {
            for kind in objects(&*self.pair, post.name, &self.flows) {
                let told = |record| Told { application: post.name, kind: kind.clone(), record };
                all.extend(post.desk.emulator.records(&kind).into_iter().flatten().map(told));
            }
        }
        all
    }

    /// The connectors of a new process, over these wires.
    pub(crate) fn ports(
        &self,
        stage: &Stage,
        logs_in: bool,
        wire: &dyn Fn(&Post) -> Arc<dyn Wire>,
    ) -> Result<Ports, Problem> {
        self.pair.ports(&Process { stage, posts: &self.posts, wire, logs_in })
    }
}

/// All shipped flows, with their settings filled in.
pub(crate) fn shipped(today: Date) -> io::Result<Vec<Flow>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../flows");
    let mut files = Vec::new();
    for pair in std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()? {
        if pair.file_type()?.is_dir() {
            for file in std::fs::read_dir(pair.path())? {
                files.push(file?.path());
            }
        }
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    let tomorrow = today.tomorrow().map_err(io::Error::other)?;
    let read = |file: std::path::PathBuf| {
        let text = std::fs::read_to_string(&file)?
            .replace("{{today}}", &today.to_string())
            .replace("{{tomorrow}}", &tomorrow.to_string())
            .replace("{{default_subsidiary}}", "Parent Company");
        Flow::read(&text, &file.display().to_string()).map_err(io::Error::other)
    };
    files.into_iter().map(read).collect()
}

/// The only chance that the connectors see.
pub(crate) struct Chance(pub Stage);

impl Entropy for Chance {
    fn token(&self) -> String {
        let mut state = self.0.state();
        (0..4).map(|_| format!("{:08x}", state.dice.below(1 << 32))).collect()
    }
}

async fn answer(router: Router, message: Message) -> Option<Reply> {
    let Message { method, url, headers, body } = message;
    let mut request = http::Request::new(Body::from(body.unwrap_or_default()));
    *request.method_mut() = method;
    *request.uri_mut() = url.as_str().parse().ok()?;
    *request.headers_mut() = headers;
    if let Ok(host) = url.host_str().unwrap_or_default().parse() {
        request.headers_mut().insert(http::header::HOST, host);
    }
    let (parts, body) = router.oneshot(request).await.ok()?.into_parts();
    let body = to_bytes(body, usize::MAX).await.ok()?;
    Some(Reply { status: parts.status.as_u16(), headers: parts.headers, body })
}
