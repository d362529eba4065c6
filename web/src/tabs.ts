/** Where a row of links is wider than the screen, the page that is open stands in view. */
export function showCurrent(): void {
  document.querySelectorAll<HTMLElement>("nav [aria-current]").forEach((link) => {
    const row = link.closest<HTMLElement>(".tabs, .categories ul");
    if (!row || row.scrollWidth <= row.clientWidth) return;
    const place = link.getBoundingClientRect();
    const shown = row.getBoundingClientRect();
    row.scrollLeft += place.left - shown.left - (shown.width - place.width) / 2;
  });
}
