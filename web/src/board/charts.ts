// ECharts with no more of it than the board needs, in the page's colours and letters.
import { BarChart, LineChart, MapChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import { init, registerMap, use, type ECharts, type EChartsCoreOption } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { onBeforeUnmount, onMounted, watch, type ShallowRef } from 'vue'
import { theme } from '@/shared/theme/theme'

use([BarChart, LineChart, MapChart, GridComponent, TooltipComponent, CanvasRenderer])

export { registerMap }
export type Option = EChartsCoreOption
export interface Look {
  color: (token: string) => string
  /** The size of the panel's letters in px: on a wall everything is larger. */
  size: number
  font: string
}

function lookOf(element: HTMLElement): Look {
  const style = getComputedStyle(element)
  const root = getComputedStyle(document.documentElement)
  return { color: (token) => root.getPropertyValue(`--${token}`).trim(), size: parseFloat(style.fontSize), font: style.fontFamily }
}

/** Draw a chart into an element for as long as the component lives, anew whenever what `option` reads changes. */
export function useChart(
  element: Readonly<ShallowRef<HTMLElement | null>>,
  option: (look: Look) => Option,
  chosen: (what: { name: string; dataIndex: number }) => void,
): void {
  let chart: ECharts | null = null
  let observer: ResizeObserver | null = null
  let width = 0
  const draw = (): void => {
    if (chart === null || element.value === null) return
    chart.setOption(option(lookOf(element.value)))
  }
  onMounted(() => {
    if (element.value === null) return
    chart = init(element.value, null, { renderer: 'canvas' })
    chart.on('click', (event) => chosen({ name: String(event.name), dataIndex: event.dataIndex ?? -1 }))
    draw()
    observer = new ResizeObserver(([entry]) => {
      // While panels change places a chart may have no room at all, in which a map can't be drawn.
      if (entry === undefined || entry.contentRect.width === 0 || entry.contentRect.height === 0) return
      chart?.resize()
      // Another width may mean other letters.
      if (entry.contentRect.width !== width) {
        width = entry.contentRect.width
        draw()
      }
    })
    observer.observe(element.value)
  })
  watch(() => [theme.value, element.value && option(lookOf(element.value))], draw, { flush: 'post' })
  onBeforeUnmount(() => {
    observer?.disconnect()
    chart?.dispose()
  })
}

/** Red, green and blue, each up to 255. */
export type Parts = number[]

/** A colour so far on the way from one to another, for the canvas. */
export function mixed(from: Parts, to: Parts, share: number): string {
  return `rgb(${from.map((part, at) => Math.round(part + (to[at]! - part) * share)).join(', ')})`
}

/** A colour between two of the page's, so pale that letters can be read on it. */
export function between(one: string, other: string, share: number): Parts {
  const parts = (hex: string): number[] => {
    // A build writes #fff for #ffffff.
    const whole = hex.length === 4 ? hex.replace(/[0-9a-f]/gi, '$&$&') : hex
    return [1, 3, 5].map((at) => parseInt(whole.slice(at, at + 2), 16))
  }
  const [from, to] = [parts(one), parts(other)]
  return from.map((part, at) => part + (to[at]! - part) * share)
}

/** What all charts have: tooltips that the content security policy lets through, and letters like the page's. */
export function common(look: Look): Option {
  return {
    animationDuration: 200,
    animationDurationUpdate: 200,
    textStyle: { fontFamily: look.font, fontSize: look.size, color: look.color('text') },
    tooltip: {
      renderMode: 'richText',
      confine: true,
      backgroundColor: look.color('raised'),
      borderColor: look.color('line'),
      textStyle: { color: look.color('text'), fontSize: look.size, fontFamily: look.font },
    },
  }
}
