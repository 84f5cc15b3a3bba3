// What the phone's first screen shows is asked for before its scripts are there: a slow line carries both at once.
import { begin } from '@/shared/begin'
import { askEarly } from '@/shared/early'
import { kept } from '@/shared/kept'
import { caseQuestions, questions } from './questions'

// Whom the phone knows is shown what he saw last, at once.
const known = kept('who') !== null
void begin().then((reader) => {
  if (known || location.pathname !== '/m/' || reader?.role !== 'worker') return
  const { member, after } = reader
  for (const question of questions(member, after)) void askEarly('/api/v1/tasks', question)
  void askEarly('/api/v1/grids')
  for (const question of caseQuestions(member, after)) void askEarly('/api/v1/cases', question)
})
