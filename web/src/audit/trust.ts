// What the auditor holds the service against: a key and checkpoints that stay on this device.
import { computed, ref, shallowRef } from 'vue'
import { api, got, patientText } from '@/shared/api/client'
import { reason } from '@/shared/api/refused'
import { keep, kept } from '@/shared/kept'
import { onWhole } from '@/shared/live'
import { checkpointOf, type Kept } from './checks'
import { parseKeys, parseNote, type Checkpoint } from './proofs/note'

/** The key, and former ones, as the service tells them now. */
const told = ref<string | null>(null)
/** The keys as they were first told to this device, or given by the auditor. */
const pinned = ref<string | null>(kept<string>('audit.key'))
const outside = shallowRef<string[]>(kept<string[]>('audit.outside') ?? [])
const failed = ref('')
let asked = false

async function load(): Promise<void> {
  try {
    told.value = (await patientText('/audit/key'))?.trim().split(/\s+/).join(' ') ?? null
    failed.value = ''
    if (pinned.value === null && told.value !== null && parseKeys(told.value)) pin(told.value)
  } catch (error) {
    failed.value = reason(error)
  }
}

/** Take a key for the right one from now on; false if it is none. */
function pin(text: string): boolean {
  const key = text.trim().split(/\s+/).join(' ')
  if (parseKeys(key) === null) return false
  pinned.value = key
  keep('audit.key', key)
  return true
}

/** Keep a checkpoint of one's own on this device; null if the text is none. */
function keepOutside(text: string): Checkpoint | null {
  const checkpoint = parseNote(text)
  if (checkpoint !== null && !outside.value.includes(checkpoint.note)) {
    outside.value = [...outside.value, checkpoint.note]
    keep('audit.outside', outside.value)
  }
  return checkpoint
}
function dropOutside(note: string): void {
  outside.value = outside.value.filter((one) => one !== note)
  keep('audit.outside', outside.value)
}

export function useTrust() {
  if (!asked) {
    asked = true
    void load()
  }
  onWhole(() => failed.value !== '' && void load())
  return {
    told,
    pinned,
    failed,
    keys: computed(() => (pinned.value === null ? null : parseKeys(pinned.value))),
    /** The service names another key than the one that this device knows. */
    changed: computed(() => told.value !== null && pinned.value !== null && told.value !== pinned.value),
    outside: computed(() => outside.value.map((note) => parseNote(note)).filter((one) => one !== null)),
    load,
    pin,
    keepOutside,
    dropOutside,
  }
}

/** Return the first checkpoint of at least so many events, or null while there is none. */
export async function checkpointCovering(position: number, signal?: AbortSignal): Promise<{ kept: Kept; checkpoint: Checkpoint | null } | null> {
  const query = { after: position - 1, limit: 1 }
  const [first] = (await got(api.GET('/api/v1/audit/checkpoints', { params: { query }, ...(signal ? { signal } : {}) }))) as Kept[]
  return first === undefined ? null : { kept: first, checkpoint: checkpointOf(first) }
}

/** Return all checkpoints that the service keeps, smallest first. */
export async function allCheckpoints(signal?: AbortSignal): Promise<Kept[]> {
  const found: Kept[] = []
  for (;;) {
    const query = { after: found.at(-1)?.size ?? 0, limit: 1000 }
    const page = (await got(api.GET('/api/v1/audit/checkpoints', { params: { query }, ...(signal ? { signal } : {}) }))) as Kept[]
    found.push(...page)
    if (page.length < 1000) return found
  }
}
