/// <reference lib="webworker" />
// Keeps the repairman's page on his telephone, so that it opens in a cellar. What it shows and sends is the page's own affair.
const worker = self as unknown as ServiceWorkerGlobalScope;

const CACHE = "sitebox-field-1";
const PAGE = "/field/";
/** Module scripts ask with an Origin and we without: a server that says `Vary: Origin` means the same file all the same. */
const SAME_FOR_ALL: CacheQueryOptions = { ignoreVary: true };

/** The page and every asset it names: the first visit is enough to work without a network. What an older page named is dropped. */
async function keepShell(page: Response): Promise<void> {
  const cache = await caches.open(CACHE);
  const html = await page.clone().text();
  const kept = new Set([PAGE]);
  const assets = [...html.matchAll(/(?:src|href)="(\/(?:assets|field)\/[^"]+)"/g)].flatMap(([, url]) => url ?? []);
  await Promise.all(assets.map((url) => keepWithImports(cache, url, kept)));
  // Last, so that the kept page never names an asset that is not kept.
  await cache.put(PAGE, page);
  for (const request of await cache.keys()) if (!kept.has(new URL(request.url).pathname)) await cache.delete(request);
}

/** Modules import others by names that only they hold. */
async function keepWithImports(cache: Cache, url: string, kept: Set<string>): Promise<void> {
  if (kept.has(url)) return;
  kept.add(url);
  const answer = (await cache.match(url, SAME_FOR_ALL)) ?? (await fetch(url));
  if (!answer.ok) throw new Error(`${url} could not be fetched: ${answer.status}`);
  const text = url.endsWith(".js") ? await answer.clone().text() : "";
  await cache.put(url, answer);
  const imports = [...text.matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)].flatMap(([, name]) => name ?? []);
  await Promise.all(imports.map((name) => keepWithImports(cache, `/assets/${name}`, kept)));
}

/** The newest page while the box is near, the kept one else. */
async function page(event: FetchEvent): Promise<Response> {
  const kept = await caches.match(PAGE, SAME_FOR_ALL);
  try {
    const fresh = await fetch(event.request);
    if (fresh.ok && (await fresh.clone().text()) !== (await kept?.clone().text())) event.waitUntil(keepShell(fresh.clone()));
    return fresh;
  } catch (cause) {
    if (kept) return kept;
    throw cause;
  }
}

/** Assets carry a hash in their names: what is kept is never out of date. */
async function asset(request: Request): Promise<Response> {
  return (await caches.match(request, SAME_FOR_ALL)) ?? fetch(request);
}

worker.addEventListener("install", (event) =>
  event.waitUntil(
    fetch(PAGE, { cache: "no-cache" })
      .then(keepShell)
      .then(() => worker.skipWaiting()),
  ),
);
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page(event));
  else if (url.pathname.startsWith("/assets/") || url.pathname.startsWith("/field/")) event.respondWith(asset(event.request));
});
