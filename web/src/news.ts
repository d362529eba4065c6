/** A new order rings: one tab of the browser asks, all of them tell. */

interface NewOrder {
  number: number;
  href: string;
  text: string;
}

interface News {
  cursor: number;
  waiting: number;
  orders: NewOrder[];
}

const MUTED = "soko-muted";
/** After so long without a word the tab that asked is taken for gone: longer than one question stays open. */
const LEASE_MS = 30_000;

export function news(): void {
  const bell = document.querySelector<HTMLButtonElement>("button[data-news]");
  if (bell?.dataset["news"]) new Watch(bell, bell.dataset["news"]).begin();
}

class Watch {
  private readonly me = Math.random().toString(36).slice(2);
  /** Which tab asks, and until when. */
  private readonly lease: string;
  /** What it heard, for the others: written and taken away at once, which they are told of. */
  private readonly word: string;
  private readonly title = document.title;
  private unseen = 0;
  private failures = 0;
  private cursor: number | undefined;
  private sound: AudioContext | undefined;

  constructor(
    private readonly bell: HTMLButtonElement,
    private readonly address: string,
  ) {
    this.lease = `soko-news ${address}`;
    this.word = `soko-word ${address}`;
  }

  begin(): void {
    this.bell.hidden = false;
    this.showBell();
    this.bell.addEventListener("click", () => {
      write(MUTED, read(MUTED) ? "" : "yes");
      this.showBell();
    });
    // a browser lets a page sound only after it was touched
    document.addEventListener("pointerdown", () => this.wake(), { once: true });
    document.addEventListener("keydown", () => this.wake(), { once: true });
    window.addEventListener("storage", (event) => {
      if (event.key === this.word && event.newValue) this.tell(JSON.parse(event.newValue) as News, false);
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.seen();
    });
    window.addEventListener("pagehide", () => {
      if (this.holds()) write(this.lease, "");
    });
    void this.watch();
  }

  private async watch(): Promise<void> {
    for (;;) {
      if (!navigator.onLine || !this.take()) {
        await pause(3000);
        continue;
      }
      try {
        const heard = await this.ask();
        if (heard === "gone") return;
        this.failures = 0;
        write(this.word, JSON.stringify(heard));
        write(this.word, "");
        this.tell(heard, true);
      } catch {
        this.failures += 1;
      }
      // a hidden tab and a line that fails are asked less often
      const rest = this.failures > 0 ? Math.min(60_000, 2000 * 2 ** this.failures) : document.hidden ? 5000 : 0;
      if (rest > 0) await pause(rest);
    }
  }

  private async ask(): Promise<News | "gone"> {
    const known = this.cursor === undefined ? "" : `?after=${this.cursor}`;
    const answer = await fetch(this.address + known, { headers: { accept: "application/json" } });
    // signed out, or no longer allowed: this page has nothing more to hear
    if ([401, 403, 404].includes(answer.status)) return "gone";
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()) as News;
  }

  private tell(heard: News, rings: boolean): void {
    const fresh = heard.orders.filter((order) => order.number > (this.cursor ?? 0));
    this.cursor = Math.max(this.cursor ?? 0, heard.cursor);
    this.count(heard.waiting);
    const newest = fresh[0];
    if (!newest) return;
    this.toast(newest);
    if (document.hidden) {
      this.unseen += fresh.length;
      document.title = `(${this.unseen}) ${this.title}`;
    }
    if (rings && !read(MUTED)) this.ring();
  }

  /** What waits, at the menu's entry of the orders. */
  private count(waiting: number): void {
    const entry = document.querySelector<HTMLElement>('#menu a[data-key="o"]');
    if (!entry) return;
    let badge = entry.querySelector<HTMLElement>(".badge");
    if (!badge) {
      badge = document.createElement("span");
      badge.className = "badge warn";
      entry.append(badge);
    }
    badge.hidden = waiting === 0;
    badge.textContent = String(waiting);
  }

  private toast(order: NewOrder): void {
    document.querySelector(".toast.news")?.remove();
    const toast = document.createElement("div");
    toast.className = "toast notice good news";
    toast.setAttribute("role", "status");
    const link = document.createElement("a");
    link.href = order.href;
    link.textContent = order.text;
    const close = document.createElement("button");
    close.className = "link";
    close.textContent = "×";
    close.setAttribute("aria-label", this.bell.dataset["close"] ?? "");
    close.addEventListener("click", () => toast.remove());
    toast.append(link, close);
    document.body.append(toast);
  }

  private seen(): void {
    this.unseen = 0;
    document.title = this.title;
  }

  private showBell(): void {
    const muted = read(MUTED) !== "";
    this.bell.setAttribute("aria-pressed", String(!muted));
    const drawing = this.bell.dataset[muted ? "off" : "on"];
    if (drawing) this.bell.querySelector("use")?.setAttribute("href", drawing);
  }

  private wake(): void {
    if ("AudioContext" in window) this.sound = new AudioContext();
  }

  /** Two short tones, the second higher. */
  private ring(): void {
    const sound = this.sound;
    if (!sound) return;
    [660, 880].forEach((pitch, place) => {
      const begin = sound.currentTime + place * 0.18;
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, begin);
      volume.gain.exponentialRampToValueAtTime(0.2, begin + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.16);
      tone.connect(volume).connect(sound.destination);
      tone.start(begin);
      tone.stop(begin + 0.17);
    });
  }

  /** Whether this tab is the one that asks; it is from now on if no other one lives. */
  private take(): boolean {
    const kept = read(this.lease).split(" ");
    if (kept[0] && kept[0] !== this.me && Number(kept[1]) > Date.now()) return false;
    write(this.lease, `${this.me} ${Date.now() + LEASE_MS}`);
    return this.holds() || read(this.lease) === "";
  }

  private holds(): boolean {
    return read(this.lease).startsWith(`${this.me} `);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => window.setTimeout(resolve, ms));
}

/** What the browser keeps for us; nothing where it keeps nothing. */
function read(name: string): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    // without a memory each tab asks for itself
  }
}
