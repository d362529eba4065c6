// The bakery in Bologna: a campaign on paper bags, customers with phones, and two counters that see one code at the same time.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { DESK, browser, browserThatSees, doors, visitor } from "../site.js";
import { filmCode } from "./film.js";
import { PASSWORD, says, send, signUp } from "./people.js";

const site = doors(process.argv[2]);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "film-"));
let chromium;
let counters;
before(async () => (chromium = await browser()));
after(async () => {
  await chromium.close();
  await counters?.close();
  fs.rmSync(folder, { recursive: true });
});

/** What follows a step that failed would only fail again: the first one ends the day, under its name. */
const step = async (name, does) => {
  try {
    await does();
  } catch (error) {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  }
};

/** The next Sunday that is not today, as a field for a day has it. */
function sunday() {
  const now = new Date();
  return new Date(now.getTime() + (7 - now.getUTCDay()) * 86_400_000).toISOString().slice(0, 10);
}

/** Somebody new behind the counter of the place that is the `place`-th of the bakery. */
async function hires(owner, shop, name, login, place) {
  await owner.goto(`${shop}/admin/staff`);
  const invite = owner.locator("form.card").last();
  await invite.locator("[name=name]").fill(name);
  await invite.locator("[name=role]").selectOption("cashier");
  await invite.locator("[name=location]").nth(place).check();
  await send(owner, invite.locator("button"));
  const link = new URL(await owner.locator("main input[readonly]").inputValue()).pathname;
  return { name, login, link };
}

/** Reads the page on in another language: a shop speaks its own until somebody asks. */
async function reads(page, language) {
  if ((await page.getAttribute("html", "lang")) !== language) await send(page, page.locator(`a[hreflang=${language}]`).first());
}

async function beginsWork(cashier, page, language) {
  await page.goto(cashier.link);
  await reads(page, language);
  await page.fill("[name=login]", cashier.login);
  await page.fill("[name=password]", PASSWORD);
  await send(page, page.locator("form:has([name=password]) button:not([type=button])"));
}

/** Opens a bag's link and fills in its form. */
async function asks(page, link, language, { email, first, last }) {
  await page.goto(link);
  await reads(page, language);
  await page.fill("[name=email]", email);
  await page.fill("[name=firstName]", first);
  await page.fill("[name=lastName]", last);
}

/** Shows the camera what lies on the counter, and waits for the coupon. */
async function scans(page, shop) {
  await page.goto(`${shop}/admin/counter`);
  await Promise.all([page.waitForURL(/[?&]code=/), page.locator("form[data-scan] button[type=button]").click()]);
  await page.locator("#coupon").waitFor();
}

const redeems = (page) => send(page, page.locator("#coupon form button"));

test("the bakery's campaign, from bags with codes to the accountant's file", async () => {
  const { page: owner, context: desk, complaints } = await visitor(chromium, site.base, { locale: "it-IT", viewport: DESK });
  const french = await visitor(chromium, site.base);
  const english = await visitor(chromium, site.base, { javaScriptEnabled: false });
  const places = ["Forno Centro", "Forno Stazione"];
  let shop;
  let campaign;
  let links;
  let coupon;
  let code;
  let cashiers;

  await step("two places, and somebody behind each counter", async () => {
    shop = await signUp(owner, "Forno Bolognese", "forno-owner", "IT");
    await owner.goto(`${shop}/admin/locations`);
    const first = owner.locator("form:has([name=id])").first();
    await first.locator("[name=name]").fill(places[0]);
    await send(owner, first.locator("button"));
    const other = owner.locator("form.card").last();
    await other.locator("[name=name]").fill(places[1]);
    await send(owner, other.locator("button"));
    cashiers = [await hires(owner, shop, "Ada Bruni", "ada-bruni", 0), await hires(owner, shop, "Elio Conti", "elio-conti", 1)];
  });

  await step("10 % on cakes until Sunday, once for each customer, at both tills, by a link of one's own", async () => {
    await owner.goto(`${shop}/admin/campaigns/new`);
    await owner.fill("[name=name]", "10 % sulle torte fino a domenica");
    await owner.check("[name=kind][value=percent]");
    await owner.fill("[name=percent]", "10");
    await owner.fill("[name=ends]", sunday());
    await owner.check("[name=expiry][value=on]");
    await owner.fill("[name=expiry_day]", sunday());
    await owner.fill("[name=per_customer]", "1");
    await owner.locator("details:has([name=locations]) > summary").click();
    for (const place of await owner.locator("[name=locations]").all()) await place.check();
    await send(owner, owner.locator("main form button").last());
    campaign = new URL(owner.url()).pathname;
    await send(owner, owner.locator("form:has([name=act][value=start]) button"));
    await owner.goto(`${campaign}/form`);
    await owner.check("[name=only_by_link]");
    await send(owner, owner.locator("main form.stack p.actions button").first());
  });

  await step("codes to cut out and links for the printer", async () => {
    await owner.goto(`${campaign}/links`);
    await owner.fill("[name=count]", "3");
    await send(owner, owner.locator("form:has([name=count]) button"));
    const file = async (name) => (await desk.request.get(await owner.locator(`a[href*="/${name}"]`).first().getAttribute("href"))).body();
    assert.equal((await file("pdf")).subarray(0, 5).toString(), "%PDF-");
    const rows = (await file("csv")).toString().trim().split("\n").slice(1);
    links = rows.map((row) => row.split(",")[1]);
    assert.equal(links.length, 3);
  });

  await step("a customer opens the link of a bag, in French, and has the coupon without a line", async () => {
    const { page, context } = french;
    await asks(page, links[0], "fr", { email: "awa@example.org", first: "Awa", last: "Diallo" });
    await send(page, page.locator("main form button"));
    await page.waitForURL(/\/coupons\//);
    coupon = page.url();
    code = coupon.split("/").pop();
    await says(page, "Valable : présentez-le au comptoir");
    await filmCode(page, path.join(folder, "code.y4m"));
    await page.waitForFunction(async (url) => Boolean(await caches.match(url)), coupon);
    await context.setOffline(true);
    await page.goto("about:blank");
    await page.goto(coupon);
    await says(page, "Valable : présentez-le au comptoir");
    await context.setOffline(false);
  });

  await step("a link gives one coupon, a customer gets one, and what was refused burns no link", async () => {
    const { page } = french;
    await page.goto(links[0]);
    await says(page, "Ce lien a déjà donné son bon");
    await asks(page, links[1], "fr", { email: "awa@example.org", first: "Awa", last: "Diallo" });
    await send(page, page.locator("main form button"));
    await says(page, "Il n’y a plus de bon à recevoir ici");
    assert.equal(await page.inputValue("[name=email]"), "awa@example.org");
  });

  await step("another customer fills the same form in English without a script", async () => {
    const { page } = english;
    await asks(page, links[1], "en", { email: "ann@example.org", first: "Ann", last: "Smith" });
    const sum = await page.locator("[data-sum]").innerText();
    const [one, other] = sum.match(/\d+/g).map(Number);
    await page.fill("[name=sum]", String(one + other));
    // a sum is not worked out faster by hand
    await page.waitForTimeout(2500);
    await send(page, page.locator("main form button"));
    await page.waitForURL(/\/coupons\//);
    await says(page, "Valid: show it at the counter");
  });

  await step("two counters scan one code at the same time: one redeems, the other is told who was faster, when and where", async () => {
    counters = await browserThatSees(path.join(folder, "code.y4m"));
    const tills = [await visitor(counters, site.base), await visitor(counters, site.base)];
    const pages = tills.map((till) => till.page);
    await beginsWork(cashiers[0], pages[0], "fr");
    await beginsWork(cashiers[1], pages[1], "en");
    await Promise.all(pages.map((page) => scans(page, shop)));
    await Promise.all(pages.map(redeems));
    const refused = await Promise.all(pages.map((page) => page.locator("[role=alert]").count()));
    assert.deepEqual([...refused].sort(), [0, 1]);
    const won = refused.indexOf(0);
    const [winner, loser] = [pages[won], pages[1 - won]];
    await says(loser, won === 0 ? "This code was used already." : "Ce code a déjà servi.");
    const told = await loser.locator("#coupon [role=status]").innerText();
    assert.match(told, new RegExp(`\\d\\d:\\d\\d.*${cashiers[won].name} · ${places[won]}`));
    await french.page.goto(coupon);
    await says(french.page, "Déjà utilisé");

    await winner.locator("details:has([name=reason]) > summary").first().click();
    await winner.locator("[name=reason]").first().fill("Pane, nessuna torta");
    await send(winner, winner.locator("form[action$='/undo'] button").first());
    await scans(loser, shop);
    await loser.fill("#coupon [name=amount]", "24.90");
    await redeems(loser);
    assert.equal(await loser.locator("[role=alert]").count(), 0);
    assert.deepEqual(tills.flatMap((till) => till.complaints), []);
  });

  await step("the accountant's file holds the row, and the figures say the same", async () => {
    const file = async (kind) => (await desk.request.get(`${shop}/admin/campaigns/coupons.${kind}`)).body();
    const [heading, ...rows] = (await file("csv")).toString().trim().split("\n");
    assert.equal(heading.split(",").length, 12);
    assert.equal(rows.length, 2);
    const row = rows.find((row) => row.includes(code));
    assert.match(row, /redeemed/);
    assert.match(row, /Awa/);
    assert.equal((await file("xlsx")).subarray(0, 2).toString(), "PK");
    await owner.goto(`${shop}/admin/campaigns/figures`);
    await says(owner, /24,90/);
    await says(owner, /2,49/);
  });

  const all = [...complaints, ...french.complaints, ...english.complaints];
  assert.deepEqual(all.filter((words) => !/ERR_INTERNET_DISCONNECTED/.test(words)), []);
});
