// The client of our own API, typed from its document: one place for sign-in, positions and refusals.
import createClient, { type Middleware } from 'openapi-fetch'
import type { paths } from './schema'
import { takeEarly } from '@/shared/early'
import { unattended } from '@/shared/attended'
import { Refused } from './refused'
import { newKey } from './key'

let position = 0
let renewed: (() => Promise<void>) | null = null

/** The highest log position that an answer or the stream has told: reads that must know of it ask with it. */
export function lastPosition(): number {
  return position
}

/** Say what to await when a session has ended: it resolves as soon as somebody has signed in again. */
export function onExpired(signedInAgain: () => Promise<void>): void {
  renewed = signedInAgain
}

/** Send a request; while the session has ended it waits for the new one instead of losing what was typed. */
async function patient(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  let early = request.method === 'GET' ? takeEarly(pathname + search) : null
  for (;;) {
    const again = request.clone()
    let response: Response
    try {
      response = await (early ?? fetch(unattended(request)))
      early = null
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error
      throw new Refused(0, 'offline', 'The service could not be reached.')
    }
    const signing = pathname.startsWith('/api/v1/session')
    if (response.status !== 401 || signing || renewed === null || request.headers.has('dispatch-quiet')) {
      return response
    }
    await renewed()
    request = again
  }
}

const accompany: Middleware = {
  onRequest({ request }) {
    // A step that is sent twice, by an impatient hand or a second try, has one effect.
    if (request.method !== 'GET' && !request.headers.has('idempotency-key')) {
      request.headers.set('idempotency-key', newKey())
    }
    return request
  },
  onResponse({ response }) {
    notePosition(response)
  },
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: patient, credentials: 'same-origin' })
api.use(accompany)

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** Return what was answered, or throw a `Refused` that says why not. */
export async function got<T>(answer: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await answer
  if (response.ok) return data as T
  throw Refused.of(response.status, error)
}

/** Return a text that the API answers with, or null where there is none yet. */
export async function patientText(path: string): Promise<string | null> {
  const response = await patient(new Request(`${location.origin}/api/v1${path}`, { credentials: 'same-origin' }))
  const text = await response.text()
  if (response.ok) return text
  if (response.status === 404) return null
  throw Refused.of(response.status, parsed(text))
}

/** Send a request whose address is only known when it is sent; for everything else there is `api`. */
export async function send<T>(method: string, path: string, body?: unknown, key = newKey()): Promise<T> {
  const headers: Record<string, string> = { 'idempotency-key': key }
  if (body !== undefined) headers['content-type'] = 'application/json'
  const init: RequestInit = { method, credentials: 'same-origin' }
  if (method === 'GET') delete headers['idempotency-key']
  if (body !== undefined) init.body = JSON.stringify(body)
  const response = await patient(new Request(`${location.origin}/api/v1${path}`, { ...init, headers }))
  notePosition(response)
  const text = await response.text()
  const answer: unknown = text === '' ? null : parsed(text)
  if (!response.ok) throw Refused.of(response.status, answer)
  return answer as T
}

/** Remember the log position that an answer tells, for `lastPosition`. */
export function notePosition(response: Response): void {
  knowPosition(Number(response.headers.get('dispatch-position')))
}

/** Remember a log position of which the page has heard. */
export function knowPosition(told: number): void {
  if (told > position) position = told
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
