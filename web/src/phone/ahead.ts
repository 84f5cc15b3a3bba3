// What the worker will need without a network is fetched while there is one: what is asked, what happened so far, whom to visit.
import { api, got, lastPosition } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { householdsOf } from '@/shared/households'
import { afterPicture } from '@/shared/picture'
import { useSession } from '@/shared/session'
import { answerOf, keepAnswer } from './store'

type Timeline = components['schemas']['Timeline']
interface Item {
  id: string
  version: number
  households?: string[]
}
const wanted = new Map<string, { kind: 'tasks' | 'cases'; item: Item }>()
let running = false

/** Fetch what the phone hasn't of these items, or has of an earlier version, one at a time, when nothing else is to do. */
export function fetchAhead(kind: 'tasks' | 'cases', items: Item[]): void {
  for (const item of items) wanted.set(item.id, { kind, item })
  if (running) return
  running = true
  const idle = (): unknown => ('requestIdleCallback' in window ? requestIdleCallback(() => void run()) : setTimeout(() => void run(), 1000))
  afterPicture(() => {
    if (document.readyState === 'complete') idle()
    else addEventListener('load', idle, { once: true })
  })
}

async function run(): Promise<void> {
  const account = useSession().who?.account
  try {
    for (const [id, { kind, item }] of wanted) {
      wanted.delete(id)
      const name = `${account} timeline ${id}`
      const kept = await answerOf<Timeline>(name)
      if ((kept?.answer.entries.length ?? 0) >= item.version) continue
      if (item.households?.length) await keepAnswer(`${account} households ${id}`, await householdsOf(id))
      await keepAnswer(name, await got(api.GET(`/api/v1/${kind}/{id}/timeline`, { params: { path: { id }, query: { after: lastPosition() } } })))
    }
  } catch {
    // The line is cut or the phone is full: the next list asks again.
    wanted.clear()
  } finally {
    running = false
  }
}
