// Why something was not done, as the API says it (RFC 9457) and in the reader's language.
import { known, locale, say } from '@/shared/i18n'
import { PROBLEMS } from '@/shared/i18n/problems'

interface Problem {
  code?: string
  title?: string
  details?: Record<string, unknown> | null
  errors?: { at: string; wrong: string }[] | null
}

/** A request that was not carried out: `status` 0 is a service that could not be reached. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    title: string,
    readonly errors: { at: string; wrong: string }[] = [],
    readonly details: Record<string, unknown> = {},
  ) {
    super(title)
  }

  static of(status: number, body: unknown): Refused {
    const problem = (typeof body === 'object' && body !== null ? body : {}) as Problem
    const fallback = status >= 500 ? 'unavailable' : 'other'
    return new Refused(
      status,
      problem.code ?? fallback,
      problem.title ?? '',
      problem.errors ?? [],
      problem.details ?? {},
    )
  }
}

/** Return the sentence that tells a person why: in his language if there is one, else the service's own. */
export function reason(error: unknown): string {
  if (!(error instanceof Refused)) return say('problem.fault')
  if (known(`problem.${error.code}`)) return withPlaces(say(`problem.${error.code}`), error)
  const chinese = locale() === 'en' ? undefined : PROBLEMS[error.code]
  if (chinese !== undefined) return chinese
  if (error.status >= 500) return say('problem.unavailable')
  return error.message || say('problem.other', { code: error.code })
}

/** Return why something could not be shown: as `reason`, but nothing was typed and nobody need do anything. */
export function whyNotShown(error: unknown): string {
  return error instanceof Refused && error.status === 0 ? say('problem.unreached') : reason(error)
}

/** Tell whether a request may have been carried out all the same: then it is sent again under the same key. */
export function undecided(error: unknown): boolean {
  return error instanceof Refused && (error.status === 0 || error.status >= 500)
}

function withPlaces(sentence: string, error: Refused): string {
  // What isn't a field's name says where in the service's own checks it failed, which is nobody's business.
  const names = error.errors.map(({ at }) => at.split('/').pop() ?? '').filter((name) => /^[a-z]\w*$/.test(name))
  const places = [...new Set(names)].map((name) => (known(`field.${name}`) ? say(`field.${name}`) : name))
  return places.length > 0 ? `${sentence} (${places.join(', ')})` : sentence
}
