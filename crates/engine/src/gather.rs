//! Related records: each object in as few calls as its vendor allows, each to-one record once.

use std::collections::{BTreeMap, HashMap};

use model::flow::{Flow, Relation};
use model::ports::{Fetch, Source};
use model::problem::Problem;
use model::value::{Record, Value};
use tokio::sync::Mutex;

/// To-one records that were read already, by relation and id. Bounded, so that memory stays flat.
#[derive(Debug, Default)]
pub struct Cache {
    held: Mutex<HashMap<(String, String), Record>>,
}

/// How many to-one records are kept.
const HELD_MAX: usize = 50_000;

/// Attaches all relations of a flow to its records.
pub async fn gather(source: &dyn Source, flow: &Flow, cache: &Cache, records: &mut [Record]) -> Result<(), Problem> {
    let walk = Walk { source, flow, cache };
    walk.attach(&flow.source.relations, "", &mut records.iter_mut().collect::<Vec<_>>()).await
}

struct Walk<'a> {
    source: &'a dyn Source,
    flow: &'a Flow,
    cache: &'a Cache,
}

/// A relation on the walk: its full name, and the name under which its records are attached.
struct At<'a> {
    path: String,
    name: &'a str,
    relation: &'a Relation,
}

impl Walk<'_> {
    async fn attach(
        &self,
        relations: &BTreeMap<String, Relation>,
        prefix: &str,
        records: &mut [&mut Record],
    ) -> Result<(), Problem> {
        for (name, relation) in relations {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            let at = At { path, name, relation };
            match (&relation.key, &relation.foreign) {
                (Some(key), _) => self.to_one(&at, key, records).await?,
                (None, Some(foreign)) => self.to_many(&at, foreign, records).await?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    async fn to_one(&self, at: &At<'_>, key: &str, records: &mut [&mut Record]) -> Result<(), Problem> {
        let mut wanted: Vec<String> =
            records.iter().map(|record| record.text(key).to_owned()).filter(|id| !id.is_empty()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let (mut known, missing) = self.cache.split(&at.path, wanted).await;
        if !missing.is_empty() {
            let fresh = self.fetch(at, "Id", missing).await?;
            self.cache.keep(&at.path, &fresh).await;
            known.extend(fresh.into_iter().map(|record| (record.text("Id").to_owned(), record)));
        }
        for record in records {
            if let Some(related) = known.get(record.text(key)) {
                record.set(at.name, Value::Record(related.clone()));
            }
        }
        Ok(())
    }

    async fn to_many(&self, at: &At<'_>, foreign: &str, records: &mut [&mut Record]) -> Result<(), Problem> {
        let keys: Vec<String> = records.iter().map(|record| record.text("Id").to_owned()).collect();
        let mut related = self.fetch(at, foreign, keys).await?;
        // The vendors give no order; ours must not change from run to run.
        related.sort_by(|a, b| a.text("Id").cmp(b.text("Id")));
        let mut grouped: HashMap<String, Vec<Record>> = HashMap::with_capacity(records.len());
        for child in related {
            grouped.entry(child.text(foreign).to_owned()).or_default().push(child);
        }
        for record in records {
            let children = grouped.remove(record.text("Id")).unwrap_or_default();
            record.set(at.name, Value::List(children));
        }
        Ok(())
    }

    /// The related records whose `field` is one of `keys`, with their own relations.
    async fn fetch(&self, at: &At<'_>, field: &str, keys: Vec<String>) -> Result<Vec<Record>, Problem> {
        let mut fields = self.flow.fields(&at.path);
        if !fields.iter().any(|held| held == field) {
            fields.push(field.to_owned());
        }
        let fetch = Fetch { object: at.relation.object.clone(), fields, field: field.to_owned(), keys };
        let mut fetched = self.source.fetch(&fetch).await?;
        let mut nested: Vec<&mut Record> = fetched.iter_mut().collect();
        Box::pin(self.attach(&at.relation.relations, &at.path, &mut nested)).await?;
        Ok(fetched)
    }
}

impl Cache {
    /// What is known of these ids, and which are not.
    async fn split(&self, path: &str, ids: Vec<String>) -> (HashMap<String, Record>, Vec<String>) {
        let held = self.held.lock().await;
        let mut known = HashMap::with_capacity(ids.len());
        let mut missing = Vec::new();
        for id in ids {
            match held.get(&(path.to_owned(), id.clone())) {
                Some(record) => {
                    known.insert(id, record.clone());
                }
                None => missing.push(id),
            }
        }
        (known, missing)
    }

    async fn keep(&self, path: &str, records: &[Record]) {
        let mut held = self.held.lock().await;
        if held.len() + records.len() > HELD_MAX {
            held.clear();
        }
        held.extend(records.iter().map(|record| ((path.to_owned(), record.text("Id").to_owned()), record.clone())));
    }
}
