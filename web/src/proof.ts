// Shows that no machine sends a form: finds a number whose hash with the form's question begins with zeros. Without this
// script the form asks for a sum instead.
import { leadingZeros, sha256 } from "./sha256";

/** Tries between two breaths: the page stays quick on a slow phone. */
const AT_ONCE = 2000;

for (const form of Array.from(document.querySelectorAll<HTMLFormElement>("form[data-proof]"))) prove(form);

function prove(form: HTMLFormElement): void {
  const question = form.dataset["proof"] ?? "";
  const bits = Number(form.dataset["bits"]);
  const place = form.querySelector<HTMLInputElement>("input[name=work]");
  const sum = form.querySelector<HTMLElement>("[data-sum]");
  const working = form.querySelector<HTMLElement>("[data-working]");
  if (!place || !question) return;
  sum?.remove();
  let wanted = false;
  let tries = 0;
  const step = (): void => {
    for (const end = tries + AT_ONCE; tries < end; tries += 1) {
      if (leadingZeros(sha256(`${question}.${tries}`)) < bits) continue;
      place.value = String(tries);
      // who pressed the button meanwhile has waited for this
      if (wanted) form.submit();
      return;
    }
    window.setTimeout(step, 0);
  };
  form.addEventListener("submit", (event) => {
    if (place.value) return;
    event.preventDefault();
    // before the page notes that it was sent
    event.stopPropagation();
    wanted = true;
    if (working) working.hidden = false;
  });
  step();
}
