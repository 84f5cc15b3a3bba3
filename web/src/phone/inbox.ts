// The worker's inbox: loaded once for the tab's badge and its page.
import { computed, onScopeDispose, type ComputedRef } from 'vue'
import { api, got, lastPosition, send } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { liveStream } from '@/shared/live'
import type { Loaded } from '@/shared/load'
import { useKept } from './state'

export type Notices = components['schemas']['Notices']
export interface Inbox {
  loaded: Loaded<Notices>
  unread: ComputedRef<number>
  /** Say that everything that is shown was read. */
  read: () => Promise<void>
}

let only: Inbox | null = null

/** Begin to follow the inbox, for as long as the calling component lives. */
export function useInbox(): Inbox {
  const loaded = useKept(
    'inbox',
    (signal) => got(api.GET('/api/v1/inbox', { params: { query: { limit: 100, after: lastPosition() } }, signal })),
    { later: true },
  )
  onScopeDispose(liveStream().onNotice('inbox', () => void loaded.load()))
  async function read(): Promise<void> {
    const through = loaded.data.value?.items[0]?.position
    if (through === undefined) return
    await send('POST', '/inbox/read', { through })
    await loaded.load()
  }
  only = { loaded, unread: computed(() => loaded.data.value?.unread ?? 0), read }
  return only
}

/** The inbox that the page's frame follows. */
export function theInbox(): Inbox {
  if (only === null) throw new Error('nobody follows the inbox')
  return only
}
