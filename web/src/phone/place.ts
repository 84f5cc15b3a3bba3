// Where the worker is, if the phone may say it.
import { ref, type Ref } from 'vue'

export interface Place {
  longitude: number
  latitude: number
  /** Metres. */
  accuracy: number
}
/** `none`: not found or not allowed; a report needs no place. */
export type Search = 'searching' | 'found' | 'none'

const PATIENCE = 15_000
/** A place that was found less than a minute ago is good enough. */
const FRESH = 60_000

/** Look for the place, now and whenever `look` is called. */
export function usePlace(): { place: Ref<Place | null>; search: Ref<Search>; look: () => void } {
  const place = ref<Place | null>(null)
  const search = ref<Search>('none')
  function look(): void {
    if (!('geolocation' in navigator)) return
    search.value = 'searching'
    navigator.geolocation.getCurrentPosition(
      ({ coords: { longitude, latitude, accuracy } }) => {
        place.value = { longitude, latitude, accuracy }
        search.value = 'found'
      },
      () => (search.value = place.value === null ? 'none' : 'found'),
      { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: FRESH },
    )
  }
  return { place, search, look }
}
