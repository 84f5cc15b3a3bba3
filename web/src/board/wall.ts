// What turns by itself on a wall, where nobody is at the board: the chief figures, and long tables page by page.
import { onScopeDispose, provide, ref, type InjectionKey, type Ref } from 'vue'
import { CHIEF_FIGURES } from './figures'

/** How long one figure and one page of a table are shown, in ms. */
const TURN = 12_000
/** How often it has turned: what has pages shows the next one. */
export const TURNS: InjectionKey<Ref<number>> = Symbol('turns')

/** Turn as long as the component lives, while it is `on`. */
export function useWall(on: () => boolean) {
  const turns = ref(0)
  const place = ref(0)
  const paused = ref(false)
  /** Whether the map's table has pages yet to be shown of this figure. */
  const more = ref(false)
  function turn(): void {
    if (!more.value) place.value = (place.value + 1) % CHIEF_FIGURES.length
    turns.value++
  }
  const turning = setInterval(() => on() && !paused.value && turn(), TURN)
  onScopeDispose(() => clearInterval(turning))
  provide(TURNS, turns)
  return { turn, more, paused, figure: (): string => CHIEF_FIGURES[place.value]! }
}
