//! The keys of the connected app and of its user.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::salesforce::SetUpError;
use crate::salesforce::id::Id;

/// What a caller needs to be let in.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The org's own address (the vendor's My Domain), at which it also logs in.
    pub url: String,
    /// The connected app's key.
    pub client_id: String,
    /// The connected app's secret.
    pub client_secret: String,
    /// The integration user's name.
    pub username: String,
    /// Its password.
    pub password: String,
    /// What is put behind the password.
    pub security_token: String,
    /// A refresh token that the user has granted.
    pub refresh_token: String,
    /// The RSA key (2048 bits) behind the connected app's certificate, PKCS#8 PEM: signs RS256.
    pub private_key_pem: String,
    /// The org's id, of 18 characters.
    pub organization_id: String,
    /// The integration user's id, of 18 characters.
    pub user_id: String,
}

/// The key pair behind the certificate, made once in a process: what it signs is worth nothing outside of this machine.
static KEY: LazyLock<Option<(String, Vec<u8>)>> = LazyLock::new(|| {
    let key = KeyPair::generate(KeySize::Rsa2048).ok()?;
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&key).ok()?;
    Some((pem(der.as_ref()), key.public_key().as_ref().to_vec()))
});

impl Access {
    /// Draws the keys. With them comes the public key of the certificate, as a PKCS#1 structure.
    pub(super) fn generate(rng: &mut ChaCha8Rng, organization: Id, user: Id) -> Result<(Self, Vec<u8>), SetUpError> {
        let (private_key_pem, public_key) = KEY.clone().ok_or(SetUpError::Key)?;
        let access = Self {
            url: String::new(),
            client_id: format!("3MVG9{}", letters(rng, 80)),
            client_secret: letters(rng, 64).to_uppercase(),
            username: "integration@counterfoil.example".to_owned(),
            password: letters(rng, 12),
            security_token: letters(rng, 24),
            refresh_token: format!("5Aep861{}", letters(rng, 80)),
            private_key_pem,
            organization_id: organization.to_string(),
            user_id: user.to_string(),
        };
        Ok((access, public_key))
    }
}

/// Letters and digits.
pub(super) fn letters(rng: &mut ChaCha8Rng, count: usize) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    (0..count).map(|_| char::from(ALPHABET[(rng.next_u32() % 62) as usize])).collect()
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}
