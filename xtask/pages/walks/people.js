// What the people of a walk do, each step as a page offers it.
import assert from "node:assert/strict";
import zlib from "node:zlib";

export const PASSWORD = "violet kettle 93 harbour moss";

/** Opens a business and says where it is: `/t/x`. */
export async function signUp(page, name, login, country) {
  await page.goto("/signup");
  await page.fill("[name=tenantName]", name);
  await page.selectOption("[name=country]", country);
  if (/^[+0-9 ]+$/.test(login)) {
    await page.fill("[name=phone]", login);
  } else {
    await page.locator("details:has([name=adminUsername]) > summary").click();
    await page.fill("[name=adminUsername]", login);
  }
  await page.fill("[name=adminPassword]", PASSWORD);
  await send(page, page.locator("form[action='/signup'] button:not([type])"));
  const office = await page.locator('a[href*="/admin"]').first().getAttribute("href");
  return office.replace(/\/admin.*/, "");
}

/** A product in three fields and a picture. */
export async function addProduct(page, shop, { title, price, stock, picture }) {
  await page.goto(`${shop}/admin/products/new`);
  await page.fill("[name=title]", title);
  await page.locator("[name=price]").first().fill(price);
  if (stock !== undefined) await page.locator("[name=count]").first().fill(stock);
  await send(page, page.locator("main form button:not([name])").last());
  if (picture) {
    await page.locator('input[type=file]').first().setInputFiles({ name: "photo.png", mimeType: "image/png", buffer: picture });
    await send(page, page.locator("form:has(input[type=file]) button").first());
  }
}

/** Puts the shop's first product with this title into the cart, and goes to the checkout. */
export async function toCheckout(page, shop, title) {
  await page.goto(`${shop}/`);
  await page.getByRole("link", { name: title }).first().click();
  await page.waitForURL(/\/products\//);
  const added = page.waitForResponse((reply) => reply.request().method() === "POST" && reply.url().endsWith("/cart"));
  await page.locator('form[action$="/cart"] button').first().click();
  await added;
  await page.goto(`${shop}/checkout`);
}

/** Answers what the checkout asks: fetched at the store, paid by `method`. */
export async function fillCheckout(page, { name, phone, method }) {
  const pickup = page.locator('input[name=ship][value^="pickup"], input[name=ship][value^="loc_"]').first();
  if ((await pickup.count()) > 0) await pickup.check();
  if ((await page.locator("[name=name]").count()) === 0) await send(page, page.locator("main form button").first());
  await page.fill("[name=name]", name);
  await page.fill("[name=phone]", phone);
  await page.check(`[name=payment][value=${method}]`);
}

/** Presses, and waits until the page that answers is there. */
export async function send(page, button) {
  await Promise.all([page.waitForNavigation(), button.click()]);
}

/** Asserts that the page says `words`, a text or a pattern; a space that does not break is a space. */
export async function says(page, words) {
  const text = (await page.locator("main").innerText()).replaceAll("\u00a0", " ");
  if (words instanceof RegExp) assert.match(text, words);
  else assert.ok(text.includes(words), `“${words}” is not in:\n${text.slice(0, 600)}`);
}

/** A PNG of one colour, as large as a phone's photo is wide. */
export function picture(size = 1200, [red, green, blue] = [200, 80, 40]) {
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(size * 3).map((_, place) => [red, green, blue][place % 3])]);
  const raw = Buffer.concat(Array.from({ length: size }, () => row));
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(zlib.crc32 ? zlib.crc32(body) : crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", zlib.deflateSync(raw)), chunk("IEND", Buffer.alloc(0))]);
}

/** CRC-32 of the PNG specification, for Node below 22. */
function crc32(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

/** A line of 400 kbit/s that takes 400 ms there and back. */
export async function slowLine(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 });
  return session;
}
