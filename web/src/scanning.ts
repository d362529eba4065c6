interface Scanner {
  scan(form: HTMLFormElement, field: HTMLInputElement): Promise<void>;
}

/** A form that takes a code gets a button for the camera, where there is one: `<form data-scan="/assets/…/scan.js">`. */
export function scanning(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-scan]");
  const field = form?.querySelector<HTMLInputElement>("input[name=code]");
  const address = form?.dataset["scan"];
  if (!form || !field || !address || !navigator.mediaDevices) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "wide";
  button.textContent = form.dataset["scanWords"] ?? "";
  button.addEventListener("click", () => {
    button.disabled = true;
    const load = import(address) as Promise<Scanner>;
    load
      .then((scanner) => scanner.scan(form, field))
      .catch(() => {
        const none = document.createElement("p");
        none.className = "notice warn";
        none.setAttribute("role", "status");
        none.textContent = form.dataset["scanNone"] ?? "";
        button.replaceWith(none);
        field.focus();
      })
      .then(() => (button.disabled = false));
  });
  form.prepend(button);
}
