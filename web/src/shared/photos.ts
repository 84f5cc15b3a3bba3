// An item's photos: which of the digests that its events name are pictures that can be shown.
import { api, got, lastPosition } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'

export type Photo = components['schemas']['KeptPhoto']

/** The photos of a task or a case, in the order in which its events name them. */
export async function photosOf(kind: 'task' | 'case', id: string, signal: AbortSignal): Promise<Photo[]> {
  const request = { params: { path: { id }, query: { after: lastPosition() } }, signal }
  const found = kind === 'task' ? api.GET('/api/v1/tasks/{id}/photos', request) : api.GET('/api/v1/cases/{id}/photos', request)
  return (await got(found)).photos
}

/** Where one of them is shown. */
export function addressOf(kind: 'task' | 'case', id: string, digest: string): string {
  return `/api/v1/${kind}s/${id}/photos/${digest}`
}
