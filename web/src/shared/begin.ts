// What a page does first, in a script that is there before all others: its look, and asking who is signed in.
import { askEarly } from './early'
import { chosenTheme, darkDevice, firstLocale, showLocale, showTheme } from './look'

export interface Reader {
  role: string
  member: string | null
  /** The log position of the answer. */
  after: number
}

/** Give the page its look and ask who is signed in; returns for whom may be asked on, null for nobody who may read yet. */
export async function begin(): Promise<Reader | null> {
  showLocale(firstLocale())
  showTheme(chosenTheme() ?? (darkDevice.matches ? 'dark' : 'light'))
  const answer = await askEarly('/api/v1/me').catch(() => null)
  if (!answer?.ok) return null
  const who = (await answer.json()) as Omit<Reader, 'after'> & { must_change_password?: boolean; must_set_second_factor?: boolean }
  if (who.must_change_password || who.must_set_second_factor) return null
  return { ...who, after: Number(answer.headers.get('dispatch-position')) }
}
