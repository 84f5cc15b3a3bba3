// What a page does first, in a script that is there before all others: its look, and asking who is signed in.
import { askEarly } from './early'
import { chosenTheme, darkDevice, firstLocale, showLocale, showTheme } from './look'

/** Give the page its look; returns the answer of who is signed in, which the session takes. */
export function begin(): Promise<Response> {
  showLocale(firstLocale())
  showTheme(chosenTheme() ?? (darkDevice.matches ? 'dark' : 'light'))
  return askEarly('/api/v1/me')
}
