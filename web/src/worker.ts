// The service worker of a shop: pages seen before open without a line, marked with the time they are of. It keeps what
// this browser was shown and nothing else; the checkout and previews are never kept.

interface Fetching extends Event {
  readonly request: Request;
  readonly data: unknown;
  respondWith(reply: Promise<Response>): void;
  waitUntil(work: Promise<unknown>): void;
}

interface Worker {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(kind: string, run: (event: Fetching) => void): void;
}

const worker = self as unknown as Worker;
const scope = new URL(worker.registration.scope).pathname;
const PAGES = `pages ${scope}`;
const ASSETS = `assets ${scope}`;
const SEEN = "x-seen-at";
/** A page that was seen before is shown again when the line takes longer than this, in milliseconds. */
const PATIENCE = 6000;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const request = event.request;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/assets/")) {
    event.respondWith(asset(request));
  } else if (request.mode === "navigate" && !/\/(checkout|preview|sandbox)(\/|$)/.test(url.pathname)) {
    event.respondWith(page(event));
  }
});

worker.addEventListener("message", (event) => {
  const wanted = (event.data as { keep?: string } | null)?.keep;
  if (wanted) event.waitUntil(keepShown(new URL(wanted, location.origin)));
});

/** Keeps a page that is shown already. */
async function keepShown(page: URL): Promise<void> {
  if (page.origin !== location.origin || !page.pathname.startsWith(scope)) return;
  const url = page.href.split("#")[0] ?? "";
  const reply = await fetch(url);
  if (reply.ok && reply.type === "basic") await keepPage(await caches.open(PAGES), url, reply);
}

/** Its name changes with its content: what is kept is right. */
async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(ASSETS);
  const kept = await cache.match(request);
  if (kept) return kept;
  const reply = await fetch(request);
  if (reply.ok) await keep(cache, request.url, reply.clone(), 12);
  return reply;
}

async function page(event: Fetching): Promise<Response> {
  const cache = await caches.open(PAGES);
  const url = event.request.url.split("#")[0] ?? "";
  const kept = await cache.match(url);
  const asked = fetch(event.request).then((reply) => {
    if (reply.ok && reply.type === "basic") event.waitUntil(keepPage(cache, url, reply.clone()));
    return reply;
  });
  try {
    if (!kept) return await asked;
    const late = new Promise<Response>((resolve) => setTimeout(() => resolve(marked(kept)), PATIENCE));
    return await Promise.race([asked, late]);
  } catch (error) {
    const other = kept ?? (await cache.match(new URL(scope, location.origin).href));
    if (other) return marked(other);
    throw error;
  }
}

async function keepPage(cache: Cache, url: string, reply: Response): Promise<void> {
  const headers = new Headers(reply.headers);
  headers.set(SEEN, String(Date.now()));
  headers.delete("content-encoding");
  await keep(cache, url, new Response(await reply.blob(), { headers }), 50);
}

async function keep(cache: Cache, url: string, reply: Response, most: number): Promise<void> {
  await cache.delete(url);
  await cache.put(url, reply);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((key) => cache.delete(key)));
}

/** The page with the time it is of, for its script to show. */
async function marked(kept: Response): Promise<Response> {
  const seen = new Date(Number(kept.headers.get(SEEN)));
  const two = (part: number) => String(part).padStart(2, "0");
  const today = seen.toDateString() === new Date().toDateString();
  const day = today ? "" : `${two(seen.getDate())}.${two(seen.getMonth() + 1)}. `;
  const mark = `<body data-as-of="${day}${two(seen.getHours())}:${two(seen.getMinutes())}" `;
  const text = (await kept.clone().text()).replace("<body ", mark);
  return new Response(text, { headers: kept.headers });
}
