// Taking a step of an item, and what is said and offered once it was taken.
import { send } from '@/shared/api/client'
import { say } from '@/shared/i18n'
import type { Item } from './items'
import { addressOf, type Step } from './steps'
import { offerUndo, tellDone, type Undo } from './undo'

export const nameOf = ({ name }: Step): string => say(`console.step.${name}`)
/** Whether anything is asked before a step is taken; where nothing is, one press takes it. */
export const asks = ({ fields, grave }: Step): boolean => grave === true || (fields ?? []).length > 0

export const take = (step: Step, item: Item, body: Record<string, unknown> | undefined, key: string): Promise<unknown> =>
  send('POST', addressOf(item, step.path ?? step.name), body, key)

/** Say what was done, and offer to take it back where the domain has a step for that. */
export function took(step: Step, items: Item[]): void {
  const undo = step.undo
  const what = items.length === 1 ? `${nameOf(step)} · ${items[0]!.title}` : nameOf(step)
  if (undo === undefined) {
    // Of many a table says what came of each.
    if (items.length === 1) tellDone(what)
    return
  }
  const take: Undo['take'] = async (part, reason) => {
    for (const item of items) await part(item.id, (key) => send('POST', addressOf(item, undo.path), undo.reason && { reason }, key))
  }
  offerUndo(what, take, { reasoned: undo.reason === true })
}
