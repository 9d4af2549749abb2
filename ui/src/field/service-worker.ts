/// <reference lib="webworker" />
// Keeps the repairman's page on his telephone, so that it opens in a cellar. What it shows and sends is the page's own affair.
const worker = self as unknown as ServiceWorkerGlobalScope;

const CACHE = "sitebox-field-1";
const PAGE = "/field/";

/** The page and every asset it names: the first visit is enough to work without a network. */
async function keepShell(): Promise<void> {
  const cache = await caches.open(CACHE);
  const page = await fetch(PAGE, { cache: "no-cache" });
  const html = await page.clone().text();
  await cache.put(PAGE, page);
  const assets = [...html.matchAll(/(?:src|href)="(\/(?:assets|field)\/[^"]+)"/g)].flatMap(([, url]) => url ?? []);
  await Promise.all(assets.map((url) => keepWithImports(cache, url)));
}

/** Modules import others by names that only they hold. */
async function keepWithImports(cache: Cache, url: string): Promise<void> {
  if (await cache.match(url)) return;
  const answer = await fetch(url);
  if (!answer.ok) return;
  const text = url.endsWith(".js") ? await answer.clone().text() : "";
  await cache.put(url, answer);
  const imports = [...text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)].flatMap(([, name]) => name ?? []);
  await Promise.all(imports.map((name) => keepWithImports(cache, `/assets/${name}`)));
}

/** The newest page while the box is near, the kept one else. */
async function page(request: Request): Promise<Response> {
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await (await caches.open(CACHE)).put(PAGE, fresh.clone());
    return fresh;
  } catch (cause) {
    const kept = await caches.match(PAGE);
    if (kept) return kept;
    throw cause;
  }
}

/** Assets carry a hash in their names: what is kept is never out of date. */
async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request);
  if (kept) return kept;
  const fresh = await fetch(request);
  if (fresh.ok) await (await caches.open(CACHE)).put(request, fresh.clone());
  return fresh;
}

worker.addEventListener("install", (event) => event.waitUntil(keepShell().then(() => worker.skipWaiting())));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page(event.request));
  else if (url.pathname.startsWith("/assets/") || url.pathname.startsWith("/field/")) event.respondWith(asset(event.request));
});
