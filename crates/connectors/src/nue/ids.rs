//! Ids that Nue shares with Salesforce: a record that was born there keeps its id. They come with eighteen letters, or
//! with the fifteen that tell the record; the three others only repeat which of those are capitals.

const WHOLE: usize = 18;
const BARE: usize = 15;
/// Each of the three letters stands for five of the fifteen.
const CHECK: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// Whether an id was given by Salesforce: Nue's own are UUIDs.
pub(super) fn is_salesforce(id: &str) -> bool {
    matches!(id.len(), BARE | WHOLE) && id.bytes().all(|letter| letter.is_ascii_alphanumeric())
}

/// An id of fifteen letters with the three that it lacks; `None` for what needs none.
pub(super) fn whole(id: &str) -> Option<String> {
    if id.len() != BARE || !is_salesforce(id) {
        return None;
    }
    let check = id.as_bytes().chunks(5).map(|group| {
        let capitals = group.iter().rev().fold(0, |bits, letter| bits << 1 | usize::from(letter.is_ascii_uppercase()));
        char::from(CHECK[capitals])
    });
    Some(id.chars().chain(check).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_letters_are_completed_as_the_vendor_completes_them() {
        for id in ["001xx000003DGb0AAG", "0018a00001rBqb8AAC", "0017e00001W4GYRAA3", "0037e00001WZ30qAAD"] {
            assert_eq!(whole(&id[..BARE]).as_deref(), Some(id));
            assert_eq!(whole(id), None);
        }
    }

    #[test]
    fn what_salesforce_did_not_give_is_left_alone() {
        for id in ["", "INV-00000001-15", "8f14e45f-ceea-467f-a0f2-0c1d2e3f4a5b", "äää000000000000"] {
            assert_eq!(whole(id), None, "{id}");
        }
    }
}
