// What every page must hold, whoever it is for. Each check gives back sentences about what does not hold.
import fs from "node:fs";
import { createRequire } from "node:module";

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** CSS pixels that a thumb needs (shared review of a merchant's phone; WCAG 2.2 asks for 24). */
const THUMB = 48;

/** Nothing serious or critical that axe finds. */
export async function accessible(page, rules) {
  await page.evaluate(AXE);
  const options = rules ? { runOnly: { type: "rule", values: rules } } : { runOnly: { type: "tag", values: WCAG } };
  const found = await page.evaluate((wanted) => window.axe.run(document, wanted), options);
  return found.violations
    .filter((violation) => ["serious", "critical"].includes(violation.impact))
    .map((violation) => `axe ${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(", ")}`);
}

/** Nothing stands out of the page sideways. */
export async function fits(page) {
  const { wide, room, culprits } = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    const scrolls = (element) => element && (/(auto|scroll|hidden)/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const out = (element) => {
      const box = element.getBoundingClientRect();
      return box.width > 0 && (box.right > room + 1 || box.left < -1) && !scrolls(element.parentElement);
    };
    const culprits = [...document.body.querySelectorAll("*")].filter(out).slice(0, 3).map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
    return { wide: document.documentElement.scrollWidth, room, culprits };
  });
  return wide > room ? [`${wide} px wide in ${room} px: ${culprits.join(", ")}`] : [];
}

/** Buttons, fields and menus are as large as a thumb, text in fields no smaller than 16 px (or phones zoom in). */
export async function touchable(page) {
  return page.evaluate((thumb) => {
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

/** By the keyboard alone everything is reached, in turn, and seen when it is. */
export async function reachable(page) {
  const wanted = await page.evaluate(() => {
    const can = "a[href], button, input:not([type=hidden]), select, textarea, summary";
    const open = (element) => element.checkVisibility({ checkVisibilityCSS: true }) && !element.disabled && element.tabIndex >= 0;
    // one radio of a group is in the tab order
    const first = (element) => element.type !== "radio" || element === [...document.getElementsByName(element.name)].find((other) => other.form === element.form && other.checked) || ![...document.getElementsByName(element.name)].some((other) => other.form === element.form && other.checked);
    const all = [...document.querySelectorAll(can)].filter((element) => open(element) && first(element));
    all.forEach((element, place) => (element.dataset.place = String(place)));
    // where Tab begins is where the focus was last: at the top
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
    return all.length;
  });
  const reached = new Set();
  const dark = new Set();
  let last;
  // a field for a date is several stops
  for (let press = 0; press < wanted * 2 + 60; press += 1) {
    await page.keyboard.press("Tab");
    const now = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const style = getComputedStyle(element);
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
  const lost = await page.evaluate((known) => [...document.querySelectorAll("[data-place]")].filter((element) => !known.includes(element.dataset.place) && element.type !== "radio").map((element) => element.outerHTML.slice(0, 80)), [...reached]);
  return [
    ...lost.slice(0, 3).map((html) => `Tab does not reach ${html}`),
    ...[...dark].slice(0, 3).map((html) => `focus is not seen on ${html}`),
  ];
}
