// What isn't in a page's first picture waits until that is painted: a slow line and a slow processor carry little at once.
import { onScopeDispose, watch } from 'vue'

let waiting: (() => void)[] | null = null
let observer: PerformanceObserver | null = null

/** From now on it is waited for. */
export function awaitPicture(): void {
  waiting ??= []
}

/** Do something once the picture is painted; at once where none is waited for. */
export function afterPicture(todo: () => void): void {
  if (waiting === null) todo()
  else waiting.push(todo)
}

/** ms after which the picture is painted, where the browser doesn't tell. */
const LONGEST = 500

/** Say, in what is the picture, when it is drawn; what goes away before isn't to come. */
export function tellPicture(drawn: () => boolean): void {
  watch(drawn, (is) => is && pictureDrawn(), { immediate: true, flush: 'post' })
  onScopeDispose(pictureDrawn)
}

/** What waits follows as soon as the browser has painted the picture. */
function pictureDrawn(): void {
  if (waiting === null || observer !== null) return
  // What is told late of a picture before doesn't count.
  const drawn = performance.now()
  observer = new PerformanceObserver((list) => list.getEntries().some(({ startTime }) => startTime >= drawn) && follow())
  observer.observe({ type: 'largest-contentful-paint' })
  setTimeout(follow, LONGEST)
}

function follow(): void {
  const all = waiting ?? []
  waiting = null
  observer?.disconnect()
  for (const todo of all) todo()
}
