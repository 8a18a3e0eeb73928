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
    let mut all: Vec<&mut Record> = records.iter_mut().collect();
    attach(source, flow, cache, &flow.source.relations, "", &mut all).await
}

async fn attach(
    source: &dyn Source,
    flow: &Flow,
    cache: &Cache,
    relations: &BTreeMap<String, Relation>,
    prefix: &str,
    records: &mut [&mut Record],
) -> Result<(), Problem> {
    for (name, relation) in relations {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match (&relation.key, &relation.foreign) {
            (Some(key), _) => to_one(source, flow, cache, relation, &path, name, key, records).await?,
            (None, Some(foreign)) => to_many(source, flow, cache, relation, &path, name, foreign, records).await?,
            (None, None) => {}
        }
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the walk's state, passed on as it is")]
async fn to_one(
    source: &dyn Source,
    flow: &Flow,
    cache: &Cache,
    relation: &Relation,
    path: &str,
    name: &str,
    key: &str,
    records: &mut [&mut Record],
) -> Result<(), Problem> {
    let mut wanted: Vec<String> =
        records.iter().map(|record| record.text(key).to_owned()).filter(|id| !id.is_empty()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut known: HashMap<String, Record> = HashMap::with_capacity(wanted.len());
    {
        let held = cache.held.lock().await;
        let (cached, fresh): (Vec<String>, Vec<String>) =
            wanted.into_iter().partition(|id| held.contains_key(&(path.to_owned(), id.clone())));
        wanted = fresh;
        for id in cached {
            if let Some(record) = held.get(&(path.to_owned(), id.clone())) {
                known.insert(id, record.clone());
            }
        }
    }
    if !wanted.is_empty() {
        let fetch = fetch(flow, relation, path, "Id", wanted);
        let mut fresh = source.fetch(&fetch).await?;
        let mut nested: Vec<&mut Record> = fresh.iter_mut().collect();
        Box::pin(attach(source, flow, cache, &relation.relations, path, &mut nested)).await?;
        let mut held = cache.held.lock().await;
        if held.len() + fresh.len() > HELD_MAX {
            held.clear();
        }
        for record in fresh {
            let id = record.text("Id").to_owned();
            held.insert((path.to_owned(), id.clone()), record.clone());
            known.insert(id, record);
        }
    }
    for record in records {
        if let Some(related) = known.get(record.text(key)) {
            let related = related.clone();
            record.set(name, Value::Record(related));
        }
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the walk's state, passed on as it is")]
async fn to_many(
    source: &dyn Source,
    flow: &Flow,
    cache: &Cache,
    relation: &Relation,
    path: &str,
    name: &str,
    foreign: &str,
    records: &mut [&mut Record],
) -> Result<(), Problem> {
    let keys: Vec<String> = records.iter().map(|record| record.text("Id").to_owned()).collect();
    let mut related = source.fetch(&fetch(flow, relation, path, foreign, keys)).await?;
    let mut nested: Vec<&mut Record> = related.iter_mut().collect();
    Box::pin(attach(source, flow, cache, &relation.relations, path, &mut nested)).await?;
    // The vendors give no order; ours must not change from run to run.
    related.sort_by(|a, b| a.text("Id").cmp(b.text("Id")));
    let mut grouped: HashMap<String, Vec<Record>> = HashMap::with_capacity(records.len());
    for child in related {
        grouped.entry(child.text(foreign).to_owned()).or_default().push(child);
    }
    for record in records {
        let children = grouped.remove(record.text("Id")).unwrap_or_default();
        record.set(name, Value::List(children));
    }
    Ok(())
}

fn fetch(flow: &Flow, relation: &Relation, path: &str, field: &str, keys: Vec<String>) -> Fetch {
    let mut fields = flow.fields(path);
    if !fields.iter().any(|held| held == field) {
        fields.push(field.to_owned());
    }
    Fetch { object: relation.object.clone(), fields, field: field.to_owned(), keys }
}
