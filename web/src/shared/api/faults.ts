// What is wrong with which field of a form, as the service found it (RFC 9457, `errors`), in the reader's language.
import { locale, say } from '@/shared/i18n'
import { reason, Refused } from './refused'

/** The service says it in English; in Chinese, by what it begins with. */
const FAULTS: [RegExp, string][] = [
  [/^(must hold something|String should have at least)/, '不能为空。'],
  [/^String should have at most/, '文字太长。'],
  [/^must be one line/, '只能写一行，不能含控制字符。'],
  [/^must not hold control/, '不能含控制字符。'],
]

/** Refusals that are about what stands in one field; of an address, which channel's. */
const FIELD_OF: Record<string, string> = { 'promise-unacceptable': 'promised_at', 'town-already-founded': 'town', 'address-unsuitable': 'address' }

/** Return what is wrong by the field's own name, whatever list or part of the request it stands in. */
export function wrongFields(error: unknown): Record<string, string> {
  if (!(error instanceof Refused)) return {}
  const field = FIELD_OF[error.code]
  const { channel } = error.details
  if (field !== undefined) return { [typeof channel === 'string' ? `${field}:${channel}` : field]: reason(error) }
  return Object.fromEntries(error.errors.map(({ at, wrong }) => [at.split('/').pop() ?? at, inWords(wrong)]))
}

function inWords(wrong: string): string {
  const said = wrong.replace('Value error, ', '')
  if (locale() === 'en') return said.charAt(0).toUpperCase() + said.slice(1)
  return FAULTS.find(([begins]) => begins.test(said))?.[1] ?? say('problem.request-malformed')
}
