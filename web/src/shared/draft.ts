// What is being typed, kept until it was sent: it outlives a closed form, a reload and an ended session.
import { reactive, watch, type Reactive } from 'vue'

/** In the tab only, and gone with it: a draft may hold what a resident said. */
const PREFIX = 'draft.'

function read<T>(name: string): Partial<T> {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name) ?? '{}') as Partial<T>
  } catch {
    return {}
  }
}

export interface Draft<T extends object> {
  values: Reactive<T>
  /** Whether something was found that had been typed before. */
  restored: boolean
  /** It was sent, or is not wanted any more. */
  forget: () => void
}

/** Return what was typed under a name, over the values to begin with. */
export function useDraft<T extends object>(name: string, initial: T): Draft<T> {
  const found = read<T>(name)
  const values = reactive({ ...initial, ...found })
  let wanted = true
  watch(values, () => {
    if (!wanted) return
    try {
      sessionStorage.setItem(PREFIX + name, JSON.stringify(values))
    } catch {
      // A full or forbidden storage: it lasts as long as the form.
    }
  })
  return {
    values,
    restored: Object.keys(found).length > 0,
    forget() {
      wanted = false
      try {
        sessionStorage.removeItem(PREFIX + name)
      } catch {
        // As above.
      }
    },
  }
}

/** Forget every draft: somebody else is to sit here. */
export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith(PREFIX)) sessionStorage.removeItem(key)
    }
  } catch {
    // As above.
  }
}
