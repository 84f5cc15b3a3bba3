// The columns of a list as it leaves the page; nothing personal is in them.
import type { Column } from '@/shared/export/table'
import { moment } from '@/shared/format'
import { say } from '@/shared/i18n'
import { beganAt, dueOf, statusName, wordOr, type Item, type Kind } from './items'
import { usePlaces } from './places'

export function columnsOf(kind: Kind): Column<Item>[] {
  const places = usePlaces()
  const found: Column<Item>[] = [
    { name: say('console.column.title'), value: (item) => item.title },
    { name: say('console.column.status'), value: statusName },
    { name: say('console.column.category'), value: (item) => wordOr('category', item.category) },
    { name: say('console.column.grid'), value: (item) => places.gridName(item.grid) },
    { name: say('console.column.code'), value: (item) => item.grid },
    { name: say('console.column.assignee'), value: (item) => (item.assignee ? places.personName(item.assignee) : null) },
    { name: say(`console.column.${kind === 'task' ? 'issued' : 'reported'}`), value: (item) => moment(beganAt(item)) },
    { name: say('console.column.due'), value: (item) => (dueOf(item) ? moment(dueOf(item)) : null) },
    { name: say('console.column.handled'), value: (item) => (item.handled_at ? moment(item.handled_at) : null) },
    { name: say('console.column.closed'), value: (item) => (item.closed_at ? moment(item.closed_at) : null) },
    { name: say('console.column.overdue'), value: (item) => say(item.overdue ? 'console.yes' : 'console.no') },
    { name: say('console.column.escalated'), value: (item) => (item.escalation_level ? wordOr('escalation', item.escalation_level) : null) },
    { name: say('console.column.reworks'), value: (item) => item.reworks ?? 0 },
  ]
  if (kind === 'case') {
    found.push(
      { name: say('console.column.department'), value: (item) => (item.kind === 'case' && item.department ? places.departmentName(item.department) : null) },
      { name: say('console.column.severity'), value: (item) => (item.kind === 'case' ? wordOr('severity', item.severity) : null) },
      { name: say('console.column.source'), value: (item) => (item.kind === 'case' ? wordOr('source', item.source) : null) },
      { name: say('console.column.channel'), value: (item) => (item.kind === 'case' && item.channel ? wordOr('console.channel', item.channel) : null) },
      { name: say('console.column.number'), value: (item) => (item.kind === 'case' ? (item.number ?? null) : null) },
    )
  }
  return [...found, { name: 'ID', value: (item) => item.id }]
}
