//! The picture above CouponGen's forms. Its address is text that a browser sent, and its folder held what anybody uploaded: only
//! the name of a plain file directly in that folder is taken from it, and only a picture comes.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use base::Slug;

/// CouponGen took 2 MiB, if it was not told otherwise.
const LARGEST_BYTES: u64 = 8 << 20;

/// The file that `address` names in `folder`: the second generation kept each tenant's in a folder of its own.
pub fn find(folder: &Path, tenant: &str, address: &str) -> Result<Vec<u8>, &'static str> {
    let name = name(address).ok_or("its name is none of CouponGen's")?;
    let folder = folder.canonicalize().map_err(|_| "the folder of pictures cannot be read")?;
    let own = tenant.parse::<Slug>().ok().map(|tenant| folder.join(tenant.as_str()).join(name));
    // a link is no file, and neither is what lies behind a folder that is one
    let is_file = |place: &PathBuf| fs::symlink_metadata(place).is_ok_and(|found| found.is_file());
    let inside = |place: &PathBuf| place.canonicalize().is_ok_and(|true_place| true_place == *place);
    let mut places = own.into_iter().chain([folder.join(name)]);
    let place = places.find(|place| is_file(place) && inside(place));
    let mut read = Vec::new();
    let file = File::open(place.ok_or("it is not in the folder of pictures")?);
    let file = file.and_then(|file| file.take(LARGEST_BYTES + 1).read_to_end(&mut read));
    match file {
        Ok(bytes) if bytes as u64 <= LARGEST_BYTES => Ok(read),
        Ok(_) => Err("it is larger than 8 MiB"),
        Err(_) => Err("it cannot be read"),
    }
}

/// The last part of an address, as CouponGen wrote names: `header-1700000000000-a1b2c3.jpg`.
fn name(address: &str) -> Option<&str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    let plain =
        |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-' || letter == b'_' || letter == b'.';
    let usable = (1..=100).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(plain);
    usable.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("bakery")).unwrap();
        fs::write(folder.path().join("bakery/header-1.png"), "own").unwrap();
        fs::write(folder.path().join("header-2.jpg"), "shared").unwrap();
        fs::create_dir(folder.path().join("florist")).unwrap();
        fs::write(folder.path().join("florist/header-3.png"), "the neighbour's").unwrap();
        folder
    }

    #[test]
    fn each_generations_address_names_its_file() {
        let folder = folder();
        let found = |address: &str| find(folder.path(), "bakery", address);
        assert_eq!(found("/api/uploads/bakery/header-1.png?v=2").unwrap(), b"own");
        assert_eq!(found("https://coupons.example/static/uploads/bakery/header-1.png").unwrap(), b"own");
        assert_eq!(found("/static/uploads/header-2.jpg").unwrap(), b"shared");
    }

    #[test]
    fn an_address_leads_nowhere_else() {
        let folder = folder();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("header-4.png")).unwrap();
        std::os::unix::fs::symlink("/etc", folder.path().join("linked")).unwrap();
        let refused = |tenant: &str, address: &str| {
            let found = find(folder.path(), tenant, address);
            assert!(found.is_err(), "{tenant} {address}: {found:?}");
        };
        for address in [
            "/api/uploads/florist/header-3.png",
            "/api/uploads/bakery/header-4.png",
            "/api/uploads/../../etc/passwd",
            "/api/uploads/..",
            "/api/uploads/bakery",
            "/api/uploads/.hidden",
            "header-1.png\0",
            "data:image/png;base64,AAAA",
            "",
        ] {
            refused("bakery", address);
        }
        refused("../florist", "header-3.png");
        refused("..", "passwd");
        refused("linked", "passwd");
        refused("/etc", "passwd");
    }

    #[test]
    fn a_file_too_large_is_not_read_to_its_end() {
        let folder = folder();
        let large = File::create(folder.path().join("header-5.png")).unwrap();
        large.set_len(LARGEST_BYTES + 1).unwrap();
        assert_eq!(find(folder.path(), "bakery", "header-5.png"), Err("it is larger than 8 MiB"));
        large.set_len(LARGEST_BYTES).unwrap();
        assert!(find(folder.path(), "bakery", "header-5.png").is_ok());
    }
}
