import { needsLine, toast } from "./cart";

/** How long what was typed at the checkout is kept, in milliseconds. */
const KEPT_FOR = 24 * 3600 * 1000;

/** Pages seen before open without a line, and say as of when. */
export function workOffline(): void {
  const brand = document.querySelector<HTMLAnchorElement>("header .brand")?.getAttribute("href");
  const kept = document.querySelector<HTMLElement>("[data-keep]")?.dataset["keep"];
  const home = brand ?? kept;
  if (home && "serviceWorker" in navigator && !document.querySelector(".preview")) {
    const ready = navigator.serviceWorker.register(`${home}sw.js`).then(() => navigator.serviceWorker.ready);
    // a page that a form led to, or that was the first of all, has not passed through the worker
    ready.then((registration) => kept && registration.active?.postMessage({ keep: location.href })).catch(() => undefined);
  }
  const asOf = document.body.dataset["asOf"];
  const strip = document.getElementById("stale");
  if (asOf && strip) {
    const time = strip.querySelector("time");
    if (time) time.textContent = asOf;
    strip.hidden = false;
  }
  offerSms();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || navigator.onLine) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    toast(needsLine(), false);
  }, true);
}

/** Where a cart cannot be sent for want of a line, a text message may still get through. */
function offerSms(): void {
  const offer = document.getElementById("by-sms");
  if (!offer) return;
  const look = () => (offer.hidden = navigator.onLine);
  window.addEventListener("online", look);
  window.addEventListener("offline", look);
  look();
}

/** What was typed at the checkout outlives a closed tab, until the order is placed. */
export function keepTyped(): void {
  const form = Array.from(document.forms).find((form) => form.method === "post" && form.action.endsWith("/checkout"));
  if (!form) {
    const shop = /^(.*)\/orders\/[^/]+$/.exec(location.pathname);
    if (shop) forget(`${shop[1]}/checkout`);
    return;
  }
  const key = new URL(form.action).pathname;
  const fields = () =>
    Array.from(form.querySelectorAll<HTMLInputElement>("input, textarea, select")).filter((field) => field.name && field.type !== "hidden");
  const kept = read(key);
  // a form that came back with its faults holds what was typed already
  if (kept && !form.querySelector('[aria-invalid="true"]')) {
    for (const field of fields()) {
      const value = kept[field.name];
      if (value === undefined) continue;
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value;
      else if (!field.value) field.value = value;
    }
  }
  form.addEventListener("input", () => {
    const typed: Record<string, string> = {};
    for (const field of fields()) {
      if ((field.type !== "radio" && field.type !== "checkbox") || field.checked) typed[field.name] = field.value;
    }
    write(key, typed);
  });
}

// a browser may forbid storage, or have no room: then nothing is kept
function read(key: string): Record<string, string> | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null") as { at: number; typed: Record<string, string> } | null;
    return kept && Date.now() - kept.at < KEPT_FOR ? kept.typed : undefined;
  } catch {
    return undefined;
  }
}

function write(key: string, typed: Record<string, string>): void {
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), typed }));
  } catch {
    return;
  }
}

function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    return;
  }
}
