// A film of one picture, as Chromium's fake camera shows it: YUV4MPEG2, gray.
import fs from "node:fs";

const [WIDTH, HEIGHT] = [640, 480];

/** Films the code that the page shows, and writes the film to `file`. */
export async function filmCode(page, file) {
  const gray = await page.locator("svg[role=img]").evaluate((code, [width, height]) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, width, height);
    const side = code.viewBox.baseVal.width;
    const scale = Math.floor((height * 0.8) / side);
    pen.translate((width - side * scale) / 2, (height - side * scale) / 2);
    pen.scale(scale, scale);
    pen.fillStyle = "#000";
    pen.fill(new Path2D(code.querySelector("path").getAttribute("d")));
    const seen = pen.getImageData(0, 0, width, height).data;
    return Array.from({ length: width * height }, (_, place) => seen[place * 4]);
  }, [WIDTH, HEIGHT]);
  // the picture, and two quarters of it without colour
  const frame = Buffer.concat([Buffer.from("FRAME\n"), Buffer.from(gray), Buffer.alloc((WIDTH * HEIGHT) / 2, 128)]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  fs.writeFileSync(file, Buffer.concat([head, ...Array.from({ length: 10 }, () => frame)]));
}
