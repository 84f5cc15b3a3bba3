// What each step of the worker asks for in words, and how it is sent.
import type { Step } from './store'

export interface Written {
  /** What the service calls the text. */
  as: 'note' | 'reason' | 'terms' | 'level'
  optional?: true
  photos?: true
  /** What goes with it. */
  fixed?: Record<string, unknown>
}

/** The steps that are written; all others are done at once. */
export const WRITTEN: Partial<Record<Step, Written>> = {
  submit: { as: 'note', photos: true },
  finish: { as: 'note', photos: true },
  decline: { as: 'reason' },
  'request-extension': { as: 'reason' },
  'check-passed': { as: 'note', optional: true, fixed: { passed: true } },
  'check-failed': { as: 'note', fixed: { passed: false } },
  mediate: { as: 'level' },
  agree: { as: 'terms', optional: true, photos: true },
  fail: { as: 'reason' },
  perform: { as: 'note', photos: true },
  settled: { as: 'note', optional: true, fixed: { settled: true } },
  'not-settled': { as: 'note', fixed: { settled: false } },
}

/** What the service takes of a step that is written. */
export function bodyOf({ as, fixed }: Written, text: string): Record<string, unknown> {
  return { ...fixed, [as]: text }
}

/** What was written of a step that is to be mended. */
export const textIn = ({ as }: Written, body: Record<string, unknown>): string => String(body[as] ?? '')

/** As the service takes it: what was done is told at more length than why. */
export const longestOf = ({ as }: Written): number => (as === 'reason' ? 1000 : 4000)

/** The steps' names in the API, where they have another. */
export const ADDRESS: Partial<Record<Step, string>> = {
  begin: 'accept', 'check-passed': 'check', 'check-failed': 'check', settled: 'follow-up', 'not-settled': 'follow-up',
}
