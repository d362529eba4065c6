//! From a file that anybody may have made to the pictures that we serve: sniffed by its content, decoded within limits,
//! turned upright, made smaller, and written anew, so that nothing but its pixels is left of it.

use std::io::Cursor;

use bytes::Bytes;
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage,
    codecs::jpeg::JpegEncoder, imageops::FilterType, metadata::Orientation,
};

use super::model::{ContentHash, FileName, Form, Measures, Unfit, widths};

pub const MAX_PIXELS: u64 = 40_000_000;
/// WebP holds no longer side.
const MAX_SIDE: u32 = 16_000;
/// What a decoder may take: 40 million pixels of four bytes, and some room to work.
const MAX_ALLOC: u64 = 200 << 20;
/// Of a hundred: photographs of goods are looked at on phones, over lines that are paid by the byte.
const WEBP_QUALITY: f32 = 76.0;
const JPEG_QUALITY: u8 = 72;

/// A picture in all its widths and forms.
#[derive(Debug)]
pub struct Developed {
    pub measures: Measures,
    pub files: Vec<(FileName, Bytes)>,
}

/// The pixels that `file` says it has, in millions, rounded up: what decoding it will take.
pub fn megapixels(file: &[u8]) -> Result<u32, Unfit> {
    let (width, height) = reader(file)?.into_dimensions().map_err(|_| Unfit::Damaged)?;
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS || width > MAX_SIDE || height > MAX_SIDE {
        return Err(Unfit::TooManyPixels);
    }
    if pixels == 0 {
        return Err(Unfit::Damaged);
    }
    Ok((pixels / 1_000_000) as u32 + 1)
}

/// Develops `file`. Slow: a photo of 12 million pixels keeps a core busy for about half a second.
pub fn develop(file: &[u8]) -> Result<Developed, Unfit> {
    megapixels(file)?;
    let upright = decode(file)?;
    let hash = ContentHash::of(file);
    let (width, height) = (upright.width(), upright.height());
    let measures = Measures { hash, width, height, bytes: file.len() as u64 };
    let mut files = Vec::with_capacity(6);
    let mut larger = upright;
    let mut kept: Vec<u32> = widths(width).collect();
    kept.reverse();
    for kept_width in kept {
        larger = narrowed(larger, kept_width, scaled(width, height, kept_width));
        for form in Form::ALL {
            let name = FileName { hash, width: Some(kept_width), form };
            files.push((name, encoded(&larger, form)?));
        }
    }
    Ok(Developed { measures, files })
}

/// The height of a picture of `width` times `height` when it is made `narrow`.
pub fn scaled(width: u32, height: u32, narrow: u32) -> u32 {
    let exact = u64::from(height) * u64::from(narrow) + u64::from(width) / 2;
    (exact / u64::from(width.max(1))).max(1) as u32
}

fn reader(file: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, Unfit> {
    let format = match image::guess_format(file) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif)) => format,
        _ => return Err(stranger(file)),
    };
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    Ok(reader)
}

/// What a file is that we do not take.
fn stranger(file: &[u8]) -> Unfit {
    let start = &file[..file.len().min(1024)];
    let brand = start.get(4..12).unwrap_or_default();
    if [b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1"].iter().any(|known| *known == brand) {
        return Unfit::Heic;
    }
    let text = String::from_utf8_lossy(start).to_ascii_lowercase();
    if text.contains("<svg") || text.trim_start_matches('\u{feff}').trim_start().starts_with("<?xml") {
        return Unfit::Drawing;
    }
    Unfit::NoPicture
}

/// The pixels, as the camera was held.
fn decode(file: &[u8]) -> Result<DynamicImage, Unfit> {
    let mut decoder = reader(file)?.into_decoder().map_err(|_| Unfit::Damaged)?;
    // a file that says nothing readable of how it was held was held upright
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    // sixteen bits for each colour make the same pixels twice as large
    if decoder.total_bytes() > MAX_ALLOC {
        return Err(Unfit::TooManyPixels);
    }
    let mut decoded = DynamicImage::from_decoder(decoder).map_err(|_| Unfit::Damaged)?;
    decoded.apply_orientation(orientation);
    let transparent = decoded.color().has_alpha();
    Ok(if transparent {
        DynamicImage::ImageRgba8(decoded.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(decoded.into_rgb8())
    })
}

fn narrowed(picture: DynamicImage, width: u32, height: u32) -> DynamicImage {
    if picture.width() == width {
        return picture;
    }
    // a quick mean of whole pixels first: the better filter then has little left to do
    let roughly = (width * 2, height.saturating_mul(2));
    let picture = if picture.width() > roughly.0 * 2 && picture.height() > roughly.1 {
        picture.thumbnail_exact(roughly.0, roughly.1)
    } else {
        picture
    };
    picture.resize_exact(width, height, FilterType::CatmullRom)
}

fn encoded(picture: &DynamicImage, form: Form) -> Result<Bytes, Unfit> {
    let (width, height) = (picture.width(), picture.height());
    match (form, picture) {
        (Form::Webp, DynamicImage::ImageRgba8(pixels)) => {
            written_webp(&webp::Encoder::from_rgba(pixels, width, height))
        }
        (Form::Webp, other) => written_webp(&webp::Encoder::from_rgb(&rgb(other), width, height)),
        (Form::Jpeg, other) => written_jpeg(&rgb(other)),
    }
}

fn written_webp(encoder: &webp::Encoder<'_>) -> Result<Bytes, Unfit> {
    let memory = encoder.encode_simple(false, WEBP_QUALITY).map_err(|_| Unfit::Damaged)?;
    Ok(Bytes::copy_from_slice(&memory))
}

fn written_jpeg(pixels: &RgbImage) -> Result<Bytes, Unfit> {
    let mut written = Vec::new();
    JpegEncoder::new_with_quality(&mut written, JPEG_QUALITY)
        .encode_image(pixels)
        .map_err(|_| Unfit::Damaged)?;
    Ok(written.into())
}

/// Without transparency, as JPEG has none: on white, like a sheet of paper.
fn rgb(picture: &DynamicImage) -> RgbImage {
    match picture {
        DynamicImage::ImageRgb8(pixels) => pixels.clone(),
        DynamicImage::ImageRgba8(pixels) => on_white(pixels),
        other => other.to_rgb8(),
    }
}

fn on_white(pixels: &RgbaImage) -> RgbImage {
    let mut flat = RgbImage::new(pixels.width(), pixels.height());
    for (to, from) in flat.pixels_mut().zip(pixels.pixels()) {
        let alpha = u32::from(from.0[3]);
        let over = |colour: u8| ((u32::from(colour) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        to.0 = [over(from.0[0]), over(from.0[1]), over(from.0[2])];
    }
    flat
}

#[cfg(test)]
mod tests;
