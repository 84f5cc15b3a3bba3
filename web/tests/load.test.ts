import { createPinia, setActivePinia } from 'pinia'
import { effectScope, type EffectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { lastPosition } from '@/shared/api/client'
import { useLoaded } from '@/shared/load'

/** The tab's one stream, fed by hand. */
let tell: (position: number) => void = () => {}
let scope: EffectScope

beforeEach(() => {
  setActivePinia(createPinia())
  scope = effectScope()
})
afterEach(() => scope.stop())

vi.stubGlobal('fetch', async () => {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const enter = (text: string): void => controller.enqueue(new TextEncoder().encode(text))
      enter('id: 0\n\n')
      tell = (position) => {
        const event = { position, name: 'task.closed', kind: 'task' }
        enter(`id: ${position}\nevent: task.closed\ndata: ${JSON.stringify(event)}\n\n`)
      }
    },
  })
  return new Response(body)
})

/** Questions that wait for their answers. */
function questions() {
  const asked: { signal: AbortSignal; answer: (value: string) => void; refuse: (error: unknown) => void }[] = []
  const ask = (signal: AbortSignal): Promise<string> =>
    new Promise((answer, refuse) => asked.push({ signal, answer, refuse }))
  return { asked, ask }
}
const until = (holds: () => unknown): Promise<void> => expect.poll(() => Boolean(holds()), { interval: 2 }).toBe(true)
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

describe('what is loaded', () => {
  it('is the answer to the later question, whichever answer comes first', async () => {
    const { asked, ask } = questions()
    const loaded = scope.run(() => useLoaded(ask))!
    void loaded.load()
    asked[1]!.answer('later')
    await settled()
    asked[0]!.answer('earlier')
    await settled()
    expect([loaded.data.value, loaded.busy.value]).toEqual(['later', false])
  })

  it('is not replaced by the failure of an earlier question', async () => {
    const { asked, ask } = questions()
    const loaded = scope.run(() => useLoaded(ask))!
    void loaded.load()
    asked[1]!.answer('later')
    asked[0]!.refuse(new Error('late'))
    await settled()
    expect([loaded.data.value, loaded.failed.value]).toEqual(['later', ''])
  })

  it('says why it failed until it was loaded', async () => {
    const { asked, ask } = questions()
    const loaded = scope.run(() => useLoaded(ask))!
    asked[0]!.refuse(new Error('bug'))
    await until(() => loaded.failed.value)
    void loaded.load()
    expect(loaded.busy.value).toBe(true)
    asked[1]!.answer('there')
    await until(() => loaded.data.value === 'there')
    expect(loaded.failed.value).toBe('')
  })

  it('is not asked for any more once the page has gone', async () => {
    const { asked, ask } = questions()
    const loaded = scope.run(() => useLoaded(ask, { when: () => true, settle: 1 }))!
    scope.stop()
    expect(asked[0]!.signal.aborted).toBe(true)
    await loaded.load()
    asked[0]!.answer('too late')
    await settled()
    expect(asked).toHaveLength(1)
    expect([loaded.data.value, loaded.busy.value]).toEqual([null, false])
  })

  it('arrives however fast the log grows, and is asked for once more afterwards', async () => {
    const { asked, ask } = questions()
    const loaded = scope.run(() => useLoaded(ask, { when: () => true, settle: 1 }))!
    await settled()
    for (let position = 1; position <= 5; position += 1) {
      tell(position)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(asked).toHaveLength(1)
    asked[0]!.answer('first')
    await until(() => asked.length === 2)
    expect([asked[0]!.signal.aborted, loaded.data.value]).toEqual([false, 'first'])
    asked[1]!.answer('second')
    await until(() => loaded.data.value === 'second')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(asked).toHaveLength(2)
  })

  it('knows the event that made it old: the answer is asked for as of then', async () => {
    const { asked, ask } = questions()
    scope.run(() => useLoaded(ask, { when: () => true, settle: 1 }))
    asked[0]!.answer('before')
    await settled()
    tell(4711)
    await until(() => asked.length === 2)
    expect(lastPosition()).toBe(4711)
  })
})
