// The README's pictures: `node pictures.js DOORS FOLDER`.
import fs from "node:fs";
import path from "node:path";
import { DESK, PHONE, browser, doors, signIn, visitor } from "./site.js";

const site = doors(process.argv[2]);
const folder = process.argv[3];
fs.mkdirSync(folder, { recursive: true });
const [canal, madina] = site.merchants;
const chromium = await browser();

const SHOTS = [
  { name: "shop-phone-light", who: null, path: `${madina.path}/`, viewport: PHONE, colorScheme: "light" },
  { name: "shop-phone-dark", who: null, path: `${madina.path}/products/pagne-wax-motif-eventails`, viewport: PHONE, colorScheme: "dark" },
  { name: "shop-desk-light", who: null, path: `${canal.path}/`, viewport: DESK, colorScheme: "light" },
  { name: "shop-desk-dark", who: null, path: `${canal.path}/`, viewport: DESK, colorScheme: "dark" },
  { name: "office-phone-light", who: madina, path: `${madina.path}/admin?days=7`, viewport: PHONE, colorScheme: "light" },
  { name: "office-phone-dark", who: madina, path: `${madina.path}/admin/orders`, viewport: PHONE, colorScheme: "dark" },
  { name: "form-phone-light", who: null, path: `${canal.path}/c/bienvenue-10-sur-tout`, viewport: PHONE, colorScheme: "light" },
  { name: "counter-phone-dark", who: canal, path: `${canal.path}/admin/counter`, viewport: PHONE, colorScheme: "dark" },
  { name: "office-desk-light", who: canal, path: `${canal.path}/admin?days=30`, viewport: DESK, colorScheme: "light" },
  { name: "site-desk-light", who: null, path: "/", viewport: DESK, colorScheme: "light" },
  { name: "console-desk-light", who: site.operator, path: "/operator", viewport: DESK, colorScheme: "light" },
  { name: "office-desk-dark", who: canal, path: `${canal.path}/admin/products`, viewport: DESK, colorScheme: "dark" },
];

for (const { name, who, path: address, viewport, colorScheme } of SHOTS) {
  const { context, page } = await visitor(chromium, site.base, { viewport, colorScheme });
  if (who) await signIn(page, who);
  // an open back office always waits for news: it is never idle
  const reply = await page.goto(address, { waitUntil: who ? "load" : "networkidle" });
  if (!reply.ok()) throw new Error(`${address} answers ${reply.status()}`);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
  console.log(`${name}.png`);
  await context.close();
}
await chromium.close();
