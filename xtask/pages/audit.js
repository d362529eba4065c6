// Looks at every page of a running demo as people do, and prints what each bar says beside what was found.
//   node audit.js DOORS [--only NAME,…] [--pages WORD,…]
// DOORS is a file with what `soko demo` printed; --pages looks only at pages with one of the words in their address. Ends with 1 if anything does not hold.
import { parseArgs } from "node:util";
import { accessible, fits, reachable, touchable } from "./checks.js";
import { BARS, scores } from "./lighthouse.js";
import { DESK, PHONE, browser, browserWithPort, doors, kindOf, pagesFrom, signIn, visitor } from "./site.js";
import { fillCheckout } from "./walks/people.js";
import { kilobytes, scales } from "./weight.js";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { only: { type: "string" }, pages: { type: "string" } } });
const site = doors(positionals[0]);
const wanted = values.only?.split(",");
const words = values.pages?.split(",");
const does = (name) => !wanted || wanted.includes(name);
const faults = [];
const fault = (where, words) => {
  faults.push(`${where}: ${words}`);
  console.log(`  FAULT ${where}: ${words}`);
};
const bar = (name, figure, least, holds) => {
  console.log(`  ${holds ? "holds" : "SHORT"}  ${name}: ${figure} (bar ${least})`);
  if (!holds) faults.push(`${name}: ${figure}, bar ${least}`);
};

const [boutique] = site.merchants;
const within = (prefix) => (path) => path.startsWith(prefix) && !/\.(csv|pdf|xml|txt|json)$|\/export|\/files\//.test(path);
/** Who looks, where they begin, and what belongs to their part of the house. */
const PARTS = [
  { name: "shop", begin: [`${boutique.path}/`, `${boutique.path}/cart`, `${boutique.path}/checkout`], within: (path) => within(boutique.path)(path) && !path.includes("/admin") },
  { name: "office", person: boutique, begin: [`${boutique.path}/admin`, "/account"], within: (path) => within(`${boutique.path}/admin`)(path) || path === "/account" },
  { name: "operator", person: site.operator, begin: ["/operator"], within: within("/operator") },
  { name: "doors", begin: ["/", "/signup", "/sign-in", "/forgot", "/design"], within: (path) => !path.startsWith("/t/") && !path.startsWith("/api") },
];

const chromium = await browser();
const scale = await scales(site.base);
for (const part of PARTS.filter((part) => does(part.name) || does("access") || does("weight"))) {
  // a worker would answer from what it kept, and nothing would be weighed
  const { context, page, complaints } = await visitor(chromium, site.base, { serviceWorkers: "block", proxy: scale.proxy });
  scale.watch(context);
  if (part.person) await signIn(page, part.person);
  if (part.name === "shop") await fillCart(page);
  const all = await pagesFrom(page, part.begin, part.within);
  const paths = all.filter((path) => !words || words.some((word) => path.includes(word)));
  console.log(`\n${part.name}: ${paths.length} kinds of page`);
  complaints.length = 0;
  for (const path of paths) {
    if (does("access")) await look(page, path, complaints);
    if (does("weight")) await weigh(part, path, context);
  }
  await context.close();
}
if (does("weight")) await purchase();
await chromium.close();
scale.close();
if (does("lighthouse")) await lighthouses();

console.log(`\n${faults.length === 0 ? "every page holds" : `${faults.length} faults:\n${faults.join("\n")}`}`);
process.exit(faults.length === 0 ? 0 : 1);

/** One page in light and dark, on a phone, on the smallest phone, on a desk, in long words and mirrored. */
async function look(page, path, complaints) {
  const said = (how) => (words) => fault(`${kindOf(path)} ${how}`, words);
  const each = async (how, check) => (await check).forEach(said(how));
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: "light" });
  const reply = await page.goto(path);
  if (!reply.ok()) said("")(`answers ${reply.status()}`);
  await each("phone", fits(page));
  await each("phone", touchable(page));
  await each("light", accessible(page));
  await page.emulateMedia({ colorScheme: "dark" });
  await each("dark", accessible(page, ["color-contrast"]));
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 320, height: 640 });
  await each("320 px", fits(page));
  const also = path.includes("?") ? "&" : "?";
  await page.goto(`${path}${also}lang=en-XA`);
  await each("320 px, long words", fits(page));
  await page.goto(`${path}${also}lang=ar-XB`);
  await each("320 px, right to left", fits(page));
  await page.setViewportSize(DESK);
  await page.goto(`${path}${also}lang=fr`);
  await each("desk", fits(page));
  await each("desk", accessible(page, ["color-contrast", "region", "heading-order", "landmark-one-main"]));
  await each("keyboard", reachable(page));
  complaints.splice(0).forEach(said("console"));
}

/** One page with styles and scripts on the wire, before pictures, with nothing kept. */
async function weigh(part, path, context) {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.clearBrowserCache");
  scale.reset();
  // an open back office never falls idle: it waits for new orders
  await page.goto(path, { waitUntil: "load" });
  const { bytes, foreign } = scale.counted;
  const most = part.name === "shop" ? 30_000 : 60_000;
  if (bytes.page > most) fault(kindOf(path), `weighs ${kilobytes(bytes.page)} before pictures, bar ${kilobytes(most)}`);
  if (foreign.size > 0) fault(kindOf(path), `loads from ${[...foreign]}`);
  if (!bytes.page) fault(kindOf(path), "nothing was weighed");
  part.heaviest = Math.max(part.heaviest ?? 0, bytes.page ?? 0);
  await page.close();
}

async function fillCart(page) {
  await page.goto(`${boutique.path}/`);
  const product = page.locator('a[href*="/products/"]').first();
  await product.click();
  await page.locator('form[action$="/cart"] button').first().click();
  await page.waitForLoadState("networkidle");
}

/** From the front page to the confirmation, cold, pictures included. */
async function purchase() {
  console.log("\nweight");
  for (const part of PARTS.filter((part) => part.heaviest)) {
    const most = part.name === "shop" ? 30_000 : 60_000;
    bar(`heaviest page of ${part.name} before pictures`, kilobytes(part.heaviest), kilobytes(most), part.heaviest <= most);
  }
  const { context, page } = await visitor(chromium, site.base, { proxy: scale.proxy });
  scale.watch(context);
  scale.reset();
  await page.goto(`${boutique.path}/`, { waitUntil: "networkidle" });
  const category = page.locator('a[href*="/categories/"]').first();
  if ((await category.count()) > 0) await category.click();
  await page.waitForLoadState("networkidle");
  await page.locator('main a[href*="/products/"]').first().click();
  await page.waitForLoadState("networkidle");
  await page.locator('form[action$="/cart"] button').first().click();
  await page.waitForLoadState("networkidle");
  await page.goto(`${boutique.path}/checkout`, { waitUntil: "networkidle" });
  await fillCheckout(page, { name: "Aïssatou Barry", phone: "+33 6 39 98 01 07", method: "cod" });
  await page.locator("form[method=post] button:not([name])").last().click();
  await page.waitForURL(/\/orders\//);
  await page.waitForLoadState("networkidle");
  const { bytes, requests, foreign } = scale.counted;
  const whole = (bytes.page ?? 0) + (bytes.pictures ?? 0);
  bar("whole purchase, pictures included", kilobytes(whole), kilobytes(250_000), whole <= 250_000);
  bar("requests of it", requests, 40, requests <= 40);
  bar("hosts that are not ours", foreign.size, 0, foreign.size === 0);
  await context.close();
}

async function lighthouses() {
  console.log("\nlighthouse, mobile preset");
  const port = 9300 + Math.floor(Math.random() * 500);
  // Lighthouse opens pages of its own in the browser's first window: the cart must be in that one
  const context = await browserWithPort(site.base, port);
  const page = await context.newPage();
  await page.goto(`${boutique.path}/`);
  const front = page.url();
  const category = await page.locator('a[href*="/categories/"]').first().getAttribute("href");
  const product = await page.locator('main a[href*="/products/"]').first().getAttribute("href");
  await fillCart(page);
  await page.goto(`${boutique.path}/checkout`);
  const checkout = page.url();
  await page.close();
  const pages = { front, category: new URL(category, front).href, product: new URL(product, front).href, checkout };
  for (const [name, url] of Object.entries(pages)) await judge(name, url, port, Object.keys(BARS));
  await context.close();
}

async function judge(name, url, port, categories) {
  const found = await scores(url, port, categories);
  for (const [category, score] of Object.entries(found.scores)) bar(`${name}, ${category}`, score, BARS[category], score >= BARS[category]);
  if (found.short.length > 0) console.log(`         short: ${found.short.join(", ")}`);
}
