use image::{GenericImageView, Rgb, Rgba};

use super::*;

/// A red left half and a blue right one.
fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(
        width,
        height,
        |x, _| if x < width / 2 { Rgb([200, 20, 20]) } else { Rgb([20, 20, 200]) },
    )
}

fn written(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.into().write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    written(two_halves(width, height), ImageFormat::Jpeg)
}

/// `jpeg` with an EXIF part: held as `orientation` says, taken at a place.
fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08".to_vec();
    // two entries: orientation, and a comment that stands for where it was taken
    exif.extend(b"\0\x02\x01\x12\0\x03\0\0\0\x01\0");
    exif.push(orientation);
    exif.extend(b"\0\0\x01\x0e\0\x02\0\0\0\x14\0\0\0\x26\0\0\0\0GPS 9.5370,-13.6785\0");
    let mut file = jpeg[..2].to_vec();
    file.extend(b"\xff\xe1");
    file.extend((exif.len() as u16 + 2).to_be_bytes());
    file.extend(exif);
    file.extend(&jpeg[2..]);
    file
}

fn decoded(developed: &Developed, width: u32, form: Form) -> DynamicImage {
    let file = developed.files.iter().find(|(name, _)| (name.width, name.form) == (Some(width), form));
    image::load_from_memory(&file.unwrap().1).unwrap()
}

fn is_red(picture: &DynamicImage, x: u32, y: u32) -> bool {
    let Rgba([red, _, blue, _]) = picture.get_pixel(x, y);
    red > 150 && blue < 90
}

#[test]
fn a_photo_is_kept_in_three_widths_and_two_forms() {
    let developed = develop(&jpeg(1600, 1200)).unwrap();
    let kept: Vec<(u32, &str)> =
        developed.files.iter().map(|(name, _)| (name.width.unwrap(), name.form.extension())).collect();
    assert_eq!(
        kept,
        [(1280, "webp"), (1280, "jpg"), (640, "webp"), (640, "jpg"), (320, "webp"), (320, "jpg")]
    );
    for (width, height) in [(1280, 960), (640, 480), (320, 240)] {
        for form in Form::ALL {
            let picture = decoded(&developed, width, form);
            assert_eq!((picture.width(), picture.height()), (width, height));
            assert!(is_red(&picture, 10, 10) && !is_red(&picture, width - 10, 10), "{width} {form:?}");
        }
    }
    assert_eq!((developed.measures.width, developed.measures.height), (1600, 1200));
}

#[test]
fn a_small_picture_is_never_enlarged() {
    let developed = develop(&jpeg(200, 100)).unwrap();
    assert_eq!(developed.files.len(), 2);
    assert_eq!(decoded(&developed, 200, Form::Webp).height(), 100);
}

#[test]
fn every_format_that_is_taken_gives_the_same_pictures_names_of_their_own_content() {
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let file = written(DynamicImage::ImageRgb8(two_halves(64, 64)).to_rgba8(), format);
        let developed = develop(&file).unwrap();
        assert!(is_red(&decoded(&developed, 64, Form::Jpeg), 5, 5), "{format:?}");
        assert_eq!(developed.measures.hash, ContentHash::of(&file));
        assert_eq!(develop(&file).unwrap().files, developed.files);
    }
}

#[test]
fn a_photo_stands_as_the_camera_was_held_and_nothing_else_of_it_is_left() {
    // held so that the top of the scene is on the right of the sensor: turned by 90 degrees
    let file = with_exif(&jpeg(400, 200), 6);
    assert!(file.windows(3).any(|bytes| bytes == b"GPS"));
    let developed = develop(&file).unwrap();
    assert_eq!((developed.measures.width, developed.measures.height), (200, 400));
    let upright = decoded(&developed, 200, Form::Jpeg);
    assert!(is_red(&upright, 100, 10) && !is_red(&upright, 100, 390));
    for (name, bytes) in &developed.files {
        for trace in [&b"Exif"[..], b"EXIF", b"GPS", b"XMP", b"ICC"] {
            assert!(!bytes.windows(trace.len()).any(|found| found == trace), "{name}");
        }
    }
    let plain = develop(&with_exif(&jpeg(400, 200), 1)).unwrap();
    assert_eq!((plain.measures.width, plain.measures.height), (400, 200));
}

#[test]
fn what_is_transparent_lies_on_white_where_there_is_no_transparency() {
    let glass = RgbaImage::from_pixel(40, 40, Rgba([0, 0, 0, 0]));
    let developed = develop(&written(glass, ImageFormat::Png)).unwrap();
    assert_eq!(decoded(&developed, 40, Form::Jpeg).get_pixel(20, 20), Rgba([255, 255, 255, 255]));
    assert_eq!(decoded(&developed, 40, Form::Webp).get_pixel(20, 20).0[3], 0);
}

#[test]
fn drawings_and_what_only_calls_itself_a_picture_are_refused() {
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    let xml = b"\xef\xbb\xbf <?xml version=\"1.0\"?><!-- x --><svg/>";
    for (file, unfit) in [
        (&svg[..], Unfit::Drawing),
        (&xml[..], Unfit::Drawing),
        (b"\0\0\0\x18ftypheic\0\0\0\0", Unfit::Heic),
        (b"<html><img src=x>", Unfit::NoPicture),
        (b"%PDF-1.7", Unfit::NoPicture),
        (b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0", Unfit::NoPicture),
        (b"", Unfit::NoPicture),
    ] {
        assert_eq!(develop(file).unwrap_err(), unfit, "{}", String::from_utf8_lossy(file));
    }
}

#[test]
fn a_file_that_ends_too_early_or_lies_is_refused_and_never_panics() {
    let formats = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];
    for format in formats {
        let file = written(two_halves(64, 64), format);
        for end in [4, 12, 20, 33, file.len() / 2] {
            // some decoders give what there is of a picture; none may panic
            let _ = develop(&file[..end]);
        }
        assert!(develop(&file[..20]).is_err(), "{format:?}");
        for place in (0..file.len()).step_by(7) {
            let mut bent = file.clone();
            bent[place] ^= 0xff;
            let _ = develop(&bent);
        }
    }
}

/// A PNG of `width` times `height` with a few bytes for its billions of pixels.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let head = [&b"IHDR"[..], &size, &[8, 2, 0, 0, 0]].concat();
    for chunk in [&head[..], b"IDAT\x78\x9c\x63\0"] {
        file.extend((chunk.len() as u32 - 4).to_be_bytes());
        file.extend(chunk);
        file.extend(crc(chunk).to_be_bytes());
    }
    file
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 },
        )
    })
}

#[test]
fn a_bomb_is_refused_by_its_head() {
    for (width, height) in [(50_000, 50_000), (6_400, 6_400), (16_001, 10), (10, 60_000)] {
        assert_eq!(develop(&bomb(width, height)).unwrap_err(), Unfit::TooManyPixels, "{width} x {height}");
    }
    // within the limits, but with nothing behind its head
    assert_eq!(develop(&bomb(6_000, 6_000)).unwrap_err(), Unfit::Damaged);
}

#[test]
fn a_file_that_is_two_things_is_only_a_picture_when_it_comes_out() {
    let mut file = jpeg(100, 100);
    file.extend(b"PK\x03\x04<script>alert('polyglot')</script>");
    let mut gif = written(two_halves(32, 32), ImageFormat::Gif);
    gif.extend(b"*/=1;alert('polyglot')//");
    for file in [file, gif] {
        let developed = develop(&file).unwrap();
        for (name, bytes) in &developed.files {
            assert!(!bytes.windows(8).any(|found| found == b"polyglot"), "{name}");
        }
    }
}

#[test]
fn the_height_follows_the_width() {
    assert_eq!(scaled(4000, 3000, 320), 240);
    assert_eq!(scaled(3000, 1, 320), 1);
    assert_eq!(scaled(333, 500, 333), 500);
}
