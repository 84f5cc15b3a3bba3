// When a plan comes round, in words.
import { say } from '@/shared/i18n'
import { wordOr } from './items'

export interface Schedule {
  times: string[]
  weekdays?: number[]
  days?: number[]
  months?: number[]
  on?: string
}

export function scheduleText({ times, weekdays = [], days = [], months = [], on = 'every' }: Schedule): string {
  const comma = say('console.plan.comma')
  const day =
    weekdays.length > 0
      ? weekdays.map((one) => say(`console.weekday.${one}`)).join(comma)
      : days.length > 0
        ? days.map((one) => (one < 0 ? say('console.plan.fromEnd', { n: -one }) : say('console.plan.day', { n: one }))).join(comma)
        : wordOr('console.days', on)
  const month = months.length > 0 ? `${months.map((one) => say(`console.month.${one}`)).join(comma)} ` : ''
  return `${month}${day} ${times.map((one) => one.slice(0, 5)).join(comma)}`
}
