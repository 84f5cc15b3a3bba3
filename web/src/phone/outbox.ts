// The outbox: what was done on the phone is stored first and sent in order, once, when the service can be reached.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { newKey } from '@/shared/api/key'
import type { Clock } from './clock'
import type { Entry, EntryPhoto, EntryStore, NewEntry, Problem, StoredPhoto } from './store'

/** What became of one attempt to send something. */
export type Verdict =
  /** `item`: the id of what it has made. */
  | { is: 'done'; item?: string | undefined }
  /** Refused for good: shown, and not tried again by itself. */
  | { is: 'refused'; problem: Problem }
  /** The service made a mistake with this one; others may pass. */
  | { is: 'fault' }
  /** Nothing gets through just now. */
  | { is: 'away' }
  /** Whoever sends must sign in first. */
  | { is: 'signed-out' }
export type Uploaded = { is: 'uploaded'; digest: string } | Exclude<Verdict, { is: 'done' }>

export interface Post {
  /** Send an entry with the digests of its photos. */
  send(entry: Entry, digests: string[]): Promise<Verdict>
  upload(photo: Blob): Promise<Uploaded>
}

/** What is handed to the outbox; the rest is its own. */
export type Happened = Pick<NewEntry, 'path' | 'step' | 'item' | 'title' | 'body' | 'deviceAt' | 'clock' | 'settled' | 'corrected'>
/** What the outbox does, or why nothing is sent just now. */
export type Standing = 'idle' | 'sending' | 'away' | 'signed-out'

const FIRST_WAIT = 2_000
const LONGEST_WAIT = 60_000
/** The service forgets a photo that no report names within a day; so late, it is sent once more. */
const UPLOAD_HOLDS = 6 * 3_600_000
const SENT_KEPT = 50

export interface OutboxOptions {
  now?: () => number
  /** What time it is for the service, as far as the phone knows: ISO 8601, UTC. */
  stamp?: () => string
  /** What is known of the time just now. */
  clock?: () => Clock
  /** Ask the service for its time; false: it can't be reached. */
  learn?: () => Promise<boolean>
  /** When an entry happened, ISO 8601, UTC, told anew before it is sent for the first time. */
  settle?: (then: Clock) => { deviceAt: string; corrected: boolean }
  /** Milliseconds before the next attempt. */
  wait?: (attempt: number) => number
  /** Tell the other tabs that what is stored has changed. */
  tell?: () => void
  /** Runs something while no other tab does. */
  alone?: (task: () => Promise<void>) => Promise<void>
}

export class Outbox {
  readonly entries: ShallowRef<Entry[]> = shallowRef([])
  readonly standing: Ref<Standing> = ref('idle')
  /** The entry that is being sent. */
  readonly sending: Ref<number | null> = ref(null)
  /** How many have arrived since the page was opened: pages look again. */
  readonly arrived = ref(0)
  private account: string | null = null
  private running: Promise<void> | null = null
  private once = false
  private failures = 0
  private timer: ReturnType<typeof setTimeout> | null = null

  constructor(
    private readonly store: EntryStore,
    private readonly post: Post,
    private readonly options: OutboxOptions = {},
  ) {}

  /** Look after the entries of an account: those of another wait until he signs in. */
  async open(account: string): Promise<void> {
    this.account = account
    await this.look()
    await this.flush()
  }

  private async look(): Promise<void> {
    if (this.account !== null) this.entries.value = await this.store.all(this.account)
  }

  /** Look at what another tab has changed. */
  async lookAgain(): Promise<void> {
    const before = this.sent()
    await this.look()
    if (this.sent() > before) this.arrived.value += 1
  }

  private sent(): number {
    return this.entries.value.filter(({ state }) => state === 'sent').length
  }

  private changed(): Promise<void> {
    this.options.tell?.()
    return this.look()
  }

  /** Store something to be sent; resolves when it is safe on the phone, sent or not. */
  async add(entry: Happened, photos: Blob[] = []): Promise<Entry> {
    if (this.account === null) throw new Error('nobody is signed in')
    const stored = named(photos)
    const added = await this.store.add(
      {
        clock: this.options.clock?.(),
        ...entry,
        key: newKey(),
        account: this.account,
        photos: stored.map(notUploaded),
        state: 'waiting',
        attempts: 0,
        problem: null,
        sentAt: null,
      },
      stored,
    )
    await this.changed()
    void this.flush()
    return added
  }

  /** Put a mended entry in the place of a refused one; it happened when the first did. False: another tab was first. */
  mend(entry: Entry, mended: Pick<NewEntry, 'path' | 'title' | 'body'>, photos: Blob[]): Promise<boolean> {
    const stored = named(photos)
    return this.anew({ ...entry, ...mended, photos: stored.map(notUploaded), attempts: 0 }, stored)
  }

  /** Try a refused entry again, unless another tab was first. */
  async again(entry: Entry): Promise<void> {
    await this.anew(entry)
  }

  /** Send what was refused as another request: the answer to the first stays what it was. */
  private async anew(entry: Entry, photos: StoredPhoto[] = []): Promise<boolean> {
    const first = await this.store.put({ ...entry, key: newKey(), state: 'waiting', problem: null }, entry.key, photos)
    await this.changed()
    void this.flush()
    return first
  }

  /** Throw an entry away, with its photos. */
  async discard(entry: Entry): Promise<void> {
    await this.store.remove(entry)
    await this.changed()
  }

  /** Return an entry's photos, but for those that the browser has thrown away. */
  async photosOf({ photos }: Entry): Promise<Blob[]> {
    const blobs = await Promise.all(photos.map(({ id }) => this.store.photo(id)))
    return blobs.filter((blob) => blob !== null)
  }

  private async change(entry: Entry): Promise<void> {
    await this.store.put(entry)
    await this.changed()
  }

  /** Send what is waiting, now; called again meanwhile, it looks once more at the end. */
  flush(): Promise<void> {
    this.once = true
    this.running ??= this.run().finally(() => (this.running = null))
    return this.running
  }

  private async run(): Promise<void> {
    const alone = this.options.alone ?? ((task) => task())
    while (this.once) {
      this.once = false
      if (this.timer !== null) clearTimeout(this.timer)
      this.timer = null
      await alone(() => this.pass())
    }
  }

  /** One walk over what is waiting, the oldest first. */
  private async pass(): Promise<void> {
    await this.look()
    const held = new Set<string>()
    let later = false
    this.standing.value = 'idle'
    const waiting = this.entries.value.filter(({ state }) => state === 'waiting')
    if (waiting.some((entry) => unsettled(entry)) && (await this.options.learn?.()) === false) {
      this.standing.value = 'away'
      return this.tryLater()
    }
    for (const entry of waiting) {
      // What follows from something that isn't through yet must not overtake it.
      if (entry.item !== null && held.has(entry.item)) continue
      this.sending.value = entry.seq
      this.standing.value = 'sending'
      const verdict = await this.deliver(entry)
      this.sending.value = null
      if (verdict.is === 'away' || verdict.is === 'signed-out') {
        this.standing.value = verdict.is
        later = true
        break
      }
      this.standing.value = 'idle'
      if (verdict.is === 'fault') {
        later = true
        if (entry.item !== null) held.add(entry.item)
      } else this.failures = 0
    }
    if (later) this.tryLater()
    else await this.prune()
  }

  private async deliver(entry: Entry): Promise<Verdict> {
    const tried = { ...(await this.settled(entry)), attempts: entry.attempts + 1 }
    const uploaded = await this.upload(tried)
    const verdict = uploaded.is === 'done' ? await this.post.send(tried, tried.photos.map(({ digest }) => digest!)) : uploaded
    if (verdict.is === 'done') {
      await this.change({ ...tried, state: 'sent', problem: null, became: verdict.item, sentAt: (this.options.stamp ?? (() => new Date(this.now()).toISOString()))() })
      await this.store.forget(tried.photos)
      this.arrived.value += 1
    } else if (verdict.is === 'refused') {
      await this.change({ ...tried, state: 'refused', problem: verdict.problem })
    } else await this.change(tried)
    return verdict
  }

  /** An entry is told its time once: sent again under its key it must be the same. */
  private async settled(entry: Entry): Promise<Entry> {
    if (!unsettled(entry) || this.options.settle === undefined) return entry
    const settled = { ...entry, ...this.options.settle(entry.clock), settled: true }
    await this.change(settled)
    return settled
  }

  private async upload(entry: Entry): Promise<Verdict> {
    for (const [at, photo] of entry.photos.entries()) {
      if (photo.digest !== null && this.now() - photo.uploadedAt < UPLOAD_HOLDS) continue
      const blob = await this.store.photo(photo.id)
      if (blob === null) {
        if (photo.digest !== null) continue
        // The browser has thrown it away. Whoever took it decides whether the rest goes without.
        return { is: 'refused', problem: { status: 0, code: 'photo-lost', title: 'A photo is no longer on this phone.', errors: [] } }
      }
      const answer = await this.post.upload(blob)
      if (answer.is !== 'uploaded') return answer
      const named: EntryPhoto = { ...photo, digest: answer.digest, uploadedAt: this.now() }
      entry.photos = entry.photos.map((one, place) => (place === at ? named : one))
      await this.change(entry)
    }
    return { is: 'done' }
  }

  private now(): number {
    return (this.options.now ?? Date.now)()
  }

  private tryLater(): void {
    const wait = this.options.wait ?? backOff
    this.timer = setTimeout(() => void this.flush(), wait(this.failures++))
  }

  /** What has arrived is shown for a while, then forgotten. */
  private async prune(): Promise<void> {
    const sent = this.entries.value.filter(({ state }) => state === 'sent')
    for (const entry of sent.slice(0, Math.max(0, sent.length - SENT_KEPT))) await this.discard(entry)
  }
}

const named = (photos: Blob[]): StoredPhoto[] => photos.map((blob) => ({ id: newKey(), blob }))
const notUploaded = ({ id }: StoredPhoto): EntryPhoto => ({ id, digest: null, uploadedAt: 0 })

function unsettled(entry: Entry): entry is Entry & { clock: Clock } {
  return entry.clock !== undefined && entry.settled !== true
}

/** Milliseconds before the next attempt: doubled for each, up to a minute, and never for all phones at once. */
export function backOff(attempt: number): number {
  return Math.min(FIRST_WAIT * 2 ** attempt, LONGEST_WAIT) * (0.75 + Math.random() / 2)
}
