import { release } from "./forms";

/** A form shows as it will be while it is designed: `<form data-preview="id">` presses the button of that id, whose answer a frame
 * shows. The button does the same without script. */
export function designs(): void {
  for (const form of Array.from(document.querySelectorAll<HTMLFormElement>("form[data-preview]"))) {
    const button = document.getElementById(form.dataset["preview"] ?? "");
    if (!(button instanceof HTMLButtonElement)) continue;
    let waiting = 0;
    // a preview is no sending: the form may be kept right after
    button.addEventListener("click", () => window.setTimeout(() => release(form), 0));
    const show = () => button.click();
    form.addEventListener("input", () => {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(show, 700);
    });
    show();
  }
}
