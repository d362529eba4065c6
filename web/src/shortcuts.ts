/** Keys of the back office: `/` searches, `?` shows them all, and each entry of the menu has a letter behind `g`. */
export function shortcuts(): void {
  let going = false;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (going) {
      going = false;
      const entry = document.querySelector<HTMLAnchorElement>(`#menu a[data-key="${CSS.escape(event.key)}"]`);
      if (entry) {
        event.preventDefault();
        entry.click();
      }
      return;
    }
    if (event.key === "/") {
      const search = document.querySelector<HTMLInputElement>('[role="search"] input');
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    } else if (event.key === "?") {
      document.querySelector<HTMLDialogElement>("#shortcuts")?.showModal?.();
    } else if (event.key === "g") {
      going = true;
      window.setTimeout(() => (going = false), 1500);
    }
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));
}
