// What improves the page of a new business. Without it the address is shown once it is made.

/** The address that a business named so will get: `<output data-address="/signup/address" data-of="tenantName">`. */
function showAddress(): void {
  const place = document.querySelector<HTMLElement>("[data-address]");
  const field = document.querySelector<HTMLInputElement>(`[name="${place?.dataset["of"] ?? ""}"]`);
  if (!place || !field) return;
  const address = place.dataset["address"] ?? "";
  let asked = 0;
  let waiting = 0;
  const ask = () => {
    const number = ++asked;
    fetch(`${address}?name=${encodeURIComponent(field.value)}`, { headers: { accept: "application/json" } })
      .then(async (reply) => {
        if (!reply.ok || number !== asked) return;
        place.textContent = ((await reply.json()) as { words: string }).words;
      })
      .catch(() => undefined);
  };
  const soon = () => {
    window.clearTimeout(waiting);
    asked += 1;
    if (field.value.trim()) waiting = window.setTimeout(ask, 400);
    else place.textContent = "";
  };
  field.addEventListener("input", soon);
  soon();
}

/** What numbers of the chosen country begin with stands before the number. */
function showPrefix(): void {
  const place = document.querySelector<HTMLElement>("[data-prefix-of]");
  const choice = document.querySelector<HTMLSelectElement>(`select[name="${place?.dataset["prefixOf"] ?? ""}"]`);
  if (!place || !choice) return;
  const show = () => {
    place.textContent = choice.selectedOptions[0]?.dataset["prefix"] ?? "";
  };
  choice.addEventListener("change", show);
  show();
}

showAddress();
showPrefix();
