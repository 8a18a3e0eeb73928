//! Ids as the two vendors make them.

use crate::books::dice::Dice;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECKS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// A Salesforce id of 18 characters: the object's prefix of three, an instance, a number, and the checksum that tells
/// capitals from small letters.
pub fn salesforce_id(prefix: &str, number: u64) -> String {
    // Neighbours differ in more than their last character, as they do where many make records at once.
    let mut rest = number.wrapping_mul(7_919).wrapping_add(238_328);
    let mut tail = [b'0'; 9];
    for place in tail.iter_mut().rev() {
        *place = DIGITS[usize::try_from(rest % 62).unwrap_or(0)];
        rest /= 62;
    }
    let short = format!("{prefix}Kx0{}", String::from_utf8_lossy(&tail));
    format!("{short}{}", checksum(&short))
}

/// Three characters, each of which tells which of five are capitals.
fn checksum(short: &str) -> String {
    let capitals = |group: &[u8]| {
        let bits = group.iter().enumerate().filter(|(_, letter)| letter.is_ascii_uppercase());
        bits.fold(0, |sum, (place, _)| sum | (1 << place))
    };
    short.as_bytes().chunks(5).map(|group| char::from(CHECKS[capitals(group) & 31])).collect()
}

/// A UUID of version 4.
pub(super) fn uuid(dice: &mut Dice) -> String {
    let (high, low) = (dice.below(u64::MAX), dice.below(u64::MAX));
    let variant = 0x8000 | (low >> 48) & 0x3fff;
    format!(
        "{:08x}-{:04x}-4{:03x}-{variant:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_published_ids() {
        assert_eq!(checksum("001xx000003DGb0"), "AAG");
        assert_eq!(checksum("0018a00001rBqb8"), "AAC");
    }

    #[test]
    fn an_id_has_18_characters_and_no_two_numbers_share_one() {
        let ids: std::collections::HashSet<_> = (0..50_000).map(|number| salesforce_id("801", number)).collect();
        assert_eq!(ids.len(), 50_000);
        assert!(ids.iter().all(|id| id.len() == 18 && id.starts_with("801")));
    }
}
