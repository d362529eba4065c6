/** What is in the cart, shown on pages that everybody gets alike: the number stands in a cookie that holds nothing else. */
export function showCount(): void {
  const place = document.querySelector<HTMLElement>(".to-cart .count");
  const name = place?.dataset["cookie"];
  if (!place || !name) return;
  const show = () => {
    const count = Number(cookie(name) ?? cookie(`__Host-${name}`) ?? 0);
    place.textContent = String(count);
    place.hidden = !(count > 0);
  };
  show();
  // a page restored by Back is as old as it was left
  window.addEventListener("pageshow", show);
}

/** Puts a product into the cart without leaving its page. */
export function addWithoutLeaving(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !("add" in form.dataset)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset["sent"]) return;
    form.dataset["sent"] = "yes";
    const fields = new URLSearchParams();
    new FormData(form).forEach((value, name) => {
      if (typeof value === "string") fields.append(name, value);
    });
    fetch(form.action, { method: "POST", body: fields, headers: { accept: "application/json" } })
      .then(async (reply) => {
        const said = (await reply.json()) as { words?: string; detail?: string };
        toast(said.words ?? said.detail ?? "", reply.ok);
        if (reply.ok) showCount();
      })
      .catch(() => toast(needsLine(), false))
      .then(() => delete form.dataset["sent"]);
  }, true);
}

/** Shows the price of the variant that is chosen. */
export function showVariant(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-add]");
  const price = document.querySelector<HTMLElement>('[data-show="price"]');
  const was = document.querySelector<HTMLElement>('[data-show="was"]');
  if (!form || !price) return;
  const show = () => {
    const chosen = form.querySelector<HTMLElement>("input[name=variant]:checked, select[name=variant] option:checked");
    if (!chosen?.dataset["price"]) return;
    price.textContent = chosen.dataset["price"];
    if (was) {
      was.textContent = chosen.dataset["was"] ?? "";
      was.hidden = !chosen.dataset["was"];
    }
  };
  form.addEventListener("change", show);
  show();
}

/** Shares a page by what the device has for it; without that, the link leads to WhatsApp. */
export function shareByDevice(): void {
  const link = document.querySelector<HTMLElement>("a[data-share]");
  const share = (navigator as Partial<Pick<Navigator, "share">>).share?.bind(navigator);
  if (!link || !share) return;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    share({ title: document.title, url: link.dataset["share"] ?? location.href }).catch(() => undefined);
  });
}

/** A line at the foot of the page, gone after a while. */
export function toast(words: string, well: boolean): void {
  document.querySelector(".toast")?.remove();
  const box = document.createElement("div");
  box.className = well ? "toast notice good" : "toast error";
  box.setAttribute("role", well ? "status" : "alert");
  const text = document.createElement("span");
  box.append(text);
  const cart = document.querySelector<HTMLAnchorElement>("a.to-cart");
  if (well && cart) {
    const link = document.createElement("a");
    link.className = "button";
    link.href = cart.href;
    link.textContent = cart.querySelector("span")?.textContent ?? "";
    box.append(link);
  }
  document.body.append(box);
  // said aloud only when it changes while it stands there
  window.setTimeout(() => (text.textContent = words), 50);
  window.setTimeout(() => box.remove(), 8000);
}

/** What to do without a line, in the page's language. */
export function needsLine(): string {
  return document.getElementById("needs-line")?.textContent ?? "";
}

function cookie(name: string): string | undefined {
  const pair = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}
