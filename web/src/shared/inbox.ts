// How much of the own inbox is unread, told by the live stream.
import { ref } from 'vue'
import { liveStream } from '@/shared/live'

export const unread = ref<number | null>(null)
let following = false

/** Begin to follow the inbox. */
export function followInbox(): void {
  if (following) return
  following = true
  liveStream().onNotice('inbox', (data) => {
    unread.value = (data as { unread: number }).unread
  })
}
