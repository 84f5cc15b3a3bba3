// What is being typed, kept until it was sent: it outlives a closed form, a reload and an ended session.
import { reactive, shallowReactive, watch, type Reactive } from 'vue'

/** In the tab only, and gone with it: a draft may hold what a resident said. */
const PREFIX = 'draft.'
/** Whose drafts these are: nobody sees another's, and a tab that is opened again may hold them. */
let owner = ''
/** Raised when all are forgotten, those of forms that are still open too. */
let forgotten = 0

function read<T>(key: string): Partial<T> {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<T>
  } catch {
    return {}
  }
}
/** A full or forbidden storage is no reason to fail: then a draft lasts as long as its form. */
function attempt(act: () => void): void {
  try {
    act()
  } catch {
    // As above.
  }
}

export interface Draft<T extends object> {
  values: Reactive<T>
  /** Whether something was found that had been typed before. */
  restored: boolean
  /** It was sent, or is not wanted any more. */
  forget: () => void
  /** Throw away what was typed: the form begins anew. */
  discard: () => void
}
export type Restored = Pick<Draft<object>, 'restored' | 'discard'>

/** Return what was typed under a name, over the values to begin with. */
export function useDraft<T extends object>(name: string, initial: T): Draft<T> {
  const key = `${PREFIX}${owner}.${name}`
  const empty = JSON.stringify(initial)
  const found = read<T>(key)
  const values = reactive({ ...initial, ...found })
  const since = forgotten
  let wanted = true
  watch(values, () => {
    if (!wanted || since !== forgotten) return
    const text = JSON.stringify(values)
    attempt(() => (text === empty ? sessionStorage.removeItem(key) : sessionStorage.setItem(key, text)))
  })
  const draft: Draft<T> = shallowReactive({
    values,
    restored: Object.keys(found).length > 0,
    forget() {
      wanted = false
      attempt(() => sessionStorage.removeItem(key))
    },
    discard() {
      const begun = JSON.parse(empty) as Partial<T>
      for (const name of Object.keys(values)) if (!(name in begun)) Reflect.deleteProperty(values, name)
      Object.assign(values, begun)
      draft.restored = false
    },
  })
  return draft
}

/** Say whose drafts are kept from now on; those of anybody else are forgotten. */
export function draftsOf(account: string): void {
  owner = account
  forget((key) => !key.startsWith(`${PREFIX}${account}.`))
}

/** Forget every draft: somebody else is to sit here. */
export function forgetDrafts(): void {
  forgotten += 1
  forget(() => true)
}

function forget(which: (key: string) => boolean): void {
  attempt(() => {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX) && which(key)) sessionStorage.removeItem(key)
  })
}
