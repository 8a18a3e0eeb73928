//! Archives that callers send: what is stored, and what is packed with DEFLATE.

use std::io::Read;

use flate2::Crc;
use flate2::read::DeflateDecoder;

/// The most that a file of an archive may come to.
const LARGEST_FILE: u64 = 16 * 1024 * 1024;
const DIRECTORY_ENTRY: &[u8] = b"PK\x01\x02";
const DIRECTORY_END: &[u8] = b"PK\x05\x06";
const LOCAL_HEADER: &[u8] = b"PK\x03\x04";

/// The files of an archive with their names; `None` if it is none.
pub(super) fn files(archive: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let end = archive.windows(4).rposition(|window| window == DIRECTORY_END)?;
    let count = short(archive, end + 10)?;
    let mut at = long(archive, end + 16)?;
    let mut files = Vec::new();
    for _ in 0..count {
        let entry = archive.get(at..)?.strip_prefix(DIRECTORY_ENTRY).map(|_| at)?;
        let name = usize::from(short(archive, entry + 28)?);
        let more = usize::from(short(archive, entry + 30)?) + usize::from(short(archive, entry + 32)?);
        let text = std::str::from_utf8(archive.get(entry + 46..entry + 46 + name)?).ok()?.to_owned();
        if !text.ends_with('/') {
            files.push((text, content(archive, entry)?));
        }
        at = entry + 46 + name + more;
    }
    Some(files)
}

/// The content of a file, whose check sum must be right.
fn content(archive: &[u8], entry: usize) -> Option<Vec<u8>> {
    let (method, sum) = (short(archive, entry + 10)?, long(archive, entry + 16)?);
    let (length, local) = (long(archive, entry + 20)?, long(archive, entry + 42)?);
    archive.get(local..)?.strip_prefix(LOCAL_HEADER)?;
    let head = 30 + usize::from(short(archive, local + 26)?) + usize::from(short(archive, local + 28)?);
    let from = local.checked_add(head)?;
    let held = archive.get(from..from.checked_add(length)?)?;
    let mut content = Vec::new();
    match method {
        0 => content.extend_from_slice(held),
        8 => {
            DeflateDecoder::new(held).take(LARGEST_FILE).read_to_end(&mut content).ok()?;
        }
        _ => return None,
    }
    let mut crc = Crc::new();
    crc.update(&content);
    (usize::try_from(crc.sum()).ok()? == sum).then_some(content)
}

fn short(archive: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(archive.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn long(archive: &[u8], at: usize) -> Option<usize> {
    let number = u32::from_le_bytes(archive.get(at..at.checked_add(4)?)?.try_into().ok()?);
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// As another program made it: one file as it is, one packed.
    const ARCHIVE: &str = "\
        UEsDBBQAAAAAAAAAIQAL+UNWBgAAAAYAAAAFAAAAYS50eHRzdG9yZWRQSwMEFAAAAAgAAAAhAGmuxXwMAAAAjAAAAA\
        UAAABiLnR4dCtITM5OTVEoGAwUAFBLAQIUAxQAAAAAAAAAIQAL+UNWBgAAAAYAAAAFAAAAAAAAAAAAAACAAQAAAABh\
        LnR4dFBLAQIUAxQAAAAIAAAAIQBprsV8DAAAAIwAAAAFAAAAAAAAAAAAAACAASkAAABiLnR4dFBLBQYAAAAAAgACAG\
        YAAABYAAAAAAA=";

    #[test]
    fn the_files_of_an_archive_are_read_as_another_program_packed_them() {
        let files = files(&STANDARD.decode(ARCHIVE).unwrap()).unwrap();
        assert_eq!(files, [("a.txt".into(), b"stored".to_vec()), ("b.txt".into(), "packed ".repeat(20).into_bytes())]);
    }

    #[test]
    fn an_archive_that_is_cut_or_spoilt_anywhere_is_read_without_a_panic() {
        let whole = STANDARD.decode(ARCHIVE).unwrap();
        for place in 0..whole.len() {
            // Of what is cut behind its directory nothing is lost.
            let cut = files(&whole[..place]);
            assert!(cut.is_none() || cut == files(&whole), "cut at {place}");
            for byte in [0, 1, 0x7f, 0xff] {
                let mut spoilt = whole.clone();
                spoilt[place] = byte;
                let _ = files(&spoilt);
            }
        }
    }
}
