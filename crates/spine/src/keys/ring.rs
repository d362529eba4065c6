//! The key ring: a file that only its owner may read, and beside it one file for each tenant's wrapped key.

use std::{
    collections::HashMap,
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use db::TenantId;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::{Error, TenantKey, secret};

const RING: &str = "ring.json";
const TENANTS: &str = "tenants";

/// What to do where there is no key ring yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Create,
    /// In production a ring that is not where it was is an accident: new keys would open nothing and prove nothing.
    Refuse,
}

/// Where the keys are looked for, and whether they may be made there: `SOKO_KEYS` when it names a folder that exists,
/// else `DATA/keys`, where only development makes any.
pub fn home(data: &Path, configured: Option<&Path>, development: bool) -> (PathBuf, Missing) {
    let allowed = |yes: bool| if yes { Missing::Create } else { Missing::Refuse };
    match configured {
        Some(folder) => (folder.to_owned(), allowed(development || folder.is_dir())),
        None => (data.join("keys"), allowed(development)),
    }
}

/// The keys of this installation. Clones share them.
#[derive(Clone)]
pub struct KeyRing(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    keys: Vec<Key>,
    tenants: Mutex<HashMap<TenantId, TenantKey>>,
}

#[derive(Serialize, Deserialize)]
struct RingFile {
    keys: Vec<Key>,
}

#[derive(Serialize, Deserialize)]
struct Key {
    id: String,
    purpose: Purpose,
    state: State,
    #[serde(with = "crate::hex")]
    secret: [u8; 32],
}

/// One key, one purpose.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Purpose {
    Sign,
    Wrap,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Active,
    /// Opens and proves what it made before, and makes nothing new.
    VerifyOnly,
}

#[derive(Serialize, Deserialize)]
struct WrappedKey {
    key: String,
    sealed: String,
}

impl KeyRing {
    /// Reads the ring in `folder`, or makes one where that is allowed.
    pub fn open(folder: &Path, missing: Missing) -> Result<Self, Error> {
        let file = folder.join(RING);
        let text = match (read_private(&file)?, missing) {
            (Some(text), _) => text,
            (None, Missing::Refuse) => return Err(Error::Missing(folder.display().to_string())),
            (None, Missing::Create) => {
                let tenants = folder.join(TENANTS);
                private_folder(&tenants).map_err(|reason| Error::File { file: name(&tenants), reason })?;
                let ring =
                    serde_json::to_string_pretty(&new_ring()?).map_err(|error| malformed(&file, error))?;
                write_once(&file, &ring)?;
                read_private(&file)?.ok_or_else(|| Error::Missing(folder.display().to_string()))?
            }
        };
        let ring: RingFile = serde_json::from_str(&text).map_err(|error| malformed(&file, error))?;
        for purpose in [Purpose::Sign, Purpose::Wrap] {
            let active = ring.keys.iter().filter(|key| key.purpose == purpose && key.state == State::Active);
            if active.count() != 1 {
                return Err(malformed(&file, "one active key is wanted for each purpose"));
            }
        }
        Ok(Self(Arc::new(Inner { folder: folder.to_owned(), keys: ring.keys, tenants: Mutex::default() })))
    }

    /// The key of `tenant`; made when it is first asked for. Reads a file, once per process.
    pub fn tenant_key(&self, tenant: TenantId) -> Result<TenantKey, Error> {
        if let Some(key) = self.0.tenants.lock().get(&tenant) {
            return Ok(key.clone());
        }
        let file = self.tenant_file(tenant);
        let text = match read_private(&file)? {
            Some(text) => text,
            None => {
                write_once(&file, &self.wrap(tenant, chance()?)?)?;
                // another process may have been first: what stands in the file is the key
                read_private(&file)?.ok_or_else(|| Error::Missing(name(&file)))?
            }
        };
        let key = self.unwrap(tenant, &file, &text)?;
        self.0.tenants.lock().insert(tenant, key.clone());
        Ok(key)
    }

    /// Destroys the key of `tenant`: what was sealed under it never opens again.
    pub fn destroy(&self, tenant: TenantId) -> Result<(), Error> {
        self.0.tenants.lock().remove(&tenant);
        let file = self.tenant_file(tenant);
        match fs::remove_file(&file) {
            Err(reason) if reason.kind() != io::ErrorKind::NotFound => {
                Err(Error::File { file: name(&file), reason })
            }
            _ => Ok(()),
        }
    }

    /// All public keys whose signatures count, the active one first.
    pub fn verifying_keys(&self) -> Vec<VerifyingKey> {
        let mut keys: Vec<&Key> = self.0.keys.iter().filter(|key| key.purpose == Purpose::Sign).collect();
        keys.sort_by_key(|key| key.state != State::Active);
        keys.into_iter().map(|key| SigningKey::from_bytes(&key.secret).verifying_key()).collect()
    }

    /// The public key and its signature over `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> ([u8; 32], [u8; 64]) {
        let key = SigningKey::from_bytes(&self.active(Purpose::Sign).secret);
        (key.verifying_key().to_bytes(), key.sign(message).to_bytes())
    }

    fn active(&self, purpose: Purpose) -> &Key {
        let active = |key: &&Key| key.purpose == purpose && key.state == State::Active;
        // `open` refuses a ring without one; the first key is never reached
        self.0.keys.iter().find(active).unwrap_or(&self.0.keys[0])
    }

    fn tenant_file(&self, tenant: TenantId) -> PathBuf {
        self.0.folder.join(TENANTS).join(format!("{tenant}.json"))
    }

    fn wrap(&self, tenant: TenantId, key: [u8; 32]) -> Result<String, Error> {
        let wrapping = self.active(Purpose::Wrap);
        let sealed = secret::seal(&wrapping.secret, &bound(tenant, &wrapping.id), &key, chance()?)?;
        let wrapped = WrappedKey { key: wrapping.id.clone(), sealed: crate::hex::encode(&sealed) };
        serde_json::to_string(&wrapped).map_err(|error| malformed(&self.tenant_file(tenant), error))
    }

    fn unwrap(&self, tenant: TenantId, file: &Path, text: &str) -> Result<TenantKey, Error> {
        let wrapped: WrappedKey = serde_json::from_str(text).map_err(|error| malformed(file, error))?;
        let wrapping = self.0.keys.iter().find(|key| key.purpose == Purpose::Wrap && key.id == wrapped.key);
        let wrapping = wrapping.ok_or_else(|| malformed(file, "its key is not in the ring"))?;
        let sealed = crate::hex::decode(&wrapped.sealed).ok_or(Error::Sealed)?;
        let key = secret::open(&wrapping.secret, &bound(tenant, &wrapping.id), &sealed)?;
        Ok(TenantKey::new(tenant, key.try_into().map_err(|_| Error::Sealed)?))
    }
}

/// What a wrapped key is bound to.
fn bound(tenant: TenantId, wrapping: &str) -> Vec<u8> {
    secret::framed(&["soko.tenant-key.1", &tenant.to_string(), wrapping])
}

fn new_ring() -> Result<RingFile, Error> {
    let key =
        |id: &str, purpose| Ok(Key { id: id.to_owned(), purpose, state: State::Active, secret: chance()? });
    Ok(RingFile { keys: vec![key("sign-1", Purpose::Sign)?, key("wrap-1", Purpose::Wrap)?] })
}

fn chance<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Error::Chance)?;
    Ok(bytes)
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

fn malformed(file: &Path, reason: impl ToString) -> Error {
    Error::Malformed { file: name(file), reason: reason.to_string() }
}

fn private_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// The text of a file that only its owner may read; none if there is no such file.
fn read_private(file: &Path) -> Result<Option<String>, Error> {
    let about = |reason| Error::File { file: name(file), reason };
    let seen = match fs::metadata(file) {
        Ok(seen) => seen,
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(reason) => return Err(about(reason)),
    };
    if seen.mode() & 0o077 != 0 {
        return Err(Error::Exposed(name(file)));
    }
    fs::read_to_string(file).map(Some).map_err(about)
}

/// Writes a file as a whole, on disk before it has its name; a file that is there already wins.
fn write_once(file: &Path, text: &str) -> Result<(), Error> {
    let about = |reason| Error::File { file: name(file), reason };
    let folder = file.parent().unwrap_or(Path::new("."));
    private_folder(folder).map_err(about)?;
    let draft = file.with_extension(format!("{}.draft", crate::hex::encode(&chance::<8>()?)));
    let write = || {
        let mut open = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()?;
        match fs::hard_link(&draft, file) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    };
    let written = write();
    let removed = fs::remove_file(&draft);
    written.and(removed).and_then(|()| fs::File::open(folder)?.sync_all()).map_err(about)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{super::Place, *};

    const PLACE: Place = Place { table: "method", column: "secret", row: "sandbox" };
    const TENANT: TenantId = TenantId::numbered(7);

    #[test]
    fn a_ring_opens_tomorrow_what_it_sealed_today() {
        let folder = tempfile::tempdir().unwrap();
        let today = KeyRing::open(folder.path(), Missing::Create).unwrap();
        let sealed = today.tenant_key(TENANT).unwrap().seal(&PLACE, b"whsec", [1; 24]).unwrap();
        let tomorrow = KeyRing::open(folder.path(), Missing::Refuse).unwrap();
        assert_eq!(tomorrow.tenant_key(TENANT).unwrap().open(&PLACE, &sealed).unwrap(), b"whsec");
        assert_eq!(tomorrow.verifying_keys(), today.verifying_keys());
    }

    #[test]
    fn a_destroyed_key_never_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::open(folder.path(), Missing::Create).unwrap();
        let sealed = ring.tenant_key(TENANT).unwrap().seal(&PLACE, b"whsec", [1; 24]).unwrap();
        ring.destroy(TENANT).unwrap();
        ring.destroy(TENANT).unwrap();
        assert!(matches!(ring.tenant_key(TENANT).unwrap().open(&PLACE, &sealed), Err(Error::Sealed)));
    }

    #[test]
    fn a_wrapped_key_is_of_no_use_to_another_tenant() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::open(folder.path(), Missing::Create).unwrap();
        ring.tenant_key(TENANT).unwrap();
        fs::rename(folder.path().join("tenants/7.json"), folder.path().join("tenants/8.json")).unwrap();
        assert!(matches!(ring.tenant_key(TenantId::numbered(8)), Err(Error::Sealed)));
    }

    #[test]
    fn no_keys_are_made_where_they_are_only_missing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(KeyRing::open(folder.path(), Missing::Refuse), Err(Error::Missing(_))));
        let data = folder.path();
        assert_eq!(home(data, None, false), (data.join("keys"), Missing::Refuse));
        assert_eq!(home(data, None, true), (data.join("keys"), Missing::Create));
        assert_eq!(home(data, Some(data), false), (data.to_owned(), Missing::Create));
        assert_eq!(
            home(data, Some(&data.join("unmounted")), false),
            (data.join("unmounted"), Missing::Refuse)
        );
    }

    #[test]
    fn keys_that_others_can_read_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        KeyRing::open(folder.path(), Missing::Create).unwrap();
        let file = folder.path().join(RING);
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(KeyRing::open(folder.path(), Missing::Refuse), Err(Error::Exposed(_))));
    }
}
