/** What changes by itself is fetched again: `<div data-refresh="10">`, in seconds. Not while nobody looks, nor while
 * somebody reads a table in it. Without a script the page is as fresh as it was opened. */
export function refresh(): void {
  const part = document.querySelector<HTMLElement>("[data-refresh]");
  const seconds = Number(part?.dataset["refresh"]);
  if (!part || !(seconds > 0)) return;
  window.setInterval(() => {
    if (!document.hidden && !part.querySelector("details[open]") && !part.contains(document.activeElement)) void renew(part);
  }, seconds * 1000);
}

async function renew(part: HTMLElement): Promise<void> {
  try {
    const answer = await fetch(window.location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-refresh]");
    if (fresh) part.replaceChildren(...Array.from(fresh.childNodes));
  } catch {
    // the line is cut: the next time will tell
  }
}
