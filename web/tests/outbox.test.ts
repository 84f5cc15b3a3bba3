import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failed } from '@/phone/post'
import { backOff, Outbox, type Happened, type Post, type Uploaded, type Verdict } from '@/phone/outbox'
import { scaled } from '@/phone/photos'
import type { Entry, EntryStore, NewEntry, StoredPhoto } from '@/phone/store'
import { lightOf, standing, type Task } from '@/phone/tasks'

const HOUR = 3_600_000
const REFUSED = { status: 409, code: 'task-status-forbids', title: 'No.', errors: [] }
const happened = (title: string, item: string | null = null): Happened => ({
  path: '/cases', step: 'report', item, title, body: { title }, deviceAt: '2023-07-04T01:30:00.000Z',
})

/** Keeps entries as the phone does, past the end of the page. */
class Memory implements EntryStore {
  entries = new Map<number, Entry>()
  photos = new Map<string, Blob>()
  all = async (account: string) => structuredClone([...this.entries.values()].filter((one) => one.account === account))
  async add(entry: NewEntry, photos: StoredPhoto[]) {
    const added = { ...structuredClone(entry), seq: this.entries.size + 1 }
    this.entries.set(added.seq, added)
    for (const { id, blob } of photos) this.photos.set(id, blob)
    return added
  }
  async put(entry: Entry, was = entry.key, photos: StoredPhoto[] = []) {
    if (this.entries.get(entry.seq)?.key !== was) return false
    this.entries.set(entry.seq, structuredClone(entry))
    for (const { id, blob } of photos) this.photos.set(id, blob)
    return true
  }
  async remove(entry: Entry) {
    if (this.entries.get(entry.seq)?.key !== entry.key) return
    this.entries.delete(entry.seq)
    await this.forget(entry.photos)
  }
  photo = async (id: string) => this.photos.get(id) ?? null
  async forget(photos: { id: string }[]) {
    for (const { id } of photos) this.photos.delete(id)
  }
}

/** A service that answers as it is told, and otherwise takes everything. */
class Service implements Post {
  sent: { title: string; key: string; digests: string[]; at: string }[] = []
  uploads = 0
  next: (Verdict | 'lost')[] = []
  nextUpload: Uploaded[] = []
  effects = new Set<string>()
  async send(entry: Entry, digests: string[]): Promise<Verdict> {
    this.sent.push({ title: entry.title, key: entry.key, digests, at: entry.deviceAt })
    const verdict = this.next.shift() ?? { is: 'done' }
    if (verdict === 'lost') {
      // Taken, but the answer never came back.
      this.effects.add(entry.key)
      return { is: 'away' }
    }
    if (verdict.is === 'done') this.effects.add(entry.key)
    return verdict
  }
  async upload(): Promise<Uploaded> {
    this.uploads += 1
    return this.nextUpload.shift() ?? { is: 'uploaded', digest: `digest-${this.uploads}` }
  }
  get titles(): string[] {
    return this.sent.map(({ title }) => title)
  }
}

let store: Memory
let service: Service
let now = 0
const opened = async (account = 'wang'): Promise<Outbox> => {
  const outbox = new Outbox(store, service, { now: () => now, wait: () => 1_000 })
  await outbox.open(account)
  return outbox
}
const states = (outbox: Outbox): string[] => outbox.entries.value.map(({ state }) => state)

beforeEach(() => {
  vi.useFakeTimers()
  store = new Memory()
  service = new Service()
  now = 10 * HOUR
})
afterEach(() => vi.useRealTimers())

it('shows what another tab stores, sends and throws away', async () => {
  const store = new Memory()
  const tabs: Outbox[] = []
  const tab = (service: Service): Outbox =>
    new Outbox(store, service, { tell: () => tabs.forEach((one) => void one.lookAgain()) })
  const [away, there] = [new Service(), new Service()]
  away.next = [{ is: 'away' }]
  tabs.push(tab(away), tab(there))
  const [one, other] = tabs as [Outbox, Outbox]
  for (const opened of tabs) await opened.open('wang')
  await one.add(happened('a'))
  await vi.waitFor(() => expect(other.entries.value.map(({ title }) => title)).toEqual(['a']))
  await other.flush()
  await vi.waitFor(() => expect(one.entries.value.map(({ state }) => state)).toEqual(['sent']))
  expect(one.arrived.value).toBe(1)
})

describe('the outbox', () => {
  it('keeps what a report has become, once it has arrived', async () => {
    service.next = [{ is: 'away' }, { is: 'done', item: 'case-1' }]
    const outbox = await opened()
    await outbox.add(happened('a'))
    await vi.waitFor(() => expect(outbox.standing.value).toBe('away'))
    expect(outbox.entries.value[0]?.became).toBeUndefined()
    await outbox.flush()
    expect(outbox.entries.value[0]?.became).toBe('case-1')
  })
  it('tells when something happened once the service is heard, and never anew', async () => {
    let [heard, told] = [false, 0]
    const clock = { phone: 1, ahead: 0, contact: null }
    const settle = () => ({ deviceAt: `2023-07-0${++told}T00:00:00.000Z`, corrected: true })
    const outbox = new Outbox(store, service, { now: () => now, wait: () => 1_000, clock: () => clock, learn: async () => heard, settle })
    await outbox.open('wang')
    await outbox.add(happened('one'))
    await outbox.flush()
    expect([service.sent, outbox.standing.value]).toEqual([[], 'away'])
    heard = true
    service.next = ['lost', { is: 'refused', problem: REFUSED }]
    await outbox.flush()
    await outbox.flush()
    await outbox.mend(outbox.entries.value[0]!, { path: '/cases', title: 'one', body: {} }, [])
    await outbox.flush()
    expect(service.sent.map(({ at }) => at)).toEqual(Array(3).fill('2023-07-01T00:00:00.000Z'))
  })

  it('sends in the order in which things happened, with their own time', async () => {
    const outbox = await opened()
    for (const title of ['one', 'two', 'three']) await outbox.add(happened(title))
    await outbox.flush()
    expect(service.titles).toEqual(['one', 'two', 'three'])
    expect(new Set(service.sent.map(({ at }) => at))).toEqual(new Set(['2023-07-04T01:30:00.000Z']))
    expect(states(outbox)).toEqual(['sent', 'sent', 'sent'])
  })

  it('keeps everything while nothing gets through, and past the end of the page', async () => {
    const outbox = await opened()
    service.next = [{ is: 'away' }, { is: 'away' }, { is: 'away' }]
    for (const title of ['one', 'two']) await outbox.add(happened(title))
    await outbox.flush()
    expect(outbox.standing.value).toBe('away')
    expect(states(outbox)).toEqual(['waiting', 'waiting'])
    service.next = []
    service.sent = []
    const later = await opened()
    expect(service.titles).toEqual(['one', 'two'])
    expect(states(later)).toEqual(['sent', 'sent'])
  })

  it('tries again by itself', async () => {
    service.next = [{ is: 'away' }]
    const outbox = await opened()
    await outbox.add(happened('one'))
    await outbox.flush()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(states(outbox)).toEqual(['sent'])
  })

  it('gives a request whose answer was lost the same key, so that it has one effect', async () => {
    service.next = ['lost']
    const outbox = await opened()
    await outbox.add(happened('one'))
    await outbox.flush()
    await outbox.flush()
    expect(service.sent.length).toBeGreaterThan(1)
    expect(service.effects.size).toBe(1)
    expect(states(outbox)).toEqual(['sent'])
  })

  it('goes on past what is refused, which stays with its reason', async () => {
    service.next = [{ is: 'refused', problem: REFUSED }]
    const outbox = await opened()
    await outbox.add(happened('bad'))
    await outbox.add(happened('good'))
    await outbox.flush()
    expect(states(outbox)).toEqual(['refused', 'sent'])
    expect(outbox.entries.value[0]?.problem).toEqual(REFUSED)
    await outbox.flush()
    expect(service.titles).toEqual(['bad', 'good'])
  })

  it('sends a mended entry as another request, of the same time, with its photos', async () => {
    service.next = [{ is: 'refused', problem: REFUSED }]
    const outbox = await opened()
    await outbox.add(happened('bad'), [new Blob(['photo'])])
    await outbox.flush()
    const [bad] = outbox.entries.value
    await outbox.mend(bad!, { path: '/cases', title: 'mended', body: { title: 'mended' } }, await outbox.photosOf(bad!))
    await outbox.flush()
    const [first, second] = service.sent
    expect(second).toMatchObject({ title: 'mended', at: first!.at })
    expect(second!.digests).toHaveLength(1)
    expect(second!.key).not.toBe(first!.key)
    expect(outbox.entries.value.map(({ title, state }) => [title, state])).toEqual([['mended', 'sent']])
  })

  it('tries a refused entry again under another key, and throws one away with its photos', async () => {
    service.next = [{ is: 'refused', problem: REFUSED }, { is: 'refused', problem: REFUSED }]
    const outbox = await opened()
    await outbox.add(happened('bad'), [new Blob(['photo'])])
    await outbox.flush()
    await outbox.again(outbox.entries.value[0]!)
    await outbox.flush()
    expect(new Set(service.sent.map(({ key }) => key)).size).toBe(2)
    await outbox.discard(outbox.entries.value[0]!)
    expect([store.entries.size, store.photos.size]).toEqual([0, 0])
  })

  it('sends once what two tabs mend, try again or throw away, whichever is first', async () => {
    const tabs = [1, 2].map(() => new Outbox(store, service, { now: () => now }))
    service.next = [{ is: 'refused', problem: REFUSED }]
    await tabs[0]!.open('wang')
    await tabs[0]!.add(happened('bad'))
    await tabs[0]!.flush()
    await tabs[1]!.open('wang')
    service.sent = []
    const [bad] = tabs[1]!.entries.value
    const mended = (tab: Outbox, title: string) => tab.mend(bad!, { path: '/cases', title, body: {} }, [])
    expect(await Promise.all(tabs.map((tab, at) => mended(tab, `mended ${at}`)))).toEqual([true, false])
    await tabs[1]!.again(bad!)
    await tabs[1]!.discard(bad!)
    await tabs[0]!.flush()
    expect(new Set(service.sent.map(({ key }) => key)).size).toBe(1)
    expect([...store.entries.values()].map(({ title, state }) => [title, state])).toEqual([['mended 0', 'sent']])
  })

  it('lets others pass when the service fails over one, but not what follows from it', async () => {
    service.next = [{ is: 'fault' }]
    const outbox = await opened()
    await store.add({ ...(await entryOf('accept', 'task-1')) }, [])
    await store.add({ ...(await entryOf('submit', 'task-1')) }, [])
    await store.add({ ...(await entryOf('other', null)) }, [])
    await outbox.flush()
    expect(service.titles).toEqual(['accept', 'other'])
    await outbox.flush()
    expect(service.titles).toEqual(['accept', 'other', 'accept', 'submit'])
  })

  it('stops for who must sign in, and sends it all afterwards', async () => {
    service.next = [{ is: 'signed-out' }, { is: 'signed-out' }]
    const outbox = await opened()
    await outbox.add(happened('one'))
    await outbox.flush()
    expect([outbox.standing.value, ...states(outbox)]).toEqual(['signed-out', 'waiting'])
    await outbox.flush()
    expect(states(outbox)).toEqual(['sent'])
  })

  it('leaves the entries of another account alone', async () => {
    service.next = [{ is: 'away' }]
    const his = await opened('wang')
    await his.add(happened('of wang'))
    await his.flush()
    service.sent = []
    const hers = await opened('li')
    expect(hers.entries.value).toEqual([])
    expect(service.sent).toEqual([])
  })

  it('uploads a photo once, and again when the service may have forgotten it', async () => {
    service.next = [{ is: 'away' }, { is: 'away' }, { is: 'away' }]
    const outbox = await opened()
    await outbox.add(happened('one'), [new Blob(['a']), new Blob(['b'])])
    await outbox.flush()
    expect(service.uploads).toBe(2)
    now += 7 * HOUR
    service.next = []
    await outbox.flush()
    expect(service.uploads).toBe(4)
    expect(service.sent.at(-1)?.digests).toEqual(['digest-3', 'digest-4'])
    expect(store.photos.size).toBe(0)
  })

  it('asks whoever took a photo that is no longer on the phone', async () => {
    const outbox = await opened()
    service.nextUpload = [{ is: 'away' }, { is: 'away' }]
    await outbox.add(happened('one'), [new Blob(['a'])])
    await outbox.flush()
    store.photos.clear()
    await outbox.flush()
    expect(outbox.entries.value[0]?.problem?.code).toBe('photo-lost')
    const [entry] = outbox.entries.value
    await outbox.mend(entry!, { path: '/cases', title: 'one', body: {} }, [])
    await outbox.flush()
    expect(service.sent.map(({ digests }) => digests)).toEqual([[]])
    expect(states(outbox)).toEqual(['sent'])
  })

  it('sends once however many tabs there are', async () => {
    let queue = Promise.resolve()
    const alone = (task: () => Promise<void>): Promise<void> => (queue = queue.then(task))
    const tabs = [1, 2, 3].map(() => new Outbox(store, service, { now: () => now, alone }))
    service.next = [{ is: 'away' }, { is: 'away' }, { is: 'away' }]
    await Promise.all(tabs.map((tab) => tab.open('wang')))
    for (const title of ['one', 'two']) await tabs[0]!.add(happened(title), [new Blob([title])])
    await tabs[0]!.flush()
    service.next = []
    service.sent = []
    await Promise.all(tabs.map((tab) => tab.flush()))
    expect(service.titles).toEqual(['one', 'two'])
    expect(tabs.map(states)).toEqual([1, 2, 3].map(() => ['sent', 'sent']))
  })

  it('shows a report whose photo was refused', async () => {
    service.nextUpload = [{ is: 'refused', problem: { ...REFUSED, code: 'photo-unusable' } }]
    const outbox = await opened()
    await outbox.add(happened('one'), [new Blob(['a'])])
    await outbox.flush()
    expect(outbox.entries.value[0]?.problem?.code).toBe('photo-unusable')
    expect(service.sent).toEqual([])
  })
})

async function entryOf(title: string, item: string | null): Promise<NewEntry> {
  const rest = { key: title, account: 'wang', photos: [], state: 'waiting' as const, attempts: 0, problem: null, sentAt: null }
  return { ...happened(title, item), ...rest }
}

describe('an answer', () => {
  const problem = (status: number, code: string): Response => new Response(JSON.stringify({ status, code, title: 'T' }), { status })
  it.each([
    [null, 'away'],
    [problem(503, 'database-away'), 'away'],
    [problem(429, 'too-many'), 'away'],
    [problem(500, 'fault'), 'fault'],
    [problem(401, 'unauthenticated'), 'signed-out'],
    [problem(403, 'password-must-be-changed'), 'signed-out'],
    [problem(403, 'out-of-scope'), 'refused'],
    [problem(409, 'task-status-forbids'), 'refused'],
    [new Response('not json', { status: 413 }), 'refused'],
  ])('means what it says (%#)', async (answer, expected) => {
    expect((await failed(answer)).is).toBe(expected)
  })
})

describe('a task on the phone', () => {
  const task = { id: 'task-1', status: 'issued', acceptance_due: '2023-07-04T02:00:00Z', handling_due: '2023-07-05T02:00:00Z', light: 'green' } as Task
  it('stands as it will once what waits has arrived', async () => {
    const steps = ['begin', 'submit'].map((step) => ({ step, item: 'task-1' }) as Entry)
    expect(standing(task, [])).toEqual({ status: 'issued', pending: false })
    expect(standing(task, steps.slice(0, 1))).toEqual({ status: 'in_progress', pending: true })
    expect(standing(task, steps)).toEqual({ status: 'submitted', pending: true })
    expect(standing(task, [{ step: 'submit', item: 'another' } as Entry]).pending).toBe(false)
  })
  it('turns red when its time runs out, though nobody has asked again', () => {
    const due = Date.parse(task.acceptance_due)
    expect([due, due + 1].map((at) => lightOf(task, 'issued', at))).toEqual(['green', 'red'])
    expect(lightOf(task, 'submitted', due + 10 * HOUR)).toBe('none')
  })
})

it('waits longer after each failure, up to a minute and a quarter', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  expect([0, 1, 2, 10].map(backOff)).toEqual([2_000, 4_000, 8_000, 60_000])
})

it('scales photos down and never up', () => {
  expect(scaled(4000, 3000)).toEqual({ width: 1600, height: 1200 })
  expect(scaled(3000, 4000)).toEqual({ width: 1200, height: 1600 })
  expect(scaled(800, 600)).toEqual({ width: 800, height: 600 })
})
