// What a person chose on this device; a browser that keeps nothing is no reason to fail.

const PREFIX = 'dispatch.'

/** Return what was kept under a name, or null. */
export function kept<T>(name: string): T | null {
  try {
    const text = localStorage.getItem(PREFIX + name)
    return text === null ? null : (JSON.parse(text) as T)
  } catch {
    return null
  }
}

/** Keep a value under a name on this device; null forgets it. */
export function keep(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name)
    else localStorage.setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // A full or forbidden storage: the choice lasts as long as the page.
  }
}

const OWN = 'own.'

/** Keep a choice of the person who is signed in: it is gone when he signs out or somebody else signs in. */
export function keepOwn(name: string, value: unknown): void {
  keep(OWN + name, value)
}

/** Return what the person who is signed in chose on this device, or null. */
export function keptOwn<T>(name: string): T | null {
  return kept<T>(OWN + name)
}

/** Forget what the person before chose. */
export function forgetOwn(): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX + OWN)) localStorage.removeItem(key)
  } catch {
    // As above.
  }
}
