const LONGEST_SIDE = 1600;
const QUALITY = 0.82;
/** What is small already goes as it is. */
const SMALL_BYTES = 300_000;
const PIECE_BYTES = 64 * 1024;
const PREVIEW_SIDE = 160;
/** A piece that has not arrived by then is asked for again. */
const PIECE_MS = 30_000;
/** Cuts in a row before a person has to look; with the pauses between them, about a quarter of an hour. */
const MOST_CUTS = 30;

/** Refused for good, in the words of the server. */
class Refused extends Error {}

/**
 * Pictures of a product: made small on the device, sent in pieces, and gone on with after a cut. Without this the form sends
 * them whole.
 */
export function uploadPictures(): void {
  const section = document.querySelector<HTMLElement>("[data-upload]");
  const form = section?.querySelector<HTMLFormElement>("form[enctype]");
  if (!section || !form) return;
  const list = document.createElement("ul");
  list.className = "sending";
  form.insertBefore(list, form.firstChild);
  const drop = document.createElement("p");
  drop.className = "small";
  drop.textContent = section.dataset["drop"] ?? "";
  form.appendChild(drop);
  const queue = new Queue(section, form, list);
  form.addEventListener("change", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || !field.files?.length) return;
    queue.add(Array.from(field.files));
    field.value = "";
  });
  section.addEventListener("dragover", (event) => event.preventDefault());
  section.addEventListener("drop", (event) => {
    event.preventDefault();
    queue.add(Array.from(event.dataTransfer?.files ?? []).filter((file) => file.type.indexOf("image/") === 0));
  });
}

/** Sends one picture after another: two at once would only take the line from each other. */
class Queue {
  private last: Promise<void> = Promise.resolve();
  private waiting = 0;
  private failed = false;
  private typed = false;

  constructor(
    private readonly section: HTMLElement,
    private readonly form: HTMLFormElement,
    private readonly list: HTMLElement,
  ) {
    document.addEventListener("input", (event) => {
      if (!(event.target instanceof HTMLInputElement && event.target.type === "file")) this.typed = true;
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.waiting > 0) event.preventDefault();
    });
  }

  add(files: File[]): void {
    for (const file of files) {
      this.waiting += 1;
      const row = new Row(this.list, file.name, this.section.dataset);
      this.last = this.last.then(() => this.send(file, row));
    }
  }

  private async send(file: File, row: Row): Promise<void> {
    try {
      const small = await shrunk(file);
      if (small.preview) row.show(small.preview);
      await sent(small.blob, this.section.dataset, this.token(), row);
      row.done();
    } catch (error) {
      this.failed = true;
      row.stop(error instanceof Refused ? error.message : "");
    }
    this.waiting -= 1;
    // the page shows them in their places, unless that would lose what somebody has typed
    if (this.waiting === 0 && !this.failed && !this.typed) window.location.reload();
  }

  private token(): string {
    return this.form.querySelector<HTMLInputElement>('[name="csrf"]')?.value ?? "";
  }
}

/** One picture on its way, as the page shows it. */
class Row {
  private readonly item = document.createElement("li");
  private readonly state = document.createElement("span");
  private readonly bar = document.createElement("progress");

  constructor(list: HTMLElement, name: string, private readonly words: DOMStringMap) {
    const title = document.createElement("span");
    title.textContent = name;
    this.state.setAttribute("role", "status");
    this.bar.setAttribute("aria-label", name);
    this.say(words["sending"]);
    for (const part of [title, this.bar, this.state]) this.item.appendChild(part);
    list.appendChild(this.item);
  }

  show(preview: HTMLCanvasElement): void {
    this.item.insertBefore(preview, this.item.firstChild);
  }

  progress(sent: number, all: number): void {
    this.bar.max = all;
    this.bar.value = sent;
    this.say(this.words["sending"]);
  }

  cut(): void {
    this.say(this.words["resumes"]);
  }

  done(): void {
    this.bar.value = this.bar.max;
    this.say("✓");
  }

  stop(why: string): void {
    this.item.removeChild(this.bar);
    this.state.className = "fault";
    this.say(why || this.words["stopped"]);
  }

  private say(words: string | undefined): void {
    if (this.state.textContent !== words) this.state.textContent = words ?? "";
  }
}

interface Shrunk {
  blob: Blob;
  preview: HTMLCanvasElement | null;
}

/** The picture at most 1600 pixels long; what the device cannot read goes as it is, and the server says what to do. */
async function shrunk(file: File): Promise<Shrunk> {
  let picture: ImageBitmap | HTMLImageElement;
  try {
    picture = await read(file);
  } catch {
    return { blob: file, preview: null };
  }
  const longest = Math.max(picture.width, picture.height);
  const preview = drawn(picture, PREVIEW_SIDE / longest);
  if (file.size <= SMALL_BYTES && longest <= LONGEST_SIDE) return { blob: file, preview };
  const canvas = drawn(picture, Math.min(1, LONGEST_SIDE / longest));
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return { blob: blob ?? file, preview };
}

async function read(file: File): Promise<ImageBitmap | HTMLImageElement> {
  if ("createImageBitmap" in window) return window.createImageBitmap(file, { imageOrientation: "from-image" });
  const address = await new Promise<string>((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result));
    reader.onerror = () => failed(new Error("the file does not read"));
    reader.readAsDataURL(file);
  });
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  return picture;
}

function drawn(picture: ImageBitmap | HTMLImageElement, scale: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  if (context) {
    // JPEG has no transparency: it would be black
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  }
  return canvas;
}

/** Sends `blob` in pieces and makes it a picture of the product. */
async function sent(blob: Blob, at: DOMStringMap, token: string, row: Row): Promise<void> {
  const uploads = at["upload"] ?? "";
  const opened = await patient(row, async () => {
    const size = JSON.stringify({ size: blob.size });
    const reply = await ask(uploads, "POST", token, { "content-type": "application/json" }, size);
    return (await reply.json()) as { id: string };
  });
  const address = `${uploads}/${opened.id}`;
  let offset = 0;
  let unsure = false;
  while (offset < blob.size) {
    offset = await patient(row, async () => {
      // after a cut nobody but the server knows what has arrived
      if (unsure) {
        const known = (await (await ask(address, "GET", token, {}, null)).json()) as { offset: number };
        unsure = false;
        return known.offset;
      }
      unsure = true;
      const headers = { "content-type": "application/offset+octet-stream", "upload-offset": String(offset) };
      const piece = blob.slice(offset, offset + PIECE_BYTES);
      const reply = await ask(address, "PATCH", token, headers, piece);
      unsure = false;
      return Number(reply.headers.get("upload-offset"));
    });
    row.progress(offset, blob.size);
  }
  await patient(row, () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return ask(at["add"] ?? "", "POST", token, headers, `upload=${opened.id}`);
  });
}

/** Does it until it is done: after each cut it waits longer, up to half a minute, or until the line is back. */
async function patient<T>(row: Row, deed: () => Promise<T>): Promise<T> {
  for (let cuts = 1; ; cuts += 1) {
    try {
      return await deed();
    } catch (error) {
      if (error instanceof Refused || cuts >= MOST_CUTS) throw error;
      row.cut();
      await pause(Math.min(30_000, 500 * 2 ** cuts));
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => {
    const timer = window.setTimeout(finish, ms);
    window.addEventListener("online", finish);
    function finish(): void {
      window.clearTimeout(timer);
      window.removeEventListener("online", finish);
      done();
    }
  });
}

async function ask(
  address: string,
  method: string,
  token: string,
  headers: Record<string, string>,
  body: Blob | string | null,
): Promise<Response> {
  const abort = new AbortController();
  const timer = window.setTimeout(() => abort.abort(), PIECE_MS);
  try {
    const reply = await fetch(address, {
      method,
      body,
      headers: { ...headers, accept: "application/json", "x-csrf-token": token },
      credentials: "same-origin",
      signal: abort.signal,
    });
    if (reply.ok) return reply;
    // what passes with time is tried again: a full queue, a limit, a piece that arrived twice
    if (reply.status >= 500 || [408, 409, 429].indexOf(reply.status) >= 0) throw new Error(String(reply.status));
    const said = (await reply.json().catch(() => ({}))) as { detail?: string };
    throw new Refused(reply.status === 422 ? (said.detail ?? "") : "");
  } finally {
    window.clearTimeout(timer);
  }
}
