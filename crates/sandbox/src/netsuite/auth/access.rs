//! The keys of the account: what a caller needs to be let in.

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// What a caller needs to be let in.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The base address of the account's services. The shell fills it in after it bound the port.
    pub url: String,
    /// The account id, which is also the realm of a signature.
    pub account: String,
    /// Token-based authentication: the integration's key.
    pub consumer_key: String,
    /// Token-based authentication: the integration's secret.
    pub consumer_secret: String,
    /// Token-based authentication: the user's token.
    pub token_id: String,
    /// Token-based authentication: the secret of the user's token.
    pub token_secret: String,
    /// OAuth 2.0: the integration's client id.
    pub client_id: String,
    /// OAuth 2.0: the id of the RSA certificate, to be named as `kid`.
    pub certificate_id: String,
    /// OAuth 2.0: the RSA key (3072 bits) behind that certificate, PKCS#8 PEM: signs PS256, PS384 and PS512.
    pub private_key_pem: String,
    /// OAuth 2.0: the id of a second certificate, on the P-256 curve.
    pub ec_certificate_id: String,
    /// OAuth 2.0: the key behind the second certificate, PKCS#8 PEM: signs ES256.
    pub ec_private_key_pem: String,
}

/// A certificate that an administrator registered for the integration.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    /// Its id.
    pub(super) id: String,
    /// Its public key.
    pub(super) key: PublicKey,
}

/// A public key.
#[derive(Debug, Clone)]
pub(super) enum PublicKey {
    /// RSA, as a PKCS#1 structure.
    Rsa(Vec<u8>),
    /// A point on the P-256 curve.
    P256(Vec<u8>),
}

/// The key pairs behind the certificates. They are made once in a process and serve all its accounts, since an RSA key
/// of this size takes a good part of a second and what it signs is worth nothing outside of this machine.
static KEYS: LazyLock<Result<Keys, KeyError>> = LazyLock::new(Keys::generate);

struct Keys {
    rsa_pem: String,
    rsa_public: Vec<u8>,
    ec_pem: String,
    ec_public: Vec<u8>,
}

impl Keys {
    fn generate() -> Result<Self, KeyError> {
        let rsa = KeyPair::generate(KeySize::Rsa3072)?;
        let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
        Ok(Self {
            rsa_pem: pem(AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&rsa)?.as_ref()),
            rsa_public: rsa.public_key().as_ref().to_vec(),
            ec_pem: pem(ec.to_pkcs8v1()?.as_ref()),
            ec_public: ec.public_key().as_ref().to_vec(),
        })
    }
}

/// A key could not be made.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no key could be generated for the account's certificates")]
pub(crate) struct KeyError;

impl From<aws_lc_rs::error::Unspecified> for KeyError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

impl Access {
    /// Makes the account's keys. The keys of token-based authentication follow from the generator; the key pairs of the
    /// certificates come from the machine's own source, since a cryptographic library takes no other.
    pub(crate) fn generate(rng: &mut ChaCha8Rng) -> Result<(Self, Vec<Certificate>), KeyError> {
        let keys = KEYS.as_ref().map_err(|error| *error)?;
        let access = Self {
            url: String::new(),
            account: format!("TSTDRV{}", 1_000_000 + rng.next_u32() % 9_000_000),
            consumer_key: hexadecimal(rng, 32),
            consumer_secret: hexadecimal(rng, 32),
            token_id: hexadecimal(rng, 32),
            token_secret: hexadecimal(rng, 32),
            client_id: hexadecimal(rng, 32),
            certificate_id: hexadecimal(rng, 21),
            private_key_pem: keys.rsa_pem.clone(),
            ec_certificate_id: hexadecimal(rng, 21),
            ec_private_key_pem: keys.ec_pem.clone(),
        };
        let certificates = vec![
            Certificate { id: access.certificate_id.clone(), key: PublicKey::Rsa(keys.rsa_public.clone()) },
            Certificate { id: access.ec_certificate_id.clone(), key: PublicKey::P256(keys.ec_public.clone()) },
        ];
        Ok((access, certificates))
    }
}

fn hexadecimal(rng: &mut ChaCha8Rng, bytes: usize) -> String {
    (0..bytes).map(|_| format!("{:02x}", rng.next_u32() & 0xff)).collect()
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}
