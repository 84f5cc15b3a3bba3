// What a channel of notifications is called: installations name theirs, and the usual names have words.
import { known, say } from '@/shared/i18n'

/** Return what a channel is called, in the reader's language. */
export function channelName(channel: string): string {
  return known(`reach.names.${channel}`) ? say(`reach.names.${channel}`) : channel
}
