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
  const joined = (words: string[]): string => words.join(comma)
  const day =
    weekdays.length > 0
      ? say('console.plan.weekly', { days: joined(weekdays.map((one) => say(`console.weekday.${one}`))) })
      : days.length > 0
        ? joined(days.map((one) => (one < 0 ? say('console.plan.fromEnd', { n: -one }) : say('console.plan.day', { n: one }))))
        : wordOr('console.days', on)
  const month = months.length > 0 ? joined(months.map((one) => say(`console.month.${one}`))) : days.length > 0 ? say('console.plan.monthly') : ''
  return `${month} ${day} ${joined(times.map((one) => one.slice(0, 5)))}`.trim()
}
