// The demo and the browser that looks at it.
import fs from "node:fs";
import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM;
// background networking would ask for hosts that a test machine does not reach
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const PHONE = { width: 360, height: 640 };
export const DESK = { width: 1280, height: 800 };

/** Who can sign in where, from what `soko demo` printed into `file`. */
export function doors(file) {
  const said = fs.readFileSync(file, "utf8");
  const base = said.match(/http:\/\/[\d.]+:\d+/)[0];
  const people = [...said.matchAll(/sign in as\s+(\S+)\s+password (\S+)/g)].map(([, login, password]) => ({ login, password }));
  const shops = [...said.matchAll(/shop\s+\S+(\/t\/[^/\s]+)\//g)].map(([, path]) => path);
  return { base, merchants: shops.map((path, place) => ({ path, ...people[place] })), operator: people[shops.length] };
}

export function browser() {
  return chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/** A browser whose camera sees the film in `file`, and asks nobody. */
export function browserThatSees(file) {
  const camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${file}`];
  return chromium.launch({ executablePath: CHROMIUM, args: [...ARGUMENTS, ...camera] });
}

/** The first window of a browser that another program may lead through `port`. */
export function browserWithPort(base, port) {
  const args = [...ARGUMENTS, `--remote-debugging-port=${port}`];
  return chromium.launchPersistentContext("", { executablePath: CHROMIUM, args, baseURL: base, locale: "fr" });
}

/** A browser window of its own that keeps what it is told, and throws on what a page complains of. */
export async function visitor(browser, base, options = {}) {
  const context = await browser.newContext({ baseURL: base, viewport: PHONE, locale: "fr", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints = [];
  page.on("console", (message) => {
    // a refused form (422) is an answer, and Chromium calls every such answer an error
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { context, page, complaints };
}

export async function signIn(page, person) {
  await page.goto("/sign-in");
  await page.fill("[name=login]", person.login);
  await page.fill("[name=password]", person.password);
  await Promise.all([page.waitForURL((url) => url.pathname !== "/sign-in"), page.press("[name=password]", "Enter")]);
}

/** One address for each kind of page that links lead to from `start`: ids in an address make no new kind. */
export async function pagesFrom(page, start, within) {
  const kinds = new Map();
  const waiting = [...start];
  while (waiting.length > 0) {
    const path = waiting.shift();
    const kind = kindOf(path);
    if (kinds.has(kind)) continue;
    const reply = await page.goto(path).catch(() => null);
    const type = reply?.headers()["content-type"] ?? "";
    if (!type.startsWith("text/html")) {
      kinds.set(kind, null);
      continue;
    }
    kinds.set(kind, path);
    const links = await page.$$eval("a[href]", (all) => all.map((link) => link.href));
    for (const link of links) {
      const url = new URL(link);
      const next = url.pathname + url.search;
      if (url.origin === new URL(page.url()).origin && within(url.pathname) && !url.searchParams.has("lang")) waiting.push(next);
    }
  }
  return [...kinds.values()].filter((path) => path !== null);
}

/** `/t/x/admin/orders/order_01h…?state=paid` is of the kind `/t/x/admin/orders/*?state`. */
export function kindOf(path) {
  const url = new URL(path, "http://x");
  const parts = url.pathname.split("/").map((part, place, all) => {
    const named = /^[a-z]{2,6}_[0-9a-z]{26}/.test(part) || part.length > 40;
    const slug = ["products", "categories", "pages"].includes(all[place - 1]) && !all.includes("admin");
    return named || slug ? "*" : part;
  });
  const asked = [...url.searchParams.keys()].filter((name) => name !== "cursor");
  return parts.join("/") + (asked.length > 0 ? `?${asked.sort().join("&")}` : "");
}
