// How the outbox speaks with the service: one request, one verdict.
import { notePosition } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { Refused } from '@/shared/api/refused'
import { noteDate } from './clock'
import type { Post, Uploaded, Verdict } from './outbox'
import type { Entry } from './store'

/** Milliseconds for an answer; a photo may be on its way for longer over a bad line. */
const PATIENCE = 60_000
const PATIENCE_WITH_PHOTO = 240_000
/** Refusals that say nothing about what was sent: they pass. */
const PASSES = new Set([408, 425, 429, 502, 503, 504])
/** Refusals that end with signing in, or with a password of one's own. */
const SIGN_IN = new Set(['unauthenticated', 'password-must-be-changed'])

type Done = components['schemas']['Done']
type Failed = Exclude<Verdict, { is: 'done' }>

async function ask(path: string, init: RequestInit): Promise<Response | null> {
  const cut = new AbortController()
  const timer = setTimeout(() => cut.abort(), init.body instanceof FormData ? PATIENCE_WITH_PHOTO : PATIENCE)
  try {
    const answer = await fetch(`/api/v1${path}`, { ...init, credentials: 'same-origin', signal: cut.signal })
    noteDate(answer)
    return answer
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}

/** Say what an answer that is no success means for what was sent. */
export async function failed(answer: Response | null): Promise<Failed> {
  if (answer === null || PASSES.has(answer.status)) return { is: 'away' }
  if (answer.status >= 500) return { is: 'fault' }
  const problem = Refused.of(answer.status, await answer.json().catch(() => null))
  if (answer.status === 401 || SIGN_IN.has(problem.code)) return { is: 'signed-out' }
  const { status, code, message: title, errors } = problem
  return { is: 'refused', problem: { status, code, title, errors } }
}

export const post: Post = {
  async send(entry: Entry, digests: string[]): Promise<Verdict> {
    const body = digests.length > 0 ? { ...entry.body, evidence: digests } : entry.body
    const answer = await ask(entry.path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': entry.key,
        'dispatch-device-time': entry.deviceAt,
      },
      body: JSON.stringify(body),
    })
    if (answer === null || !answer.ok) return failed(answer)
    notePosition(answer)
    const done = (await answer.json().catch(() => null)) as Done | null
    return { is: 'done', item: done?.items[0]?.id }
  },
  async upload(photo: Blob): Promise<Uploaded> {
    const form = new FormData()
    form.append('photo', photo, 'photo.jpg')
    const answer = await ask('/photos', { method: 'POST', body: form })
    if (answer === null || !answer.ok) return failed(answer)
    const { digest } = (await answer.json()) as { digest: string }
    return { is: 'uploaded', digest }
  },
}
