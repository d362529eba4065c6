/** What is typed shows at once as it will be: `<form data-look="id">` is sent with the action of that name, without being kept,
 * and the part of the answer with that id takes the place of the page's. The button does the same without script. */
export function preview(): void {
  for (const form of Array.from(document.querySelectorAll<HTMLFormElement>("form[data-look]"))) {
    const part = form.dataset["look"] ?? "";
    let waiting = 0;
    let asked = 0;
    form.addEventListener("input", () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(() => {
        asked += 1;
        void look(form, part, asked, () => asked);
      }, 700);
    });
  }
}

async function look(form: HTMLFormElement, part: string, asked: number, newest: () => number): Promise<void> {
  const typed = new URLSearchParams();
  new FormData(form).forEach((value, name) => {
    if (typeof value === "string") typed.append(name, value);
  });
  typed.append("action", part);
  try {
    // `form.action` would be the button of that name
    const address = form.getAttribute("action") ?? "";
    const answer = await fetch(address, { method: "POST", body: typed, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const shown = document.getElementById(part);
    const fresh = page.getElementById(part);
    // a slow answer to what was typed before is late
    if (shown && fresh && asked === newest()) shown.replaceWith(document.importNode(fresh, true));
  } catch {
    // without a line the button says so
  }
}
