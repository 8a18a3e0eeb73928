//! Record ids: fifteen characters whose case counts, and eighteen that survive a spreadsheet.

use std::fmt;

/// The alphabet of the three last characters: each tells which of five letters are capitals.
const CHECK: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A record's id: its fifteen characters. It is shown with eighteen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id([u8; 15]);

impl Id {
    /// The id with a number, among those of a kind of record (three characters) in an org (three more).
    pub(crate) fn new(prefix: [u8; 3], org: [u8; 3], number: u64) -> Self {
        let mut bytes = [b'0'; 15];
        bytes[..3].copy_from_slice(&prefix);
        bytes[3..6].copy_from_slice(&org);
        let mut rest = number;
        for place in bytes[6..].iter_mut().rev() {
            *place = DIGITS[usize::try_from(rest % 62).unwrap_or(0)];
            rest /= 62;
        }
        Self(bytes)
    }

    /// Reads fifteen or eighteen characters. Of eighteen the last three tell the case of the others, so that a text
    /// whose case was lost names the same record.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if !bytes.iter().all(u8::is_ascii_alphanumeric) {
            return None;
        }
        let mut id = Self(bytes.get(..15)?.try_into().ok()?);
        match bytes.len() {
            15 => Some(id),
            18 => {
                for (group, check) in bytes[15..].iter().enumerate() {
                    let bits = CHECK.iter().position(|known| *known == check.to_ascii_uppercase())?;
                    for (place, byte) in id.0[group * 5..group * 5 + 5].iter_mut().enumerate() {
                        let capital = bits >> place & 1 == 1;
                        if capital && !byte.is_ascii_alphabetic() {
                            return None;
                        }
                        *byte = if capital { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
                    }
                }
                Some(id)
            }
            _ => None,
        }
    }

    /// The three characters that tell the kind of record.
    pub(crate) fn prefix(self) -> [u8; 3] {
        [self.0[0], self.0[1], self.0[2]]
    }

    /// The three characters that tell the org.
    pub(crate) fn org(self) -> [u8; 3] {
        [self.0[3], self.0[4], self.0[5]]
    }

    /// The first fifteen characters.
    pub(crate) fn short(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.short())?;
        for group in self.0.chunks(5) {
            let bits = group.iter().rev().fold(0, |bits, byte| bits << 1 | usize::from(byte.is_ascii_uppercase()));
            write!(formatter, "{}", char::from(CHECK[bits]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_characters_are_those_of_the_vendor() {
        for whole in ["001xx000003DGb0AAG", "0018a00001rBqb8AAC", "0017e00001W4GYRAA3", "0037e00001WZ30qAAD"] {
            assert_eq!(Id::read(&whole[..15]).unwrap().to_string(), whole);
            assert_eq!(Id::read(whole), Id::read(&whole[..15]));
        }
    }

    #[test]
    fn eighteen_characters_survive_the_loss_of_their_case_and_fifteen_do_not() {
        let whole = "0017e00001W4GYRAA3";
        assert_eq!(Id::read(&whole.to_lowercase()), Id::read(whole));
        assert_ne!(Id::read(&whole[..15].to_lowercase()), Id::read(whole));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in ["", "001", "0017e00001W4GYRAA", "0017e00001W4GYR!A3", "0017e00001W4GYRAA9", "ä0017e00001W4GYRA"] {
            assert_eq!(Id::read(text), None, "{text}");
        }
    }
}
