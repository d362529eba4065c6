/** A form is sent once: a second tap while the line is slow does nothing. Back and a restored page may send again. */
export function sendOnce(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
    if (form.dataset["sent"]) {
      event.preventDefault();
      return;
    }
    form.dataset["sent"] = "yes";
    // not `disabled`: the button that was pressed must stay in what is sent
    for (const button of buttons(form)) button.setAttribute("aria-disabled", "true");
    window.setTimeout(() => release(form), 15_000);
  });
  window.addEventListener("pageshow", () => {
    for (const form of Array.from(document.forms)) release(form);
  });
}

/** Where something needs another look, the keyboard and the screen go there. */
export function goToFault(): void {
  const field = document.querySelector<HTMLElement>('[aria-invalid="true"]');
  const alert = document.querySelector<HTMLElement>('[role="alert"]');
  if (field) {
    field.focus();
  } else if (alert) {
    alert.tabIndex = -1;
    alert.focus();
  }
}

/** A choice that changes what the page shows, such as a filter, is obeyed at once: `<select data-send>`. */
export function sendOnChange(): void {
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field instanceof HTMLSelectElement && "send" in field.dataset) field.form?.submit();
  });
}

/** Lets a form be sent again. */
export function release(form: HTMLFormElement): void {
  delete form.dataset["sent"];
  for (const button of buttons(form)) button.removeAttribute("aria-disabled");
}

function buttons(form: HTMLFormElement): HTMLButtonElement[] {
  return Array.from(form.querySelectorAll<HTMLButtonElement>("button"));
}
