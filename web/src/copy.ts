/** A text to be passed on gets a button that copies it: `<input readonly data-copy="Copy">`. */
export function copyButtons(): void {
  for (const field of Array.from(document.querySelectorAll<HTMLInputElement>("input[data-copy]"))) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = field.dataset["copy"] ?? "";
    button.addEventListener("click", () => {
      field.select();
      // the old way works on pages without https, too
      document.execCommand("copy");
      button.classList.add("done");
      window.setTimeout(() => button.classList.remove("done"), 1500);
    });
    field.closest("label")?.after(button);
  }
}
