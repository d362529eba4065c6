/** A menu that hangs over the page closes by Escape and by a tap beside it. */
export function closeMenus(): void {
  const open = () => document.querySelector<HTMLDetailsElement>("details.person[open]");
  document.addEventListener("click", (event) => {
    const menu = open();
    if (menu && event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = open();
    if (event.key !== "Escape" || !menu) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
}
