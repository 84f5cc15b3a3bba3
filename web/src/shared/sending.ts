// Sending what a form asks for: once however often it is pressed, and with the reason if it was refused.
import { ref, type Ref } from 'vue'
import { wrongFields } from './api/faults'
import { newKey } from './api/key'
import { reason, undecided } from './api/refused'
import { say } from './i18n'

/** One request under a key that it keeps until it is known what came of it: sent again, it has one effect. */
export class Once {
  private key = newKey()

  async send<T>(act: (key: string) => Promise<T>): Promise<T> {
    try {
      const answer = await act(this.key)
      this.key = newKey()
      return answer
    } catch (error) {
      // What was refused was not done: mended, it is another request.
      if (!undecided(error)) this.key = newKey()
      throw error
    }
  }
}

export interface Sending {
  busy: Ref<boolean>
  /** Why it was not done, in words, or empty. */
  wrong: Ref<string>
  /** What is wrong with which field, if the service said so. */
  fields: Ref<Record<string, string>>
  /** Whether it may have been done all the same: it is to be sent again as it is. */
  open: Ref<boolean>
  /** Send it; tells whether it was done. While one is on its way another press is none. */
  attempt: (act: (key: string) => Promise<unknown>) => Promise<boolean>
}

/** What a form that sends one request needs; `shown` are the fields that say themselves what is wrong with them. */
export function useSending(shown: readonly string[] = []): Sending {
  const busy = ref(false)
  const wrong = ref('')
  const fields = ref<Record<string, string>>({})
  const open = ref(false)
  const once = new Once()
  async function attempt(act: (key: string) => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    wrong.value = ''
    fields.value = {}
    try {
      await once.send(act)
      open.value = false
      return true
    } catch (error) {
      fields.value = wrongFields(error)
      const found = Object.keys(fields.value)
      wrong.value = found.length > 0 && found.every((one) => shown.includes(one)) ? say('problem.request-malformed') : reason(error)
      open.value = undecided(error)
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, wrong, fields, open, attempt }
}
