//! Related records: each object in as few calls as its vendor allows, each to-one record once.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use model::flow::{Flow, Relation};
use model::ports::{Fetch, Source};
use model::problem::Problem;
use model::value::{Name, Record, SmolStr, Value};

/// What is known of the records that a flow's records are related to.
#[derive(Debug)]
pub struct Relatives {
    /// The fields that are read of each relation, by its full name.
    fields: BTreeMap<String, Vec<Name>>,
    /// To-one records that were read already, by relation and id. Bounded, so that memory stays flat.
    held: Mutex<HashMap<String, HashMap<SmolStr, Arc<Record>>>>,
}

/// How many to-one records of a relation are kept.
const HELD_MAX: usize = 10_000;

impl Relatives {
    /// Nothing is read yet.
    pub fn of(flow: &Flow) -> Self {
        let fields = flow.all_relations().into_iter().map(|(path, relation)| {
            let mut fields = flow.fields(&path);
            let asked_by = Name::from(relation.foreign.as_deref().unwrap_or("Id"));
            if !fields.contains(&asked_by) {
                fields.push(asked_by);
            }
            (path, fields)
        });
        Self { fields: fields.collect(), held: Mutex::default() }
    }

    /// What is known of these ids, and which are not.
    fn split(&self, path: &str, ids: Vec<SmolStr>) -> (HashMap<SmolStr, Arc<Record>>, Vec<SmolStr>) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(held) = held.get(path) else { return (HashMap::new(), ids) };
        let (mut known, mut missing) = (HashMap::with_capacity(ids.len()), Vec::new());
        for id in ids {
            match held.get(&id) {
                Some(record) => {
                    known.insert(id, record.clone());
                }
                None => missing.push(id),
            }
        }
        (known, missing)
    }

    fn keep(&self, path: &str, records: &HashMap<SmolStr, Arc<Record>>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let held = held.entry(path.to_owned()).or_default();
        if held.len() + records.len() > HELD_MAX {
            held.clear();
        }
        held.extend(records.iter().map(|(id, record)| (id.clone(), record.clone())));
    }
}

/// Attaches all relations of a flow to its records.
pub async fn gather(
    source: &dyn Source,
    flow: &Flow,
    relatives: &Relatives,
    records: &mut [Record],
) -> Result<(), Problem> {
    let walk = Walk { source, relatives };
    walk.attach(&flow.source.relations, "", &mut records.iter_mut().collect::<Vec<_>>()).await
}

struct Walk<'a> {
    source: &'a dyn Source,
    relatives: &'a Relatives,
}

/// A relation on the walk: its full name, and the name under which its records are attached.
struct At<'a> {
    path: String,
    name: Name,
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
            let at = At { path, name: name.into(), relation };
            match (&relation.key, &relation.foreign) {
                (Some(key), _) => self.to_one(&at, key, records).await?,
                (None, Some(foreign)) => self.to_many(&at, foreign, records).await?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    async fn to_one(&self, at: &At<'_>, key: &str, records: &mut [&mut Record]) -> Result<(), Problem> {
        let mut wanted: Vec<SmolStr> = records.iter().map(|record| id_of(record, key)).collect();
        wanted.retain(|id| !id.is_empty());
        wanted.sort_unstable();
        wanted.dedup();
        let (mut known, missing) = self.relatives.split(&at.path, wanted);
        if !missing.is_empty() {
            let fresh = self.fetch(at, "Id", missing).await?;
            let fresh = fresh.into_iter().map(|record| (id_of(&record, "Id"), Arc::new(record))).collect();
            self.relatives.keep(&at.path, &fresh);
            known.extend(fresh);
        }
        for record in records {
            if let Some(related) = known.get(record.text(key)) {
                record.set(at.name.clone(), Value::Record(related.clone()));
            }
        }
        Ok(())
    }

    async fn to_many(&self, at: &At<'_>, foreign: &str, records: &mut [&mut Record]) -> Result<(), Problem> {
        let keys = records.iter().map(|record| id_of(record, "Id")).collect();
        let mut related = self.fetch(at, foreign, keys).await?;
        // The vendors give no order; ours must not change from run to run.
        related.sort_by(|a, b| a.text("Id").cmp(b.text("Id")));
        let mut grouped: HashMap<SmolStr, Vec<Record>> = HashMap::with_capacity(records.len());
        for child in related {
            grouped.entry(id_of(&child, foreign)).or_default().push(child);
        }
        for record in records {
            let children = grouped.remove(record.text("Id")).unwrap_or_default();
            record.set(at.name.clone(), Value::List(children));
        }
        Ok(())
    }

    /// The related records whose `field` is one of `keys`, with their own relations.
    async fn fetch(&self, at: &At<'_>, field: &str, keys: Vec<SmolStr>) -> Result<Vec<Record>, Problem> {
        let fields = self.relatives.fields.get(&at.path).cloned().unwrap_or_default();
        let fetch = Fetch { object: at.relation.object.clone(), fields, field: field.into(), keys };
        let mut fetched = self.source.fetch(&fetch).await?;
        let mut nested: Vec<&mut Record> = fetched.iter_mut().collect();
        Box::pin(self.attach(&at.relation.relations, &at.path, &mut nested)).await?;
        Ok(fetched)
    }
}

fn id_of(record: &Record, field: &str) -> SmolStr {
    if let Value::Text(id) = record.get(field) { id.clone() } else { SmolStr::default() }
}
