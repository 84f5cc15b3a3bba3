// What the phone keeps in IndexedDB: the outbox with its photos, what is being written, what was seen last.
import { serviceNow } from '@/shared/live'
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import type { Clock } from './clock'

export interface Problem {
  status: number
  code: string
  title: string
  errors: { at: string; wrong: string }[]
}

/** A photo of an entry: `digest` is the service's name for it, once it was uploaded (`uploadedAt`, ms). */
export interface EntryPhoto {
  id: string
  digest: string | null
  uploadedAt: number
}

export type Step =
  | 'report' | 'accept' | 'begin' | 'handle' | 'decline' | 'submit' | 'finish' | 'request-extension' | 'check-passed' | 'check-failed'
  | 'mediate' | 'agree' | 'fail' | 'perform' | 'settled' | 'not-settled'

/** One thing to be sent: it has one effect under its key, however often it is sent. */
export interface Entry {
  seq: number
  key: string
  account: string
  /** Below `/api/v1`. */
  path: string
  step: Step
  /** The id of the task or case that it is about; null for a report. */
  item: string | null
  /** The id of the case that a report has become, once it has arrived; of before there is none. */
  became?: string | null | undefined
  title: string
  body: Record<string, unknown>
  photos: EntryPhoto[]
  /** When it happened, by the phone: ISO 8601, UTC. */
  deviceAt: string
  /** What the phone knew of the time then; entries of before have none. */
  clock?: Clock | undefined
  /** Its time is what it is: it was held against the service's, and may have been sent. */
  settled?: boolean | undefined
  /** The phone's clock was wrong when it happened. */
  corrected?: boolean | undefined
  state: 'waiting' | 'sent' | 'refused'
  attempts: number
  problem: Problem | null
  sentAt: string | null
}
export type NewEntry = Omit<Entry, 'seq'>

/** A scaled photo as it was taken: JPEG. */
export interface StoredPhoto {
  id: string
  blob: Blob
}

interface Schema extends DBSchema {
  entries: { key: number; value: NewEntry | Entry; indexes: { account: string } }
  photos: { key: string; value: StoredPhoto }
  drafts: { key: string; value: { name: string; fields: unknown } }
  answers: { key: string; value: { name: string; answer: unknown; at: number } }
}

let opened: Promise<IDBPDatabase<Schema>> | null = null
function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>('dispatch-phone', 1, {
    upgrade(fresh) {
      const entries = fresh.createObjectStore('entries', { keyPath: 'seq', autoIncrement: true })
      entries.createIndex('account', 'account')
      fresh.createObjectStore('photos', { keyPath: 'id' })
      fresh.createObjectStore('drafts', { keyPath: 'name' })
      fresh.createObjectStore('answers', { keyPath: 'name' })
    },
    terminated: () => (opened = null),
  })
  return opened
}

/** Where an outbox keeps its entries. */
export interface EntryStore {
  /** All entries of an account, the oldest first. */
  all(account: string): Promise<Entry[]>
  /** Store a new entry and its photos: both or neither. */
  add(entry: NewEntry, photos: StoredPhoto[]): Promise<Entry>
  /**
   * Put an entry in its place, with the photos that are new, and forget those that it doesn't have any more.
   * False, and nothing is stored, if what stands there has not the key `was` (any more): another tab was first.
   */
  put(entry: Entry, was?: string, photos?: StoredPhoto[]): Promise<boolean>
  /** Forget an entry and its photos, unless another tab has mended it. */
  remove(entry: Entry): Promise<void>
  photo(id: string): Promise<Blob | null>
  /** Forget photos that have arrived. */
  forget(photos: EntryPhoto[]): Promise<void>
}

export const entryStore: EntryStore = {
  async all(account) {
    const found = await (await database()).getAllFromIndex('entries', 'account', account)
    return (found as Entry[]).sort((one, other) => one.seq - other.seq)
  },
  async add(entry, photos) {
    const change = (await database()).transaction(['entries', 'photos'], 'readwrite')
    const [seq] = await Promise.all([
      change.objectStore('entries').add(entry),
      ...photos.map((photo) => change.objectStore('photos').put(photo)),
      change.done,
    ])
    return { ...entry, seq }
  },
  async put(entry, was = entry.key, photos = []) {
    const change = (await database()).transaction(['entries', 'photos'], 'readwrite')
    const found = (await change.objectStore('entries').get(entry.seq)) as Entry | undefined
    const first = found?.key === was
    const gone = first ? found.photos.filter(({ id }) => !entry.photos.some((one) => one.id === id)) : []
    await Promise.all([
      first && change.objectStore('entries').put(entry),
      ...(first ? photos : []).map((photo) => change.objectStore('photos').put(photo)),
      ...gone.map(({ id }) => change.objectStore('photos').delete(id)),
      change.done,
    ])
    return first
  },
  async remove(entry) {
    const change = (await database()).transaction(['entries', 'photos'], 'readwrite')
    const found = (await change.objectStore('entries').get(entry.seq)) as Entry | undefined
    const gone = found?.key === entry.key
    await Promise.all([
      gone && change.objectStore('entries').delete(entry.seq),
      ...(gone ? entry.photos : []).map(({ id }) => change.objectStore('photos').delete(id)),
      change.done,
    ])
  },
  async photo(id) {
    return (await (await database()).get('photos', id))?.blob ?? null
  },
  async forget(photos) {
    const change = (await database()).transaction('photos', 'readwrite')
    await Promise.all([...photos.map(({ id }) => change.store.delete(id)), change.done])
  },
}

/** Keep what is being written, under a name, until it is sent; null forgets it. */
export async function keepDraft(name: string, fields: unknown): Promise<void> {
  if (fields === null) await (await database()).delete('drafts', name)
  else await (await database()).put('drafts', { name, fields })
}
export async function draft<T>(name: string): Promise<T | null> {
  return ((await (await database()).get('drafts', name))?.fields as T | undefined) ?? null
}

/** Keep what the service answered, so that it can be looked at without a network. */
export async function keepAnswer(name: string, answer: unknown): Promise<void> {
  await (await database()).put('answers', { name, answer, at: Date.now() })
}
export async function answerOf<T>(name: string): Promise<{ answer: T; at: number } | null> {
  const found = await (await database()).get('answers', name)
  // The phone's own clock told when; it may have been found to be wrong since.
  return found === undefined ? null : { answer: found.answer as T, at: found.at + (serviceNow.value - Date.now()) }
}
/** Forget everything that the service answered: somebody signs out. */
export async function forgetAnswers(): Promise<void> {
  await (await database()).clear('answers')
}
