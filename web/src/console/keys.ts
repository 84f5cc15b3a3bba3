// Keys that act on the whole page, while nobody is typing and no dialog is open.
import { onMounted, onScopeDispose } from 'vue'

const TYPING = 'input, textarea, select, [contenteditable]'

/** Tell whether a key is meant for the page and not for a field, a dialog or the browser. */
export function meant(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false
  if (document.querySelector('dialog[open]') !== null) return false
  const target = event.target
  if (!(target instanceof Element)) return true
  return !target.matches(TYPING) || (target instanceof HTMLInputElement && target.type === 'checkbox')
}

/** Act on keys as long as the component lives. */
export function useKeys(keys: Record<string, (event: KeyboardEvent) => void>): void {
  const pressed = (event: KeyboardEvent): void => {
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined
    if (act === undefined || !meant(event)) return
    event.preventDefault()
    act(event)
  }
  onMounted(() => addEventListener('keydown', pressed))
  onScopeDispose(() => removeEventListener('keydown', pressed))
}
