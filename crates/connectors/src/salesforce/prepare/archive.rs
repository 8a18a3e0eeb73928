//! The archive that makes a custom object: Salesforce takes definitions of objects as files in a ZIP archive alone, and
//! that within a form. The files are small, so that they are stored as they are.

use std::fmt::Write;

use super::label;

const NAMESPACE: &str = "http://soap.sforce.com/2006/04/metadata";
/// Separates the parts of the form; an archive of our own texts cannot hold it.
pub(super) const BOUNDARY: &str = "counterfoil-7d1e5b8a";
/// The oldest day that the format knows: 1 January 1980.
const DAY: u16 = 0x0021;

/// The form that asks for an object to be made, whole or not at all.
pub(super) fn form(object: &str, version: &str) -> Vec<u8> {
    let options = r#"{"deployOptions":{"rollbackOnError":true,"singlePackage":true,"checkOnly":false}}"#;
    let mut form = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"json\"\r\nContent-Type: application/json\r\n\r\n{options}\r\n\
         --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"deploy.zip\"\r\n\
         Content-Type: application/zip\r\n\r\n"
    )
    .into_bytes();
    let files = [
        ("package.xml".to_owned(), package(object, version)),
        (format!("objects/{object}.object"), definition(object)),
    ];
    form.extend(archive(&files));
    form.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    form
}

fn package(object: &str, version: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Package xmlns=\"{NAMESPACE}\">\n    <types>\n        \
         <members>{}</members>\n        <name>CustomObject</name>\n    </types>\n    <version>{version}</version>\n</Package>\n",
        escaped(object)
    )
}

/// Its records are numbered by Salesforce; their fields are made one by one, as on all other objects.
fn definition(object: &str) -> String {
    let label = escaped(&label(object));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CustomObject xmlns=\"{NAMESPACE}\">\n    \
         <deploymentStatus>Deployed</deploymentStatus>\n    <label>{label}</label>\n    <nameField>\n        \
         <displayFormat>M-{{00000000}}</displayFormat>\n        <label>{label} Number</label>\n        \
         <type>AutoNumber</type>\n    </nameField>\n    <pluralLabel>{label}s</pluralLabel>\n    \
         <sharingModel>ReadWrite</sharingModel>\n</CustomObject>\n"
    )
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, letter| {
        match letter {
            '&' | '<' | '>' | '"' | '\'' => _ = write!(escaped, "&#{};", u32::from(letter)),
            _ => escaped.push(letter),
        }
        escaped
    })
}

/// A ZIP archive of files that are stored as they are.
fn archive(files: &[(String, String)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let offset = size(archive.len());
        let mut head = Vec::new();
        for short in [20, 0, 0, 0, DAY] {
            head.extend(short.to_le_bytes());
        }
        for long in [sum(content.as_bytes()), size(content.len()), size(content.len())] {
            head.extend(long.to_le_bytes());
        }
        head.extend((name.len() as u16).to_le_bytes());
        head.extend(0_u16.to_le_bytes());
        archive.extend(b"PK\x03\x04");
        archive.extend(&head);
        archive.extend(name.as_bytes());
        archive.extend(content.as_bytes());
        directory.extend(b"PK\x01\x02");
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (begin, length, count) = (size(archive.len()), size(directory.len()), files.len() as u16);
    archive.extend(directory);
    archive.extend(b"PK\x05\x06");
    for short in [0, 0, count, count] {
        archive.extend(short.to_le_bytes());
    }
    archive.extend(length.to_le_bytes());
    archive.extend(begin.to_le_bytes());
    archive.extend(0_u16.to_le_bytes());
    archive
}

/// Names and definitions are of some hundred bytes.
fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The check sum of the format, CRC-32.
fn sum(content: &[u8]) -> u32 {
    !content.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_sum_is_the_formats_own() {
        assert_eq!(sum(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_name_cannot_leave_its_place_in_the_definition() {
        assert!(definition("A<&>__c").contains("<label>A&#60;&#38;&#62;</label>"));
    }
}
