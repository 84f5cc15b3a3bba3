// The phone's one outbox, when it sends, and what was loaded last for each page.
import { computed, onScopeDispose, ref, watch, type Ref } from 'vue'
import { useLoaded, type Loaded, type LoadOptions } from '@/shared/load'
import { afterPicture } from '@/shared/picture'
import { useSession } from '@/shared/session'
import { clockNow, deviceTime, happenedAt, learnClock, TOLERATED, type Clock } from './clock'
import { Outbox } from './outbox'
import { post } from './post'
import { ADDRESS } from './steps'
import { answerOf, entryStore, keepAnswer, type Entry, type Step } from './store'

/** Two tabs must not send the same at once; where there are no locks the key still gives one effect. */
async function alone(task: () => Promise<void>): Promise<void> {
  if (!('locks' in navigator)) return task()
  await navigator.locks.request('dispatch-outbox', task)
}

/** What one tab stores, sends or throws away the others show. */
const others = 'BroadcastChannel' in window ? new BroadcastChannel('dispatch-outbox') : null

function settle(then: Clock): { deviceAt: string; corrected: boolean } {
  const at = happenedAt(then, clockNow())
  return { deviceAt: new Date(at).toISOString(), corrected: Math.abs(at - then.phone) > TOLERATED }
}

export const outbox = new Outbox(entryStore, post, {
  alone, stamp: deviceTime, clock: clockNow, learn: learnClock, settle, tell: () => others?.postMessage(null),
})
if (others) others.onmessage = () => void outbox.lookAgain()
export const waiting = computed(() => outbox.entries.value.filter(({ state }) => state === 'waiting'))
export const refused = computed(() => outbox.entries.value.filter(({ state }) => state === 'refused'))
export const online = ref(navigator.onLine)
/** Since when what is shown may be old (ms), or null while it is fresh. */
export const staleSince = ref<number | null>(null)

/** Begin to look after the outbox, as long as the page lives. */
export function startOutbox(): void {
  const session = useSession()
  const wake = (): void => {
    online.value = navigator.onLine
    if (!online.value || document.visibilityState === 'hidden') return
    if (session.state === 'away') void session.load()
    void learnClock()
    void outbox.flush()
  }
  for (const event of ['online', 'offline']) addEventListener(event, wake)
  document.addEventListener('visibilitychange', wake)
  watch(() => session.who?.account, (account) => account && void outbox.open(account), { immediate: true })
  watch(outbox.arrived, reached)
  watch(() => session.state, (state) => state === 'in' && void outbox.flush())
  // Whoever has something to send and no session is asked to sign in above the page; nothing is lost meanwhile.
  watch(outbox.standing, (standing) => standing === 'signed-out' && session.state !== 'expired' && void session.load())
  afterPicture(() => {
    void navigator.storage?.persist?.()
    void learnClock()
  })
}

/** Do a step of a task or a case: stored first, then sent. */
export function doStep(
  step: Exclude<Step, 'report'>,
  item: { id: string; title: string },
  body: Record<string, unknown> = {},
  photos: Blob[] = [],
  kind: 'tasks' | 'cases' | 'disputes' = 'tasks',
): Promise<Entry> {
  const path = `/${kind}/${item.id}/${ADDRESS[step] ?? step}`
  const whole = step === 'begin' ? { begin: true } : body
  return outbox.add({ path, step, item: item.id, title: item.title, body: whole, deviceAt: deviceTime() }, photos)
}

/** Whoever opened the page while the service was away is known again as soon as anything gets through. */
let knowing: Promise<void> | null = null
function reached(): void {
  const session = useSession()
  if (session.state === 'away') knowing ??= session.load().finally(() => (knowing = null))
}

/** As `useLoaded`, but what was answered last is shown at once, and as long as the service is away. */
export function useKept<T>(name: string, ask: (signal: AbortSignal) => Promise<T>, options: LoadOptions = {}): Loaded<T> {
  const key = `${useSession().who?.account} ${name}`
  const before = answerOf<T>(key).catch(() => null)
  const loaded = useLoaded<T>(async (signal) => {
    try {
      const answer = await ask(signal)
      void keepAnswer(key, answer)
      staleSince.value = null
      reached()
      return answer
    } catch (error) {
      const seen = await before
      if (!signal.aborted && seen !== null) staleSince.value = seen.at
      throw error
    }
  }, options)
  void before.then((seen) => {
    if (seen !== null && loaded.data.value === null) loaded.data.value = seen.answer
  })
  const failed: Ref<string> = ref('')
  watch([loaded.failed, loaded.data], () => (failed.value = loaded.data.value === null ? loaded.failed.value : ''))
  const again = (): void => void loaded.load()
  addEventListener('online', again)
  onScopeDispose(() => removeEventListener('online', again))
  watch(outbox.arrived, again)
  return { ...loaded, failed }
}
