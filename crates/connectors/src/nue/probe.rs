//! Harmless reads that prove what is assumed, or refute it. Nothing is written, and nobody is told.

use std::fmt::Display;

use model::problem::Problem;
use model::value::{Name, Record};
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::assumed::{self, Assumption, Need};
use super::wire::{self, at};
use super::{Nue, Paging};
use crate::http::Effect;

/// An id and a value that no record has.
const NOBODY: &str = "counterfoil-check-nobody";
/// An object that every tenant has records of.
const KNOWN: &str = "customer";
/// A page that no tenant has.
const FAR: usize = 1_000_000;

/// What a probe came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The tenant does what is assumed.
    Holds,
    /// It does not.
    Fails,
    /// It has too few records to show it.
    Open,
}

/// A probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    /// The assumption's name.
    pub name: String,
    /// The path, the name or the field that was tried.
    pub value: String,
    /// What it came to.
    pub verdict: Verdict,
    /// What was seen.
    pub told: String,
}

/// A verdict, and what was seen.
type Seen = (Verdict, String);

fn holds(told: impl Display) -> Seen {
    (Verdict::Holds, told.to_string())
}

fn fails(told: impl Display) -> Seen {
    (Verdict::Fails, told.to_string())
}

fn open(what: &str) -> Seen {
    (Verdict::Open, format!("the tenant has too few {what} to show it"))
}

fn id(record: &Record) -> String {
    at(record, "id").show()
}

impl Nue {
    /// Probes all that can be, and the tenant's own fields that flows need.
    pub async fn probe(&self, needs: &[Need]) -> Vec<Probed> {
        let mut all = Vec::new();
        let general = assumed::ALL.into_iter().filter(|one| one.probed && **one != assumed::SOURCE_ID);
        let general = general.map(|assumption| Need { assumption, value: self.assumed.of(assumption).to_owned() });
        let own = needs.iter().filter(|need| *need.assumption == assumed::SOURCE_ID).cloned();
        for need in general.chain(own) {
            let (verdict, told) = self.proof(&need).await.unwrap_or_else(|problem| fails(problem.told()));
            all.push(Probed { name: need.assumption.name.to_owned(), value: need.value, verdict, told });
        }
        all
    }

    async fn proof(&self, need: &Need) -> Result<Seen, Problem> {
        let assumption: &Assumption = need.assumption;
        match assumption.name {
            "metadata" => self.check().await.map(|()| holds("it answers")),
            "invoice-list" | "credit-memo-list" | "customer-list" => {
                let listed = self.list_page(&need.value, &Paging::Plain.controls(1, 1)).await?;
                Ok(holds(format_args!("it answers with {} records", listed.len())))
            }
            "paging" => self.shown_paging().await,
            "last-page" => self.far_page().await,
            "list-filter" => self.list_filter().await,
            "graphql" => {
                let found = self.asked_for(KNOWN, "id", &[NOBODY]).await?;
                Ok(if found.is_empty() { holds("it answers queries") } else { fails("a filter was passed over") })
            }
            "graphql-limit" => self.limit().await,
            "graphql-order" => self.order().await,
            "graphql-offset" => self.offset().await,
            "graphql-in" => self.one_of_two().await,
            "graphql-like" => {
                let found = self.queried_like(KNOWN, &[Name::new_static("id")], "id", "zzcounterfoil").await?;
                Ok(if found.is_empty() { holds("it is taken") } else { fails("it is passed over") })
            }
            "external-id" => self.nobody_by(KNOWN, "externalId").await,
            "order-status" => self.order_words().await,
            "source-id" => {
                let (object, field) = need.value.split_once('.').unwrap_or((&need.value, ""));
                self.nobody_by(object, field).await
            }
            "debit-memo" => self.known_by_name("debitMemo").await,
            "debit-memo-item" => self.known_by_name("debitMemoItem").await,
            "payment-application" => self.known_by_name("paymentApplication").await,
            "payment-application-item" => self.known_by_name("paymentApplicationItem").await,
            other => Ok(fails(format_args!("nothing is known of a probe for {other}"))),
        }
    }

    async fn list_page(&self, list: &str, query: &str) -> Result<Vec<Record>, Problem> {
        let mut request = self.request(Method::GET, list, list, Effect::Read);
        request.url.set_query(Some(query));
        let reply = self.read(&request).await?;
        Ok(wire::listed(&reply.body).map_err(|error| self.http.malformed(&request, &reply, error))?.records)
    }

    async fn shown_paging(&self) -> Result<Seen, Problem> {
        let paging = self.paging().await?;
        let list = self.assumed.of(&assumed::INVOICE_LIST);
        let two = self.list_page(list, &paging.controls(1, 2)).await?.len();
        if two < 2 {
            return Ok(open("invoices"));
        }
        let word = match paging {
            Paging::Plain => "`page` and `limit`",
            Paging::Underscored => "`_page` and `_limit`",
        };
        Ok(if two == 2 { holds(format_args!("{word} are understood")) } else { fails("a limit of 2 was passed over") })
    }

    async fn far_page(&self) -> Result<Seen, Problem> {
        let controls = self.paging().await?.controls(FAR, 1);
        let listed = self.list_page(self.assumed.of(&assumed::INVOICE_LIST), &controls).await?;
        Ok(if listed.is_empty() { holds("it is empty") } else { fails(format_args!("page {FAR} has records")) })
    }

    /// What comes of a filter that is passed over is sifted out when it has come; so nothing rests on it but time.
    async fn list_filter(&self) -> Result<Seen, Problem> {
        let list = self.assumed.of(&assumed::INVOICE_LIST);
        let controls = self.paging().await?.controls(1, 1);
        let none = self.list_page(list, &format!("id={NOBODY}&{controls}")).await?;
        let unknown = match self.list_page(list, &format!("counterfoilNoSuchField=1&{controls}")).await {
            Ok(_) => "one by an unknown field is passed over",
            Err(_) => "one by an unknown field is refused",
        };
        Ok(if none.is_empty() { holds(unknown) } else { fails("a condition was passed over") })
    }

    /// Records whose `field` is one of `keys`, by the very query of a run.
    async fn asked_for(&self, object: &str, field: &str, keys: &[&str]) -> Result<Vec<Record>, Problem> {
        self.query_page(object, &[Name::from(field)], field, keys, (10, 0)).await
    }

    async fn rows(&self, page: (usize, usize)) -> Result<Vec<String>, Problem> {
        let rows = self.query_page(KNOWN, &[Name::new_static("id")], "", &[], page).await?;
        Ok(rows.iter().map(id).collect())
    }

    async fn limit(&self) -> Result<Seen, Problem> {
        Ok(match self.rows((2, 0)).await?.len() {
            0 | 1 => open("customers"),
            2 => holds("a limit of 2 gives 2"),
            more => fails(format_args!("a limit of 2 gives {more}")),
        })
    }

    async fn order(&self) -> Result<Seen, Problem> {
        let name = self.assumed.graphql_name(KNOWN).map_err(|unfit| self.unfit("query", unfit))?;
        let first = self.rows((1, 0)).await?;
        let query = format!("query {{ {name}(orderBy: {{id: desc}}, limit: 1, offset: 0) {{ id }} }}");
        let last: Vec<String> = self.raw(&query).await?.iter().map(id).collect();
        Ok(match self.rows((2, 0)).await?.len() {
            0 | 1 => open("customers"),
            _ if first != last => holds("asc and desc begin at different ends"),
            _ => fails("asc and desc begin with the same record"),
        })
    }

    async fn offset(&self) -> Result<Seen, Problem> {
        let (both, second) = (self.rows((2, 0)).await?, self.rows((1, 1)).await?);
        Ok(match (both.get(1), second.first()) {
            (None, _) => open("customers"),
            (Some(wanted), Some(found)) if wanted == found => holds("behind 1 record stands the second"),
            _ => fails("behind 1 record stands another than the second"),
        })
    }

    async fn one_of_two(&self) -> Result<Seen, Problem> {
        let rows = self.rows((2, 0)).await?;
        let [_, wanted] = rows.as_slice() else { return Ok(open("customers")) };
        let found: Vec<String> = self.asked_for(KNOWN, "id", &[wanted]).await?.iter().map(id).collect();
        Ok(if found == [wanted.as_str()] { holds("it finds the one") } else { fails("it does not find the one alone") })
    }

    /// A query by a field that finds nobody, because nobody has the value.
    async fn nobody_by(&self, object: &str, field: &str) -> Result<Seen, Problem> {
        let found = self.asked_for(object, field, &[NOBODY]).await?;
        Ok(if found.is_empty() { holds("a filter by it is taken") } else { fails("a filter by it is passed over") })
    }

    async fn known_by_name(&self, object: &str) -> Result<Seen, Problem> {
        let found = self.query_page(object, &[Name::new_static("id")], "", &[], (1, 0)).await?;
        Ok(holds(format_args!("the name is known; {} seen", found.len())))
    }

    /// An order of an unknown state would be taken for none, and made again.
    async fn order_words(&self) -> Result<Seen, Problem> {
        let rows = self.query_page("order", &[Name::new_static("status")], "", &[], (wire::PAGE, 0)).await?;
        let mut words: Vec<String> = rows.iter().map(|order| at(order, "status").show()).collect();
        words.sort_unstable();
        words.dedup();
        let known = ["Draft", "Active", "Activated", "Canceled", "Cancelled"];
        let strange = words.iter().find(|word| !known.iter().any(|known| known.eq_ignore_ascii_case(word)));
        Ok(match strange {
            _ if words.is_empty() => open("orders"),
            Some(word) => fails(format_args!("an order is '{word}', and what that means is not known")),
            None => holds(format_args!("orders are {}", words.join(", "))),
        })
    }
}
