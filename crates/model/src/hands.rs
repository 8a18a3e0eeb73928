//! A person's hands on one record's marks: what may be done after a look in the destination, and what not.
//!
//! No deed can make a duplicate, because every record is looked up before it is written, whatever its marks say. What
//! is refused here would say something untrue: `Sync Complete` of what is not there or not equal, `Ignore` of what
//! stands in both systems, a fresh start for what would only be found again.

use crate::flow::Marks;
use crate::outcome::Outcome;
use crate::ports::{Held, LookUpKey};
use crate::protocol::{Evidence, Kind, Next, Sight, Standing, decide};
use crate::status::{SYNC_COMPLETE, Status, Transferred};
use crate::value::{Name, Record, SmolStr};

/// The mark fields of a record and what they say: status, id, date, and the flag where there is one.
pub type Fields = Vec<(Name, SmolStr)>;

/// What becomes of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It is so already.
    Nothing,
    /// It goes through one pass.
    Pass,
    /// Its marks say that it is done, and the destination does not have it: they are blanked, then it goes through one
    /// pass.
    ClearAndPass,
    /// Its marks are written.
    Write,
}

/// Why nothing is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It says `Ignore`.
    Ignored,
    /// The destination could not be searched, or there is nothing to compare with yet.
    NotLooked,
    /// It stands in the destination.
    Stands,
    /// It stands there more than once.
    Several,
    /// What stands there differs.
    Different,
    /// The destination has no record of the id that was named.
    NoSuchRecord,
    /// The record that was named carries the id of another source record.
    CarriesAnother,
    /// The destination has another record that carries this one's id.
    FoundElsewhere,
    /// Another source record is linked to the record that was named.
    LinkedElsewhere,
    /// The marks are not as the action left them.
    ChangedSince,
    /// The marks would say that it is done, of what the destination does not have, or has otherwise.
    WouldSayDone,
}

/// Whose id a destination record carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// No source record's.
    Nobodys,
    /// The record's own.
    Ours,
    /// That of another source record.
    Anothers,
}

/// Whose id a destination record carries, in the custom field and as its external id. An external id of another form
/// than ours is a person's, or another program's, and names no source record.
pub fn carried(held: &Held, key: &LookUpKey) -> Carried {
    let ours = key.external.as_str();
    let ours_in_form = ours.split_inclusive('-').next().unwrap_or(ours);
    let external = held.external.to_lowercase();
    let another_key = external != ours && external.starts_with(ours_in_form);
    match () {
        () if another_key || (!held.source_id.is_empty() && held.source_id != key.source_id) => Carried::Anothers,
        () if held.source_id.is_empty() && external != ours => Carried::Nobodys,
        () => Carried::Ours,
    }
}

/// `retry`: the record is made due again and goes through one pass.
pub fn retry(standing: &Standing, sight: Sight) -> Result<Deed, Refusal> {
    if matches!(decide(standing, Evidence::Selected), Next::Stop(..)) {
        return Err(Refusal::Ignored);
    }
    match sight {
        Sight::Unavailable => Err(Refusal::NotLooked),
        Sight::Several => Err(Refusal::Several),
        Sight::Equal | Sight::Different => Ok(Deed::Pass),
        Sight::Missing => match decide(standing, Evidence::AskedRecord(Sight::Missing)) {
            Next::Stop(Outcome::Warned, _) => Ok(Deed::ClearAndPass),
            _ => Ok(Deed::Pass),
        },
    }
}

/// `ignore`: the record is taken out of consideration.
pub fn ignore(standing: &Standing, sight: Sight, even_so: bool) -> Result<Deed, Refusal> {
    let flagged = matches!(standing.transferred, Transferred::Ignore | Transferred::Untracked);
    match sight {
        _ if standing.status == Status::Ignore && flagged => Ok(Deed::Nothing),
        Sight::Unavailable => Err(Refusal::NotLooked),
        Sight::Equal | Sight::Different | Sight::Several if !even_so => Err(Refusal::Stands),
        _ => Ok(Deed::Write),
    }
}

/// `clear`: the next run begins anew. `found` is the destination's record, `accepted` the one that the person named.
pub fn clear(standing: &Standing, sight: Sight, found: Option<&str>, accepted: Option<&str>) -> Result<Deed, Refusal> {
    let flag_untouched = matches!(standing.transferred, Transferred::No | Transferred::Untracked);
    match sight {
        Sight::Unavailable => Err(Refusal::NotLooked),
        Sight::Several => Err(Refusal::Several),
        Sight::Equal | Sight::Different if found.is_none() || found != accepted => Err(Refusal::Stands),
        _ if standing.status == Status::Blank && flag_untouched && !standing.linked => Ok(Deed::Nothing),
        _ => Ok(Deed::Write),
    }
}

/// What was found out about the destination record that a person named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// Whose id it carries; `None`: there is no such record.
    pub carried: Option<Carried>,
    /// How it compares with the source record.
    pub sight: Sight,
    /// Another destination record carries the source record's id.
    pub found_elsewhere: bool,
    /// Another source record is linked to it.
    pub linked_elsewhere: bool,
    /// The marks say all this already.
    pub said: bool,
}

/// `mark-synced`: the record is said to be in sync with the destination record that the person named.
pub fn mark_synced(named: Named) -> Result<Deed, Refusal> {
    match named.carried {
        None => return Err(Refusal::NoSuchRecord),
        Some(Carried::Anothers) => return Err(Refusal::CarriesAnother),
        Some(Carried::Nobodys | Carried::Ours) => {}
    }
    match named.sight {
        _ if named.found_elsewhere => Err(Refusal::FoundElsewhere),
        _ if named.linked_elsewhere => Err(Refusal::LinkedElsewhere),
        Sight::Equal if named.said => Ok(Deed::Nothing),
        Sight::Equal => Ok(Deed::Write),
        Sight::Different => Err(Refusal::Different),
        Sight::Several => Err(Refusal::Several),
        Sight::Missing => Err(Refusal::NoSuchRecord),
        Sight::Unavailable => Err(Refusal::NotLooked),
    }
}

/// What an undo would put back, and what stands.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// The fields of the marks.
    pub marks: &'a Marks,
    /// What they said before the action.
    pub before: &'a Fields,
    /// What they said after it.
    pub after: &'a Fields,
    /// What they say now.
    pub now: &'a Fields,
}

/// `undo`: the marks are put back as they were before the action. `sight` and `found` are of now.
pub fn undo(kind: Kind, put_back: Before<'_>, sight: Sight, found: Option<&str>) -> Result<Deed, Refusal> {
    let Before { marks, before, after, now } = put_back;
    if !same(marks, after, now) {
        return Err(Refusal::ChangedSince);
    }
    if same(marks, before, now) {
        return Ok(Deed::Nothing);
    }
    let flag = marks.transferred.as_ref().map(|flag| Transferred::read(said(before, flag)));
    let says_done = Status::read(said(before, &marks.status)) == Status::Complete || flag == Some(Transferred::Yes);
    // A master record is compared again in every run: that it stands there is enough.
    let stands = sight == Sight::Equal || (sight == Sight::Different && kind == Kind::Master);
    match sight {
        _ if !says_done => Ok(Deed::Write),
        Sight::Unavailable => Err(Refusal::NotLooked),
        _ if stands && found == Some(said(before, &marks.id)) => Ok(Deed::Write),
        _ => Err(Refusal::WouldSayDone),
    }
}

/// What a field says; nothing, if the marks do not have it.
pub fn said<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(held, _)| held == name).map_or("", |(_, text)| text)
}

/// Whether both say the same. An empty flag says `No`: the vendor shows it so.
pub fn same(marks: &Marks, these: &Fields, those: &Fields) -> bool {
    named(marks).all(|name| {
        let (this, that) = (said(these, name).trim(), said(those, name).trim());
        let is_flag = marks.transferred.as_ref() == Some(name);
        this == that || (is_flag && Transferred::read(this) == Transferred::read(that))
    })
}

fn named(marks: &Marks) -> impl Iterator<Item = &Name> {
    [&marks.status, &marks.id, &marks.date].into_iter().chain(&marks.transferred)
}

fn all(marks: &Marks, text: impl Fn(&Name) -> SmolStr) -> Fields {
    named(marks).map(|name| (name.clone(), text(name))).collect()
}

/// What the marks of a record say.
pub fn read(marks: &Marks, record: &Record) -> Fields {
    all(marks, |name| record.at(name).show().into())
}

/// The marks of a record that is ignored. Id and date stay: they tell what it was.
pub fn ignored(marks: &Marks, now: &Fields) -> Fields {
    all(marks, |name| match name {
        _ if *name == marks.status || marks.transferred.as_ref() == Some(name) => Transferred::Ignore.as_str().into(),
        _ => said(now, name).into(),
    })
}

/// The marks of a record that was never attempted.
pub fn cleared(marks: &Marks) -> Fields {
    put_back(marks, &Fields::new())
}

/// The marks of a record that is in sync.
pub fn synced(marks: &Marks, id: &str, date: &str) -> Fields {
    all(marks, |name| match name {
        _ if *name == marks.status => SmolStr::new_static(SYNC_COMPLETE),
        _ if *name == marks.id => id.into(),
        _ if *name == marks.date => date.into(),
        _ => Transferred::Yes.as_str().into(),
    })
}

/// The marks as they were. An empty flag is written as the `No` that it says.
pub fn put_back(marks: &Marks, before: &Fields) -> Fields {
    all(marks, |name| match said(before, name) {
        "" if marks.transferred.as_ref() == Some(name) => Transferred::No.as_str().into(),
        text => text.into(),
    })
}

/// Whether the marks of a record say what this engine never leaves: a person, or another program, wrote them.
pub fn contradicts_itself(standing: &Standing) -> bool {
    let Standing { status, transferred, linked, .. } = standing;
    let untracked = *transferred == Transferred::Untracked;
    match status {
        Status::Unrecognised(_) => true,
        Status::Blank => *linked || !(untracked || *transferred == Transferred::No),
        Status::Complete => !*linked || !(untracked || *transferred == Transferred::Yes),
        Status::InProgress => !(untracked || *transferred == Transferred::Processing),
        Status::Error => !(untracked || *transferred == Transferred::Error),
        Status::Ignore => false,
    }
}
