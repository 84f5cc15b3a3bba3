// The phone page's service worker: keeps the page's own files, so that it opens without a network. Nothing of the
// API is ever kept or answered here, and it imports nothing: it is served as one file.
/** Put in when it is built: the digest of the page's files, and their addresses. */
declare const __VERSION__: string
declare const __FILES__: string[]

const worker = globalThis as unknown as ServiceWorkerGlobalScope
const FILES = __FILES__
const SHELF = 'phone-'
const CACHE = SHELF + __VERSION__
const PAGE = '/m/'

worker.addEventListener('install', (event) => {
  // All or none: a page that is half there would not open. Those without a digest in their name are asked for anew.
  const files = FILES.map((file) => new Request(file, { cache: file.includes('/assets/') ? 'default' : 'reload' }))
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(files)))
})

worker.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name.startsWith(SHELF) && name !== CACHE))
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => worker.clients.claim()))
})

worker.addEventListener('message', ({ data }) => {
  // The page asks for it, when it suits who works with it.
  if (data === 'take-over') void worker.skipWaiting()
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== worker.location.origin) return
  if (request.mode === 'navigate' && pathname.startsWith(PAGE)) event.respondWith(kept(PAGE, request))
  else if (FILES.includes(pathname)) event.respondWith(kept(pathname, request))
})

/** What is kept under a name, of this version only; the network where the browser has thrown it away. */
async function kept(name: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  return (await cache.match(name)) ?? fetch(request)
}

export {}
