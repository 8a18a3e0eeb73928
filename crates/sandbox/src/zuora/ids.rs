//! Record ids: 32 hexadecimal digits, as Zuora writes them.
//!
//! The first half is the tenant's; the second half is a bijection of the record's type and position, so that an id
//! leads to its record without a table, and ids sort in no useful order, as the vendor's do not.

use super::schema::Entity;

/// A record's id, without the half that all records share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) u64);

/// Makes and reads ids of one tenant.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    prefix: String,
    key: u64,
}

/// Bits of the position that say the record's type.
const TYPE_BITS: u32 = 4;

impl Ids {
    /// The ids of the tenant with this seed.
    pub(crate) fn new(seed: u64) -> Self {
        let key = scramble(seed ^ 0x5a75_6f72_6121);
        // Ids of Zuora's American data centres begin so.
        Self { prefix: format!("2c92{:012x}", scramble(!key) >> 16), key }
    }

    /// The id of the record at a position.
    pub(crate) fn make(&self, entity: Entity, row: u32) -> Id {
        let place = (u64::from(row) << TYPE_BITS) | u64::from(entity as u8);
        Id(scramble(place ^ self.key))
    }

    /// The type and the position that an id stands for, whether or not there is such a record.
    pub(crate) fn open(&self, id: Id) -> Option<(Entity, u32)> {
        let place = unscramble(id.0) ^ self.key;
        let entity = Entity::ALL.get(usize::try_from(place & ((1 << TYPE_BITS) - 1)).ok()?)?;
        Some((*entity, u32::try_from(place >> TYPE_BITS).ok()?))
    }

    /// The id as text.
    pub(crate) fn text(&self, id: Id) -> String {
        format!("{}{:016x}", self.prefix, id.0)
    }

    /// Reads an id; `None` if it was not made here.
    pub(crate) fn parse(&self, text: &str) -> Option<Id> {
        let rest = text.strip_prefix(self.prefix.as_str())?;
        let digits = rest.len() == 16 && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if digits { u64::from_str_radix(rest, 16).ok().map(Id) } else { None }
    }
}

/// A bijection that leaves no visible order: the finalizer of the splitmix64 generator.
fn scramble(mut x: u64) -> u64 {
    x ^= x >> 30;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 27;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The inverse of [`scramble`].
fn unscramble(mut x: u64) -> u64 {
    x ^= (x >> 31) ^ (x >> 62);
    x = x.wrapping_mul(0x3196_42b2_d24d_8ec3);
    x ^= (x >> 27) ^ (x >> 54);
    x = x.wrapping_mul(0x96de_1b17_3f11_9089);
    x ^ (x >> 30) ^ (x >> 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_record() {
        let ids = Ids::new(7);
        for (entity, row) in [(Entity::Account, 0), (Entity::Invoice, 1), (Entity::TaxationItem, 599_999)] {
            let text = ids.text(ids.make(entity, row));
            assert_eq!(text.len(), 32);
            assert_eq!(ids.parse(&text).and_then(|id| ids.open(id)), Some((entity, row)));
        }
    }

    #[test]
    fn the_id_of_another_tenant_is_not_read() {
        let text = Ids::new(7).text(Ids::new(7).make(Entity::Invoice, 3));
        assert_eq!(Ids::new(8).parse(&text), None);
        assert_eq!(Ids::new(7).parse(&text.to_uppercase()), None);
    }
}
