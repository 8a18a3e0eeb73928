//! Accounting periods: where a transaction may be posted.

use jiff::civil::Date;

use crate::netsuite::errors::{Refusal, Verdict};
use crate::netsuite::store::{Fields, Record, Ref, Store, Value};

/// Puts a transaction into a period that is open on its date.
pub(super) fn settle(store: &Store, fields: &mut Fields, date: Date, chosen: bool) -> Verdict<()> {
    let period = match fields
        .reference("postingPeriod")
        .filter(|_| chosen)
        .and_then(|id| store.table("accountingPeriod").get(id))
    {
        Some(period) => {
            if !covers(period, date) {
                return Err(Refusal::user(
                    "Your transaction date does not fall between the start and end dates of your accounting period.",
                ));
            }
            period
        }
        None => {
            store.table("accountingPeriod").iter().find(|period| is_base(period) && covers(period, date)).ok_or_else(
                || {
                    Refusal::user(
                        "The transaction date you specified is not within the date range of your accounting period.",
                    )
                },
            )?
        }
    };
    must_be_open(period)?;
    fields.set("postingPeriod", Value::Ref(Ref { kind: "accountingPeriod", id: period.id }));
    Ok(())
}

/// Refuses a closed or locked period.
pub(super) fn must_be_open(period: &Record) -> Verdict<()> {
    if period.fields.flag("closed") {
        return Err(Refusal::user(
            "The transaction date you specified is not within an open accounting period: you cannot create or modify transactions in a closed period.",
        ));
    }
    if period.fields.flag("arLocked") || period.fields.flag("allLocked") {
        return Err(Refusal::user("You cannot create or modify transactions in a locked period."));
    }
    Ok(())
}

fn is_base(period: &Record) -> bool {
    period.fields.flag("isPosting") && !period.fields.flag("isQuarter") && !period.fields.flag("isYear")
}

fn covers(period: &Record, date: Date) -> bool {
    let day = |name: &str| period.fields.date(name);
    is_base(period)
        && day("startDate").is_some_and(|start| start <= date)
        && day("endDate").is_some_and(|end| date <= end)
}
