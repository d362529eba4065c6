/** A password can be looked at while it is typed: `<input type="password" data-show="Show" data-hide="Hide">`. */
export function showPasswords(): void {
  for (const field of Array.from(document.querySelectorAll<HTMLInputElement>("input[data-show]"))) {
    const show = field.dataset["show"] ?? "";
    const hide = field.dataset["hide"] ?? "";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link show-password";
    if (!field.id) field.id = `password-${field.name}`;
    button.setAttribute("aria-controls", field.id);
    const turn = (shown: boolean) => {
      field.type = shown ? "text" : "password";
      button.textContent = shown ? hide : show;
      button.setAttribute("aria-pressed", String(shown));
    };
    turn(false);
    button.addEventListener("click", () => turn(field.type === "password"));
    // never sent, and never kept by the browser, as plain text
    field.form?.addEventListener("submit", () => turn(false));
    (field.closest("label") ?? field).after(button);
  }
}

/** What the server says of a password as it is typed: `<input data-meter="/password">`, with the names of the fields that
 * must not be in it. The server decides; without an answer the form goes on as without script. */
export function weighPasswords(): void {
  for (const field of Array.from(document.querySelectorAll<HTMLInputElement>("input[data-meter]"))) {
    const address = field.dataset["meter"] ?? "";
    const scale = document.createElement("meter");
    scale.max = 4;
    scale.low = 2.5;
    scale.high = 2.9;
    scale.optimum = 4;
    scale.hidden = true;
    scale.setAttribute("aria-hidden", "true");
    const words = document.createElement("p");
    words.className = "hint";
    words.setAttribute("aria-live", "polite");
    const place = field.closest("label") ?? field;
    place.after(scale, words);
    let asked = 0;
    let waiting = 0;
    const ask = () => {
      const number = ++asked;
      const fields = new URLSearchParams({ password: field.value });
      for (const name of (field.dataset["near"] ?? "").split(" ").filter(Boolean)) {
        const near = field.form?.elements.namedItem(name);
        if (near instanceof HTMLInputElement) fields.append("known", near.value);
      }
      const token = field.form?.querySelector<HTMLInputElement>("input[name=csrf]")?.value;
      if (token) fields.append("csrf", token);
      fetch(address, { method: "POST", body: fields, headers: { accept: "application/json" } })
        .then(async (reply) => {
          if (!reply.ok || number !== asked) return;
          const said = (await reply.json()) as { score: number; words: string };
          scale.hidden = false;
          scale.value = said.score;
          words.textContent = said.words;
        })
        .catch(() => undefined);
    };
    field.addEventListener("input", () => {
      window.clearTimeout(waiting);
      asked += 1;
      if (field.value) {
        waiting = window.setTimeout(ask, 400);
      } else {
        scale.hidden = true;
        words.textContent = "";
      }
    });
  }
}
