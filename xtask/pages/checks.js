// What every page must hold, whoever it is for. Each check gives back sentences about what does not hold.
import fs from "node:fs";
import { createRequire } from "node:module";

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** CSS pixels that a thumb needs (shared review of a merchant's phone; WCAG 2.2 asks for 24). */
const THUMB = 48;

/** The page and what it frames of its own origin, loaded: people look at both as one. */
async function parts(page) {
  const main = page.mainFrame();
  const { origin } = new URL(main.url());
  const own = page.frames().filter((frame) => frame === main || (/^https?:/.test(frame.url()) && new URL(frame.url()).origin === origin));
  await Promise.all(own.map((frame) => frame.waitForLoadState("load")));
  return own;
}

/** What `check` says of each part; of a frame with its name before it. */
async function throughout(page, check, argument) {
  const said = [];
  for (const part of await parts(page)) {
    const where = part === page.mainFrame() ? "" : `in the frame ${part.name()}: `;
    said.push(...(await part.evaluate(check, argument)).map((words) => where + words));
  }
  return said;
}

/** Nothing serious or critical that axe finds. */
export async function accessible(page, rules) {
  // axe asks the frames that know it, too
  for (const part of await parts(page)) await part.evaluate(AXE);
  const options = rules ? { runOnly: { type: "rule", values: rules } } : { runOnly: { type: "tag", values: WCAG } };
  const found = await page.evaluate((wanted) => window.axe.run(document, wanted), options);
  return found.violations
    .filter((violation) => ["serious", "critical"].includes(violation.impact))
    .map((violation) => `axe ${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")}`);
}

/** Nothing stands out of the page sideways. */
export async function fits(page) {
  return throughout(page, () => {
    const room = document.documentElement.clientWidth;
    const scrolls = (element) => element && (/(auto|scroll|hidden)/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const out = (element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && (box.right > room + 1 || box.left < -1) && !scrolls(element.parentElement);
    };
    const culprits = [...document.body.querySelectorAll("*")].filter(out).slice(0, 3).map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
    const wide = document.documentElement.scrollWidth;
    return wide > room ? [`${wide} px wide in ${room} px: ${culprits.join(", ")}`] : [];
  });
}

/** Buttons, fields and menus are as large as a thumb, text in fields no smaller than 16 px (or phones zoom in). */
export async function touchable(page) {
  return throughout(page, (thumb) => {
    const seen = (element) => {
      const box = element.getBoundingClientRect();
      return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility !== "hidden";
    };
    const targets = [...document.querySelectorAll("button, .button, select, textarea, summary, nav a, input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([type=color])")];
    const choices = [...document.querySelectorAll("input[type=checkbox], input[type=radio]")].map((input) => input.closest("label") ?? input);
    const inline = (element) => element.matches("button.link, a") && getComputedStyle(element).display === "inline";
    const small = [...targets, ...choices]
      .filter((element) => seen(element) && !inline(element) && element.getBoundingClientRect().height < thumb - 0.5)
      .map((element) => `${Math.round(element.getBoundingClientRect().height)} px high: ${element.outerHTML.slice(0, 80)}`);
    const tiny = [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
      .filter((element) => seen(element) && parseFloat(getComputedStyle(element).fontSize) < 16)
      .map((element) => `text below 16 px: ${element.outerHTML.slice(0, 80)}`);
    return [...small.slice(0, 3), ...tiny.slice(0, 3)];
  }, THUMB);
}

/** Numbers what Tab has to reach, as `data-place`, and says how much that is. */
function number(part) {
  const can = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  const open = (element) => element.checkVisibility({ checkVisibilityCSS: true }) && !element.disabled && element.tabIndex >= 0;
  // one radio of a group is in the tab order
  const first = (element) => element.type !== "radio" || element === [...document.getElementsByName(element.name)].find((other) => other.form === element.form && other.checked) || ![...document.getElementsByName(element.name)].some((other) => other.form === element.form && other.checked);
  const all = [...document.querySelectorAll(can)].filter((element) => open(element) && first(element));
  all.forEach((element, place) => (element.dataset.place = `${part}-${place}`));
  return all.length;
}

/** By the keyboard alone everything is reached, in turn, and seen when it is; also what stands in a frame. */
export async function reachable(page) {
  const frames = await parts(page);
  let wanted = 0;
  for (const [part, frame] of frames.entries()) wanted += await frame.evaluate(number, part);
  await page.evaluate(() => {
    // where Tab begins is where the focus was last: at the top
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
  });
  const reached = new Set();
  const dark = new Set();
  let last;
  // a field for a date is several stops
  for (let press = 0; press < wanted * 2 + 60; press += 1) {
    await page.keyboard.press("Tab");
    const now = await page.evaluate(() => {
      // for the page, what has the focus in a frame is the frame
      const within = (element) => (element?.tagName === "IFRAME" && element.contentDocument ? within(element.contentDocument.activeElement) : element);
      const element = within(document.activeElement);
      if (!element || element.tagName === "BODY" || element.tagName === "HTML") return null;
      const style = element.ownerDocument.defaultView.getComputedStyle(element);
      const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
      return { place: element.dataset.place, shown, html: element.outerHTML.slice(0, 80) };
    });
    if (!now) continue;
    if (!now.shown) dark.add(now.html);
    if (now.place !== undefined) {
      if (now.place !== last && reached.has(now.place)) break;
      reached.add(now.place);
      last = now.place;
    }
  }
  const missing = (known) => [...document.querySelectorAll("[data-place]")].filter((element) => !known.includes(element.dataset.place) && element.type !== "radio").map((element) => element.outerHTML.slice(0, 80));
  const lost = [];
  for (const frame of frames) lost.push(...(await frame.evaluate(missing, [...reached])));
  return [
    ...lost.slice(0, 3).map((html) => `Tab does not reach ${html}`),
    ...[...dark].slice(0, 3).map((html) => `focus is not seen on ${html}`),
  ];
}
