import { afterEach, describe, expect, it } from 'vitest'
import { Stream, type LiveEvent } from '@/shared/live/stream'

type Answer = { status?: number; pieces?: string[]; hold?: boolean; fails?: boolean }

/** A service that answers each request for the stream as the next of `answers` says, and notes what it was asked. */
class Service {
  readonly asked: (string | null)[] = []
  constructor(private readonly answers: Answer[]) {}

  readonly fetch = (async (_input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    this.asked.push(new Headers(init?.headers).get('last-event-id'))
    const answer = this.answers.shift() ?? { hold: true }
    if (answer.fails) throw new TypeError('cut')
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of answer.pieces ?? []) controller.enqueue(new TextEncoder().encode(piece))
        if (!answer.hold) controller.close()
        init?.signal?.addEventListener('abort', () => controller.error(new DOMException('', 'AbortError')))
      },
    })
    return new Response(body, { status: answer.status ?? 200 })
  }) as typeof fetch
}

const event = (position: number): string =>
  `id: ${position}\nevent: task.closed\ndata: ${JSON.stringify({ position, name: 'task.closed' })}\n\n`

let streams: Stream[] = []
function followed(service: Service, after: number | null = null, more = {}): { stream: Stream; told: number[] } {
  const stream = new Stream(after, { fetch: service.fetch, first: 1, silence: 50, ...more })
  const told: number[] = []
  stream.on((one: LiveEvent) => told.push(one.position))
  streams.push(stream)
  stream.start()
  return { stream, told }
}
async function until(holds: () => boolean): Promise<void> {
  await expect.poll(holds, { timeout: 5000, interval: 2 }).toBe(true)
}

afterEach(() => {
  for (const stream of streams) stream.stop()
  streams = []
})

describe('the stream', () => {
  it('goes on after a cut where it was, and tells each event once', async () => {
    const service = new Service([
      { pieces: ['retry: 2000\nid: 3\n\n', event(4), event(5).slice(0, 20)] },
      { fails: true },
      { status: 503 },
      { pieces: [event(4), event(5), event(6)] },
    ])
    const { told } = followed(service)
    await until(() => service.asked.length === 5)
    expect(told).toEqual([4, 5, 6])
    expect(service.asked).toEqual([null, '4', '4', '4', '6'])
  })

  it('moves on over what it may not see', async () => {
    const service = new Service([{ pieces: ['id: 9\n\n'] }])
    followed(service)
    await until(() => service.asked.length === 2)
    expect(service.asked).toEqual([null, '9'])
  })

  it('takes a connection that says nothing for dead', async () => {
    const service = new Service([{ pieces: [event(1)], hold: true }])
    const { stream } = followed(service, 0)
    await until(() => service.asked.length === 2)
    expect(service.asked).toEqual(['0', '1'])
    expect(stream.health.value).toBe('broken')
  })

  it('says how it is', async () => {
    const service = new Service([{ fails: true }, { pieces: [event(1)], hold: true }])
    const { stream } = followed(service, 0, { silence: 60_000 })
    await until(() => stream.health.value === 'live')
    stream.stop()
    expect(stream.health.value).toBe('closed')
  })

  it('waits for somebody to sign in when the session has ended', async () => {
    const service = new Service([{ status: 401 }, { pieces: [event(8)], hold: true }])
    let signIn = (): void => {}
    const expired = (): Promise<void> => new Promise((resolve) => (signIn = resolve))
    const { told } = followed(service, 7, { expired, silence: 60_000 })
    await until(() => service.asked.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(service.asked).toEqual(['7'])
    signIn()
    await until(() => told.length === 1)
    expect(told).toEqual([8])
  })

  it('tells events without a place in the log to those who asked for that name', async () => {
    const inbox = 'event: inbox\ndata: {"unread":2,"items":[]}\n\n'
    const service = new Service([{ pieces: [event(1), inbox, event(2)], hold: true }])
    const { stream, told } = followed(service, 0, { silence: 60_000 })
    const notices: unknown[] = []
    stream.onNotice('inbox', (data) => notices.push(data))
    await until(() => told.length === 2)
    expect(told).toEqual([1, 2])
    expect(notices).toEqual([{ unread: 2, items: [] }])
  })
})

describe('a listener', () => {
  it('that fails keeps nothing from the others, nor the stream from going on', async () => {
    const service = new Service([{ pieces: [event(1), event(2)], hold: true }])
    const stream = new Stream(0, { fetch: service.fetch, first: 1, silence: 60_000, failed: (error) => failures.push(error) })
    streams.push(stream)
    const failures: unknown[] = []
    const told: number[] = []
    stream.on(() => {
      throw new Error('a bug')
    })
    stream.on((one) => told.push(one.position))
    stream.start()
    await until(() => told.length === 2)
    expect(told).toEqual([1, 2])
    expect(failures).toHaveLength(2)
    expect(service.asked).toEqual(['0'])
  })

  it('may stop listening while it is told', async () => {
    const service = new Service([{ pieces: [event(1), event(2)], hold: true }])
    const { stream, told } = followed(service, 0, { silence: 60_000 })
    const first: number[] = []
    const stop = stream.on((one) => {
      first.push(one.position)
      stop()
    })
    await until(() => told.length === 2)
    expect(first).toEqual([1])
  })
})

describe('a cut', () => {
  it('before the first place was told leaves no gap: the place of the page is where it begins', async () => {
    const service = new Service([{ fails: true }, { pieces: [event(8)], hold: true }])
    const { told } = followed(service, null, { begin: () => 7, silence: 60_000 })
    await until(() => told.length === 1)
    expect(service.asked).toEqual(['7', '7'])
  })

  it('leaves no connection behind it', async () => {
    const closed: string[] = []
    const piece = (text: string): Uint8Array => new TextEncoder().encode(text)
    const answers = [
      new Response(
        new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(piece('refused')) }), { status: 503 },
      ),
      new Response(
        new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(piece(event(1))) }),
      ),
    ]
    const fetch_ = (async (_input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      init?.signal?.addEventListener('abort', () => closed.push('closed'))
      return answers.shift()!
    }) as typeof fetch
    const stream = new Stream(0, { fetch: fetch_, first: 1, silence: 60_000 })
    streams.push(stream)
    const told: number[] = []
    stream.on((one) => told.push(one.position))
    stream.start()
    await until(() => told.length === 1)
    expect(closed).toEqual(['closed'])
  })

  it('is mended at once when the network is back, however long was to be waited', async () => {
    const service = new Service([{ fails: true }, { fails: true }, { pieces: [event(1)], hold: true }])
    const { told } = followed(service, 0, { first: 600_000, silence: 60_000 })
    await until(() => service.asked.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 5))
    globalThis.dispatchEvent(new Event('online'))
    await until(() => service.asked.length === 2)
    await new Promise((resolve) => setTimeout(resolve, 5))
    globalThis.dispatchEvent(new Event('online'))
    await until(() => told.length === 1)
  })
})

describe('an ended session', () => {
  it('is asked for again at once when somebody has signed in', async () => {
    const service = new Service([{ status: 401 }, { pieces: [event(8)], hold: true }])
    const { told } = followed(service, 7, { expired: () => Promise.resolve(), first: 600_000, silence: 60_000 })
    await until(() => told.length === 1)
    expect(told).toEqual([8])
  })
})
